import { exponentialBackoff } from '../bus/backoff.ts';
import type { Bus, BusOptions } from '../bus/contract.ts';
import { createEmbeddedBus } from '../bus/drivers/embedded.ts';
import type { News } from '../bus/news.ts';
import { createNoNews } from '../bus/news/none.ts';
import { createPostgresNews } from '../bus/news/postgres.ts';
import type { Settings } from '../config/settings.ts';
import { AppError } from '../domain/errors.ts';
import type { Log, Meter } from '../intake/context.ts';
import type { Store } from '../store/contract.ts';

const SWEEP_MS = 1_000;
const PARALLEL_LANES = 64;
/** About four hours of back-off before a dead letter. */
const MAX_ATTEMPTS = 50;

export interface Carriage {
  readonly bus: Bus;
  readonly news: News;
  /** What /readyz calls it. */
  readonly name: 'embedded' | 'bullmq' | 'forwarding';
  /** Parts that may be away without stopping the house. */
  readonly parts: Readonly<Record<string, () => boolean>>;
  /** May this process carry, and so turn messages as they come? */
  readonly carries: boolean;
}

export interface CarriageGiven {
  readonly settings: Pick<Settings, 'DATABASE_URL' | 'REDIS_URL' | 'ROLES'>;
  readonly store: Store;
  readonly lease: { readonly holder: string; readonly ms: number };
  readonly now: () => number;
  readonly log: Log;
  readonly meter: Meter;
}

/**
 * Chooses how work and news travel, by the settings:
 *
 * | REDIS_URL | DATABASE_URL | work (worker)      | work (web only)         | news           |
 * |-----------|--------------|--------------------|-------------------------|----------------|
 * | set       | any          | BullMQ             | queued for the workers  | Redis          |
 * | empty     | PostgreSQL   | from the database  | told to the workers     | LISTEN, NOTIFY |
 * | empty     | SQLite       | from the database  | refused                 | none: one node |
 *
 * @throws AppError `settings.invalid` for roles that nobody could connect
 */
export async function createCarriage({ settings, store, lease, now, log, meter }: CarriageGiven): Promise<Carriage> {
  const roles = settings.ROLES.split(',');
  const carries = roles.includes('worker');
  const redis = settings.REDIS_URL === '' ? null : { url: settings.REDIS_URL };
  const postgres = settings.DATABASE_URL !== '';
  if (roles.length < 2 && redis === null && !postgres) {
    throw new AppError('settings.invalid', 'settings have faults:\n  ROLES: web and worker apart need PostgreSQL (DATABASE_URL) or Redis (REDIS_URL) to hear of each other', { status: 500 });
  }
  const onTrouble = (code: string): void => {
    meter.count('job', { event: 'failed', kind: 'news', code });
    log.warn({ code }, 'news of other nodes may be late');
  };
  const options: BusOptions = {
    now,
    holder: lease.holder,
    leaseMs: lease.ms,
    sweepMs: SWEEP_MS,
    maxParallelLanes: PARALLEL_LANES,
    maxAttempts: MAX_ATTEMPTS,
    backoffMs: exponentialBackoff,
    random: Math.random,
    onEvent: ({ kind, rowKind, code }) => {
      meter.count('job', { event: kind, kind: rowKind, code });
      if (kind !== 'fenced') log.warn({ event: kind, kind: rowKind, code }, 'bus');
    },
  };
  const news = await openNews({ redis, postgresUrl: settings.DATABASE_URL, nodeId: lease.holder, onTrouble });
  const parts: Record<string, () => boolean> = redis === null && !postgres ? {} : { news: news.connected };
  if (!carries) {
    const { createForwardingBus } = await import('../bus/drivers/forwarding.ts');
    const bus = createForwardingBus(store, options, { news, ...(redis === null ? {} : { redis }) });
    return { bus, news, name: 'forwarding', parts: redis === null ? parts : { ...parts, redis: bus.connected }, carries };
  }
  if (redis === null) return { bus: createEmbeddedBus(store, options), news, name: 'embedded', parts, carries };
  // BullMQ is not small: loaded only where it is used.
  const { createBullmqBus } = await import('../bus/drivers/bullmq.ts');
  const bus = createBullmqBus(store, options, redis);
  return { bus, news, name: 'bullmq', parts: { ...parts, redis: bus.connected }, carries };
}

async function openNews({ redis, postgresUrl, nodeId, onTrouble }: { readonly redis: { readonly url: string } | null; readonly postgresUrl: string; readonly nodeId: string; readonly onTrouble: (code: string) => void }): Promise<News> {
  if (redis !== null) return (await import('../bus/news/redis.ts')).createRedisNews({ url: redis.url, nodeId, onTrouble });
  return postgresUrl === '' ? createNoNews() : createPostgresNews({ url: postgresUrl, nodeId, onTrouble });
}
