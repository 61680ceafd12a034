import type { Activity, ActivityContent, Address, EpochMs, ExternalId, Locale, Modality, Role } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import type { AlikeProposalRepository, AlikeTicketRepository, StormRepository } from './contract-alike.ts';
import type { CatalogueRepository, ItemCorrectionRepository } from './contract-catalogues.ts';
import type { EnterpriseRepository } from './contract-enterprises.ts';
import type { ApiTokenRepository, ExternalNumberRepository, PartnerRepository, PartnerTicketRepository, WebhookDeliveryRepository } from './contract-partners.ts';
import type { SupervisionRepository, TicketClockRepository, TicketFileRepository, TicketNoticeRepository, TicketRepository, TicketRequestRepository, TicketVisitRepository } from './contract-tickets.ts';
import type { MeasureSourceRepository, RollupRepository } from './contract-measures.ts';
import type { CampaignRepository } from './contract-campaigns.ts';
import type { ConsentRepository, ReachRepository } from './contract-outbound.ts';
import type { LinkageRepository } from './contract-linkage.ts';
import type { QualityRepository } from './contract-quality.ts';
import type { ReportRepository, ReportTicketRepository } from './contract-reports.ts';
import type { ChannelFactsRepository, DeadLetterRepository, TrailCheck, TrailFilter, TrailMark, TrailPage } from './contract-operations.ts';
import type { ServicePeriodRepository } from './contract-service.ts';
import type { ParticipantRepository, QueueRepository, SeatWorkRepository, TransferRepository } from './contract-queue.ts';
import type { CannedRepository, DraftRepository, NoteRepository } from './contract-desk.ts';
import type { GapRepository, KnowledgeMemoRepository, KnowledgeRepository, KnowledgeTaskRepository, RevisionRepository } from './contract-knowledge.ts';

export type * from './contract-desk.ts';
export type * from './contract-knowledge.ts';
export type * from './contract-alike.ts';
export type * from './contract-catalogues.ts';
export type * from './contract-enterprises.ts';
export type * from './contract-partners.ts';
export type * from './contract-tickets.ts';
export type * from './contract-campaigns.ts';
export type * from './contract-linkage.ts';
export type * from './contract-measures.ts';
export type * from './contract-operations.ts';
export type * from './contract-outbound.ts';
export type * from './contract-quality.ts';
export type * from './contract-reports.ts';
export type * from './contract-service.ts';
export type * from './contract-queue.ts';

export interface ReadHow {
  /**
   * The look is only for a write that follows and looks again, and nothing of it is told to anybody before: it need not wait until what it has seen is
   * on the disk.
   */
  readonly ahead?: boolean;
}

/**
 * The store has two doors and nothing else. Repositories are only handed out inside a door, so no statement can run
 * beside a transaction by accident. Repositories are written once and `await` everything; both dialects serve them.
 */
