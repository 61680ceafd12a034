import type { EpochMs } from '../domain/activity.ts';
import type { DeadlineRule, TicketKind, Urgency } from '../domain/config-files.ts';
import type { Stage } from '../domain/deadlines.ts';
import type { RequestKind, SupervisionLevel, Ticket, TicketEvent, TicketState } from '../domain/ticket.ts';

/** Tickets: the row as it is, its events, the clocks that run, what was asked for, files, supervision, visits and notices. */

/* ---- the ticket ------------------------------------------------------------------------------------------------- */

/** First page by an index for each single narrowing; more of them narrow further. Newest first unless `order` says so. */
export interface TicketFilter {
  readonly states?: readonly TicketState[];
  /** Leads. */
  readonly departmentId?: string;
  /** Leads or assists: what a department may see. */
  readonly seenBy?: string;
  readonly itemCode?: string;
  readonly townId?: string;
  readonly kind?: TicketKind;
  readonly urgency?: Urgency;
  /** Only the enterprise lane, or only the citizens'. */
  readonly enterprise?: boolean;
  /** Only tickets with a clock that ran out, and not archived. */
  readonly overdue?: boolean;
  /** Due before this moment, and not archived. */
  readonly dueBefore?: EpochMs;
  /** At least this level. */
  readonly supervision?: SupervisionLevel;
  readonly leadingId?: string;
  readonly channel?: string;
  readonly text?: string;
  readonly order?: 'newest' | 'due';
  readonly limit: number;
  /** Where the page before ended: `createdAt` of its last ticket, with `order: 'due'` its `deadlineAt`. */
  readonly before?: EpochMs;
  /** The id of that ticket: several may have the same moment. */
  readonly beforeId?: string;
}

export interface TicketRepository {
  /** Next sequence of a day (`20261122`), from 1; taken in the opening transaction so that no number is used twice. */
  nextSequence(day: string): Promise<number>;
  /**
   * `phoneLast4` is kept as a keyed hash with the number, for the citizen's query. `openingKey`: what makes a repeated opening the same
   * ticket (a form's key, a partner's number); AppError `ticket.opened_before` when one with this key stands there. `events`: its first ones.
   */
  insert(ticket: Ticket, phoneLast4: string | null, given?: { readonly openingKey?: string | null; readonly events?: readonly Omit<TicketEvent, 'seq' | 'ticketId'>[] }): Promise<void>;
  findByOpeningKey(openingKey: string): Promise<Ticket | null>;
  get(id: string): Promise<Ticket | null>;
  getMany(ids: readonly string[]): Promise<readonly Ticket[]>;
  findByNumber(number: string): Promise<Ticket | null>;
  /** Constant time in the comparison; false when no phone was given at opening. */
  checkPhone(ticketId: string, phoneLast4: string): Promise<boolean>;
  /**
   * Nobody else changes the ticket until the transaction ends. To be asked before what hangs on it (clocks, requests) is read for a change.
   * AppError `ticket.conflict` when `version` is stale.
   */
  claim(id: string, version: number): Promise<Ticket>;
  /** AppError `ticket.conflict` when `version` is stale. */
  update(id: string, version: number, change: Partial<Omit<Ticket, 'id' | 'number' | 'version' | 'createdAt'>>): Promise<Ticket>;
  appendEvent(event: Omit<TicketEvent, 'seq'>): Promise<TicketEvent>;
  events(ticketId: string): Promise<readonly TicketEvent[]>;
  event(ticketId: string, seq: number): Promise<TicketEvent | null>;
  list(filter: TicketFilter): Promise<readonly Ticket[]>;
  byCitizen(citizenId: string, limit: number): Promise<readonly Ticket[]>;
  byConversation(conversationId: string): Promise<readonly Ticket[]>;
  /** Tickets that follow a leading one, oldest first. */
  followers(leadingId: string): Promise<readonly Ticket[]>;
  countsByState(): Promise<Readonly<Record<string, number>>>;
}

