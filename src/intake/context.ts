import type { Bus, LaneLease, WokenRow } from '../bus/contract.ts';
import type { Channel, LiveEvent, MediaStore, NotificationTemplate, Told } from '../channel/contract.ts';
import type { CityData } from '../config/city.ts';
import type { Dialog } from './dialog-port.ts';
import type { EpochMs } from '../domain/activity.ts';
import type { KnowledgeAnswer } from '../dialog/types.ts';
import type { LegalClock } from '../domain/legal-clock.ts';
import type { Item } from '../domain/config-files.ts';
import type { Conversation, ItemSuggestion } from '../domain/conversation.ts';
import type { KnowledgeEntry } from '../domain/knowledge.ts';
import type { Matcher } from '../matcher/types.ts';
import { codeOf, isAppError } from '../domain/errors.ts';
import type { JsonValue } from '../domain/json.ts';
import type { Ticket, TicketEventType } from '../domain/ticket.ts';
import type { DeliveryReceipt, OutboxDraft, OutboxRow, Repositories, Store } from '../store/contract.ts';
import type { LiveHub } from './live.ts';
import type { Spool } from './spool/contract.ts';
import type { StateMemory } from './state-memory.ts';
import type { Storm } from './storm/contract.ts';
import { withTrace, type Tracer } from './trace.ts';
import type { TurnWaiters } from './waiters.ts';

/** Everything intake works with, wired once in main.ts. */
export interface IntakeContext {
  readonly store: Store;
  readonly bus: Pick<Bus, 'wake' | 'hasRoom' | 'adopt'>;
  /** How this process takes lanes; the same as its bus. */
  readonly lease: { readonly holder: string; readonly ms: number };
  /** Does this process do turns (role `worker`, and not stopping)? Then a message is turned in the transaction that takes it. */
  readonly turnsHere: () => boolean;
  /** Turns are thought out before their transaction, because other processes want to write meanwhile (rehearse.ts). */
  readonly thinksAhead?: boolean;
  readonly now: () => EpochMs;
  /** Time-ordered unique ids (UUID version 7). */
  readonly newId: () => string;
  readonly city: CityData;
  readonly clock: LegalClock;
  readonly dialog: Dialog;
  readonly knowledge: KnowledgeSnapshot;
  /** `lane`: those of this lane too (`Item.lane`); absent: only what every citizen may be suggested. */
  readonly suggestItems: (text: string, lane?: Item['lane']) => readonly ItemSuggestion[];
  /** Null when no such channel runs. */
  readonly channel: (name: string) => Channel | null;
  /** Absolute public address of a `media:` url; other urls pass unchanged. */
  readonly mediaUrl: (url: string) => string;
  readonly media: MediaStore;
  readonly live: LiveHub;
  readonly waiters: TurnWaiters;
  readonly log: Log;
  readonly meter: Meter;
  readonly trace: Tracer;
  readonly states: StateMemory;
  /** Takes webhooks while the database is away; absent: they are refused with 503 then, and the peer resends. */
  readonly spool?: Pick<Spool, 'take' | 'ask' | 'stats'>;
  /** Is the citizen or a partner to be told of such an event? Absent: nobody is. */
  readonly hears?: (type: TicketEventType, ticket: Ticket) => boolean;
  /** Storm mode; absent: never. */
  readonly storm?: Storm;
  /** Has notices told by a way that needs no conversation (src/outbound). Absent: they wait for the citizen's next word. */
  readonly reach?: (unit: Unit, given: { readonly citizenId: string; readonly ids: readonly string[]; readonly template: NotificationTemplate }) => Promise<void>;
  /** What a message means as a word about being written to; a wish is kept in the open transaction. Absent: nothing. */
  readonly consentWord?: (unit: Unit, given: { readonly citizenId: string; readonly text: string; readonly place: 'sms' | 'chat' }) => Promise<'stop' | 'start' | 'idle' | null>;
  /** Stores what a peer tells of what we began, in one transaction, and resolves after it; of no effect when it comes again. Absent: the house begins nothing, and the peer is asked to come again. */
  readonly heed?: (channel: string, told: Told) => Promise<void>;
  /** The dialog has found an emergency in a conversation; in the turn's own transaction. Absent: nobody is brought in by rule. */
  readonly emergency?: (unit: Unit, conversation: Conversation) => Promise<void>;
  /** A conversation was ended by its peer (a caller has hung up); in that transaction. Absent: nobody else talks in it. */
  readonly hungUp?: (unit: Unit, conversation: Conversation) => Promise<void>;
}

/** The knowledge base as it is now. Take what one answer needs in one go: the next moment it may be another. */
export interface KnowledgeSnapshot {
  /** Over public entries only: what citizens get. */
  readonly matcher: Matcher;
  /** Over all entries, those for the desk included. */
  readonly deskMatcher: Matcher;
  /** A public entry as an answer; null for an unknown id and for entries that only the desk may see. */
  readonly entry: (id: string) => KnowledgeAnswer | null;
  readonly full: (id: string) => KnowledgeEntry | null;
  /** Every published entry, today's or not, and how far the store has been read; absent where nothing follows the store. */
  readonly entries?: () => Iterable<KnowledgeEntry>;
  readonly status?: () => { readonly seq: number };
}

/** The shape of pino's logger that the house uses; facts never hold personal data. */
export interface Log {
  debug(facts: object, text: string): void;
  info(facts: object, text: string): void;
  warn(facts: object, text: string): void;
  error(facts: object, text: string): void;
}

