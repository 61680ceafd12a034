import type { EngineIndex, FieldQuery, Query, Tally } from './engine.ts';
import { frequency } from './postings.ts';

export interface Candidate {
  readonly entry: number;
  /** Best unit, or -1 when only the whole matched. */
  readonly unit: number;
  readonly unitScore: number;
  readonly wholeScore: number;
  readonly total: number;
}

/** One question term in one field: its postings and what one unit of impact is worth. */
interface Step {
  readonly query: FieldQuery;
  readonly term: number;
  readonly size: number;
  readonly weight: number;
  readonly tally: Tally;
  readonly rarity: number;
}

/** The look is taken when what is left to add is at most this part of what all terms can add. */
const LOOK_AT = 0.45;
/** Scores are summed in 32 bits: a bound counts as missed only when it is missed by more than rounding. */
const ROUNDING = 1e-4;

/**
 * The best `limit` entries by the summed score. Work is bounded by `postingsBudget`, whatever the question's length: the
 * rarest terms find the candidates, and terms that are left over still count in the re-ranking. In a large index the
 * scores are looked at once on the way: an entry that cannot reach the best any more is not added to.
 * @param left 1 for each entry that is left out (another town's, no longer valid); null: none
 */
export function search(index: EngineIndex, query: Query, limit: number, left: Uint8Array | null = null): Candidate[] {
  const { units, wholes } = index.scratch;
  const { weights } = index.params;
  const all: Step[] = [];
  plan(all, query.unitWords, weights.unitWords, units);
  plan(all, query.unitChars, weights.unitChars, units);
  plan(all, query.wholeWords, weights.wholeWords, wholes);
  plan(all, query.wholeChars, weights.wholeChars, wholes);
  all.sort(byRarity);
  let budget = index.params.postingsBudget;
  const steps: Step[] = [];
  for (const step of all) {
    if (step.size > budget) continue;
    budget -= step.size;
    steps.push(step);
  }
  const look = index.params.postingsBudget - budget < index.params.worthPruning ? steps.length : lookAt(steps);
  for (let at = 0; at < look; at += 1) accumulate(steps[at], null, null);
  if (look < steps.length) {
    let rest = 0;
    for (let at = look; at < steps.length; at += 1) rest += most(steps[at]);
    const { alive } = index.scratch;
    const pruned = markAlive(index, rest, limit, left);
    for (let at = look; at < steps.length; at += 1) accumulate(steps[at], pruned ? alive : null, steps[at]?.tally === units ? index.owner : null);
    if (pruned) for (let i = 0; i < wholes.used; i += 1) alive[wholes.touched[i] ?? 0] = 0;
    if (pruned) for (let i = 0; i < units.used; i += 1) alive[index.owner[units.touched[i] ?? 0] ?? 0] = 0;
  }
  joinUnits(index);
  return collect(index, limit, left);
}

/** What a term can add at most to one score. */
function most(step: Step | undefined): number {
  return step === undefined ? 0 : step.weight * (step.query.field.highest[step.term] ?? 0);
}

/** The step before which the look is taken. */
function lookAt(steps: readonly Step[]): number {
  let rest = 0;
  for (const step of steps) rest += most(step);
  const enough = rest * LOOK_AT;
  for (let at = 0; at < steps.length; at += 1) {
    if (rest <= enough) return at;
    rest -= most(steps[at]);
  }
  return steps.length;
}

/**
 * Marks the entries that can still be among the best `limit` when at most `rest` is added to any.
 * @returns false when an entry that has nothing yet could still be among them: then nothing is marked
 */
function markAlive(index: EngineIndex, rest: number, limit: number, left: Uint8Array | null): boolean {
  const { owner, scratch: { units, wholes, bestUnit, alive, partial } } = index;
  let used = 0;
  const seen = bestUnit;
  for (let i = 0; i < units.used; i += 1) {
    const unit = units.touched[i] ?? 0;
    const entry = owner[unit] ?? 0;
    const score = units.scores[unit] ?? 0;
    if ((seen[entry] ?? 0) === 0 || score > (units.scores[(seen[entry] ?? 0) - 1] ?? 0)) seen[entry] = unit + 1;
  }
  const bar = createBar(limit);
  for (let i = 0; i < wholes.used; i += 1) {
    const entry = wholes.touched[i] ?? 0;
    const unit = (seen[entry] ?? 0) - 1;
    const score = (wholes.scores[entry] ?? 0) + (unit < 0 ? 0 : (units.scores[unit] ?? 0));
    partial[used] = score;
    used += 1;
    if (left === null || left[entry] !== 1) bar.offer(score);
  }
  // What was found by a unit alone cannot lift the bar wrongly when it is left out: the bar only gets lower.
  const needed = bar.value() * (1 - ROUNDING) - rest;
  const pruned = needed > 0;
  if (pruned) for (let i = 0; i < wholes.used; i += 1) if ((partial[i] ?? 0) >= needed) alive[wholes.touched[i] ?? 0] = 1;
  for (let i = 0; i < units.used; i += 1) {
    const unit = units.touched[i] ?? 0;
    const entry = owner[unit] ?? 0;
    if (pruned && (wholes.scores[entry] ?? 0) === 0 && (units.scores[unit] ?? 0) >= needed) alive[entry] = 1;
    seen[entry] = 0;
  }
  return pruned;
}

