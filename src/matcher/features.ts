import { type EngineIndex, idfOf, type Query } from './engine.ts';
import { holds } from './postings.ts';
import { createRunFinder } from './runs.ts';
import { type Candidate, createFits, fitAll } from './search.ts';
import { createSentenceReader } from './sentences.ts';

/**
 * What the re-ranker looks at, for each candidate: numbers from 0 to 1 (or near), comparable across questions and across
 * knowledge bases, so that one set of weights serves all.
 */

export const FEATURES = [
  'unitWordScore', 'unitWordOfQuery', 'unitWordOfUnit', 'unitCharScore', 'unitCharOfQuery', 'unitCharOfUnit',
  'wholeWordScore', 'wholeWordOfQuery', 'wholeCharScore', 'wholeCharOfQuery',
  'ratio', 'runOfQuery', 'runOfUnit', 'same', 'sentence', 'sentenceTwo', 'rareWord', 'hasUnit',
] as const;

/** Candidates that are looked at at most: places are kept in a byte. */
export const MOST_CANDIDATES = 64;

// Work space: everything here is synchronous and leaves it clean, so it is invisible from outside.
const runs = createRunFinder();
const sentences = createSentenceReader();
const [unitWords, unitChars, wholeWords, wholeChars] = [createFits(MOST_CANDIDATES), createFits(MOST_CANDIDATES), createFits(MOST_CANDIDATES), createFits(MOST_CANDIDATES)];

/** Rows of `FEATURES`, one a candidate, in their order. At most `MOST_CANDIDATES`. */
export function featuresOf(index: EngineIndex, query: Query, candidates: readonly Candidate[]): Float64Array {
  const width = FEATURES.length;
  const rows = new Float64Array(candidates.length * width);
  const best = candidates[0]?.total ?? 0;
  const rare = rarest(index, query);
  const length = query.plain.length;
  const { texts, answers } = index;
  fitCandidates(index, query, candidates);
  runs.begin(query.plain);
  sentences.begin();
  for (let at = 0; at < query.keys.length; at += 1) {
    const key = query.keys[at] ?? 0;
    // Pairs only: single characters say little about a sentence.
    if (key < 0x10000) continue;
    sentences.addPair(key, idfOf(index.wholeChars, query.chars.ids[at] ?? -1, index.size) * (query.chars.weights[at] ?? 0));
  }
  for (let place = 0; place < candidates.length; place += 1) {
    const { unit, entry, total } = candidates[place] ?? NOBODY;
    const [from, to] = unit < 0 ? [0, 0] : [texts.offsets[unit] ?? 0, texts.offsets[unit + 1] ?? 0];
    const run = runs.longest(texts.units, from, to);
    sentences.read(answers.units, answers.offsets[entry] ?? 0, answers.offsets[entry + 1] ?? 0);
    let rareHits = 0;
    for (const id of rare) if (holds(index.wholeWords, id, entry)) rareHits += 1;
    let at = place * width;
    rows[at++] = unitWords.score[place] ?? 0;
    rows[at++] = unitWords.ofQuery[place] ?? 0;
    rows[at++] = unitWords.ofDocument[place] ?? 0;
    rows[at++] = unitChars.score[place] ?? 0;
    rows[at++] = unitChars.ofQuery[place] ?? 0;
    rows[at++] = unitChars.ofDocument[place] ?? 0;
    rows[at++] = wholeWords.score[place] ?? 0;
    rows[at++] = wholeWords.ofQuery[place] ?? 0;
    rows[at++] = wholeChars.score[place] ?? 0;
    rows[at++] = wholeChars.ofQuery[place] ?? 0;
    rows[at++] = best === 0 ? 0 : total / best;
    rows[at++] = length === 0 ? 0 : run / length;
    rows[at++] = to === from ? 0 : run / (to - from);
    rows[at++] = isSame(query.plain, texts.units, from, to) ? 1 : 0;
    rows[at++] = sentences.one();
    rows[at++] = sentences.two();
    rows[at++] = rare.length === 0 ? 0 : rareHits / rare.length;
    rows[at] = unit < 0 ? 0 : 1;
  }
  runs.reset();
  sentences.reset();
  return rows;
}

const NOBODY: Candidate = { entry: 0, unit: -1, unitScore: 0, wholeScore: 0, total: 0 };

function fitCandidates(index: EngineIndex, query: Query, candidates: readonly Candidate[]): void {
  const { unitPlace, entryPlace } = index.scratch;
  const units: number[] = [];
  const entries: number[] = [];
  for (const { unit, entry } of candidates) {
    units.push(unit);
    entries.push(entry);
    if (unit >= 0) unitPlace[unit] = units.length;
    entryPlace[entry] = entries.length;
  }
  fitAll(query.unitWords, units, unitPlace, unitWords);
  fitAll(query.unitChars, units, unitPlace, unitChars);
  fitAll(query.wholeWords, entries, entryPlace, wholeWords);
  fitAll(query.wholeChars, entries, entryPlace, wholeChars);
  for (const unit of units) if (unit >= 0) unitPlace[unit] = 0;
  for (const entry of entries) entryPlace[entry] = 0;
}

/** Ids of the three rarest words, of equals the first ones. */
function rarest(index: EngineIndex, query: Query): number[] {
  const ids: number[] = [];
  const idfs: number[] = [];
  for (const id of query.words.ids) {
    const idf = idfOf(index.wholeWords, id, index.size);
    let at = ids.length;
    while (at > 0 && (idfs[at - 1] ?? 0) < idf) at -= 1;
    if (at === 3) continue;
    ids.splice(at, 0, id);
    idfs.splice(at, 0, idf);
    if (ids.length > 3) {
      ids.pop();
      idfs.pop();
    }
  }
  return ids;
}

function isSame(plain: string, units: Uint16Array, from: number, to: number): boolean {
  if (to === from || to - from !== plain.length) return false;
  for (let i = 0; i < plain.length; i += 1) if (plain.charCodeAt(i) !== units[from + i]) return false;
  return true;
}
