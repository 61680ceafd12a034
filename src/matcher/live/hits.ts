import { type Column, createColumn, partOf, placeOf, shorts, widen } from './columns.ts';
import { currentNorms, type LiveIndex, idfTable } from './entries.ts';
import { heldOf } from './fit.ts';
import { LONG, longAt } from './forward.ts';
import { normOf, type Norms } from './postings.ts';
import type { Query, QueryTerm } from './query.ts';
import { CHARS, KINDS, WORDS } from './vocabulary.ts';

/**
 * How the candidates of a question hold its terms, field by field: read from each candidate's own best wording and whole, the
 * other wordings are stepped over. Numbers lie by field × `MOST_CANDIDATES` + place; a field is level × kinds + kind,
 * level 0: the best wording, 1: the whole.
 */
export interface Hits {
  /** BM25 as searched, over the question's idf: 0 to k1 + 1; and with other parameters (`VARIANTS`), over the same. */
  readonly score: Float64Array;
  readonly mild: Float64Array;
  readonly middling: Float64Array;
  readonly strong: Float64Array;
  /** Share of the question's idf that is held. */
  readonly ofQuery: Float64Array;
  /** Wording: share of its idf that the question holds. Whole: the same, as if every term of it were as rare as can be. */
  readonly ofDocument: Float64Array;
  /** Share of the question's known terms, each counting one; and of their squared idf. */
  readonly plain: Float64Array;
  readonly square: Float64Array;
  /** By place: bits of the watched terms that the wording and the whole hold. */
  readonly watchedInUnit: Uint32Array;
  readonly watchedInWhole: Uint32Array;
  /** By place: length of the whole in characters, over the average. */
  readonly wholeRatio: Float64Array;
  /** By place × `wordCount` + number of the word: 1 where the whole holds it. */
  held: Uint8Array;
  wordCount: number;
}

export const MOST_CANDIDATES = 64;
export const FIELD_COUNT = KINDS.length * 2;
/** Mild, middling and strong: how much repeats and length count. */
const VARIANTS = [{ k1: 0.3, b: 0.3 }, { k1: 1.5, b: 0.75 }, { k1: 2.5, b: 1 }] as const;
/** Terms that can be watched: bits. */
export const WATCHED = 30;

// Work space: everything here is synchronous and leaves it clean, so it is invisible from outside.
const row = (): Float64Array => new Float64Array(FIELD_COUNT * MOST_CANDIDATES);
const hits: Hits = {
  score: row(), mild: row(), middling: row(), strong: row(), ofQuery: row(), ofDocument: row(), plain: row(), square: row(),
  watchedInUnit: new Uint32Array(MOST_CANDIDATES), watchedInWhole: new Uint32Array(MOST_CANDIDATES), wholeRatio: new Float64Array(MOST_CANDIDATES), held: new Uint8Array(1024), wordCount: 0,
};
const sums = [hits.score, hits.mild, hits.middling, hits.strong, hits.ofQuery, hits.ofDocument, hits.plain, hits.square];
/** By term: place in the question plus one; 0: not asked for. */
const places: Column<Uint16Array> = createColumn(shorts);
/** By place in the question. */
let kinds = new Uint8Array(64);
let unitIdfs = new Float64Array(64);
let wholeIdfs = new Float64Array(64);
let counts = new Float64Array(64);
let words = new Int32Array(64);
let watched = new Uint32Array(64);
/** What of the question a section holds: places, and how often it says each. */
let hitPlaces = new Uint16Array(64);
let hitCounts = new Uint16Array(64);
const mass = new Float64Array(KINDS.length);
const [norms, lengths, ratios] = [new Float64Array(KINDS.length), new Float64Array(KINDS.length), new Float64Array(KINDS.length)];

function room(terms: number): void {
  if (kinds.length >= terms) return;
  const size = terms * 2;
  [kinds, unitIdfs, wholeIdfs, counts, words, watched] = [new Uint8Array(size), new Float64Array(size), new Float64Array(size), new Float64Array(size), new Int32Array(size), new Uint32Array(size)];
  [hitPlaces, hitCounts] = [new Uint16Array(size), new Uint16Array(size)];
}

