import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Catalog, ConversationView, LiveFrame, Presence, SeatView, SessionView, TicketDraft, TicketView } from '../../shared/api-types.ts';
import type { Ports } from '../../shared/ports.ts';
import { ApiError, createApi, type Api, type ListName } from '../api/client.ts';
import { createLive, type Live, type LiveState } from '../api/live.ts';
import { createAlerts, type Alerts } from './alerts.ts';
import { EMPTY_DESK, missingAfter, reduceDesk, rowsOf, type DeskEvent, type DeskState, type QueueView, type Transcript } from './model.ts';
import { createPreferences, type Preferences } from './preferences.ts';
import { createReplies, type Replies } from './replies.ts';

export interface Desk {
  readonly api: Api;
  /** `undefined` while it is not known yet, `null` when nobody is signed in. */
  readonly session: ReadonlySignal<SessionView | null | undefined>;
  readonly state: ReadonlySignal<DeskState>;
  readonly live: ReadonlySignal<LiveState>;
  readonly presence: ReadonlySignal<Presence>;
  readonly view: Signal<QueueView>;
  readonly selectedId: ReadonlySignal<string | null>;
  readonly selected: ReadonlySignal<ConversationView | null>;
  readonly transcript: ReadonlySignal<Transcript | null>;
  readonly rows: ReadonlySignal<readonly ConversationView[]>;
  readonly catalog: ReadonlySignal<Catalog | null>;
  readonly alerts: Alerts;
  readonly preferences: Preferences;
  /** The server's clock now, epoch ms; ticks every second. */
  readonly now: ReadonlySignal<number>;
  readonly replies: Replies;
  start(): Promise<void>;
  signIn(username: string, password: string): Promise<void>;
  signOut(): Promise<void>;
  setPresence(presence: Presence): Promise<void>;
  select(conversationId: string | null): void;
  take(conversation: ConversationView, force?: boolean): Promise<void>;
  handBack(conversation: ConversationView): Promise<void>;
  close(conversation: ConversationView): Promise<void>;
  openTicket(conversationId: string, draft: TicketDraft): Promise<TicketView>;
  /** A key of one's own for what may be sent twice. */
  newId(): string;
  typing(conversationId: string): void;
  /** The seat looks at the selected conversation: what is unread there is read. */
  seen(): void;
  /** The window came back to the front or the network came back. */
  wake(): void;
  draftOf(conversationId: string): string;
  keepDraft(conversationId: string, text: string): void;
}

export interface DeskOptions {
  readonly ports: Pick<Ports, 'fetch' | 'openSocket' | 'now' | 'after' | 'random' | 'newId'>;
  readonly liveUrl: string;
  /** Preferences of this browser; never throws. */
  readonly prefs: { read(): string | null; write(value: string): void };
}

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
  const presence = signal<Presence>('online');
  const view = signal<QueueView>('waiting');
  const selectedId = signal<string | null>(null);
  const catalog = signal<Catalog | null>(null);
  const tick = signal(ports.now());
  const skew = signal(0);
  const drafts = new Map<string, string>();

  let frames: LiveFrame[] = [];
  let batching = false;
  let syncing: Promise<void> | null = null;
  let syncAgain = false;
  let lastTypingAt = 0;
  let readAt = new Map<string, number>();

  const seat = (): SeatView | null => session.value?.seat ?? null;
  /** An answer that comes after the seat has left belongs to nobody. */
  const apply = (event: DeskEvent): void => {
    if (seat() !== null) state.value = reduceDesk(state.value, event);
  };
  const api = createApi({ fetch: ports.fetch, signedOut: () => leave('登录已过期，请重新登录') });

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
      if (presence.value === 'away') api.presence('away').catch(complain);
    },
    refused: () => void checkSession(),
  });

  function flush(): void {
    batching = false;
    const batch = frames;
    frames = [];
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
      apply({ type: 'synced', conversations: answers.flatMap((answer) => answer.conversations), counts, since, keep: selectedId.value });
      if (selectedId.value !== null) await load(selectedId.value);
      catalog.value ??= await api.catalog();
    } catch (error) {
      // A lost connection shows in the header already.
      if (error instanceof ApiError && (error.status === 0 || error.status === 401)) return;
      complain(error);
    }
  }

  async function load(id: string): Promise<void> {
    apply({ type: 'detail', detail: await api.conversation(id) });
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
    drafts.clear();
    alerts.say('info', reason);
  }

  async function enter(next: SessionView): Promise<void> {
    session.value = next;
    // A department works on tickets alone: no queue, no socket, no presence.
    if (next.seat.role === 'department') {
      catalog.value = await api.catalog().catch(() => null);
      return;
    }
    presence.value = preferences.presenceOf(next.seat.id);
    preferences.keepPresence(next.seat.id, presence.value);
    live.start();
    // A seat that was away in its last session is online again only if it says so, and the other way round.
    await api.presence(presence.value).catch(complain);
  }

  /** Does something to a conversation and shows the result; a conflict shows who has it now. */
  async function act(conversation: ConversationView, run: () => Promise<ConversationView>): Promise<void> {
    try {
      apply({ type: 'conversation', conversation: await run() });
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) await load(conversation.id).catch(() => undefined);
      complain(error instanceof ApiError && error.status === 409 ? new ApiError(409, error.code, conflictText(conversation.id, error)) : error);
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

  const replies = createReplies({ api, ports, apply, conflict: (id) => void load(id).catch(() => undefined) });
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
    rows: computed(() => rowsOf(state.value, view.value, session.value?.seat.id ?? '')),
    catalog,
    alerts,
    now: computed(() => tick.value + skew.value),
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
    async setPresence(next) {
      const before = presence.value;
      presence.value = next;
      preferences.keepPresence(seat()?.id ?? '', next);
      try {
        await api.presence(next);
      } catch (error) {
        presence.value = before;
        preferences.keepPresence(seat()?.id ?? '', before);
        complain(error);
      }
    },
    select(id) {
      if (id === selectedId.value) return;
      selectedId.value = id;
      if (id === null) return;
      live.send({ type: 'watch', conversationId: id });
      load(id).catch(complain);
      alerts.looked(id);
    },
    async take(conversation, force = false) {
      await act(conversation, () => api.take(conversation.id, conversation.version, force));
      // It has left the list it was found in: follow it.
      if (state.value.conversations.get(conversation.id)?.seatId === seat()?.id) view.value = 'mine';
    },
    handBack: (conversation) => act(conversation, () => api.handBack(conversation.id)),
    close: (conversation) => act(conversation, () => api.close(conversation.id)),
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
    draftOf: (id) => drafts.get(id) ?? '',
    keepDraft: (id, text) => void (text === '' ? drafts.delete(id) : drafts.set(id, text)),
  };
}
