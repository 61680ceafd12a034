import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, THRESHOLDS } from '../../src/matcher/decide.ts';
import { longestRun } from '../../src/matcher/runs.ts';
import { createMatcher } from '../../src/matcher/index.ts';
import type { MatchEntry } from '../../src/matcher/types.ts';

const ENTRIES: readonly MatchEntry[] = [
  { id: 'permit', question: '居住证怎么办', variants: ['申请居住证要什么材料', '暂住证在哪里办'], answer: '带身份证和住址证明到辖区派出所办理。', keywords: ['居住证'] },
  { id: 'permit.lost', question: '居住证丢了怎么补办', variants: ['居住证不见了'], answer: '到派出所申请补领。' },
  { id: 'wage', question: '老板拖欠工资怎么办', variants: ['公司不发工资找谁'], answer: '向劳动监察部门投诉。' },
  { id: 'lamp', question: '路灯不亮找谁修', variants: ['路灯坏了'], answer: '由城管部门维护。' },
  { id: 'water', question: '停水了怎么办', answer: '拨打供水公司电话查询。' },
];

const matcher = createMatcher(ENTRIES, { stopWords: ['怎么', '怎么办', '找', '谁', '的', '了'], synonyms: [['居住证', '暂住证'], ['拖欠工资', '欠薪']], dialect: { 点样: '怎么' } });

describe('createMatcher', () => {
  it('answers a stored question, a variant and a synonym', () => {
    for (const [question, id] of [['居住证怎么办', 'permit'], ['公司不发工资找谁', 'wage'], ['老板欠薪怎么办', 'wage'], ['路燈壞了', 'lamp']] as const) {
      const { decision } = matcher.match(question);
      expect(decision.kind, question).toBe('answer');
      expect(decision.kind === 'answer' && decision.hit.id, question).toBe(id);
    }
  });

  it('explains itself with words of the question, in its order', () => {
    const [hit] = matcher.match('請問路燈壞了，小區很黑').ranked;
    expect(hit?.id).toBe('lamp');
    expect(hit?.matched).toEqual(['路燈', '壞']);
  });

  it('abstains when nothing is shared, and with nothing to match', () => {
    for (const question of ['', '   ', '???', '唱首歌', 'hello world']) expect(matcher.match(question), question).toEqual({ decision: { kind: 'abstain' }, ranked: [] });
    expect(createMatcher([]).match('居住证怎么办')).toEqual({ decision: { kind: 'abstain' }, ranked: [] });
  });

  it('honours the limit and tells its size', () => {
    expect(matcher.size).toBe(5);
    expect(matcher.match('居住证', { limit: 1 }).ranked).toHaveLength(1);
    expect(matcher.match('居住证').ranked.length).toBeGreaterThan(1);
  });

  it('obeys thresholds that are passed in', () => {
    const shy = createMatcher(ENTRIES, { thresholds: { answer: 1.1, choices: 1.1 } });
    expect(shy.match('居住证怎么办').decision.kind).toBe('abstain');
    const bold = createMatcher(ENTRIES, { thresholds: { answer: 0 } });
    expect(bold.match('居住证').decision.kind).toBe('answer');
  });

  it('refuses two entries with one id, and options it does not know', () => {
    expect(() => createMatcher([{ id: 'a', question: '甲' }, { id: 'a', question: '乙' }])).toThrow(RangeError);
    const wrong: object = { synonym: [] };
    expect(() => createMatcher([], wrong)).toThrow(/unknown matcher option: synonym/);
  });

  it('scores between 0 and 1 that sum to at most 1, ordered, the same every time', () => {
    const parts = fc.array(fc.constantFrom('居住证', '丢了', '工资', '路灯', '停水', '怎么办', '，', '派出所', 'x', '9'), { maxLength: 40 });
    fc.assert(
      fc.property(parts, (list) => {
        const question = list.join('');
        const result = matcher.match(question, { limit: 10 });
        expect(matcher.match(question, { limit: 10 })).toEqual(result);
        const scores = result.ranked.map((hit) => hit.score);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
        expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
        expect(scores.reduce((sum, score) => sum + score, 0)).toBeLessThanOrEqual(1 + 1e-9);
        for (const hit of result.ranked) for (const word of hit.matched) expect(question).toContain(word);
      }),
    );
  });

  it('never throws, however strange or long the question', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (question) => void matcher.match(question)));
    expect(matcher.match('居住证'.repeat(5000)).ranked[0]?.id).toBe('permit');
  });

  it('does not depend on the order of the entries', () => {
    const turned = createMatcher(ENTRIES.toReversed(), { stopWords: ['怎么'] });
    const plain = createMatcher(ENTRIES, { stopWords: ['怎么'] });
    for (const question of ['居住证丢了', '老板不给工资', '停水']) {
      const [a, b] = [plain.match(question), turned.match(question)];
      expect(b.ranked[0]?.id).toBe(a.ranked[0]?.id);
      expect(b.ranked[0]?.score).toBeCloseTo(a.ranked[0]?.score ?? -1, 6);
    }
  });
});

describe('decide', () => {
  const hit = (id: string, score: number) => ({ id, score, matched: [] });

  it('answers from the upper threshold on', () => {
    expect(decide([hit('a', THRESHOLDS.answer), hit('b', 0.2)], THRESHOLDS)).toEqual({ kind: 'answer', hit: hit('a', THRESHOLDS.answer) });
  });

  it('offers two or three when together they are likely enough', () => {
    expect(decide([hit('a', 0.3), hit('b', 0.2), hit('c', 0.1)], THRESHOLDS)).toEqual({ kind: 'choices', hits: [hit('a', 0.3), hit('b', 0.2), hit('c', 0.1)] });
    expect(decide([hit('a', 0.4), hit('b', 0.01), hit('c', 0.001)], THRESHOLDS)).toEqual({ kind: 'choices', hits: [hit('a', 0.4), hit('b', 0.01)] });
  });

  it('abstains below, and when there is only one weak hit', () => {
    expect(decide([hit('a', 0.2), hit('b', 0.05)], THRESHOLDS)).toEqual({ kind: 'abstain' });
    expect(decide([hit('a', 0.45)], THRESHOLDS)).toEqual({ kind: 'abstain' });
    expect(decide([], THRESHOLDS)).toEqual({ kind: 'abstain' });
  });
});

describe('longestRun', () => {
  it('equals the naive search', () => {
    const small = fc.string({ unit: fc.constantFrom('甲', '乙', '丙'), maxLength: 12 });
    fc.assert(
      fc.property(small, small, (a, b) => {
        let best = 0;
        for (let i = 0; i < a.length; i += 1) for (let j = i + 1; j <= a.length; j += 1) if (b.includes(a.slice(i, j))) best = Math.max(best, j - i);
        expect(longestRun(a, b)).toBe(best);
      }),
    );
  });
});
