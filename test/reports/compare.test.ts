import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BEYOND_CHANCE, changeOfCount, changeOfMean, changeOfShare, LEAST_RATIO, usualOf } from '../../src/reports/compare.ts';
import { countChangeText, percent, shareChangeText, signedPercent, valueText } from '../../src/reports/words.ts';

const counts = fc.integer({ min: 0, max: 100_000 });

describe('comparisons', () => {
  it('do not shout at small numbers, nor at small differences of large ones', () => {
    expect(changeOfCount({ now: 3, past: 1 }).movement).toBe('few');
    expect(changeOfCount({ now: 18, past: 9 }).movement).toBe('steady');
    expect(changeOfCount({ now: 430, past: 400 }).movement).toBe('steady');
    expect(changeOfCount({ now: 100_900, past: 100_000 }).movement).toBe('steady');
    expect(changeOfCount({ now: 90, past: 30 }).movement).toBe('up');
    expect(changeOfCount({ now: 300, past: 400 }).movement).toBe('down');
    expect(changeOfCount({ now: 40, past: 0 }).movement).toBe('up');
    expect(changeOfCount({ now: 10, past: null })).toEqual({ movement: 'unknown', ratio: null, z: 0 });
  });

  it('know that a longer period has more', () => {
    expect(changeOfCount({ now: 3_100, past: 2_800, exposure: 31 / 28 })).toMatchObject({ movement: 'steady', ratio: expect.closeTo(0, 10) });
    expect(changeOfCount({ now: 1_000, past: 500, exposure: 2 }).movement).toBe('steady');
  });

  it('of the two ways round say the opposite', () => {
    fc.assert(fc.property(counts, counts, (now, past) => {
      const [one, other] = [changeOfCount({ now, past }), changeOfCount({ now: past, past: now })];
      expect(one.z).toBeCloseTo(-other.z, 8);
      if (one.movement === 'up') expect(now).toBeGreaterThan(past);
      if (one.movement === 'up' || one.movement === 'down') expect(Math.abs(one.z)).toBeGreaterThanOrEqual(BEYOND_CHANCE);
      if (one.movement === 'up') expect(one.ratio ?? LEAST_RATIO).toBeGreaterThanOrEqual(LEAST_RATIO);
    }));
  });

  it('grow surer the more there is, and less sure the more it swings by itself', () => {
    fc.assert(fc.property(fc.integer({ min: 20, max: 1_000 }), fc.double({ min: 1.2, max: 4, noNaN: true }), fc.double({ min: 1, max: 20, noNaN: true }), (past, factor, dispersion) => {
      const z = (scale: number, swings = 1): number => changeOfCount({ now: Math.round(past * scale * factor), past: past * scale, dispersion: swings }).z;
      expect(z(10)).toBeGreaterThan(z(1));
      expect(Math.abs(z(1, dispersion))).toBeLessThanOrEqual(Math.abs(z(1)) + 1e-9);
    }));
  });

  it('are seldom wrong where nothing changed', () => {
    // Poisson of the same mean, by Knuth's way, from a fixed seed.
    let seed = 1;
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const poisson = (mean: number): number => {
      let [count, product] = [0, random()];
      while (product > Math.exp(-mean)) {
        count += 1;
        product *= random();
      }
      return count;
    };
    const told = Array.from({ length: 4_000 }, (_none, at) => changeOfCount({ now: poisson(15 + (at % 80)), past: poisson(15 + (at % 80)) })).filter(({ movement }) => movement === 'up' || movement === 'down');
    expect(told.length).toBeLessThan(20);
  });

  it('of shares and means want enough cases', () => {
    expect(changeOfShare({ part: 1, whole: 2 }, { part: 90, whole: 100 }).movement).toBe('few');
    expect(changeOfShare({ part: 900, whole: 1_000 }, { part: 700, whole: 1_000 })).toMatchObject({ movement: 'up', ratio: expect.closeTo(0.2, 9) });
    expect(changeOfShare({ part: 95, whole: 100 }, { part: 94, whole: 100 }).movement).toBe('steady');
    expect(changeOfShare(null, { part: 1, whole: 1 }).movement).toBe('unknown');
    expect(changeOfMean({ mean: 5, of: 3 }, { mean: 4, of: 100 }).movement).toBe('few');
    expect(changeOfMean({ mean: 5, of: 300 }, { mean: 4, of: 100 }).movement).toBe('up');
  });

  it('with the same weekdays take a Sunday for a Sunday', () => {
    const days = Array.from({ length: 56 }, (_none, at) => ({ weekday: (at % 7) + 1, amount: at % 7 === 6 ? 10 : 100 }));
    expect(usualOf(days, [7])).toEqual({ expected: 10, dispersion: 1 });
    expect(usualOf(days, [1, 7]).expected).toBe(110);
    expect(usualOf(days.slice(0, 13), [1]).expected).toBeNull();
    expect(usualOf(days.map((day, at) => ({ ...day, amount: day.amount + (at % 14 < 7 ? 60 : 0) })), [1]).dispersion).toBeGreaterThan(5);
  });
});

describe('words of a comparison', () => {
  it('say what is known and no more', () => {
    const said = (now: number | null, past: number | null): string => countChangeText(now, past, changeOfCount({ now, past }), '上月');
    expect(said(120, null)).toBe('与上月无法比较');
    expect(said(3, 1)).toBe('比上月多 2 件（+200.0%），数量少，增减不说明问题');
    expect(said(430, 400)).toBe('比上月多 30 件（+7.5%），在正常波动之内');
    expect(said(900, 300)).toBe('比上月多 600 件（+200.0%），超出正常波动');
    expect(said(50, 50)).toBe('与上月相同');
    expect(said(40, 0)).toBe('比上月多 40 件，超出正常波动');
    expect(countChangeText(310, 280, changeOfCount({ now: 310, past: 280, exposure: 31 / 28 }), '上月', '件', 31 / 28)).toBe('比上月多 30 件（日均 0%），在正常波动之内');
    expect(shareChangeText(changeOfShare({ part: 9, whole: 10 }, { part: 80, whole: 100 }), '上周')).toBe('比上周高 10.0 个百分点，基数小，仅供参考');
  });

  it('never round to all or none', () => {
    expect([percent(0.99999), percent(1), percent(0.0001), percent(0), percent(0.952)]).toEqual(['99.9%', '100%', '<0.1%', '0%', '95.2%']);
    expect([signedPercent(-0.031), signedPercent(0.00001)]).toEqual(['−3.1%', '0%']);
    expect([valueText(null, 'count'), valueText(1203, 'count'), valueText(13.46, 'minutes')]).toEqual(['暂无数据', '1,203', '13.5 分钟']);
  });
});
