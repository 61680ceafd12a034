import { signal, type ReadonlySignal } from '@preact/signals';
import type { Backoff } from '../shared/backoff.ts';
import { isPicture, type BoardPicture } from '../shared/board-types.ts';
import { isRecord, parseJson } from '../shared/guards.ts';

/** The wall's connection: one picture after the other, and the truth about how old the last one is. */

export interface BoardSocket {
  close(): void;
}

export interface SocketEars {
  readonly message: (text: string) => void;
  /** `code`: 4401 when the session is over. */
  readonly closed: (code: number) => void;
}

export interface BoardPorts {
  readonly open: (ears: SocketEars) => BoardSocket;
  /** Is it refused (and not only away)? Asked when a socket does not come about: its failure says nothing. */
  readonly isRefused: () => Promise<boolean>;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  readonly after: (ms: number, run: () => void) => () => void;
  readonly backoff: Backoff;
}

export type Connection = 'connecting' | 'live' | 'lost' | 'refused';

export interface Board {
  readonly picture: ReadonlySignal<BoardPicture | null>;
  readonly connection: ReadonlySignal<Connection>;
  /** The server's time, as told last and grown since; null: never heard of. */
  readonly serverNow: ReadonlySignal<number | null>;
  start(): void;
  stop(): void;
}

/** The server dates its picture every two seconds: a socket that says nothing is dead, whatever it claims. */
const SILENT_MS = 15_000;
const TICK_MS = 1_000;

export function createBoard({ open, isRefused, monotonic, after, backoff }: BoardPorts): Board {
  const picture = signal<BoardPicture | null>(null);
  const connection = signal<Connection>('connecting');
  const serverNow = signal<number | null>(null);
  let told: { readonly at: number; readonly heard: number } | null = null;
  let heard = 0;
  let socket: BoardSocket | null = null;
  let stopped = true;
  let calls: (() => void)[] = [];

  const later = (ms: number, run: () => void): void => {
    const call = after(ms, () => {
      calls = calls.filter((other) => other !== call);
      run();
    });
    calls.push(call);
  };
  const dated = (at: number): void => {
    heard = monotonic();
    told = { at, heard };
    serverNow.value = at;
    connection.value = 'live';
    backoff.reset();
  };
  const onFrame = (text: string): void => {
    const frame = parseJson(text);
    if (!isRecord(frame)) return;
    if (frame['type'] === 'picture' && isPicture(frame['picture'])) {
      picture.value = frame['picture'];
      dated(frame['picture'].at);
    } else if (frame['type'] === 'same' && typeof frame['at'] === 'number') dated(frame['at']);
  };
  const connect = (): void => {
    if (stopped) return;
    heard = monotonic();
    const mine = open({
      message: (text) => {
        if (socket === mine) onFrame(text);
      },
      closed: (code) => {
        if (socket === mine) void again(code);
      },
    });
    socket = mine;
  };
  const again = async (code: number): Promise<void> => {
    socket = null;
    if (stopped) return;
    if (connection.value !== 'refused') connection.value = picture.value === null ? 'connecting' : 'lost';
    const refused = code === 4401 || (await isRefused());
    if (stopped) return;
    if (refused) connection.value = 'refused';
    else if (picture.value !== null) connection.value = 'lost';
    later(backoff.next(), connect);
  };
  const tick = (): void => {
    if (stopped) return;
    if (told !== null) serverNow.value = told.at + (monotonic() - told.heard);
    if (socket !== null && monotonic() - heard > SILENT_MS) {
      const dead = socket;
      void again(0);
      dead.close();
    }
    later(TICK_MS, tick);
  };
  return {
    picture, connection, serverNow,
    start() {
      if (!stopped) return;
      stopped = false;
      connect();
      tick();
    },
    stop() {
      stopped = true;
      for (const call of calls) call();
      calls = [];
      const open = socket;
      socket = null;
      open?.close();
    },
  };
}
