import type { EpochMs } from '../domain/activity.ts';
import type { JsonValue } from '../domain/json.ts';

/** Linkage (src/linkage): matters that this house and another platform have together, every record that went between them, and the days' reconciliation. */

/**
 * Where a matter stands with the other side. `in`: they sent it to us; `out`: we passed it to them.
 * `open`: nobody has answered yet; `accepted`; `refused` (the first receiver keeps it); `done`: the result was given; `withdrawn`.
 */
export type LinkageState = 'open' | 'accepted' | 'refused' | 'done' | 'withdrawn';

/** One matter with one profile of config/linkage.yaml. */
export interface LinkageLink {
  readonly id: string;
  readonly profile: string;
  /** Null: only later records than the first have come so far. */
  readonly ticketId: string | null;
  /** Their number; null: they have not told one yet. */
  readonly externalNo: string | null;
  readonly direction: 'in' | 'out';
  /** How it was passed on: as a record, by a call, or both (`phone` with a record beside it where one is exchanged). */
  readonly mode: 'system' | 'phone';
  readonly threeParty: boolean;
  readonly emergency: boolean;
  /** Number of the police's (fire's, ambulance's) own incident. */
  readonly incidentNo: string | null;
  readonly state: LinkageState;
  /** Why it was refused, masked. */
  readonly reason: string | null;
  /** Version of the last record of ours and of the last one of theirs that was done; 0: none. */
  readonly sentVersion: number;
  readonly receivedVersion: number;
  /** What the other side (out) or we (in) owe next, and until when; null: nothing. */
  readonly owes: 'acceptance' | 'feedback' | null;
  readonly dueAt: EpochMs | null;
  /** First moment that something owed was late; stays. */
  readonly overdueAt: EpochMs | null;
  /** `seat:<id>`, `system`, `partner:<profile>`, `cli`. */
  readonly createdBy: string;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}

export type LinkageLinkChange = Partial<Omit<LinkageLink, 'id' | 'profile' | 'direction' | 'createdBy' | 'createdAt'>>;

/**
 * Out: `waiting` to be sent, `sent` and not acknowledged, `acknowledged`, `refused` by their acknowledgement, `dead`: given up, a person sees it.
 * In: `held` until those before it are there, `applied`, `refused` by us.
 */
export type LinkageMessageState = 'waiting' | 'sent' | 'acknowledged' | 'refused' | 'dead' | 'held' | 'applied';

/** One exchange record. (profile, direction, number, version) names it for good: the same again is a repetition. */
export interface LinkageMessage {
  readonly id: string;
  readonly linkId: string;
  readonly profile: string;
  readonly direction: 'in' | 'out';
  /** The sender's own number of the matter: theirs (in), our ticket number (out). */
  readonly number: string;
  /** 1, 2, 3 … of this sender and matter, without gaps: the sequence. */
  readonly version: number;
  readonly kind: string;
  readonly state: LinkageMessageState;
  /** Code and words of the answer (theirs or ours), or of what failed last; masked. */
  readonly code: string | null;
  readonly text: string | null;
  /** SHA-256 of what was sent, so that a repetition can be told from another record under the same version. */
  readonly digest: string;
  /** How often the same came again (in) or was sent again by hand (out). */
  readonly repeats: number;
  /** It came before one that has a lower version. */
  readonly early: boolean;
  readonly attempts: number;
  /** Outbox row that carries it; null: none does now. */
  readonly outboxId: string | null;
  readonly createdAt: EpochMs;
  readonly sentAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  /** Sent and not acknowledged: until when that is waited for. */
  readonly ackBy: EpochMs | null;
}

export type LinkageMessageChange = Partial<Pick<LinkageMessage, 'state' | 'code' | 'text' | 'repeats' | 'attempts' | 'outboxId' | 'sentAt' | 'endedAt' | 'ackBy'>>;

/** One Beijing day of one profile: the list that the other side gave, and the report that was made of it. */
export interface LinkageDay {
  readonly profile: string;
  /** `2026-11-22`. */
  readonly day: string;
  readonly list: JsonValue;
  readonly listAt: EpochMs | null;
  readonly report: JsonValue;
  readonly madeAt: EpochMs | null;
}

/**
 * Where a party of a three-party call stands. `waiting`: to be rung (or, the citizen, to be brought in); `calling`: ordered, nothing heard; `ringing`, `answered`;
 * `in` the room; then one of the rest. `unknown`: it may have been rung and nobody told: a person looks before it is rung again.
 */
export type LinkageCallPartyState = 'waiting' | 'calling' | 'ringing' | 'answered' | 'in' | 'left' | 'busy' | 'no-answer' | 'canceled' | 'failed' | 'unknown';

export interface LinkageCallParty {
  readonly state: LinkageCallPartyState;
  /** Why it failed: a word of the platform's or ours; never a number. */
  readonly code: string | null;
  /** Names the ringing that this is about; null: the citizen, who called us. */
  readonly key: string | null;
  /** The platform's name of the call. */
  readonly externalId: string | null;
  /** Last change. */
  readonly at: EpochMs;
  readonly joinedAt: EpochMs | null;
  readonly leftAt: EpochMs | null;
  /** In the room so far, whole seconds, without the stay that goes on. */
  readonly seconds: number;
  /** There is nobody for it to talk with any more: what its call's end was ordered as. Absent: it was not. */
  readonly ending?: 'cancel' | 'hangup';
}

