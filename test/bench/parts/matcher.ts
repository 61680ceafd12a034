import { fileURLToPath } from 'node:url';
import { loadCity } from '../../../src/config/city.ts';
import type { Item } from '../../../src/domain/config-files.ts';
import { foldText } from '../../../src/domain/text.ts';
import { createItemSuggester, createMatcher } from '../../../src/matcher/index.ts';
import { createAnalyzer } from '../../../src/matcher/segment.ts';
import type { MatchEntry } from '../../../src/matcher/types.ts';
import { createRandom, median, percentile } from '../statistics.ts';

/**
 * What the matcher is made of, in processor time: `npx tsx test/bench/parts/matcher.ts [ENTRIES …]`. Without a number: the
 * demo knowledge and items, and 2,000 items of 20 examples. With numbers: knowledge bases of that many recombined entries
 * (index time, p50 and p99 by the wall clock, memory). Plain loops, median of rounds; nothing is asserted.
 */

const ROUNDS = 7;
const QUESTIONS = 1000;

const city = loadCity(fileURLToPath(new URL('../../..', import.meta.url)));
const random = createRandom(20_261_122);
const pick = <Each>(from: readonly Each[]): Each => {
  const each = from[Math.floor(random() * from.length)];
  if (each === undefined) throw new Error('nothing to pick from');
  return each;
};
const { synonyms, dialect, stopWords, words: lexicon } = city.lexicon;
const words = [...lexicon, ...city.towns.flatMap((town) => [town.name, town.short]), ...city.departments.flatMap((department) => [department.name, department.short])];
const options = { words, synonyms, dialect, stopWords };
const demo = city.knowledge.map((entry): MatchEntry => ({ id: entry.id, question: entry.question, variants: entry.wordings, answer: entry.answer, category: entry.module, keywords: entry.keywords ?? [] }));
const half = (left: string, right: string): string => left.slice(0, Math.ceil(left.length / 2)) + right.slice(Math.floor(right.length / 2));

/** Processor time of this process so far, ms. */
function processor(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Median over rounds of the processor time of one call, in microseconds; one round to warm up. */
function cost<Input>(inputs: readonly Input[], call: (input: Input) => unknown): number {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const from = processor();
    for (const input of inputs) call(input);
    if (round > 0) rounds.push(((processor() - from) * 1000) / inputs.length);
  }
  return median(rounds);
}

const show = (what: string, value: number, unit: string): void => console.log(`${what.padEnd(58)} ${value.toFixed(value < 10 ? 2 : 1).padStart(10)} ${unit}`);

/** As citizens write: a known wording, often with a courtesy before or a place in it. */
const questionsOf = (entries: readonly MatchEntry[]): string[] =>
  Array.from({ length: QUESTIONS }, (_, at) => {
    const entry = pick(entries);
    // The number makes every text a new one: what is remembered from the last turn must not flatter the figures.
    return `${pick(['', '请问一下', '你好，', `我在${pick(city.towns).short}，`])}${pick([entry.question, ...(entry.variants ?? [])])}${at}`;
  });

function recombined(at: number): MatchEntry {
  const [a, b, c] = [pick(demo), pick(demo), pick(demo)];
  return {
    id: `bench.${at}`,
    question: `${pick(city.towns).short}${half(a.question, b.question)}`,
    variants: (c.variants ?? []).map((wording) => half(wording, pick(b.variants ?? [b.question]))),
    answer: half(a.answer ?? '', b.answer ?? ''),
    category: a.category ?? 'faq',
    keywords: [...(a.keywords ?? []), ...(b.keywords ?? [])],
  };
}

function recombinedItem(at: number): Item {
  const [a, b] = [pick(city.items), pick(city.items)];
  const examples = Array.from({ length: 20 }, () => pick(city.towns).short + half(pick(pick(city.items).examples), pick(b.examples)));
  return { ...a, code: `bench.${at}`, name: half(a.name, b.name), keywords: [...a.keywords, ...b.keywords], examples };
}

function demoParts(): void {
  const cold = processor();
  const analyzer = createAnalyzer(options);
  show('first analyzer: the dictionary', processor() - cold, 'ms');
  const built = processor();
  const matcher = createMatcher(demo, options);
  show(`${demo.length} entries: index, first`, processor() - built, 'ms');
  const suggested = processor();
  const suggester = createItemSuggester(city.items, options);
  show(`${city.items.length} items: model, first`, processor() - suggested, 'ms');
  show(`${demo.length} entries: index, warm`, cost([0, 1, 2], () => createMatcher(demo, options)) / 1000, 'ms');
  show(`${city.items.length} items: model, warm`, cost([0, 1, 2], () => createItemSuggester(city.items, options)) / 1000, 'ms');
  const questions = questionsOf(demo);
  const complaints = Array.from({ length: QUESTIONS }, (_, at) => `${pick(['', '我要投诉，', `${pick(city.towns).short}这边`])}${half(pick(pick(city.items).examples), pick(pick(city.items).examples))}${at}`);
  show('fold a question', cost(questions, foldText), 'µs');
  show('analyze a question', cost(questions, analyzer.analyze), 'µs');
  show(`match, ${demo.length} entries`, cost(questions, (text) => matcher.match(text)), 'µs');
  show(`suggest, ${city.items.length} items`, cost(complaints, suggester.suggest), 'µs');
  show('match, then suggest the same words', cost(questions, (text) => [matcher.match(text), suggester.suggest(text)]), 'µs');
  const large = Array.from({ length: 2000 }, (_, at) => recombinedItem(at));
  const begun = processor();
  const many = createItemSuggester(large, options);
  show('2,000 items of 20 examples: model', processor() - begun, 'ms');
  show('suggest, 2,000 items of 20 examples', cost(complaints.slice(0, 200), many.suggest), 'µs');
}

function knowledgeOf(count: number): void {
  const entries = Array.from({ length: count }, (_, at) => recombined(at));
  createAnalyzer(options).analyze('居住证');
  globalThis.gc?.();
  const [before, from] = [process.memoryUsage(), processor()];
  const matcher = createMatcher(entries, options);
  show(`${count} entries: index`, (processor() - from) / 1000, 's');
  const peak = process.memoryUsage();
  globalThis.gc?.();
  const after = process.memoryUsage();
  const megabytes = (bytes: number): number => bytes / 1_048_576;
  show(`${count} entries: heap and buffers of the index`, megabytes(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers), 'MB');
  show(`${count} entries: resident when built, whole process`, megabytes(peak.rss), 'MB');
  const questions = questionsOf(entries);
  const [middle, slow]: [number[], number[]] = [[], []];
  for (let round = 0; round <= 5; round += 1) {
    const taken = questions
      .map((question) => {
        const began = performance.now();
        matcher.match(question);
        return performance.now() - began;
      })
      .sort((a, b) => a - b);
    if (round === 0) continue;
    middle.push(percentile(taken, 0.5));
    slow.push(percentile(taken, 0.99));
  }
  show(`${count} entries: p50`, median(middle), 'ms');
  show(`${count} entries: p99`, median(slow), 'ms');
  show(`${count} entries: processor time of a match`, cost(questions, (text) => matcher.match(text)), 'µs');
}

const sizes = process.argv.slice(2).map(Number);
if (sizes.length === 0) demoParts();
for (const size of sizes) knowledgeOf(size);
