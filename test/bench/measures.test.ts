import { describe, expect, it } from 'vitest';
import { closedLoop, orSilence } from './load.ts';
import { isMet, tableOf } from './report.ts';
import { createRandom, median, percentile } from './statistics.ts';
import { durationText, yearFigures, type Look } from './year.ts';

describe('statistics', () => {
  it('takes the middle, and between two the mean', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('takes percentiles by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([percentile(hundred, 0.5), percentile(hundred, 0.99), percentile(hundred, 1), percentile([7], 0.5)]).toEqual([50, 99, 100, 7]);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it('gives the same numbers for the same seed, from 0 to 1', () => {
    const [one, two] = [createRandom(5), createRandom(5)];
    const drawn = Array.from({ length: 1000 }, () => one());
    expect(drawn).toEqual(Array.from({ length: 1000 }, () => two()));
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(median(drawn)).toBeCloseTo(0.5, 1);
  });
});

describe('load', () => {
  it('does so many acts, one at a time a worker', async () => {
    const busy = new Set<number>();
    let most = 0;
    const { count, p50 } = await closedLoop({ workers: 4, count: 50, maxMs: 60_000, act: async (worker) => {
      expect(busy.has(worker)).toBe(false);
      busy.add(worker);
      most = Math.max(most, busy.size);
      await Promise.resolve();
      busy.delete(worker);
    } });
    expect([count, most]).toEqual([50, 4]);
    expect(p50).toBeGreaterThanOrEqual(0);
  });

  it('ends with the first fault', async () => {
    await expect(closedLoop({ workers: 2, count: 10, maxMs: 60_000, act: () => Promise.reject(new Error('HTTP 500')) })).rejects.toThrow('HTTP 500');
  });

  it('gives up when nothing is answered any more', async () => {
    await expect(orSilence(new Promise(() => undefined), () => 7, 5)).rejects.toThrow('nothing was answered');
  });
});

describe('the table', () => {
  it('shows median, spread and whether the budget is met', () => {
    const table = tableOf([{ what: 'turns', unit: '/s', rounds: [900, 1100, 1000], budget: { limit: 1550, kind: 'least' }, note: 'so' }, { what: 'p99', unit: 'ms', rounds: [12.345], budget: { limit: 50, kind: 'most' } }]);
    expect(table).toMatch(/turns +1,000 \/s +900–1,100 +≥ 1,550 MISSED +so\n/);
    expect(table).toMatch(/p99 +12\.3 ms +≤ 50 met\n/);
  });

  it('counts the limit itself as met', () => {
    expect([isMet({ rounds: [1] }, { limit: 1, kind: 'least' }), isMet({ rounds: [1] }, { limit: 1, kind: 'most' })]).toEqual([true, true]);
  });
});

describe('a year', () => {
  /** So many slots of 100 messages; a message costs 1 ms of the server in the first slot and `growth` more in each. */
  const looks = (slots: number, growth: number): readonly Look[] => {
    const list: Look[] = [{ messages: 0, at: 5000, serverMs: 40, makerMs: 3 }];
    for (let slot = 0; slot < slots; slot += 1) {
      const before = list[slot];
      if (before !== undefined) list.push({ messages: before.messages + 100, at: before.at + 50, serverMs: before.serverMs + 100 * (1 + growth * slot), makerMs: before.makerMs + 20 });
    }
    return list;
  };
  const value = (of: readonly Look[], what: string): number => median(yearFigures(of, 1).filter((figure) => figure.what === what && figure.unit !== '').at(-1)?.rounds ?? []);

  it('projects rate and hours from what was played', () => {
    expect(value(looks(20, 0), 'messages')).toBeCloseTo(2000, 6);
    expect(value(looks(20, 0), 'a whole year at this rate')).toBeCloseTo(5_570_000 / 2000 / 3600, 6);
    expect(value(looks(20, 0), 'processor time of the load maker a message')).toBeCloseTo(0.2, 6);
  });

  it('compares the end with the start', () => {
    expect(value(looks(20, 0), 'processor time of the server, end ÷ start')).toBeCloseTo(1, 6);
    expect(value(looks(20, 0.1), 'processor time of the server, end ÷ start')).toBeCloseTo((1 + 0.1 * 17) / (1 + 0.1 * 2), 6);
  });

  it('compares nothing when it was ended too early', () => {
    expect(yearFigures(looks(1, 0), 1).some(({ what }) => what.includes('÷'))).toBe(false);
  });

  it('tells durations as people do', () => {
    expect([durationText(5.4), durationText(300), durationText(3900 * 2), durationText(Number.POSITIVE_INFINITY)]).toEqual(['5 s', '5 min', '2 h 10 min', '?']);
  });
});
