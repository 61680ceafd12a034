import { createIntMap, type IntMap } from './int-map.ts';

/**
 * One inverted field in typed arrays. A document is whatever the caller numbers 0, 1, 2 …; `group` maps documents to
 * what is counted for the idf (several wordings of one entry count once).
 *
 *   offsets  [0, 2, 5, …]         one more than terms
 *   docs     [ 3, 9 | 0, 3, 4 …]  ascending within a term
 *   impacts  BM25's term-frequency part, 16 bit
 */
export interface Field {
  readonly documents: number;
  readonly offsets: Uint32Array;
  readonly docs: Uint32Array;
  readonly impacts: Uint16Array;
  /** Per term: ln(1 + (N − n + ½) / (n + ½)), N and n in groups. */
  readonly idf: Float32Array;
  /** Per term: its highest impact. */
  readonly highest: Uint16Array;
  /** Per document: sum of idf times own weight of its different terms. */
  readonly mass: Float32Array;
  /** An impact times this is tf·(k1+1) / (tf + k1·(1 − b + b·length/average)). */
  readonly scale: number;
}

export interface FieldBuilder {
  /** Adds one term to the document that is being written. Terms may repeat. */
  push(term: number): void;
  /** Ends the document and begins the next. */
  end(): void;
  /** Adds a whole document. */
  add(terms: readonly number[]): void;
  /** Builds the field, once: the builder lets its documents go. */
  build(options: { readonly k1: number; readonly b: number; readonly group?: Uint32Array; readonly groups?: number; readonly weights?: Float32Array }): Field;
}

/** Numbers in blocks, so that growing never copies and what has been read can be let go. */
const BLOCK = 1 << 16;

/**
 * Documents are kept as their different terms, each with its count, until the field is built:
 *   term << 1          said once
 *   term << 1 | 1, n   said n times
 */
export function createFieldBuilder(): FieldBuilder {
  let blocks: Uint32Array<ArrayBuffer>[] = [];
  let block = new Uint32Array(0);
  let free = 0;
  /** Of each document: its length in terms, and how many numbers its terms take. */
  const lengths: number[] = [];
  const sizes: number[] = [];
  /** Documents that hold a term; and of the document that is being written: how often it was said, 0 for not yet. */
  let frequencies = new Uint32Array(1 << 10);
  let times = new Uint32Array(1 << 10);
  let distinct = new Uint32Array(1 << 10);
  let used = 0;
  let length = 0;
  let highest = -1;

  const write = (value: number): void => {
    if (free === 0) {
      block = new Uint32Array(BLOCK);
      blocks.push(block);
      free = BLOCK;
    }
    block[BLOCK - free] = value;
    free -= 1;
  };

  const push = (term: number): void => {
    length += 1;
    if (term >= times.length) {
      times = enlarged(times, term);
      frequencies = enlarged(frequencies, term);
    }
    const before = times[term] ?? 0;
    times[term] = before + 1;
    if (before > 0) return;
    if (used === distinct.length) distinct = enlarged(distinct, used);
    distinct[used] = term;
    used += 1;
  };

  const end = (): void => {
    let size = used;
    for (let i = 0; i < used; i += 1) {
      const term = distinct[i] ?? 0;
      const count = times[term] ?? 0;
      times[term] = 0;
      frequencies[term] = (frequencies[term] ?? 0) + 1;
      if (term > highest) highest = term;
      if (count === 1) {
        write(term * 2);
      } else {
        write(term * 2 + 1);
        write(count);
        size += 1;
      }
    }
    lengths.push(length);
    sizes.push(size);
    used = 0;
    length = 0;
  };

  const build: FieldBuilder['build'] = ({ k1, b, group, groups, weights }) => {
    const documents = lengths.length;
    const vocabulary = highest + 1;
    let said = 0;
    for (const each of lengths) said += each;
    const average = documents === 0 ? 1 : Math.max(1, said / documents);
    const offsets = new Uint32Array(vocabulary + 1);
    for (let term = 0; term < vocabulary; term += 1) offsets[term + 1] = (offsets[term] ?? 0) + (frequencies[term] ?? 0);
    const total = offsets[vocabulary] ?? 0;
    const docs = new Uint32Array(total);
    const impacts = new Uint16Array(total);
    const best = new Uint16Array(vocabulary);
    const next = offsets.slice();
    const scale = (k1 + 1) / 65_535;
    const reader = readerOf(blocks);
    blocks = [];
    for (let doc = 0; doc < documents; doc += 1) {
      const norm = k1 * (1 - b + (b * (lengths[doc] ?? 0)) / average);
      for (let left = sizes[doc] ?? 0; left > 0; left -= 1) {
        const coded = reader.next();
        let tf = 1;
        if ((coded & 1) === 1) {
          tf = reader.next();
          left -= 1;
        }
        const term = coded >>> 1;
        const at = next[term] ?? 0;
        docs[at] = doc;
        // Never zero: a found term always leaves a mark.
        const impact = Math.max(1, Math.round((tf * (k1 + 1)) / (tf + norm) / scale));
        impacts[at] = impact;
        if (impact > (best[term] ?? 0)) best[term] = impact;
        next[term] = at + 1;
      }
    }
    const idf = inverseFrequency(offsets, docs, group, groups ?? documents);
    const mass = new Float32Array(documents);
    for (let term = 0; term < vocabulary; term += 1) {
      const own = (idf[term] ?? 0) * (weights?.[term] ?? 1);
      for (let at = offsets[term] ?? 0, to = offsets[term + 1] ?? 0; at < to; at += 1) {
        const doc = docs[at] ?? 0;
        mass[doc] = (mass[doc] ?? 0) + own;
      }
    }
    return { documents, offsets, docs, impacts, idf, highest: best, mass, scale };
  };
  return {
    push, end, build,
    add: (terms) => {
      for (const term of terms) push(term);
      end();
    },
  };
}