/**
 * Reads the candidates, at most `MOST_CANDIDATES`. What comes back is overwritten by the next call.
 * @param watch numbers of words (places in `query.words`), at most `WATCHED`
 */
export function readHits(index: LiveIndex, query: Query, candidates: readonly { readonly entry: number; readonly unit: number }[], watch: readonly number[]): Readonly<Hits> {
  const { documents, params, vocabulary } = index;
  const asked: readonly QueryTerm[] = query.terms.length < 0xffff ? query.terms : query.terms.slice(0, 0xfffe);
  const size = candidates.length;
  room(asked.length);
  widen(places, vocabulary.weights.used);
  hits.wordCount = query.words.ids.length;
  if (hits.held.length < size * hits.wordCount) hits.held = new Uint8Array(size * hits.wordCount * 2);
  hits.held.fill(0, 0, size * hits.wordCount);
  for (const each of sums) each.fill(0);
  const squares = [0, 0, 0, 0];
  const known = [0, 0];
  for (let place = 0; place < asked.length; place += 1) {
    const one = asked[place];
    if (one === undefined) continue;
    places.values[one.term] = place + 1;
    kinds[place] = one.kind;
    unitIdfs[place] = one.unitIdf;
    wholeIdfs[place] = one.wholeIdf;
    counts[place] = one.count;
    words[place] = one.kind === WORDS ? one.place : -1;
    const bit = one.kind === WORDS ? watch.indexOf(one.place) : -1;
    watched[place] = bit < 0 ? 0 : 1 << bit;
    squares[one.kind] = (squares[one.kind] ?? 0) + one.unitIdf * one.unitIdf;
    squares[KINDS.length + one.kind] = (squares[KINDS.length + one.kind] ?? 0) + one.wholeIdf * one.wholeIdf;
    known[one.kind] = (known[one.kind] ?? 0) + 1;
  }
  const by = currentNorms(index);
  const idfs = idfTable(index).unit.values;
  for (let place = 0; place < size; place += 1) {
    const { entry, unit } = candidates[place] ?? { entry: 0, unit: -1 };
    hits.watchedInUnit[place] = 0;
    hits.watchedInWhole[place] = 0;
    const address = documents.forwardAt.values[entry] ?? 0;
    const part = partOf(documents.forward, address);
    let at = placeOf(address);
    const end = at + 2 + longAt(part, at);
    at += 2;
    const wanted = unit < 0 ? -1 : unit - (documents.unitsFrom.values[entry] ?? 0);
    for (let section = 0; at < end; section += 1) {
      const stop = at + 2 + longAt(part, at);
      if (stop === end) addSection(part, at + 2, stop, 1, place, by.whole, params.whole, null, vocabulary.kinds.values, heldOf(query, entry, hitPlaces, hitCounts));
      else if (section === wanted) addSection(part, at + 2, stop, 0, place, by.unit, params.unit, idfs, vocabulary.kinds.values, -1);
      at = stop;
    }
  }
  for (const { term } of asked) places.values[term] = 0;
  const unknown = Math.log((index.size + 1) / 0.5);
  for (let field = 0; field < FIELD_COUNT; field += 1) {
    const kind = field % KINDS.length;
    const ask = (field < KINDS.length ? query.unit : query.whole)[kind];
    const [bound, mostMass] = [ask === undefined || ask.bound === 0 ? 1 : ask.bound, ask === undefined || ask.mass === 0 ? 1 : ask.mass];
    const square = squares[field] ?? 0;
    const terms = Math.max(1, known[kind] ?? 0);
    for (let place = 0; place < size; place += 1) {
      const i = field * MOST_CANDIDATES + place;
      const own = (hits.ofDocument[i] ?? 0) * (field < KINDS.length ? 1 : unknown);
      hits.ofDocument[i] = own === 0 ? 0 : Math.min(1, (hits.ofQuery[i] ?? 0) / own);
      hits.ofQuery[i] = (hits.ofQuery[i] ?? 0) / mostMass;
      hits.score[i] = (hits.score[i] ?? 0) / bound;
      hits.mild[i] = (hits.mild[i] ?? 0) / bound;
      hits.middling[i] = (hits.middling[i] ?? 0) / bound;
      hits.strong[i] = (hits.strong[i] ?? 0) / bound;
      hits.plain[i] = (hits.plain[i] ?? 0) / terms;
      hits.square[i] = square === 0 ? 0 : (hits.square[i] ?? 0) / square;
    }
  }
  return hits;
}

