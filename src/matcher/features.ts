import { type EngineIndex, idfOf, type Query } from './engine.ts';
import { createFits, fit } from './fits.ts';
import { asksFor, createKindReader } from './kinds.ts';
import { holds } from './postings.ts';
import { createScanner } from './scan.ts';
import type { Candidate } from './search.ts';
import { factsOf } from './traits.ts';
import { isWeak } from './weak-chars.ts';

/**
 * What the re-ranker looks at, for each candidate: numbers from 0 to 1 (or near), comparable across questions and across
 * knowledge bases, so that one set of weights serves all.
 */

const SEEN = [
  'unitWordScore', 'unitWordOfQuery', 'unitWordOfUnit', 'unitCharScore', 'unitCharOfQuery', 'unitCharOfUnit',
  'wholeWordScore', 'wholeWordOfQuery', 'wholeWordOfWhole', 'wholeCharScore', 'wholeCharOfQuery', 'wholeCharOfWhole',
  'ratio', 'unitWordRatio', 'unitCharRatio', 'wholeWordRatio', 'wholeCharRatio', 'place',
  'unitRun', 'unitRunOfUnit', 'unitTwo', 'unitThree', 'unitFour', 'unitTwoOfUnit', 'unitThreeOfUnit', 'same', 'begins', 'ends', 'length',
  'answerRun', 'answerTwo', 'answerThree', 'answerFour', 'sentence', 'neighbours', 'narrow', 'wide', 'lead', 'leadText', 'answerLength',
  'eitherTwo', 'eitherThree', 'rareWord', 'missing', 'rareInUnit', 'numbers', 'strangeNumbers', 'kind', 'category', 'department', 'hasUnit',
] as const;
const FIELDS = ['unitWord', 'unitChar', 'wholeWord', 'wholeChar'] as const;
/** Of each field: other parameters, other weights of a term, both coverages in one, both on a logarithmic scale; each also as a share of the best candidate's. */
const PER_FIELD = ['Mild', 'MildRatio', 'Middling', 'MiddlingRatio', 'Strong', 'StrongRatio', 'Plain', 'PlainRatio', 'Square', 'SquareRatio', 'Cosine', 'CosineRatio', 'Lean', 'LeanRatio', 'LogOfQuery', 'LogOfDocument'] as const;
/** Seen features that are also looked at as a share of the best candidate's. */
const COMPARED = ['unitTwo', 'answerTwo', 'answerThree', 'sentence', 'wide', 'narrow', 'lead', 'eitherTwo', 'unitTwoOfUnit'] as const;

/** Column of “the very same wording”. */
export const SAME_AT = SEEN.indexOf('same');

export const FEATURES: readonly string[] = [...SEEN, ...FIELDS.flatMap((field) => PER_FIELD.map((name) => field + name)), ...COMPARED.map((name) => `${name}Ratio`)];
const COMPARED_AT = COMPARED.map((name) => SEEN.indexOf(name));

/** Candidates that are looked at at most: places are kept in a byte. */
export const MOST_CANDIDATES = 64;
/** Characters of a wording and of an answer that are read. */
const UNIT_READ = 160;
const ANSWER_READ = 3000;

// Work space: everything here is synchronous and leaves it clean, so it is invisible from outside.
const scanner = createScanner();
const kinds = createKindReader();
const [unitWords, unitChars, wholeWords, wholeChars] = [createFits(MOST_CANDIDATES), createFits(MOST_CANDIDATES), createFits(MOST_CANDIDATES), createFits(MOST_CANDIDATES)];

