import { type Column, createColumn, longs, partOf, placeOf, shorts, widen } from './columns.ts';
import { type Documents, unitOwner } from './documents.ts';
import { currentNorms, type LiveIndex, type Field, idfTable } from './entries.ts';
import { createReadEntry, LONG, longAt, readEntry } from './forward.ts';
import { normOf, type Norms } from './postings.ts';
import type { FieldQuery, Query, QueryTerm } from './query.ts';
import { KINDS } from './vocabulary.ts';

/** How entries answer a question, exactly: read from their own terms, with the counts and averages of this moment. */

// Work space: everything here is synchronous and leaves it clean, so it is invisible from outside.
const read = createReadEntry();
/** By term: place in the question plus one; 0: not asked for. */
const places: Column<Uint16Array> = createColumn(shorts);
let asked: readonly QueryTerm[] = [];
let documents: Documents | null = null;
let norms: Norms = { unit: [], whole: [] };
const sectionNorms = new Float64Array(KINDS.length);
/** By place, so that the loop over an entry's terms reads plain numbers. */
let unitWorth = new Float64Array(64);
let wholeWorth = new Float64Array(64);
let kinds = new Uint8Array(64);

/** Sets the question; `endScoring` must follow before the next one. */
export function beginScoring(index: LiveIndex, query: Query): void {
  widen(places, index.vocabulary.weights.used);
  places.used = places.values.length;
  asked = query.terms.length < 0xffff ? query.terms : query.terms.slice(0, 0xfffe);
  if (kinds.length < asked.length) {
    unitWorth = new Float64Array(asked.length * 2);
    wholeWorth = new Float64Array(asked.length * 2);
    kinds = new Uint8Array(asked.length * 2);
  }
  for (let place = 0; place < asked.length; place += 1) {
    const one = asked[place];
    if (one === undefined) continue;
    places.values[one.term] = place + 1;
    unitWorth[place] = one.unit;
    wholeWorth[place] = one.whole;
    kinds[place] = one.kind;
  }
  documents = index.documents;
  norms = currentNorms(index);
}

export function endScoring(): void {
  for (const { term } of asked) places.values[term] = 0;
  asked = [];
  documents = null;
}

/** What `scoreEntry` found. */
export const scored = { unit: -1, unitScore: 0, wholeScore: 0 };

/** Scores an entry; the result stands in `scored`. Of equal wordings the first is taken. The hot loop of exact scoring. */
export function scoreEntry(entry: number): void {
  scored.unit = -1;
  scored.unitScore = 0;
  if (documents === null) return;
  const address = documents.forwardAt.values[entry] ?? 0;
  const part = partOf(documents.forward, address);
  const { values } = places;
  let at = placeOf(address);
  const end = at + 2 + longAt(part, at);
  at += 2;
  let sum = 0;
  for (let section = 0; at < end; section += 1) {
    const stop = at + 2 + longAt(part, at);
    at += 2;
    const isWhole = stop === end;
    const by = isWhole ? norms.whole : norms.unit;
    const worth = isWhole ? wholeWorth : unitWorth;
    for (let kind = 0; kind < KINDS.length; kind += 1) {
      const short = part[at] ?? 0;
      sectionNorms[kind] = normOf(by[kind], short === LONG ? longAt(part, at + 1) : short);
      at += short === LONG ? 3 : 1;
    }
    sum = 0;
    let term = 0;
    while (at < stop) {
      let value = part[at] ?? 0;
      at += 1;
      if (value === LONG) {
        value = longAt(part, at);
        at += 2;
      }
      term += value >>> 1;
      const place = (values[term] ?? 0) - 1;
      if (place >= 0) {
        const count = (value & 1) === 1 ? (part[at] ?? 0) : 1;
        sum += ((worth[place] ?? 0) * count) / (count + (sectionNorms[kinds[place] ?? 0] ?? 0));
      }
      at += value & 1;
    }
    if (!isWhole && sum > scored.unitScore) {
      scored.unit = (documents.unitsFrom.values[entry] ?? 0) + section;
      scored.unitScore = sum;
    }
  }
  scored.wholeScore = sum;
}

/** How some documents, by their place, answer the question in one field. */
export interface Fits {
  /** BM25 over its upper bound for this question: 0 to 1. */
  readonly score: Float64Array;
  /** Share of the question's idf that the document holds. */
  readonly ofQuery: Float64Array;
  /** Share of the document's idf that the question holds. */
  readonly ofDocument: Float64Array;
}

export function createFits(size: number): Fits {
  return { score: new Float64Array(size), ofQuery: new Float64Array(size), ofDocument: new Float64Array(size) };
}

/** Fits of candidates in every field; `unit` and `whole` by kind. */
export interface AllFits {
  readonly unit: readonly Fits[];
  readonly whole: readonly Fits[];
}

