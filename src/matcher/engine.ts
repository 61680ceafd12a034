import { createFieldBuilder, createVocabulary, type Field, frequency, type Vocabulary } from './postings.ts';
import type { Analysis, Analyzer, Reading } from './segment.ts';
import type { MatchEntry } from './types.ts';
import { createTextStoreBuilder, type TextStore } from './text-store.ts';
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
  /** A question that reads fewer postings than this is not worth looking at the scores on the way. */
  readonly worthPruning: number;
}

export const ENGINE_PARAMS: EngineParams = {
  unit: { k1: 1.2, b: 0.75 },
  whole: { k1: 0.8, b: 0.75 },
  weights: { unitWords: 1, unitChars: 1, wholeWords: 1, wholeChars: 1 },
  repeat: 2,
  postingsBudget: 40_000,
  worthPruning: 4000,
};

/** Characters of an answer that sentence matching looks at. */
const ANSWER_KEPT = 3000;

export interface EngineIndex {
  readonly vocabulary: Vocabulary;
  readonly size: number;
  /** Entry of each unit. */
  readonly owner: Uint32Array;
  /** Plain text of each unit. */
  readonly texts: TextStore;
  /** Plain text of each entry's answer, sentences parted by line ends. */
  readonly answers: TextStore;
  readonly unitWords: Field;
  readonly unitChars: Field;
  readonly wholeWords: Field;
  readonly wholeChars: Field;
  readonly params: EngineParams;
  readonly scratch: Scratch;
  /** Category and department of each entry as numbers from 1; 0: none. */
  readonly categories: Uint32Array;
  readonly departments: Uint32Array;
}

/** A department's name is a text like the category; an id (Latin) is none. */
function nameOf(department: string | undefined): string {
  return department !== undefined && /\p{Script=Han}/u.test(department) ? department : '';
}

/** Numbers for names, in the order of their first use, from 1; 0 for none. */
function numbered(names: readonly (string | undefined)[]): Uint32Array {
  const numbers = new Map<string, number>();
  return Uint32Array.from(names, (name) => {
    if (name === undefined || name === '') return 0;
    const number = numbers.get(name) ?? numbers.size + 1;
    numbers.set(name, number);
    return number;
  });
}

export function buildIndex(entries: readonly MatchEntry[], analyzer: Analyzer, params: EngineParams = ENGINE_PARAMS): EngineIndex {
  const vocabulary = createVocabulary();
  const [unitWords, unitChars, wholeWords, wholeChars] = [createFieldBuilder(), createFieldBuilder(), createFieldBuilder(), createFieldBuilder()];
  const owner: number[] = [];
  const texts = createTextStoreBuilder();
  const answers = createTextStoreBuilder();
  /** Adds a text's terms to the whole, and to the unit when it is one. */
  const addTerms = ({ terms, chars }: Reading, isUnit: boolean): void => {
    for (const term of terms) {
      const id = vocabulary.internWord(term);
      wholeWords.push(id);
      if (isUnit) unitWords.push(id);
    }
    for (const key of chars) {
      const id = vocabulary.chars.intern(key);
      wholeChars.push(id);
      if (isUnit) unitChars.push(id);
    }
  };
  entries.forEach((entry, number) => {
    for (const wording of [entry.question, ...(entry.variants ?? [])]) {
      if (wording === '') continue;
      const reading = analyzer.read(wording);
      addTerms(reading, true);
      unitWords.end();
      unitChars.end();
      owner.push(number);
      texts.add(reading.plain);
    }
    for (const text of [(entry.keywords ?? []).join('\n'), entry.category ?? '', nameOf(entry.department)]) if (text !== '') addTerms(analyzer.read(text), false);
    const answer = analyzer.read(entry.answer ?? '');
    answers.add(answer.sentences, ANSWER_KEPT);
    addTerms(answer, false);
    wholeWords.end();
    wholeChars.end();
  });
  const owners = Uint32Array.from(owner);
  const unit = { ...params.unit, group: owners, groups: entries.length };
  const charWeights = new Float32Array(vocabulary.chars.size());
  vocabulary.chars.each((key, number) => {
    charWeights[number] = charWeight(key);
  });
  return {
    vocabulary, size: entries.length, owner: owners, texts: texts.build(), answers: answers.build(), params, scratch: createScratch(owners.length, entries.length),
    categories: numbered(entries.map((entry) => entry.category)), departments: numbered(entries.map((entry) => entry.department)),
    unitWords: unitWords.build(unit), unitChars: unitChars.build({ ...unit, weights: charWeights }), wholeWords: wholeWords.build(params.whole), wholeChars: wholeChars.build(params.whole),
  };
}