/** Twice as long at least, and long enough for a place. */
function enlarged(array: Uint32Array, place: number): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(Math.max(array.length * 2, place + 1));
  next.set(array);
  return next;
}

/** Reads blocks one number after the other and lets each go when it is read. */
function readerOf(blocks: Uint32Array<ArrayBuffer>[]): { next(): number } {
  let number = -1;
  let block = new Uint32Array(0);
  let at = 0;
  return {
    next: () => {
      if (at === block.length) {
        number += 1;
        block = blocks[number] ?? block;
        blocks[number] = EMPTY;
        at = 0;
      }
      at += 1;
      return block[at - 1] ?? 0;
    },
  };
}

const EMPTY = new Uint32Array(0);

function inverseFrequency(offsets: Uint32Array, docs: Uint32Array, group: Uint32Array | undefined, groups: number): Float32Array {
  const idf = new Float32Array(Math.max(0, offsets.length - 1));
  for (let term = 0; term < idf.length; term += 1) {
    let n = 0;
    let last = -1;
    for (let at = offsets[term] ?? 0; at < (offsets[term + 1] ?? 0); at += 1) {
      const doc = docs[at] ?? 0;
      // Documents of one group are neighbours, so a change of group is a new one.
      const owner = group === undefined ? doc : (group[doc] ?? 0);
      if (owner !== last) n += 1;
      last = owner;
    }
    idf[term] = Math.log(1 + (groups - n + 0.5) / (n + 0.5));
  }
  return idf;
}

/** Number of documents that hold the term. */
export function frequency(field: Field, term: number): number {
  return term < 0 || term + 1 >= field.offsets.length ? 0 : (field.offsets[term + 1] ?? 0) - (field.offsets[term] ?? 0);
}

/** Where the document stands in the term's postings, or -1. Binary search. */
export function position(field: Field, term: number, doc: number): number {
  if (term < 0 || term + 1 >= field.offsets.length) return -1;
  let low = field.offsets[term] ?? 0;
  let high = (field.offsets[term + 1] ?? 0) - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = field.docs[middle] ?? 0;
    if (found === doc) return middle;
    if (found < doc) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

export function holds(field: Field, term: number, doc: number): boolean {
  return position(field, term, doc) >= 0;
}

/** Numbers for words and for character keys, shared by all fields of one index. */
export interface Vocabulary {
  readonly words: ReadonlyMap<string, number>;
  readonly chars: IntMap;
}

export interface VocabularyBuilder extends Vocabulary {
  internWord(word: string): number;
}

export function createVocabulary(): VocabularyBuilder {
  const words = new Map<string, number>();
  return {
    words,
    chars: createIntMap(1 << 14),
    internWord: (word) => {
      const known = words.get(word);
      if (known !== undefined) return known;
      words.set(word, words.size);
      return words.size - 1;
    },
  };
}