/** The `limit`-th best of the numbers offered; 0 while there are fewer. */
function createBar(limit: number): { offer(score: number): void; value(): number } {
  const best: number[] = [];
  return {
    offer: (score) => {
      if (best.length === limit && score <= (best[limit - 1] ?? 0)) return;
      let at = best.length;
      while (at > 0 && (best[at - 1] ?? 0) < score) at -= 1;
      best.splice(at, 0, score);
      if (best.length > limit) best.pop();
    },
    value: () => (best.length < limit ? 0 : (best[limit - 1] ?? 0)),
  };
}

function plan(steps: Step[], query: FieldQuery, weight: number, tally: Tally): void {
  for (let at = 0; at < query.ids.length; at += 1) {
    const rarity = query.idfs[at] ?? 0;
    const term = query.ids[at] ?? -1;
    steps.push({ query, term, size: frequency(query.field, term), weight: weight * rarity * (query.counts[at] ?? 0) * query.field.scale, tally, rarity });
  }
}

const byRarity = (a: Step, b: Step): number => b.rarity - a.rarity;

/**
 * Adds one term's postings to the scores. The one hot loop of the matcher.
 * @param alive entries that are worth adding to; null: all
 * @param owner entry of each document; null: documents are entries
 */
function accumulate(step: Step | undefined, alive: Uint8Array | null, owner: Uint32Array | null): void {
  if (step === undefined) return;
  const { query: { field }, term, weight, tally } = step;
  const { docs, impacts } = field;
  const { scores, touched } = tally;
  const to = field.offsets[term + 1] ?? 0;
  let used = tally.used;
  for (let at = field.offsets[term] ?? 0; at < to; at += 1) {
    const doc = docs[at] ?? 0;
    if (alive !== null && alive[owner === null ? doc : (owner[doc] ?? 0)] === 0) continue;
    const before = scores[doc] ?? 0;
    if (before === 0) {
      touched[used] = doc;
      used += 1;
    }
    scores[doc] = before + weight * (impacts[at] ?? 0);
  }
  tally.used = used;
}

/** Finds each touched entry's best unit, and adds the entries that were found by a unit alone to the touched ones. */
function joinUnits({ owner, scratch: { units, wholes, bestUnit } }: EngineIndex): void {
  const { scores, touched, used } = units;
  for (let i = 0; i < used; i += 1) {
    const unit = touched[i] ?? 0;
    const entry = owner[unit] ?? 0;
    const known = bestUnit[entry] ?? 0;
    const score = scores[unit] ?? 0;
    const rival = known === 0 ? -1 : (scores[known - 1] ?? 0);
    // Of equal wordings the first is taken, in whatever order the terms came.
    if (score > rival || (score === rival && unit < known - 1)) bestUnit[entry] = unit + 1;
    // An entry may have been found by its wording alone, when the budget left no room for the whole.
    if (known === 0 && (wholes.scores[entry] ?? 0) === 0) {
      wholes.touched[wholes.used] = entry;
      wholes.used += 1;
    }
  }
}

function isBetter(total: number, entry: number, rival: Candidate | undefined): boolean {
  return rival === undefined || total > rival.total || (total === rival.total && entry < rival.entry);
}

/** The best few of the touched entries, best first, ties to the earlier entry; wipes the scratch on its way. */
function collect({ scratch: { units, wholes, bestUnit } }: EngineIndex, limit: number, left: Uint8Array | null): Candidate[] {
  const best: Candidate[] = [];
  let bar = 0;
  const { scores, touched, used } = wholes;
  for (let i = 0; i < used; i += 1) {
    const entry = touched[i] ?? 0;
    const unit = (bestUnit[entry] ?? 0) - 1;
    const unitScore = unit < 0 ? 0 : (units.scores[unit] ?? 0);
    const wholeScore = scores[entry] ?? 0;
    bestUnit[entry] = 0;
    scores[entry] = 0;
    const total = unitScore + wholeScore;
    if (total < bar || (left !== null && left[entry] === 1)) continue;
    const full = best.length === limit;
    let at = full ? limit - 1 : best.length;
    // Of equals the earlier entry stands first; in a full list the last one has to go.
    if (full && !isBetter(total, entry, best[at])) continue;
    const candidate = { entry, unit, unitScore, wholeScore, total };
    if (!full) best.push(candidate);
    for (; at > 0; at -= 1) {
      const rival = best[at - 1];
      if (rival === undefined || !isBetter(total, entry, rival)) break;
      best[at] = rival;
    }
    best[at] = candidate;
    if (best.length === limit) bar = best[limit - 1]?.total ?? 0;
  }
  for (let i = 0; i < units.used; i += 1) units.scores[units.touched[i] ?? 0] = 0;
  units.used = 0;
  wholes.used = 0;
  return best;
}