/** Rows of `FEATURES`, one a candidate, in their order. At most `MOST_CANDIDATES`. */
export function featuresOf(index: EngineIndex, query: Query, candidates: readonly Candidate[]): Float64Array {
  const facts = factsOf(index);
  const width = FEATURES.length;
  const rows = new Float64Array(candidates.length * width);
  const best = candidates[0]?.total ?? 0;
  const rare = rarest(index, query);
  const { plain } = query;
  const length = plain.length;
  const { texts, answers } = index;
  const asked = asksFor(plain);
  const numbers = numbersIn(plain);
  const [opening, closing] = endsOf(plain);
  fitCandidates(index, query, candidates, facts);
  const tops = [top(unitWords.score, candidates.length), top(unitChars.score, candidates.length), top(wholeWords.score, candidates.length), top(wholeChars.score, candidates.length)];
  const votes = vote(index, candidates);
  let level = -1;
  let levelPlace = 0;
  scanner.begin(plain, facts.weights);
  for (let place = 0; place < candidates.length; place += 1) {
    const { unit, entry, total } = candidates[place] ?? NOBODY;
    const [from, to] = unit < 0 ? [0, 0] : [texts.offsets[unit] ?? 0, texts.offsets[unit + 1] ?? 0];
    const [start, end] = [answers.offsets[entry] ?? 0, answers.offsets[entry + 1] ?? 0];
    let at = place * width;
    const put = (value: number): void => {
      rows[at] = value;
      at += 1;
    };
    put(unitWords.score[place] ?? 0);
    put(unitWords.ofQuery[place] ?? 0);
    put(unitWords.ofDocument[place] ?? 0);
    put(unitChars.score[place] ?? 0);
    put(unitChars.ofQuery[place] ?? 0);
    put(unitChars.ofDocument[place] ?? 0);
    put(wholeWords.score[place] ?? 0);
    put(wholeWords.ofQuery[place] ?? 0);
    put(wholeWords.ofDocument[place] ?? 0);
    put(wholeChars.score[place] ?? 0);
    put(wholeChars.ofQuery[place] ?? 0);
    put(wholeChars.ofDocument[place] ?? 0);
    put(best === 0 ? 0 : total / best);
    put(share(unitWords.score[place], tops[0]));
    put(share(unitChars.score[place], tops[1]));
    put(share(wholeWords.score[place], tops[2]));
    put(share(wholeChars.score[place], tops[3]));
    // Of equal scores all have the first one's place: equal entries stay equal.
    if (total !== level) {
      level = total;
      levelPlace = place;
    }
    put(1 / (1 + levelPlace));
    const ofUnit = scanner.read(texts.units, from, to, UNIT_READ);
    const { two, three } = ofUnit;
    put(length === 0 ? 0 : ofUnit.run / length);
    put(to === from ? 0 : ofUnit.run / (to - from));
    put(two);
    put(three);
    put(ofUnit.four);
    put(ofUnit.textTwo);
    put(ofUnit.textThree);
    put(isSame(plain, texts.units, from, to) ? 1 : 0);
    put(has(texts.units, from, to, opening) ? 1 : 0);
    put(has(texts.units, from, to, closing) ? 1 : 0);
    put(to === from || length === 0 ? 0 : Math.min(length, to - from) / Math.max(length, to - from));
    const ofAnswer = scanner.read(answers.units, start, end, ANSWER_READ);
    put(length === 0 ? 0 : ofAnswer.run / Math.min(length, 20));
    put(ofAnswer.two);
    put(ofAnswer.three);
    put(ofAnswer.four);
    put(ofAnswer.sentence);
    put(ofAnswer.neighbours);
    put(ofAnswer.narrow);
    put(ofAnswer.wide);
    put(ofAnswer.lead);
    put(ofAnswer.leadText);
    put(Math.log(1 + end - start) / 8);
    put(Math.max(two, ofAnswer.two));
    put(Math.max(three, ofAnswer.three));
    let hits = 0;
    let inUnit = 0;
    let missing = 0;
    for (let i = 0; i < rare.ids.length; i += 1) {
      const id = rare.ids[i] ?? -1;
      if (holds(index.wholeWords, id, entry)) hits += i < 3 ? 1 : 0;
      else missing = Math.max(missing, (rare.idfs[i] ?? 0) / (rare.idfs[0] ?? 1));
      if (i < 3 && unit >= 0 && holds(index.unitWords, id, unit)) inUnit += 1;
    }
    const counted = Math.min(3, rare.ids.length);
    put(counted === 0 ? 0 : hits / counted);
    put(missing);
    put(counted === 0 ? 0 : inUnit / counted);
    let found = 0;
    for (const number of numbers) if (has(texts.units, from, to, number) || has(answers.units, start, end, number)) found += 1;
    put(numbers.length === 0 ? 0.5 : found / numbers.length);
    put(numbers.length === 0 && hasNumber(texts.units, from, to) ? 1 : 0);
    put(asked === 0 ? 0 : kinds.read(asked, answers.units, start, end));
    put(votes.category[place] ?? 0);
    put(votes.department[place] ?? 0);
    put(unit < 0 ? 0 : 1);
  }
  scanner.end();
  compare(rows, candidates.length);
  return rows;
}

