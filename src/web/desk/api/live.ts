import type { LiveFrame, LiveRequest } from '../../shared/api-types.ts';
import { createBackoff } from '../../shared/backoff.ts';
import type { Ports, Socket, TimerHandle } from '../../shared/ports.ts';
import { readFrame } from './guards.ts';

export type LiveState = 'connecting' | 'online' | 'waiting';

export interface Live {
  start(): void;
  stop(): void;
  /** Dropped while there is no connection: nothing that matters travels this way. */
  send(request: LiveRequest): void;
  /** Try now (the network is back, the window is looked at again). */
  wake(): void;
}

/** Proxies drop sockets that are silent for a minute. */
const KEEP_ALIVE_MS = 25_000;
const STABLE_MS = 5_000;

/**
 * The desk's socket: reconnects for ever with growing, jittered pauses. Frames are only news: after every `opened` the
 * caller reads everything again, because what was said in between is not repeated.
 */
export function createLive(options: {
  readonly ports: Pick<Ports, 'openSocket' | 'after' | 'random'>;
  readonly url: string;
  readonly frame: (frame: LiveFrame) => void;
  readonly state: (state: LiveState) => void;
  readonly opened: () => void;
  /** A connection could not even be opened: the session may have ended. */
  readonly refused: () => void;
}): Live {
  const { ports } = options;
  const backoff = createBackoff({ baseMs: 1_000, capMs: 20_000, random: ports.random });
  const timers = new Set<TimerHandle>();
  let running = false;
  let attempt = 0;
  let socket: Socket | null = null;
  let open = false;

  function later(ms: number, run: () => void): void {
    const handle = ports.after(ms, () => {
      timers.delete(handle);
      run();
    });
    timers.add(handle);
  }

  function drop(): number {
    for (const timer of timers) timer.cancel();
    timers.clear();
    open = false;
    socket?.close();
    socket = null;
    attempt += 1;
    return attempt;
  }

  function connect(): void {
    const mine = drop();
    options.state('connecting');
    try {
      socket = ports.openSocket(options.url, {
        opened() {
          if (mine !== attempt) return;
          open = true;
          later(STABLE_MS, () => backoff.reset());
          keepAlive();
          options.state('online');
          options.opened();
        },
        message(text) {
          if (mine !== attempt || text === '') return;
          const frame = readFrame(text);
          if (frame !== null) options.frame(frame);
        },
        closed() {
          if (mine === attempt) lost(!open);
        },
      });
    } catch {
      lost(true);
    }
  }

  function lost(refused: boolean): void {
    drop();
    if (!running) return;
    options.state('waiting');
    if (refused) options.refused();
    later(backoff.next(), connect);
  }

  function keepAlive(): void {
    later(KEEP_ALIVE_MS, () => {
      socket?.send('');
      keepAlive();
    });
  }

  return {
    start() {
      if (running) return;
      running = true;
      connect();
    },
    stop() {
      running = false;
      drop();
    },
    send(request) {
      if (open) socket?.send(JSON.stringify(request));
    },
    wake() {
      if (running && socket === null) connect();
    },
  };
}