export function createAllFits(size: number): AllFits {
  return { unit: KINDS.map(() => createFits(size)), whole: KINDS.map(() => createFits(size)) };
}

/** The fits of one kind. */
export function fitsOfKind(fits: readonly Fits[], kind: number): Fits {
  const found = fits[kind];
  if (found === undefined) throw new RangeError('no such kind of term');
  return found;
}

/** How each candidate answers the question, its unit and its whole, in every field. */
export function fitAll(index: LiveIndex, query: Query, candidates: readonly { readonly entry: number; readonly unit: number }[], fits: AllFits): void {
  const idfs = idfTable(index);
  beginScoring(index, query);
  candidates.forEach(({ entry, unit }, place) => {
    readEntry(index.documents, entry, read);
    fitSection(index, unit < 0 ? -1 : unit - (index.documents.unitsFrom.values[entry] ?? 0), norms.unit, idfs.unit.values, place, query.unit, fits.unit);
    fitSection(index, read.sections - 1, norms.whole, idfs.whole.values, place, query.whole, fits.whole);
  });
  endScoring();
}

/** Sum of idf of the section's own terms and of those asked for, and the score, by kind. */
const [ownMass, hitMass, hitScore] = [new Float64Array(KINDS.length), new Float64Array(KINDS.length), new Float64Array(KINDS.length)];

function fitSection({ vocabulary }: LiveIndex, section: number, by: Norms['unit'], idfs: Float32Array, place: number, asks: readonly FieldQuery[], fits: readonly Fits[]): void {
  for (const sums of [ownMass, hitMass, hitScore]) sums.fill(0);
  for (let kind = 0; kind < KINDS.length; kind += 1) sectionNorms[kind] = normOf(by[kind], read.lengths[section * KINDS.length + kind] ?? 0);
  const kindOf = vocabulary.kinds.values;
  const slots = places.values;
  const { terms, counts, ends } = read;
  for (let at = section < 1 ? 0 : (ends[section - 1] ?? 0), end = section < 0 ? 0 : (ends[section] ?? 0); at < end; at += 1) {
    const term = terms[at] ?? 0;
    const kind = kindOf[term] ?? 0;
    const idf = idfs[term] ?? 0;
    ownMass[kind] = (ownMass[kind] ?? 0) + idf;
    const slot = slots[term] ?? 0;
    if (slot === 0) continue;
    const count = counts[at] ?? 0;
    hitMass[kind] = (hitMass[kind] ?? 0) + idf;
    hitScore[kind] = (hitScore[kind] ?? 0) + (idf * (asked[slot - 1]?.count ?? 0) * count) / (count + (sectionNorms[kind] ?? 0));
  }
  for (let kind = 0; kind < KINDS.length; kind += 1) {
    const fit = fits[kind];
    const ask = asks[kind];
    if (fit === undefined || ask === undefined) continue;
    const [own, hit] = [ownMass[kind] ?? 0, hitMass[kind] ?? 0];
    fit.score[place] = ask.bound === 0 ? 0 : (hitScore[kind] ?? 0) / ask.bound;
    fit.ofQuery[place] = ask.mass === 0 ? 0 : hit / ask.mass;
    fit.ofDocument[place] = own === 0 ? 0 : Math.min(1, hit / own);
  }
}

/** The entry that was asked about last: questions about one entry come together. */
const memo = { documents: null as Documents | null, entry: -1, section: -1, read: createReadEntry(), held: createColumn(longs), stamp: 0 };

/** Whether a document (a unit or an entry, as the field has it) holds a term. */
export function holds({ index, level }: Field, term: number, document: number): boolean {
  const { documents: from, vocabulary } = index;
  if (term < 0) return false;
  const entry = level === 'unit' ? unitOwner(from, document) : document;
  const section = level === 'unit' ? document - (from.unitsFrom.values[entry] ?? 0) : -1;
  if (memo.documents !== from || memo.entry !== entry || memo.section !== section) {
    if (memo.documents !== from || memo.entry !== entry) readEntry(from, entry, memo.read);
    const { terms, ends, sections } = memo.read;
    const number = section < 0 ? sections - 1 : section;
    widen(memo.held, vocabulary.kinds.used);
    memo.held.used = memo.held.values.length;
    memo.stamp += 1;
    if (memo.stamp > 0xffff_ffff) {
      memo.held.values.fill(0);
      memo.stamp = 1;
    }
    for (let at = number === 0 ? 0 : (ends[number - 1] ?? 0), end = ends[number] ?? 0; at < end; at += 1) memo.held.values[terms[at] ?? 0] = memo.stamp;
    Object.assign(memo, { documents: from, entry, section });
  }
  return memo.held.values[term] === memo.stamp;
}