const LOG_FLOOR = { query: 0.03, document: 0.01 };

/** The features that follow from the fits and from the seen ones, behind them in each row. */
function compare(rows: Float64Array, count: number): void {
  let column = SEEN.length;
  const put = (valueAt: (place: number) => number, ratio: boolean): void => {
    let best = 0;
    for (let place = 0; place < count; place += 1) {
      const value = valueAt(place);
      rows[place * FEATURES.length + column] = value;
      if (value > best) best = value;
    }
    if (ratio) for (let place = 0; place < count; place += 1) rows[place * FEATURES.length + column + 1] = best === 0 ? 0 : (rows[place * FEATURES.length + column] ?? 0) / best;
    column += ratio ? 2 : 1;
  };
  for (const fits of [unitWords, unitChars, wholeWords, wholeChars]) {
    for (const row of [...fits.variants, fits.plain, fits.square]) put((place) => row[place] ?? 0, true);
    put((place) => Math.sqrt((fits.ofQuery[place] ?? 0) * (fits.ofDocument[place] ?? 0)), true);
    put((place) => (fits.ofQuery[place] ?? 0) ** 0.75 * (fits.ofDocument[place] ?? 0) ** 0.25, true);
    put((place) => Math.log(LOG_FLOOR.query + (fits.ofQuery[place] ?? 0)), false);
    put((place) => Math.log(LOG_FLOOR.document + (fits.ofDocument[place] ?? 0)), false);
  }
  for (const from of COMPARED_AT) {
    let best = 0;
    for (let place = 0; place < count; place += 1) best = Math.max(best, rows[place * FEATURES.length + from] ?? 0);
    for (let place = 0; place < count; place += 1) rows[place * FEATURES.length + column] = best === 0 ? 0 : (rows[place * FEATURES.length + from] ?? 0) / best;
    column += 1;
  }
}

const NOBODY: Candidate = { entry: 0, unit: -1, unitScore: 0, wholeScore: 0, total: 0 };

const share = (value: number | undefined, best: number | undefined): number => (best === undefined || best === 0 ? 0 : (value ?? 0) / best);

function top(values: Float64Array, size: number): number {
  let best = 0;
  for (let i = 0; i < size; i += 1) if ((values[i] ?? 0) > best) best = values[i] ?? 0;
  return best;
}

/** How sharply a candidate's vote for its category falls with its score. */
const VOTE = 8;

/** Share of the candidates' votes that fall to each one's category and department, without its own; 0 without any. */
function vote({ categories, departments }: EngineIndex, candidates: readonly Candidate[]): { readonly category: number[]; readonly department: number[] } {
  const best = candidates[0]?.total ?? 0;
  const votes = candidates.map(({ total }) => Math.exp(VOTE * (best === 0 ? 0 : total / best - 1)));
  const all = votes.reduce((sum, each) => sum + each, 0);
  const sharesOf = (numbers: Uint32Array): number[] => {
    const sums = new Map<number, number>();
    candidates.forEach(({ entry }, place) => {
      const number = numbers[entry] ?? 0;
      if (number !== 0) sums.set(number, (sums.get(number) ?? 0) + (votes[place] ?? 0));
    });
    return candidates.map(({ entry }, place) => {
      const number = numbers[entry] ?? 0;
      const own = votes[place] ?? 0;
      return number === 0 || all <= own ? 0 : ((sums.get(number) ?? 0) - own) / (all - own);
    });
  };
  return { category: sharesOf(categories), department: sharesOf(departments) };
}

