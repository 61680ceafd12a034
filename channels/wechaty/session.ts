import { randomUUID } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import type { ChannelPorts } from '../../src/channel/contract.ts';
import { codeOf } from '../../src/domain/errors.ts';
import type { Settings } from './config.ts';
import { CHANNEL } from './decode.ts';
import { createLease } from './lease.ts';
import type { Carried, FromThread, Heard, ThreadStart, ToThread } from './talk.ts';

/** The one session of this account: which node has it, its thread, how it stands, and when it is opened again. */
export interface Session {
  readonly standing: () => Standing;
  say(to: string, room: string | null, text: string): Promise<Said>;
  stop(): Promise<void>;
}

/** `elsewhere`: another node has the session. `away`: it broke or the account was logged out, and is opened again. */
export type Standing = { readonly state: 'opening' | 'scan' | 'online' | 'away' | 'elsewhere'; readonly sinceMs: number };
export type Said = 'ok' | 'offline' | 'nobody' | 'failed' | 'elsewhere';

export interface Pace {
  /** A start of the house comes first. */
  readonly openAfterMs: number;
  /** Between looks at the lease and at how the thread is. */
  readonly lookMs: number;
  readonly firstBackOffMs: number;
  readonly longestBackOffMs: number;
  /** A thread that is not logged in and gives no sign for so long is replaced. */
  readonly silentMs: number;
  /** After so long online a break counts as the first one again. */
  readonly steadyMs: number;
  readonly sayMs: number;
}
export const PACE: Pace = { openAfterMs: 1_000, lookMs: 10_000, firstBackOffMs: 5_000, longestBackOffMs: 600_000, silentMs: 300_000, steadyMs: 300_000, sayMs: 30_000 };

export interface SessionGiven {
  readonly settings: Settings;
  /** All that the puppet may see of the environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly ports: ChannelPorts;
  readonly onHeard: (heard: Heard, carried: Carried) => void;
  readonly pace: Pace;
}

export function createSession({ settings, env, ports, onHeard, pace }: SessionGiven): Session {
  const lease = createLease(ports.state, ports.now, randomUUID());
  const clock = (): number => performance.now();
  let standing: Standing = { state: 'opening', sinceMs: clock() };
  let thread: Worker | null = null;
  let opening = false;
  let stopped = false;
  let breaks = 0;
  let notBefore = 0;
  let lastSign = 0;
  let number = 0;
  let lastSay: Promise<unknown> = Promise.resolve();
  const waiting = new Map<number, (said: Said) => void>();

  const become = (state: Standing['state']): void => {
    if (standing.state !== state) standing = { state, sinceMs: clock() };
  };

  const ended = (worker: Worker, facts: object): void => {
    if (thread !== worker) return;
    thread = null;
    for (const answer of waiting.values()) answer('failed');
    waiting.clear();
    if (stopped) return;
    breaks = standing.state === 'online' && clock() - standing.sinceMs >= pace.steadyMs ? 1 : breaks + 1;
    const waitMs = Math.min(pace.firstBackOffMs * 2 ** (breaks - 1), pace.longestBackOffMs);
    notBefore = clock() + waitMs;
    become('away');
    ports.log.warn({ channel: CHANNEL, ...facts, waitMs }, 'the wechaty session ended: it is opened again later');
    later(waitMs);
  };

  const hear = (event: FromThread): void => {
    lastSign = clock();
    switch (event.kind) {
      case 'message':
        return onHeard(event.heard, event.carried);
      case 'said':
        waiting.get(event.number)?.(event.result);
        return void waiting.delete(event.number);
      case 'scan':
        become('scan');
        // Whoever has this log may lend the account: it is of no use a few minutes later.
        return ports.log.info({ channel: CHANNEL, status: event.status, qrcode: event.qrcode }, 'wechaty asks for a scan: show `qrcode` as a QR code to the phone of the account');
      case 'login':
        become('online');
        return ports.log.info({ channel: CHANNEL }, 'wechaty is logged in');
      case 'logout':
        become('away');
        return ports.log.warn({ channel: CHANNEL }, 'wechaty was logged out');
      case 'error':
        return ports.log.warn({ channel: CHANNEL, code: event.code }, 'wechaty reports an error');
      case 'memory':
        return void ports.state.put('memory', event.json, null).catch((error: unknown) => ports.log.warn({ channel: CHANNEL, code: codeOf(error) }, 'the wechaty session could not be kept'));
      case 'alive':
        return;
    }
  };

  const open = async (since: number): Promise<void> => {
    const start: ThreadStart = { task: 'yihu.wechaty', puppet: settings.puppet, token: settings.token, endpoint: settings.endpoint, memory: await ports.state.get('memory'), since };
    const { openThread } = await import('./thread.ts');
    if (stopped) return;
    const worker = openThread(start, env);
    thread = worker;
    lastSign = clock();
    become('opening');
    let code: string | null = null;
    worker.on('message', hear);
    worker.on('messageerror', () => ports.log.warn({ channel: CHANNEL }, 'wechaty told something unreadable'));
    worker.on('error', (error) => {
      code = codeOf(error);
    });
    worker.once('exit', (exit) => ended(worker, { exit, code }));
    // A stop of the house does not wait for a puppet.
    worker.unref();
  };

  /** Never rejects: this runs by the clock. */
  const look = async (): Promise<void> => {
    if (stopped || opening) return;
    opening = true;
    try {
      const since = await lease.hold();
      if (since === null) {
        become('elsewhere');
        await close();
      } else if (thread === null && clock() >= notBefore) {
        await open(since);
      } else if (thread !== null && standing.state !== 'online' && clock() - lastSign > pace.silentMs) {
        await thread.terminate();
      }
    } catch (error) {
      ports.log.warn({ channel: CHANNEL, code: codeOf(error) }, 'the wechaty session could not be opened');
    } finally {
      opening = false;
    }
  };

