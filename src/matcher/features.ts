import { asksFor, createKindReader } from './kinds.ts';
import type { LiveIndex } from './live/entries.ts';
import type { LiveFacts } from './live/facts.ts';
import { FIELD_COUNT, type Hits, MOST_CANDIDATES, readHits } from './live/hits.ts';
import { idfOf } from './live/entries.ts';
import type { Query } from './live/query.ts';
import type { Candidate } from './live/search.ts';
import { spanOf, type TextSpan } from './live/text-store.ts';
import { createScanner } from './scan.ts';
import { commonOf, endsOf, hasNumber, isSame, numbersIn, stands } from './spans.ts';

/**
 * What the re-ranker looks at, for each candidate: numbers from 0 to 1 (or near), comparable across questions and across
 * knowledge bases, so that one set of weights serves all. Two kinds: what follows from the terms, for all candidates; and what
 * is found by reading the texts, for the best of those only.
 */

const FIELDS = ['unitWord', 'unitChar', 'wholeWord', 'wholeChar'] as const;
/** Of each field: `Hits`, both coverages in one, both on a logarithmic scale; some also as a share of the best candidate's. */
const PER_FIELD = ['Score', 'ScoreRatio', 'Mild', 'MildRatio', 'Middling', 'MiddlingRatio', 'Strong', 'StrongRatio', 'Plain', 'PlainRatio', 'Square', 'SquareRatio', 'Cosine', 'CosineRatio', 'Lean', 'LeanRatio', 'OfQuery', 'OfDocument', 'LogOfQuery', 'LogOfDocument'] as const;
/** Features of the terms: all candidates have them. */
const BY_TERMS = ['ratio', 'place', 'rareWord', 'missing', 'rareInUnit', 'length', 'answerLength', 'entryLength', 'category', 'department', 'hasUnit'] as const;
/** Features of the texts. */
const BY_TEXT = [
  'unitRun', 'unitRunOfUnit', 'unitTwo', 'unitThree', 'unitFour', 'unitTwoOfUnit', 'unitThreeOfUnit', 'common', 'commonOfUnit', 'same', 'begins', 'ends',
  'answerRun', 'answerTwo', 'answerThree', 'answerFour', 'sentence', 'neighbours', 'narrow', 'wide', 'lead', 'leadText', 'eitherTwo', 'eitherThree', 'numbers', 'strangeNumbers', 'kind',
] as const;
/** Those that are also looked at as a share of the best candidate's. */
const COMPARED = ['unitTwo', 'unitTwoOfUnit', 'common', 'answerTwo', 'answerThree', 'sentence', 'narrow', 'wide', 'lead', 'eitherTwo'] as const;

/** Names of the features of the terms, which stand first in a row. */
export const CHEAP: readonly string[] = [...FIELDS.flatMap((field) => PER_FIELD.map((name) => field + name)), ...BY_TERMS];
export const FEATURES: readonly string[] = [...CHEAP, ...BY_TEXT, ...COMPARED.map((name) => `${name}Ratio`)];

const WIDTH = FEATURES.length;
const TEXT_AT = CHEAP.length;
const COMPARED_AT = TEXT_AT + BY_TEXT.length;
const COMPARED_FROM = COMPARED.map((name) => TEXT_AT + BY_TEXT.indexOf(name));
/** Column of “the very same wording”. */
export const SAME_AT = TEXT_AT + BY_TEXT.indexOf('same');

/** Characters of a wording and of an answer that are read. */
const UNIT_READ = 160;
const ANSWER_READ = 3000;

// Work space: everything here is synchronous, so it is invisible from outside.
const scanner = createScanner();
const kinds = createKindReader();
const [category, department, votes] = [new Float64Array(MOST_CANDIDATES), new Float64Array(MOST_CANDIDATES), new Float64Array(MOST_CANDIDATES)];
const LOG_FLOOR = { query: 0.03, document: 0.01 };

/** A number a candidate, and perhaps the same as a share of the best one's behind it. */
function put(rows: Float64Array, count: number, column: number, values: Float64Array, from: number, compared: boolean): void {
  let best = 0;
  for (let place = 0; place < count; place += 1) {
    const value = values[from + place] ?? 0;
    rows[place * WIDTH + column] = value;
    if (value > best) best = value;
  }
  if (!compared) return;
  const share = best === 0 ? 0 : 1 / best;
  for (let place = 0; place < count; place += 1) rows[place * WIDTH + column + 1] = (values[from + place] ?? 0) * share;
}

const [cosine, lean, logQuery, logDocument] = [new Float64Array(MOST_CANDIDATES), new Float64Array(MOST_CANDIDATES), new Float64Array(MOST_CANDIDATES), new Float64Array(MOST_CANDIDATES)];

/**
 * Writes the features of the terms, one row of `FEATURES` a candidate, in their order, at most `MOST_CANDIDATES`. What comes back
 * is overwritten by the next call.
 */
