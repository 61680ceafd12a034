import { type Column, createColumn, floats, longs, push, widen } from './columns.ts';
import { addEntryRow, createDocuments, type Documents, entriesOf, markGone, scopeText } from './documents.ts';
import { createEntryWriter } from './forward.ts';
import type { IntMap } from '../int-map.ts';
import { addToTail, BLOCK_ENTRIES, type Block, countEntry, createBlockBuilder, createTail, normsOf, type Norms, type Saturation, type Tail } from './postings.ts';
import type { Analyzer, Reading } from '../segment.ts';
import { addText, LONGEST_TEXT, type TextStore } from './text-store.ts';
import type { MatchEntry } from '../types.ts';
import { CHARS, createVocabulary, internTerm, KINDS, type Vocabulary, WORDS } from './vocabulary.ts';

/**
 * The index. Every kind of term (words, characters …) is matched against each wording of an entry (a "unit": question or
 * variant) and against the whole entry (wordings, keywords, category, answer). An entry scores the sum of its best unit
 * and of its whole, BM25 each; only entries that share a term with the question are touched.
 *
 *   vocabulary   term → number, and how many entries hold it now
 *   documents    entry → its terms, texts, id, scope; only ever added to
 *   blocks       term → entries, 65,536 entries a block, never changed; the last entries hang in the tail
 */

export interface LiveParams {
  readonly unit: Saturation;
  readonly whole: Saturation;
  /** A question term that repeats counts at most this many times. */
  readonly repeat: number;
  /** Postings read at most for one question, rarest terms first: bounds the time of a match. Each block has its share, `postingsLeast` at least. */
  readonly postingsBudget: number;
  readonly postingsLeast: number;
  /** A question that reads fewer postings than this in a block is not worth looking at the scores on the way. */
  readonly worthPruning: number;
  /** Entries scored exactly at most besides the first best; each block has its share. */
  readonly exactMost: number;
}

export const LIVE_PARAMS: LiveParams = {
  unit: { k1: 1.2, b: 0.75 },
  whole: { k1: 0.8, b: 0.75 },
  repeat: 2,
  postingsBudget: 120_000,
  postingsLeast: 4000,
  worthPruning: 4000,
  exactMost: 64,
};

/** Characters of an answer that sentence matching looks at. */
const ANSWER_KEPT = 3000;
/** Characters of a wording and of an answer that are indexed: a text that somebody pasted must not fill the index. */
const WORDING_READ = 2000;
const ANSWER_READ = 100_000;

/** One kind of term at one level, as the ranking asks for it. */
export interface Field {
  readonly index: LiveIndex;
  readonly kind: number;
  readonly level: 'unit' | 'whole';
}

export interface LiveIndex {
  readonly params: LiveParams;
  readonly vocabulary: Vocabulary & { readonly chars: IntMap };
  readonly documents: Documents;
  readonly blocks: Block[];
  tail: Tail;
  /** Entries that are there. */
  readonly size: number;
  /** Plain text of each unit. */
  readonly texts: TextStore;
  /** Plain text of each entry's answer, sentences parted by line ends. */
  readonly answers: TextStore;
  readonly unitWords: Field;
  readonly unitChars: Field;
  readonly wholeWords: Field;
  readonly wholeChars: Field;
  /** Category and department of each entry as numbers from 1; 0: none. */
  readonly categories: Uint32Array;
  readonly departments: Uint32Array;
}

export function createIndex(params: LiveParams = LIVE_PARAMS): LiveIndex {
  return indexOf(params, createVocabulary(), createDocuments(), [], createTail(0));
}

/** An index of parts that belong together. */
export function indexOf(params: LiveParams, vocabulary: Vocabulary, documents: Documents, blocks: Block[], tail: Tail): LiveIndex {
  const field = (kind: number, level: Field['level']): Field => ({ get index() { return index; }, kind, level });
  const index: LiveIndex = {
    params, documents, blocks, tail,
    vocabulary: { ...vocabulary, get chars() { return integersOf(vocabulary, CHARS); } },
    get size() { return documents.live; },
    texts: documents.texts, answers: documents.answers,
    unitWords: field(WORDS, 'unit'), unitChars: field(CHARS, 'unit'), wholeWords: field(WORDS, 'whole'), wholeChars: field(CHARS, 'whole'),
    get categories() { return documents.categories.values; },
    get departments() { return documents.departments.values; },
  };
  return index;
}

function integersOf({ tables }: Vocabulary, kind: number): IntMap {
  const table = tables[kind];
  if (table === undefined) throw new RangeError('no such kind of term');
  return table.integers;
}

/** Builds an index of entries with different ids. */
export function buildIndex(entries: readonly MatchEntry[], analyzer: Analyzer, params: LiveParams = LIVE_PARAMS): LiveIndex {
  const index = createIndex(params);
  for (const entry of entries) writeEntry(index, entry, analyzer);
  sealAll(index);
  return index;
}

/** Inverts everything anew, in full blocks. */
export function sealAll(index: LiveIndex): void {
  const { documents, vocabulary, blocks } = index;
  const norms = currentNorms(index);
  const entries = entriesOf(documents);
  blocks.length = 0;
  for (let first = 0; first < entries; first += BLOCK_ENTRIES) {
    const builder = createBlockBuilder(documents, vocabulary, first, Math.min(entries, first + BLOCK_ENTRIES), norms);
    while (!builder.step(BLOCK_ENTRIES));
    blocks.push(builder.block());
  }
  index.tail = createTail(entries);
}

