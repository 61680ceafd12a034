import { entriesOf } from './documents.ts';
import type { LiveIndex } from './entries.ts';
import { beginScoring, endScoring, scored, scoreEntry } from './fit.ts';
import { BLOCK_ENTRIES, type Block, type Tail } from './postings.ts';
import type { Query } from './query.ts';

export interface Candidate {
  readonly entry: number;
  /** Best unit, or -1 when only the whole matched. */
  readonly unit: number;
  readonly unitScore: number;
  readonly wholeScore: number;
  readonly total: number;
}

/** Until the first bar is known, terms are added up that make this part of what all can add. */
const LOOK_AT = 0.45;
/** Scores by marks are rounded: a bound counts as missed only when it is missed by more than that. */
const ROUNDING = 1e-4;
/** Postings that take as long to read as one entry takes to be scored exactly. */
const EXACT_COST = 600;

// Work space of a search, which is synchronous and leaves it clean. Scores by marks are whole numbers: 2 ** 30 is what all
// terms together could add.
const scores = new Int32Array(BLOCK_ENTRIES);
/** Entries with a score; one place more than there can be, because the hot loop writes before it knows. */
const touched = new Uint16Array(BLOCK_ENTRIES + 1);
let touchedCount = 0;
const alive = new Uint16Array(BLOCK_ENTRIES);
const isDone = new Uint8Array(BLOCK_ENTRIES);

/** The best few, best first; of equals the earlier entry stands first. */
interface Best {
  readonly list: Candidate[];
  readonly limit: number;
  /** What must be reached to come in; 0 while there is room. */
  bar: number;
}

/**
 * The best `limit` entries by the summed score. Block by block, postings of the rarest terms find entries; as soon as what
 * the other terms could add cannot bring a new entry among the best, those found are looked at alone: by reading
 * further postings, or each entry itself, whichever is less work. Work in a block is bounded (`LiveParams`), whatever
 * the question's length: terms whose postings are left out still count in the exact score.
 * @param allowed entries that may be found; all unless told
 */
export function search(index: LiveIndex, query: Query, limit: number, allowed?: (entry: number) => boolean): Candidate[] {
  const best: Best = { list: [], limit, bar: 0 };
  const { values: gone } = index.documents.gone;
  const may = (entry: number): boolean => gone[entry] !== 1 && (allowed === undefined || allowed(entry));
  beginScoring(index, query);
  for (const block of index.blocks) searchPart(index, planBlock(block, query), best, may);
  if (index.tail.chain.used > 0) searchPart(index, planTail(index.tail, query, entriesOf(index.documents) - index.tail.first), best, may);
  endScoring();
  return best.list;
}

/** One question over one block or the tail; by term of the question. */
interface Plan {
  readonly first: number;
  readonly entries: number;
  readonly terms: number;
  /** Adds a term's postings to the scores; `scale`: whole numbers for a score of 1. */
  add(at: number, scale: number): void;
}

/** By term of the question: how many postings it has in the part that is searched, and the most it can add to a score. */
let sizes = new Uint32Array(64);
let most = new Float64Array(64);

function room(terms: number): void {
  if (sizes.length >= terms) return;
  sizes = new Uint32Array(terms * 2);
  most = new Float64Array(terms * 2);
}

function planBlock({ first, entries, offsets, highest, docs, marks }: Block, { terms }: Query): Plan {
  room(terms.length);
  for (let at = 0; at < terms.length; at += 1) {
    const one = terms[at];
    if (one === undefined) continue;
    const size = one.term + 1 < offsets.length ? (offsets[one.term + 1] ?? 0) - (offsets[one.term] ?? 0) : 0;
    const mark = highest[one.term] ?? 0;
    sizes[at] = size;
    most[at] = size === 0 ? 0 : (one.unit * (mark >> 8) + one.whole * (mark & 255)) / 255;
  }
  return {
    first, entries, terms: terms.length,
    add: (at, scale) => {
      const one = terms[at];
      if (one !== undefined && (sizes[at] ?? 0) > 0) addPostings(docs, marks, offsets[one.term] ?? 0, offsets[one.term + 1] ?? 0, Math.round((one.unit * scale) / 255), Math.round((one.whole * scale) / 255));
    },
  };
}

