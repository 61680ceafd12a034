import { Queue, Worker } from 'bullmq';
import { closedLoop } from './load.ts';
import { ownCpuMs } from './processor.ts';
import { createRandom } from './statistics.ts';

/** BullMQ's own price of a job, in a process of its own: add, then process, nothing in it. Arguments: Redis address, rounds. Sends `BullmqRun`. */
export interface BullmqRun {
  readonly perSecond: readonly number[];
  /** Processor time of this process a job, ms. */
  readonly cpuMs: readonly number[];
}

const ADDERS = 128;
const JOBS = 8000;
const MAX_MS = 4000;
const PARALLEL = 64;

const [, , url = '', given = '3'] = process.argv;
const { hostname, port, username, password, pathname } = new URL(url);
const connection = { host: hostname, port: Number(port === '' ? 6379 : port), username, password, db: Number(pathname.slice(1)), maxRetriesPerRequest: null };
const name = `bench-${Math.floor(createRandom(Date.now())() * 1e9)}`;
const queue = new Queue(name, { connection, defaultJobOptions: { removeOnComplete: true, removeOnFail: true } });
const waiting = new Map<string, () => void>();
const worker = new Worker(name, async (job) => {
  waiting.get(job.name)?.();
  waiting.delete(job.name);
}, { connection, concurrency: PARALLEL });
await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);

let added = 0;
const perSecond: number[] = [];
const cpuMs: number[] = [];
for (let round = 0; round <= Number(given); round += 1) {
  const before = ownCpuMs();
  const result = await closedLoop({
    workers: ADDERS,
    count: JOBS,
    maxMs: MAX_MS,
    act: async () => {
      added += 1;
      const key = String(added);
      const processed = new Promise<void>((resolve) => void waiting.set(key, resolve));
      await queue.add(key, {});
      await processed;
    },
  });
  if (round === 0) continue;
  perSecond.push(result.perSecond);
  cpuMs.push((ownCpuMs() - before) / result.count);
}
await worker.close();
await queue.obliterate({ force: true });
await queue.close();
process.send?.({ perSecond, cpuMs } satisfies BullmqRun);
process.disconnect?.();
