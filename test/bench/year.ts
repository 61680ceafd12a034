import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { YEAR_MESSAGES } from './arguments.ts';
import { CHANNELS, profiling, surround } from './gateway.ts';
import { orSilence } from './load.ts';
import { CITY_CHANNELS, createMix, MATTERS } from './mix.ts';
import { cpuMsWithChildren, ownCpuMs, residentMegabytesOfAll } from './processor.ts';
import { WORKERS } from './rounds.ts';
import { createRandom, median } from './statistics.ts';
import { cityQuestions, createTalkers, type Talkers } from './talkers.ts';
import type { Bench, BenchContext, Figure } from './types.ts';

const LEAST_PER_SECOND = 1550;
const MOST_GROWTH = 1.2;
const SEED = 20_261_122;
/** Before the clock starts: code that has not been compiled would make the start look dear and the end cheap. */
const WARM_UP = 4000;
/** Looks during the replay. */
const SLOTS = 60;
const SLOT_LEAST = 500;
/** Of these at either end the median is taken. */
const EDGE_SLOTS = 5;

/** What has been used by a moment; ms. */
export interface Look {
  readonly messages: number;
  readonly at: number;
  readonly serverMs: number;
  readonly makerMs: number;
}

/** A city's year through one gateway on SQLite. */
export const year: Bench = {
  name: 'year',
  about: `a city's year: ${YEAR_MESSAGES.toLocaleString('en')} messages (--scale for a part), cost at the end ÷ at the start, size of the database`,
  long: true,
  run: async (context) => {
    const dataDir = join(context.folder, 'year');
    const around = await surround({ dataDir, channels: CHANNELS, places: WORKERS, processes: context.sizes.processes, nodeArguments: profiling() });
    const mix = createMix({ random: createRandom(SEED), questions: cityQuestions() });
    const talkers = createTalkers(around, mix);
    const { pid } = around.server;
    let looks: readonly Look[] = [];
    let resident = Number.NaN;
    try {
      looks = await replay(context, talkers, pid);
      resident = residentMegabytesOfAll(pid);
    } finally {
      // Ctrl+C in a terminal reaches the server as well: it may be gone, or going, by now.
      await around.close().catch((error: unknown) => {
        if (!context.stop.aborted) throw error;
      });
    }
    const bytes = await folderBytes(dataDir);
    return [
      ...yearFigures(looks, context.sizes.scale, context.sizes.processes),
      { what: 'tickets opened by the forms', unit: '', rounds: [talkers.tickets], note: `warm-up included; ${talkers.withoutTicket === 0 ? 'every form opened one' : `${talkers.withoutTicket} forms opened none`}` },
      { what: 'database', unit: 'MB', rounds: [bytes / 1_048_576], note: `${(bytes / 1024 / Object.values(mix.planned()).reduce((sum, messages) => sum + messages, 0)).toFixed(1)} kB a message` },
      { what: 'resident at the end', unit: 'MB', rounds: [resident] },
    ];
  },
};

/** Plays the messages; what was seen at every slot's end, the first look at the start. */
async function replay(context: BenchContext, talkers: Talkers, pid: number): Promise<readonly Look[]> {
  const { stop, progress } = context;
  const total = Math.max(1, Math.round(YEAR_MESSAGES * context.sizes.scale));
  const looks: Look[] = [];
  let done = 0;

  const play = async (count: number, eachDone: () => void): Promise<void> => {
    let begun = 0;
    const work = async (worker: number): Promise<void> => {
      while (begun < count && !stop.aborted) {
        begun += 1;
        try {
          await talkers.act(worker);
        } catch (error) {
          if (stop.aborted) return;
          throw error;
        }
        done += 1;
        eachDone();
      }
    };
    const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([orSilence(Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker))), () => done), stopped]);
  };

  progress(0, 'warming up');
  await play(Math.min(WARM_UP * context.sizes.processes, total), () => undefined);
  done = 0;
  const look = (): void => void looks.push({ messages: done, at: performance.now(), serverMs: cpuMsWithChildren(pid), makerMs: ownCpuMs() });
  const slot = Math.max(SLOT_LEAST, Math.ceil(total / SLOTS));
  look();
  const first = looks[0]?.at ?? 0;
  await play(total, () => {
    if (done % slot === 0 && !stop.aborted) look();
    if (done % SLOT_LEAST !== 0) return;
    const perSecond = done / ((performance.now() - first) / 1000);
    progress(done / total, `${done.toLocaleString('en')} of ${total.toLocaleString('en')}, ${Math.round(perSecond)}/s, ${durationText((total - done) / perSecond)} left`);
  });
  // What is left over belongs to the total, but would make a slot too short to be compared.
  if (done - (looks.at(-1)?.messages ?? 0) >= slot / 2 || looks.length === 1) look();
  return looks;
}

/** Rates, costs at both ends, and what a whole year would take. */
export function yearFigures(looks: readonly Look[], scale: number, processes = 1): readonly Figure[] {
  const slots = looks.slice(1).map((look, index) => {
    const before = looks[index] ?? look;
    const count = look.messages - before.messages;
    return { wall: (look.at - before.at) / count, server: (look.serverMs - before.serverMs) / count, maker: (look.makerMs - before.makerMs) / count };
  });
  const edge = Math.max(1, Math.min(EDGE_SLOTS, Math.floor(slots.length / 2)));
  const first = slots.slice(0, edge);
  const last = slots.slice(-edge);
  const of = (which: 'wall' | 'server' | 'maker', from: typeof slots): readonly number[] => from.map((slot) => slot[which]);
  const growth = (which: 'wall' | 'server'): number => median(of(which, last)) / median(of(which, first));
  const messages = looks.at(-1)?.messages ?? 0;
  const seconds = ((looks.at(-1)?.at ?? 0) - (looks[0]?.at ?? 0)) / 1000;
  const perSecond = messages / seconds;
  const share = (part: number): string => `${Number((part * 100).toPrecision(3))} %`;
  return [
    { what: 'messages', unit: '', rounds: [messages], note: `${share(scale)} of a year asked for; ${Object.entries(MATTERS).map(([name, part]) => `${name} ${share(part)}`).join(', ')}; ${Object.entries(CITY_CHANNELS).map(([name, part]) => `${name} ${share(part)}`).join(', ')}; conversations are opened and ended besides` },
    { what: 'messages', unit: '/s', rounds: [perSecond], budget: { limit: LEAST_PER_SECOND, kind: 'least' }, note: `${WORKERS} citizens at once${processes === 1 ? '' : `; ${processes} processes`}` },
    { what: 'messages an hour', unit: '', rounds: [perSecond * 3600] },
    { what: 'a whole year at this rate', unit: 'h', rounds: [YEAR_MESSAGES / perSecond / 3600], budget: { limit: 1, kind: 'most' } },
    { what: 'processor time of the server a message', unit: 'ms', rounds: of('server', slots) },
    { what: 'processor time of the load maker a message', unit: 'ms', rounds: of('maker', slots) },
    // Ended too early: there is no end to compare with the start.
    ...(slots.length < 2 ? [] : [
      { what: 'processor time of the server, end ÷ start', unit: '×', rounds: [growth('server')], budget: { limit: MOST_GROWTH, kind: 'most' }, note: `medians of ${edge} of ${slots.length} slots at either end` },
      { what: 'wall time, end ÷ start', unit: '×', rounds: [growth('wall')], budget: { limit: MOST_GROWTH, kind: 'most' } },
    ] satisfies Figure[]),
  ];
}

/** `1 h 5 min`, `4 min`, `12 s`. */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Everything below a folder. */
export async function folderBytes(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) sum += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return sum;
}
