import type { EpochMs } from '../domain/activity.ts';
import type { DeadlineRule, TicketKind, Urgency } from '../domain/config-files.ts';
import type { Stage } from '../domain/deadlines.ts';
import type { JsonValue } from '../domain/json.ts';
import type { RequestKind, SupervisionLevel, Ticket, TicketEvent, TicketEventType, TicketState } from '../domain/ticket.ts';

/** Tickets: the row as it is, its events, the clocks that run, what was asked for, files, supervision, duplicates, and the world outside. */

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

/* ---- catalogues -------------------------------------------------------------------------------------------------- */

/**
 * A versioned list that operators edit: `items` (事项), `dispatch` (派单目录), `departments` (承办单位), `towns` (镇街), `calendar` (日历), `deadlines` (时限).
 * One of a kind is published at a time.
 */
export interface Catalogue {
  readonly kind: 'items' | 'dispatch' | 'departments' | 'towns' | 'calendar' | 'deadlines';
  readonly version: number;
  /** `dropped`: a draft that was thrown away; only its number is left, so that it is never given twice. */
  readonly state: 'draft' | 'published' | 'retired' | 'dropped';
  readonly body: JsonValue;
  readonly note: string;
  readonly author: string;
  readonly createdAt: EpochMs;
  readonly publishedBy: string | null;
  readonly publishedAt: EpochMs | null;
}

export interface CatalogueRepository {
  /** Takes the next version of its kind. */
  add(given: Omit<Catalogue, 'version' | 'state' | 'publishedBy' | 'publishedAt'>): Promise<Catalogue>;
  /** Replaces the body of a draft. AppError `catalogue.not_draft` otherwise. */
  change(kind: Catalogue['kind'], version: number, given: { readonly body: JsonValue; readonly note: string }): Promise<Catalogue>;
  /** Publishes it and retires the one before. */
  publish(kind: Catalogue['kind'], version: number, by: string, at: EpochMs): Promise<Catalogue>;
  /** Throws a draft away: its body goes, its number stays taken. AppError `catalogue.not_draft` otherwise. */
  drop(kind: Catalogue['kind'], version: number): Promise<void>;
  published(kind: Catalogue['kind']): Promise<Catalogue | null>;
  /** 0: none is, the file in config/ holds. */
  publishedVersion(kind: Catalogue['kind']): Promise<number>;
  /** Of every kind that has one, by the index on what is published: what every node asks every second. */
  publishedVersions(): Promise<readonly Pick<Catalogue, 'kind' | 'version'>[]>;
  /** None of those that were dropped. */
  get(kind: Catalogue['kind'], version: number): Promise<Catalogue | null>;
  /** Newest first, without bodies and without those that were dropped. */
  list(kind: Catalogue['kind'], limit: number): Promise<readonly Omit<Catalogue, 'body'>[]>;
}

/** A seat changed the item of a ticket: what the learner learns from. The text is masked. */
export interface ItemCorrection {
  readonly id: string;
  readonly ticketId: string;
  readonly text: string;
  readonly suggested: string | null;
  readonly chosen: string;
  readonly by: string;
  readonly at: EpochMs;
}

export interface ItemCorrectionRepository {
  insert(correction: ItemCorrection): Promise<void>;
  /** Oldest first, after this id. */
  list(filter: { readonly afterId?: string; readonly limit: number }): Promise<readonly ItemCorrection[]>;
}

/* ---- duplicates -------------------------------------------------------------------------------------------------- */

/** Two open tickets that look like the same matter. */
export interface AlikeProposal {
  readonly ticketId: string;
  readonly leadingId: string;
  readonly score: number;
  /** Why, in codes: `text`, `place`, `item`, `time`, `storm`. */
  readonly why: readonly string[];
  readonly state: 'proposed' | 'merged' | 'refused';
  readonly at: EpochMs;
  readonly decidedBy: string | null;
  readonly decidedAt: EpochMs | null;
}

