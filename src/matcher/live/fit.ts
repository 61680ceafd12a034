import { type Column, createColumn, partOf, placeOf, shorts, widen } from './columns.ts';
import type { Documents } from './documents.ts';
import { currentNorms, type LiveIndex } from './entries.ts';
import { LONG, longAt } from './forward.ts';
import { normOf, type Norms } from './postings.ts';
import type { Query, QueryTerm } from './query.ts';
import { KINDS } from './vocabulary.ts';

/** How entries answer a question, exactly: read from their own terms, with the counts and averages of this moment. */

// Work space: everything here is synchronous and leaves it clean, so it is invisible from outside.
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
/** What the wholes of the entries scored hold of the question: how many terms, then each one's place and count. Whoever looks at the best entries again need not read them again. */
let trail = new Uint16Array(1 << 12);
let trailUsed = 0;
const trailOf = new Map<number, number>();
let trailQuery: Query | null = null;

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
  trailUsed = 0;
  trailOf.clear();
  trailQuery = query;
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
  const begin = roomInTrail();
  let used = begin;
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
    // The whole comes last: what was noted of the wordings is written over.
    used = begin + 1;
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
        trail[used] = place;
        trail[used + 1] = count;
        used += 2;
      }
      at += value & 1;
    }
    if (!isWhole && sum > scored.unitScore) {
      scored.unit = (documents.unitsFrom.values[entry] ?? 0) + section;
      scored.unitScore = sum;
    }
  }
  scored.wholeScore = sum;
  trail[begin] = (used - begin - 1) / 2;
  trailOf.set(entry, begin);
  trailUsed = used;
}

/** Where the next entry's trail begins; there is room for every term of the question. */
function roomInTrail(): number {
  const most = trailUsed + 1 + 2 * asked.length;
  if (most > trail.length) {
    const next = new Uint16Array(most * 2);
    next.set(trail.subarray(0, trailUsed));
    trail = next;
  }
  return trailUsed;
}

/**
 * Copies what the whole of an entry holds of the question: places in `Query.terms`, and how often it says each, in the order of the terms.
 * @returns how many; -1: the last search was another one's, or did not score the entry
 */
export function heldOf(query: Query, entry: number, places: Uint16Array, counts: Uint16Array): number {
  const begin = query === trailQuery ? trailOf.get(entry) : undefined;
  if (begin === undefined) return -1;
  const found = trail[begin] ?? 0;
  for (let i = 0, at = begin + 1; i < found; i += 1, at += 2) {
    places[i] = trail[at] ?? 0;
    counts[i] = trail[at + 1] ?? 0;
  }
  return found;
}
