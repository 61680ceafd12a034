import type { Item } from '../domain/config-files.ts';
import { createIntMap } from './int-map.ts';
import type { Analysis, Analyzer } from './segment.ts';
import { charWeight, wordWeight } from './weak-chars.ts';

/** The items' side of the suggester: unit vectors of every example and of every item as a whole, inverted. */

/** Term → what has it and with which share of its unit vector; ascending within a term. */
export interface WeightedPostings {
  readonly offsets: Uint32Array;
  readonly docs: Uint32Array;
  readonly weights: Float64Array;
}

export interface Keyword {
  /** Plain text. */
  readonly word: string;
  /** 0 to 1: longer ones, and those of few items, say more. */
  readonly weight: number;
  /** Items that have it; twice when an item has it twice. */
  readonly items: readonly number[];
}

export interface ItemModel {
  /** Number of a term, or -1. */
  readonly wordId: (word: string) => number;
  readonly charId: (key: number) => number;
  /** By term. */
  readonly idf: Float64Array;
  /** idf of a term that no item has. */
  readonly unknownIdf: number;
  /** Item of each example. */
  readonly owner: Uint32Array;
  readonly examplePostings: WeightedPostings;
  readonly wholePostings: WeightedPostings;
  readonly keywords: readonly Keyword[];
  /** Numbers of keywords by their beginning (`keywordKey`). */
  readonly keywordsBy: ReadonlyMap<number, readonly number[]>;
}

/** Words count more: a pair of characters may be an accident. */
const WORD_SHARE = 1.4;

/** How much a word that was said so often counts: words that only build the sentence count less. */
export function termCount(word: string, times: number): number {
  return times * WORD_SHARE * wordWeight(word);
}

/** The first `length` (1 or 2) units at a place as a number. */
export function keywordKey(text: string, at: number, length: number): number {
  return length === 1 ? text.charCodeAt(at) : text.charCodeAt(at) * 0x10000 + text.charCodeAt(at + 1);
}

/** Terms with their counts, each once. */
interface Counts {
  readonly ids: readonly number[];
  readonly counts: readonly number[];
}

export function buildItemModel(items: readonly Item[], analyzer: Analyzer): ItemModel {
  const words = new Map<string, number>();
  const chars = createIntMap();
  // Words and pairs share one numbering: words are even, pairs odd.
  const countsOf = ({ distinctWords, wordCounts, distinctChars, charCounts }: Analysis): Counts => {
    const ids: number[] = [];
    const counts: number[] = [];
    distinctWords.forEach((word, at) => {
      const known = words.get(word) ?? words.size;
      words.set(word, known);
      ids.push(known * 2);
      counts.push(termCount(word, wordCounts[at] ?? 0));
    });
    distinctChars.forEach((key, at) => {
      if (key < 0x10000) return;
      ids.push(chars.intern(key) * 2 + 1);
      counts.push((charCounts[at] ?? 0) * charWeight(key));
    });
    return { ids, counts };
  };
  const examples: Counts[] = [];
  const owner: number[] = [];
  const wholes = items.map((item, number) => {
    for (const example of item.examples) {
      examples.push(countsOf(analyzer.analyze(example)));
      owner.push(number);
    }
    return countsOf(analyzer.analyze([item.name, ...item.keywords, ...item.examples].join('\n')));
  });
  const terms = 2 * Math.max(words.size, chars.size());
  const frequency = new Uint32Array(terms);
  for (const { ids } of wholes) for (const id of ids) frequency[id] = (frequency[id] ?? 0) + 1;
  const idfOf = (holders: number): number => Math.log(1 + items.length / (0.5 + holders));
  const idf = Float64Array.from(frequency, idfOf);
  const keywords = keywordsOf(items, analyzer);
  const keywordsBy = new Map<number, number[]>();
  keywords.forEach(({ word }, number) => {
    const key = keywordKey(word, 0, Math.min(2, word.length));
    keywordsBy.set(key, [...(keywordsBy.get(key) ?? []), number]);
  });
  return {
    wordId: (word) => {
      const number = words.get(word);
      return number === undefined ? -1 : number * 2;
    },
    charId: (key) => {
      const number = chars.get(key);
      return number < 0 ? -1 : number * 2 + 1;
    },
    idf, unknownIdf: idfOf(0), owner: Uint32Array.from(owner), examplePostings: invert(examples, idf), wholePostings: invert(wholes, idf), keywords, keywordsBy,
  };
}

function keywordsOf(items: readonly Item[], analyzer: Analyzer): Keyword[] {
  const holders = new Map<string, number[]>();
  items.forEach((item, number) => {
    for (const keyword of item.keywords) {
      const { plain } = analyzer.read(keyword);
      if (plain === '') continue;
      const list = holders.get(plain);
      if (list === undefined) holders.set(plain, [number]);
      else list.push(number);
    }
  });
  return Array.from(holders, ([word, list]) => ({ word, items: list, weight: Math.min(1, word.length / 4) / Math.sqrt(new Set(list).size) }));
}

/** tf-idf, scaled to length 1, turned from documents to terms. */
function invert(documents: readonly Counts[], idf: Float64Array): WeightedPostings {
  const offsets = new Uint32Array(idf.length + 1);
  for (const { ids } of documents) for (const id of ids) offsets[id + 1] = (offsets[id + 1] ?? 0) + 1;
  for (let term = 0; term < idf.length; term += 1) offsets[term + 1] = (offsets[term + 1] ?? 0) + (offsets[term] ?? 0);
  const size = offsets[idf.length] ?? 0;
  const docs = new Uint32Array(size);
  const weights = new Float64Array(size);
  const next = offsets.slice();
  documents.forEach(({ ids, counts }, doc) => {
    const shares = ids.map((id, at) => Math.log1p(counts[at] ?? 0) * (idf[id] ?? 0));
    const length = Math.sqrt(shares.reduce((sum, share) => sum + share * share, 0)) || 1;
    ids.forEach((id, at) => {
      const place = next[id] ?? 0;
      docs[place] = doc;
      weights[place] = (shares[at] ?? 0) / length;
      next[id] = place + 1;
    });
  });
  return { offsets, docs, weights };
}

/** An item's own share of a term; 0 when it has not got it. Binary search. */
export function wholeWeight({ wholePostings: { offsets, docs, weights } }: ItemModel, term: number, item: number): number {
  let low = offsets[term] ?? 0;
  let high = (offsets[term + 1] ?? 0) - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = docs[middle] ?? 0;
    if (found === item) return weights[middle] ?? 0;
    if (found < item) low = middle + 1;
    else high = middle - 1;
  }
  return 0;
}
