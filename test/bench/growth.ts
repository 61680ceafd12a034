import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fill } from './fill.ts';
import { CHANNELS, surround, type Surrounded } from './gateway.ts';
import { closedLoop, type LoadResult } from './load.ts';
import { createMix } from './mix.ts';
import { cpuMs } from './processor.ts';
import { WORKERS } from './rounds.ts';
import { createRandom } from './statistics.ts';
import { cityQuestions, createTalkers, type Talkers } from './talkers.ts';
import type { Bench, BenchContext, Figure } from './types.ts';
import { folderBytes } from './year.ts';

const MOST_GROWTH = 1.2;
const SEED = 20_261_122;
/** Messages whose conversations are copied. */
const PATTERN_MESSAGES = 4000;
/** Who is measured has not called before. */
const STRANGERS = 1_000_000;
const COUNT = 6000;
const MAX_MS = 5000;

/** What a turn costs with a full store beside an empty one, both warm, in turns. */
export const growth: Bench = {
  name: 'growth',
  about: 'cost of a turn with --rows stored activities (real conversations, copied fast) ÷ with an almost empty store',
  long: true,
  run: async (context) => {
    const [empty, full] = [join(context.folder, 'empty'), join(context.folder, 'full')];
    context.progress(0, 'conversations to copy');
    await playPattern(full);
    // WAL is gone after a stop in order: the files are whole.
    await cp(full, empty, { recursive: true });
    const started = performance.now();
    const file = join(full, 'yihu.sqlite3');
    const activities = await fill({ file, activities: context.sizes.rows, until: Date.now(), stop: context.stop, progress: (part) => context.progress(0.05 + part * 0.6, `filling, ${Math.round(part * 100)} %`) });
    const seconds = (performance.now() - started) / 1000;
    return [
      { what: 'stored activities', unit: '', rounds: [activities], note: `filled in ${Math.round(seconds)} s` },
      { what: 'database', unit: 'MB', rounds: [(await folderBytes(full)) / 1_048_576] },
      ...(context.stop.aborted ? [] : await compare(context, empty, full)),
    ];
  },
};

async function playPattern(dataDir: string): Promise<void> {
  const around = await surround({ dataDir, channels: CHANNELS, places: WORKERS });
  try {
    const talkers = talkersOf(around, 0);
    await closedLoop({ workers: WORKERS, count: PATTERN_MESSAGES, maxMs: 60_000, act: talkers.act });
  } finally {
    await around.close();
  }
}

interface Side {
  readonly around: Surrounded;
  readonly talkers: Talkers;
  readonly rounds: { readonly cpu: number; readonly result: LoadResult }[];
}

/** One round of the one, one of the other, so that what else the machine does falls on both. */
async function compare(context: BenchContext, empty: string, full: string): Promise<readonly Figure[]> {
  const sides: Side[] = [];
  try {
    for (const dataDir of [empty, full]) {
      const around = await surround({ dataDir, channels: CHANNELS, places: WORKERS });
      sides.push({ around, talkers: talkersOf(around, STRANGERS), rounds: [] });
    }
    for (let round = 0; round <= context.rounds; round += 1) {
      for (const [index, { around, talkers, rounds }] of sides.entries()) {
        context.progress(0.65 + (0.35 * (2 * round + index)) / (2 * context.rounds + 2), `${index === 0 ? 'almost empty' : 'full'}, ${round === 0 ? 'warming up' : `round ${round}`}`);
        const before = cpuMs(around.server.pid);
        const result = await closedLoop({ workers: WORKERS, count: COUNT, maxMs: MAX_MS, act: talkers.act });
        if (round > 0) rounds.push({ result, cpu: (cpuMs(around.server.pid) - before) / result.count });
      }
    }
  } finally {
    for (const { around } of sides) await around.close();
  }
  const [few, many] = sides;
  if (few === undefined || many === undefined) return [];
  const ratio = (of: (round: Side['rounds'][number]) => number): readonly number[] => many.rounds.map((round, index) => of(round) / of(few.rounds[index] ?? round));
  return [
    { what: 'processor time of the server a turn, almost empty', unit: 'ms', rounds: few.rounds.map(({ cpu }) => cpu) },
    { what: 'processor time of the server a turn, full', unit: 'ms', rounds: many.rounds.map(({ cpu }) => cpu) },
    { what: 'processor time, full ÷ almost empty', unit: '×', rounds: ratio(({ cpu }) => cpu), budget: { limit: MOST_GROWTH, kind: 'most' } },
    { what: 'wall time, full ÷ almost empty', unit: '×', rounds: ratio(({ result }) => 1 / result.perSecond), budget: { limit: MOST_GROWTH, kind: 'most' } },
  ];
}

function talkersOf(around: Surrounded, firstCaller: number): Talkers {
  return createTalkers(around, createMix({ random: createRandom(SEED), questions: cityQuestions(), firstCaller }));
}
