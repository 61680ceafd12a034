import { type Column, createColumn, longs, push, widen } from './columns.ts';
import { type Documents, entriesOf } from './documents.ts';
import { createReadEntry, readEntry } from './forward.ts';
import { KINDS, termsOf, type Vocabulary } from './vocabulary.ts';

/**
 * Which entries hold a term: in blocks of up to 65,536 entries that never change, and in a chain per term for the few
 * entries that came since. A posting says how much the term is worth in the entry, wherever it stands:
 *
 *   offsets  [0, 2, 5, …]         one more than terms
 *   docs     [ 3, 9 | 0, 3, 4 …]  entries of the block, ascending within a term
 *   marks    best wording's part << 8 | whole's part, each tf / (tf + norm) of BM25 in 255ths, rounded up
 *
 * Marks are good for finding candidates and never too low; the exact score is read from the entry itself.
 */
export interface Block {
  /** Number of its first entry. */
  readonly first: number;
  readonly entries: number;
  readonly offsets: Uint32Array;
  readonly docs: Uint16Array;
  readonly marks: Uint16Array;
  /** Per term: its highest parts. */
  readonly highest: Uint16Array;
}

export const BLOCK_ENTRIES = 1 << 16;

/** What norms depend on: k1, b and average lengths by kind. */
export interface Norms {
  /** A term that is said tf times counts tf / (tf + base + slope × length). By kind. */
  readonly unit: readonly { readonly base: number; readonly slope: number }[];
  readonly whole: readonly { readonly base: number; readonly slope: number }[];
}

export interface Saturation {
  readonly k1: number;
  readonly b: number;
}

/** Norms of the documents as they are now. */
export function normsOf({ units, live, unitLengths, wholeLengths }: Documents, unit: Saturation, whole: Saturation): Norms {
  const norms = (lengths: readonly number[], documents: number, { k1, b }: Saturation) =>
    lengths.map((length) => ({ base: k1 * (1 - b), slope: (k1 * b) / Math.max(1, documents === 0 ? 1 : length / documents) }));
  return { unit: norms(unitLengths, units, unit), whole: norms(wholeLengths, live, whole) };
}

// Work space: everything here is synchronous, so it is invisible from outside. By term: the entry in whose wordings it was
// seen last (`stamp`), and its best part there.
const entryRead = createReadEntry();
const [seen, best] = [createColumn(longs), createColumn(longs)];
let stamp = 0;
const norms = new Float64Array(KINDS.length);

/** Where the whole of the entry that was read begins. */
function wholeFrom(): number {
  return entryRead.sections < 2 ? 0 : (entryRead.ends[entryRead.sections - 2] ?? 0);
}

/** Reads an entry and the best part of each term in its wordings (without norms: 1). */
function gather(documents: Documents, { kinds }: Vocabulary, entry: number, by: Norms | null): void {
  for (const column of [seen, best]) {
    widen(column, kinds.used);
    column.used = kinds.used;
  }
  if (stamp === 0xffff_ffff) {
    seen.values.fill(0);
    stamp = 0;
  }
  stamp += 1;
  readEntry(documents, entry, entryRead);
  const { terms, counts, ends, sections } = entryRead;
  let at = 0;
  for (let section = 0; section < sections; section += 1) {
    if (by !== null) setNorms(section === sections - 1 ? by.whole : by.unit, section);
    if (section === sections - 1) return;
    for (const end = ends[section] ?? 0; at < end; at += 1) {
      const term = terms[at] ?? 0;
      const part = by === null ? 1 : partOfMark(counts[at] ?? 0, norms[kinds.values[term] ?? 0] ?? 0);
      if (seen.values[term] === stamp && part <= (best.values[term] ?? 0)) continue;
      seen.values[term] = stamp;
      best.values[term] = part;
    }
  }
}

function setNorms(by: Norms['unit'], section: number): void {
  for (let kind = 0; kind < norms.length; kind += 1) norms[kind] = normOf(by[kind], entryRead.lengths[section * norms.length + kind] ?? 0);
}

export function normOf(norm: Norms['unit'][number] | undefined, length: number): number {
  return norm === undefined ? 0 : norm.base + norm.slope * length;
}

function partOfMark(count: number, norm: number): number {
  return Math.ceil((255 * count) / (count + norm));
}

/** The mark of the term at a place of the whole that was gathered. */
function markAt(at: number, { kinds }: Vocabulary): number {
  const term = entryRead.terms[at] ?? 0;
  const inUnit = seen.values[term] === stamp ? (best.values[term] ?? 0) : 0;
  return (inUnit << 8) | partOfMark(entryRead.counts[at] ?? 0, norms[kinds.values[term] ?? 0] ?? 0);
}

