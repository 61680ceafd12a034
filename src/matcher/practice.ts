import { foldText } from '../domain/text.ts';
import { FEATURES, termFeatures, textFeatures } from './features.ts';
import type { MadeQuestion } from './hurry.ts';
import { biasFor, chance, learnRank, learnRelevance, type Judged, type LearnOptions, type Relevance, sieve, stand, type TrainingList, type Weights, weightsFor } from './learn.ts';
import { buildIndex, type LiveIndex } from './live/entries.ts';
import { factsOfLive, soundsOfLive } from './live/facts.ts';
import { readQuery } from './live/query.ts';
import { search } from './live/search.ts';
import { READ, RERANKED } from './rank.ts';
import type { Analyzer } from './segment.ts';
import { questionFacts, twinsOf } from './signals.ts';
import { hearIn } from './sounds.ts';
import type { MatchEntry } from './types.ts';

/** Practice for the ranking: makes the lists that it learns from, and tells by cross-validation what it has learned. */

export interface Practice {
  readonly name: string;
  readonly entries: readonly MatchEntry[];
  /** Questions with their right entries; without any: nothing in the knowledge base answers it. */
  readonly questions: readonly MadeQuestion[];
  /** Teaches the ranking only, not how sure to be: its questions are easier than what citizens ask. */
  readonly rankOnly?: boolean;
}

/** Indexes without the right entries of a part of the questions. */
const REMOVALS = 10;
const QUESTION_LIMIT = 600;

/** Work of `listsOf`, in questions asked: for a progress bar. */
export function askedBy(practice: Practice): number {
  return practice.questions.length * (practice.rankOnly === true ? 1 : 2);
}

/** Every question against the whole knowledge base, and against the same without its right entries. */
export function listsOf(practice: Practice, set: number, analyzer: Analyzer, onAsked: () => void = () => {}): TrainingList[] {
  const { entries, questions, rankOnly = false } = practice;
  const lists: TrainingList[] = [];
  const whole = buildIndex(entries, analyzer);
  const { traits } = factsOfLive(whole);
  const rows = new Float64Array(RERANKED * FEATURES.length);
  const places = Uint8Array.from({ length: RERANKED }, (_, place) => place);
  const ask = (index: LiveIndex, held: readonly MatchEntry[], question: Practice['questions'][number], number: number, answerable: boolean): void => {
    const folded = foldText(question.query.slice(0, QUESTION_LIMIT));
    const heard = hearIn(soundsOfLive(index), folded, analyzer.known(folded));
    const query = readQuery(index, analyzer.analyze(heard.text));
    const found = search(index, query, RERANKED);
    termFeatures(index, query, found, rows);
    // All are read: which of them the sieve lets through is learned later.
    textFeatures(index, factsOfLive(index), query, found, places, found.length, rows);
    const right = new Set(question.entryIds);
    lists.push({
      set, question: number, traits, count: found.length, found: found.length, rows: Float32Array.from(rows.subarray(0, found.length * FEATURES.length)), twins: twinsOf(index, found), facts: questionFacts(query, heard.changed), answerable, rankOnly,
      right: Uint8Array.from(found, ({ entry }) => (right.has(held[entry]?.id ?? '') ? 1 : 0)),
    });
    onAsked();
  };
  for (let part = 0; part < REMOVALS; part += 1) {
    const asked = questions.map((question, number) => ({ question, number })).filter(({ number }) => number % REMOVALS === part);
    // The wordings of a part are taken out together, so that it takes two indexes a part.
    const taken = new Set(asked.flatMap(({ question: { without } }) => (without === undefined ? [] : [without])));
    const stripped = taken.size === 0 ? entries : entries.map((entry) => ({ ...entry, variants: (entry.variants ?? []).filter((wording) => !taken.has(wording)) }));
    const full = taken.size === 0 ? whole : buildIndex(stripped, analyzer);
    for (const { question, number } of asked) ask(full, stripped, question, number, question.entryIds.length > 0);
    if (rankOnly) continue;
    const gone = new Set(asked.flatMap(({ question }) => question.entryIds));
    const rest = stripped.filter((entry) => !gone.has(entry.id));
    const without = buildIndex(rest, analyzer);
    for (const { question, number } of asked) if (question.entryIds.length > 0) ask(without, rest, question, number, false);
  }
  return lists;
}

export interface PracticeOptions {
  readonly folds: number;
  readonly rank: LearnOptions;
  readonly relevance: LearnOptions;
  /** What a question without a right entry weighs. */
  readonly absent: number;
  /** Told before each of the `folds * 2 + 2` lessons. */
  readonly onLesson?: (done: number) => void;
}

export interface Prediction {
  readonly list: TrainingList;
  readonly right: boolean;
  readonly score: number;
}

/** Two probabilities that multiply: that the knowledge base holds the answer, and that the winner is it if so. */
export interface Sureness {
  readonly known: Relevance;
  readonly right: Relevance;
}

export interface Learned {
  readonly sieve: Weights;
  readonly rank: Weights;
  readonly sureness: Sureness;
  /** Every list judged by a model that has not seen its question. */
  readonly predictions: readonly Prediction[];
}

