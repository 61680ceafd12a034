import { createScratch, type EngineIndex, ENGINE_PARAMS } from '../engine.ts';
import { createIntMap } from '../int-map.ts';
import type { Field } from '../postings.ts';
import type { Analysis } from '../segment.ts';
import { lendFacts } from '../traits.ts';
import type { TextStore as FlatTexts } from '../text-store.ts';
import { createColumn, shorts, widen } from './columns.ts';
import { currentNorms, idfOf, idfTable, type LiveIndex } from './entries.ts';
import { factsOfLive, entryLength } from './facts.ts';
import { createReadEntry, readEntry } from './forward.ts';
import { normOf } from './postings.ts';
import type { Query } from './query.ts';
import type { Candidate } from './search.ts';
import { spanOf, type TextStore } from './text-store.ts';
import { CHARS, KINDS, WORDS } from './vocabulary.ts';

/**
 * A small index of a question's candidates alone, with the counts and averages of the whole: the second ranking reads it
 * as it reads an index that was built for good. Its entries are the candidates in the order of their numbers, each with
 * its best wording; its terms are the question's.
 */
export interface View {
  readonly index: EngineIndex;
  /** Number in the live index, by number in the view. */
  readonly entries: readonly number[];
  /** Leaves the last entry out, which is no candidate: it holds the terms that only others hold, so that they are known. */
  readonly left: Uint8Array;
}

// Work space: everything here is synchronous and leaves it clean.
const read = createReadEntry();
/** By term: place among the question's terms of its kind plus one. */
const places = createColumn(shorts);

/** Postings of one field, as they are found. */
interface Found {
  readonly terms: number[];
  readonly docs: number[];
  readonly impacts: number[];
  readonly mass: number[];
}

export function viewOf(live: LiveIndex, query: Query, analysis: Analysis, candidates: readonly Candidate[]): View {
  const sorted = [...candidates].sort((a, b) => a.entry - b.entry);
  const { documents, params, vocabulary } = live;
  const norms = currentNorms(live);
  const idfs = idfTable(live);
  const ids = [query.words.ids, query.chars.ids];
  widen(places, vocabulary.kinds.used);
  ids.forEach((list) => list.forEach((term, place) => {
    if (term >= 0) places.values[term] = place + 1;
  }));
  const found = (): Found[] => KINDS.map(() => ({ terms: [], docs: [], impacts: [], mass: [] }));
  const [units, wholes] = [found(), found()];
  const owner: number[] = [];
  sorted.forEach(({ entry, unit }, number) => {
    readEntry(documents, entry, read);
    if (unit >= 0) {
      gather(unit - (documents.unitsFrom.values[entry] ?? 0), owner.length, norms.unit, idfs.unit.values, null, vocabulary.kinds.values, units);
      owner.push(number);
    }
    gather(read.sections - 1, number, norms.whole, idfs.whole.values, vocabulary.weights.values, vocabulary.kinds.values, wholes);
  });
  for (const list of ids) for (const term of list) if (term >= 0) places.values[term] = 0;
  const field = (level: 'unit' | 'whole', kind: number, count: number): Field => {
    const holders = (level === 'unit' ? vocabulary.inUnits : vocabulary.inWholes).values;
    const [found, terms] = [(level === 'unit' ? units : wholes)[kind], ids[kind] ?? []];
    if (found !== undefined) hangUnfound(found, terms, (term) => (holders[term] ?? 0) > 0, count);
    return fieldOf(found, terms, (term) => idfOf({ index: live, kind, level }, term, live.size), count + 1, params[level].k1);
  };
  const words = new Map<string, number>();
  analysis.distinctWords.forEach((word, place) => {
    if ((query.words.ids[place] ?? -1) >= 0) words.set(word, place);
  });
  const chars = createIntMap(analysis.distinctChars.length);
  analysis.distinctChars.forEach((key, place) => {
    if ((query.chars.ids[place] ?? -1) >= 0) chars.intern(key, place);
  });
  const entries = sorted.map(({ entry }) => entry);
  const left = new Uint8Array(sorted.length + 1);
  left[sorted.length] = 1;
  const index: EngineIndex = {
    vocabulary: { words, chars }, size: live.size, owner: Uint32Array.from([...owner, sorted.length]), params: { ...ENGINE_PARAMS, unit: params.unit, whole: params.whole }, scratch: createScratch(owner.length + 1, sorted.length + 1),
    texts: flat(live.texts, sorted.flatMap(({ unit }) => (unit < 0 ? [] : [unit]))), answers: flat(live.answers, entries),
    unitWords: field('unit', WORDS, owner.length), unitChars: field('unit', CHARS, owner.length), wholeWords: field('whole', WORDS, sorted.length), wholeChars: field('whole', CHARS, sorted.length),
    categories: Uint32Array.from(entries, (entry) => live.categories[entry] ?? 0), departments: Uint32Array.from(entries, (entry) => live.departments[entry] ?? 0),
  };
  const facts = factsOfLive(live);
  lendFacts(index, { ...facts, entryLengths: Float32Array.from(entries, (entry) => entryLength(live, entry) / facts.entryAverage) });
  return { index, entries, left };
}

