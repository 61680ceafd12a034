import type { EngineIndex, Query } from './engine.ts';
import { FEATURES } from './features.ts';
import type { Candidate } from './search.ts';

/**
 * What tells whether the winner is right: how it stands against the others, how much of the question is known at all,
 * and its own features. The numbers of the relevance model, in this order.
 */
const STANDING = ['share', 'logit', 'gap', 'lead', 'rivals', 'entropy', 'value', 'twin', 'unknownChars', 'unknownWords', 'short', 'length', 'long', 'few', 'heard'] as const;

export const SIGNALS: readonly string[] = [...STANDING, ...FEATURES];

/** What of a question is the same for every candidate. */
export interface QuestionFacts {
  readonly unknownChars: number;
  readonly unknownWords: number;
  readonly length: number;
  /** Characters that were replaced by ones of the same sound. */
  readonly heard: number;
}

export function questionFacts(query: Query, heard: number): QuestionFacts {
  const unknown = ({ idfs, mass }: Query['wholeWords']): number => (mass === 0 ? 1 : Math.max(0, 1 - idfs.reduce((sum, idf) => sum + idf, 0) / mass));
  return { unknownChars: unknown(query.wholeChars), unknownWords: unknown(query.wholeWords), length: query.plain.length, heard };
}

/** For each candidate the number of the first one that says the very same (wording and answer), itself when none does. */
export function twinsOf({ texts, answers }: EngineIndex, candidates: readonly Candidate[]): Uint8Array {
  const twins = new Uint8Array(candidates.length);
  candidates.forEach(({ entry, unit }, place) => {
    twins[place] = place;
    for (let before = 0; before < place; before += 1) {
      const other = candidates[before];
      if (other === undefined || twins[before] !== before) continue;
      const sameUnit = unit < 0 || other.unit < 0 ? unit === other.unit : sameText(texts.units, texts.offsets, unit, other.unit);
      if (!sameUnit || !sameText(answers.units, answers.offsets, entry, other.entry)) continue;
      twins[place] = before;
      return;
    }
  });
  return twins;
}

function sameText(units: Uint16Array, offsets: Uint32Array, a: number, b: number): boolean {
  const [from, other] = [offsets[a] ?? 0, offsets[b] ?? 0];
  const length = (offsets[a + 1] ?? 0) - from;
  if ((offsets[b + 1] ?? 0) - other !== length) return false;
  for (let i = 0; i < length; i += 1) if (units[from + i] !== units[other + i]) return false;
  return true;
}

/**
 * @param order places of the candidates, best first
 * @param values by place
 * @param shares by place: of the softmax
 * @param row where the winner's features begin in `rows`
 */
export function writeSignals(to: Float64Array, order: ArrayLike<number>, values: ArrayLike<number>, shares: ArrayLike<number>, rows: ArrayLike<number>, twins: ArrayLike<number>, question: QuestionFacts): void {
  const first = order[0] ?? 0;
  const best = values[first] ?? 0;
  let [second, sum, counted, rivals, entropy, twin] = [-1, 0, 0, 0, 0, 0];
  for (let i = 0; i < order.length; i += 1) {
    const place = order[i] ?? 0;
    const share = shares[place] ?? 0;
    if (share > 1e-9) entropy -= share * Math.log(share);
    if (i === 0) continue;
    // Two entries that say the same are no doubt about what to say.
    if (twins[place] === twins[first]) {
      twin = 1;
      continue;
    }
    if (second < 0) second = place;
    if (counted < 4) {
      sum += values[place] ?? 0;
      counted += 1;
    }
    if (share > 0.1) rivals += 1;
  }
  const share = shares[first] ?? 0;
  const length = Math.max(1, question.length);
  const standing = [
    share, Math.log((share + 0.01) / (1.01 - share)), second < 0 ? 5 : Math.min(5, best - (values[second] ?? 0)), counted === 0 ? 5 : Math.min(8, best - sum / counted), rivals / 4, entropy / 3.4, best / 10, twin,
    question.unknownChars, question.unknownWords, Math.min(1, 3 / length), Math.min(length, 30) / 30, Math.min(length, 300) / 300, order.length < 10 ? 1 : 0, Math.min(1, question.heard / length),
  ];
  to.set(standing);
  const from = first * FEATURES.length;
  for (let i = 0; i < FEATURES.length; i += 1) to[standing.length + i] = rows[from + i] ?? 0;
}
