import type { EpochMs } from '../domain/activity.ts';
import { AppError } from '../domain/errors.ts';

/**
 * Messages a minute of one citizen: a token bucket in memory. Keyed by conversation, never by address, so that a
 * school or a factory behind one address is not punished for its size.
 */
export interface Limiter {
  /** @throws AppError `citizen.too_fast` (429, retry `after`) */
  take(key: string): void;
}

/** Buckets kept; an untouched full bucket is the same as none. */
const MAX_BUCKETS = 50_000;

export function createLimiter(perMinute: number, now: () => EpochMs, onLimited: () => void): Limiter {
  const buckets = new Map<string, { tokens: number; at: EpochMs }>();
  const msPerToken = 60_000 / perMinute;
  return {
    take: (key) => {
      const at = now();
      const bucket = buckets.get(key) ?? { tokens: perMinute, at };
      const tokens = Math.min(perMinute, bucket.tokens + Math.max(0, at - bucket.at) / msPerToken);
      buckets.delete(key); // re-inserted last: the map stays ordered by use
      if (tokens < 1) {
        buckets.set(key, { tokens, at });
        onLimited();
        throw new AppError('citizen.too_fast', 'too many messages from one citizen', {
          status: 429, retry: 'after', retryAfterMs: Math.ceil((1 - tokens) * msPerToken), citizenText: '您发送得太快了，请稍等片刻再发。',
        });
      }
      buckets.set(key, { tokens: tokens - 1, at });
      if (buckets.size > MAX_BUCKETS) {
        const oldest = buckets.keys().next();
        if (oldest.done !== true) buckets.delete(oldest.value);
      }
    },
  };
}
