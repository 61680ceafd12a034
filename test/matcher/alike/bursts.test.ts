import { describe, expect, it } from 'vitest';
import { createBurstWatch } from '../../../src/matcher/alike/bursts.ts';
import { aCut, anOther, createRandom, CUT_ITEM, seenOf, TOWN_NAMES } from '../../tickets/alike/storm-texts.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-11-23T09:00:00+08:00');
/** Tickets an hour of the city's eight items, and of none. */
const usual = (itemCode: string | null): number => (itemCode === CUT_ITEM || itemCode === null ? 2 : 12);

describe('bursts', () => {
  it('finds a storm of 5,000 tickets in an hour as one matter among the usual ones, and nothing else', () => {
    const random = createRandom(7);
    const watch = createBurstWatch({ placeNames: TOWN_NAMES });
    // An ordinary hour of about a hundred first, then the storm among as many.
    for (let at = 0; at < 100; at += 1) watch.see(seenOf(`before ${at}`, NOW - HOUR + (at * HOUR) / 100, anOther(random)));
    expect(watch.bursts(NOW, usual)).toEqual([]);
    const cuts = new Set<string>();
    let firstSeen: number | null = null;
    for (let at = 0; at < 5_000; at += 1) {
      const isOther = random() < 0.02;
      const id = `${isOther ? 'other' : 'cut'} ${String(at).padStart(4, '0')}`;
      if (!isOther) cuts.add(id);
      const time = NOW + (at * HOUR) / 5_000;
      watch.see(seenOf(id, time, isOther ? anOther(random) : aCut(random)));
      if (firstSeen === null && at % 25 === 24 && watch.bursts(time, usual).length > 0) firstSeen = at;
    }
    const bursts = watch.bursts(NOW + HOUR - 1, usual);
    const [storm] = bursts;
    expect(bursts).toHaveLength(1);
    expect(storm).toMatchObject({ itemCode: CUT_ITEM, questions: 0 });
    expect(storm?.title).toContain('停电');
    const found = new Set(storm?.tickets.map(({ id }) => id));
    const right = [...found].filter((id) => cuts.has(id)).length;
    expect(right / cuts.size).toBeGreaterThan(0.97);
    expect(right / found.size).toBeGreaterThan(0.99);
    // Known after two minutes, not at the end.
    expect(firstSeen).toBeLessThan(200);
    expect(storm?.series).toHaveLength(12);
    expect(storm?.series.reduce((sum, count) => sum + count, 0)).toBe(found.size);
  });

  it('keeps two storms of one night apart', () => {
    const random = createRandom(19);
    const watch = createBurstWatch({ placeNames: TOWN_NAMES });
    for (let at = 0; at < 60; at += 1) watch.see(seenOf(`other ${at}`, NOW, anOther(random)));
    const trees = ['路边大树被吹倒，影响通行', '树木倒伏压住车辆，请尽快清理', '大树断了横在路上，什么时候能清走', '台风吹断树枝砸到屋顶，麻烦派人清理大树'];
    for (let at = 0; at < 80; at += 1) {
      const cut = aCut(random);
      watch.see(seenOf(`cut ${at}`, NOW + at * 20_000, { ...cut, itemCode: null }));
      watch.see(seenOf(`tree ${at}`, NOW + at * 20_000 + 1, { ...cut, title: '大树倒了', content: `${cut.place}${trees[at % trees.length] ?? ''}`, itemCode: null }));
    }
    const bursts = watch.bursts(NOW + 30 * 60_000, usual);
    expect(bursts.map(({ tickets }) => new Set(tickets.map(({ id }) => id.split(' ')[0])).size)).toEqual([1, 1]);
    expect(bursts.map(({ tickets }) => tickets.length)).toEqual([80, 80]);
  });

  it('an ordinary day has none, however many come of one item', () => {
    const random = createRandom(3);
    const watch = createBurstWatch({ placeNames: TOWN_NAMES });
    for (let at = 0; at < 2_400; at += 1) {
      const time = NOW + (at * 24 * HOUR) / 2_400;
      watch.see(seenOf(`t${at}`, time, anOther(random)));
      if (at % 20 === 0) expect(watch.bursts(time, usual)).toEqual([]);
    }
    // Many an hour of one matter are no storm where they are usual.
    for (let at = 0; at < 40; at += 1) watch.see(seenOf(`u${at}`, NOW + 24 * HOUR + at * 60_000, aCut(random)));
    expect(watch.bursts(NOW + 24 * HOUR + 40 * 60_000, () => 30)).toEqual([]);
    expect(watch.bursts(NOW + 24 * HOUR + 40 * 60_000, usual)).toHaveLength(1);
  });

  it('counts questions with the tickets, and forgets what left the window', () => {
    const random = createRandom(5);
    const watch = createBurstWatch({ placeNames: TOWN_NAMES, least: 10 });
    for (let at = 0; at < 40; at += 1) watch.learn(anOther(random));
    for (let at = 0; at < 30; at += 1) {
      const { itemCode: _none, ...texts } = aCut(random);
      if (at % 3 === 0) watch.see({ id: `q${at}`, kind: 'question', at: NOW + at * 1000, title: '', content: texts.content });
      else watch.see(seenOf(`t${at}`, NOW + at * 1000, { ...texts, itemCode: CUT_ITEM }));
    }
    const [storm] = watch.bursts(NOW + 60_000, usual);
    expect(storm?.questions).toBeGreaterThan(6);
    expect(storm?.tickets.every(({ id }) => id.startsWith('t'))).toBe(true);
    expect(watch.keyOf('t1')).toBe(storm?.key);
    // What came before changes nothing.
    expect(watch.see(seenOf('t1', NOW, aCut(random)))).toBeNull();
    expect(watch.bursts(NOW + HOUR + 60_000, usual)).toEqual([]);
    expect([watch.size(), watch.keyOf('t1')]).toEqual([0, null]);
    // Too old to come in.
    watch.see(seenOf('new', NOW + 3 * HOUR, aCut(random)));
    expect(watch.see(seenOf('late', NOW, aCut(random)))).toBeNull();
  });
});
