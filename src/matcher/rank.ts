import type { EngineIndex, Query } from './engine.ts';
import { FEATURES, featuresOf } from './features.ts';
import { holds } from './postings.ts';
import { type Candidate, search } from './search.ts';
import type { Analysis, WordToken } from './segment.ts';

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

/** Of one row of features. */
function dot(weights: Float64Array, rows: Float64Array, row: number): number {
  let sum = 0;
  const from = row * weights.length;
  for (let i = 0; i < weights.length; i += 1) sum += (weights[i] ?? 0) * (rows[from + i] ?? 0);
  return sum;
}

export interface Ranked {
  readonly candidate: Candidate;
  /** 0 to 1. */
  readonly score: number;
}

interface Scored {
  readonly candidate: Candidate;
  readonly row: number;
  readonly value: number;
}

const better = (a: Scored, b: Scored): number => b.value - a.value || a.candidate.entry - b.candidate.entry;

/** Best first, at most `limit`. */
export function rank(index: EngineIndex, query: Query, limit: number): Ranked[] {
  const found = search(index, query, RERANKED);
  if ((found[0]?.total ?? 0) === 0) return [];
  const rows = featuresOf(index, query, found);
  const scored: Scored[] = [];
  for (let row = 0; row < found.length; row += 1) {
    const candidate = found[row];
    if (candidate !== undefined) scored.push({ candidate, row, value: dot(RANK_VECTOR, rows, row) });
  }
  scored.sort(better);
  const winner = scored[0];
  if (winner === undefined) return [];
  const length = query.plain.length;
  const relevance = sigmoid(RELEVANCE_BIAS + dot(RELEVANCE_VECTOR, rows, winner.row) + (RELEVANCE_LENGTH * Math.min(length, 30)) / 30 + RELEVANCE_SHORT * Math.min(1, 3 / Math.max(length, 1)));
  let total = 0;
  for (const { value } of scored) total += Math.exp(value - winner.value);
  const ranked: Ranked[] = [];
  for (const { candidate, value } of scored) {
    if (ranked.length === limit) break;
    ranked.push({ candidate, score: (relevance * Math.exp(value - winner.value)) / total });
  }
  return ranked;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
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
