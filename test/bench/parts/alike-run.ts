import { fileURLToPath } from 'node:url';
import { createAlikeIndex } from '../../../src/matcher/alike/alike-index.ts';
import { createBurstWatch } from '../../../src/matcher/alike/bursts.ts';
import { aCut, anOther, createRandom, seenOf, TOWN_NAMES } from '../../tickets/alike/storm-texts.ts';
import { ownCpuMs } from '../processor.ts';
import { percentile } from '../statistics.ts';
import { createTicketMaker } from './alike-tickets.ts';

/** One index of duplicates in a process of its own; arguments: open tickets, rounds. Sends `AlikeRun` to its parent. Processor time. */
export interface AlikeRun {
  readonly tickets: number;
  readonly addMicroseconds: number;
  readonly megabytes: number;
  /** Mean of a round, ms. */
  readonly check: readonly number[];
  readonly slowest: readonly number[];
  /** One ticket of a storm of 5,000 in an hour, µs; and one look at what bursts at its height, ms. */
  readonly seeMicroseconds: number;
  readonly lookMilliseconds: number;
}

const CHECKS = 500;
const STORM = 5_000;
const HOUR = 3_600_000;

const size = Number(process.argv[2] ?? '100000');
const rounds = Number(process.argv[3] ?? '3');
const make = createTicketMaker(fileURLToPath(new URL('../../..', import.meta.url)));
const used = (): number => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const before = used();
const index = createAlikeIndex({ expected: size });
let adding = 0;
// Made in handfuls, so that the making is not measured and not held.
for (let made = 0; made < size; made += 1000) {
  const tickets = Array.from({ length: Math.min(1000, size - made) }, (_, at) => make(made + at));
  const from = ownCpuMs();
  for (const ticket of tickets) index.add(ticket);
  adding += ownCpuMs() - from;
}
const megabytes = (used() - before) / 1_048_576;

const drafts = Array.from({ length: CHECKS }, (_, at) => make(size + at));
const check: number[] = [];
const slowest: number[] = [];
for (let round = 0; round <= rounds; round += 1) {
  const taken = drafts.map((draft) => {
    const from = ownCpuMs();
    index.alike(draft);
    return ownCpuMs() - from;
  });
  if (round === 0) continue;
  check.push(taken.reduce((sum, each) => sum + each, 0) / taken.length);
  slowest.push(percentile(taken.sort((a, b) => a - b), 0.99));
}

const random = createRandom(7);
const watch = createBurstWatch({ placeNames: TOWN_NAMES });
const storm = Array.from({ length: STORM }, (_, at) => seenOf(`t${at}`, (at * HOUR) / STORM, random() < 0.05 ? anOther(random) : aCut(random)));
const seeing = ownCpuMs();
for (const seen of storm) watch.see(seen);
const seen = ownCpuMs();
const found = watch.bursts(HOUR, () => 2);
const looked = ownCpuMs();
if (found.length !== 1) throw new Error(`${found.length} storms of one`);

process.send?.({ tickets: size, addMicroseconds: (adding * 1000) / size, megabytes, check, slowest, seeMicroseconds: ((seen - seeing) * 1000) / STORM, lookMilliseconds: looked - seen } satisfies AlikeRun);
