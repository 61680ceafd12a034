import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, THRESHOLDS } from '../../src/matcher/decide.ts';
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

describe('the context', () => {
  const local = createMatcher([
    { id: 'east', question: '东城镇补贴怎么申请', answer: '到东城镇政府办理。', towns: ['east'], item: 'a' },
    { id: 'west', question: '西城镇补贴怎么申请', answer: '到西城镇政府办理。', towns: ['west'], item: 'b' },
    { id: 'old', question: '停车补贴怎么申请', answer: '去年的办法。', until: '2025-12-31' },
    { id: 'new', question: '停车补贴如何申请', answer: '今年的办法。', from: '2026-01-01' },
    { id: 'fee', question: '补办居住证要多少钱', answer: '补领收二十元。' },
    { id: 'card', question: '居住证丢了怎么补办', answer: '到派出所申请补领。' },
    { id: 'tax', question: '契税要多少钱', answer: '按比例缴纳。' },
  ]);

  it('leaves out entries of other towns', () => {
    expect(local.match('补贴怎么申请', { context: { town: 'west' }, limit: 10 }).ranked.map(({ id }) => id)).not.toContain('east');
    expect(local.match('补贴怎么申请', { limit: 10 }).ranked.map(({ id }) => id)).toContain('east');
  });

  it('leaves out what does not hold on the day', () => {
    const idsOn = (today: string) => local.match('停车补贴怎么申请', { context: { today }, limit: 10 }).ranked.map(({ id }) => id);
    expect(idsOn('2025-06-01')).toContain('old');
    expect(idsOn('2025-06-01')).not.toContain('new');
    expect(idsOn('2026-06-01')).toContain('new');
    expect(idsOn('2026-06-01')).not.toContain('old');
  });

  it('moves the item that is talked about', () => {
    const scoreOf = (item: string | null) => local.match('城镇补贴怎么申请', { context: { item }, limit: 10 }).ranked.find(({ id }) => id === 'west')?.score ?? 0;
    expect(scoreOf('b')).toBeGreaterThan(scoreOf(null));
  });

  it('goes on with the last topic when a question has none of its own', () => {
    const near = local.match('那要多少钱', { context: { lastId: 'card' } }).ranked.slice(0, 2).map(({ id }) => id);
    expect(near).toContain('fee');
    expect(near).not.toContain('tax');
    expect(local.match('那要多少钱').ranked[0]?.id).toBe('tax');
    expect(local.match('谢谢', { context: { lastId: 'card' } }).decision.kind).toBe('abstain');
  });

  it('answers with the topic itself what is asked about it when no other entry says more', () => {
    const { ranked } = local.match('去哪里办', { context: { lastId: 'card' } });
    expect(ranked[0]?.id).toBe('card');
    expect(ranked[0]?.score).toBeGreaterThan(local.match('去哪里办').ranked.find(({ id }) => id === 'card')?.score ?? 0);
  });

  it('says why when asked', () => {
    const [hit] = local.match('居住证丢了', { explain: true }).ranked;
    expect(hit?.why?.length).toBeGreaterThan(0);
    expect((hit?.why ?? []).every(({ share }) => share > 0 && share <= 1)).toBe(true);
    expect(local.match('居住证丢了').ranked[0]).not.toHaveProperty('why');
  });
});

describe('what is heard', () => {
  it('finds what was written with characters of the same or a like sound', () => {
    for (const question of ['居住政怎么办', '居住镇怎么办', '居住真怎么办']) expect(matcher.match(question).ranked[0]?.id, question).toBe('permit');
    expect(matcher.match('路灯坏鸟').ranked[0]?.id).toBe('lamp');
  });

  it('reads pinyin, and leaves English alone', () => {
    expect(matcher.match('juzhuzheng').ranked[0]?.id).toBe('permit');
    expect(matcher.match('我要办juzhuzheng').ranked[0]?.matched).toContain('居住证');
    expect(matcher.match('women can dance').ranked).toEqual([]);
  });

  it('answers English wordings, stemmed', () => {
    const english = createMatcher([...ENTRIES, { id: 'visa', question: '外国人签证延期', variants: ['How do I extend my visa'], answer: '到出入境窗口办理。' }]);
    expect(english.match('extending a visa').ranked[0]?.id).toBe('visa');
    expect(english.match('nice weather today isnt it').decision.kind).toBe('abstain');
  });
});