export function termFeatures(index: LiveIndex, query: Query, candidates: readonly Candidate[], rows: Float64Array): Readonly<Hits> {
  const count = candidates.length;
  const rare = rarest(index, query);
  const hits = readHits(index, query, candidates, rare.numbers);
  let column = 0;
  for (let field = 0; field < FIELD_COUNT; field += 1) {
    const from = field * MOST_CANDIDATES;
    for (let place = 0; place < count; place += 1) {
      const [ofQuery, ofDocument] = [hits.ofQuery[from + place] ?? 0, hits.ofDocument[from + place] ?? 0];
      const both = Math.sqrt(ofQuery * ofDocument);
      cosine[place] = both;
      // ofQuery ^ ¾ · ofDocument ^ ¼
      lean[place] = Math.sqrt(ofQuery * both);
      logQuery[place] = Math.log(LOG_FLOOR.query + ofQuery);
      logDocument[place] = Math.log(LOG_FLOOR.document + ofDocument);
    }
    put(rows, count, column, hits.score, from, true);
    put(rows, count, column + 2, hits.mild, from, true);
    put(rows, count, column + 4, hits.middling, from, true);
    put(rows, count, column + 6, hits.strong, from, true);
    put(rows, count, column + 8, hits.plain, from, true);
    put(rows, count, column + 10, hits.square, from, true);
    put(rows, count, column + 12, cosine, 0, true);
    put(rows, count, column + 14, lean, 0, true);
    put(rows, count, column + 16, hits.ofQuery, from, false);
    put(rows, count, column + 17, hits.ofDocument, from, false);
    put(rows, count, column + 18, logQuery, 0, false);
    put(rows, count, column + 19, logDocument, 0, false);
    column += PER_FIELD.length;
  }
  const best = candidates[0]?.total ?? 0;
  vote(index, candidates, best);
  const counted = Math.min(3, rare.numbers.length);
  const length = query.plain.length;
  let level = -1;
  let levelPlace = 0;
  for (let place = 0; place < count; place += 1) {
    const { unit, entry, total } = candidates[place] ?? NOBODY;
    // Of equal scores all have the first one's place: equal entries stay equal.
    if (total !== level) {
      level = total;
      levelPlace = place;
    }
    const unitSpan = spanOf(index.texts, unit);
    const unitLength = unitSpan.to - unitSpan.from;
    const answerSpan = spanOf(index.answers, entry);
    const [inUnit, inWhole] = [hits.watchedInUnit[place] ?? 0, hits.watchedInWhole[place] ?? 0];
    const at = place * WIDTH + column;
    rows[at] = best === 0 ? 0 : total / best;
    rows[at + 1] = 1 / (1 + levelPlace);
    rows[at + 2] = counted === 0 ? 0 : bitsOf(inWhole & ((1 << counted) - 1)) / counted;
    rows[at + 3] = missing(rare.idfs, inWhole);
    rows[at + 4] = counted === 0 ? 0 : bitsOf(inUnit & ((1 << counted) - 1)) / counted;
    rows[at + 5] = unitLength === 0 || length === 0 ? 0 : Math.min(length, unitLength) / Math.max(length, unitLength);
    rows[at + 6] = Math.log(1 + answerSpan.to - answerSpan.from) / 8;
    rows[at + 7] = Math.log(1 + (hits.wholeRatio[place] ?? 0));
    rows[at + 8] = category[place] ?? 0;
    rows[at + 9] = department[place] ?? 0;
    rows[at + 10] = unit < 0 ? 0 : 1;
  }
  return hits;
}

