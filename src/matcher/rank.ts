import type { EngineIndex, Query } from './engine.ts';
import { FEATURES, featuresOf, SAME_AT } from './features.ts';
import { biasFor, chance, sharesOf, weightsFor } from './learn.ts';
import type { MatcherModel } from './model.ts';
import { holds } from './postings.ts';
import { type Candidate, search } from './search.ts';
import type { Analysis, WordToken } from './segment.ts';
import { questionFacts, SIGNALS, twinsOf, writeSignals } from './signals.ts';
import { factsOf } from './traits.ts';

/**
 * Second ranking: a linear model over the features of the first ranking's best, whose weights move with the traits of the
 * knowledge base; then the probability that the winner is right: that the answer is there at all, times that the winner is
 * it (two logistic models over its standing among the others and its own features). The others share what is left in proportion. So scores compare across questions, and those of one question sum to at most 1.
 */

/** Candidates of the first ranking that are looked at again. */
export const RERANKED = 30;

/** A question that stands word for word in the knowledge base has been answered by its editors: no model is asked. */
const SAID = 10;
/** An entry whose question it is stands before one of whose other wordings it is. */
const MAIN = 10;
const CERTAIN = 0.98;

export interface Ranked {
  readonly candidate: Candidate;
  /** 0 to 1. */
  readonly score: number;
  /** What speaks for it, strongest first: features by their lead over the mean of the candidates. */
  readonly why: () => readonly { readonly feature: string; readonly share: number }[];
}

/** What moves near candidates besides the text: added to a candidate's value. */
export type Favour = (entry: number) => number;

interface Tuned {
  readonly rank: Float64Array;
  readonly known: Float64Array;
  readonly knownBias: number;
  readonly right: Float64Array;
  readonly rightBias: number;
}

const tunedBy = new WeakMap<MatcherModel, WeakMap<EngineIndex, Tuned>>();

/** The model's weights for one knowledge base. */
function tune(model: MatcherModel, index: EngineIndex): Tuned {
  let byIndex = tunedBy.get(model);
  if (byIndex === undefined) {
    byIndex = new WeakMap();
    tunedBy.set(model, byIndex);
  }
  const known = byIndex.get(index);
  if (known !== undefined) return known;
  const { traits } = factsOf(index);
  const { rank: weights, sureness: { known: held, right } } = model;
  const tuned = { rank: weightsFor(weights, traits), known: weightsFor(held.weights, traits), knownBias: biasFor(held, traits), right: weightsFor(right.weights, traits), rightBias: biasFor(right, traits) };
  byIndex.set(index, tuned);
  return tuned;
}

/** Best first, at most `limit`. @param left 1 for each entry that is left out; null: none */
export function rank(index: EngineIndex, query: Query, limit: number, model: MatcherModel, heard = 0, left: Uint8Array | null = null, favour: Favour | null = null): Ranked[] {
  const found = search(index, query, RERANKED, left);
  if ((found[0]?.total ?? 0) === 0) return [];
  const rows = featuresOf(index, query, found);
  const tuned = tune(model, index);
  const width = FEATURES.length;
  const values = new Float64Array(found.length);
  let [same, main] = [0, 0];
  for (let place = 0; place < found.length; place += 1) {
    const isSame = rows[place * width + SAME_AT] === 1;
    const isMain = isSame && isQuestion(index, found[place]?.unit ?? -1);
    if (isSame) same += 1;
    if (isMain) main += 1;
    let sum = (favour === null ? 0 : favour(found[place]?.entry ?? 0)) + (isSame ? SAID : 0) + (isMain ? MAIN : 0);
    for (let i = 0; i < width; i += 1) sum += (tuned.rank[i] ?? 0) * (rows[place * width + i] ?? 0);
    values[place] = sum;
  }
  const order = Array.from(values, (_, place) => place).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || (found[a]?.entry ?? 0) - (found[b]?.entry ?? 0));
  const shares = sharesOf(values);
  const signals = new Float64Array(SIGNALS.length);
  writeSignals(signals, order, values, shares, rows, twinsOf(index, found), questionFacts(query, heard));
  const judged = chance(tuned.known, tuned.knownBias, signals) * chance(tuned.right, tuned.rightBias, signals);
  const sure = same === 0 ? judged : Math.max(judged, CERTAIN / (main === 0 ? same : main));
  const winner = shares[order[0] ?? 0] ?? 1;
  // The others keep their proportion to the winner, but all together never more than what it leaves.
  const rest = Math.min(sure / winner, winner >= 1 ? 0 : (1 - sure) / (1 - winner));
  return order.slice(0, limit).map((place, at) => ({
    candidate: found[place] ?? NOBODY,
    score: at === 0 ? sure : Math.min(sure, rest * (shares[place] ?? 0)),
    why: () => reasons(rows, found.length, place, tuned.rank),
  }));
}

/** Whether a wording is its entry's first, the question. */
function isQuestion({ owner }: EngineIndex, unit: number): boolean {
  return unit === 0 || (unit > 0 && owner[unit - 1] !== owner[unit]);
}

const NOBODY: Candidate = { entry: 0, unit: -1, unitScore: 0, wholeScore: 0, total: 0 };
/** Reasons that are told. */
const TOLD = 5;

function reasons(rows: Float64Array, count: number, place: number, weights: Float64Array): { readonly feature: string; readonly share: number }[] {
  const width = FEATURES.length;
  const leads = FEATURES.map((feature, i) => {
    let mean = 0;
    for (let each = 0; each < count; each += 1) mean += (rows[each * width + i] ?? 0) / count;
    return { feature, lead: (weights[i] ?? 0) * ((rows[place * width + i] ?? 0) - mean) };
  }).filter(({ lead }) => lead > 0);
  let all = 0;
  for (const { lead } of leads) all += lead;
  return leads.sort((a, b) => b.lead - a.lead).slice(0, TOLD).map(({ feature, lead }) => ({ feature, share: lead / all }));
}

const inOrder = (a: WordToken, b: WordToken): number => a.start - b.start || b.end - a.end;

/** The question's words in its order, longer ones first where they begin together. */
export function orderTokens(analysis: Analysis): readonly WordToken[] {
  return [...analysis.words].sort(inOrder);
}

/** The question's words that the entry holds, longest spans only, in the question's order. */
export function explain(index: EngineIndex, question: string, query: Query, tokens: readonly WordToken[], entry: number): string[] {
  const matched: string[] = [];
  let from = -1;
  let end = -1;
  for (const token of tokens) {
    // A word within the span that is open adds nothing, whether the entry holds it or not.
    if (token.end <= end || !holds(index.wholeWords, query.words.ids[token.number] ?? -1, entry)) continue;
    if (token.start >= end) {
      keepSpan(matched, question, from, end);
      from = token.start;
    }
    end = token.end;
  }
  keepSpan(matched, question, from, end);
  return matched;
}

function keepSpan(matched: string[], question: string, from: number, to: number): void {
  if (from < 0) return;
  const said = question.slice(from, to);
  if (!matched.includes(said)) matched.push(said);
}