/** Scores by document number, with the list of those that were touched: what is touched is wiped, nothing else is read. */
export interface Tally {
  readonly scores: Float32Array;
  readonly touched: Uint32Array;
  used: number;
}

/** Work space of one index. A search is synchronous and leaves it clean, so it is invisible from outside. */
export interface Scratch {
  readonly units: Tally;
  readonly wholes: Tally;
  /** Best unit of an entry plus one; 0: none. */
  readonly bestUnit: Uint32Array;
  /** Entries that can still be among the best, while a search prunes. */
  readonly alive: Uint8Array;
  /** Sums so far of the touched entries, in their order. */
  readonly partial: Float64Array;
  /** Place of a unit and of an entry among the candidates plus one; 0: is none. */
  readonly unitPlace: Uint8Array;
  readonly entryPlace: Uint8Array;
}

export function createScratch(units: number, entries: number): Scratch {
  const tally = (size: number): Tally => ({ scores: new Float32Array(size), touched: new Uint32Array(size), used: 0 });
  return { units: tally(units), wholes: tally(entries), bestUnit: new Uint32Array(entries), alive: new Uint8Array(entries), partial: new Float64Array(entries), unitPlace: new Uint8Array(units), entryPlace: new Uint8Array(entries) };
}

/** The question's different terms, in the order of their first use; all arrays by the same place. */
export interface QueryTerms {
  /** -1: unknown to the index. */
  readonly ids: readonly number[];
  /** What each counts beside its idf. */
  readonly weights: readonly number[];
  /** How often each was said, capped. */
  readonly counts: readonly number[];
}

/** The question's terms as one field sees them: known terms with their idf, and sums over all terms. */
export interface FieldQuery {
  readonly field: Field;
  /** Of the terms that the field knows; idf includes the term's own weight. */
  readonly ids: readonly number[];
  readonly idfs: readonly number[];
  readonly counts: readonly number[];
  /** Sum of idf, unknown terms included: they are what the knowledge base cannot answer. */
  readonly mass: number;
  /** Sum of idf times count: the upper bound of the score. */
  readonly bound: number;
}

export interface Query {
  readonly plain: string;
  readonly words: QueryTerms;
  readonly chars: QueryTerms;
  /** Keys of `chars`. */
  readonly keys: Uint32Array;
  readonly unitWords: FieldQuery;
  readonly unitChars: FieldQuery;
  readonly wholeWords: FieldQuery;
  readonly wholeChars: FieldQuery;
}

export function readQuery(index: EngineIndex, analysis: Analysis): Query {
  const { vocabulary, params, size } = index;
  const words = { ids: [] as number[], weights: [] as number[], counts: [] as number[] };
  analysis.distinctWords.forEach((word, at) => {
    words.ids.push(vocabulary.words.get(word) ?? -1);
    words.weights.push(1);
    words.counts.push(Math.min(analysis.wordCounts[at] ?? 0, params.repeat));
  });
  const chars = { ids: [] as number[], weights: [] as number[], counts: [] as number[] };
  const { distinctChars, charCounts } = analysis;
  for (let at = 0; at < distinctChars.length; at += 1) {
    const key = distinctChars[at] ?? 0;
    chars.ids.push(vocabulary.chars.get(key));
    chars.weights.push(charWeight(key));
    chars.counts.push(Math.min(charCounts[at] ?? 0, params.repeat));
  }
  return {
    plain: analysis.plain, words, chars, keys: distinctChars,
    unitWords: forField(index.unitWords, words, size), unitChars: forField(index.unitChars, chars, size),
    wholeWords: forField(index.wholeWords, words, size), wholeChars: forField(index.wholeChars, chars, size),
  };
}

function forField(field: Field, terms: QueryTerms, groups: number): FieldQuery {
  let mass = 0;
  let bound = 0;
  const ids: number[] = [];
  const idfs: number[] = [];
  const counts: number[] = [];
  const unknown = idfOf(field, -1, groups);
  for (let at = 0; at < terms.ids.length; at += 1) {
    const id = terms.ids[at] ?? -1;
    const count = terms.counts[at] ?? 0;
    const idf = (id < 0 ? unknown : (field.idf[id] ?? unknown)) * (terms.weights[at] ?? 0);
    mass += idf;
    bound += idf * count;
    if (frequency(field, id) === 0) continue;
    ids.push(id);
    idfs.push(idf);
    counts.push(count);
  }
  return { field, ids, idfs, counts, mass, bound };
}

/** idf of a term in a field; a term the field does not know is as rare as can be. */
export function idfOf(field: Field, term: number, groups: number): number {
  const known = term >= 0 ? field.idf[term] : undefined;
  return known ?? Math.log(1 + (groups + 0.5) / 0.5);
}
