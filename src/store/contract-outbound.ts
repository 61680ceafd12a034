import type { EpochMs } from '../domain/activity.ts';

/** What the house begins: attempts to reach citizens who are not talking with it, what they allow, and campaigns of calls. */

/** One attempt to reach one citizen on one channel. Its id is the key that the channel gets and hands back in reports. */
export interface ReachAttempt {
  readonly id: string;
  readonly kind: 'notification' | 'call';
  readonly channel: string;
  /** Notification: its template. Call: the flow that speaks. */
  readonly script: string;
  readonly citizenId: string;
  readonly ticketId: string | null;
  /** Notices of tickets it carries (ticket_notices). */
  readonly noticeIds: readonly string[];
  readonly targetId: string | null;
  /** 1 is the first at this citizen for this matter, whatever the channel. */
  readonly number: number;
  readonly state: ReachState;
  /** Ours or the peer's word for why; never a number or a name. */
  readonly code: string | null;
  readonly externalId: string | null;
  /** Estimate by setting; null: not known. 1/100 yuan. */
  readonly costFen: number | null;
  readonly createdAt: EpochMs;
  /** When it went out of the house; null: not yet. */
  readonly sentAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  /** Call: whole seconds of talk. */
  readonly seconds: number | null;
}

/**
 * `sending` is written before the peer is asked. A process that dies then leaves it there: it is never sent again; a report or a question at the
 * peer ends it, else time does (`unknown`).
 */
export type ReachState = 'sending' | 'sent' | 'ringing' | 'answered' | 'machine' | 'delivered' | 'completed' | 'busy' | 'no-answer' | 'canceled' | 'failed' | 'unknown';

export const REACH_ENDED: readonly ReachState[] = ['delivered', 'machine', 'completed', 'busy', 'no-answer', 'canceled', 'failed', 'unknown'];

export type ReachChange = Partial<Pick<ReachAttempt, 'state' | 'code' | 'externalId' | 'costFen' | 'sentAt' | 'endedAt' | 'seconds'>>;

export interface ReachRepository {
  /** False: an attempt of this id is there. */
  begin(attempt: ReachAttempt): Promise<boolean>;
  get(id: string): Promise<ReachAttempt | null>;
  /** The same, and nobody else changes it until this transaction ends. */
  claim(id: string): Promise<ReachAttempt | null>;
  byExternal(channel: string, externalId: string): Promise<ReachAttempt | null>;
  update(id: string, change: ReachChange): Promise<void>;
  /** Oldest first. */
  ofTicket(ticketId: string, limit: number): Promise<readonly ReachAttempt[]>;
  /** Attempts at a citizen since that may have reached them, for caps: what failed or was taken back troubled nobody. */
  amountOf(citizenId: string, kind: ReachAttempt['kind'], since: EpochMs): Promise<number>;
  /** What all attempts since are believed to have cost, 1/100 yuan. */
  costSince(since: EpochMs): Promise<number>;
  /** Not ended, begun before, oldest first: what a sweep asks the peer about. */
  open(kind: ReachAttempt['kind'], begunBefore: EpochMs, limit: number, state?: ReachState): Promise<readonly ReachAttempt[]>;
}

/** What a citizen allows: by channel and template (`all` of either); no row: what the house's rules say. */
export interface Consent {
  readonly citizenId: string;
  readonly channel: string;
  readonly template: string;
  /** `left`: so many sends more. */
  readonly state: 'allowed' | 'refused' | 'left';
  readonly left: number;
  readonly at: EpochMs;
}

export interface ConsentRepository {
  of(citizenId: string): Promise<readonly Consent[]>;
  put(consent: Consent): Promise<void>;
  /** Takes one of what is left; false: nothing was. */
  spend(citizenId: string, channel: string, template: string): Promise<boolean>;
  /** Whether a change of this name is new; it is kept then. */
  isNew(channel: string, externalId: string, at: EpochMs): Promise<boolean>;
  /** Housekeeping: forgets the names of at most `limit` changes heard before; what they changed stays. Returns how many. */
  forgetChanges(before: EpochMs, limit: number): Promise<number>;
}

/**
 * Who made what calls one citizen for one notice: nobody of the house. It is driven like a campaign and is none: no list of campaigns has it. Its
 * `query` is JSON, `{notices: [ids]}`.
 */
export const BY_NOTICE = 'notice';

export interface Campaign {
  readonly id: string;
  readonly name: string;
  readonly purpose: 'visit' | 'missed' | 'progress' | 'notice';
  /** A flow that begins when somebody answers. */
  readonly flow: string;
  readonly channel: string;
  /** What a notice says; null for the other purposes. */
  readonly words: string | null;
  /** Who is called: tickets by a query, as it was asked; null: a list. */
  readonly query: string | null;
  readonly state: 'draft' | 'running' | 'paused' | 'done' | 'stopped';
  /** Calls under way at one time. */
  readonly concurrency: number;
  readonly attempts: number;
  readonly retryAfterMinutes: number;
  /** `09:00-12:00`, Beijing time; calls are begun within these only. */
  readonly hours: readonly string[];
  readonly workdaysOnly: boolean;
  /** A seat, the command line, or `BY_NOTICE`. */
  readonly createdBy: string;
  readonly createdAt: EpochMs;
  readonly startedAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
}

export interface CampaignTarget {
  readonly id: string;
  readonly campaignId: string;
  readonly citizenId: string;
  readonly ticketId: string | null;
  readonly state: 'waiting' | 'calling' | 'reached' | 'unreached' | 'refused' | 'skipped';
  /** Why it was skipped or ended. */
  readonly code: string | null;
  readonly attempts: number;
  readonly nextAt: EpochMs | null;
  /** Keys as they were pressed, in order, one entry a question: `{"process":"1"}`; and what the flow made of them. */
  readonly keys: Readonly<Record<string, string>>;
  readonly result: Readonly<Record<string, string>>;
  readonly endedAt: EpochMs | null;
}
