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
  const beat = (seatId: string): Promise<void> => store.write((repos) => repos.seats.beat(seatId, state(seatId), now()));
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
      if (left > 0) sockets.set(seatId, left);
      else sockets.delete(seatId);
      await beat(seatId);
    },
    set: async (seatId, presence) => {
      if (presence === 'away') away.add(seatId);
      else away.delete(seatId);
      // A client without a socket (a program with a bearer token) is present for one beat.
      await store.write((repos) => repos.seats.beat(seatId, presence, now()));
    },
    get: state,
    stop: () => clearInterval(timer),
  };
}
