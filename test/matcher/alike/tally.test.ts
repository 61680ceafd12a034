import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTally } from '../../../src/matcher/alike/tally.ts';
import { plus, vectorOf } from '../../../src/matcher/alike/vectors.ts';

describe('what is kept without sorting all is what sorting all would keep', () => {
  it('of a tally: the best, of equal ones those found first', () => {
    // One tally for all: it is empty again after each ask. Few different weights, so that many are equal.
    const tally = createTally();
    fc.assert(
      fc.property(fc.array(fc.record({ ticket: fc.oneof(fc.nat(12), fc.nat(3000)), weight: fc.integer({ min: 1, max: 3 }) }), { maxLength: 80 }), fc.integer({ min: 1, max: 12 }), fc.nat(12), (adds, most, except) => {
        const sums = new Map<number, number>();
        for (const { ticket, weight } of adds) {
          tally.add(ticket, weight);
          sums.set(ticket, (sums.get(ticket) ?? 0) + weight);
        }
        const sorted = [...sums].filter(([ticket]) => ticket !== except).sort(([, a], [, b]) => b - a).map(([ticket]) => ticket);
        expect(tally.take(most, except)).toEqual(sorted.slice(0, most));
      }),
      { numRuns: 300 },
    );
  });

  it('of a sum of vectors: the heaviest, of equal ones the lower keys', () => {
    const pairs = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0, max: 4 })), { maxLength: 30, selector: ([key]) => key % 40 });
    fc.assert(
      fc.property(pairs, pairs, fc.integer({ min: 1, max: 20 }), (a, b, most) => {
        const sums = new Map<number, number>();
        for (const [key, weight] of [...a, ...b]) sums.set(key, (sums.get(key) ?? 0) + weight);
        const kept = [...sums].filter(([, weight]) => weight > 0).sort(([x, v], [y, w]) => w - v || x - y).slice(0, most).sort(([x], [y]) => x - y);
        const sum = plus(vectorOf(a, 100), vectorOf(b, 100), most);
        expect([...sum.keys]).toEqual(kept.map(([key]) => key));
        expect([...sum.weights]).toEqual(kept.map(([, weight]) => weight));
        expect(sum.norm).toBeCloseTo(Math.hypot(...kept.map(([, weight]) => weight)), 9);
        expect(vectorOf([...sums], most)).toEqual(sum);
      }),
      { numRuns: 300 },
    );
  });
});
