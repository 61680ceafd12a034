import type { EpochMs } from '../domain/activity.ts';

export interface SteadyClockOptions {
  /** The wall clock, epoch ms; may jump. */
  readonly wall: () => EpochMs;
  /** A clock that only runs forward, ms (performance.now). */
  readonly monotonic: () => number;
  /** The newest time the store knows of, from this process's past or another node; null for an empty store. */
  readonly newest: EpochMs | null;
  /** Told once when the store is so far ahead that one of the two clocks must be wrong; the wall clock is then believed. */
  readonly onImplausible: (aheadMs: number) => void;
}

/** A store that is further ahead than this was written by a clock that was wrong. */
const MOST_AHEAD_MS = 10 * 60_000;

/**
 * Time that never runs backwards, also over a restart. Leases, due rows and deadlines are compared with what an earlier
 * moment wrote: a clock that is set back would leave them in the future, and citizens waiting for as long as it was set
 * back. Behind its own past the clock goes at half speed until the wall clock has caught up; forward it jumps with the wall.
 */
export function createSteadyClock({ wall, monotonic, newest, onImplausible }: SteadyClockOptions): () => EpochMs {
  const start = wall();
  const ahead = newest === null ? 0 : newest - start;
  if (ahead > MOST_AHEAD_MS) onImplausible(ahead);
  let value = ahead > 0 && ahead <= MOST_AHEAD_MS ? start + ahead : start;
  let read = monotonic();
  return () => {
    const now = monotonic();
    const slow = value + Math.max(0, now - read) / 2;
    read = now;
    value = Math.max(wall(), slow);
    return Math.floor(value);
  };
}
