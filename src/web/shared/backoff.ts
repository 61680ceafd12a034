export interface Backoff {
  /** Milliseconds to wait before the next try; grows, never above the cap. */
  next(): number;
  reset(): void;
  readonly attempts: number;
}

/**
 * Exponential back-off with jitter: the n-th wait is between half and all of min(cap, base·2ⁿ). The lower half is kept so
 * that a thousand pages that lost the same server do not come back in the same instant, nor at once.
 */
export function createBackoff(options: { readonly baseMs: number; readonly capMs: number; readonly random: () => number }): Backoff {
  let attempts = 0;
  return {
    next() {
      const ceiling = Math.min(options.capMs, options.baseMs * 2 ** Math.min(attempts, 16));
      attempts += 1;
      return Math.round(ceiling / 2 + (ceiling / 2) * options.random());
    },
    reset() {
      attempts = 0;
    },
    get attempts() {
      return attempts;
    },
  };
}
