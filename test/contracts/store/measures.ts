import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR, startOfDay } from '../../../src/domain/clock.ts';
import type { Rollup, RollupQuery } from '../../../src/store/contract.ts';
import { NOW, type Subject } from './support.ts';

const MIDNIGHT = startOfDay(NOW);

export function measureContract(subject: Subject): void {
  const add = (rows: readonly Rollup[]): Promise<void> => subject().store.write((repos) => repos.rollups.add(rows));
  const row = (hours: number, amount: number, overrides: Partial<Rollup> = {}): Rollup => ({ hour: MIDNIGHT + hours * HOUR, measure: 'ticket.opened', by: 'all', key: '', amount, sum: 0, ...overrides });
  const sums = (from: number, to: number, overrides: Partial<RollupQuery> = {}) => subject().store.read((repos) => repos.rollups.sums({ from, to, measures: ['ticket.opened'], by: 'all', ...overrides }));

  describe('rollups', () => {
    it('add to what is there, in one call and in many, and take back', async () => {
      await add([row(1, 2, { sum: 50 }), row(1, 3, { sum: 5 })]);
      await add([row(1, 1), row(2, 4, { sum: 7 })]);
      await add([row(2, -4, { sum: -7 })]);
      const points = await subject().store.read((repos) => repos.rollups.series({ from: MIDNIGHT, to: MIDNIGHT + DAY, measures: ['ticket.opened'], by: 'all', grain: 'hour' }));
      expect(points).toEqual([{ at: MIDNIGHT + HOUR, measure: 'ticket.opened', key: '', amount: 6, sum: 55 }]);
      expect(await sums(MIDNIGHT, MIDNIGHT + DAY)).toEqual([{ measure: 'ticket.opened', key: '', amount: 6, sum: 55 }]);
    });

    it('take a moment within an hour as its hour', async () => {
      await add([row(3, 1, { hour: MIDNIGHT + 3 * HOUR + 59_000 })]);
      expect((await subject().store.read((repos) => repos.rollups.series({ from: MIDNIGHT, to: MIDNIGHT + DAY, measures: ['ticket.opened'], by: 'all', grain: 'hour' }))).map(({ at }) => at)).toEqual([MIDNIGHT + 3 * HOUR]);
    });

    it('begin a day at midnight in Beijing', async () => {
      await add([row(-1, 1), row(0, 2), row(23, 4), row(24, 8)]);
      const days = await subject().store.read((repos) => repos.rollups.series({ from: MIDNIGHT - DAY, to: MIDNIGHT + 2 * DAY, measures: ['ticket.opened'], by: 'all', grain: 'day' }));
      expect(days.map(({ at, amount }) => [at - MIDNIGHT, amount])).toEqual([[-DAY, 1], [0, 6], [DAY, 8]]);
    });

    it('tell measures, dimensions and keys apart', async () => {
      await add([row(1, 1, { by: 'town', key: 'humen' }), row(2, 2, { by: 'town', key: 'humen' }), row(2, 4, { by: 'town', key: '' }), row(1, 8, { by: 'item', key: 'humen' }), row(1, 16, { measure: 'ticket.closed', by: 'town', key: 'humen' })]);
      expect(await sums(MIDNIGHT, MIDNIGHT + DAY, { by: 'town' })).toEqual([{ measure: 'ticket.opened', key: '', amount: 4, sum: 0 }, { measure: 'ticket.opened', key: 'humen', amount: 3, sum: 0 }]);
      expect(await sums(MIDNIGHT, MIDNIGHT + DAY, { by: 'town', keys: ['humen'], measures: ['ticket.closed', 'ticket.opened'] })).toEqual([{ measure: 'ticket.closed', key: 'humen', amount: 16, sum: 0 }, { measure: 'ticket.opened', key: 'humen', amount: 3, sum: 0 }]);
      expect(await sums(MIDNIGHT, MIDNIGHT + DAY, { by: 'town', keys: [] })).toEqual([]);
      expect(await sums(MIDNIGHT, MIDNIGHT + DAY, { measures: [] })).toEqual([]);
      expect(await sums(MIDNIGHT + DAY, MIDNIGHT)).toEqual([]);
    });

    it('keep what has many keys by day only', async () => {
      await add([row(5, 3, { by: 'town', key: 'humen', dayOnly: true })]);
      expect(await sums(MIDNIGHT, MIDNIGHT + DAY, { by: 'town' })).toEqual([{ measure: 'ticket.opened', key: 'humen', amount: 3, sum: 0 }]);
      expect(await sums(MIDNIGHT + 5 * HOUR, MIDNIGHT + 6 * HOUR, { by: 'town' })).toEqual([]);
    });

    it('sum any stretch like adding up its hours', async () => {
      const hours = fc.integer({ min: 0, max: 100 });
      const [rows] = fc.sample(fc.array(fc.record({ hours, amount: fc.integer({ min: -3, max: 9 }), sum: fc.integer({ min: -1000, max: 1000 }) }), { minLength: 60, maxLength: 120 }), { numRuns: 1, seed: 6 });
      const all = (rows ?? []).map(({ hours: at, amount, sum }) => row(at, amount, { sum }));
      await add(all);
      await fc.assert(
        fc.asyncProperty(hours, hours, async (left, right) => {
          const [from, to] = [MIDNIGHT + Math.min(left, right) * HOUR, MIDNIGHT + Math.max(left, right) * HOUR];
          const within = all.filter(({ hour }) => hour >= from && hour < to);
          const wanted = { amount: within.reduce((total, { amount }) => total + amount, 0), sum: within.reduce((total, { sum }) => total + sum, 0) };
          const [found] = await sums(from, to);
          expect({ amount: found?.amount ?? 0, sum: found?.sum ?? 0 }).toEqual(wanted);
        }),
        { numRuns: 60 },
      );
    });

    it('are cleared by whole days', async () => {
      await add([row(-1, 1), row(0, 2), row(23, 4), row(24, 8), row(1, 16, { measure: 'ticket.closed', by: 'town', key: 'humen', dayOnly: true }), row(1, 32, { measure: 'ticket.urged' })]);
      await subject().store.write((repos) => repos.rollups.clear({ measures: ['ticket.opened', 'ticket.closed'], from: MIDNIGHT, to: MIDNIGHT + DAY }));
      const left = await sums(MIDNIGHT - DAY, MIDNIGHT + 2 * DAY, { measures: ['ticket.opened', 'ticket.urged'] });
      expect(left.map(({ measure, amount }) => [measure, amount])).toEqual([['ticket.opened', 9], ['ticket.urged', 32]]);
      expect(await sums(MIDNIGHT - DAY, MIDNIGHT + 2 * DAY, { measures: ['ticket.closed'], by: 'town' })).toEqual([]);
    });

    it('write many rows at once', async () => {
      await add(Array.from({ length: 1500 }, (_, index) => row(1, 1, { by: 'item', key: `item.${index}` })));
      expect(await sums(MIDNIGHT, MIDNIGHT + DAY, { by: 'item' })).toHaveLength(1500);
    });
  });

  describe('where the counting has got to', () => {
    it('is nothing at first, and moves with the transaction that counts', async () => {
      const { store } = subject();
      expect(await store.read((repos) => repos.rollups.cursor('tickets'))).toBeNull();
      await store.write((repos) => repos.rollups.moveCursor('tickets', '5'));
      await expect(store.write(async (repos) => {
        await repos.rollups.add([row(1, 1)]);
        await repos.rollups.moveCursor('tickets', '9');
        throw new Error('something else went wrong');
      })).rejects.toThrow('something else');
      expect(await store.read((repos) => repos.rollups.cursor('tickets'))).toBe('5');
      expect(await sums(MIDNIGHT, MIDNIGHT + DAY)).toEqual([]);
    });

    it('is remembered of rows that change, until it is old', async () => {
      const { store } = subject();
      await store.write((repos) => repos.rollups.mark('services', [{ id: 'a', counted: { outcome: 'open' }, at: 5 }, { id: 'b', counted: {}, at: 6 }]));
      await store.write((repos) => repos.rollups.mark('services', [{ id: 'a', counted: { outcome: 'served' }, at: 7 }]));
      const marks = await store.read((repos) => repos.rollups.marks('services', ['a', 'b', 'c']));
      expect([...marks].toSorted()).toEqual([['a', { outcome: 'served' }], ['b', {}]]);
      expect(await store.write((repos) => repos.rollups.removeMarks(7, 10))).toBe(1);
      expect([...(await store.read((repos) => repos.rollups.marks('services', ['a', 'b'])))].map(([id]) => id)).toEqual(['a']);
    });
  });
}
