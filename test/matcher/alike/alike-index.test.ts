import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAlikeIndex } from '../../../src/matcher/alike/alike-index.ts';
import { codesOf, describeWhy, likenessOf, PROPOSE, SURE } from '../../../src/matcher/alike/likeness.ts';
import { placeWordsOf } from '../../../src/matcher/alike/place-words.ts';
import type { AlikeTicket } from '../../../src/matcher/alike/types.ts';
import { anOther, createRandom } from '../../tickets/alike/storm-texts.ts';

const NOW = Date.parse('2026-11-23T09:00:00+08:00');
const HOUR = 3_600_000;
const NOISE: AlikeTicket = { id: 'noise', title: '搅拌站噪声扰民', content: '丽景花园后面的搅拌站半夜还在生产，噪声和灰尘很大，窗户不敢开。', place: '丽景花园3栋', townId: 'dongcheng', itemCode: 'env.noise', citizenId: 'c1', at: NOW };
const AGAIN: AlikeTicket = { id: 'again', title: '举报搅拌站夜间生产', content: '丽景花园旁边有个搅拌站，每天半夜生产，灰尘大，噪声吵得睡不着。', place: '丽景花园7栋', townId: 'dongcheng', itemCode: 'env.noise', citizenId: 'c2', at: NOW + 30 * HOUR };

const others = (count: number, seed = 11): readonly AlikeTicket[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, at) => ({ id: `other ${at}`, at: NOW - at * HOUR, ...anOther(random) }));
};
const filled = (count = 500) => {
  const index = createAlikeIndex({ expected: 1000 });
  for (const ticket of others(count)) index.add(ticket);
  return index;
};

