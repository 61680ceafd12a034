import { codeOf } from '../../domain/errors.ts';
import type { Store } from '../../store/contract.ts';
import type { Bus, BusOptions } from '../contract.ts';
import type { News } from '../news.ts';
import { type JobQueue, openJobQueue } from '../redis/job-queue.ts';
import type { BullmqOptions } from './bullmq.ts';

export interface ForwardingBus extends Bus {
  /** Is Redis there (true when none is used)? For /readyz and /metrics. */
  connected(): boolean;
}

export interface ForwardingTo {
  /** Tells workers that something was committed; for wakes without rows, and for all when Redis is not used or away. */
  readonly news: Pick<News, 'publish'>;
  /** The queue that workers with the bullmq driver read; the same url and prefix. */
  readonly redis?: BullmqOptions | undefined;
}

/** A start waits this long for Redis; work that is told of before is forwarded as news. */
const OPEN_MS = 1_000;

/**
 * The bus of a node that only has the role `web`: it carries nothing and tells the workers. What it fails to tell, their
 * sweep finds.
 */
export function createForwardingBus(store: Store, options: Pick<BusOptions, 'now' | 'sweepMs' | 'onEvent'>, { news, redis }: ForwardingTo): ForwardingBus {
  let queue: JobQueue | null = null;

  const report = (rowKind: string, code: string): void => options.onEvent?.({ kind: 'failed', rowKind, code });

  const wake: Bus['wake'] = (rows) => {
    if (rows !== undefined && queue?.add(rows) === true) return;
    // Workers look once a sweep anyway: what is due later needs no news.
    const soon = options.now() + options.sweepMs;
    if (rows === undefined || rows.some((row) => row.availableAt <= soon)) news.publish({ kind: 'work' });
  };

  return {
    start: async () => {
      if (redis === undefined || queue !== null) return;
      queue = openJobQueue({ ...redis, now: options.now, onTrouble: (code) => report('redis', code) });
      await queue.opened(OPEN_MS);
    },
    wake,
    hasRoom: () => false,
    // Not asked for, as there is never room; a lane that comes all the same must not stay taken.
    adopt: (lease, rows) => {
      store.write((repos) => repos.lanes.release(lease.lane, lease.fence)).then(
        () => wake(rows),
        (error: unknown) => report('lane', codeOf(error)),
      );
    },
    stop: async () => {
      await queue?.close();
      queue = null;
    },
    running: () => 0,
    connected: () => redis === undefined || queue?.ready() === true,
  };
}
