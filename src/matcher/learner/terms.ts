import type { Analyzer } from '../segment.ts';

/**
 * What the learner sees of a text: three blocks of terms with their counts, each term a 32-bit hash, so that a model needs
 * no dictionary.
 *
 *   characters   runs of one to three, across the whole text
 *   words        as the segmenter cuts them
 *   title        words and pairs of the first line, or of the first characters where there is none: what a citizen says first
 */

export const BLOCKS = 3;
/** Term → count, for each block. */
export type TermCounts = readonly [Map<number, number>, Map<number, number>, Map<number, number>];

/** A message longer than this is cut. */
const TEXT_LIMIT = 2_000;
const TITLE = 30;
const LONGEST_RUN = 3;

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

export function readTerms(text: string, analyzer: Analyzer): TermCounts {
  const counts: TermCounts = [new Map(), new Map(), new Map()];
  const cut = text.slice(0, TEXT_LIMIT);
  const { plain, terms } = analyzer.read(cut);
  runsOf(counts[0], seedOf(0), plain, 1, LONGEST_RUN);
  wordsOf(counts[1], seedOf(1), terms);
  const line = cut.trimStart().split('\n', 1)[0] ?? '';
  const title = analyzer.read(line.length <= TITLE * 2 ? line : cut.trimStart().slice(0, TITLE));
  runsOf(counts[2], seedOf(2), title.plain, 2, 2);
  wordsOf(counts[2], seedOf(3), title.terms);
  return counts;
}

/** Hash of a word in the block of words: to say afterwards which words decided. */
export const wordHash = (term: string): number => hashOf(seedOf(1), term, 0, term.length);

function runsOf(counts: Map<number, number>, seed: number, plain: string, shortest: number, longest: number): void {
  for (let size = shortest; size <= longest; size += 1) {
    const sized = mix(seed, size);
    for (let at = 0; at + size <= plain.length; at += 1) count(counts, hashOf(sized, plain, at, at + size));
  }
}

function wordsOf(counts: Map<number, number>, seed: number, terms: readonly string[]): void {
  for (const term of terms) count(counts, hashOf(seed, term, 0, term.length));
}

function count(counts: Map<number, number>, term: number): void {
  counts.set(term, (counts.get(term) ?? 0) + 1);
}
