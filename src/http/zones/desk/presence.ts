import type { EpochMs } from '../../../domain/activity.ts';
import type { Store } from '../../../store/contract.ts';

/** Beat of connected seats; a third of what the pipeline tolerates, so that one late beat does no harm. */
const BEAT_MS = 15_000;

/** Who is there. A seat is online while it has a socket open and has not said that it is away. */
export interface Presence {
  connected(seatId: string): Promise<void>;
  disconnected(seatId: string): Promise<void>;
  set(seatId: string, presence: 'online' | 'away'): Promise<void>;
  get(seatId: string): 'online' | 'away' | 'offline';
  stop(): void;
}

export function createPresence(store: Store, now: () => EpochMs, onError: (error: unknown) => void): Presence {
  const sockets = new Map<string, number>();
  const away = new Set<string>();
  const state = (seatId: string): 'online' | 'away' | 'offline' => (away.has(seatId) ? 'away' : (sockets.get(seatId) ?? 0) > 0 ? 'online' : 'offline');
  /** The last beat of each seat that was written here. */
  const beats = new Map<string, EpochMs>();
  let last: Promise<void> = Promise.resolve();
  /** PostgreSQL commits side by side: coming and going must not overtake each other. */
  const inOrder = (write: () => Promise<void>): Promise<void> => {
    const next = last.then(write);
    last = next.catch(() => {});
    return next;
  };
  const say = (seatId: string, presence: 'online' | 'away' | 'offline'): Promise<void> =>
    inOrder(() => {
      const at = now();
      beats.set(seatId, at);
      return store.write((repos) => repos.seats.beat(seatId, presence, at));
    });
  const beat = (seatId: string): Promise<void> => say(seatId, state(seatId));
  /** The page may hang on another node already (a restart, two windows): then that node's word counts. */
  const leave = (seatId: string): Promise<void> =>
    inOrder(() => {
      const at = beats.get(seatId) ?? 0;
      beats.delete(seatId);
      return store.write((repos) => repos.seats.leave(seatId, at));
    });
  const timer = setInterval(() => {
    for (const seatId of sockets.keys()) beat(seatId).catch(onError);
  }, BEAT_MS);
  timer.unref();

  return {
    connected: async (seatId) => {
      sockets.set(seatId, (sockets.get(seatId) ?? 0) + 1);
      await beat(seatId);
    },
    disconnected: async (seatId) => {
      const left = (sockets.get(seatId) ?? 1) - 1;
      if (left > 0) {
        sockets.set(seatId, left);
        return;
      }
      sockets.delete(seatId);
      // Who has said that he is away stays away; a beat that stays out says the rest.
      if (state(seatId) === 'offline') await leave(seatId);
      else await beat(seatId);
    },
    set: async (seatId, presence) => {
      if (presence === 'away') away.add(seatId);
      else away.delete(seatId);
      // A client without a socket (a program with a bearer token) is present for one beat.
      await say(seatId, presence);
    },
    get: state,
    stop: () => clearInterval(timer),
  };
}
