import type { ActivityView, ConversationView, Counts, LiveFrame, Owner, ReceiptView, TicketView } from '../../shared/api-types.ts';
import type { FilesView, NoteView } from '../../shared/desk-work-types.ts';
import type { ConversationDetail } from '../api/client.ts';

/** What the desk knows of conversations. One immutable value and one pure reducer; the server is always right. */

export interface PendingReply {
  readonly clientId: string;
  readonly text: string;
  readonly at: number;
  /** Why it was not sent; null while it is on its way. */
  readonly error: string | null;
  /** It waits until then and can be taken back; absent: it is on its way. */
  readonly heldUntil?: number;
}

export interface Transcript {
  /** By seq, without repeats. */
  readonly activities: readonly ActivityView[];
  readonly receipts: ReadonlyMap<string, ReceiptView>;
  readonly tickets: readonly TicketView[];
  readonly pending: readonly PendingReply[];
  /** Private notes, oldest first. */
  readonly notes: readonly NoteView[];
  /** Can a seat send a file? Null until it is known. */
  readonly files: FilesView | null;
  /** Epoch ms until which the citizen counts as typing. */
  readonly typingUntil: number;
}

export interface DeskState {
  readonly conversations: ReadonlyMap<string, ConversationView>;
  readonly counts: Counts;
  /** Only of conversations that were opened on this desk. */
  readonly transcripts: ReadonlyMap<string, Transcript>;
  /** Grows with each event; `touched` says at which number a conversation was last heard of. */
  readonly clock: number;
  readonly touched: ReadonlyMap<string, number>;
}

const NO_TRANSCRIPT: Transcript = { activities: [], receipts: new Map(), tickets: [], pending: [], notes: [], files: null, typingUntil: 0 };
export const EMPTY_DESK: DeskState = { conversations: new Map(), counts: { bot: 0, waiting: 0, human: 0, closed: 0 }, transcripts: new Map(), clock: 0, touched: new Map() };

/** A typing sign that nothing follows. */
const TYPING_MS = 6_000;
/** Rows of lists that no one works through from top to bottom; the newest are kept. */
const KEPT_ROWS = 200;
/** Of those that have ended a seat may look further back. */
const KEPT_ENDED = 1_000;

export type DeskEvent =
  /** Every list was read again; `since` is the state's clock when the reading began. */
  | { readonly type: 'synced'; readonly conversations: readonly ConversationView[]; readonly counts: Counts; readonly since: number; readonly keep: string | null; /** Of a list that goes on: what is older than the last row that was read is not judged. */ readonly floors?: Readonly<Partial<Record<Owner, number>>> }
  /** The next page of a long list. */
  | { readonly type: 'page'; readonly conversations: readonly ConversationView[] }
  | { readonly type: 'notes'; readonly conversationId: string; readonly notes: readonly NoteView[] }
  | { readonly type: 'detail'; readonly detail: ConversationDetail }
  | { readonly type: 'more'; readonly conversationId: string; readonly activities: readonly ActivityView[] }
  | { readonly type: 'conversation'; readonly conversation: ConversationView }
  | { readonly type: 'frames'; readonly frames: readonly LiveFrame[]; readonly now: number; readonly seatId: string }
  | { readonly type: 'replying'; readonly conversationId: string; readonly pending: PendingReply }
  | { readonly type: 'replied'; readonly conversationId: string; readonly clientId: string; readonly activity: ActivityView }
  | { readonly type: 'replyFailed'; readonly conversationId: string; readonly clientId: string; readonly error: string | null }
  | { readonly type: 'replyDropped'; readonly conversationId: string; readonly clientId: string }
  | { readonly type: 'ticket'; readonly ticket: TicketView };

export function reduceDesk(state: DeskState, event: DeskEvent): DeskState {
  const next = { ...state, clock: state.clock + 1 };
  switch (event.type) {
    case 'synced':
      return synced(next, event);
    case 'detail': {
      const { conversation, activities, tickets, receipts } = event.detail;
      const withRow = upsert(next, conversation);
      return transcript(withRow, conversation.id, (old) => ({ ...old, activities: merge(old.activities, activities), tickets, receipts: receiptMap(old.receipts, receipts), files: event.detail.files ?? old.files }));
    }
    case 'page':
      return event.conversations.reduce(upsert, next);
    case 'notes':
      return transcript(next, event.conversationId, (old) => ({ ...old, notes: mergeNotes(old.notes, event.notes) }));
    case 'more':
      return transcript(next, event.conversationId, (old) => ({ ...old, activities: merge(old.activities, event.activities) }));
    case 'conversation':
      return prune(upsert(next, event.conversation), null);
    case 'frames':
      return prune(
        event.frames.reduce((before, frame) => withFrame(before, frame, event.now, event.seatId), next),
        null,
      );
    case 'replying':
      return transcript(next, event.conversationId, (old) => ({ ...old, pending: [...old.pending, event.pending] }));
    case 'replied':
      return transcript(next, event.conversationId, (old) => ({ ...old, activities: merge(old.activities, [event.activity]), pending: without(old.pending, event.clientId) }));
    case 'replyFailed':
      return transcript(next, event.conversationId, (old) => ({ ...old, pending: old.pending.map((pending) => (pending.clientId === event.clientId ? { ...pending, error: event.error } : pending)) }));
    case 'replyDropped':
      return transcript(next, event.conversationId, (old) => ({ ...old, pending: without(old.pending, event.clientId) }));
    case 'ticket':
      return withTicket(next, event.ticket);
  }
}