  const close = async (): Promise<void> => {
    const worker = thread;
    thread = null;
    if (worker === null) return;
    order(worker, { kind: 'stop' });
    const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const cut = setTimeout(() => void worker.terminate(), STOP_MS);
    await gone;
    clearTimeout(cut);
  };

  const timers = new Set<NodeJS.Timeout>();
  const later = (ms: number): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      void look();
    }, ms);
    timer.unref();
    timers.add(timer);
  };
  const every = setInterval(() => void look(), pace.lookMs);
  every.unref();
  if (settings.carries) later(pace.openAfterMs);
  else {
    clearInterval(every);
    become('elsewhere');
  }

  const sayNow = async (to: string, room: string | null, text: string): Promise<Said> => {
    const worker = thread;
    if (worker === null) return standing.state === 'elsewhere' ? 'elsewhere' : 'offline';
    if (standing.state !== 'online') return 'offline';
    number += 1;
    const mine = number;
    let timer: NodeJS.Timeout | undefined;
    const said = new Promise<Said>((resolve) => {
      waiting.set(mine, resolve);
      timer = setTimeout(() => resolve('failed'), pace.sayMs);
    });
    order(worker, { kind: 'say', number: mine, to, room, text });
    try {
      return await said;
    } finally {
      clearTimeout(timer);
      waiting.delete(mine);
    }
  };

  return {
    standing: () => standing,
    say: (to, room, text) => {
      const turn = lastSay.then(() => sayNow(to, room, text));
      // The next one waits a little after this one, however it ends.
      lastSay = turn.then(() => new Promise((resolve) => void setTimeout(resolve, settings.sendGapMs).unref()));
      return turn;
    },
    stop: async () => {
      stopped = true;
      clearInterval(every);
      for (const timer of timers) clearTimeout(timer);
      await close();
      await lease.release().catch((error: unknown) => ports.log.warn({ channel: CHANNEL, code: codeOf(error) }, 'the wechaty session stays reserved for a moment'));
    },
  };
}

function order(worker: Worker, command: ToThread): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  worker.postMessage(command);
}

/** Longest wait for a puppet's goodbye, ms. */
const STOP_MS = 3_000;
