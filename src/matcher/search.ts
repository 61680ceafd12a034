import type { EngineIndex, FieldQuery, Query, Tally } from './engine.ts';
import { type Field, frequency, position } from './postings.ts';

export interface Candidate {
  readonly entry: number;
  /** Best unit, or -1 when only the whole matched. */
  readonly unit: number;
  readonly unitScore: number;
  readonly wholeScore: number;
  readonly total: number;
}

interface Step {
  readonly field: Field;
  readonly term: number;
  readonly weight: number;
  readonly tally: Tally;
  readonly rarity: number;
}

/**
 * The best `limit` entries by the summed score. Work is bounded by `postingsBudget`, whatever the question's length: the
 * rarest terms find the candidates, and terms that are left over still count in the re-ranking.
 */
export function search(index: EngineIndex, query: Query, limit: number): Candidate[] {
  const { units, wholes, bestUnit } = index.scratch;
  const { weights } = index.params;
  const steps: Step[] = [];
  const plan = ({ field, terms }: FieldQuery, weight: number, tally: Tally): void => {
    for (const { id, idf, count } of terms) steps.push({ field, term: id, weight: weight * idf * count * field.scale, tally, rarity: idf });
  };
  plan(query.unitWords, weights.unitWords, units);
  plan(query.unitChars, weights.unitChars, units);
  plan(query.wholeWords, weights.wholeWords, wholes);
  plan(query.wholeChars, weights.wholeChars, wholes);
  steps.sort((a, b) => b.rarity - a.rarity);
  let budget = index.params.postingsBudget;
  for (const step of steps) {
    const size = frequency(step.field, step.term);
    if (size > budget) continue;
    budget -= size;
    accumulate(step);
  }
  for (let i = 0; i < units.used; i += 1) {
    const unit = units.touched[i] ?? 0;
    const entry = index.owner[unit] ?? 0;
    const known = bestUnit[entry] ?? 0;
    const score = units.scores[unit] ?? 0;
    const rival = known === 0 ? -1 : (units.scores[known - 1] ?? 0);
    // Of equal wordings the first is taken, in whatever order the terms came.
    if (score > rival || (score === rival && unit < known - 1)) bestUnit[entry] = unit + 1;
    // An entry may have been found by its wording alone, when the budget left no room for the whole.
    if (known === 0 && (wholes.scores[entry] ?? 0) === 0) {
      wholes.touched[wholes.used] = entry;
      wholes.used += 1;
    }
  }
  const top = createTop(limit);
  for (let i = 0; i < wholes.used; i += 1) {
    const entry = wholes.touched[i] ?? 0;
    const unit = (bestUnit[entry] ?? 0) - 1;
    const unitScore = unit < 0 ? 0 : (units.scores[unit] ?? 0);
    const wholeScore = wholes.scores[entry] ?? 0;
    if (unitScore + wholeScore >= top.bar()) top.offer({ entry, unit, unitScore, wholeScore, total: unitScore + wholeScore });
    bestUnit[entry] = 0;
    wholes.scores[entry] = 0;
  }
  for (let i = 0; i < units.used; i += 1) units.scores[units.touched[i] ?? 0] = 0;
  units.used = 0;
  wholes.used = 0;
  return top.sorted();
}

/** Adds one term's postings to the scores. The one hot loop of the matcher. */
function accumulate({ field, term, weight, tally }: Step): void {
  const { docs, impacts } = field;
  const { scores, touched } = tally;
  const to = field.offsets[term + 1] ?? 0;
  let used = tally.used;
  for (let at = field.offsets[term] ?? 0; at < to; at += 1) {
    const doc = docs[at] ?? 0;
    const before = scores[doc] ?? 0;
    if (before === 0) {
      touched[used] = doc;
      used += 1;
    }
    scores[doc] = before + weight * (impacts[at] ?? 0);
  }
  tally.used = used;
}

/** Keeps the best few: a binary heap with the worst on top. Ties go to the earlier entry. */
function createTop(limit: number): { bar(): number; offer(candidate: Candidate): void; sorted(): Candidate[] } {
  const heap: Candidate[] = [];
  const worse = (a: Candidate, b: Candidate): boolean => a.total < b.total || (a.total === b.total && a.entry > b.entry);
  const swap = (i: number, j: number): void => {
    const [a, b] = [heap[i], heap[j]];
    if (a === undefined || b === undefined) return;
    heap[i] = b;
    heap[j] = a;
  };
  const isWorse = (i: number, j: number): boolean => {
    const [a, b] = [heap[i], heap[j]];
    return a !== undefined && b !== undefined && worse(a, b);
  };
  const down = (): void => {
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (isWorse(child, least)) least = child;
      if (least === i) return;
      swap(i, least);
      i = least;
    }
  };
  return {
    bar: () => (heap.length < limit ? 0 : (heap[0]?.total ?? 0)),
    offer: (candidate) => {
      const root = heap[0];
      if (heap.length >= limit) {
        if (root === undefined || !worse(root, candidate)) return;
        heap[0] = candidate;
        down();
        return;
      }
      heap.push(candidate);
      for (let i = heap.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1;
        if (!isWorse(i, parent)) return;
        swap(i, parent);
        i = parent;
      }
    },
    sorted: () => [...heap].sort((a, b) => (worse(a, b) ? 1 : -1)),
  };
}

/** How one document answers the question in one field. */
export interface FieldFit {
  /** BM25 over its upper bound for this question: 0 to 1. */
  readonly score: number;
  /** Share of the question's idf that the document holds. */
  readonly ofQuery: number;
  /** Share of the document's idf that the question holds. */
  readonly ofDocument: number;
}

const NO_FIT: FieldFit = { score: 0, ofQuery: 0, ofDocument: 0 };

export function fit({ field, terms, mass, bound }: FieldQuery, doc: number): FieldFit {
  if (doc < 0 || mass === 0) return NO_FIT;
  let hit = 0;
  let score = 0;
  for (const { id, idf, count } of terms) {
    const at = position(field, id, doc);
    if (at < 0) continue;
    hit += idf;
    score += idf * count * ((field.impacts[at] ?? 0) / 65_535);
  }
  const own = field.mass[doc] ?? 0;
  return { score: score / bound, ofQuery: hit / mass, ofDocument: own === 0 ? 0 : Math.min(1, hit / own) };
}