/* ---- clocks ----------------------------------------------------------------------------------------------------- */

/** `hold`: an approved hold ends by itself; `visit`: the visit-back is asked again or given up. */
export type ClockStage = Stage | 'hold' | 'visit';

/** One deadline of one ticket, running or done. */
export interface TicketClock {
  readonly ticketId: string;
  readonly stage: ClockStage;
  /** 1, 2 …: a redirected or reopened ticket runs the stage again. */
  readonly run: number;
  readonly rule: DeadlineRule;
  readonly startedAt: EpochMs;
  /** Null while it is held. */
  readonly dueAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  /** Warnings given so far. */
  readonly warned: number;
  /** When it was marked as overdue. */
  readonly overdueAt: EpochMs | null;
  /** Rungs of the ladder climbed so far after it ran out. */
  readonly rung: number;
  /** The next moment that something is to be done (warning, mark, rung); null: nothing, or ended. This is what the sweep's index reads. */
  readonly nextAt: EpochMs | null;
}

export interface TicketClockRepository {
  /** Inserts or replaces by (ticketId, stage, run). */
  put(clocks: readonly TicketClock[]): Promise<void>;
  of(ticketId: string): Promise<readonly TicketClock[]>;
  /** Due work, oldest first, by the index on nextAt. */
  due(now: EpochMs, limit: number): Promise<readonly TicketClock[]>;
  /** When the next work falls due; null: never. */
  nextAt(): Promise<EpochMs | null>;
  /** What could not be done is tried again then; nothing when the clock moved on meanwhile. */
  postpone(clock: Pick<TicketClock, 'ticketId' | 'stage' | 'run' | 'nextAt'>, nextAt: EpochMs): Promise<void>;
}

/* ---- requests, files, supervision, visits ----------------------------------------------------------------------- */

/** A return, extension or hold that a department asked for. */
export interface TicketRequest {
  readonly id: string;
  readonly ticketId: string;
  readonly kind: RequestKind;
  readonly departmentId: string | null;
  readonly itemCode: string | null;
  readonly reasonCode: string;
  readonly reason: string;
  readonly evidence: readonly string[];
  /** Extension: amount in the unit of the profile's limit. */
  readonly amount: number | null;
  readonly until: EpochMs | null;
  readonly askedBy: string;
  readonly askedAt: EpochMs;
  /** When the hotline must have judged; null: the profile sets no time. */
  readonly judgeBy: EpochMs | null;
  readonly state: 'asked' | 'upheld' | 'refused' | 'withdrawn';
  readonly judgedBy: string | null;
  readonly judgedAt: EpochMs | null;
  readonly verdict: string | null;
}

export interface TicketRequestRepository {
  insert(request: TicketRequest): Promise<void>;
  get(id: string): Promise<TicketRequest | null>;
  /** The one that waits for judgement; null: none. */
  pendingOf(ticketId: string): Promise<TicketRequest | null>;
  of(ticketId: string): Promise<readonly TicketRequest[]>;
  judge(id: string, given: Pick<TicketRequest, 'state' | 'judgedBy' | 'judgedAt' | 'verdict' | 'amount' | 'until'>): Promise<void>;
  /** Waiting ones, first due first. */
  waiting(filter: { readonly kind?: RequestKind; readonly limit: number }): Promise<readonly TicketRequest[]>;
  /** Judged ones of the same kind, item and department, newest first: what was decided before. */
  precedents(filter: { readonly kind: RequestKind; readonly itemCode: string | null; readonly departmentId: string | null; readonly limit: number }): Promise<readonly TicketRequest[]>;
  /** How often each way, of the same. */
  precedentCounts(filter: { readonly kind: RequestKind; readonly itemCode: string | null; readonly departmentId: string | null }): Promise<{ readonly upheld: number; readonly refused: number }>;
  /** Asked and upheld since a moment, by department. */
  counts(since: EpochMs): Promise<readonly { readonly departmentId: string | null; readonly kind: RequestKind; readonly asked: number; readonly upheld: number; readonly refused: number }[]>;
}

