import Type from 'typebox';
import { Value } from 'typebox/value';
import { runChild } from './child.ts';
import type { Bench, Figure } from './types.ts';

const Run = Type.Object({ entries: Type.Number(), indexSeconds: Type.Number(), p50: Type.Array(Type.Number()), p99: Type.Array(Type.Number()), heapMegabytes: Type.Number() });
const SIZES = [0, 10_000, 100_000];
const BUDGET_SIZE = 100_000;
const P99_MS = 5;
const INDEX_SECONDS = 60;
/** A run that takes longer than this is given up. */
const LIMIT_MS = 150_000;

/** The matcher alone, each size in a process of its own. */
export const matcher: Bench = {
  name: 'matcher',
  about: 'index time and time of one match: the demo knowledge, then 10,000 and 100,000 recombined entries',
  run: async ({ progress, rounds }) => {
    const figures: Figure[] = [];
    for (const [index, size] of SIZES.entries()) {
      progress(index / SIZES.length, size === 0 ? 'demo knowledge' : `${size} entries`);
      const run = await runIndex(size, rounds);
      const name = `${run.entries.toLocaleString('en')} entries`;
      const budgeted = size === BUDGET_SIZE;
      figures.push(
        { what: `${name}: index`, unit: 's', rounds: [run.indexSeconds], ...(budgeted ? { budget: { limit: INDEX_SECONDS, kind: 'most' } } : {}) },
        { what: `${name}: p50`, unit: 'ms', rounds: run.p50 },
        { what: `${name}: p99`, unit: 'ms', rounds: run.p99, ...(budgeted ? { budget: { limit: P99_MS, kind: 'most' } } : {}) },
        { what: `${name}: resident`, unit: 'MB', rounds: [run.heapMegabytes] },
      );
    }
    return figures;
  },
};

async function runIndex(size: number, rounds: number): Promise<Type.Static<typeof Run>> {
  const result = await runChild('./matcher-run.ts', [String(size), String(rounds)], LIMIT_MS);
  if (!Value.Check(Run, result)) throw new Error(`no result for ${size} entries within ${LIMIT_MS / 1000} s`);
  return result;
}
