import type { TimerHandle } from './contract.ts';

/** What `SpoolOptions` may leave out. */

export const LIMIT_BYTES = 512 * 1024 * 1024;
export const PATIENCE_MS = 2_500;
/** With the patience it stays below WeChat's five seconds. */
export const CATCH_UP_MS = 2_000;
/** A replay has no peer that waits for it. */
export const REPLAY_PATIENCE_MS = 10_000;
export const PROBE_MS = 1_000;
export const SEGMENT_BYTES = 4 * 1024 * 1024;
export const RESERVE_SEGMENTS = 2;
/** Records of one replay. Those of an address come one after the other, so many addresses make it fast. */
export const BATCH = 512;
/** How often folders of processes that ended while we ran are looked for. */
export const ADOPT_MS = 60_000;

export const realTimers = {
  after(ms: number, run: () => void): TimerHandle {
    const timer = setTimeout(run, ms);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