export interface AlikeProposalRepository {
  /** Inserts; a pair that was refused stays refused. */
  propose(proposal: Omit<AlikeProposal, 'state' | 'decidedBy' | 'decidedAt'>): Promise<void>;
  decide(ticketId: string, leadingId: string, state: 'merged' | 'refused', by: string, at: EpochMs): Promise<void>;
  /** In which the ticket is the one or the other, best first. */
  of(ticketId: string): Promise<readonly AlikeProposal[]>;
  /** Not decided, both tickets open and on their own; newest first. */
  open(limit: number): Promise<readonly AlikeProposal[]>;
  /** Housekeeping: forgets at most `limit` undecided ones made before, of which a ticket is archived or follows. Returns how many. */
  removeStale(before: EpochMs, limit: number): Promise<number>;
}

/** A ticket as a walk through all of them sees it. */
export interface TicketPlace {
  readonly id: string;
  readonly createdAt: EpochMs;
  readonly itemCode: string | null;
  readonly open: boolean;
}

/** What duplicates ask of all tickets, in pages whose cost does not grow with the table. */
export interface AlikeTicketRepository {
  /** The next `limit` tickets before this place, open or not, newest first; null: from the newest on. */
  newest(before: Pick<TicketPlace, 'id' | 'createdAt'> | null, limit: number): Promise<readonly TicketPlace[]>;
  /** The next `limit` tickets after this place, oldest first. */
  since(after: Pick<TicketPlace, 'id' | 'createdAt'>, limit: number): Promise<readonly TicketPlace[]>;
  /** Does any ticket follow it? */
  leads(ticketId: string): Promise<boolean>;
  countFollowers(leadingId: string): Promise<number>;
  /** Ids of followers in order, after this one. */
  followers(leadingId: string, given: { readonly afterId: string | null; readonly limit: number }): Promise<readonly string[]>;
}

/** Many tickets of one matter in a short time. */
export interface Storm {
  readonly id: string;
  readonly itemCode: string | null;
  readonly title: string;
  readonly townIds: readonly string[];
  readonly leadingId: string | null;
  readonly count: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly state: 'open' | 'answered' | 'over';
  /** What everybody of it was told. */
  readonly answer: string | null;
}

export interface StormRepository {
  put(storm: Storm): Promise<void>;
  get(id: string): Promise<Storm | null>;
  open(limit: number): Promise<readonly Storm[]>;
  /** Nothing happens when it is of it already. */
  addTicket(stormId: string, ticketId: string, at: EpochMs): Promise<void>;
  /** By id, after this one. */
  tickets(stormId: string, limit: number, afterId?: string | null): Promise<readonly string[]>;
  /** How many tickets are of it. */
  size(stormId: string): Promise<number>;
  /** Storms that hold one of these tickets. */
  holding(ticketIds: readonly string[]): Promise<readonly { readonly stormId: string; readonly ticketId: string; readonly state: Storm['state'] }[]>;
}

/* ---- the world outside ------------------------------------------------------------------------------------------- */

/** A key of a department's own system or of a partner platform. The key itself is never stored. */
export interface ApiToken {
  readonly id: string;
  readonly kind: 'department' | 'partner';
  /** Department or partner. */
  readonly ownerId: string;
  readonly name: string;
  readonly createdBy: string;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs | null;
  readonly revokedAt: EpochMs | null;
}

export interface ApiTokenRepository {
  insert(token: ApiToken, tokenHash: string): Promise<void>;
  findByHash(tokenHash: string, now: EpochMs): Promise<ApiToken | null>;
  list(filter: { readonly kind?: ApiToken['kind']; readonly ownerId?: string }): Promise<readonly ApiToken[]>;
  revoke(id: string, at: EpochMs): Promise<void>;
}

export interface Partner {
  readonly id: string;
  readonly name: string;
  /** Where ticket events are posted to; null: nowhere. */
  readonly webhookUrl: string | null;
  readonly events: readonly TicketEventType[];
  /** Only of tickets that came from it, or of all that are public. */
  readonly scope: 'own' | 'all';
  readonly active: boolean;
  readonly createdAt: EpochMs;
}