/** Learns from all lists; the predictions are cross-validated, folds by question. */
export function learn(lists: readonly TrainingList[], { folds, rank, relevance, absent, onLesson }: PracticeOptions): Learned {
  const foldOf = ({ question }: TrainingList): number => question % folds;
  const judged: Judged[] = lists.map(({ set, traits, answerable }) => ({ set, traits, answerable, signals: new Float64Array(0), right: false }));
  let lessons = 0;
  const lesson = (): void => onLesson?.(lessons++);
  /** A sieve and a ranking learned from some of the lists. */
  const learnBoth = (from: readonly TrainingList[]): { readonly terms: Weights; readonly all: Weights } => {
    lesson();
    // A sieve need not be exact.
    const terms = learnRank(from, { ...rank, iterations: Math.ceil(rank.iterations / 2) }, 'terms');
    lesson();
    return { terms, all: learnRank(from.map((list) => sieve(list, weightsFor(terms, list.traits), READ)), rank) };
  };
  for (let fold = 0; fold < folds; fold += 1) {
    const { terms, all } = learnBoth(lists.filter((list) => list.answerable && foldOf(list) !== fold));
    lists.forEach((list, at) => {
      if (foldOf(list) !== fold) return;
      const { signals, right } = stand(sieve(list, weightsFor(terms, list.traits), READ), weightsFor(all, list.traits));
      judged[at] = { set: list.set, traits: list.traits, answerable: list.answerable, signals, right: right && list.answerable };
    });
  }
  const usable = (at: number): boolean => (lists[at]?.count ?? 0) > 0;
  const teaches = (at: number): boolean => usable(at) && lists[at]?.rankOnly === false;
  const scores = new Float64Array(lists.length);
  for (let fold = 0; fold < folds; fold += 1) {
    lesson();
    const model = learnSureness(judged.filter((_, at) => teaches(at) && foldOf(lists[at] ?? EMPTY) !== fold), absent, relevance);
    lists.forEach((list, at) => {
      if (foldOf(list) === fold && usable(at)) scores[at] = judge(model, judged[at]?.signals ?? new Float64Array(0), list.traits);
    });
  }
  const { terms, all } = learnBoth(lists.filter(({ answerable }) => answerable));
  lesson();
  const sureness = learnSureness(judged.filter((_, at) => teaches(at)), absent, relevance);
  return { sieve: terms, rank: all, sureness, predictions: lists.map((list, at) => ({ list, right: judged[at]?.right ?? false, score: scores[at] ?? 0 })) };
}

/** Calls of `onLesson`. */
export const lessonsOf = (folds: number): number => folds * 3 + 3;

const EMPTY: TrainingList = { set: 0, question: 0, traits: new Float64Array(0), count: 0, found: 0, rows: new Float32Array(0), right: new Uint8Array(0), twins: new Uint8Array(0), facts: { unknownChars: 0, unknownWords: 0, length: 0, heard: 0 }, answerable: false, rankOnly: false };

function learnSureness(judged: readonly Judged[], absent: number, options: LearnOptions): Sureness {
  return {
    known: learnRelevance(judged.map((each) => ({ ...each, right: each.answerable })), absent, options),
    right: learnRelevance(judged.filter(({ answerable }) => answerable), absent, options),
  };
}

function judge({ known, right }: Sureness, signals: Float64Array, traits: ArrayLike<number>): number {
  return chance(weightsFor(known.weights, traits), biasFor(known, traits), signals) * chance(weightsFor(right.weights, traits), biasFor(right, traits), signals);
}

export interface Figures {
  readonly questions: number;
  readonly first: number;
  readonly listed: number;
  /** Largest part that can be answered with at most 5 % wrong. */
  readonly covered: number;
  /** Chance that a question with its right entry scores above one whose right entry was taken out: all, and those answered rightly. */
  readonly area: number;
  readonly areaRight: number;
  /** Expected calibration error, ten parts of equal size, lists without a right entry included. */
  readonly calibration: number;
}

export function figuresOf(predictions: readonly Prediction[]): Figures {
  const here = predictions.filter(({ list }) => list.answerable);
  const gone = predictions.filter(({ list }) => !list.answerable).map(({ score }) => score);
  const rate = (count: number, of: number): number => (of === 0 ? 0 : count / of);
  const sorted = [...here].sort((a, b) => b.score - a.score);
  let [right, covered] = [0, 0];
  sorted.forEach((prediction, at) => {
    if (prediction.right) right += 1;
    if (right / (at + 1) >= 0.95 && sorted[at + 1]?.score !== prediction.score) covered = at + 1;
  });
  const all = [...predictions].sort((a, b) => a.score - b.score);
  let error = 0;
  for (let part = 0; part < 10; part += 1) {
    const members = all.slice(Math.floor((part * all.length) / 10), Math.floor(((part + 1) * all.length) / 10));
    error += Math.abs(members.reduce((sum, { score, right: good }) => sum + score - (good ? 1 : 0), 0));
  }
  return {
    questions: here.length, first: rate(here.filter((each) => each.right).length, here.length), listed: rate(here.filter(({ list }) => list.right.includes(1)).length, here.length),
    covered: rate(covered, here.length), area: areaOf(here.map(({ score }) => score), gone), areaRight: areaOf(here.filter((each) => each.right).map(({ score }) => score), gone), calibration: rate(error, all.length),
  };
}

/** Area under the receiver operating curve; ties count half. */
export function areaOf(positive: readonly number[], negative: readonly number[]): number {
  const below = [...negative].sort((a, b) => a - b);
  const place = (score: number, orEqual: boolean): number => {
    let [low, high] = [0, below.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const each = below[middle] ?? 0;
      if (each < score || (orEqual && each === score)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const pairs = positive.length * negative.length;
  return pairs === 0 ? 0 : positive.reduce((sum, score) => sum + (place(score, false) + place(score, true)) / 2, 0) / pairs;
}
