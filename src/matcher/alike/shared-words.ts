import { eachTrait } from './traits.ts';

/** Words that two tickets share, for the seat: neighbouring traits that are shared grow together into words: 搅拌 + 拌站 → 搅拌站. */

/** Where a trait of the asking ticket stands in its folded text. */
export interface TraitSpan {
  readonly term: number;
  readonly weight: number;
  readonly from: number;
  readonly to: number;
}

const WORDS_SHOWN = 6;

/** The stretches that can be shared, in the text's order. `weights`: of the terms that are compared. */
export function spansOf(folded: string, weights: ReadonlyMap<number, number>, place: (key: number) => number): readonly TraitSpan[] {
  const spans: TraitSpan[] = [];
  eachTrait(folded, (key, from, to) => {
    const term = place(key);
    const weight = weights.get(term) ?? 0;
    if (weight !== 0) spans.push({ term, weight, from, to });
  });
  return spans;
}

/** The weightiest first. `theirs`: terms of the other ticket. */
export function sharedWords(folded: string, spans: readonly TraitSpan[], theirs: ReadonlySet<number>): readonly string[] {
  const words = new Map<string, number>();
  let from = -1;
  let to = -1;
  let sum = 0;
  const close = (): void => {
    if (from < 0) return;
    const word = folded.slice(from, to);
    words.set(word, Math.max(words.get(word) ?? 0, sum));
  };
  for (const span of spans) {
    if (!theirs.has(span.term)) continue;
    if (from >= 0 && span.from < to) {
      ({ to } = span);
      sum += span.weight;
      continue;
    }
    close();
    ({ from, to, weight: sum } = span);
  }
  close();
  const ranked = [...words].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([word]) => word);
  return ranked.filter((word, at) => !ranked.slice(0, at).some((longer) => longer.includes(word))).slice(0, WORDS_SHOWN);
}