export function currentNorms({ documents, params }: LiveIndex): Norms {
  return normsOf(documents, params.unit, params.whole);
}

/** A department's name is a text like the category; an id (Latin) is none. */
function nameOf(department: string | undefined): string {
  return department !== undefined && /\p{Script=Han}/u.test(department) ? department : '';
}

const writer = createEntryWriter();
/** Terms of the wording that is read, and of the whole entry. */
const [unitTerms, wholeTerms] = [createColumn(longs), createColumn(longs)];
const [unitLengths, wholeLengths] = [KINDS.map(() => 0), KINDS.map(() => 0)];

/**
 * Adds an entry to the documents and counts its terms; to be found, it must come into a block or the tail. Its number.
 * Throws a RangeError for an id or scope that is too long, before anything has changed.
 */
export function writeEntry(index: LiveIndex, entry: MatchEntry, analyzer: Analyzer): number {
  const { documents, vocabulary } = index;
  // Before anything is written: an entry is there as a whole or not at all.
  if (entry.id.length > LONGEST_TEXT || scopeText(entry).length > LONGEST_TEXT) throw new RangeError('an id, and what limits an entry, is at most 65,535 characters long');
  const readTerms = (reading: Reading, isUnit: boolean): void => {
    for (let kind = 0; kind < KINDS.length; kind += 1) {
      const keys = KINDS[kind]?.read(reading) ?? [];
      wholeLengths[kind] = (wholeLengths[kind] ?? 0) + keys.length;
      if (isUnit) unitLengths[kind] = keys.length;
      for (let i = 0; i < keys.length; i += 1) {
        const term = internTerm(vocabulary, kind, keys[i] ?? '');
        push(wholeTerms, term);
        if (isUnit) push(unitTerms, term);
      }
    }
  };
  wholeTerms.used = 0;
  wholeLengths.fill(0);
  push(documents.unitsFrom, documents.texts.addresses.used);
  writer.begin();
  for (const wording of [entry.question, ...(entry.variants ?? [])]) {
    if (wording === '') continue;
    const reading = analyzer.read(wording.slice(0, WORDING_READ));
    unitTerms.used = 0;
    readTerms(reading, true);
    writer.section(unitTerms.values.subarray(0, unitTerms.used), unitLengths);
    addText(documents.texts, reading.plain);
  }
  for (const text of [(entry.keywords ?? []).join('\n'), entry.category ?? '', nameOf(entry.department)]) if (text !== '') readTerms(analyzer.read(text.slice(0, WORDING_READ)), false);
  const answer = analyzer.read((entry.answer ?? '').slice(0, ANSWER_READ));
  readTerms(answer, false);
  writer.section(wholeTerms.values.subarray(0, wholeTerms.used), wholeLengths);
  const number = addEntryRow(documents, entry, answer.sentences, ANSWER_KEPT, writer.end(documents));
  countEntry(documents, vocabulary, number, 1);
  return number;
}

/** Hangs the entry that was written last to the tail, so that it is found. */
export function hangEntry(index: LiveIndex, entry: number, norms: Norms): void {
  addToTail(index.tail, index.documents, index.vocabulary, entry, norms);
}

/** Takes an entry out: it is not found any more, and its terms do not count. */
export function dropEntry({ documents, vocabulary }: LiveIndex, entry: number): void {
  countEntry(documents, vocabulary, entry, -1);
  markGone(documents, entry);
}

/** ln(1 + (N − n + ½) / (n + ½)) of a term that is in n of N entries. */
function idfOfCount(entries: number, n: number): number {
  return Math.log((entries + 1) / (n + 0.5));
}

/** idf of a term in a field; a term the field does not know (-1) is as rare as can be. `groups`: number of entries. */
export function idfOf({ index: { vocabulary }, level }: Field, term: number, groups: number): number {
  const { values } = level === 'unit' ? vocabulary.inUnits : vocabulary.inWholes;
  return idfOfCount(groups, term < 0 ? 0 : (values[term] ?? 0));
}

/** By term: idf with the term's own weight, in wordings and in wholes; made anew after a change, for all terms at once. */
export interface IdfTable {
  readonly unit: Column<Float32Array>;
  readonly whole: Column<Float32Array>;
  changes: number;
}

const tables = new WeakMap<Documents, IdfTable>();

export function idfTable({ documents, vocabulary: { weights, inUnits, inWholes } }: LiveIndex): IdfTable {
  let table = tables.get(documents);
  if (table === undefined) tables.set(documents, (table = { unit: createColumn(floats), whole: createColumn(floats), changes: -1 }));
  if (table.changes === documents.changes) return table;
  const { unit, whole } = table;
  widen(unit, weights.used);
  widen(whole, weights.used);
  for (let term = 0; term < weights.used; term += 1) {
    const weight = weights.values[term] ?? 0;
    unit.values[term] = weight * idfOfCount(documents.live, inUnits.values[term] ?? 0);
    whole.values[term] = weight * idfOfCount(documents.live, inWholes.values[term] ?? 0);
  }
  unit.used = weights.used;
  whole.used = weights.used;
  table.changes = documents.changes;
  return table;
}
