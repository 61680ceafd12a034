import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { runChild } from '../child.ts';
import type { Bench, Figure, KbEngine } from '../types.ts';

const Numbers = Type.Array(Type.Number());
const Run = Type.Object({ buildSeconds: Type.Number(), megabytes: Type.Number(), perSecond: Numbers, p50: Numbers, p99: Numbers, first: Type.Number(), ten: Type.Number(), extra: Type.Record(Type.String(), Type.Number()) });
type Run = Static<typeof Run>;

const NAMES: Readonly<Record<KbEngine, string>> = { first: 'ours, first stage', matcher: 'ours, whole match', flexsearch: 'FlexSearch', fts5: 'SQLite FTS5', minisearch: 'MiniSearch', orama: 'Orama' };
/** An engine that is not through by then is given up: a quarter of an hour, longer for more than 250,000 entries. */
const limitMs = (size: number): number => 900_000 * Math.max(1, size / 250_000);
const BUDGET_SIZE = 100_000;

/** Our index beside other engines over the same tokens, each engine and size in a process of its own. */
export const kb: Bench = {
  name: 'kb',
  about: 'knowledge bases of --entries entries: ours, FlexSearch, SQLite FTS5, MiniSearch and Orama over the same tokens',
  long: true,
  run: async ({ progress, rounds, sizes, stop }) => {
    const figures: Figure[] = [];
    const total = sizes.entries.length * sizes.engines.length;
    let done = 0;
    for (const size of sizes.entries) {
      for (const engine of sizes.engines) {
        if (stop.aborted) return figures;
        progress(done / total, `${size.toLocaleString('en')} entries: ${NAMES[engine]}`);
        done += 1;
        const heap = ['--max-old-space-size=12000', '--expose-gc'];
        const run = await runChild('./kb/run.ts', [engine, String(size), String(rounds)], limitMs(size), heap);
        figures.push(...figuresOf(engine, size, Value.Check(Run, run) ? run : null));
      }
    }
    return figures;
  },
};

function figuresOf(engine: KbEngine, size: number, run: Run | null): readonly Figure[] {
  const name = `${size.toLocaleString('en')}, ${NAMES[engine]}`;
  if (run === null) return [{ what: `${name}: questions`, unit: '/s', rounds: [Number.NaN], note: `not through within ${limitMs(size) / 60_000} minutes, or out of memory` }];
  const ours = engine === 'matcher';
  const budgeted = ours && size === BUDGET_SIZE;
  const figures: Figure[] = [
    { what: `${name}: questions`, unit: '/s', rounds: run.perSecond, note: 'of processor time' },
    { what: `${name}: p50`, unit: 'ms', rounds: run.p50 },
    { what: `${name}: p99`, unit: 'ms', rounds: run.p99, ...(budgeted ? { budget: { limit: 5, kind: 'most' } } : {}) },
    { what: `${name}: right one first`, unit: '%', rounds: [run.first * 100] },
    { what: `${name}: among ten`, unit: '%', rounds: [run.ten * 100] },
    { what: `${name}: build`, unit: 's', rounds: [run.buildSeconds], note: 'of processor time, the analysis of all texts included', ...(budgeted ? { budget: { limit: 60, kind: 'most' } } : {}) },
    { what: `${name}: memory`, unit: 'MB', rounds: [run.megabytes], note: 'resident, more than before' },
  ];
  const { add, replace, remove, write, snapshotMegabytes, open } = run.extra;
  const extra: readonly (readonly [string, number | undefined, string])[] = [['add an entry', add, 'ms'], ['replace an entry', replace, 'ms'], ['remove an entry', remove, 'ms'], ['write a snapshot', write, 'ms'], ['snapshot', snapshotMegabytes, 'MB'], ['open a snapshot', open, 'ms']];
  for (const [what, value, unit] of extra) if (value !== undefined) figures.push({ what: `${name}: ${what}`, unit, rounds: [value], ...(what === 'open a snapshot' && budgeted ? { budget: { limit: 2000, kind: 'most' } } : {}) });
  return figures;
}
