import { computed, signal } from '@preact/signals';
import type { Catalog, LiveFrame, SeatView, SessionView, StormLevelView } from '../../shared/api-types.ts';
import type { PresenceState } from '../../shared/queue-types.ts';
import { ApiError, createApi } from '../api/client.ts';
import { createLive, type Live, type LiveState } from '../api/live.ts';
import { createActs } from './acts.ts';
import { createAlerts } from './alerts.ts';
import { createAnnouncer } from './announce.ts';
import type { Desk, DeskOptions } from './desk-contract.ts';
import { createDrafts } from './drafts.ts';
import { narrow, NO_FILTER, type Filter } from './filters.ts';
import { createActions } from './keys.ts';
import { createInspectionNotices } from './inspections.ts';
import { floorsOf, listsOf, longListOf, WAITING_AT_ONCE } from './lists.ts';
import { EMPTY_DESK, missingAfter, reduceDesk, rowsOf, type DeskEvent, type DeskState, type QueueView } from './model.ts';
import { createMentions } from './notes.ts';
import { createNotify, type NotifyPorts } from './notify.ts';
import { createPreferences } from './preferences.ts';
import { createQueueState } from './queue.ts';
import { createReplies } from './replies.ts';
import { createUndo } from './undo.ts';
import { DESK as w } from '../words.ts';

export type { Desk, DeskOptions } from './desk-contract.ts';

const SILENT: NotifyPorts = { tone: () => undefined, show: () => undefined, ask: async () => false, visible: () => true };

/** Everything is read again this often, in case a frame was lost on the way. */
const RESYNC_MS = 60_000;
/** Frames of a storm are applied together. */
const BATCH_MS = 80;
const TYPING_MS = 3_000;
/** The desk's one store: signals for what is shown, functions for what can be done. */
export function createDesk(options: DeskOptions): Desk {
  const { ports } = options;
  const preferences = createPreferences(options.prefs, options.languages);
  const alerts = createAlerts(ports);
  const { complain } = alerts;

  const session = signal<SessionView | null | undefined>(undefined);
  const state = signal<DeskState>(EMPTY_DESK);
  const liveState = signal<LiveState>('connecting');
  const storm = signal<StormLevelView | null>(null);
  const campaignNews = signal(0);
  const inspections = createInspectionNotices(ports.now);
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
  let waitingPages = 1;
  let waitingNext: string | null = null;
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
  const api = createApi({ fetch: ports.fetch, signedOut: () => leave(w.yourSessionHasEnded) });
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
      if (frame.type === 'storm') storm.value = frame.storm;
      if (frame.type === 'inspection') {
        inspections.heard(frame);
        alerts.say('info', w[frame.move](frame.score));
      }
      if (frame.type === 'campaign') campaignNews.value += 1;
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
    announce(batch, seat()?.id ?? '');
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

  /** Everybody who waits, as far as the list has been scrolled: in the order in which they are served, page by page. */
  async function readWaiting(limit: number): ReturnType<typeof api.conversations> {
    let { conversations, counts, next } = await api.conversations('waiting', limit);
    for (let page = 1; page < waitingPages && next !== null; page += 1) {
      const more = await api.conversations('waiting', limit, next);
      conversations = [...conversations, ...more.conversations];
      ({ counts, next } = more);
    }
    waitingNext = next;
    return { conversations, counts, next };
  }

  async function moreWaiting(): Promise<void> {
    const place = waitingNext;
    if (place === null) return;
    waitingNext = null;
    try {
      const page = await api.conversations('waiting', WAITING_AT_ONCE, place);
      waitingPages += 1;
      waitingNext = page.next;
      apply({ type: 'page', conversations: page.conversations });
    } catch {
      waitingNext = place; // scrolling again asks again
    }
  }

  async function readAll(): Promise<void> {
    if (seat() === null || seat()?.role === 'department') return;
    const since = state.value.clock;
    try {
      const shown = view.value;
      if (shown !== 'waiting') waitingPages = 1;
      const answers = await Promise.all(listsOf(shown).map(([name, limit]) => (name === 'waiting' ? readWaiting(limit) : api.conversations(name, limit))));
      const counts = answers[0]?.counts ?? state.value.counts;
      const conversations = answers.flatMap((answer) => answer.conversations);
      apply({ type: 'synced', conversations, counts, since, keep: selectedId.value, floors: floorsOf(shown, answers.at(-1)?.conversations ?? []) });
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
      if (seat() !== null && (await api.session()) === null) leave(w.yourSessionHasEnded);
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
    undo.clear();
    mentions.clear();
    inspections.clear();
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

  const announce = createAnnouncer({ queue, mentions, notify, conversations: () => state.value.conversations, selected: () => selectedId.value });
  const replies = createReplies({ api, ports, apply, holds: () => preferences.recall.value, conflict: (id) => void load(id).catch(() => undefined) });
  const acts = createActs({ api, apply, undo, queue, complain, load, select, newId: ports.newId, seatId: () => seat()?.id ?? '', conversations: () => state.value.conversations, showMine: () => void (view.value = 'mine') });
  const selected = computed(() => (selectedId.value === null ? null : (state.value.conversations.get(selectedId.value) ?? null)));

  /** What waits is done now, the last time that it can be. */
  function finish(): void {
    undo.hurry(undefined, true);
    replies.flush();
    drafts.flush();
  }

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
    storm,
    campaignNews,
    inspections,
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
      finish(); // while this seat may still
      await api.signOut().catch(() => undefined);
      leave(w.signedOut);
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
    ...acts,
    async more() {
      if (view.value === 'waiting') return moreWaiting();
      const list = longListOf(view.value);
      const oldest = rowsOf(state.value, view.value, seat()?.id ?? '').at(-1);
      if (list === null || oldest === undefined || ended.has(`${view.value}:${oldest.id}`)) return;
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
    leaving: finish,
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