const without = (pending: readonly PendingReply[], clientId: string): PendingReply[] => pending.filter((one) => one.clientId !== clientId);

function synced(state: DeskState, event: Extract<DeskEvent, { type: 'synced' }>): DeskState {
  const listed = new Set(event.conversations.map((conversation) => conversation.id));
  const conversations = new Map(state.conversations);
  for (const [id, known] of state.conversations) {
    // Who is in need while the bot has them may be on no list that was read; the socket tells everybody when it is over.
    if (known.emergency !== null && known.owner === 'bot') continue;
    // Not in any list any more, and nothing newer was heard of it since: it left while this desk was not connected.
    if (known.lastActivityAt < (event.floors?.[known.owner] ?? 0)) continue;
    if (!listed.has(id) && id !== event.keep && (state.touched.get(id) ?? 0) <= event.since) conversations.delete(id);
  }
  const cleaned = event.conversations.reduce(upsert, { ...state, conversations });
  return prune({ ...cleaned, counts: event.counts }, event.keep);
}

/** Takes a row unless a newer one is known; moves the counts along when its owner changed. */
function upsert(state: DeskState, conversation: ConversationView): DeskState {
  const known = state.conversations.get(conversation.id);
  if (known !== undefined && known.version > conversation.version) return state;
  const conversations = new Map(state.conversations).set(conversation.id, conversation);
  const touched = new Map(state.touched).set(conversation.id, state.clock);
  const counts = known === undefined || known.owner === conversation.owner ? state.counts : moved(state.counts, known.owner, conversation.owner);
  return { ...state, conversations, touched, counts };
}

const moved = (counts: Counts, from: Owner, to: Owner): Counts => ({ ...counts, [from]: Math.max(0, counts[from] - 1), [to]: counts[to] + 1 });

/** A busy city's bot talks to thousands: only the newest rows of the long lists stay. */
function prune(state: DeskState, keep: string | null): DeskState {
  if (state.conversations.size <= KEPT_ROWS * 2) return state;
  const conversations = new Map(state.conversations);
  for (const owner of ['bot', 'closed'] as const) {
    const rows = [...conversations.values()].filter((row) => row.owner === owner && row.emergency === null && row.id !== keep && !state.transcripts.has(row.id)).sort((a, b) => b.lastActivityAt - a.lastActivityAt);
    for (const row of rows.slice(owner === 'closed' ? KEPT_ENDED : KEPT_ROWS)) conversations.delete(row.id);
  }
  const touched = new Map([...state.touched].filter(([id]) => conversations.has(id)));
  return { ...state, conversations, touched };
}

function withFrame(state: DeskState, frame: LiveFrame, now: number, seatId: string): DeskState {
  switch (frame.type) {
    case 'conversation':
      return upsert(state, frame.conversation);
    case 'activity': {
      if (!state.transcripts.has(frame.conversationId)) return state;
      const { activity } = frame;
      return transcript(state, frame.conversationId, (old) => ({
        ...old,
        activities: merge(old.activities, [activity]),
        typingUntil: activity.role === 'citizen' ? 0 : old.typingUntil,
        pending: activity.role === 'seat' && activity.seatId === seatId ? settle(old.pending, activity) : old.pending,
      }));
    }
    case 'typing':
      if (frame.role !== 'citizen' || !state.transcripts.has(frame.conversationId)) return state;
      return transcript(state, frame.conversationId, (old) => ({ ...old, typingUntil: now + TYPING_MS }));
    case 'receipt':
      if (!state.transcripts.has(frame.conversationId)) return state;
      return transcript(state, frame.conversationId, (old) => ({ ...old, receipts: receiptMap(old.receipts, [frame.receipt]) }));
    case 'ticket':
      return withTicket(state, frame.ticket);
    case 'counts':
      return { ...state, counts: frame.counts };
    case 'note':
      if (!state.transcripts.has(frame.note.conversationId)) return state;
      return transcript(state, frame.note.conversationId, (old) => ({ ...old, notes: mergeNotes(old.notes, [frame.note]) }));
    case 'hello':
    case 'emergency':
    case 'storm':
    case 'campaign':
    case 'inspection':
    case 'offer':
    case 'presence':
    case 'queue':
      return state;
  }
}

