import { foldText } from '../../domain/text.ts';
import { createAnalyzer, type Analyzer, type AnalyzerOptions } from '../segment.ts';

/**
 * What the learner sees of a text: three blocks of terms with their counts, each term a 32-bit hash, so that a model needs
 * no dictionary.
 *
 *   characters   runs of one to three, not across punctuation
 *   words        as the segmenter cuts them
 *   title        words and pairs of the first line, or of the first characters where there is none: what a citizen says first
 */

export const BLOCKS = 3;

/** Terms of one text, each once in its block: block b lies from ends[b - 1] to ends[b]. */
export interface TermList {
  readonly terms: Uint32Array;
  readonly counts: Uint16Array;
  readonly ends: readonly number[];
}

/** A message longer than this is cut. */
const TEXT_LIMIT = 2_000;
const TITLE = 30;
const LONGEST_RUN = 3;
const MOST_COUNTED = 65_535;

/**
 * The learner's own reading: synonyms, dialect and stop words are left as they stand, because what a citizen calls a thing tells who is
 * answerable (measured: ADR 21). Only the words to keep whole are taken, so that the dictionary is shared with the matcher's analyzer.
 */
export const learnerAnalyzer = ({ words }: AnalyzerOptions): Analyzer => createAnalyzer({ words });

/** FNV-1a, 32 bit (Fowler, Noll, Vo): small, fast, and the same on every machine. */
const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;
const mix = (hash: number, unit: number): number => Math.imul(hash ^ unit, PRIME);
const seedOf = (block: number): number => mix(BASIS, block + 1);

function hashOf(seed: number, text: string, from: number, to: number): number {
  let hash = seed;
  for (let at = from; at < to; at += 1) hash = mix(hash, text.charCodeAt(at));
  return hash >>> 0;
}

export function readTerms(text: string, analyzer: Analyzer): TermList {
  const whole = text.trimStart().slice(0, TEXT_LIMIT);
  const line = whole.split('\n', 1)[0] ?? '';
  const title = line.length <= TITLE * 2 ? line : whole.slice(0, TITLE);
  const blocks = [new Map<number, number>(), new Map<number, number>(), new Map<number, number>()] as const;
  for (const run of runsOf(whole)) countRuns(blocks[0], seedOf(0), run, 1, LONGEST_RUN);
  countWords(blocks[1], seedOf(1), analyzer.read(whole).terms);
  // Here across punctuation: what a title says is one thing.
  countRuns(blocks[2], seedOf(2), runsOf(title).join(''), 2, 2);
  countWords(blocks[2], seedOf(3), analyzer.read(title).terms);
  return listOf(blocks);
}

function listOf(blocks: readonly ReadonlyMap<number, number>[]): TermList {
  const size = blocks.reduce((sum, block) => sum + block.size, 0);
  const terms = new Uint32Array(size);
  const counts = new Uint16Array(size);
  let at = 0;
  const ends = blocks.map((block) => {
    for (const [term, count] of block) {
      terms[at] = term;
      counts[at] = Math.min(MOST_COUNTED, count);
      at += 1;
    }
    return at;
  });
  return { terms, counts, ends };
}

/** Hash of a word in the block of words: to say afterwards which words decided. */
export const wordHash = (term: string): number => hashOf(seedOf(1), term, 0, term.length);

/** Letters and digits without what stands between them. */
const runsOf = (text: string): string[] => foldText(text).split(/[^\p{L}\p{N}]+/u).filter((run) => run !== '');

function countRuns(counts: Map<number, number>, seed: number, run: string, shortest: number, longest: number): void {
  for (let size = shortest; size <= longest; size += 1) {
    const sized = mix(seed, size);
    for (let at = 0; at + size <= run.length; at += 1) count(counts, hashOf(sized, run, at, at + size));
  }
}

function countWords(counts: Map<number, number>, seed: number, terms: readonly string[]): void {
  for (const term of terms) count(counts, hashOf(seed, term, 0, term.length));
}

function count(counts: Map<number, number>, term: number): void {
  counts.set(term, (counts.get(term) ?? 0) + 1);
}
