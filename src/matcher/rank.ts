import { CHEAP, FEATURES, SAME_AT, termFeatures, textFeatures } from './features.ts';
import { biasFor, chance, sharesOf, weightsFor } from './learn.ts';
import type { LiveIndex } from './live/entries.ts';
import { factsOfLive, type LiveFacts } from './live/facts.ts';
import { type Hits, MOST_CANDIDATES } from './live/hits.ts';
import type { Query } from './live/query.ts';
import type { Candidate } from './live/search.ts';
import type { MatcherModel } from './model.ts';
import type { Analysis, WordToken } from './segment.ts';
import { questionFacts, SIGNALS, twinsOf, writeSignals } from './signals.ts';

/**
 * Second ranking. The first ranking's best are sieved by what follows from their terms alone; the best of those are read, and
 * ranked by a linear model over all features. The weights of both move with the traits of the knowledge base. Then the
 * probability that the winner is right: that the answer is there at all, times that the winner is it (two logistic models over its
 * standing among the others and its own features). The others share what is left in proportion. So scores compare across
 * questions, and those of one question sum to at most 1.
 */

/** Candidates of the first ranking that are looked at again. */
export const RERANKED = 30;
/** Those of them whose texts are read. */
export const READ = 12;

/** A question that stands word for word in the knowledge base has been answered by its editors: no model is asked. */
const SAID = 10;
/** An entry whose question it is stands before one of whose other wordings it is. */
const MAIN = 10;
const CERTAIN = 0.98;

export interface Ranked {
  readonly candidate: Candidate;
  /** Place among the candidates given. */
  readonly place: number;
  /** 0 to 1. */
  readonly score: number;
  /** What speaks for it, strongest first: features by their lead over the mean of the candidates. To be asked before the next ranking. */
  readonly why: () => readonly { readonly feature: string; readonly share: number }[];
}

/** What moves near candidates besides the text: added to a candidate's value. */
export type Favour = (entry: number) => number;

interface Tuned {
  readonly sieve: Float64Array;
  readonly rank: Float64Array;
  readonly known: Float64Array;
  readonly knownBias: number;
  readonly right: Float64Array;
  readonly rightBias: number;
}

const tunedBy = new WeakMap<MatcherModel, WeakMap<LiveFacts, Tuned>>();

/** The model's weights for one knowledge base. */
function tune(model: MatcherModel, facts: LiveFacts): Tuned {
  let byFacts = tunedBy.get(model);
  if (byFacts === undefined) tunedBy.set(model, (byFacts = new WeakMap()));
  let tuned = byFacts.get(facts);
  if (tuned === undefined) {
    const { traits } = facts;
    const { sieve, rank: weights, sureness: { known, right } } = model;
    tuned = {
      sieve: weightsFor(sieve, traits), rank: weightsFor(weights, traits),
      known: weightsFor(known.weights, traits), knownBias: biasFor(known, traits), right: weightsFor(right.weights, traits), rightBias: biasFor(right, traits),
    };
    byFacts.set(facts, tuned);
  }
  return tuned;
}

const WIDTH = FEATURES.length;
// Work space of a ranking, which is synchronous; what is told of a candidate is read from it before the next one.
const rows = new Float64Array(MOST_CANDIDATES * WIDTH);
const sieved = new Float64Array(MOST_CANDIDATES);
const readPlaces = new Uint8Array(MOST_CANDIDATES);
const signals = new Float64Array(SIGNALS.length);

/** Weighted sum of the first `width` features of a row. */
function valueOf(weights: Float64Array, width: number, place: number): number {
  const from = place * WIDTH;
  let sum = 0;
  for (let i = 0; i < width; i += 1) sum += (weights[i] ?? 0) * (rows[from + i] ?? 0);
  return sum;
}

/** Lists the places of the `most` highest values, best first, of equals the first ones. Their number. */
export function bestPlaces(values: ArrayLike<number>, count: number, most: number, places: Uint8Array): number {
  let used = 0;
  for (let place = 0; place < count; place += 1) {
    const value = values[place] ?? 0;
    let at = used;
    while (at > 0 && (values[places[at - 1] ?? 0] ?? 0) < value) at -= 1;
    if (at === most) continue;
    if (used < most) used += 1;
    for (let i = used - 1; i > at; i -= 1) places[i] = places[i - 1] ?? 0;
    places[at] = place;
  }
  return used;
}

