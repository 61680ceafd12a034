import { DelayedError, type Job, WaitingError, Worker } from 'bullmq';
import type { EpochMs } from '../../domain/activity.ts';
import type { BusOptions } from '../contract.ts';
import { within } from '../outcome.ts';
import { tellSeldom } from '../tell-seldom.ts';
import { QUEUE_NAME, rowIdOf } from './job-queue.ts';
import { openRedisLink, REDIS_PREFIX, type RedisLink } from './link.ts';

/** What is to become of the job of a row. `again`: by another worker, at once. */
export type JobEnd = { readonly kind: 'gone' } | { readonly kind: 'until'; readonly at: EpochMs } | { readonly kind: 'again' };

/** A crashed worker's job is free for others after this time; the sweep is faster and does not wait for it. */
const LOCK_MS = 30_000;
/** How long a stop waits for Redis to hear of the last jobs, beyond the grace. */
const GOODBYE_MS = 1_000;

export interface JobWorkerOptions {
  readonly url: string;
  readonly prefix?: string | undefined;
  readonly bus: Pick<BusOptions, 'now' | 'maxParallelLanes'>;
  /** Never rejects. */
  readonly process: (rowId: string) => Promise<JobEnd>;
  readonly onTrouble: (code: string) => void;
  /** Nothing waits in the queue. */
  readonly onDrained: () => void;
}

export interface JobWorker {
  /** Takes no further job; resolves when those under way have ended and Redis knows. Never waits for a server that is away. */
  stop(serverIsThere: boolean, jobsEnded: Promise<void>): Promise<void>;
}

/**
 * The consuming side. Open it when Redis is there: BullMQ waits for ever for its first connection, later ones it mends.
 * However a job ends here, it is a hint that ends; nothing of a row's fate is told to Redis.
 */
export function openJobWorker({ url, prefix = REDIS_PREFIX, bus, process, onTrouble, onDrained }: JobWorkerOptions): JobWorker {
  const trouble = tellSeldom(onTrouble);
  const link: RedisLink = openRedisLink({ url, manner: 'waits', trouble });
  let stopping = false;

  /** BullMQ's way to keep a job: it is moved, and then an error of this class leaves it where it is. */
  const keep = async (job: Job, token: string, end: Exclude<JobEnd, { kind: 'gone' }>): Promise<never> => {
    try {
      if (end.kind === 'again') await job.moveToWait(token);
      else await job.moveToDelayed(Date.now() + Math.max(0, end.at - bus.now()), token);
    } catch (error) {
      // Redis was emptied meanwhile: the job is no longer there to be moved, and the sweep will queue its row.
      trouble(error);
    }
    throw end.kind === 'again' ? new WaitingError() : new DelayedError();
  };

  const worker = new Worker(
    QUEUE_NAME,
    async (job, token = '') => {
      const end = await process(rowIdOf(job.id ?? ''));
      if (end.kind !== 'gone') await keep(job, token, end);
    },
    {
      connection: link.client,
      prefix,
      concurrency: bus.maxParallelLanes,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS,
      // A stalled job only says that a worker went away; the row says what is to be done.
      maxStalledCount: 1_000,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      runRetryDelay: 1_000,
    },
  );
  worker.on('error', (error) => {
    if (!stopping) trouble(error);
  });
  worker.on('drained', onDrained);

  return {
    stop: async (serverIsThere, jobsEnded) => {
      stopping = true;
      // Without its server BullMQ would wait for a goodbye; forced, it only hangs up. Jobs that are left belong to rows that the sweep knows.
      const closed = worker.close(!serverIsThere);
      await jobsEnded;
      await within(closed, GOODBYE_MS);
      link.close();
    },
  };
}
