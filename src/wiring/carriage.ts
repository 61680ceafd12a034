import { exponentialBackoff } from '../bus/backoff.ts';
import { openBus, openNews, type OpenedBus } from '../bus/index.ts';
import type { News } from '../bus/news.ts';
import type { SiblingLine } from '../bus/siblings/line.ts';
import type { Settings } from '../config/settings.ts';
import { AppError } from '../domain/errors.ts';
import type { Log, Meter } from '../intake/context.ts';
import type { Store } from '../store/contract.ts';
import { busWords } from './operator.ts';

const SWEEP_MS = 1_000;
/** At the 60 to 100 ms that a call of a peer's API takes, some 1,500 sends a second. */
const PARALLEL_LANES = 128;
/** About four hours of back-off before a dead letter. */
const MAX_ATTEMPTS = 50;

export interface Carriage {
  readonly bus: OpenedBus;
  readonly news: News;
  /** What /readyz tells of them. */
  readonly describe: () => Readonly<Record<string, string>>;
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
  /** How this process reaches the other ones of its machine; null: it is alone. */
  readonly siblings?: SiblingLine | null | undefined;
}

/**
 * How work and news travel, by the settings:
 *
 * | REDIS_URL | DATABASE_URL | PROCESSES | work (worker)      | work (web only)         | news                     |
 * |-----------|--------------|-----------|--------------------|-------------------------|--------------------------|
 * | set       | any          | any       | BullMQ             | queued for the workers  | Redis                    |
 * | empty     | PostgreSQL   | any       | from the database  | told to the workers     | LISTEN, NOTIFY           |
 * | empty     | SQLite       | several   | from the database  | refused                 | siblings: by the primary |
 * | empty     | SQLite       | 1         | from the database  | refused                 | none: one node           |
 *
 * @throws AppError `settings.invalid` for roles that could not hear of each other
 */
export async function createCarriage({ settings, store, lease, now, log, meter, siblings = null }: CarriageGiven): Promise<Carriage> {
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = settings;
  const roles = settings.ROLES.split(',');
  const carries = roles.includes('worker');
  if (roles.length < 2 && redisUrl === '' && databaseUrl === '') {
    throw new AppError('settings.invalid', 'settings have faults:\n  ROLES: web and worker apart need PostgreSQL (DATABASE_URL) or Redis (REDIS_URL) to hear of each other', { status: 500 });
  }
  const news = await openNews({
    redisUrl,
    databaseUrl,
    siblings,
    nodeId: lease.holder,
    onTrouble: (code) => {
      meter.count('job', { event: 'failed', kind: 'news', code });
      log.warn({ code }, 'trouble with the news of other nodes');
    },
  });
  const bus = await openBus(
    store,
    {
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
        if (kind !== 'fenced') log.warn({ event: kind, kind: rowKind, code }, busWords(kind, rowKind));
      },
    },
    { carries, redisUrl, news },
  );
  const family = (): string => {
    const { up, of } = siblings?.family() ?? { up: 1, of: 1 };
    return `${up} of ${of}`;
  };
  const there = (up: boolean): string => (up ? 'connected' : 'away');
  return {
    bus,
    news,
    describe: () => ({
      bus: bus.driver,
      ...(siblings === null ? {} : { processes: family() }),
      ...(redisUrl === '' ? {} : { redis: there(bus.connected()) }),
      ...(news.driver === 'none' ? {} : { news: `${news.driver}: ${there(news.connected())}` }),
    }),
    parts: { ...(redisUrl === '' ? {} : { redis: () => bus.connected() }), ...(news.driver === 'none' ? {} : { news: () => news.connected() }) },
    carries,
  };
}