const unitLengths = new Float64Array(MOST_CANDIDATES);
const entryLengths = new Float64Array(MOST_CANDIDATES);

function fitCandidates(index: EngineIndex, query: Query, candidates: readonly Candidate[], facts: ReturnType<typeof factsOf>): void {
  const { scratch: { unitPlace, entryPlace }, texts, params } = index;
  const units: number[] = [];
  const entries: number[] = [];
  for (const { unit, entry } of candidates) {
    unitLengths[units.length] = unit < 0 ? 1 : ((texts.offsets[unit + 1] ?? 0) - (texts.offsets[unit] ?? 0)) / facts.unitAverage;
    entryLengths[entries.length] = facts.entryLengths[entry] ?? 1;
    units.push(unit);
    entries.push(entry);
    if (unit >= 0) unitPlace[unit] = units.length;
    entryPlace[entry] = entries.length;
  }
  fit(query.unitWords, units, unitPlace, unitLengths, params.unit, unitWords);
  fit(query.unitChars, units, unitPlace, unitLengths, params.unit, unitChars);
  fit(query.wholeWords, entries, entryPlace, entryLengths, params.whole, wholeWords);
  fit(query.wholeChars, entries, entryPlace, entryLengths, params.whole, wholeChars);
  for (const unit of units) if (unit >= 0) unitPlace[unit] = 0;
  for (const entry of entries) entryPlace[entry] = 0;
}

/** Words that are looked up one by one. */
const RARE = 6;

/** The rarest words, rarest first, of equals the first ones. */
function rarest(index: EngineIndex, query: Query): { readonly ids: number[]; readonly idfs: number[] } {
  const ids: number[] = [];
  const idfs: number[] = [];
  for (const id of query.words.ids) {
    const idf = idfOf(index.wholeWords, id, index.size);
    let at = ids.length;
    while (at > 0 && (idfs[at - 1] ?? 0) < idf) at -= 1;
    if (at === RARE) continue;
    ids.splice(at, 0, id);
    idfs.splice(at, 0, idf);
    if (ids.length > RARE) {
      ids.pop();
      idfs.pop();
    }
  }
  return { ids, idfs };
}

function isSame(plain: string, units: Uint16Array, from: number, to: number): boolean {
  return to > from && to - from === plain.length && standsAt(plain, units, from);
}

function standsAt(text: string, units: Uint16Array, from: number): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) !== units[from + i]) return false;
  return true;
}

/** Whether the text stands in the units; a number never as part of a longer one. */
function has(units: Uint16Array, from: number, to: number, text: string): boolean {
  if (text === '') return false;
  const first = text.charCodeAt(0);
  const digit = isDigit(first);
  for (let at = from; at + text.length <= to; at += 1) {
    if (units[at] !== first || !standsAt(text, units, at)) continue;
    if (!digit || ((at === from || !isDigit(units[at - 1] ?? 0)) && !isDigit(units[at + text.length] ?? 0))) return true;
  }
  return false;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

function hasNumber(units: Uint16Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (isDigit(units[at] ?? 0)) return true;
  return false;
}

/** Numbers that a question says, at most eight. */
function numbersIn(plain: string): readonly string[] {
  return (plain.match(/\d+/g) ?? []).slice(0, 8);
}

/** The first and the last two characters of a question that name something. */
function endsOf(plain: string): readonly [string, string] {
  let from = 0;
  let to = Math.min(plain.length, 400);
  while (from < to && isWeak(plain.charCodeAt(from))) from += 1;
  while (to > from && isWeak(plain.charCodeAt(to - 1))) to -= 1;
  return to - from < 2 ? ['', ''] : [plain.slice(from, from + 2), plain.slice(to - 2, to)];
}