/** Writes the features of the texts for the candidates at some places; of the others those columns are not touched. */
export function textFeatures(index: LiveIndex, facts: LiveFacts, query: Query, candidates: readonly Candidate[], places: ArrayLike<number>, count: number, rows: Float64Array): void {
  const { plain } = query;
  const length = plain.length;
  const asked = asksFor(plain);
  const numbers = numbersIn(plain);
  const [opening, closing] = endsOf(plain);
  scanner.begin(plain, facts.weights);
  for (let i = 0; i < count; i += 1) {
    const place = places[i] ?? 0;
    const { unit, entry } = candidates[place] ?? NOBODY;
    const wording: TextSpan = spanOf(index.texts, unit);
    const answer: TextSpan = spanOf(index.answers, entry);
    const size = wording.to - wording.from;
    const at = place * WIDTH + TEXT_AT;
    const ofUnit = scanner.read(wording.units, wording.from, wording.to, UNIT_READ);
    const { two, three } = ofUnit;
    const common = commonOf(plain, wording);
    rows[at] = length === 0 ? 0 : ofUnit.run / length;
    rows[at + 1] = size === 0 ? 0 : ofUnit.run / size;
    rows[at + 2] = two;
    rows[at + 3] = three;
    rows[at + 4] = ofUnit.four;
    rows[at + 5] = ofUnit.textTwo;
    rows[at + 6] = ofUnit.textThree;
    rows[at + 7] = length === 0 ? 0 : common / length;
    rows[at + 8] = size === 0 ? 0 : common / size;
    rows[at + 9] = isSame(plain, wording) ? 1 : 0;
    rows[at + 10] = stands(opening, wording) ? 1 : 0;
    rows[at + 11] = stands(closing, wording) ? 1 : 0;
    const ofAnswer = scanner.read(answer.units, answer.from, answer.to, ANSWER_READ);
    rows[at + 12] = length === 0 ? 0 : ofAnswer.run / Math.min(length, 20);
    rows[at + 13] = ofAnswer.two;
    rows[at + 14] = ofAnswer.three;
    rows[at + 15] = ofAnswer.four;
    rows[at + 16] = ofAnswer.sentence;
    rows[at + 17] = ofAnswer.neighbours;
    rows[at + 18] = ofAnswer.narrow;
    rows[at + 19] = ofAnswer.wide;
    rows[at + 20] = ofAnswer.lead;
    rows[at + 21] = ofAnswer.leadText;
    rows[at + 22] = Math.max(two, ofAnswer.two);
    rows[at + 23] = Math.max(three, ofAnswer.three);
    let found = 0;
    for (const number of numbers) if (stands(number, wording) || stands(number, answer)) found += 1;
    rows[at + 24] = numbers.length === 0 ? 0.5 : found / numbers.length;
    rows[at + 25] = numbers.length === 0 && hasNumber(wording) ? 1 : 0;
    rows[at + 26] = asked === 0 ? 0 : kinds.read(asked, answer.units, answer.from, answer.to);
  }
  scanner.end();
  compareTexts(rows, places, count);
}

/** The shares of the best one's, among the candidates whose texts were read. */
export function compareTexts(rows: Float64Array | Float32Array, places: ArrayLike<number>, count: number): void {
  for (let each = 0; each < COMPARED_FROM.length; each += 1) {
    const from = COMPARED_FROM[each] ?? 0;
    let best = 0;
    for (let i = 0; i < count; i += 1) best = Math.max(best, rows[(places[i] ?? 0) * WIDTH + from] ?? 0);
    const share = best === 0 ? 0 : 1 / best;
    for (let i = 0; i < count; i += 1) rows[(places[i] ?? 0) * WIDTH + COMPARED_AT + each] = (rows[(places[i] ?? 0) * WIDTH + from] ?? 0) * share;
  }
}

const NOBODY: Candidate = { entry: 0, unit: -1, unitScore: 0, wholeScore: 0, total: 0 };

/** How sharply a candidate's vote for its category falls with its score. */
const VOTE = 8;
const tally = new Map<number, number>();

/** Share of the candidates' votes that fall to each one's category and department, without its own; 0 without any. */
function vote({ categories, departments }: LiveIndex, candidates: readonly Candidate[], best: number): void {
  let all = 0;
  for (let place = 0; place < candidates.length; place += 1) {
    const each = Math.exp(VOTE * (best === 0 ? 0 : (candidates[place]?.total ?? 0) / best - 1));
    votes[place] = each;
    all += each;
  }
  for (const [numbers, shares] of [[categories, category], [departments, department]] as const) {
    tally.clear();
    for (let place = 0; place < candidates.length; place += 1) {
      const number = numbers[candidates[place]?.entry ?? 0] ?? 0;
      if (number !== 0) tally.set(number, (tally.get(number) ?? 0) + (votes[place] ?? 0));
    }
    for (let place = 0; place < candidates.length; place += 1) {
      const number = numbers[candidates[place]?.entry ?? 0] ?? 0;
      const own = votes[place] ?? 0;
      shares[place] = number === 0 || all <= own ? 0 : ((tally.get(number) ?? 0) - own) / (all - own);
    }
  }
}

/** Words that are watched one by one. */
const RARE = 6;

/** The rarest words, rarest first, of equals the first ones. */
function rarest(index: LiveIndex, query: Query): { readonly numbers: number[]; readonly idfs: number[] } {
  const numbers: number[] = [];
  const idfs: number[] = [];
  const { ids } = query.words;
  for (let number = 0; number < ids.length; number += 1) {
    const idf = idfOf(index.wholeWords, ids[number] ?? -1, index.size);
    let at = idfs.length;
    while (at > 0 && (idfs[at - 1] ?? 0) < idf) at -= 1;
    if (at === RARE) continue;
    numbers.splice(at, 0, number);
    idfs.splice(at, 0, idf);
    if (idfs.length > RARE) {
      numbers.pop();
      idfs.pop();
    }
  }
  return { numbers, idfs };
}

/** The rarest word that is not held, over the rarest of all. */
function missing(idfs: readonly number[], bits: number): number {
  for (let i = 0; i < idfs.length; i += 1) if ((bits & (1 << i)) === 0) return (idfs[i] ?? 0) / (idfs[0] ?? 1);
  return 0;
}

function bitsOf(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count += 1;
  return count;
}
