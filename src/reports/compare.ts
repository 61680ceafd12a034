/**
 * Was it more than before, or is that chance? Counts of requests swing by themselves: of 1 → 3 nothing can be said, and of 400 → 430 hardly
 * anything. Pure.
 */

export type Movement = 'up' | 'down' | 'steady' | 'few' | 'unknown';

export interface Change {
  readonly movement: Movement;
  /** now ÷ then − 1 by the same length of time; null: nothing to divide by. */
  readonly ratio: number | null;
  /** How far beyond chance, in standard deviations; 0 where nothing can be said. */
  readonly z: number;
}

/** Standard deviations beyond which a difference is told: among 150 lines of a table one is told by mistake in seven reports. */
export const BEYOND_CHANCE = 3.3;
/** A difference that is sure and small is no news. */
export const LEAST_RATIO = 0.1;
/** Both together: less says nothing, whatever the ratio. */
export const LEAST_EVENTS = 20;

const UNKNOWN: Change = { movement: 'unknown', ratio: null, z: 0 };

export interface Counted {
  readonly now: number | null;
  readonly past: number | null;
  /** Length of now ÷ length of then; 1 unless told. */
  readonly exposure?: number;
  /** Variance ÷ mean of what it usually is a day; 1 (Poisson) unless more is known. Never taken below 1. */
  readonly dispersion?: number;
}

/**
 * Two counts by Anscombe's square roots (Biometrika 35, 1948): 2(√(a + ⅜) − √(r·b + ⅜)) has a standard deviation of √(1 + r), whatever the
 * level, so that small counts need a large ratio and large ones a small.
 */
export function changeOfCount({ now, past, exposure = 1, dispersion = 1 }: Counted): Change {
  if (now === null || past === null || exposure <= 0) return UNKNOWN;
  const expected = past * exposure;
  const ratio = expected === 0 ? null : now / expected - 1;
  if (now + past < LEAST_EVENTS) return { movement: 'few', ratio, z: 0 };
  const z = (2 * (Math.sqrt(now + 0.375) - Math.sqrt(expected + 0.375))) / Math.sqrt(1 + exposure) / Math.sqrt(Math.max(1, dispersion));
  return { movement: movementOf(z, ratio), ratio, z };
}

/** Two shares, by the pooled z of two proportions. `ratio` is the difference in points (0.02: two points more). */
export function changeOfShare(now: { readonly part: number; readonly whole: number } | null, past: { readonly part: number; readonly whole: number } | null): Change {
  if (now === null || past === null || now.whole <= 0 || past.whole <= 0) return UNKNOWN;
  const difference = now.part / now.whole - past.part / past.whole;
  if (Math.min(now.whole, past.whole) < LEAST_EVENTS) return { movement: 'few', ratio: difference, z: 0 };
  const pooled = (now.part + past.part) / (now.whole + past.whole);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / now.whole + 1 / past.whole));
  const z = deviation === 0 ? 0 : difference / deviation;
  return { movement: Math.abs(z) < BEYOND_CHANCE || Math.abs(difference) < 0.005 ? 'steady' : z > 0 ? 'up' : 'down', ratio: difference, z };
}

/** A mean of something that was measured, whose spread is not kept: only the size of the difference and the number of cases speak. */
export function changeOfMean(now: { readonly mean: number; readonly of: number } | null, past: { readonly mean: number; readonly of: number } | null): Change {
  if (now === null || past === null || past.mean === 0) return UNKNOWN;
  const ratio = now.mean / past.mean - 1;
  if (Math.min(now.of, past.of) < LEAST_EVENTS) return { movement: 'few', ratio, z: 0 };
  return { movement: Math.abs(ratio) < LEAST_RATIO ? 'steady' : ratio > 0 ? 'up' : 'down', ratio, z: 0 };
}

function movementOf(z: number, ratio: number | null): Movement {
  if (Math.abs(z) < BEYOND_CHANCE || (ratio !== null && Math.abs(ratio) < LEAST_RATIO)) return 'steady';
  return z > 0 ? 'up' : 'down';
}

/** Counts by day, index 0 the first. */
export interface Usual {
  /** What these days would bring by the mean of their weekdays; null: less than two weeks are known. */
  readonly expected: number | null;
  /** Variance ÷ mean of single days around their weekday's mean. */
  readonly dispersion: number;
}

/**
 * The same weekdays before: a month with five Sundays is not held against one with four.
 * @param days amounts of the days before, with their weekdays
 * @param wanted weekdays of the period
 */
export function usualOf(days: readonly { readonly weekday: number; readonly amount: number }[], wanted: readonly number[]): Usual {
  const byWeekday = new Map<number, number[]>();
  for (const { weekday, amount } of days) byWeekday.set(weekday, [...(byWeekday.get(weekday) ?? []), amount]);
  const means = new Map([...byWeekday].map(([weekday, amounts]): [number, number] => [weekday, amounts.reduce((sum, amount) => sum + amount, 0) / amounts.length]));
  if (days.length < 14 || wanted.some((weekday) => (byWeekday.get(weekday)?.length ?? 0) < 2)) return { expected: null, dispersion: 1 };
  let squares = 0;
  let sum = 0;
  for (const { weekday, amount } of days) {
    squares += (amount - (means.get(weekday) ?? 0)) ** 2;
    sum += amount;
  }
  const freedom = days.length - means.size;
  const mean = sum / days.length;
  return { expected: wanted.reduce((total, weekday) => total + (means.get(weekday) ?? 0), 0), dispersion: mean === 0 || freedom <= 0 ? 1 : Math.max(1, squares / freedom / mean) };
}