/**
 * Adds the question's terms of a section of the entry that was read as document `doc`, and the document's mass.
 * @param weights own weights of terms, which the mass is to be without (as in an index that is built for good, the whole); null: with them
 */
function gather(section: number, doc: number, by: readonly { readonly base: number; readonly slope: number }[], idfs: Float32Array, weights: Float32Array | null, kinds: Uint8Array, to: readonly Found[]): void {
  for (const { mass } of to) mass.push(0);
  const { terms, counts, ends, lengths } = read;
  const slots = places.values;
  for (let at = section === 0 ? 0 : (ends[section - 1] ?? 0), end = ends[section] ?? 0; at < end; at += 1) {
    const term = terms[at] ?? 0;
    const kind = kinds[term] ?? 0;
    const into = to[kind];
    if (into === undefined) continue;
    into.mass[doc] = (into.mass[doc] ?? 0) + (idfs[term] ?? 0) / (weights?.[term] ?? 1);
    const place = (slots[term] ?? 0) - 1;
    if (place < 0) continue;
    const count = counts[at] ?? 0;
    into.terms.push(place);
    into.docs.push(doc);
    into.impacts.push(count / (count + normOf(by[kind], lengths[section * KINDS.length + kind] ?? 0)));
  }
}

/** Gives terms that are known, but that no candidate holds, to the document behind the last. */
function hangUnfound({ terms, docs, impacts, mass }: Found, ids: readonly number[], isKnown: (term: number) => boolean, document: number): void {
  const held = new Set(terms);
  ids.forEach((term, place) => {
    if (term < 0 || held.has(place) || !isKnown(term)) return;
    terms.push(place);
    docs.push(document);
    impacts.push(0);
  });
  mass.push(0);
}

/** The field of what was found, by term; documents come in order, and stay so. */
function fieldOf(found: Found | undefined, ids: readonly number[], idf: (term: number) => number, documents: number, k1: number): Field {
  const { terms, docs, impacts, mass } = found ?? { terms: [], docs: [], impacts: [], mass: [] };
  const offsets = new Uint32Array(ids.length + 1);
  for (const term of terms) offsets[term + 1] = (offsets[term + 1] ?? 0) + 1;
  for (let term = 0; term < ids.length; term += 1) offsets[term + 1] = (offsets[term + 1] ?? 0) + (offsets[term] ?? 0);
  const next = offsets.slice();
  const field = { documents, offsets, docs: new Uint32Array(docs.length), impacts: new Uint16Array(docs.length), idf: Float32Array.from(ids, idf), highest: new Uint16Array(ids.length), mass: Float32Array.from(mass), scale: (k1 + 1) / 65_535 };
  terms.forEach((term, i) => {
    const at = next[term] ?? 0;
    const impact = Math.max(1, Math.round((impacts[i] ?? 0) * 65_535));
    field.docs[at] = docs[i] ?? 0;
    field.impacts[at] = impact;
    field.highest[term] = Math.max(field.highest[term] ?? 0, impact);
    next[term] = at + 1;
  });
  return field;
}

function flat(store: TextStore, numbers: readonly number[]): FlatTexts {
  const spans = numbers.map((number) => spanOf(store, number));
  const offsets = new Uint32Array(spans.length + 1);
  spans.forEach(({ from, to }, i) => (offsets[i + 1] = (offsets[i] ?? 0) + to - from));
  const units = new Uint16Array(offsets[spans.length] ?? 0);
  spans.forEach((span, i) => units.set(span.units.subarray(span.from, span.to), offsets[i]));
  return { units, offsets };
}