/** The hot loop of the matcher: no branch, whole numbers. */
function addPostings(docs: Uint16Array, marks: Uint16Array, from: number, to: number, unit: number, whole: number): void {
  let used = touchedCount;
  for (let at = from; at < to; at += 1) {
    const doc = docs[at] ?? 0;
    const mark = marks[at] ?? 0;
    const before = scores[doc] ?? 0;
    touched[used] = doc;
    used += before === 0 ? 1 : 0;
    scores[doc] = (before + Math.imul(unit, mark >> 8) + Math.imul(whole, mark & 255)) | 0;
  }
  touchedCount = used;
}

function planTail({ first, heads, chain }: Tail, { terms }: Query, entries: number): Plan {
  room(terms.length);
  terms.forEach((one, at) => {
    const has = one.term < heads.used && (heads.values[one.term] ?? 0) > 0;
    sizes[at] = has ? 1 : 0;
    most[at] = has ? one.unit + one.whole : 0;
  });
  return {
    first, entries, terms: terms.length,
    add: (at, scale) => {
      const one = terms[at];
      if (one === undefined || sizes[at] === 0) return;
      const [unit, whole] = [Math.round((one.unit * scale) / 255), Math.round((one.whole * scale) / 255)];
      for (let link = heads.values[one.term] ?? 0; link !== 0; link = chain.values[link * 2 - 1] ?? 0) {
        const posting = chain.values[link * 2 - 2] ?? 0;
        const doc = posting >>> 16;
        const before = scores[doc] ?? 0;
        touched[touchedCount] = doc;
        touchedCount += before === 0 ? 1 : 0;
        scores[doc] = (before + Math.imul(unit, (posting >>> 8) & 255) + Math.imul(whole, posting & 255)) | 0;
      }
    },
  };
}

function searchPart({ params, documents }: LiveIndex, plan: Plan, best: Best, may: (entry: number) => boolean): void {
  let all = 0;
  let postings = 0;
  for (let at = 0; at < plan.terms; at += 1) {
    all += most[at] ?? 0;
    postings += sizes[at] ?? 0;
  }
  if (all === 0) return;
  const scale = 2 ** 30 / all;
  const share = plan.entries / entriesOf(documents);
  let budget = Math.max(params.postingsLeast, params.postingsBudget * share);
  let rest = all;
  let at = 0;
  /** Adds the next term, or leaves it out when the budget does not reach. */
  const step = (): void => {
    const size = sizes[at] ?? 0;
    if (size <= budget) {
      plan.add(at, scale);
      budget -= size;
      rest -= most[at] ?? 0;
    }
    at += 1;
  };
  /** What a score by marks must reach for its entry to come among the best yet. */
  const needed = (): number => Math.max(1, Math.floor((best.bar * (1 - ROUNDING) - rest) * scale));
  const prunes = postings >= params.worthPruning;
  const untilBar = best.bar > 0 ? best.bar : all * LOOK_AT;
  while (at < plan.terms && (!prunes || rest >= untilBar)) step();
  const seeds = best.bar > 0 ? [] : seed(plan, best, may);
  while (at < plan.terms && rest >= best.bar) step();
  let left = gatherAlive(needed());
  // Reading on is worth it while it may spare more work than it makes.
  while (at < plan.terms && left * EXACT_COST > (sizes[at] ?? 0)) {
    const before = rest;
    while (at < plan.terms && rest > before * READ_ON) step();
    left = keepAlive(left, needed());
  }
  scoreAlive(plan.first, left, rest * scale, scale, Math.max(best.limit, Math.ceil(params.exactMost * share)), best, may);
  for (const doc of seeds) isDone[doc] = 0;
  for (let i = 0; i < touchedCount; i += 1) scores[touched[i] ?? 0] = 0;
  touchedCount = 0;
}

