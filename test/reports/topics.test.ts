import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY } from '../../src/domain/clock.ts';
import { trendText } from '../../src/reports/sections/topics.ts';
import { createTopicFinder } from '../../src/reports/topics/finder.ts';
import { createSample } from '../../src/reports/topics/sample.ts';
import type { TopicsFound, TopicTicket } from '../../src/reports/topics/types.ts';
import { maskVoice, voiceOf } from '../../src/reports/topics/voices.ts';

const FROM = Date.parse('2026-10-01T00:00:00+08:00');
/** Pairs of characters: enough of a segmenter here. */
const pairs = (text: string): string[] => [...text].flatMap((_char, at, all) => (at === 0 ? [] : [`${all[at - 1] ?? ''}${all[at] ?? ''}`]));

const MIXER = ['丽景花园旁边的搅拌站半夜轰鸣，粉尘飘进屋里，老人咳嗽不止', '搅拌站的水泥罐车凌晨进出丽景花园门口，粉尘和噪音都很大', '丽景花园旁边的搅拌站夜里轰鸣，水泥罐车凌晨进出，粉尘和噪音都很大'];
const BUS = ['三路公交车早高峰经常不停站，等了四十分钟', '公交车三路晚点，早高峰挤不上车，学生迟到', '三路公交车司机到站不停，早高峰等车的人很多'];

/** Texts without a pair in common: what makes the others' words seldom. */
const OTHERS = Array.from({ length: 60 }, (_none, at) => String.fromCharCode(...Array.from({ length: 24 }, (_every, place) => 0x4e00 + at * 300 + place * 11)));

function tickets(): TopicTicket[] {
  const one = (text: string, at: number, more: Partial<TopicTicket> = {}): TopicTicket => ({ id: `t${String(at).padStart(3, '0')}`, number: `2026${at}`, title: text.slice(0, 12), content: text, townId: 'dongcheng', place: null, itemCode: null, departmentId: 'ecology', at: FROM + at * 3_600_000, confidential: false, ...more });
  return [...Array.from({ length: 12 }, (_none, at) => one(MIXER[at % 3] ?? '', at)), ...Array.from({ length: 7 }, (_none, at) => one(BUS[at % 3] ?? '', 40 + at, { townId: null, departmentId: null })), ...OTHERS.map((text, at) => one(text, 90 + at))];
}

function find(all: readonly TopicTicket[], page: number, sample?: number): TopicsFound {
  const finder = createTopicFinder({ from: FROM, to: FROM + 10 * DAY, parts: 10, ...(sample === undefined ? {} : { sample }) }, pairs);
  for (let at = 0; at < all.length; at += page) finder.see(all.slice(at, at + page));
  for (const work = finder.gather(); work.next().done !== true; );
  for (let at = 0; at < all.length; at += page) finder.sort(all.slice(at, at + page));
  return finder.finish();
}

describe('hot topics', () => {
  it('gather what is about one matter, with where, whose and when', () => {
    const { topics, tickets: seen, covered } = find(tickets(), 5);
    expect([seen, covered, topics.map(({ count }) => count)]).toEqual([79, 19, [12, 7]]);
    expect(topics[0]).toMatchObject({ place: '丽景花园', firstAt: FROM, towns: [{ key: 'dongcheng', count: 12 }], departments: [{ key: 'ecology', count: 12 }], trend: [12, 0, 0, 0, 0, 0, 0, 0, 0, 0] });
    expect(topics[0]?.words.join()).toContain('搅拌');
    expect(topics[1]).toMatchObject({ towns: [{ key: '', count: 7 }] });
    for (const { trend, count, towns, voices } of topics) {
      expect(trend.reduce((sum, part) => sum + part, 0)).toBe(count);
      expect(towns.reduce((sum, town) => sum + town.count, 0)).toBe(count);
      expect(new Set(voices.map(({ text }) => text)).size).toBe(3);
    }
  });

  it('are the same in whatever pages and order the tickets come', () => {
    const expected = find(tickets(), 100);
    fc.assert(fc.property(fc.shuffledSubarray(tickets(), { minLength: 79 }), fc.integer({ min: 1, max: 30 }), (shuffled, page) => {
      expect(find(shuffled, page)).toEqual(expected);
    }), { numRuns: 15 });
  });

  it('count a ticket once, and sort in what the sample left out', () => {
    expect(find([...tickets(), ...tickets()], 7).tickets).toBe(79);
    const { topics, gathered } = find(tickets(), 4, 50);
    expect(gathered).toBe(50);
    expect(topics.reduce((sum, { count }) => sum + count, 0)).toBe(19);
  });

  it('let nobody read a confidential ticket, though it counts', () => {
    const { topics } = find(tickets().map((ticket) => ({ ...ticket, confidential: true })), 50);
    expect(topics.map(({ count, voices, tickets: linked }) => [count, voices, linked])).toEqual([[12, [], []], [7, [], []]]);
  });

  it('of nothing are none', () => {
    expect(find([], 5)).toEqual({ topics: [], tickets: 0, gathered: 0, matters: 0, covered: 0 });
  });
});

describe('a sample', () => {
  it('holds as many as it may, whatever order they come in', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (ids, most) => {
      const [one, other] = [createSample<{ readonly id: string }>(most), createSample<{ readonly id: string }>(most)];
      for (const id of ids) one.put({ id });
      for (const id of ids.toReversed()) other.put({ id });
      expect(one.kept().length).toBe(Math.min(most, ids.length));
      expect(new Set(one.kept().map(({ id }) => id))).toEqual(new Set(other.kept().map(({ id }) => id)));
      expect(one.seen()).toBe(ids.length);
    }));
  });
});

describe('voices', () => {
  it('hide numbers, names that are told as such, doors and plates', () => {
    expect(maskVoice('我叫张小明，电话13800138000，住3栋502房')).toBe('我叫张**，电话138****8000，住3栋***房');
    expect(maskVoice('联系人：李四，粤S·12345停在消防通道')).toBe('联系人：李**，粤S·*****停在消防通道');
    expect(maskVoice('物业的王经先生不管')).toBe('物业的王先生不管');
    expect(maskVoice('东城中路12号门口路灯不亮')).toBe('东城中路12号门口路灯不亮');
  });

  it('are one line of bounded length', () => {
    fc.assert(fc.property(fc.string({ maxLength: 600 }), (text) => {
      const voice = voiceOf(text);
      expect([...voice].length).toBeLessThanOrEqual(92);
      expect(voice).not.toMatch(/[\n\r]/);
    }));
    expect(voiceOf(`${'路灯不亮'.repeat(15)}。${'很黑'.repeat(40)}`)).toBe(`${'路灯不亮'.repeat(15)}。`);
  });
});

describe('a trend in words', () => {
  const said = (trend: readonly number[]): string => trendText(trend, { now: { from: FROM, to: FROM + trend.length * DAY, label: '' }, flow: { grain: 'day', points: [] } });
  it('says where most of it lies', () => {
    expect(said([0, 0, 9, 1, 0, 0, 0, 0, 0])).toBe('集中在10月3日，占 90%');
    expect(said([0, 0, 5, 5, 1, 0, 0, 0, 1, 0])).toBe('集中在10月3日至10月4日，占 83.3%');
    expect(said([10, 10, 10, 20, 20, 20, 25, 25, 25])).toBe('后段明显多于前段');
    expect(said([5, 5, 5, 5, 5, 5])).toBe('全期都有，分布没有明显集中');
    expect(said([])).toBe('');
  });
});
