import { createFieldBuilder, createVocabulary, type Field, frequency, position, type Vocabulary } from './postings.ts';
import type { Analysis, Analyzer } from './segment.ts';
import type { MatchEntry } from './types.ts';
import { charWeight } from './weak-chars.ts';

/**
 * Index and first ranking. Four fields: words and characters of each wording (a "unit": question or variant), and words
 * and characters of the whole entry (wordings, keywords, category, answer). An entry scores the sum of its best unit and
 * of its whole; only entries that share a term with the question are touched.
 */

export interface EngineParams {
  readonly unit: { readonly k1: number; readonly b: number };
  readonly whole: { readonly k1: number; readonly b: number };
  /** Weights of the four scores. */
  readonly weights: { readonly unitWords: number; readonly unitChars: number; readonly wholeWords: number; readonly wholeChars: number };
  /** A question term that repeats counts at most this many times. */
  readonly repeat: number;
  /** Postings read at most for one question, rarest terms first: bounds the time of a match. */
  readonly postingsBudget: number;
}

export const ENGINE_PARAMS: EngineParams = {
  unit: { k1: 1.2, b: 0.75 },
  whole: { k1: 0.8, b: 0.75 },
  weights: { unitWords: 1, unitChars: 1, wholeWords: 1, wholeChars: 1 },
  repeat: 2,
  postingsBudget: 400_000,
};

/** Characters of an answer that sentence matching looks at. */
const ANSWER_KEPT = 3000;

export interface EngineIndex {
  readonly vocabulary: Vocabulary;
  readonly size: number;
  /** Entry of each unit. */
  readonly owner: Uint32Array;
  /** Plain text of each unit. */
  readonly texts: readonly string[];
  /** Plain text of each entry's answer, sentences parted by line ends. */
  readonly answers: readonly string[];
  readonly unitWords: Field;
  readonly unitChars: Field;
  readonly wholeWords: Field;
  readonly wholeChars: Field;
  readonly params: EngineParams;
}

export function buildIndex(entries: readonly MatchEntry[], analyzer: Analyzer, params: EngineParams = ENGINE_PARAMS): EngineIndex {
  const vocabulary = createVocabulary();
  const [unitWords, unitChars, wholeWords, wholeChars] = [createFieldBuilder(), createFieldBuilder(), createFieldBuilder(), createFieldBuilder()];
  const owner: number[] = [];
  const texts: string[] = [];
  const answers: string[] = [];
  const wordIds = (analysis: Analysis): number[] => analysis.words.map((word) => vocabulary.internWord(word.term));
  const charIds = (analysis: Analysis): number[] => analysis.chars.map((key) => vocabulary.chars.intern(key));
  entries.forEach((entry, number) => {
    const words: number[] = [];
    const chars: number[] = [];
    const wordings = [entry.question, ...(entry.variants ?? [])].filter((text) => text !== '');
    for (const wording of wordings) {
      const analysis = analyzer.analyze(wording);
      const [w, c] = [wordIds(analysis), charIds(analysis)];
      unitWords.add(w);
      unitChars.add(c);
      words.push(...w);
      chars.push(...c);
      owner.push(number);
      texts.push(analysis.plain);
    }
    for (const text of [(entry.keywords ?? []).join('\n'), entry.category ?? '']) {
      if (text === '') continue;
      const analysis = analyzer.analyze(text);
      words.push(...wordIds(analysis));
      chars.push(...charIds(analysis));
    }
    const answer = analyzer.analyze(entry.answer ?? '');
    answers.push(answer.sentences.slice(0, ANSWER_KEPT));
    // Answers may be long: no spread into call arguments.
    for (const id of wordIds(answer)) words.push(id);
    for (const id of charIds(answer)) chars.push(id);
    wholeWords.add(words);
    wholeChars.add(chars);
  });
  const owners = Uint32Array.from(owner);
  const unit = { ...params.unit, group: owners, groups: entries.length };
  const charWeights = new Float32Array(vocabulary.chars.size());
  vocabulary.chars.each((key, number) => {
    charWeights[number] = charWeight(key);
  });
  return {
    vocabulary, size: entries.length, owner: owners, texts, answers, params,
    unitWords: unitWords.build(unit), unitChars: unitChars.build({ ...unit, weights: charWeights }), wholeWords: wholeWords.build(params.whole), wholeChars: wholeChars.build(params.whole),
  };
}

/** A question term: its number (-1: unknown to the index) and how often it was said. */
interface QueryTerm {
  readonly id: number;
  /** What the term counts beside its idf. */
  readonly weight: number;
  readonly count: number;
}

export interface Query {
  readonly plain: string;
  readonly words: readonly QueryTerm[];
  readonly chars: readonly QueryTerm[];
}

export function readQuery(index: EngineIndex, analysis: Analysis): Query {
  const words = new Map<string, number>();
  for (const { term } of analysis.words) words.set(term, (words.get(term) ?? 0) + 1);
  const chars = new Map<number, number>();
  for (const key of analysis.chars) chars.set(key, (chars.get(key) ?? 0) + 1);
  const cap = (count: number): number => Math.min(count, index.params.repeat);
  return {
    plain: analysis.plain,
    words: [...words].map(([term, count]) => ({ id: index.vocabulary.words.get(term) ?? -1, weight: 1, count: cap(count) })),
    chars: [...chars].map(([key, count]) => ({ id: index.vocabulary.chars.get(key), weight: charWeight(key), count: cap(count) })),
  };
}

