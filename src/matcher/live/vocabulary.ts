import { bytes, type Column, createColumn, floats, longs, push } from './columns.ts';
import { createIntMap, type IntMap } from '../int-map.ts';
import { createStringTable, find, intern, type StringTable } from './string-table.ts';
import { charWeight } from '../weak-chars.ts';
import type { Analysis, Reading } from '../segment.ts';

/**
 * Kinds of terms. Every kind is matched against each wording and against the whole entry; to add one, add a line here
 * (and its keys to what the analyzer reads).
 */
export interface KindOfTerm {
  readonly name: string;
  /** Keys of a text that is indexed, with repeats. */
  readonly read: (reading: Reading) => readonly string[] | readonly number[];
  /** Keys of a question, each once, and how often each was said. */
  readonly ask: (analysis: Analysis) => { readonly keys: ArrayLike<string | number>; readonly counts: ArrayLike<number> };
  /** What a term counts beside its idf. */
  readonly weigh: (key: string | number) => number;
  /** What the kind counts in the score of a wording and of the whole. */
  readonly unit: number;
  readonly whole: number;
}

export const KINDS = [
  { name: 'words', read: ({ terms }) => terms, ask: ({ distinctWords, wordCounts }) => ({ keys: distinctWords, counts: wordCounts }), weigh: () => 1, unit: 1, whole: 1 },
  { name: 'chars', read: ({ chars }) => chars, ask: ({ distinctChars, charCounts }) => ({ keys: distinctChars, counts: charCounts }), weigh: (key) => charWeight(Number(key)), unit: 1, whole: 1 },
] as const satisfies readonly KindOfTerm[];

export const WORDS = 0;
export const CHARS = 1;

/** Numbers of all terms, whatever their kind, in the order in which they came; and how many entries hold each. */
export interface Vocabulary {
  /** By kind: strings and 32-bit numbers that are its keys. */
  readonly tables: readonly { readonly strings: StringTable; readonly terms: Column; integers: IntMap }[];
  /** By term. */
  readonly kinds: Column<Uint8Array>;
  readonly weights: Column<Float32Array>;
  /** Entries that hold the term in a wording, and anywhere; those that are there now. */
  readonly inUnits: Column;
  readonly inWholes: Column;
}

export function createVocabulary(): Vocabulary {
  return {
    tables: KINDS.map(() => ({ strings: createStringTable(), terms: createColumn(longs), integers: createIntMap() })),
    kinds: createColumn(bytes), weights: createColumn(floats), inUnits: createColumn(longs), inWholes: createColumn(longs),
  };
}

/** Number of terms. */
export function termsOf(vocabulary: Vocabulary): number {
  return vocabulary.weights.used;
}

/** Of a longer word the beginning stands for it. */
const LONGEST_WORD = 256;
const cut = (word: string): string => (word.length > LONGEST_WORD ? word.slice(0, LONGEST_WORD) : word);

/** The term of a key, or -1. */
export function findTerm({ tables }: Vocabulary, kind: number, key: string | number): number {
  const table = tables[kind];
  if (table === undefined) return -1;
  if (typeof key === 'number') return table.integers.get(key);
  const number = find(table.strings, cut(key));
  return number < 0 ? -1 : (table.terms.values[number] ?? -1);
}

/** The term of a key, a new one if need be. */
export function internTerm(vocabulary: Vocabulary, kind: number, key: string | number): number {
  const { tables, kinds, weights, inUnits, inWholes } = vocabulary;
  const table = tables[kind];
  if (table === undefined) throw new RangeError('no such kind of term');
  const fresh = weights.used;
  let term: number;
  if (typeof key === 'number') {
    term = table.integers.intern(key, fresh);
  } else {
    const number = intern(table.strings, cut(key));
    if (number === table.terms.used) push(table.terms, fresh);
    term = table.terms.values[number] ?? 0;
  }
  if (term === fresh) {
    push(kinds, kind);
    push(weights, KINDS[kind]?.weigh(key) ?? 1);
    push(inUnits, 0);
    push(inWholes, 0);
  }
  return term;
}