/** Best first, at most `limit`. @param found of the first ranking, best first, `MOST_CANDIDATES` at most */
export function rank(index: LiveIndex, query: Query, found: readonly Candidate[], limit: number, model: MatcherModel, heard = 0, favour: Favour | null = null): { readonly ranked: readonly Ranked[]; readonly hits: Readonly<Hits> } | null {
  const count = Math.min(found.length, MOST_CANDIDATES);
  if (count === 0) return null;
  const facts = factsOfLive(index);
  const tuned = tune(model, facts);
  const hits = termFeatures(index, query, found, rows);
  for (let place = 0; place < count; place += 1) sieved[place] = valueOf(tuned.sieve, CHEAP.length, place) + (favour === null ? 0 : favour(found[place]?.entry ?? 0));
  const all = bestPlaces(sieved, count, count, readPlaces);
  const read = Math.min(all, READ);
  textFeatures(index, facts, query, found, readPlaces, read, rows);
  const values = new Float64Array(read);
  const candidates: Candidate[] = [];
  let [same, main] = [0, 0];
  for (let i = 0; i < read; i += 1) {
    const place = readPlaces[i] ?? 0;
    const candidate = found[place] ?? NOBODY;
    const isSame = rows[place * WIDTH + SAME_AT] === 1;
    const isMain = isSame && isQuestion(index, candidate);
    if (isSame) same += 1;
    if (isMain) main += 1;
    candidates.push(candidate);
    values[i] = valueOf(tuned.rank, WIDTH, place) + (favour === null ? 0 : favour(candidate.entry)) + (isSame ? SAID : 0) + (isMain ? MAIN : 0);
  }
  const order = Array.from(values, (_, i) => i).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || (candidates[a]?.entry ?? 0) - (candidates[b]?.entry ?? 0));
  const shares = sharesOf(values);
  const first = order[0] ?? 0;
  writeSignals(signals, order, values, shares, rows, (readPlaces[first] ?? 0) * WIDTH, twinsOf(index, candidates), questionFacts(query, heard), count);
  const judged = chance(tuned.known, tuned.knownBias, signals) * chance(tuned.right, tuned.rightBias, signals);
  const sure = same === 0 ? judged : Math.max(judged, CERTAIN / (main === 0 ? same : main));
  const winner = shares[first] ?? 1;
  // The others keep their proportion to the winner, but all together never more than what it leaves.
  const rest = Math.min(sure / winner, winner >= 1 ? 0 : (1 - sure) / (1 - winner));
  const ranked: Ranked[] = [];
  for (let at = 0; at < Math.min(limit, count); at += 1) {
    // Behind those that were read come the others as they were sieved; for them nothing speaks any more.
    const i = at < read ? (order[at] ?? 0) : at;
    const place = readPlaces[i] ?? 0;
    ranked.push({ candidate: found[place] ?? NOBODY, place, score: at === 0 ? sure : at < read ? Math.min(sure, rest * (shares[i] ?? 0)) : 0, why: () => reasons(read, place, tuned.rank) });
  }
  return { ranked, hits };
}

/** Whether the candidate's wording is its entry's first, the question. */
function isQuestion({ documents }: LiveIndex, { entry, unit }: Candidate): boolean {
  return unit >= 0 && documents.unitsFrom.values[entry] === unit;
}

const NOBODY: Candidate = { entry: 0, unit: -1, unitScore: 0, wholeScore: 0, total: 0 };
/** Reasons that are told. */
const TOLD = 5;

function reasons(read: number, place: number, weights: Float64Array): { readonly feature: string; readonly share: number }[] {
  const leads = FEATURES.map((feature, i) => {
    let mean = 0;
    for (let each = 0; each < read; each += 1) mean += (rows[(readPlaces[each] ?? 0) * WIDTH + i] ?? 0) / read;
    return { feature, lead: (weights[i] ?? 0) * ((rows[place * WIDTH + i] ?? 0) - mean) };
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

/** The question's words that the candidate at a place holds, longest spans only, in the question's order. */
export function explain(question: string, tokens: readonly WordToken[], { held, wordCount }: Readonly<Hits>, place: number): string[] {
  const matched: string[] = [];
  let from = -1;
  let end = -1;
  for (const token of tokens) {
    // A word within the span that is open adds nothing, whether the entry holds it or not.
    if (token.end <= end || held[place * wordCount + token.number] !== 1) continue;
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