/** Counters and timers that /metrics shows. */
export interface Meter {
  count(name: MeterName, labels: Readonly<Record<string, string>>): void;
  /** Seconds. */
  time(stage: Stage, seconds: number): void;
}
/** `verify`: a webhook's signature and reading; `store`: taken and committed (its turn too, when it happens at once); `wait`: due until its turn begins; `turn`; `deliver`: a send. */
export type Stage = 'verify' | 'store' | 'wait' | 'turn' | 'deliver';
export type MeterName = 'received' | 'refused' | 'duplicate' | 'answered' | 'ticket_opened' | 'handoff' | 'emergency' | 'sent' | 'job' | 'limited' | 'ticket_moved' | 'storm_joined';

/** Repositories of an open write transaction plus what must be told to others once it is committed. */
export interface Unit {
  readonly repos: Repositories;
  readonly after: AfterCommit[];
  /** `traceparent` of the span that this unit belongs to. */
  readonly trace: string | null;
}
export type AfterCommit =
  | { readonly kind: 'live'; readonly conversationId: string; readonly event: LiveEvent }
  | { readonly kind: 'conversation'; readonly conversationId: string }
  | { readonly kind: 'ticket'; readonly ticketId: string; readonly conversationId: string | null }
  /** Knowledge was published or taken back. */
  | { readonly kind: 'knowledge' }
  | { readonly kind: 'receipt'; readonly conversationId: string; readonly receipt: DeliveryReceipt }
  | { readonly kind: 'emergency'; readonly conversationId: string; readonly category: string }
  /** A conversation is offered to this seat; `until` null: the offer is over (accepted, declined, out of time, taken by another). */
  /** A private note of the desk; `mentions`: seats that are named in it. */
  | { readonly kind: 'note'; readonly conversationId: string; readonly noteId: string; readonly mentions: readonly string[] }
  | { readonly kind: 'offer'; readonly conversationId: string; readonly groupId: string; readonly seatId: string; readonly until: EpochMs | null; readonly offer: 'queue' | 'transfer' }
  /** What these seats say of themselves, or how much they have, is another than before. */
  | { readonly kind: 'presence'; readonly seatIds: readonly string[] }
  /** Somebody began or ceased to wait in these groups. */
  | { readonly kind: 'queue'; readonly groupIds: readonly string[] }
  /** A campaign of calls has gone on. */
  | { readonly kind: 'campaign'; readonly campaignId: string }
  /** A person has gone on with an inspection that concerns these seats. */
  | { readonly kind: 'inspection'; readonly inspectionId: string; readonly move: 'judge' | 'appeal' | 'rejudge'; readonly seatIds: readonly string[] }
  | { readonly kind: 'count'; readonly name: MeterName; readonly labels: Readonly<Record<string, string>> }
  | { readonly kind: 'state'; readonly conversationId: string; readonly version: number; readonly state: JsonValue }
  | { readonly kind: 'wake'; readonly rows: readonly WokenRow[] }
  | { readonly kind: 'adopt'; readonly lease: LaneLease; readonly rows: readonly OutboxRow[] };

/** Runs of one unit when two writers of PostgreSQL meet on one conversation; on SQLite they come one after the other. */
const MAX_RUNS = 5;

/**
 * One transaction whose announcements happen after the commit, never before: a socket must not show what a crash
 * could take back. Everything is read inside, so a unit that lost a race for its conversation is simply run again: a
 * peer must not be refused because two messages came at once.
 */
export async function writeUnit<Result>(context: IntakeContext, fn: (unit: Unit) => Promise<Result>, trace: string | null = null): Promise<Result> {
  for (let run = 1; ; run += 1) {
    let after: AfterCommit[] = [];
    try {
      const result = await context.store.write((repos) => {
        after = []; // the store may run this again after a serialization failure
        return fn({ repos, after, trace });
      });
      announce(context, after);
      return result;
    } catch (error) {
      if (run >= MAX_RUNS || !isAppError(error) || error.code !== 'conversation.conflict') throw error;
    }
  }
}

/** Adds rows to the outbox and has the bus told of them after the commit. */
export async function enqueue(unit: Unit, drafts: readonly OutboxDraft[]): Promise<void> {
  if (drafts.length === 0) return;
  await unit.repos.outbox.add(drafts.map((draft) => ({ ...draft, payload: withTrace(draft.payload, unit.trace) })));
  unit.after.push({ kind: 'wake', rows: drafts.map(({ id, lane, availableAt }) => ({ id, lane, availableAt })) });
}

/** Never throws: what is committed must not look failed because of a listener or a counter. */
function announce(context: IntakeContext, after: readonly AfterCommit[]): void {
  for (const item of after) {
    try {
      tell(context, item);
    } catch (error) {
      context.log.error({ kind: item.kind, code: codeOf(error) }, 'committed, but not announced');
    }
  }
}

function tell(context: IntakeContext, item: AfterCommit): void {
  switch (item.kind) {
    case 'live':
      context.live.publish(item.conversationId, item.event);
      break;
    case 'wake':
      context.bus.wake(item.rows);
      break;
    case 'adopt':
      context.bus.adopt(item.lease, item.rows);
      break;
    case 'state':
      context.states.put(item.conversationId, item.version, item.state);
      break;
    case 'count':
      context.meter.count(item.name, item.labels);
      break;
    case 'conversation':
    case 'ticket':
    case 'knowledge':
    case 'receipt':
    case 'emergency':
    case 'note':
    case 'offer':
    case 'presence':
    case 'queue':
    case 'campaign':
    case 'inspection':
      context.live.publishDesk(item);
      break;
  }
}
