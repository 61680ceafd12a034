import { createBackoff } from '../../shared/backoff.ts';
import type { ClientEvents, ConnectionStatus, DirectLineClient } from './contract.ts';
import { call, CallError } from './http.ts';
import { createOutbox, type Pending } from './outbox.ts';
import type { Ports, TimerHandle } from '../../shared/ports.ts';
import { postDraft, postTyping } from './post.ts';
import { createSessionKeeper } from './session-keeper.ts';
import { readStored, writeStored } from './stored.ts';
import { openStream, type Stream } from './stream.ts';
import { clientIdOf, readActivitySet, tokenUser, type ActivitySet } from './wire.ts';

const STREAM_FAILURES_BEFORE_POLLING = 3;
const STREAM_RETRY_MS = 60_000;
const STABLE_MS = 10_000;
const POLL_MIN_MS = 2_000;
const POLL_MAX_MS = 10_000;
const ECHO_PATIENCE_MS = 6_000;
const MAX_PAGES = 50;

/** Direct Line 3.0, from the citizen's side: token, resume, stream with polling as a fall-back, ordered sending. */
export function createDirectLineClient(options: { readonly ports: Ports; readonly endpoint: string; readonly locale: () => string; readonly on: ClientEvents }): DirectLineClient {
  const { ports, endpoint, on } = options;
  const { session: storedSession, unsent: restored } = readStored(ports.storage.read());

  const seen = new Set<string>();
  const backoff = createBackoff({ baseMs: 1_000, capMs: 30_000, random: ports.random });
  let status: ConnectionStatus = 'idle';
  let watermark = '';
  /** True once everything the server has is (or will be, by the stream) on this page. */
  let caughtUp = storedSession === null;
  /** Grows with every attempt to connect; answers to an older one are dropped. */
  let attempt = 0;
  let stream: Stream | null = null;
  const timers = new Set<TimerHandle>();
  let streamFailures = 0;
  let pollMs = POLL_MIN_MS;
  let pollingSince = 0;
  let lastTypingAt = -Infinity;

  const keeper = createSessionKeeper({
    ports,
    endpoint,
    stored: storedSession,
    changed(_session, newConversation) {
      if (newConversation) {
        watermark = '';
        caughtUp = true; // a new conversation's stream begins at its start
        seen.clear();
        on.restarted();
      }
      save();
    },
    made: (conversationId) => join(conversationId),
  });

  // Web Chat's convention: the bot greets when it hears that somebody has come. The id makes a repeat harmless.
  function join(conversationId: string): void {
    outbox.pushFirst({ clientId: `join-${conversationId}`, at: ports.now(), draft: { text: '', event: 'webchat/join', value: { language: options.locale() } } });
  }

  const outbox = createOutbox({
    ports,
    ready: () => status === 'online' || status === 'polling',
    post: postPending,
    changed(clientId, state, info) {
      save();
      on.outgoing(clientId, state, info);
      if (state === 'sent') expectEcho(info.serverId);
    },
    connectionFault(fault) {
      if (fault.fault === 'gone') keeper.conversationGone();
      else if (fault.fault === 'token') keeper.tokenRefused();
      lost(false);
    },
  });

  function save(): void {
    ports.storage.write(writeStored(keeper.current(), outbox.unsent()));
  }

  function setStatus(next: ConnectionStatus): void {
    if (status === next) return;
    status = next;
    on.status(next);
  }

  function later(ms: number, run: () => void): void {
    const handle = ports.after(ms, () => {
      timers.delete(handle);
      run();
    });
    timers.add(handle);
  }

  function reset(): number {
    for (const timer of timers) timer.cancel();
    timers.clear();
    stream?.close();
    stream = null;
    attempt += 1;
    return attempt;
  }

  async function connect(): Promise<void> {
    const mine = reset();
    setStatus('connecting');
    try {
      let answer = await keeper.open(options.locale(), watermark);
      if (mine !== attempt) return;
      if (!caughtUp) {
        await catchUp();
        if (mine !== attempt) return;
        caughtUp = true;
        // The stream's address carries the place to go on from: ask for one behind what was just read.
        answer = await keeper.open(options.locale(), watermark);
        if (mine !== attempt) return;
      }
      if (streamFailures >= STREAM_FAILURES_BEFORE_POLLING || answer.streamUrl === undefined) beginPolling(mine);
      else beginStream(mine, answer.streamUrl);
    } catch (error) {
      if (mine === attempt) connectFailed(error);
    }
  }

  function connectFailed(error: unknown): void {
    const fault = error instanceof CallError ? error : new CallError('network', 0, '');
    if (fault.fault === 'token') keeper.tokenRefused();
    if (fault.fault === 'gone') keeper.conversationGone();
    lost(false, fault.retryAfterMs);
  }

  /** Plans the next try. `soon`: the first one after a stream that had worked. */
  function lost(soon: boolean, atLeastMs = 0): void {
    reset();
    if (status === 'offline' || status === 'idle') return;
    setStatus('waiting');
    later(Math.max(atLeastMs, soon ? Math.round(500 + 1_000 * ports.random()) : backoff.next()), () => void connect());
  }

  function beginStream(mine: number, url: string): void {
    stream = openStream(ports, url, {
      opened() {
        if (mine !== attempt) return;
        // A server may accept and close at once: it counts as working only when it has held for a while.
        later(STABLE_MS, () => {
          backoff.reset();
          streamFailures = 0;
        });
        setStatus('online');
        outbox.flush();
      },
      set: receive,
      closed(how) {
        if (mine !== attempt) return;
        stream = null;
        // Another tab of the same conversation took the stream; fighting for it would close both again and again.
        if (how.reason === 'collision') streamFailures = STREAM_FAILURES_BEFORE_POLLING;
        else streamFailures += 1;
        if (streamFailures >= STREAM_FAILURES_BEFORE_POLLING) {
          reset();
          void connect();
        } else lost(how.opened && backoff.attempts === 0);
      },
    });
  }

  function beginPolling(mine: number): void {
    pollMs = POLL_MIN_MS;
    pollingSince = ports.now();
    void poll(mine);
  }

  async function poll(mine: number): Promise<void> {
    try {
      const news = await catchUp();
      if (mine !== attempt) return;
      backoff.reset();
      setStatus('polling');
      outbox.flush();
      pollMs = news > 0 ? POLL_MIN_MS : Math.min(POLL_MAX_MS, pollMs * 1.25);
      if (ports.now() - pollingSince >= STREAM_RETRY_MS) {
        streamFailures = STREAM_FAILURES_BEFORE_POLLING - 1;
        pollingSince = ports.now();
        void connect();
      } else later(pollMs, () => void poll(mine));
    } catch (error) {
      if (mine === attempt) connectFailed(error);
    }
  }

  /** Fetches everything after the watermark; answers how many activities were new. Throws CallError. */
  async function catchUp(): Promise<number> {
    const mine = attempt;
    let news = 0;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const session = await keeper.ensure();
      // A new token came with another conversation: it must be opened before it can be read.
      if (!session.started) throw new CallError('not-open', 0, '');
      const from = watermark;
      const answer = await call(ports, {
        method: 'GET',
        url: `${endpoint}/v3/directline/conversations/${encodeURIComponent(session.conversationId)}/activities?watermark=${encodeURIComponent(from)}`,
        token: session.token,
      });
      const set = readActivitySet(answer);
      if (set === null) throw new CallError('server', 200, 'BadAnswer');
      // Stopped or connecting anew (which reads it again), or the stream brought the same and more meanwhile.
      if (mine !== attempt || watermark !== from) break;
      news += receive(set);
      if (set.activities.length === 0 || watermark === from) break;
    }
    return news;
  }

  function receive(set: ActivitySet): number {
    let news = 0;
    const user = tokenUser(keeper.current()?.token ?? '');
    for (const activity of set.activities) {
      if (activity.id !== undefined) {
        if (seen.has(activity.id)) continue;
        seen.add(activity.id);
      }
      news += 1;
      const clientId = clientIdOf(activity);
      if (clientId !== undefined) outbox.delivered(clientId);
      on.activity(activity, activity.from.role === 'user' || (user !== undefined && activity.from.id === user));
    }
    if (set.watermark !== undefined) watermark = set.watermark;
    if (news > 0) save();
    return news;
  }

  /** A socket can be dead without knowing it: when our own message does not come back on it, look and reconnect. */
  function expectEcho(serverId: string | undefined): void {
    pollMs = POLL_MIN_MS;
    if (serverId === undefined || serverId === '') return;
    later(ECHO_PATIENCE_MS, () => {
      if (status === 'online' && !seen.has(serverId)) void verify();
    });
  }

  async function verify(): Promise<void> {
    const mine = attempt;
    try {
      const news = await catchUp();
      if (mine === attempt && news > 0) void connect();
    } catch (error) {
      if (mine === attempt) connectFailed(error);
    }
  }

  async function postPending(pending: Pending): Promise<string> {
    const session = await keeper.ensure();
    if (!session.started) throw new CallError('not-open', 0, '');
    return postDraft(ports, endpoint, session, pending, options.locale());
  }

  function push(pending: Pending): Pending {
    begin(); // first, so that texts restored from an earlier page keep their place before this one
    outbox.push(pending);
    return pending;
  }

  function begin(): void {
    if (status !== 'idle') return;
    status = 'waiting'; // so that lost() may plan a try even if the first one fails at once
    for (const pending of restored) outbox.push(pending);
    void connect();
  }

  return {
    restored: restored.filter((pending) => pending.draft.event === undefined),
    resumable: storedSession !== null,
    start: begin,
    stop() {
      reset();
      keeper.stop();
      outbox.stop();
      setStatus('idle');
    },
    send(draft, made) {
      const pending: Pending = { clientId: ports.newId(), draft, at: ports.now() };
      made?.(pending);
      return push(pending);
    },
    retryFailed() {
      outbox.retryFailed();
      if (status === 'waiting') void connect();
    },
    typing() {
      const session = keeper.current();
      if (session === null || status !== 'online' || ports.now() - lastTypingAt < 4_000) return;
      lastTypingAt = ports.now();
      postTyping(ports, endpoint, session).catch(() => undefined); // a lost typing sign is no fault
    },
    network(online) {
      if (status === 'idle') return;
      if (!online) {
        reset();
        setStatus('offline');
      } else if (status === 'offline' || status === 'waiting') {
        setStatus('waiting');
        backoff.reset();
        void connect();
      }
    },
    wake() {
      if (status === 'online') void verify();
      else if (status === 'waiting') void connect();
    },
  };
}
