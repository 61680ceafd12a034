import type { EngineIndex, Query } from './engine.ts';
import { FEATURES, type Features, featuresOf, viewQuery } from './features.ts';
import { holds } from './postings.ts';
import { type Candidate, search } from './search.ts';
import type { Analysis } from './segment.ts';

/**
 * Second ranking: a linear model over the features of the first ranking's best, and a probability. Two parts multiply:
 * how likely any entry answers this question (relevance, judged on the winner), and how much of it falls to each
 * candidate (a softmax share). So scores compare across questions, and those of one question sum to at most 1.
 *
 * Weights: listwise logistic regression on public FAQ sets and on the demo knowledge with one wording held out; every
 * weight is kept from going below zero, so a better fit can never lower a score. docs/matcher.md says how to repeat it.
 */

type Weights = Readonly<Partial<Record<(typeof FEATURES)[number], number>>>;

const RANK: Weights = {
  unitWordOfUnit: 1.08, unitCharOfUnit: 2.58, wholeWordScore: 0.57, wholeWordOfQuery: 1.31, wholeCharScore: 1.79, wholeCharOfQuery: 3.73,
  ratio: 5.44, runOfUnit: 0.06, same: 6, sentence: 0.92, sentenceTwo: 0.18, rareWord: 0.45, hasUnit: 0.71,
};

const RELEVANCE: Weights = { unitCharOfUnit: 2.75, wholeCharOfQuery: 3.41, wholeCharScore: 2.63, runOfUnit: 0.27, same: 6 };
const RELEVANCE_BIAS = -5.26;
/** Long questions leave less to chance: weight of min(length, 30) / 30. */
const RELEVANCE_LENGTH = 3.34;
/** … and very short ones more: weight of min(1, 3 / length). */
const RELEVANCE_SHORT = -0.05;

/** Candidates of the first ranking that are looked at again. */
export const RERANKED = 20;

const vector = (weights: Weights): Float64Array => Float64Array.from(FEATURES, (name) => weights[name] ?? 0);
const RANK_VECTOR = vector(RANK);
const RELEVANCE_VECTOR = vector(RELEVANCE);

function dot(weights: Float64Array, features: Features): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) sum += (weights[i] ?? 0) * (features[i] ?? 0);
  return sum;
}

export interface Ranked {
  readonly candidate: Candidate;
  /** 0 to 1. */
  readonly score: number;
}

/** Best first. */
export function rank(index: EngineIndex, query: Query, analysis: Analysis): Ranked[] {
  const found = search(index, query, RERANKED);
  const best = found[0]?.total ?? 0;
  if (best === 0) return [];
  const view = viewQuery(index, query, analysis.chars);
  const scored = found
    .map((candidate) => {
      const features = featuresOf(index, query, view, candidate, best);
      return { candidate, features, value: dot(RANK_VECTOR, features) };
    })
    .sort((a, b) => b.value - a.value || a.candidate.entry - b.candidate.entry);
  const winner = scored[0];
  if (winner === undefined) return [];
  const length = query.plain.length;
  const relevance = sigmoid(RELEVANCE_BIAS + dot(RELEVANCE_VECTOR, winner.features) + (RELEVANCE_LENGTH * Math.min(length, 30)) / 30 + RELEVANCE_SHORT * Math.min(1, 3 / Math.max(length, 1)));
  const shares = scored.map(({ value }) => Math.exp(value - winner.value));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return scored.map(({ candidate }, at) => ({ candidate, score: (relevance * (shares[at] ?? 0)) / total }));
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The question's words that the entry holds, longest spans only, in the question's order. */
export function explain(index: EngineIndex, question: string, analysis: Analysis, entry: number): string[] {
  const spans = analysis.words
    .filter(({ term }) => holds(index.wholeWords, index.vocabulary.words.get(term) ?? -1, entry))
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: { start: number; end: number }[] = [];
  for (const span of spans) {
    const last = kept.at(-1);
    if (last === undefined || span.start >= last.end) kept.push({ start: span.start, end: span.end });
    else if (span.end > last.end) last.end = span.end;
  }
  return [...new Set(kept.map(({ start, end }) => question.slice(start, end)))];
}