/** idf of a term in a field; a term the field does not know is as rare as can be. */
export function idfOf(field: Field, term: number, groups: number): number {
  const known = term >= 0 ? field.idf[term] : undefined;
  return known ?? Math.log(1 + (groups + 0.5) / 0.5);
}

export interface Candidate {
  readonly entry: number;
  /** Best unit, or -1 when only the whole matched. */
  readonly unit: number;
  readonly unitScore: number;
  readonly wholeScore: number;
  readonly total: number;
}

/** Scores by document number, with the list of those that were touched. */
interface Tally {
  readonly scores: Float32Array;
  readonly touched: number[];
}

interface Step {
  readonly field: Field;
  readonly term: number;
  readonly weight: number;
  readonly tally: Tally;
  readonly rarity: number;
}

/**
 * The best `limit` entries by the summed score. Work is bounded by `postingsBudget`, whatever the question's length.
 */
export function search(index: EngineIndex, query: Query, limit: number): Candidate[] {
  const units: Tally = { scores: new Float32Array(index.owner.length), touched: [] };
  const wholes: Tally = { scores: new Float32Array(index.size), touched: [] };
  const { weights } = index.params;
  const steps: Step[] = [];
  const plan = (field: Field, terms: readonly QueryTerm[], weight: number, tally: Tally): void => {
    if (weight === 0) return;
    for (const { id, count, weight: own } of terms) {
      if (frequency(field, id) === 0) continue;
      const idf = field.idf[id] ?? 0;
      steps.push({ field, term: id, weight: weight * idf * own * count * field.scale, tally, rarity: idf });
    }
  };
  plan(index.unitWords, query.words, weights.unitWords, units);
  plan(index.unitChars, query.chars, weights.unitChars, units);
  plan(index.wholeWords, query.words, weights.wholeWords, wholes);
  plan(index.wholeChars, query.chars, weights.wholeChars, wholes);
  steps.sort((a, b) => b.rarity - a.rarity);
  let budget = index.params.postingsBudget;
  for (const { field, term, weight, tally } of steps) {
    const from = field.offsets[term] ?? 0;
    const to = field.offsets[term + 1] ?? 0;
    if (to - from > budget) continue;
    budget -= to - from;
    const { scores, touched } = tally;
    for (let at = from; at < to; at += 1) {
      const doc = field.docs[at] ?? 0;
      const before = scores[doc] ?? 0;
      if (before === 0) touched.push(doc);
      scores[doc] = before + weight * (field.impacts[at] ?? 0);
    }
  }
  // Best unit of each entry, then the sum with the whole.
  const best = new Map<number, number>();
  for (const unit of units.touched) {
    const entry = index.owner[unit] ?? 0;
    const known = best.get(entry);
    if (known === undefined || (units.scores[unit] ?? 0) > (units.scores[known] ?? 0)) best.set(entry, unit);
  }
  const top = createTop(limit);
  for (const entry of wholes.touched) {
    const unit = best.get(entry) ?? -1;
    const unitScore = unit < 0 ? 0 : (units.scores[unit] ?? 0);
    const wholeScore = wholes.scores[entry] ?? 0;
    top.offer({ entry, unit, unitScore, wholeScore, total: unitScore + wholeScore });
  }
  return top.sorted();
}

/** Keeps the best few: a binary heap with the worst on top. Ties go to the earlier entry. */
function createTop(limit: number): { offer(candidate: Candidate): void; sorted(): Candidate[] } {
  const heap: Candidate[] = [];
  const worse = (a: Candidate, b: Candidate): boolean => a.total < b.total || (a.total === b.total && a.entry > b.entry);
  const swap = (i: number, j: number): void => {
    const [a, b] = [heap[i], heap[j]];
    if (a === undefined || b === undefined) return;
    heap[i] = b;
    heap[j] = a;
  };
  const at = (i: number): Candidate | undefined => heap[i];
  const down = (): void => {
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        const [a, b] = [at(child), at(least)];
        if (a !== undefined && b !== undefined && worse(a, b)) least = child;
      }
      if (least === i) return;
      swap(i, least);
      i = least;
    }
  };
  return {
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
        const [a, b] = [at(i), at(parent)];
        if (a === undefined || b === undefined || !worse(a, b)) return;
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

export function fit(field: Field, terms: readonly QueryTerm[], doc: number, groups: number): FieldFit {
  if (doc < 0) return NO_FIT;
  let all = 0;
  let hit = 0;
  let score = 0;
  let bound = 0;
  for (const { id, count, weight } of terms) {
    const idf = idfOf(field, id, groups) * weight;
    all += idf;
    bound += idf * count;
    const at = position(field, id, doc);
    if (at < 0) continue;
    hit += idf;
    score += idf * count * ((field.impacts[at] ?? 0) / 65_535);
  }
  const mass = field.mass[doc] ?? 0;
  return { score: bound === 0 ? 0 : score / bound, ofQuery: all === 0 ? 0 : hit / all, ofDocument: mass === 0 ? 0 : Math.min(1, hit / mass) };
}
