import Type from 'typebox';
import { Value } from 'typebox/value';
import { runChild } from './child.ts';
import { withRedis } from './servers.ts';
import { SkippedError, type Bench } from './types.ts';

const Run = Type.Object({ perSecond: Type.Array(Type.Number()), cpuMs: Type.Array(Type.Number()) });
const LIMIT_MS = 120_000;

/** What a durable-looking queue costs before anything is done with it. */
export const bullmq: Bench = {
  name: 'bullmq',
  about: 'peer: BullMQ adds and processes an empty job; 128 adders, Redis without fsync',
  run: async ({ progress, rounds }) => {
    progress(0, 'jobs');
    const run = await withRedis((url) => runChild('./bullmq-run.ts', [url, String(rounds)], LIMIT_MS));
    if (!run.reached) throw new SkippedError(run.why);
    if (!Value.Check(Run, run.result)) throw new Error(`no result within ${LIMIT_MS / 1000} s`);
    return [
      { what: 'jobs', unit: '/s', rounds: run.result.perSecond },
      { what: 'processor time of the process a job', unit: 'ms', rounds: run.result.cpuMs, note: 'queue and worker in one process, Redis besides' },
    ];
  },
};
