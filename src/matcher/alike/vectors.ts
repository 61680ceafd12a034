/** Sparse vectors for the clusters: keys ascending, so two are multiplied and added in one walk. */

export interface Vector {
  readonly keys: Uint32Array;
  readonly weights: Float64Array;
  readonly norm: number;
}

/** The `most` heaviest of the pairs; equal ones by key. */
export function vectorOf(pairs: readonly (readonly [key: number, weight: number])[], most: number): Vector {
  const kept = pairs.filter(([, weight]) => weight > 0).sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, most).sort((a, b) => a[0] - b[0]);
  const weights = Float64Array.from(kept, ([, weight]) => weight);
  let square = 0;
  for (const weight of weights) square += weight * weight;
  return { keys: Uint32Array.from(kept, ([key]) => key), weights, norm: Math.sqrt(square) };
}

/** As long as 1, or as `times`. */
export function scaled(vector: Vector, times = 1): Vector {
  const factor = vector.norm === 0 ? 0 : times / vector.norm;
  return { keys: vector.keys, weights: vector.weights.map((weight) => weight * factor), norm: vector.norm === 0 ? 0 : times };
}

export function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let i = 0, j = 0; i < a.keys.length && j < b.keys.length; ) {
    const x = a.keys[i] ?? 0;
    const y = b.keys[j] ?? 0;
    if (x === y) {
      sum += (a.weights[i] ?? 0) * (b.weights[j] ?? 0);
      i += 1;
      j += 1;
    } else if (x < y) i += 1;
    else j += 1;
  }
  return sum;
}

export const cosine = (a: Vector, b: Vector): number => (a.norm === 0 || b.norm === 0 ? 0 : dot(a, b) / (a.norm * b.norm));

/** The sum, its `most` heaviest. */
export function plus(a: Vector, b: Vector, most: number): Vector {
  const sums: [number, number][] = [];
  let i = 0;
  let j = 0;
  while (i < a.keys.length || j < b.keys.length) {
    const x = a.keys[i] ?? Infinity;
    const y = b.keys[j] ?? Infinity;
    const key = Math.min(x, y);
    sums.push([key, (x === key ? (a.weights[i] ?? 0) : 0) + (y === key ? (b.weights[j] ?? 0) : 0)]);
    if (x === key) i += 1;
    if (y === key) j += 1;
  }
  return vectorOf(sums, most);
}
