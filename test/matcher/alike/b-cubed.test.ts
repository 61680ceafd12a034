import { describe, expect, it } from 'vitest';
import { bCubed } from '../../bench/parts/alike-b-cubed.ts';

describe('B-cubed', () => {
  it('is whole for the very events, and charges what is taken in and what is split', () => {
    const events = [['a', 'b', 'c'], ['d', 'e']];
    const of = (text: string): ReadonlyMap<string, string> => new Map(text.split(' ').map((pair): [string, string] => [pair.slice(0, 1), pair.slice(1)]));
    expect(bCubed(events, new Set(), of('a1 b1 c1 d2 e2'))).toEqual({ precision: 1, recall: 1, f1: 1 });
    // One stranger in each cluster.
    expect(bCubed(events, new Set(), of('a1 b1 c1 x1 d2 e2 y2')).precision).toBeCloseTo((3 * (3 / 4) + 2 * (2 / 3)) / 5, 12);
    // A stranger that one of two judges would have taken in is not charged.
    expect(bCubed(events, new Set(['x']), of('a1 b1 c1 x1 d2 e2')).precision).toBe(1);
    // Split, and alone.
    expect(bCubed(events, new Set(), of('a1 b1 d2 e2')).recall).toBeCloseTo((2 * (2 / 3) + 1 / 3 + 2) / 5, 12);
    expect(bCubed([], new Set(), of('a1'))).toEqual({ precision: 0, recall: 0, f1: 0 });
  });
});