/** Bytes live in `media`; here is what belongs to which ticket. */
export interface TicketFile {
  readonly id: string;
  readonly ticketId: string;
  /** Token of the media row. */
  readonly media: string;
  readonly name: string | null;
  readonly contentType: string;
  readonly purpose: 'citizen' | 'evidence';
  /** `citizen`, `seat:<id>`, `department:<id>`, `partner:<id>`. */
  readonly addedBy: string;
  readonly at: EpochMs;
}

export interface TicketFileRepository {
  insert(file: TicketFile): Promise<void>;
  of(ticketId: string): Promise<readonly TicketFile[]>;
}

/** 督办. */
export interface Supervision {
  readonly id: string;
  readonly ticketId: string;
  readonly level: 1 | 2 | 3;
  /** `overdue`, `item`, `repetition`, `urges`, `person`: what rule or who raised it. */
  readonly cause: string;
  readonly departmentId: string | null;
  /** Responsible person, by office. */
  readonly person: string | null;
  /** What the supervisor said; stays on the ticket. */
  readonly words: string;
  /** When the responsible unit has to report. */
  readonly dueAt: EpochMs | null;
  readonly createdBy: string;
  readonly createdAt: EpochMs;
  readonly endedAt: EpochMs | null;
  readonly outcome: string | null;
}

export interface SupervisionRepository {
  insert(supervision: Supervision): Promise<void>;
  get(id: string): Promise<Supervision | null>;
  end(id: string, given: { readonly endedAt: EpochMs; readonly outcome: string }): Promise<void>;
  of(ticketId: string): Promise<readonly Supervision[]>;
  /** Made in [from, to), newest first: the monthly list. `before`: the last one of the page before. */
  between(from: EpochMs, to: EpochMs, limit: number, before?: Pick<Supervision, 'createdAt' | 'id'>): Promise<readonly Supervision[]>;
  /** Not ended, first due first. */
  open(limit: number): Promise<readonly Supervision[]>;
}

/** 回访: one attempt. */
export interface TicketVisit {
  readonly ticketId: string;
  readonly attempt: number;
  readonly channel: string;
  readonly askedAt: EpochMs;
  readonly answeredAt: EpochMs | null;
  readonly process: number | null;
  readonly solved: boolean | null;
  readonly outcome: 'asked' | 'answered' | 'failed' | 'no_answer';
}

export interface TicketVisitRepository {
  put(visit: TicketVisit): Promise<void>;
  of(ticketId: string): Promise<readonly TicketVisit[]>;
}

/* ---- notices ---------------------------------------------------------------------------------------------------- */

/** What a citizen was told of a ticket, once over one channel unless that failed. */
export interface TicketNotice {
  readonly id: string;
  readonly ticketId: string;
  /** The event that it tells of. */
  readonly seq: number;
  readonly citizenId: string;
  /** Channels tried, in order; the last one is the one it went by. */
  readonly channels: readonly string[];
  readonly state: 'waiting' | 'sent' | 'failed' | 'skipped';
  readonly createdAt: EpochMs;
  readonly sentAt: EpochMs | null;
}

export interface TicketNoticeRepository {
  /** False: this event has a notice for this citizen already. */
  insert(notice: TicketNotice): Promise<boolean>;
  get(id: string): Promise<TicketNotice | null>;
  update(id: string, change: Partial<Pick<TicketNotice, 'channels' | 'state' | 'sentAt'>>): Promise<void>;
  of(ticketId: string): Promise<readonly TicketNotice[]>;
  /** Those of a citizen that wait, oldest first. */
  waitingOf(citizenId: string): Promise<readonly TicketNotice[]>;
  /** What a citizen who comes is to hear: number of the newest ticket whose visit-back is open, and does a notice wait? One statement, asked at every turn. */
  atTheDoor(citizenId: string): Promise<{ readonly visit: string | null; readonly waiting: boolean }>;
}
