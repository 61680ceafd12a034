/** Marks of an axis from 0: 1, 2 or 5 times a power of ten, at most six; the last is at or above `most`. */
export function marksOf(most: number): readonly number[] {
  if (most <= 0) return [0, 1];
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_none, at) => at * step);
}

/** Every how many labels one is written, so that at most so many are. */
export const everyLabel = (labels: number, most: number): number => Math.max(1, Math.ceil(labels / most));
