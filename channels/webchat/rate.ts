import type { EpochMs } from '../../src/domain/activity.ts';

/** Token buckets by key, in memory: a page in a loop must not fill the store. A full bucket is forgotten. */
export interface Buckets {
  /** 0 when this one may pass, else milliseconds until the next may. */
  take(key: string): number;
  readonly size: () => number;
}

const SWEEP_AT = 10_000;

export function createBuckets(options: { readonly perMinute: number; readonly now: () => EpochMs }): Buckets {
  const { perMinute, now } = options;
  const perMs = perMinute / 60_000;
  const buckets = new Map<string, { tokens: number; at: EpochMs }>();

  const refill = (bucket: { tokens: number; at: EpochMs }, at: EpochMs): number => Math.min(perMinute, bucket.tokens + Math.max(0, at - bucket.at) * perMs);

  return {
    size: () => buckets.size,
    take: (key) => {
      const at = now();
      if (buckets.size >= SWEEP_AT) for (const [other, bucket] of buckets) if (refill(bucket, at) >= perMinute) buckets.delete(other);
      const bucket = buckets.get(key);
      const tokens = bucket === undefined ? perMinute : refill(bucket, at);
      const left = tokens >= 1 ? tokens - 1 : tokens;
      buckets.set(key, { tokens: left, at });
      return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / perMs);
    },
  };
}
