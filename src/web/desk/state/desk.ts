import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Catalog, ConversationView, LiveFrame, SeatView, SessionView, TicketDraft, TicketView } from '../../shared/api-types.ts';
import type { Ports } from '../../shared/ports.ts';
import type { PresenceState } from '../../shared/queue-types.ts';
import { ApiError, createApi, type Api, type ListName } from '../api/client.ts';
import { createLive, type Live, type LiveState } from '../api/live.ts';
import { createAlerts, type Alerts } from './alerts.ts';
import { createDrafts, type Drafts } from './drafts.ts';
import { narrow, NO_FILTER, type Filter } from './filters.ts';
import { createActions, type Actions } from './keys.ts';
import { EMPTY_DESK, missingAfter, reduceDesk, rowsOf, type DeskEvent, type DeskState, type QueueView, type Transcript } from './model.ts';
import { createMentions, type Mentions } from './notes.ts';
import { createNotify, type Notify, type NotifyPorts } from './notify.ts';
import { createPreferences, type Preferences } from './preferences.ts';
import { createQueueState, type QueueState } from './queue.ts';
import { createReplies, type Replies } from './replies.ts';
import { createUndo, type Undo } from './undo.ts';
import { citizenLabel } from '../labels.ts';

export interface Desk {
  readonly api: Api;
  /** `undefined` while it is not known yet, `null` when nobody is signed in. */
  readonly session: ReadonlySignal<SessionView | null | undefined>;
  readonly state: ReadonlySignal<DeskState>;
  readonly live: ReadonlySignal<LiveState>;
  readonly presence: ReadonlySignal<PresenceState>;
  readonly view: Signal<QueueView>;
  readonly selectedId: ReadonlySignal<string | null>;
  readonly selected: ReadonlySignal<ConversationView | null>;
  readonly transcript: ReadonlySignal<Transcript | null>;
  /** The shown list, narrowed by the filter. */
  readonly rows: ReadonlySignal<readonly ConversationView[]>;
  readonly filter: Signal<Filter>;
  readonly actions: Actions;
  readonly mentions: Mentions;
  readonly queue: QueueState;
  readonly undo: Undo;
  readonly drafts: Drafts;
  readonly notify: Notify;
  readonly catalog: ReadonlySignal<Catalog | null>;
  readonly alerts: Alerts;
  readonly preferences: Preferences;
  /** The server's clock now, epoch ms; ticks every second. */
  readonly now: ReadonlySignal<number>;
  readonly replies: Replies;
  start(): Promise<void>;
  signIn(username: string, password: string): Promise<void>;
  signOut(): Promise<void>;
  setPresence(presence: PresenceState, reason?: string | null): Promise<void>;
  select(conversationId: string | null): void;
  take(conversation: ConversationView, force?: boolean): Promise<void>;
  /** After a pause in which it can be taken back. */
  handBack(conversation: ConversationView): void;
  close(conversation: ConversationView): void;
  decline(conversationId: string): void;
  accept(conversationId: string): Promise<void>;
  /** Does something to a conversation and shows the result; says why it could not. */
  act(conversation: ConversationView, run: () => Promise<ConversationView>): Promise<boolean>;
  /** The next page of the shown list; does nothing when there is none. */
  more(): Promise<void>;
  /** Earlier messages of the open conversation. */
  earlier(): Promise<void>;
  addNote(conversationId: string, given: { readonly kind: 'note' | 'whisper'; readonly text: string; readonly mentions: readonly string[] }): Promise<void>;
  sendFile(conversationId: string, file: File): Promise<void>;
  /** The page is left: what waits is done now. */
  leaving(): void;
  openTicket(conversationId: string, draft: TicketDraft): Promise<TicketView>;
  /** A key of one's own for what may be sent twice. */
  newId(): string;
  typing(conversationId: string): void;
  /** The seat looks at the selected conversation: what is unread there is read. */
  seen(): void;
  /** The window came back to the front or the network came back. */
  wake(): void;
}