/**
 * Adds up one section of the forward list (documents.ts): what it holds of the question, and its own mass (its length, without `idfs`).
 * @param by norms of its level, by kind
 * @param saturation what the norms were made with
 * @param held hits that stand in the work space already; -1: they are to be read
 */
function addSection(part: Uint16Array, from: number, stop: number, level: 0 | 1, place: number, by: Norms['unit'], saturation: { readonly k1: number; readonly b: number }, idfs: Float32Array | null, kindOf: Uint8Array, held: number): void {
  let at = from;
  for (let kind = 0; kind < KINDS.length; kind += 1) {
    const short = part[at] ?? 0;
    const length = short === LONG ? longAt(part, at + 1) : short;
    at += short === LONG ? 3 : 1;
    const norm = by[kind];
    lengths[kind] = length;
    norms[kind] = normOf(norm, length);
    ratios[kind] = norm === undefined ? 1 : (norm.slope * length) / (saturation.k1 * saturation.b);
    mass[kind] = idfs === null ? length : 0;
  }
  if (level === 1) hits.wholeRatio[place] = ratios[CHARS] ?? 0;
  const { values } = places;
  let found = Math.max(0, held);
  let term = 0;
  while (held < 0 && at < stop) {
    let value = part[at] ?? 0;
    at += 1;
    if (value === LONG) {
      value = longAt(part, at);
      at += 2;
    }
    term += value >>> 1;
    const asked = values[term] ?? 0;
    if (asked !== 0) {
      hitPlaces[found] = asked - 1;
      hitCounts[found] = (value & 1) === 1 ? (part[at] ?? 0) : 1;
      found += 1;
    }
    at += value & 1;
    if (idfs !== null) {
      const kind = kindOf[term] ?? 0;
      mass[kind] = (mass[kind] ?? 0) + (idfs[term] ?? 0);
    }
  }
  const known = level === 0 ? unitIdfs : wholeIdfs;
  const { k1 } = saturation;
  let bits = 0;
  for (let i = 0; i < found; i += 1) {
    const asked = hitPlaces[i] ?? 0;
    const tf = hitCounts[i] ?? 1;
    const kind = kinds[asked] ?? 0;
    const idf = known[asked] ?? 0;
    const each = idf * (counts[asked] ?? 0) * tf;
    const ratio = ratios[kind] ?? 1;
    const to = (level * KINDS.length + kind) * MOST_CANDIDATES + place;
    hits.ofQuery[to] = (hits.ofQuery[to] ?? 0) + idf;
    hits.square[to] = (hits.square[to] ?? 0) + idf * idf;
    hits.plain[to] = (hits.plain[to] ?? 0) + 1;
    hits.score[to] = (hits.score[to] ?? 0) + (each * (k1 + 1)) / (tf + (norms[kind] ?? 0));
    hits.mild[to] = (hits.mild[to] ?? 0) + (each * (VARIANTS[0].k1 + 1)) / (tf + VARIANTS[0].k1 * (1 - VARIANTS[0].b + VARIANTS[0].b * ratio));
    hits.middling[to] = (hits.middling[to] ?? 0) + (each * (VARIANTS[1].k1 + 1)) / (tf + VARIANTS[1].k1 * (1 - VARIANTS[1].b + VARIANTS[1].b * ratio));
    hits.strong[to] = (hits.strong[to] ?? 0) + (each * (VARIANTS[2].k1 + 1)) / (tf + VARIANTS[2].k1 * (1 - VARIANTS[2].b + VARIANTS[2].b * ratio));
    bits |= watched[asked] ?? 0;
    const word = words[asked] ?? -1;
    if (level === 1 && word >= 0) hits.held[place * hits.wordCount + word] = 1;
  }
  (level === 0 ? hits.watchedInUnit : hits.watchedInWhole)[place] = bits;
  for (let kind = 0; kind < KINDS.length; kind += 1) hits.ofDocument[(level * KINDS.length + kind) * MOST_CANDIDATES + place] = mass[kind] ?? 0;
}