export interface PartnerRepository {
  /** `webhookSecret` is sealed. Null leaves it as it is. */
  put(partner: Partner, webhookSecret: string | null): Promise<void>;
  get(id: string): Promise<Partner | null>;
  list(): Promise<readonly Partner[]>;
  webhookSecret(id: string): Promise<string | null>;
}

/** The number that another platform gave the matter. */
export interface ExternalNumber {
  readonly partnerId: string;
  readonly number: string;
  readonly ticketId: string;
  readonly at: EpochMs;
}

export interface ExternalNumberRepository {
  insert(external: ExternalNumber): Promise<void>;
  find(partnerId: string, number: string): Promise<ExternalNumber | null>;
  of(ticketId: string): Promise<readonly ExternalNumber[]>;
}

/** Which tickets a partner platform, or anybody (`partnerId` null), may know of: those that are not confidential, and its own. */
export interface PartnerTicketRepository {
  /** Newest first. A ticket is a partner's own when it has an external number of this partner. Times: opened in [from, to). */
  visibleIds(filter: {
    readonly partnerId: string | null;
    readonly numbers?: readonly string[];
    readonly itemCodes?: readonly string[];
    /** Also, or only (without `itemCodes`), those that have no item. */
    readonly withoutItem?: boolean;
    readonly from?: EpochMs;
    readonly to?: EpochMs;
    readonly archived?: boolean;
    readonly limit: number;
    readonly offset: number;
  }): Promise<readonly string[]>;
}

export interface WebhookDelivery {
  readonly id: string;
  readonly partnerId: string;
  readonly ticketId: string;
  readonly seq: number;
  readonly state: 'waiting' | 'delivered' | 'dead';
  readonly attempts: number;
  /** HTTP status or the code of the failure; null before the first try. */
  readonly lastResult: string | null;
  readonly createdAt: EpochMs;
  readonly deliveredAt: EpochMs | null;
}

export interface WebhookDeliveryRepository {
  insert(delivery: WebhookDelivery): Promise<void>;
  get(id: string): Promise<WebhookDelivery | null>;
  update(id: string, change: Partial<Pick<WebhookDelivery, 'state' | 'attempts' | 'lastResult' | 'deliveredAt'>>): Promise<void>;
  list(filter: { readonly partnerId?: string; readonly state?: WebhookDelivery['state']; readonly limit: number; readonly beforeId?: string }): Promise<readonly WebhookDelivery[]>;
  /** Housekeeping: forgets delivered ones among the `limit` oldest that were made before. Returns how many. Dead ones stay. */
  removeDelivered(before: EpochMs, limit: number): Promise<number>;
}

/** 企业直通车: the register. */
export interface Enterprise {
  readonly id: string;
  readonly name: string;
  /** 统一社会信用代码 (GB 32100-2015). */
  readonly creditCode: string;
  readonly townId: string | null;
  /** Its named seat (专员); null: none. */
  readonly seatId: string | null;
  readonly active: boolean;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}

export interface EnterpriseRepository {
  /**
   * Inserts or updates by creditCode; the phones are kept as keyed hashes only and replace those before. Citizens whose vouched number is
   * among them are bound.
   */
  put(enterprise: Enterprise, phones: readonly string[]): Promise<void>;
  get(id: string): Promise<Enterprise | null>;
  findByCreditCode(creditCode: string): Promise<Enterprise | null>;
  findByPhone(phone: string): Promise<Enterprise | null>;
  /** The enterprise that a citizen's account is bound to. */
  ofCitizen(citizenId: string): Promise<Enterprise | null>;
  /** Conversations that are open go with it. Null unbinds. */
  bind(citizenId: string, enterpriseId: string | null, at: EpochMs): Promise<void>;
  /** Binds a citizen whose vouched number is an enterprise's; no change when it is bound already. */
  recognise(citizenId: string, phone: string, at: EpochMs): Promise<void>;
  list(filter: { readonly text?: string; readonly limit: number; readonly afterId?: string }): Promise<readonly Enterprise[]>;
}

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