describe('strange amounts', () => {
  it('ten thousand equal entries: one question looks at thirty of them', () => {
    const many = createMatcher(Array.from({ length: 10_000 }, (_, at) => ({ id: `e${at}`, question: '居住证怎么办', answer: '到派出所办理。' })));
    const result = many.match('居住证怎么办', { limit: 50 });
    expect(result.ranked.length).toBeLessThanOrEqual(30);
    expect(result.decision.kind).not.toBe('choices');
    expect(result.ranked[0]?.id).toBe('e0');
  });

  it('a hundred thousand characters, emoji, mixed scripts', () => {
    expect(matcher.match(`居住证怎么办${'啊'.repeat(100_000)}`).ranked[0]?.id).toBe('permit');
    expect(matcher.match('居住证🙏🙏怎么办😭').ranked[0]?.id).toBe('permit');
    expect(matcher.match('ｊｕｚｈｕｚｈｅｎｇ 居住證 かな 한글 кто').ranked[0]?.id).toBe('permit');
  });
});

describe('decide', () => {
  const hit = (id: string, score: number) => ({ id, score, matched: [] });

  it('answers from the upper threshold on', () => {
    expect(decide([hit('a', THRESHOLDS.answer), hit('b', 0.2)], THRESHOLDS)).toEqual({ kind: 'answer', hit: hit('a', THRESHOLDS.answer) });
  });

  it('offers two or three when together they are likely enough', () => {
    expect(decide([hit('a', 0.3), hit('b', 0.2), hit('c', 0.1)], THRESHOLDS)).toEqual({ kind: 'choices', hits: [hit('a', 0.3), hit('b', 0.2), hit('c', 0.1)] });
    expect(decide([hit('a', 0.43), hit('b', 0.06), hit('c', 0.001)], THRESHOLDS)).toEqual({ kind: 'choices', hits: [hit('a', 0.43), hit('b', 0.06)] });
  });

  it('abstains below, and when there is only one weak hit', () => {
    expect(decide([hit('a', 0.2), hit('b', 0.05)], THRESHOLDS)).toEqual({ kind: 'abstain' });
    expect(decide([hit('a', 0.43)], THRESHOLDS)).toEqual({ kind: 'abstain' });
    expect(decide([], THRESHOLDS)).toEqual({ kind: 'abstain' });
  });

  it('offers what of it, when a topic is all that is said and several hold it', () => {
    const hits = [hit('a', 0.6), hit('b', 0.1), hit('c', 0.05), hit('d', 0.01)];
    const holds = (_: string, { id }: { id: string }) => id !== 'c';
    expect(decide(hits, THRESHOLDS, undefined, '社保卡', holds)).toEqual({ kind: 'choices', hits: [hits[0], hits[1], hits[3]] });
    expect(decide([hit('a', 0.8), hit('b', 0.1)], THRESHOLDS, undefined, '社保卡', holds)).toMatchObject({ kind: 'answer', hit: { id: 'a' } });
    expect(decide([hit('a', 0.6), hit('c', 0.1)], THRESHOLDS, undefined, '社保卡', holds)).toMatchObject({ kind: 'answer', hit: { id: 'a' } });
  });

  const facets = (item: string, words: readonly string[], id: string) => ({ item, department: '', words, same: id });

  it('offers no two wordings of one thing', () => {
    const of = (id: string) => (id === 'c' ? facets('', ['社保', '转移'], 'c') : facets('', ['居住证', '补办'], id));
    expect(decide([hit('a', 0.4), hit('b', 0.39), hit('c', 0.1)], THRESHOLDS, of)).toEqual({ kind: 'choices', hits: [hit('a', 0.4), hit('c', 0.1)] });
  });

  it('asks for the item when many are plausible and differ in it', () => {
    const hits = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => hit(id, 0.12));
    const of = (id: string) => facets('abc'.includes(id) ? 'one' : 'two', [id], id);
    expect(decide(hits, THRESHOLDS, of)).toEqual({ kind: 'clarify', facet: 'item', options: [{ label: 'one', ids: ['a', 'b', 'c'] }, { label: 'two', ids: ['d', 'e', 'f'] }] });
  });

  it('asks for a word that parts them when nothing else does', () => {
    const hits = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => hit(id, 0.12));
    const of = (id: string) => facets('', ['公证', 'abc'.includes(id) ? '城市' : '农村', id], id);
    expect(decide(hits, THRESHOLDS, of, '公证')).toEqual({ kind: 'clarify', facet: 'word', options: [{ label: '城市', ids: ['a', 'b', 'c'] }, { label: '农村', ids: ['d', 'e', 'f'] }] });
  });

  it('does not ask when one answer would leave nearly everything open', () => {
    const hits = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => hit(id, 0.12));
    expect(decide(hits, THRESHOLDS, (id) => facets(id === 'f' ? 'two' : 'one', [], id))).toEqual({ kind: 'abstain' });
  });
});
