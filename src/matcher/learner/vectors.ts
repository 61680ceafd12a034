import { createIntMap } from '../int-map.ts';
import { BLOCKS, type TermList } from './terms.ts';

/**
 * Texts as sparse vectors: (1 + ln tf) · worth of the term, each block of terms brought to its own length, so that long
 * texts weigh no more. A term's worth is its rarity times how far its texts' labels are from the labels of all texts: rare
 * words that stand with every label, such as names of places, say little.
 */

/** All texts of a training, their terms numbered; block b of row r lies from ends[r * BLOCKS + b] to the next. */
export interface Corpus {
  /** Hash by number. */
  readonly hashes: Uint32Array;
  readonly ends: Uint32Array;
  readonly terms: Uint32Array;
  readonly counts: Uint16Array;
}

/** Which terms count and how much. */
export interface TermSpace {
  /** Hash by place. */
  readonly hashes: Uint32Array;
  /** By place. */
  readonly worth: Float32Array;
  /** Place of a term of the corpus, or -1. */
  readonly places: Int32Array;
}

/** Rows one after the other: row i is places[offsets[i]] … places[offsets[i + 1] - 1]; its block b ends before ends[i * BLOCKS + b]. */
export interface SparseRows {
  readonly ends: Uint32Array;
  readonly offsets: Uint32Array;
  readonly places: Uint32Array;
  readonly values: Float32Array;
  readonly rows: number;
  readonly width: number;
}

/** Lengths of the blocks: characters, words, title. */
export const BLOCK_LENGTHS: readonly number[] = [1, 1, 0.7];
/** More different terms than this and those of a single text are left out. */
const MOST_TERMS = 250_000;
/** So many texts of the usual mixture are added to those of a term: few texts prove little about it. */
const USUAL_TEXTS = 3;
/** How strongly the labels' distance counts: its fourth root. */
const LABEL_POWER = 0.25;

export function createCorpus(texts: readonly TermList[]): Corpus {
  const size = texts.reduce((sum, { terms }) => sum + terms.length, 0);
  const numbers = createIntMap(1 << 16);
  const ends = new Uint32Array(texts.length * BLOCKS + 1);
  const terms = new Uint32Array(size);
  const counts = new Uint16Array(size);
  const hashes: number[] = [];
  let at = 0;
  texts.forEach((text, row) => {
    const begin = at;
    counts.set(text.counts, at);
    for (const hash of text.terms) {
      const number = numbers.intern(hash);
      if (number === hashes.length) hashes.push(hash);
      terms[at] = number;
      at += 1;
    }
    text.ends.forEach((end, block) => {
      ends[row * BLOCKS + block + 1] = begin + end;
    });
  });
  return { hashes: Uint32Array.from(hashes), ends, terms, counts };
}

/**
 * @param rows of the corpus to learn from
 * @param truth the label of every row of the corpus
 */
export function learnSpace({ hashes, ends, terms }: Corpus, rows: readonly number[], truth: readonly number[], labels: number): TermSpace {
  const byLabel: number[][] = Array.from({ length: labels }, () => []);
  for (const row of rows) byLabel[truth[row] ?? 0]?.push(row);
  const seen = new Uint32Array(hashes.length);
  for (const row of rows) for (let at = ends[row * BLOCKS] ?? 0, to = ends[(row + 1) * BLOCKS] ?? 0; at < to; at += 1) seen[terms[at] ?? 0] = (seen[terms[at] ?? 0] ?? 0) + 1;
  const distance = labelDistance(seen, byLabel, { ends, terms }, rows.length);
  const different = seen.reduce((sum, texts) => sum + Math.min(1, texts), 0);
  const least = different > MOST_TERMS ? 2 : 1;
  const places = new Int32Array(hashes.length).fill(-1);
  const kept: number[] = [];
  const worth: number[] = [];
  seen.forEach((texts, term) => {
    if (texts < least) return;
    places[term] = kept.push(hashes[term] ?? 0) - 1;
    worth.push((Math.log((1 + rows.length) / (1 + texts)) + 1) * Math.max(1e-6, distance[term] ?? 0) ** LABEL_POWER);
  });
  return { hashes: Uint32Array.from(kept), worth: Float32Array.from(worth), places };
}

/** Kullback-Leibler divergence of the labels of each term's texts from those of all texts. */
function labelDistance(seen: Uint32Array, byLabel: readonly (readonly number[])[], { ends, terms }: Pick<Corpus, 'ends' | 'terms'>, all: number): Float64Array {
  const distance = new Float64Array(seen.length);
  /** Share of the labels that stand with the term at all. */
  const met = new Float64Array(seen.length);
  const here = new Uint32Array(seen.length);
  for (const rows of byLabel) {
    const share = rows.length / all;
    const touched: number[] = [];
    for (const row of rows) {
      for (let at = ends[row * BLOCKS] ?? 0, to = ends[(row + 1) * BLOCKS] ?? 0; at < to; at += 1) {
        const term = terms[at] ?? 0;
        if (here[term] === 0) touched.push(term);
        here[term] = (here[term] ?? 0) + 1;
      }
    }
    for (const term of touched) {
      const mixed = ((here[term] ?? 0) + USUAL_TEXTS * share) / ((seen[term] ?? 0) + USUAL_TEXTS);
      distance[term] = (distance[term] ?? 0) + mixed * Math.log(mixed / share);
      met[term] = (met[term] ?? 0) + share;
      here[term] = 0;
    }
  }
  // The labels that never stand with it, all at once.
  seen.forEach((texts, term) => {
    const rest = USUAL_TEXTS / (texts + USUAL_TEXTS);
    distance[term] = (distance[term] ?? 0) + (1 - (met[term] ?? 0)) * rest * Math.log(rest);
  });
  return distance;
}

export function toRows({ ends, terms, counts }: Corpus, rows: readonly number[], { places, worth }: TermSpace): SparseRows {
  const offsets = new Uint32Array(rows.length + 1);
  const most = rows.reduce((sum, row) => sum + (ends[(row + 1) * BLOCKS] ?? 0) - (ends[row * BLOCKS] ?? 0), 0);
  const found = new Uint32Array(most);
  const blockEnds = new Uint32Array(rows.length * BLOCKS);
  const values = new Float32Array(most);
  let at = 0;
  rows.forEach((row, number) => {
    for (let block = 0; block < BLOCKS; block += 1) {
      const begin = at;
      for (let i = ends[row * BLOCKS + block] ?? 0, to = ends[row * BLOCKS + block + 1] ?? 0; i < to; i += 1) {
        const place = places[terms[i] ?? 0] ?? -1;
        if (place < 0) continue;
        found[at] = place;
        values[at] = valueOf(counts[i] ?? 0, worth[place] ?? 0);
        at += 1;
      }
      toLength(values, begin, at, BLOCK_LENGTHS[block] ?? 1);
      blockEnds[number * BLOCKS + block] = at;
    }
    offsets[number + 1] = at;
  });
  return { ends: blockEnds, offsets, places: found.subarray(0, at), values: values.subarray(0, at), rows: rows.length, width: worth.length };
}

export const valueOf = (count: number, worth: number): number => (1 + Math.log(count)) * worth;

/** Scales a part of a vector to a length. */
export function toLength(values: Float32Array, from: number, to: number, length: number): void {
  let squares = 0;
  for (let at = from; at < to; at += 1) squares += (values[at] ?? 0) ** 2;
  const scale = squares === 0 ? 0 : length / Math.sqrt(squares);
  for (let at = from; at < to; at += 1) values[at] = (values[at] ?? 0) * scale;
}
