import { type EngineIndex, idfOf, type Query } from './engine.ts';
import { holds } from './postings.ts';
import { type Candidate, fit } from './search.ts';
import { charWeight } from './weak-chars.ts';

/**
 * What the re-ranker looks at, for one candidate: numbers from 0 to 1 (or near), comparable across questions and across
 * knowledge bases, so that one set of weights serves all.
 */

export const FEATURES = [
  'unitWordScore', 'unitWordOfQuery', 'unitWordOfUnit', 'unitCharScore', 'unitCharOfQuery', 'unitCharOfUnit',
  'wholeWordScore', 'wholeWordOfQuery', 'wholeCharScore', 'wholeCharOfQuery',
  'ratio', 'runOfQuery', 'runOfUnit', 'same', 'sentence', 'sentenceTwo', 'rareWord', 'hasUnit',
] as const;

export type Features = Float64Array;

interface QueryView {
  /** idf of each character key of the question, in the whole field. */
  readonly charIdf: ReadonlyMap<number, number>;
  readonly charMass: number;
  /** Ids of the three rarest words. */
  readonly rare: readonly number[];
}

export function viewQuery(index: EngineIndex, query: Query, keys: readonly number[]): QueryView {
  const charIdf = new Map<number, number>();
  let charMass = 0;
  for (const key of new Set(keys)) {
    // Pairs only: single characters say little about a sentence.
    if (key < 0x10000) continue;
    const idf = idfOf(index.wholeChars, index.vocabulary.chars.get(key), index.size) * charWeight(key);
    charIdf.set(key, idf);
    charMass += idf;
  }
  const rare = [...query.words]
    .map(({ id }) => ({ id, idf: idfOf(index.wholeWords, id, index.size) }))
    .sort((a, b) => b.idf - a.idf)
    .slice(0, 3)
    .map(({ id }) => id);
  return { charIdf, charMass, rare };
}

export function featuresOf(index: EngineIndex, query: Query, view: QueryView, candidate: Candidate, best: number): Features {
  const unitWords = fit(query.unitWords, candidate.unit);
  const unitChars = fit(query.unitChars, candidate.unit);
  const wholeWords = fit(query.wholeWords, candidate.entry);
  const wholeChars = fit(query.wholeChars, candidate.entry);
  const unitText = candidate.unit < 0 ? '' : (index.texts[candidate.unit] ?? '');
  const run = longestRun(query.plain, unitText);
  const sentence = bestSentences(index.answers[candidate.entry] ?? '', view);
  const rareHits = view.rare.filter((id) => holds(index.wholeWords, id, candidate.entry)).length;
  return Float64Array.of(
    unitWords.score, unitWords.ofQuery, unitWords.ofDocument, unitChars.score, unitChars.ofQuery, unitChars.ofDocument,
    wholeWords.score, wholeWords.ofQuery, wholeChars.score, wholeChars.ofQuery,
    best === 0 ? 0 : candidate.total / best,
    query.plain.length === 0 ? 0 : run / query.plain.length,
    unitText.length === 0 ? 0 : run / unitText.length,
    unitText !== '' && unitText === query.plain ? 1 : 0,
    sentence.one, sentence.two,
    view.rare.length === 0 ? 0 : rareHits / view.rare.length,
    candidate.unit < 0 ? 0 : 1,
  );
}

/** Characters of a long message that the run search looks at: its cost is the product of both lengths. */
const RUN_LIMIT = 160;

/** Length of the longest common substring. */
export function longestRun(a: string, b: string): number {
  const left = a.slice(0, RUN_LIMIT);
  const right = b.slice(0, RUN_LIMIT);
  const row = new Uint16Array(right.length + 1);
  let best = 0;
  for (let i = 0; i < left.length; i += 1) {
    const code = left.charCodeAt(i);
    // From the right, so that row[j] is still the row above when row[j + 1] is written.
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const length = code === right.charCodeAt(j) ? (row[j] ?? 0) + 1 : 0;
      row[j + 1] = length;
      if (length > best) best = length;
    }
  }
  return best;
}

/** Share of the question's pairs (by idf) in the best sentence of the answer, and in the best two neighbours. */
function bestSentences(answer: string, view: QueryView): { readonly one: number; readonly two: number } {
  if (answer === '' || view.charMass === 0) return { one: 0, two: 0 };
  let one = 0;
  let two = 0;
  let before = 0;
  let here = 0;
  let seen = new Set<number>();
  let previous = 0;
  for (let i = 0; i <= answer.length; i += 1) {
    const code = i < answer.length ? answer.charCodeAt(i) : 10;
    if (code === 10) {
      one = Math.max(one, here);
      two = Math.max(two, here + before);
      before = here;
      here = 0;
      previous = 0;
      if (seen.size > 0) seen = new Set();
      continue;
    }
    const key = ((previous << 16) | code) >>> 0;
    const idf = view.charIdf.get(key);
    if (idf !== undefined && !seen.has(key)) {
      here += idf;
      seen.add(key);
    }
    previous = code;
  }
  return { one: one / view.charMass, two: Math.min(1, two / view.charMass) };
}