export interface Store {
  readonly dialect: 'sqlite' | 'postgres';
  /** A consistent look; never writes. Sees only committed rows. */
  read<Result>(fn: (repos: Repositories) => Promise<Result>, how?: ReadHow): Promise<Result>;
  /**
   * One transaction: everything `fn` did is durable when this resolves, or nothing happened when it rejects.
   * `fn` must not wait for anything but the repositories (no network, no timers): on SQLite writers run one after the
   * other and many share one commit (group commit), so a slow `fn` holds up everybody. `fn` may be run again after a
   * serialization failure on PostgreSQL: keep side effects out of it.
   */
  write<Result>(fn: (repos: Repositories) => Promise<Result>): Promise<Result>;
  /** Resolves when the database answers; for /readyz. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface Repositories {
  readonly citizens: CitizenRepository;
  readonly conversations: ConversationRepository;
  readonly activities: ActivityRepository;
  readonly replies: ReplyRepository;
  readonly lanes: LaneRepository;
  readonly outbox: OutboxRepository;
  readonly tickets: TicketRepository;
  readonly clocks: TicketClockRepository;
  readonly requests: TicketRequestRepository;
  readonly ticketFiles: TicketFileRepository;
  readonly ticketNotices: TicketNoticeRepository;
  readonly ticketVisits: TicketVisitRepository;
  readonly supervisions: SupervisionRepository;
  readonly alikeProposals: AlikeProposalRepository;
  readonly alikeTickets: AlikeTicketRepository;
  readonly storms: StormRepository;
  readonly catalogues: CatalogueRepository;
  readonly itemCorrections: ItemCorrectionRepository;
  readonly knowledge: KnowledgeRepository;
  readonly revisions: RevisionRepository;
  readonly knowledgeTasks: KnowledgeTaskRepository;
  readonly knowledgeMemos: KnowledgeMemoRepository;
  readonly gaps: GapRepository;
  readonly enterprises: EnterpriseRepository;
  readonly seats: SeatRepository;
  readonly sessions: SessionRepository;
  readonly services: ServicePeriodRepository;
  readonly queue: QueueRepository;
  readonly seatWork: SeatWorkRepository;
  readonly participants: ParticipantRepository;
  readonly transfers: TransferRepository;
  readonly trail: TrailRepository;
  readonly deadLetters: DeadLetterRepository;
  readonly channelFacts: ChannelFactsRepository;
  readonly channelState: ChannelStateRepository;
  readonly media: MediaRepository;
  readonly apiTokens: ApiTokenRepository;
  readonly partners: PartnerRepository;
  readonly externalNumbers: ExternalNumberRepository;
  readonly partnerTickets: PartnerTicketRepository;
  readonly webhookDeliveries: WebhookDeliveryRepository;
  readonly canned: CannedRepository;
  readonly notes: NoteRepository;
  readonly drafts: DraftRepository;
  readonly rollups: RollupRepository;
  readonly measureSources: MeasureSourceRepository;
  readonly reach: ReachRepository;
  readonly consents: ConsentRepository;
  readonly linkage: LinkageRepository;
  readonly campaigns: CampaignRepository;
  readonly quality: QualityRepository;
  readonly reports: ReportRepository;
  readonly reportTickets: ReportTicketRepository;
}

/* ---- people: the identity vault -------------------------------------------------------------------------------- */

export interface CitizenSummary {
  readonly id: string;
  /** 138****8000, or null when no number is known. */
  readonly phoneMasked: string | null;
  readonly phoneLast4: string | null;
  /** 张**, or null. */
  readonly nameMasked: string | null;
  readonly createdAt: EpochMs;
}

export interface CitizenRepository {
  /** The citizen behind a channel's own id and/or a vouched phone (joined by phone across channels); made when unknown. Both null makes an anonymous citizen. */
  resolve(given: { readonly id: string; readonly channel: string; readonly externalUserId: string | null; readonly phone: string | null; readonly displayName: string | null; readonly now: EpochMs }): Promise<string>;
  /** Adds what was learned; sealed. A given phone is kept as a contact number, it does not merge people. */
  learn(citizenId: string, facts: { readonly phone?: string; readonly name?: string }): Promise<void>;
  /** Whose vouched number this is; null: nobody's. Makes nobody. */
  findByPhone(phone: string): Promise<string | null>;
  summary(citizenId: string): Promise<CitizenSummary | null>;
  /** Last four digits of the number to call back at; null when none is known. */
  phoneLast4(citizenId: string): Promise<string | null>;
  /** The only way to clear text. The caller writes the trail in the same transaction. */
  reveal(citizenId: string): Promise<{ readonly phone: string | null; readonly name: string | null } | null>;
}

/* ---- conversations and activities ------------------------------------------------------------------------------ */

/** Fields a turn or the desk may change. */
export type ConversationChange = Partial<
  Pick<Conversation, 'owner' | 'seatId' | 'handoffReason' | 'waitingSince' | 'emergency' | 'understood' | 'unread' | 'lastInboundAt' | 'locale' | 'collectedSeq'>
>;

/** Where a page of those who wait ended: `class` 0 emergencies, 1 enterprises, 2 others. */
export interface WaitingPlace {
  readonly class: number;
  readonly waitingSince: EpochMs;
  readonly id: string;
}

export interface ConversationRepository {
  get(id: string): Promise<Conversation | null>;
  findByAddress(channel: string, address: Address): Promise<Conversation | null>;
  create(given: { readonly id: string; readonly channel: string; readonly address: Address; readonly modality: Modality; readonly locale: Locale; readonly citizenId: string; readonly now: EpochMs }): Promise<Conversation>;
  /** Refuses with AppError `conversation.conflict` (retry `conflict`) when `version` is not the stored one. Returns the new row. */
  update(id: string, version: number, change: ConversationChange): Promise<Conversation>;
  /** The dialog state, unsealed; null before the first turn. */
  loadState(id: string): Promise<JsonValue>;
  saveState(id: string, state: JsonValue): Promise<void>;
  /** Desk lists. `waiting` oldest first, emergencies before all, then enterprises; others by last activity, newest first. */
  list(filter: { readonly owner?: readonly Conversation['owner'][]; readonly seatId?: string; readonly emergency?: boolean; readonly limit: number; readonly before?: EpochMs; readonly waitingAfter?: WaitingPlace }): Promise<readonly Conversation[]>;
  counts(): Promise<Readonly<Record<Conversation['owner'], number>>>;
  /** All of one citizen, whatever the channel; newest first. */
  ofCitizen(citizenId: string, limit: number): Promise<readonly Conversation[]>;
}

/** An activity to append; id and seq are given to it. */
export interface ActivityDraft {
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly externalId: ExternalId | null;
  readonly role: Role;
  readonly seatId: string | null;
  readonly at: EpochMs;
  readonly replyToId: string | null;
  readonly content: ActivityContent;
  readonly channelData: JsonValue;
  /** The unmasked text or the peer's raw payload when it must be kept; sealed at rest. */
  readonly sealed: string | null;
}

export interface ActivityRepository {
  /** Takes the next seq numbers of the conversation and bumps its lastSeq and lastActivityAt. */
  append(conversationId: string, drafts: readonly ActivityDraft[]): Promise<readonly Activity[]>;
  /**
   * Appends and changes the conversation in one statement: what a whole turn leaves behind. Refuses like
   * `conversations.update` when `stored` is not the row as it is now. `collect`: everything up to here counts as heard
   * (a webhook's answer carries it), and the first draft keeps the range that was told: `replies.collect` finds it.
   */
  appendWith(stored: Conversation, change: ConversationChange, drafts: readonly ActivityDraft[], collect?: boolean): Promise<{ readonly conversation: Conversation; readonly activities: readonly Activity[] }>;
  findByExternalId(channel: string, externalId: ExternalId): Promise<Activity | null>;
  get(id: string): Promise<Activity | null>;
  getMany(ids: readonly string[]): Promise<readonly Activity[]>;
  /** The sealed original of an activity, or null. */
  unsealed(id: string): Promise<string | null>;
  /** Oldest first. */
  after(conversationId: string, afterSeq: number, limit: number): Promise<readonly Activity[]>;
  /** The newest `limit`, oldest first. */
  latest(conversationId: string, limit: number): Promise<readonly Activity[]>;
  between(conversationId: string, fromSeqExclusive: number, toSeqInclusive: number): Promise<readonly Activity[]>;
  /** Appends a delivery checkpoint (append-only). */
  addReceipt(receipt: DeliveryReceipt): Promise<void>;
  receipts(conversationId: string): Promise<readonly DeliveryReceipt[]>;
}

export interface DeliveryReceipt {
  readonly activityId: string;
  readonly conversationId: string;
  readonly status: 'delivered' | 'retrying' | 'failed';
  readonly code: string | null;
  readonly at: EpochMs;
}

/** What a webhook of a `pull` channel was answered with, so that a retry gets the same. */
export interface ReplyRepository {
  /** Stores the answer of a request that is certainly new: its message was stored in this transaction, and told another range than `appendWith` keeps with it. */
  insert(given: { readonly channel: string; readonly externalId: ExternalId; readonly conversationId: string; readonly fromSeq: number; readonly toSeq: number; readonly now: EpochMs }): Promise<void>;
  /**
   * The stored range of this request, or stores (heardUpTo, lastSeq] of the conversation as its answer and moves collectedSeq.
   * `heardUpTo` null: from collectedSeq on.
   */
  collect(given: { readonly channel: string; readonly externalId: ExternalId; readonly conversationId: string; readonly heardUpTo?: number | null; readonly now: EpochMs }): Promise<{ readonly fromSeq: number; readonly toSeq: number; readonly repeated: boolean }>;
}

/* ---- bus ------------------------------------------------------------------------------------------------------- */

export interface OutboxDraft {
  readonly id: string;
  /** Everything in one lane happens one after the other: `turn:<conversationId>`, `send:<conversationId>` … */
  readonly lane: string;
  readonly kind: string;
  readonly payload: JsonObject;
  readonly availableAt: EpochMs;
  /** False: while it is not due it does not hold up the rows behind it (timers). */
  readonly blocking: boolean;
  readonly now: EpochMs;
}

export interface OutboxRow extends Omit<OutboxDraft, 'now'> {
  /** Grows with insertion; the order within a lane. */
  readonly position: number;
  readonly attempts: number;
  readonly state: 'ready' | 'dead';
  readonly lastError: string | null;
  readonly createdAt: EpochMs;
}

export interface OutboxRepository {
  /** Returns the rows as they are stored now. */
  add(drafts: readonly OutboxDraft[]): Promise<readonly OutboxRow[]>;
  /** Adds a row that does not block, or moves the one with this id to the new time and payload (a conversation's timer). */
  put(draft: OutboxDraft): Promise<void>;
  /** Lanes that have a due head row and no live lease, oldest head first. */
  dueLanes(now: EpochMs, limit: number): Promise<readonly string[]>;
  /** Rows of a lane that may run now, in order: stops at the first blocking row that is not due; skips others not due. */
  due(lane: string, now: EpochMs, limit: number): Promise<readonly OutboxRow[]>;
  /** When the next not-yet-due row of any lane falls due; null when there is none. For the relay's sleep. */
  nextDueAt(now: EpochMs): Promise<EpochMs | null>;
  /** Deletes the row: the effect is done. False: somebody did it already, and the caller must roll back. */
  complete(id: string): Promise<boolean>;
  /** The same under the fence of its lane, in one statement. False: done already, or the lane is somebody else's; nobody takes it before this transaction ends. */
  completeUnder(id: string, lane: string, fence: number): Promise<boolean>;
  /** True while the row has not been completed (ready, leased or dead). */
  pending(id: string): Promise<boolean>;
  /** The row as it is now; null when it is done. A queue that carries only ids asks this. */
  get(id: string): Promise<OutboxRow | null>;
  reschedule(id: string, given: { readonly attempts: number; readonly availableAt: EpochMs; readonly error: string }): Promise<void>;
  bury(id: string, error: string, now: EpochMs): Promise<void>;
  /** Makes rows of a lane that wait for a later try with this mark at the end of their error due now; returns their ids. */
  hasten(lane: string, mark: string, now: EpochMs): Promise<readonly string[]>;
  /** Removes not-yet-run rows of a lane with this kind and (optional) payload key/value, e.g. an outdated timer. */
  cancel(lane: string, kind: string): Promise<number>;
  /** The newest time that anything waiting was made at; null when nothing waits. */
  newestAt(): Promise<EpochMs | null>;
  dead(limit: number): Promise<readonly OutboxRow[]>;
  /** A dead letter back to ready with attempts 0. False if it is not there. */
  revive(id: string, now: EpochMs): Promise<boolean>;
  counts(now: EpochMs): Promise<{ readonly ready: number; readonly dead: number; readonly oldestDueAgeMs: number; readonly dueLanes: number; readonly deepestLane: number }>;
}

export interface LaneRepository {
  /** Takes the lane if nobody holds a live lease. The fence grows with every taking. Null: held by somebody else. */
  acquire(lane: string, holder: string, now: EpochMs, leaseMs: number): Promise<number | null>;
  /**
   * Takes up to `limit` lanes that have a due head row and no live lease, oldest head first, in one go. Nodes that ask at
   * the same moment get different lanes and never wait for each other.
   */
  claimDue(holder: string, now: EpochMs, leaseMs: number, limit: number): Promise<readonly { readonly lane: string; readonly fence: number }[]>;
  /** False: the lease was lost (another fence). */
  renew(lane: string, fence: number, now: EpochMs, leaseMs: number): Promise<boolean>;
  release(lane: string, fence: number): Promise<void>;
  /** The same, when nothing in the lane is due. False: something is, or the lane is no longer ours. */
  releaseIdle(lane: string, fence: number, now: EpochMs): Promise<boolean>;
  /** Throws AppError `lane.fenced` (retry `conflict`) unless `fence` is still the lane's: called in the writing transaction. */
  assertFence(lane: string, fence: number): Promise<void>;
  /**
   * True when nobody holds the lane and nothing waits in it (due, or blocking). Nobody can take it or add to it until this
   * transaction ends, so what would be its next row may be done right here.
   */
  passable(lane: string, now: EpochMs): Promise<boolean>;
  /** `acquire`, if the lane is `passable`: in one statement. Null: it is not. */
  acquirePassable(lane: string, holder: string, now: EpochMs, leaseMs: number): Promise<number | null>;
  /** The newest time that a lane which is still held was taken at (fences begin at the clock); null when none is. */
  newestTaken(): Promise<EpochMs | null>;
  /** Housekeeping: forgets at most `limit` lanes whose lease ended before `before` (a day ago, say). Returns how many. */
  removeIdle(before: EpochMs, limit: number): Promise<number>;
}

/* ---- seats, sessions, trail ------------------------------------------------------------------------------------ */

/** `editor`: keeps the knowledge base; also a seat's rights. `department`: a person of an 承办单位, who sees its tickets and nothing else. */
export type SeatRole = 'seat' | 'editor' | 'supervisor' | 'administrator' | 'department';

export interface Seat {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly role: SeatRole;
  /** Role `department`: whose; null for all others. */
  readonly departmentId: string | null;
  readonly active: boolean;
  readonly createdAt: EpochMs;
}

export interface SeatRepository {
  create(seat: Seat, passwordHash: string): Promise<void>;
  get(id: string): Promise<Seat | null>;
  findByUsername(username: string): Promise<{ readonly seat: Seat; readonly passwordHash: string } | null>;
  list(): Promise<readonly Seat[]>;
  update(id: string, change: { readonly displayName?: string; readonly role?: SeatRole; readonly active?: boolean; readonly passwordHash?: string }): Promise<void>;
  count(): Promise<number>;
  /** Presence: a seat is online while its last beat is younger than the caller's limit. */
  beat(seatId: string, presence: 'online' | 'away' | 'offline', now: EpochMs): Promise<void>;
  /** Offline, unless another node has said something newer than the beat of this time. */
  leave(seatId: string, beatAt: EpochMs): Promise<void>;
  online(since: EpochMs): Promise<readonly string[]>;
  onlineCount(since: EpochMs): Promise<number>;
}

export interface SessionRepository {
  /** `tokenHash`: SHA-256 of the cookie; the token itself is never stored. */
  create(session: { readonly tokenHash: string; readonly seatId: string; readonly csrf: string; readonly createdAt: EpochMs; readonly expiresAt: EpochMs; readonly kind: 'cookie' | 'bearer' }): Promise<void>;
  find(tokenHash: string, now: EpochMs): Promise<{ readonly seatId: string; readonly csrf: string; readonly expiresAt: EpochMs; readonly kind: 'cookie' | 'bearer' } | null>;
  remove(tokenHash: string): Promise<void>;
  removeExpired(now: EpochMs): Promise<number>;
  removeOfSeat(seatId: string): Promise<void>;
}

export interface TrailEntry {
  readonly seq: number;
  readonly at: EpochMs;
  /** `seat:<id>`, `system`. */
  readonly actor: string;
  /** `identity.unmasked`, `seat.signed_in`, `conversation.taken_over`, `ticket.finished` … */
  readonly action: string;
  /** `citizen:<id>`, `conversation:<id>` … */
  readonly subject: string;
  /** Why, as the seat gave it; required for unmasking. */
  readonly purpose: string | null;
  readonly previousHash: string;
  /** SHA-256 over the canonical entry and previousHash, keyed. */
  readonly hash: string;
}

export interface TrailRepository {
  append(entry: { readonly at: EpochMs; readonly actor: string; readonly action: string; readonly subject: string; readonly purpose: string | null }): Promise<TrailEntry>;
  latest(limit: number): Promise<readonly TrailEntry[]>;
  /** Newest first, before this seq; by the indexes on actor, action and subject, else within a stretch of bounded length. */
  search(filter: TrailFilter, page: { readonly limit: number; readonly before?: number | undefined }): Promise<TrailPage>;
  /** Walks on from a mark (null: from the start), 1,000 entries a call, so that others get their turn between two. */
  check(from: TrailMark | null): Promise<TrailCheck>;
  /** Seq of the last entry; 0: there is none. */
  head(): Promise<number>;
  /** Walks the chain from the start; the first seq that does not hold, or null when it is whole. */
  verify(): Promise<number | null>;
}

export interface ChannelStateRepository {
  get(channel: string, key: string, now: EpochMs): Promise<string | null>;
  put(channel: string, key: string, value: string, expiresAt: EpochMs | null): Promise<void>;
}

export interface MediaRepository {
  save(media: { readonly token: string; readonly contentType: string; readonly name: string | null; readonly bytes: Buffer; readonly createdAt: EpochMs; readonly expiresAt: EpochMs | null }): Promise<void>;
  open(token: string, now: EpochMs): Promise<{ readonly contentType: string; readonly name: string | null; readonly bytes: Buffer } | null>;
  removeExpired(now: EpochMs): Promise<number>;
}

/* ---- the vault's key work -------------------------------------------------------------------------------------- */

/** Sealing at rest: AES-256-GCM with a fresh nonce; blind indexes by HMAC. Made by `createVault(key)`. */
export interface Vault {
  seal(text: string): string;
  /** AppError `vault.broken` when the text was not sealed with this key or was changed. */
  open(sealed: string): string;
  /** Deterministic, keyed, one-way: to find a phone number without storing it. `domain` keeps uses apart. */
  blindIndex(domain: string, value: string): string;
}
