import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from './statistics.ts';

/** Load on one machine, bounded in number and time. */

export interface LoadResult {
  readonly count: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** One act of one worker; a worker acts one at a time. */
export type Act = (worker: number) => Promise<unknown>;

/** When nothing at all is answered for so long, something is stuck: better an error than a bench that never ends. */
const SILENCE_MS = 30_000;

/** As fast as it goes: each worker acts again as soon as its act is over, until `count` acts or `maxMs`. */
export async function closedLoop(given: { readonly workers: number; readonly count: number; readonly maxMs: number; readonly act: Act }): Promise<LoadResult> {
  const taken: number[] = [];
  let begun = 0;
  const started = performance.now();
  const work = async (worker: number): Promise<void> => {
    while (begun < given.count && performance.now() - started < given.maxMs) {
      begun += 1;
      const from = performance.now();
      await given.act(worker);
      taken.push(performance.now() - from);
    }
  };
  await orSilence(Promise.all(Array.from({ length: given.workers }, (_, worker) => work(worker))), () => taken.length);
  return summary(taken, performance.now() - started);
}

/**
 * At a steady rate, however slow the answers are. The time runs from the moment an act was due, not from when its worker
 * was free, so that a stall shows in everything it held up.
 */
/** @param given.warmUpSeconds the first seconds do not count: a route's first request prepares what the others use */
export async function openLoop(given: { readonly workers: number; readonly perSecond: number; readonly seconds: number; readonly warmUpSeconds?: number; readonly act: Act }): Promise<LoadResult> {
  const taken: number[] = [];
  const count = Math.round(given.perSecond * (given.seconds + (given.warmUpSeconds ?? 0)));
  const lanes = Array.from({ length: given.workers }, () => Promise.resolve());
  let failed: { readonly error: unknown } | null = null;
  let done = 0;
  const warm = Math.round(given.perSecond * (given.warmUpSeconds ?? 0));
  const follow = async (before: Promise<void>, worker: number, dueAt: number, counts: boolean): Promise<void> => {
    await before;
    if (failed !== null) return;
    try {
      await given.act(worker);
      done += 1;
      if (counts) taken.push(performance.now() - dueAt);
    } catch (error) {
      failed ??= { error };
    }
  };
  const started = performance.now();
  for (let due = 0; due < count && failed === null; ) {
    const now = performance.now() - started;
    for (; due < count && (due / given.perSecond) * 1000 <= now; due += 1) {
      const worker = due % given.workers;
      const dueAt = started + (due / given.perSecond) * 1000;
      lanes[worker] = follow(lanes[worker] ?? Promise.resolve(), worker, dueAt, due >= warm);
    }
    await sleep(Math.max(1, Math.floor((due / given.perSecond) * 1000 - (performance.now() - started))));
  }
  await orSilence(Promise.all(lanes), () => done);
  if (failed !== null) throw thrown(failed);
  return summary(taken, performance.now() - started - (given.warmUpSeconds ?? 0) * 1000);
}

/** Waits for the work, but not for ever: rejects when `done` stays the same for `ms`. */
export async function orSilence<Result>(work: Promise<Result>, done: () => number, ms = SILENCE_MS): Promise<Result> {
  let watch: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    let before = done();
    watch = setInterval(() => {
      if (done() === before) reject(new Error(`nothing was answered for ${ms / 1000} s`));
      before = done();
    }, ms);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearInterval(watch);
  }
}

function thrown({ error }: { readonly error: unknown }): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function summary(taken: number[], ms: number): LoadResult {
  const sorted = taken.toSorted((a, b) => a - b);
  return { count: taken.length, perSecond: taken.length / (ms / 1000), p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
}