/** The news of an own reply may outrun the answer to the request that sent it: then the bubble on its way has arrived. */
function settle(pending: readonly PendingReply[], activity: ActivityView): readonly PendingReply[] {
  const { content } = activity;
  const at = pending.findIndex((one) => content.type === 'message' && one.text === content.text);
  return at < 0 ? pending : pending.filter((_one, index) => index !== at);
}

function withTicket(state: DeskState, ticket: TicketView): DeskState {
  let next = state;
  for (const [id, known] of state.transcripts) {
    const sameCitizen = state.conversations.get(id)?.citizen.id === ticket.citizenId;
    const at = known.tickets.findIndex((other) => other.id === ticket.id);
    if (at < 0 && !sameCitizen && ticket.conversationId !== id) continue;
    if (at >= 0 && (known.tickets[at]?.version ?? 0) > ticket.version) continue;
    next = transcript(next, id, (old) => ({ ...old, tickets: at < 0 ? [ticket, ...old.tickets] : old.tickets.map((other) => (other.id === ticket.id ? ticket : other)) }));
  }
  return next;
}

function transcript(state: DeskState, id: string, change: (old: Transcript) => Transcript): DeskState {
  return { ...state, transcripts: new Map(state.transcripts).set(id, change(state.transcripts.get(id) ?? NO_TRANSCRIPT)) };
}

function merge(known: readonly ActivityView[], more: readonly ActivityView[]): readonly ActivityView[] {
  const ids = new Set(known.map((activity) => activity.id));
  const fresh = more.filter((activity) => !ids.has(activity.id));
  return fresh.length === 0 ? known : [...known, ...fresh].sort((a, b) => a.seq - b.seq);
}

function mergeNotes(known: readonly NoteView[], more: readonly NoteView[]): readonly NoteView[] {
  const ids = new Set(known.map((note) => note.id));
  const fresh = more.filter((note) => !ids.has(note.id));
  return fresh.length === 0 ? known : [...known, ...fresh].sort((a, b) => a.at - b.at);
}

/** The newest checkpoint of each activity counts. */
function receiptMap(known: ReadonlyMap<string, ReceiptView>, more: readonly ReceiptView[]): ReadonlyMap<string, ReceiptView> {
  const next = new Map(known);
  for (const receipt of more) if ((next.get(receipt.activityId)?.at ?? 0) <= receipt.at) next.set(receipt.activityId, receipt);
  return next;
}

/** The seq behind which an open transcript misses something, or null when it is whole. */
export function missingAfter(transcript: Transcript | undefined): number | null {
  const activities = transcript?.activities ?? [];
  for (let at = 1; at < activities.length; at += 1) {
    const before = activities[at - 1]?.seq ?? 0;
    if ((activities[at]?.seq ?? 0) > before + 1) return before;
  }
  return null;
}

export type QueueView = 'waiting' | 'mine' | 'others' | 'bot' | 'closed';

/** One list of the queue, in the order in which it should be worked through. */
export function rowsOf(state: DeskState, view: QueueView, seatId: string): ConversationView[] {
  const rows = [...state.conversations.values()];
  switch (view) {
    case 'waiting':
      return rows.filter((row) => row.owner === 'waiting').sort((a, b) => urgencyOrder(a, b) || (a.waitingSince ?? a.lastActivityAt) - (b.waitingSince ?? b.lastActivityAt));
    case 'mine':
      return rows.filter((row) => row.owner === 'human' && row.seatId === seatId).sort((a, b) => urgencyOrder(a, b) || b.lastActivityAt - a.lastActivityAt);
    case 'bot':
      return rows.filter((row) => row.owner === 'bot').sort((a, b) => urgencyOrder(a, b) || b.lastActivityAt - a.lastActivityAt).slice(0, KEPT_ROWS);
    case 'others':
      return rows.filter((row) => row.owner === 'human' && row.seatId !== seatId).sort((a, b) => urgencyOrder(a, b) || b.lastActivityAt - a.lastActivityAt);
    case 'closed':
      return rows.filter((row) => row.owner === 'closed').sort((a, b) => b.lastActivityAt - a.lastActivityAt).slice(0, KEPT_ENDED);
  }
}

const urgencyOrder = (a: ConversationView, b: ConversationView): number => Number(b.emergency !== null) - Number(a.emergency !== null);
