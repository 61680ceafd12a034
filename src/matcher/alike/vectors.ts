/** Sparse vectors for the clusters: keys ascending, so two are multiplied and added in one walk. */

export interface Vector {
  readonly keys: Uint32Array;
  readonly weights: Float64Array;
  readonly norm: number;
}

/** The `most` heaviest of the pairs, each key once; of equal ones the lower keys. */
export function vectorOf(pairs: readonly (readonly [key: number, weight: number])[], most: number): Vector {
  const sorted = pairs.filter(([, weight]) => weight > 0).sort((a, b) => a[0] - b[0]);
  return heaviest(Uint32Array.from(sorted, ([key]) => key), Float64Array.from(sorted, ([, weight]) => weight), sorted.length, most);
}

/** The same of the first `count` of two arrays; keys ascend, weights are more than 0. Not sorted by weight: only the least that is kept is looked for. */
function heaviest(keys: Uint32Array, weights: Float64Array, count: number, most: number): Vector {
  let into = count;
  if (count > most) {
    const ranked = weights.slice(0, count).sort();
    const least = ranked[count - most] ?? Infinity;
    let heavier = 0;
    for (let at = count - 1; at >= 0 && (ranked[at] ?? 0) > least; at -= 1) heavier += 1;
    let equal = most - heavier;
    into = 0;
    for (let at = 0; at < count; at += 1) {
      const weight = weights[at] ?? 0;
      if (weight < least || (weight === least && (equal -= 1) < 0)) continue;
      keys[into] = keys[at] ?? 0;
      weights[into] = weight;
      into += 1;
    }
  }
  let square = 0;
  for (let at = 0; at < into; at += 1) {
    const weight = weights[at] ?? 0;
    square += weight * weight;
  }
  return { keys: keys.slice(0, into), weights: weights.slice(0, into), norm: Math.sqrt(square) };
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
  const keys = new Uint32Array(a.keys.length + b.keys.length);
  const weights = new Float64Array(keys.length);
  let count = 0;
  let i = 0;
  let j = 0;
  while (i < a.keys.length || j < b.keys.length) {
    const x = a.keys[i] ?? Infinity;
    const y = b.keys[j] ?? Infinity;
    const key = Math.min(x, y);
    const weight = (x === key ? (a.weights[i] ?? 0) : 0) + (y === key ? (b.weights[j] ?? 0) : 0);
    if (x === key) i += 1;
    if (y === key) j += 1;
    if (weight <= 0) continue;
    keys[count] = key;
    weights[count] = weight;
    count += 1;
  }
  return heaviest(keys, weights, count, most);
}