/** Between two looks at those that are left, terms are read until this part of the rest is left. */
const READ_ON = 0.7;

/** Scores about `limit` of the best by their marks exactly, which gives the first bar; marks them as done. */
function seed({ first }: Plan, best: Best, may: (entry: number) => boolean): readonly number[] {
  const docs: number[] = [];
  const bar = cutOf(touched, touchedCount, best.limit);
  for (let i = 0; i < touchedCount && docs.length < MOST_SEEDS * best.limit; i += 1) {
    const doc = touched[i] ?? 0;
    if ((scores[doc] ?? 0) < bar || !may(first + doc)) continue;
    offer(best, first + doc);
    isDone[doc] = 1;
    docs.push(doc);
  }
  return docs;
}

/** Of those whose scores are nearly the same not all are needed for a first bar. */
const MOST_SEEDS = 1.5;

/** Lists the touched entries whose score reaches `needed`. Their number. */
function gatherAlive(needed: number): number {
  let left = 0;
  for (let i = 0; i < touchedCount; i += 1) {
    const doc = touched[i] ?? 0;
    if ((scores[doc] ?? 0) < needed) continue;
    alive[left] = doc;
    left += 1;
  }
  return left;
}

/** Keeps those of the first `count` that reach `needed`. Their number. */
function keepAlive(count: number, needed: number): number {
  let left = 0;
  for (let i = 0; i < count; i += 1) {
    const doc = alive[i] ?? 0;
    if ((scores[doc] ?? 0) < needed) continue;
    alive[left] = doc;
    left += 1;
  }
  return left;
}

/** Scores those that are left exactly, about the best `exactMost` by their marks when there are more. */
function scoreAlive(first: number, left: number, rest: number, scale: number, exactMost: number, best: Best, may: (entry: number) => boolean): void {
  const cut = left <= exactMost ? 0 : cutOf(alive, left, exactMost);
  let room = 2 * exactMost;
  for (let i = 0; i < left && room > 0; i += 1) {
    const doc = alive[i] ?? 0;
    const score = scores[doc] ?? 0;
    if (score < cut || isDone[doc] === 1 || score + rest < best.bar * (1 - ROUNDING) * scale || !may(first + doc)) continue;
    offer(best, first + doc);
    room -= 1;
  }
}

/** Scores are told apart by their upper ten bits when the best are picked. */
const COARSE = 20;
const histogram = new Uint32Array((1 << (31 - COARSE)) + 1);

/** The score from which on the best `size` of some entries are found, and those that are nearly as good as the last of them. */
function cutOf(docs: Uint16Array, count: number, size: number): number {
  histogram.fill(0);
  for (let i = 0; i < count; i += 1) {
    const bucket = (scores[docs[i] ?? 0] ?? 0) >> COARSE;
    histogram[bucket] = (histogram[bucket] ?? 0) + 1;
  }
  let bucket = histogram.length - 1;
  for (let found = histogram[bucket] ?? 0; bucket > 0 && found < size; found += histogram[bucket] ?? 0) bucket -= 1;
  return Math.max(1, bucket << COARSE);
}

function offer(best: Best, entry: number): void {
  scoreEntry(entry);
  const { unit, unitScore, wholeScore } = scored;
  const total = unitScore + wholeScore;
  const { list, limit } = best;
  if (total <= 0 || (list.length === limit && !isBefore(total, entry, list[limit - 1]))) return;
  let at = list.length;
  while (at > 0 && isBefore(total, entry, list[at - 1])) at -= 1;
  list.splice(at, 0, { entry, unit, unitScore, wholeScore, total });
  if (list.length > limit) list.pop();
  if (list.length === limit) best.bar = list[limit - 1]?.total ?? 0;
}

function isBefore(total: number, entry: number, rival: Candidate | undefined): boolean {
  return rival !== undefined && (total > rival.total || (total === rival.total && entry < rival.entry));
}
