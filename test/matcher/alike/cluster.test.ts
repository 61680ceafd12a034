import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusterSlowly, clusterTickets } from '../../../src/matcher/alike/cluster.ts';
import type { AlikeTicket } from '../../../src/matcher/alike/types.ts';
import { aCut, anOther, createRandom } from '../../tickets/alike/storm-texts.ts';

const NOW = Date.parse('2026-11-23T09:00:00+08:00');
const DAY = 86_400_000;
const mixed = (cuts: number, rest: number): readonly AlikeTicket[] => {
  const random = createRandom(17);
  return [...Array.from({ length: cuts }, (_, at) => ({ id: `cut ${at}`, at: NOW + at * 60_000, ...aCut(random) })), ...Array.from({ length: rest }, (_, at) => ({ id: `other ${at}`, at: NOW + at * DAY, ...anOther(random) }))];
};

describe('clusters', () => {
  it('gather one matter and leave the others out', () => {
    const clusters = clusterTickets(mixed(30, 600));
    const [largest] = clusters;
    const cuts = largest?.ids.filter((id) => id.startsWith('cut')) ?? [];
    expect(cuts.length).toBeGreaterThan(26);
    expect(cuts.length / (largest?.ids.length ?? 1)).toBeGreaterThan(0.98);
    expect(largest?.title).toContain('停电');
    expect(largest?.ids).toContain(largest?.centralId);
    expect(largest?.towns.reduce((sum, { count }) => sum + count, 0)).toBe(largest?.ids.length);
    expect([largest?.firstAt, largest?.ids.length === 0]).toEqual([NOW, false]);
  });

  it('copies are one whatever the nearness; tickets without words stay alone', () => {
    const copies = ['a', 'b', 'c'].map((id) => ({ id, title: '路灯不亮', content: '东城中路路灯不亮', at: NOW }));
    expect(clusterTickets(copies, { nearness: 0.99 }).map(({ ids }) => ids)).toEqual([['a', 'b', 'c']]);
    expect(clusterTickets(['a', 'b'].map((id) => ({ id, title: '??', content: '！！', at: NOW })))).toEqual([]);
    expect(clusterTickets([])).toEqual([]);
  });

  it('do not depend on the order in which tickets come', () => {
    const tickets = mixed(12, 24);
    const expected = clusterTickets(tickets);
    fc.assert(fc.property(fc.shuffledSubarray([...tickets], { minLength: tickets.length }), (shuffled) => {
      expect(clusterTickets(shuffled)).toEqual(expected);
    }), { numRuns: 20 });
  });

  it('give way while they work', () => {
    const work = clusterSlowly(mixed(200, 400));
    let steps = 0;
    for (let step = work.next(); step.done !== true; step = work.next()) steps += 1;
    expect(steps).toBeGreaterThan(5);
  });
});
