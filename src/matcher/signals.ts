import { FEATURES } from './features.ts';
import type { LiveIndex } from './live/entries.ts';
import type { Query } from './live/query.ts';
import type { Candidate } from './live/search.ts';
import { spanOf, type TextStore } from './live/text-store.ts';
import { CHARS, WORDS } from './live/vocabulary.ts';

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

export function questionFacts({ terms, whole, plain }: Query, heard: number): QuestionFacts {
  const unknown = (kind: number): number => {
    const { mass } = whole[kind] ?? { mass: 0 };
    let known = 0;
    for (const each of terms) if (each.kind === kind) known += each.wholeIdf;
    return mass === 0 ? 1 : Math.max(0, 1 - known / mass);
  };
  return { unknownChars: unknown(CHARS), unknownWords: unknown(WORDS), length: plain.length, heard };
}

/** For each candidate the place of the first one that says the very same (wording and answer), its own when none does. */
export function twinsOf({ texts, answers }: LiveIndex, candidates: readonly Candidate[]): Uint8Array {
  const twins = new Uint8Array(candidates.length);
  for (let place = 0; place < candidates.length; place += 1) {
    const { entry, unit } = candidates[place] ?? NOBODY;
    twins[place] = place;
    for (let before = 0; before < place; before += 1) {
      const other = candidates[before] ?? NOBODY;
      if (twins[before] !== before || !sameText(answers, entry, other.entry)) continue;
      if (unit < 0 || other.unit < 0 ? unit !== other.unit : !sameText(texts, unit, other.unit)) continue;
      twins[place] = before;
      break;
    }
  }
  return twins;
}

const NOBODY: Candidate = { entry: 0, unit: -1, unitScore: 0, wholeScore: 0, total: 0 };

function sameText(store: TextStore, a: number, b: number): boolean {
  const [one, two] = [spanOf(store, a), spanOf(store, b)];
  const length = one.to - one.from;
  if (two.to - two.from !== length) return false;
  for (let i = 0; i < length; i += 1) if (one.units[one.from + i] !== two.units[two.from + i]) return false;
  return true;
}

/**
 * @param order places of the candidates that were read, best first
 * @param values by place
 * @param shares by place: of the softmax
 * @param row where the winner's features begin in `rows`
 * @param found candidates of the first ranking
 */
export function writeSignals(to: Float64Array, order: ArrayLike<number>, values: ArrayLike<number>, shares: ArrayLike<number>, rows: ArrayLike<number>, row: number, twins: ArrayLike<number>, question: QuestionFacts, found: number): void {
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
    share, Math.log((share + 0.01) / (1.01 - share)), second < 0 ? 5 : Math.min(5, best - (values[second] ?? 0)), counted === 0 ? 5 : Math.min(8, best - sum / counted), rivals / 4, entropy / 2.5, best / 10, twin,
    question.unknownChars, question.unknownWords, Math.min(1, 3 / length), Math.min(length, 30) / 30, Math.min(length, 300) / 300, found < 10 ? 1 : 0, Math.min(1, question.heard / length),
  ];
  to.set(standing);
  for (let i = 0; i < FEATURES.length; i += 1) to[standing.length + i] = rows[row + i] ?? 0;
}