/** A three-party call (三方通话): the citizen, a seat, and the service that the matter is passed on to. No number is here. */
export interface LinkageCall {
  /** Names the room, too. */
  readonly id: string;
  readonly linkId: string;
  readonly profile: string;
  readonly ticketId: string;
  readonly conversationId: string;
  /** Channel and address of the citizen's call. */
  readonly channel: string;
  readonly address: string;
  /** Whose telephone is rung; null: no seat has it yet. */
  readonly seatId: string | null;
  readonly state: 'open' | 'over';
  readonly citizen: LinkageCallParty;
  /** Null: nobody was rung. */
  readonly seat: LinkageCallParty | null;
  readonly service: LinkageCallParty | null;
  /** `seat:<id>`, `system`. */
  readonly createdBy: string;
  readonly createdAt: EpochMs;
  readonly endedAt: EpochMs | null;
}

export type LinkageCallChange = Partial<Pick<LinkageCall, 'seatId' | 'state' | 'citizen' | 'seat' | 'service' | 'endedAt'>>;

export interface LinkageCount {
  readonly profile: string;
  readonly direction: 'in' | 'out';
  readonly state: LinkageMessageState;
  readonly amount: number;
}

export interface LinkageRepository {
  /** In a write door: nobody else works on this matter of this profile until the transaction ends. */
  lock(profile: string, number: string): Promise<void>;
  addLink(link: LinkageLink): Promise<void>;
  getLink(id: string): Promise<LinkageLink | null>;
  linkOfNumber(profile: string, externalNo: string): Promise<LinkageLink | null>;
  linkOfTicket(profile: string, ticketId: string): Promise<LinkageLink | null>;
  /** Oldest first. */
  linksOfTicket(ticketId: string): Promise<readonly LinkageLink[]>;
  updateLink(id: string, change: LinkageLinkChange): Promise<void>;
  /** Newest first, after this one. `late`: something owed was late and is still owed. */
  links(filter: { readonly profile?: string; readonly state?: LinkageState; readonly late?: boolean; readonly limit: number; readonly before?: Pick<LinkageLink, 'createdAt' | 'id'> }): Promise<readonly LinkageLink[]>;
  /** What is owed ran out at or before this moment and nobody has marked it, first due first. */
  due(now: EpochMs, limit: number): Promise<readonly LinkageLink[]>;
  /** The body is sealed. False: a record of this name is there. */
  addMessage(message: LinkageMessage, body: string): Promise<boolean>;
  getMessage(id: string): Promise<LinkageMessage | null>;
  messageNamed(profile: string, direction: 'in' | 'out', number: string, version: number): Promise<LinkageMessage | null>;
  /** What went or came, in the clear. */
  body(id: string): Promise<string | null>;
  updateMessage(id: string, change: LinkageMessageChange): Promise<void>;
  /** In the order they were made. */
  messagesOf(linkId: string): Promise<readonly LinkageMessage[]>;
  /** The lowest version of ours that is `waiting` or `dead`; null: everything went out. */
  firstUnsent(linkId: string): Promise<LinkageMessage | null>;
  /** Those of theirs that are held, lowest version first. */
  held(linkId: string): Promise<readonly LinkageMessage[]>;
  /** Links that hold records, longest first. */
  holding(limit: number): Promise<readonly LinkageLink[]>;
  /** Sent, and the time for the acknowledgement is over. */
  unacknowledged(now: EpochMs, limit: number): Promise<readonly LinkageMessage[]>;
  /** Made in [from, to), oldest first, after this one. */
  made(profile: string, from: EpochMs, to: EpochMs, after: Pick<LinkageMessage, 'createdAt' | 'id'> | null, limit: number): Promise<readonly LinkageMessage[]>;
  /** Of what was not done yet or given up (`waiting`, `sent`, `dead`, `held`). */
  counts(): Promise<readonly LinkageCount[]>;
  putList(given: { readonly profile: string; readonly day: string; readonly list: JsonValue; readonly at: EpochMs }): Promise<void>;
  putReport(given: { readonly profile: string; readonly day: string; readonly report: JsonValue; readonly at: EpochMs }): Promise<void>;
  day(profile: string, day: string): Promise<LinkageDay | null>;
  addCall(call: LinkageCall): Promise<void>;
  getCall(id: string): Promise<LinkageCall | null>;
  updateCall(id: string, change: LinkageCallChange): Promise<void>;
  /** Newest first. */
  callsOf(conversationId: string, limit: number): Promise<readonly LinkageCall[]>;
  /** Oldest first. */
  callsOfLink(linkId: string): Promise<readonly LinkageCall[]>;
  /** Not over, oldest first. */
  openCalls(limit: number): Promise<readonly LinkageCall[]>;
  /** The telephone that a seat is rung on, in the clear; null: none is set. */
  seatPhone(seatId: string): Promise<string | null>;
  /** Sealed. Null takes it away. */
  putSeatPhone(seatId: string, phone: string | null, at: EpochMs): Promise<void>;
  /** Newest first, without their bodies. */
  days(filter: { readonly profile?: string; readonly limit: number }): Promise<readonly Omit<LinkageDay, 'list' | 'report'>[]>;
}
