import type { SparseRows } from './vectors.ts';

/**
 * Linear support vector machine with squared hinge loss, trained in its dual by coordinate descent with shrinking (Hsieh,
 * Chang, Lin, Keerthi, Sundararajan: A dual coordinate descent method for large-scale linear SVM, ICML 2008). One machine
 * a label, that label against all others. Deterministic: the order of the rows comes from a seeded generator.
 */

export interface SvmOptions {
  /** What an error costs. */
  readonly cost: number;
  /** Passes over the rows at most. */
  readonly passes: number;
  /** A pass whose greatest violation is below this ends the training. */
  readonly tolerance: number;
}

export const SVM_OPTIONS: SvmOptions = { cost: 1, passes: 40, tolerance: 0.05 };

/**
 * @param positive 1 for rows of the label, 0 for all others
 * @returns a weight for each place, and the bias as the last one
 */
export function trainMachine({ offsets, places, values, rows, width }: SparseRows, positive: Uint8Array, { cost, passes, tolerance }: SvmOptions = SVM_OPTIONS): Float32Array {
  const weights = new Float64Array(width + 1);
  const alphas = new Float64Array(rows);
  const diagonal = 0.5 / cost;
  const squares = new Float64Array(rows);
  const order = new Uint32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    let sum = 1 + diagonal;
    for (let at = offsets[row] ?? 0, to = offsets[row + 1] ?? 0; at < to; at += 1) sum += (values[at] ?? 0) ** 2;
    squares[row] = sum;
    order[row] = row;
  }
  const random = generator(1);
  let active = rows;
  let bar = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < passes; pass += 1) {
    for (let i = active - 1; i > 0; i -= 1) swap(order, i, Math.floor(random() * (i + 1)));
    let worst = 0;
    for (let i = 0; i < active; i += 1) {
      const row = order[i] ?? 0;
      const side = positive[row] === 1 ? 1 : -1;
      const from = offsets[row] ?? 0;
      const to = offsets[row + 1] ?? 0;
      let margin = weights[width] ?? 0;
      for (let at = from; at < to; at += 1) margin += (weights[places[at] ?? 0] ?? 0) * (values[at] ?? 0);
      const alpha = alphas[row] ?? 0;
      const gradient = side * margin - 1 + alpha * diagonal;
      // A row far on the right side is left out until the others have settled.
      if (alpha === 0 && gradient > bar) {
        active -= 1;
        swap(order, i, active);
        i -= 1;
        continue;
      }
      const violation = alpha === 0 ? Math.min(gradient, 0) : gradient;
      worst = Math.max(worst, Math.abs(violation));
      if (violation === 0) continue;
      const next = Math.max(0, alpha - gradient / (squares[row] ?? 1));
      const step = (next - alpha) * side;
      if (step === 0) continue;
      alphas[row] = next;
      for (let at = from; at < to; at += 1) weights[places[at] ?? 0] = (weights[places[at] ?? 0] ?? 0) + step * (values[at] ?? 0);
      weights[width] = (weights[width] ?? 0) + step;
    }
    if (worst >= tolerance) {
      bar = worst;
      continue;
    }
    if (active === rows) break;
    active = rows;
    bar = Number.POSITIVE_INFINITY;
  }
  return Float32Array.from(weights);
}

function swap(list: Uint32Array, a: number, b: number): void {
  const kept = list[a] ?? 0;
  list[a] = list[b] ?? 0;
  list[b] = kept;
}

/** Mulberry32: numbers from 0 to 1, the same for a seed on every machine. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