/** Counts an entry's terms and lengths in (`by` 1) or out (-1). */
export function countEntry(documents: Documents, vocabulary: Vocabulary, entry: number, by: 1 | -1): void {
  gather(documents, vocabulary, entry, null);
  const { inUnits, inWholes } = vocabulary;
  const { terms, ends, lengths, sections } = entryRead;
  for (let at = wholeFrom(), end = ends[sections - 1] ?? 0; at < end; at += 1) {
    const term = terms[at] ?? 0;
    inWholes.values[term] = (inWholes.values[term] ?? 0) + by;
    if (seen.values[term] === stamp) inUnits.values[term] = (inUnits.values[term] ?? 0) + by;
  }
  documents.units += by * (sections - 1);
  for (let section = 0; section < sections; section += 1) {
    const sums = section === sections - 1 ? documents.wholeLengths : documents.unitLengths;
    for (let kind = 0; kind < KINDS.length; kind += 1) sums[kind] = (sums[kind] ?? 0) + by * (lengths[section * KINDS.length + kind] ?? 0);
  }
  documents.changes += 1;
}

/** The entries that came after the blocks: postings in chains, newest first. */
export interface Tail {
  readonly first: number;
  /** By term: last posting plus one; 0: none. */
  readonly heads: Column;
  /** Two numbers a posting: entry − first << 16 | mark, and the posting before it plus one. */
  readonly chain: Column;
}

export function createTail(first: number): Tail {
  return { first, heads: createColumn(longs), chain: createColumn(longs) };
}

/** Adds the next entry; the tail holds 65,536 at most. */
export function addToTail({ first, heads, chain }: Tail, documents: Documents, vocabulary: Vocabulary, entry: number, by: Norms): void {
  gather(documents, vocabulary, entry, by);
  widen(heads, termsOf(vocabulary));
  heads.used = termsOf(vocabulary);
  for (let at = wholeFrom(), end = entryRead.ends[entryRead.sections - 1] ?? 0; at < end; at += 1) {
    const term = entryRead.terms[at] ?? 0;
    const link = push(chain, (((entry - first) << 16) | markAt(at, vocabulary)) >>> 0);
    push(chain, heads.values[term] ?? 0);
    heads.values[term] = (link >> 1) + 1;
  }
}

/** A block in the making. */
export interface BlockBuilder {
  /** Reads up to `most` entries more; true when the block is done. */
  step(most: number): boolean;
  /** Once done. */
  block(): Block;
}

/** Inverts the entries from `first` to `to`, at most 65,536; those that are gone are left out. In two rounds: count, then write. */
export function createBlockBuilder(documents: Documents, vocabulary: Vocabulary, first: number, to: number, by: Norms): BlockBuilder {
  if (to - first > BLOCK_ENTRIES || to > entriesOf(documents)) throw new RangeError('a block holds at most 65,536 entries');
  const terms = termsOf(vocabulary);
  const offsets = new Uint32Array(terms + 1);
  const highest = new Uint16Array(terms);
  let docs = new Uint16Array(0);
  let marks = new Uint16Array(0);
  /** By term: where its next posting goes. */
  let next = new Uint32Array(0);
  let writing = false;
  let entry = first;
  // Both rounds see the same entries, whatever goes meanwhile.
  const skipped = documents.gone.values.slice(first, to);

  const count = (): void => {
    readEntry(documents, entry, entryRead);
    for (let at = wholeFrom(), end = entryRead.ends[entryRead.sections - 1] ?? 0; at < end; at += 1) {
      const place = (entryRead.terms[at] ?? 0) + 1;
      offsets[place] = (offsets[place] ?? 0) + 1;
    }
  };
  const write = (): void => {
    gather(documents, vocabulary, entry, by);
    for (let at = wholeFrom(), end = entryRead.ends[entryRead.sections - 1] ?? 0; at < end; at += 1) {
      const term = entryRead.terms[at] ?? 0;
      const mark = markAt(at, vocabulary);
      const place = next[term] ?? 0;
      docs[place] = entry - first;
      marks[place] = mark;
      next[term] = place + 1;
      const known = highest[term] ?? 0;
      highest[term] = Math.max(known & 0xff00, mark & 0xff00) | Math.max(known & 0xff, mark & 0xff);
    }
  };

  return {
    step: (most) => {
      for (let done = 0; done < most && entry < to; entry += 1) {
        if (skipped[entry - first] === 1) continue;
        done += 1;
        if (writing) write();
        else count();
      }
      if (entry < to) return false;
      if (writing) return true;
      for (let term = 0; term < terms; term += 1) offsets[term + 1] = (offsets[term + 1] ?? 0) + (offsets[term] ?? 0);
      docs = new Uint16Array(offsets[terms] ?? 0);
      marks = new Uint16Array(offsets[terms] ?? 0);
      next = offsets.slice();
      writing = true;
      entry = first;
      return false;
    },
    block: () => ({ first, entries: to - first, offsets, docs, marks, highest }),
  };
}
