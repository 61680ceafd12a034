/**
 * Exponential back-off with jitter: 0.5 s, 1 s, 2 s … at most five minutes; half of it is random, so that a crowd of
 * failed sends does not come back in one wave.
 * @param attempt 1 for the first retry
 * @param random 0 to 1, passed in
 * @returns milliseconds
 */
export function exponentialBackoff(attempt: number, random: number): number {
  const full = Math.min(300_000, 500 * 2 ** Math.min(20, attempt - 1));
  return Math.round(full / 2 + (full / 2) * random);
}
