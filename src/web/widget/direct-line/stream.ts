import { parseJson } from '../../shared/guards.ts';
import type { Ports, Socket, TimerHandle } from '../../shared/ports.ts';
import { readActivitySet, type ActivitySet } from './wire.ts';

/** The protocol's clients send an empty frame this often (CHANNELS 3.3). */
const KEEP_ALIVE_MS = 20_000;
const OPENING_MS = 15_000;

export interface Stream {
  close(): void;
}

/** One WebSocket of a conversation. `closed` is called exactly once unless close() was called first. */
export function openStream(
  ports: Ports,
  url: string,
  on: { readonly opened: () => void; readonly set: (set: ActivitySet) => void; readonly closed: (how: { readonly opened: boolean; readonly reason: string }) => void },
): Stream {
  let socket: Socket | null = null;
  let over = false;
  let opened = false;
  let timer: TimerHandle | null = ports.after(OPENING_MS, () => end('timeout'));

  function end(reason: string): void {
    if (over) return;
    over = true;
    timer?.cancel();
    timer = null;
    socket?.close();
    on.closed({ opened, reason });
  }

  function keepAlive(): void {
    timer = ports.after(KEEP_ALIVE_MS, () => {
      socket?.send('');
      keepAlive();
    });
  }

  try {
    socket = ports.openSocket(url, {
      opened() {
        if (over) return;
        opened = true;
        timer?.cancel();
        keepAlive();
        on.opened();
      },
      message(text) {
        if (over || text === '') return;
        const set = readActivitySet(parseJson(text));
        if (set !== null) on.set(set);
      },
      closed: end,
    });
  } catch {
    // Answer later, so that the caller has its Stream before it hears of the end.
    timer?.cancel();
    timer = ports.after(0, () => end('blocked'));
  }

  return {
    close() {
      if (over) return;
      over = true;
      timer?.cancel();
      timer = null;
      socket?.close();
    },
  };
}
