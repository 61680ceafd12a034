import { fileURLToPath } from 'node:url';
import { loadCity } from '../../src/config/city.ts';
import { createMatcher } from '../../src/matcher/index.ts';
import type { MatchEntry } from '../../src/matcher/types.ts';
import { createRandom, percentile } from './statistics.ts';

/**
 * One index in a process of its own, so that its time and memory are its own. Arguments: number of entries (0: the demo
 * knowledge as it is), rounds. Sends `MatcherRun` to its parent.
 */
export interface MatcherRun {
  readonly entries: number;
  readonly indexSeconds: number;
  readonly p50: readonly number[];
  readonly p99: readonly number[];
  readonly heapMegabytes: number;
}

const QUERIES = 1000;

const city = loadCity(fileURLToPath(new URL('../..', import.meta.url)));
const demo = city.knowledge.map((entry): MatchEntry => ({ id: entry.id, question: entry.question, variants: entry.wordings, answer: entry.answer, category: entry.module, keywords: entry.keywords ?? [] }));
const random = createRandom(20_261_122);
const pick = <Item>(from: readonly Item[]): Item => {
  const item = from[Math.floor(random() * from.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
};

/** A new entry from the parts of three: a place, the first half of one question and the second of another, an answer cut from two. */
function recombined(index: number): MatchEntry {
  const [a, b, c] = [pick(demo), pick(demo), pick(demo)];
  const join = (left: string, right: string): string => left.slice(0, Math.ceil(left.length / 2)) + right.slice(Math.floor(right.length / 2));
  const answer = (a.answer ?? '').slice(0, Math.ceil((a.answer ?? '').length / 2)) + (b.answer ?? '').slice(Math.floor((b.answer ?? '').length / 2));
  return {
    id: `bench.${index}`,
    question: `${pick(city.towns).short}${join(a.question, b.question)}`,
    variants: (c.variants ?? []).map((wording) => join(wording, pick(b.variants ?? [b.question]))),
    answer,
    category: a.category ?? 'faq',
    keywords: [...(a.keywords ?? []), ...(b.keywords ?? [])],
  };
}

const wanted = Number(process.argv[2] ?? '0');
const rounds = Number(process.argv[3] ?? '3');
const entries = wanted === 0 ? demo : Array.from({ length: wanted }, (_, index) => recombined(index));
const { synonyms, dialect, stopWords, words: lexicon } = city.lexicon;
const words = [...lexicon, ...city.towns.flatMap((town) => [town.name, town.short]), ...city.departments.flatMap((department) => [department.name, department.short])];

const started = performance.now();
const matcher = createMatcher(entries, { words, synonyms, dialect, stopWords });
const indexSeconds = (performance.now() - started) / 1000;

/** As citizens write: a known wording, often with a courtesy before or a place in it. */
const questions = Array.from({ length: QUERIES }, () => {
  const entry = pick(entries);
  const wording = pick([entry.question, ...(entry.variants ?? [])]);
  return pick(['', '', '请问一下', '你好，', `我在${pick(city.towns).short}，`]) + wording;
});
const p50: number[] = [];
const p99: number[] = [];
for (let round = 0; round <= rounds; round += 1) {
  const taken = questions.map((question) => {
    const from = performance.now();
    matcher.match(question);
    return performance.now() - from;
  }).sort((a, b) => a - b);
  if (round === 0) continue;
  p50.push(percentile(taken, 0.5));
  p99.push(percentile(taken, 0.99));
}
process.send?.({ entries: entries.length, indexSeconds, p50, p99, heapMegabytes: process.memoryUsage().rss / 1_048_576 } satisfies MatcherRun);
