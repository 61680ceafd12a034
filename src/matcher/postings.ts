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
  /** Per document: sum of idf times own weight of its different terms. */
  readonly mass: Float32Array;
  /** An impact times this is tf·(k1+1) / (tf + k1·(1 − b + b·length/average)). */
  readonly scale: number;
}

export interface FieldBuilder {
  /** Adds the next document. Term numbers may repeat. */
  add(terms: readonly number[]): void;
  build(options: { readonly k1: number; readonly b: number; readonly group?: Uint32Array; readonly groups?: number; readonly weights?: Float32Array }): Field;
}

export function createFieldBuilder(): FieldBuilder {
  let terms = new Uint32Array(1 << 12);
  let used = 0;
  let highest = -1;
  const ends: number[] = [];

  const add = (list: readonly number[]): void => {
    while (used + list.length > terms.length) {
      const next = new Uint32Array(terms.length * 2);
      next.set(terms);
      terms = next;
    }
    for (const term of list) {
      terms[used] = term;
      used += 1;
      if (term > highest) highest = term;
    }
    ends.push(used);
  };

  const build: FieldBuilder['build'] = ({ k1, b, group, groups, weights }) => {
    const documents = ends.length;
    const vocabulary = highest + 1;
    const average = documents === 0 ? 1 : Math.max(1, used / documents);
    // First pass: sort each document's terms so that repeats stand together; count postings a term.
    const counts = new Uint32Array(vocabulary + 1);
    for (let doc = 0, from = 0; doc < documents; doc += 1) {
      const to = ends[doc] ?? from;
      const slice = terms.subarray(from, to).sort();
      for (let i = 0; i < slice.length; i += 1) {
        const term = slice[i] ?? 0;
        if (i === 0 || slice[i - 1] !== term) counts[term] = (counts[term] ?? 0) + 1;
      }
      from = to;
    }
    const offsets = new Uint32Array(vocabulary + 1);
    for (let term = 0; term < vocabulary; term += 1) offsets[term + 1] = (offsets[term] ?? 0) + (counts[term] ?? 0);
    const total = offsets[vocabulary] ?? 0;
    const docs = new Uint32Array(total);
    const impacts = new Uint16Array(total);
    const next = offsets.slice();
    const scale = (k1 + 1) / 65_535;
    for (let doc = 0, from = 0; doc < documents; doc += 1) {
      const to = ends[doc] ?? from;
      const norm = k1 * (1 - b + (b * (to - from)) / average);
      for (let i = from; i < to; ) {
        const term = terms[i] ?? 0;
        let tf = 0;
        while (i < to && terms[i] === term) {
          tf += 1;
          i += 1;
        }
        const at = next[term] ?? 0;
        docs[at] = doc;
        // Never zero: a found term always leaves a mark.
        impacts[at] = Math.max(1, Math.round((tf * (k1 + 1)) / (tf + norm) / scale));
        next[term] = at + 1;
      }
      from = to;
    }
    const idf = inverseFrequency(offsets, docs, group, groups ?? documents);
    const mass = new Float32Array(documents);
    for (let term = 0; term < vocabulary; term += 1) {
      for (let at = offsets[term] ?? 0; at < (offsets[term + 1] ?? 0); at += 1) {
        const doc = docs[at] ?? 0;
        mass[doc] = (mass[doc] ?? 0) + (idf[term] ?? 0) * (weights?.[term] ?? 1);
      }
    }
    terms = new Uint32Array(0);
    return { documents, offsets, docs, impacts, idf, mass, scale };
  };
  return { add, build };
}

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
