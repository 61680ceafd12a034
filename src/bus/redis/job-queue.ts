import { setImmediate as immediate } from 'node:timers/promises';
import { Queue } from 'bullmq';
import type { EpochMs } from '../../domain/activity.ts';
import type { WokenRow } from '../contract.ts';
import { within } from '../outcome.ts';
import { tellSeldom } from '../tell-seldom.ts';
import { openRedisLink, REDIS_PREFIX, type RedisLink } from './link.ts';

/** BullMQ's name of the queue; with the prefix, keys are `yihu:outbox:…`. */
export const QUEUE_NAME = 'outbox';

/** Rows that wait for the next handful; above it they are dropped, because the sweep finds them again. */
const MAX_PENDING = 20_000;
/** A stop waits this long for Redis to take the last ids. */
const GOODBYE_MS = 500;
/** Jobs of one round trip. */
const BATCH = 500;

/** BullMQ refuses ids that contain a colon or look like a number; an outbox id comes back unchanged from this spelling. */
export function jobIdOf(rowId: string): string {
  return `row-${encodeURIComponent(rowId)}`;
}

export function rowIdOf(jobId: string): string {
  return decodeURIComponent(jobId.slice('row-'.length));
}

export interface JobQueueOptions {
  readonly url: string;
  readonly now: () => EpochMs;
  /** Before all keys; `yihu` unless told. Tests keep apart by it. */
  readonly prefix?: string | undefined;
  /** A code a trouble; not once for every failed try. */
  readonly onTrouble: (code: string) => void;
  /** Redis is there, or it is gone. */
  readonly onChange?: (ready: boolean) => void;
}

/** The producing side: puts outbox ids into BullMQ's queue. Ids only: whatever Redis loses, the database still knows. */
export interface JobQueue {
  /** Adds jobs that run when their row is due. Returns at once; false when Redis is not there. An id that is queued stays as it is. */
  add(rows: readonly WokenRow[]): boolean;
  /** Puts due rows in front of a worker: added if they were lost, promoted if they were delayed. Rejects when Redis does not take them. */
  hurry(rows: readonly WokenRow[]): Promise<void>;
  ready(): boolean;
  /** Resolves when Redis is there, at the latest after `ms`. */
  opened(ms: number): Promise<void>;
  /** Gives Redis what is still to be added, if it takes it in a moment, and hangs up. */
  close(): Promise<void>;
}

export function openJobQueue({ url, now, prefix = REDIS_PREFIX, onTrouble, onChange }: JobQueueOptions): JobQueue {
  const trouble = tellSeldom(onTrouble);
  let queue: Queue | null = null;
  let pending: WokenRow[] = [];
  let adding: Promise<void> | null = null;
  let closed = false;

  const link: RedisLink = openRedisLink({
    url,
    manner: 'asks',
    trouble,
    changed: (ready) => {
      // BullMQ waits for ever for a server that was never there, so it is made when there is one.
      if (ready && queue === null && !closed) queue = makeQueue();
      onChange?.(ready);
    },
  });

  const makeQueue = (): Queue => {
    const made = new Queue(QUEUE_NAME, {
      connection: link.client,
      prefix,
      // Done, failed or given up: the id is free again at once, and nothing piles up. What became of a row, its own state says.
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1, stackTraceLimit: 0, keepLogs: 0 },
      streams: { events: { maxLen: 100 } },
    });
    made.on('error', trouble);
    return made;
  };

  const put = async (rows: readonly WokenRow[]): Promise<Awaited<ReturnType<Queue['addBulk']>>> => {
    if (queue === null || !link.ready()) throw new Error('Redis is not there');
    return queue.addBulk(rows.map(({ id, availableAt }) => ({ name: 'row', data: {}, opts: { jobId: jobIdOf(id), delay: Math.max(0, availableAt - now()) } })));
  };

  /** What came in one round of the event loop goes in one round trip; the next one waits for it, as it gathers meanwhile. */
  const flush = async (): Promise<void> => {
    await immediate();
    const rows = pending;
    pending = [];
    try {
      for (let from = 0; from < rows.length; from += BATCH) await put(rows.slice(from, from + BATCH));
    } catch (error) {
      if (!closed) link.doubt(error); // the sweep queues them again
    }
    adding = pending.length > 0 ? flush() : null;
  };

  return {
    add: (rows) => {
      if (!link.ready() || closed) return false;
      const room = MAX_PENDING - pending.length;
      pending.push(...rows.slice(0, room));
      adding ??= flush();
      return rows.length <= room;
    },
    hurry: async (rows) => {
      try {
        for (let from = 0; from < rows.length; from += BATCH) {
          const jobs = await put(rows.slice(from, from + BATCH));
          // A row that is due while its job is delayed: its time was moved, or clocks differ. Others refuse to be promoted.
          const refused = await Promise.allSettled(jobs.map((job) => job.promote()));
          if (!link.ready()) throw firstReason(refused);
        }
      } catch (error) {
        link.doubt(error);
        throw error;
      }
    },
    ready: () => link.ready() && queue !== null,
    opened: link.opened,
    close: async () => {
      closed = true;
      while (adding !== null && link.ready() && (await within(adding, GOODBYE_MS)));
      link.close();
    },
  };
}

function firstReason(results: readonly PromiseSettledResult<void>[]): unknown {
  return results.find((result) => result.status === 'rejected')?.reason ?? new Error('Redis went away');
}
