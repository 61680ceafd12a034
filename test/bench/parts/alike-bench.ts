import Type from 'typebox';
import { Value } from 'typebox/value';
import { runChild } from '../child.ts';
import type { Bench, Figure } from '../types.ts';

const Run = Type.Object({ tickets: Type.Number(), addMicroseconds: Type.Number(), megabytes: Type.Number(), check: Type.Array(Type.Number()), slowest: Type.Array(Type.Number()), seeMicroseconds: Type.Number(), lookMilliseconds: Type.Number() });
const SIZES = [10_000, 100_000];
const BUDGET_SIZE = 100_000;
const CHECK_MS = 20;
/** A run that takes longer than this is given up; so much more for each ticket. */
const LIMIT_MS = 200_000;
const LIMIT_A_TICKET_MS = 1;

/** Duplicates: the index alone, each size in a process of its own, in processor time. 1,000,000: `parts/alike.ts --index 1000000`. */
export const alike: Bench = {
  name: 'alike',
  about: 'duplicates: one check among 10,000 and 100,000 open tickets, what the index holds, a ticket of a storm',
  run: async ({ progress, rounds }) => {
    const figures: Figure[] = [];
    for (const [at, size] of SIZES.entries()) {
      progress(at / SIZES.length, `${size} open tickets`);
      const run = await runAlike(size, rounds);
      const name = `${size.toLocaleString('en')} open tickets`;
      figures.push(
        { what: `${name}: a check`, unit: 'ms', rounds: run.check, ...(size === BUDGET_SIZE ? { budget: { limit: CHECK_MS, kind: 'most' } } : {}) },
        { what: `${name}: a check, p99`, unit: 'ms', rounds: run.slowest },
        { what: `${name}: adding one`, unit: 'µs', rounds: [run.addMicroseconds] },
        { what: `${name}: heap and buffers`, unit: 'MB', rounds: [run.megabytes] },
      );
      if (at === SIZES.length - 1) figures.push({ what: 'storm of 5,000 in an hour: taking one in', unit: 'µs', rounds: [run.seeMicroseconds] }, { what: 'storm of 5,000 in an hour: a look at what bursts', unit: 'ms', rounds: [run.lookMilliseconds] });
    }
    return figures;
  },
};

export async function runAlike(size: number, rounds: number): Promise<Type.Static<typeof Run>> {
  const limitMs = LIMIT_MS + size * LIMIT_A_TICKET_MS;
  const result = await runChild('./parts/alike-run.ts', [String(size), String(rounds)], limitMs, ['--expose-gc']);
  if (!Value.Check(Run, result)) throw new Error(`no result for ${size} open tickets within ${limitMs / 1000} s`);
  return result;
}