describe('the index of tickets', () => {
  it('finds the same matter in other words, with the reasons', () => {
    const index = filled();
    index.add(NOISE);
    const [hit, ...rest] = index.alike(AGAIN);
    expect(rest).toEqual([]);
    expect(hit?.id).toBe('noise');
    expect(hit?.score).toBeGreaterThan(PROPOSE);
    expect(hit?.why).toMatchObject({ place: 'same', item: 'same', town: 'same', citizen: 'different', hours: 30 });
    expect(hit?.words().shared.join()).toContain('搅拌站');
    expect(hit?.words().places).toEqual(['丽景花园']);
    if (hit === undefined) throw new Error('no hit');
    expect(codesOf(hit.why)).toEqual(['text', 'place', 'item', 'time']);
    expect(describeWhy(hit.why, hit.words())).toMatch(/^相同的词：.*搅拌站.*；地点相同：丽景花园；相隔 30 小时；事项相同；镇街相同$/);
  });

  it('a repeat of the same citizen needs less', () => {
    const common = { text: 0.3, place: 'unknown', item: 'unknown', town: 'unknown', hours: 1 } as const;
    expect(likenessOf({ ...common, citizen: 'different' })).toBeLessThan(PROPOSE);
    expect(likenessOf({ ...common, citizen: 'same' })).toBeGreaterThan(PROPOSE);
    const index = filled();
    index.add({ ...NOISE, id: 'theirs', citizenId: 'c2' });
    expect(index.alike(AGAIN)[0]?.why.citizen).toBe('same');
  });

  it('a different place, town or item and a long time speak against it', () => {
    const index = filled();
    index.add(NOISE);
    const score = (change: Partial<AlikeTicket>): number => index.alike({ ...AGAIN, ...change }, { least: 0 }).find(({ id }) => id === 'noise')?.score ?? 0;
    const before = score({});
    expect(score({ townId: 'humen' })).toBeLessThan(before);
    expect(score({ itemCode: 'city.parking' })).toBeLessThan(before);
    expect(score({ at: NOW + 200 * 24 * HOUR })).toBeLessThan(before);
    expect(score({ place: '金泰花园3栋', content: AGAIN.content.replaceAll('丽景', '金泰') })).toBeLessThan(before);
    // A copy is as good as sure.
    expect(index.alike({ ...NOISE, id: 'copy' })[0]?.score).toBeGreaterThan(SURE);
  });

  it('leaves the asking ticket out, forgets what is removed, and knows what is unchanged', () => {
    const index = filled(50);
    expect(index.add(NOISE)).toBe(true);
    expect(index.add({ ...NOISE })).toBe(false);
    expect(index.add({ ...NOISE, title: '搅拌站' })).toBe(true);
    expect([index.size(), index.has('noise')]).toEqual([51, true]);
    expect(index.alike(NOISE).map(({ id }) => id)).toEqual([]);
    expect([index.remove('noise'), index.remove('noise'), index.has('noise'), index.size()]).toEqual([true, false, false, 50]);
    expect(index.alike(AGAIN)).toEqual([]);
    expect([...index.ids()]).toHaveLength(50);
  });

  it('finds the newest of very many, also when it is filled backwards', () => {
    for (const older of [false, true]) {
      const index = createAlikeIndex({ expected: 1000 });
      const copies = Array.from({ length: 200 }, (_, at) => ({ ...NOISE, id: `copy ${String(at).padStart(3, '0')}`, at: NOW + at * HOUR }));
      for (const ticket of older ? copies.toReversed() : copies) index.add(ticket, { older });
      for (const ticket of others(600)) index.add(ticket, { older });
      const found = index.alike({ ...NOISE, id: 'asks', at: NOW + 200 * HOUR }, { limit: 5 });
      expect(found.map(({ id }) => id)).toEqual(['copy 199', 'copy 198', 'copy 197', 'copy 196', 'copy 195']);
    }
  });

  it('is after any adding, changing and removing as if only what is there had ever been posted', () => {
    const pool = others(12, 23);
    const step = fc.record({ at: fc.nat(pool.length - 1), does: fc.constantFrom('add', 'older', 'change', 'remove') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const index = createAlikeIndex({ expected: 1000 });
        const there = new Map<string, AlikeTicket>();
        for (const { at, does } of steps) {
          const ticket = pool[at];
          if (ticket === undefined) continue;
          const wanted = does === 'change' ? { ...ticket, content: pool[(at + 1) % pool.length]?.content ?? '' } : ticket;
          if (does === 'remove') expect(index.remove(ticket.id)).toBe(there.delete(ticket.id));
          else {
            index.add(wanted, { older: does === 'older' });
            there.set(wanted.id, wanted);
          }
        }
        expect([...index.ids()].toSorted()).toEqual([...there.keys()].toSorted());
        // Everybody finds everybody who has the very same words, and nobody who is not there.
        for (const ticket of there.values()) {
          const found = index.alike({ ...ticket, id: 'asks' }, { limit: 50, least: 0 });
          const same = [...there.values()].filter((other) => other.title === ticket.title && other.content === ticket.content).map(({ id }) => id);
          expect(found.every(({ id }) => there.has(id))).toBe(true);
          for (const id of same) expect(found.map((hit) => hit.id)).toContain(id);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('any text will do', () => {
    const index = createAlikeIndex({ expected: 1000 });
    fc.assert(
      fc.property(fc.record({ title: fc.string(), content: fc.string({ unit: 'binary' }), place: fc.option(fc.string({ unit: 'binary' })) }), (texts) => {
        index.add({ id: 'any', at: NOW, ...texts });
        for (const { score } of index.alike({ id: 'asks', at: NOW, ...texts }, { least: 0 })) {
          expect(score).toBeGreaterThan(0);
          expect(score).toBeLessThan(1);
        }
        return index.remove('any');
      }),
      { numRuns: 200 },
    );
  });
});

describe('names of places', () => {
  it('are read without what stands before them, and common words are none', () => {
    const words = (text: string): readonly string[] => placeWordsOf(text).map(({ word }) => word);
    expect(words('我住在东城中路的丽景花园')).toEqual(['东城中路', '丽景花园']);
    expect(words('我们小区的道路和本社区')).toEqual([]);
    const [long] = placeWordsOf('莞城东城中路');
    const [short] = placeWordsOf('在东城中路');
    expect(long?.key).toBe(short?.key);
  });
});