export interface DeskOptions {
  readonly ports: Pick<Ports, 'fetch' | 'openSocket' | 'now' | 'after' | 'random' | 'newId'>;
  readonly liveUrl: string;
  /** Preferences of this browser; never throws. */
  readonly prefs: { read(): string | null; write(value: string): void };
  /** How news is heard; absent: not at all. */
  readonly notify?: NotifyPorts;
}

const SILENT: NotifyPorts = { tone: () => undefined, show: () => undefined, ask: async () => false, visible: () => true };

/** Everything is read again this often, in case a frame was lost on the way. */
const RESYNC_MS = 60_000;
/** Frames of a storm are applied together. */
const BATCH_MS = 80;
const TYPING_MS = 3_000;
/** Every desk follows these two; the others only while it shows them. */
const OWN_LISTS: readonly (readonly [ListName, number])[] = [['waiting', 200], ['mine', 200]];
const LONG_LISTS: Readonly<Record<QueueView, readonly (readonly [ListName, number])[]>> = { waiting: [], mine: [], others: [['human', 200]], bot: [['bot', 100]], closed: [['closed', 50]] };

/** The desk's one store: signals for what is shown, functions for what can be done. */
export function createDesk(options: DeskOptions): Desk {
  const { ports } = options;
  const preferences = createPreferences(options.prefs);
  const alerts = createAlerts(ports);
  const { complain } = alerts;

  const session = signal<SessionView | null | undefined>(undefined);
  const state = signal<DeskState>(EMPTY_DESK);
  const liveState = signal<LiveState>('connecting');
  const view = signal<QueueView>('waiting');
  const selectedId = signal<string | null>(null);
  const catalog = signal<Catalog | null>(null);
  const tick = signal(ports.now());
  const skew = signal(0);
  const filter = signal<Filter>(NO_FILTER);
  const now = computed(() => tick.value + skew.value);
  const actions = createActions();
  const undo = createUndo(ports);

  let frames: LiveFrame[] = [];
  let batching = false;
  let syncing: Promise<void> | null = null;
  let syncAgain = false;
  /** Long lists that were asked for what is behind this row. */
  const ended = new Set<string>();
  let lastTypingAt = 0;
  let readAt = new Map<string, number>();

  const seat = (): SeatView | null => session.value?.seat ?? null;
  /** An answer that comes after the seat has left belongs to nobody. */
  const apply = (event: DeskEvent): void => {
    if (seat() !== null) state.value = reduceDesk(state.value, event);
  };
  const api = createApi({ fetch: ports.fetch, signedOut: () => leave('登录已过期，请重新登录') });
  const mentions = createMentions(api, () => now.value);
  const drafts = createDrafts(api, ports);
  const queue = createQueueState(api, now, { state: 'online', reason: null, since: ports.now(), until: null });
  const presence = computed(() => queue.presence.value.state);
  const notify = createNotify({ preferences, ports: options.notify ?? SILENT, now: ports.now, selected: () => selectedId.value, open: (id) => select(id) });

  const live: Live = createLive({
    ports,
    url: options.liveUrl,
    state: (next) => void (liveState.value = next),
    frame(frame) {
      if (frame.type === 'hello') skew.value = frame.now - ports.now();
      if (frame.type === 'emergency') alerts.say('emergency', frame.category, frame.conversationId);
      frames.push(frame);
      if (batching) return;
      batching = true;
      ports.after(BATCH_MS, flush);
    },
    opened() {
      if (selectedId.value !== null) live.send({ type: 'watch', conversationId: selectedId.value });
      live.send({ type: 'view', view: view.value });
      void sync();
      // The server takes an open socket for presence; who said “away” says so again.
      if (presence.value === 'away') api.queue.setPresence('away', null).catch(complain);
    },
    refused: () => void checkSession(),
  });

  function flush(): void {
    batching = false;
    const batch = frames;
    frames = [];
    announce(batch);
    apply({ type: 'frames', frames: batch, now: ports.now(), seatId: seat()?.id ?? '' });
    void fillGap();
  }

  async function fillGap(): Promise<void> {
    const id = selectedId.value;
    if (id === null) return;
    const after = missingAfter(state.value.transcripts.get(id));
    if (after === null) return;
    try {
      apply({ type: 'more', conversationId: id, activities: await api.activities(id, after) });
    } catch {
      // the next frame or resync tries again
    }
  }

  /** Reads every list and the open conversation again. Two at a time would only be slower. */
  function sync(): Promise<void> {
    if (syncing !== null) {
      syncAgain = true;
      return syncing;
    }
    syncing = readAll().finally(() => {
      syncing = null;
      if (syncAgain) {
        syncAgain = false;
        void sync();
      }
    });
    return syncing;
  }

  async function readAll(): Promise<void> {
    if (seat() === null || seat()?.role === 'department') return;
    const since = state.value.clock;
    try {
      const answers = await Promise.all([...OWN_LISTS, ...LONG_LISTS[view.value]].map(([name, limit]) => api.conversations(name, limit)));
      const counts = answers[0]?.counts ?? state.value.counts;
      const conversations = answers.flatMap((answer) => answer.conversations);
      apply({ type: 'synced', conversations, counts, since, keep: selectedId.value, floors: floorsOf(conversations) });
      queue.rows(conversations, seat()?.id ?? '');
      if (selectedId.value !== null) await load(selectedId.value);
      await Promise.all([mentions.load().catch(() => undefined), queue.load()]);
      catalog.value ??= await api.catalog();
    } catch (error) {
      // A lost connection shows in the header already.
      if (error instanceof ApiError && (error.status === 0 || error.status === 401)) return;
      complain(error);
    }
  }

  async function load(id: string): Promise<void> {
    const detail = await api.conversation(id);
    apply({ type: 'detail', detail });
    drafts.learn(id, detail.draft ?? null);
    void fillGap();
    // Notes are beside what was said: without them the conversation is still whole.
    api.deskWork.notes(id).then((notes) => apply({ type: 'notes', conversationId: id, notes }), () => undefined);
  }

  async function checkSession(): Promise<void> {
    try {
      if (seat() !== null && (await api.session()) === null) leave('登录已过期，请重新登录');
    } catch {
      // the server is away; the socket keeps trying
    }
  }

  function leave(reason: string): void {
    if (seat() === null) return;
    live.stop();
    session.value = null;
    // What was on the screen belongs to whoever was signed in.
    state.value = EMPTY_DESK;
    selectedId.value = null;
    alerts.clear();
    catalog.value = null;
    readAt = new Map();
    drafts.forget();
    mentions.clear();
    queue.clear();
    filter.value = NO_FILTER;
    alerts.say('info', reason);
  }

  async function enter(next: SessionView): Promise<void> {
    session.value = next;
    // A department works on tickets alone: no queue, no socket, no presence.
    if (next.seat.role === 'department') {
      catalog.value = await api.catalog().catch(() => null);
      return;
    }
    const kept = preferences.presenceOf(next.seat.id);
    queue.setOwn({ state: kept, reason: null, since: now.value, until: null });
    preferences.keepPresence(next.seat.id, kept);
    live.start();
    // A seat that was away in its last session is online again only if it says so, and the other way round.
    await api.queue.setPresence(kept, null).catch(complain);
    mentions.loadColleagues().catch(() => undefined); // names for mentions; asked again when they are needed
  }

  /** Does something to a conversation and shows the result; a conflict shows who has it now. */
  async function act(conversation: ConversationView, run: () => Promise<ConversationView>): Promise<boolean> {
    try {
      apply({ type: 'conversation', conversation: await run() });
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) await load(conversation.id).catch(() => undefined);
      complain(error instanceof ApiError && error.status === 409 ? new ApiError(409, error.code, conflictText(conversation.id, error)) : error);
      return false;
    }
  }

  function conflictText(id: string, error: ApiError): string {
    const now = state.value.conversations.get(id);
    return now?.owner === 'human' && now.seatId !== seat()?.id ? `${now.seatName ?? '其他坐席'}已接管这个会话` : error.message;
  }

  // A long list is read when it is opened, and followed while it is shown.
  view.subscribe((shown) => {
    live.send({ type: 'view', view: shown });
    if (liveState.value === 'online') void sync();
  });

  function select(id: string | null): void {
    if (id === selectedId.value) return;
    selectedId.value = id;
    if (id === null) return;
    live.send({ type: 'watch', conversationId: id });
    load(id).catch(complain);
    alerts.looked(id);
    mentions.looked(id);
  }

  /** What is worth a tone: looked at before it changes what is known. */
  function announce(batch: readonly LiveFrame[]): void {
    const me = seat()?.id ?? '';
    const who = (id: string): string => {
      const row = state.value.conversations.get(id);
      return row === undefined ? '新的会话' : citizenLabel(row);
    };
    const told = new Set<string>();
    for (const frame of batch) {
      if (queue.frame(frame, me) && frame.type === 'offer') notify.tell('offer', who(frame.conversationId), frame.conversationId);
      if (frame.type === 'emergency') notify.tell('emergency', who(frame.conversationId), frame.conversationId);
      if (frame.type === 'note' && mentions.heard(frame.note, me)) {
        notify.tell('mention', frame.note.seatName, frame.note.conversationId);
        if (selectedId.value === frame.note.conversationId) mentions.looked(frame.note.conversationId);
      }
      if (frame.type !== 'conversation') continue;
      const row = frame.conversation;
      queue.rows([row], me);
      const known = state.value.conversations.get(row.id);
      if (row.seatId !== me || told.has(row.id) || row.unread <= (known?.unread ?? 0)) continue;
      told.add(row.id);
      notify.tell('message', citizenLabel(row), row.id);
    }
  }

  const replies = createReplies({ api, ports, apply, holds: () => preferences.recall.value, conflict: (id) => void load(id).catch(() => undefined) });
  const selected = computed(() => (selectedId.value === null ? null : (state.value.conversations.get(selectedId.value) ?? null)));

  function second(): void {
    tick.value = ports.now();
    ports.after(1_000, second);
  }

  function resyncLater(): void {
    ports.after(RESYNC_MS, () => {
      if (seat() !== null && liveState.value === 'online') void sync();
      resyncLater();
    });
  }

  return {
    api,
    session,
    state,
    live: liveState,
    presence,
    view,
    selectedId,
    selected,
    transcript: computed(() => (selectedId.value === null ? null : (state.value.transcripts.get(selectedId.value) ?? null))),
    rows: computed(() => narrow(rowsOf(state.value, view.value, session.value?.seat.id ?? ''), filter.value, mentions.conversations.value)),
    filter,
    actions,
    mentions,
    queue,
    undo,
    drafts,
    notify,
    catalog,
    alerts,
    now,
    preferences,
    replies,
    async start() {
      second();
      resyncLater();
      try {
        const found = await api.session();
        if (found === null) session.value = null;
        else await enter(found);
      } catch (error) {
        session.value = null;
        complain(error);
      }
    },
    signIn: async (username, password) => enter(await api.signIn(username, password)),
    async signOut() {
      await api.signOut().catch(() => undefined);
      leave('已退出登录');
    },
    async setPresence(next, reason = null) {
      const before = queue.presence.value;
      const keep = (state: PresenceState): void => preferences.keepPresence(seat()?.id ?? '', state === 'away' ? 'away' : 'online');
      queue.setOwn({ state: next, reason, since: now.value, until: null });
      keep(next);
      try {
        await api.queue.setPresence(next, reason);
      } catch (error) {
        queue.setOwn(before);
        keep(before.state);
        complain(error);
      }
    },
    select,
    async take(conversation, force = false) {
      await act(conversation, () => api.take(conversation.id, conversation.version, force));
      // It has left the list it was found in: follow it.
      if (state.value.conversations.get(conversation.id)?.seatId === seat()?.id) view.value = 'mine';
    },
    handBack: (conversation) => undo.later(conversation.id, `把${citizenLabel(conversation)}交还机器人`, (last) => void act(conversation, () => api.handBack(conversation.id, last))),
    close: (conversation) => undo.later(conversation.id, `结束与${citizenLabel(conversation)}的会话`, (last) => void act(conversation, () => api.close(conversation.id, last))),
    decline(id) {
      queue.drop(id);
      undo.later(`offer:${id}`, '谢绝派给您的会话', (last) => void api.queue.decline(id, last).catch(complain));
    },
    async accept(id) {
      undo.undo(`offer:${id}`);
      try {
        apply({ type: 'conversation', conversation: await api.queue.accept(id) });
        view.value = 'mine';
        select(id);
      } catch (error) {
        complain(error);
      }
      queue.drop(id);
    },
    act,
    async more() {
      const [list] = LONG_LISTS[view.value];
      const oldest = rowsOf(state.value, view.value, seat()?.id ?? '').at(-1);
      if (list === undefined || oldest === undefined || ended.has(`${view.value}:${oldest.id}`)) return;
      ended.add(`${view.value}:${oldest.id}`);
      try {
        const page = await api.conversations(list[0], list[1], oldest.lastActivityAt);
        apply({ type: 'page', conversations: page.conversations });
      } catch {
        ended.delete(`${view.value}:${oldest.id}`); // scrolling again asks again
      }
    },
    async earlier() {
      const id = selectedId.value;
      const first = id === null ? undefined : state.value.transcripts.get(id)?.activities[0];
      if (id === null || first === undefined || first.seq <= 1) return;
      apply({ type: 'more', conversationId: id, activities: await api.earlier(id, first.seq) });
    },
    async addNote(id, given) {
      const note = await api.deskWork.addNote(id, given);
      apply({ type: 'notes', conversationId: id, notes: [note] });
    },
    async sendFile(id, file) {
      const { conversation, activity } = await api.deskWork.sendFile(id, file, ports.newId());
      apply({ type: 'more', conversationId: id, activities: [activity] });
      apply({ type: 'conversation', conversation });
    },
    leaving() {
      undo.hurry(undefined, true);
      replies.flush();
      drafts.flush();
    },
    async openTicket(id, draft) {
      const ticket = await api.openTicket(id, draft);
      apply({ type: 'ticket', ticket });
      return ticket;
    },
    newId: () => ports.newId(),
    typing(id) {
      if (ports.now() - lastTypingAt < TYPING_MS) return;
      lastTypingAt = ports.now();
      live.send({ type: 'typing', conversationId: id });
    },
    seen() {
      const conversation = selected.value;
      if (conversation === null || conversation.seatId !== seat()?.id || conversation.unread === 0) return;
      if ((readAt.get(conversation.id) ?? 0) >= conversation.lastSeq) return;
      readAt.set(conversation.id, conversation.lastSeq);
      api.read(conversation.id, conversation.lastSeq).then(
        (answer) => apply({ type: 'conversation', conversation: answer }),
        () => readAt.delete(conversation.id),
      );
    },
    wake() {
      if (seat()?.role === 'department') return;
      live.wake();
      if (seat() !== null) void sync();
    },
  };
}

/** Of each owner the oldest row that was read: older ones that scrolling has brought are not gone because of it. */
function floorsOf(conversations: readonly ConversationView[]): Readonly<Partial<Record<ConversationView['owner'], number>>> {
  const floors: Partial<Record<ConversationView['owner'], number>> = {};
  for (const { owner, lastActivityAt } of conversations) if (owner === 'closed' || owner === 'bot') floors[owner] = Math.min(floors[owner] ?? lastActivityAt, lastActivityAt);
  return floors;
}
