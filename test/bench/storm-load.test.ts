import { describe, expect, it } from 'vitest';
import { createRandom } from './statistics.ts';
import { arrivals, createRequests, NORMAL_FIVE_MINUTES, SAME_MATTER } from './storm-load.ts';

describe('the load of a storm', () => {
  it('is twelve times the normal five minutes, in waves that change nothing of the sum', () => {
    const due = arrivals({ name: 'storm', seconds: 300, times: 12 });
    expect(NORMAL_FIVE_MINUTES).toBe(139);
    expect(Math.abs(due.length - 12 * NORMAL_FIVE_MINUTES)).toBeLessThanOrEqual(2);
    const inPart = (from: number): number => due.filter((at) => at >= from && at < from + 15).length;
    expect(inPart(7)).toBeGreaterThan(inPart(37) * 2);
    expect(due).toEqual(due.toSorted((a, b) => a - b));
  });

  it('is mostly one matter, by the channels of the city', () => {
    const requests = createRequests(createRandom(1), ['居住证怎么办'], 0);
    const made = Array.from({ length: 2_000 }, () => requests.next(SAME_MATTER));
    expect(made.filter(({ sameMatter }) => sameMatter).length / made.length).toBeCloseTo(SAME_MATTER, 1);
    expect(made.filter(({ channel }) => channel === 'phone').length / made.length).toBeCloseTo(0.87, 2);
    expect(new Set(made.map(({ caller }) => caller.number)).size).toBe(made.length);
  });
});
