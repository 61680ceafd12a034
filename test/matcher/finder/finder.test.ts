import { assert, constantFrom, array, integer, oneof, property, record, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KnowledgeEntry } from '../../../src/domain/knowledge.ts';
import { createFinder, type Finder, type FinderQuery, type FinderResult } from '../../../src/matcher/finder/index.ts';
import { aKnowledgeEntry } from '../../factories/knowledge.ts';
import { naivePlace, naiveWords } from './naive.ts';

const TODAY = '2026-11-22';
const find = (finder: Finder, text: string, more: Partial<FinderQuery> = {}): FinderResult => finder.search({ text, today: TODAY, ...more });
const ids = (result: FinderResult): string[] => result.hits.map((hit) => hit.entry.id);
function finderOf(...entries: readonly KnowledgeEntry[]): Finder {
  const finder = createFinder();
  finder.put(entries);
  return finder;
}

const permit = aKnowledgeEntry({ id: 'permit.apply', module: 'guides', question: '居住证怎么办理？', wordings: ['暂住证在哪里办', '办居住证要什么'], keywords: ['居住证', '流动人口'], answer: '在居住地的派出所提交申请。所需材料：身份证、近期照片一张、居住地证明。办理 ETC 另找银行。', department: 'police' });
const fund = aKnowledgeEntry({ id: 'fund.withdraw', module: 'faq', question: '公积金提取条件', wordings: ['住房公积金怎么取出来'], keywords: ['公积金'], answer: '租房、购房、退休均可提取，须提交身份证。', department: 'fund' });
const bank = aKnowledgeEntry({ id: 'road.etc', module: 'faq', question: 'ETC 怎么在银行办', wordings: ['高速公路不停车收费'], answer: '带行驶证到任意银行网点办理。', department: 'traffic' });

describe('the finder', () => {
  it.each([
    ['居住', 'permit.apply'], ['居住证怎么', 'permit.apply'], ['jzz', 'permit.apply'], ['juzhu', 'permit.apply'], ['juzhuz', 'permit.apply'], ['居zhu', 'permit.apply'], ['ju住z', 'permit.apply'], ['JZZ', 'permit.apply'], ['居住證', 'permit.apply'],
    ['ｊｚｚ', 'permit.apply'], ['zenmebanli', 'permit.apply'], ['办理 居住', 'permit.apply'], ['照片 jzz', 'permit.apply'], ['gjj', 'fund.withdraw'], ['gongjijin', 'fund.withdraw'], ['取 公积金', 'fund.withdraw'], ['et', 'road.etc'], ['yinhang', 'road.etc'], ['etc 银行', 'road.etc'],
  ])('finds %s', (text, id) => {
    const result = find(finderOf(permit, fund, bank), text);
    expect(ids(result)[0]).toBe(id);
    expect(result.relaxed).toBe(false);
  });

  it('puts the question before the wording, the wording before the keyword, the keyword before the answer', () => {
    const base = { wordings: [], keywords: [], answer: '一个与此无关的回答。' };
    const finder = finderOf(
      aKnowledgeEntry({ ...base, id: 'a.answer', question: '甲', answer: '须带户口簿到窗口办理。' }), aKnowledgeEntry({ ...base, id: 'b.keyword', question: '乙乙', keywords: ['户口簿'] }),
      aKnowledgeEntry({ ...base, id: 'c.wording', question: '丙丙', wordings: ['我的户口簿'] }), aKnowledgeEntry({ ...base, id: 'd.middle', question: '怎样补办户口簿' }), aKnowledgeEntry({ ...base, id: 'e.prefix', question: '户口簿丢失' }), aKnowledgeEntry({ ...base, id: 'f.whole', question: '户口簿？' }),
    );
    const result = find(finder, '户口簿');
    expect(ids(result)).toEqual(['f.whole', 'e.prefix', 'd.middle', 'c.wording', 'b.keyword', 'a.answer']);
    expect(result.hits.map((hit) => hit.foundIn)).toEqual(['question', 'question', 'question', 'wording', 'keyword', 'answer']);
  });

  it('marks what it found, in the question, the wording and the answer', () => {
    const finder = finderOf(permit, fund, bank);
    const [byInitials] = find(finder, 'jzz').hits;
    expect(byInitials?.ranges.map(([from, to]) => permit.question.slice(from, to))).toEqual(['居住证']);
    const [byWording] = find(finder, 'zanzhu').hits;
    expect(byWording?.wording?.text).toBe('暂住证在哪里办');
    expect(byWording?.wording?.ranges).toEqual([[0, 2]]);
    const [byAnswer] = find(finder, '近期照片').hits;
    expect(byAnswer?.foundIn).toBe('answer');
    expect(byAnswer?.snippet.ranges.map(([from, to]) => byAnswer.snippet.text.slice(from, to))).toEqual(['近期照片']);
    expect(find(finder, '居住证 照片').hits[0]?.matched).toEqual(['居住证', '照片']);
  });

  it('asks for every word, and for some of them only when no entry holds all', () => {
    const finder = finderOf(permit, fund, bank);
    expect(ids(find(finder, '身份证 公积金'))).toEqual(['fund.withdraw']);
    const relaxed = find(finder, '居住证 火星');
    expect(relaxed.relaxed).toBe(true);
    expect(ids(relaxed)).toEqual(['permit.apply']);
    expect(relaxed.hits[0]?.matched).toEqual(['居住证']);
    expect(find(finder, '居住证办理').relaxed).toBe(true);
    expect(ids(find(finder, 'jzzbl'))).toEqual(['permit.apply']);
    expect(ids(find(finder, '火星'))).toEqual([]);
  });

  it('filters by module, department, town and whether the entry holds, and counts without the filter itself', () => {
    const finder = finderOf(
      permit, fund, bank,
      aKnowledgeEntry({ id: 'old.permit', module: 'faq', question: '居住证旧规定', department: 'police', expiresOn: '2025-12-31' }), aKnowledgeEntry({ id: 'new.permit', module: 'faq', question: '居住证新规定', department: 'police', effectiveFrom: '2027-01-01' }),
      aKnowledgeEntry({ id: 'town.permit', module: 'faq', question: '东城居住证窗口', department: 'hall', alsoDepartments: ['police'], towns: ['dongcheng'], reviewOn: TODAY }),
    );
    const all = find(finder, '居住证');
    expect(all.total).toBe(4);
    expect(all.facets).toEqual({ modules: { guides: 1, faq: 3 }, departments: { police: 4, hall: 1 } });
    expect(find(finder, '居住证', { module: 'guides' }).facets).toEqual({ modules: { guides: 1, faq: 3 }, departments: { police: 1 } });
    expect(find(finder, '居住证', { module: 'guides' }).total).toBe(1);
    expect(ids(find(finder, '居住证', { department: 'hall' }))).toEqual(['town.permit']);
    expect(find(finder, '居住证', { department: 'police' }).total).toBe(4);
    expect(find(finder, '居住证', { town: 'xicheng' }).total).toBe(3);
    expect(ids(find(finder, '居住证', { state: 'expired' }))).toEqual(['old.permit']);
    expect(ids(find(finder, '居住证', { state: 'coming' }))).toEqual(['new.permit']);
    expect(ids(find(finder, '居住证', { state: 'due' }))).toEqual(['town.permit']);
    expect(ids(find(finder, '居住证', { state: 'valid' }))).toEqual(['permit.apply']);
  });

  it('shows pinned and recent entries first when nothing is typed, and lets them break ties only', () => {
    const finder = finderOf(permit, fund, bank);
    expect(ids(find(finder, '', { recent: ['road.etc'], pinned: ['permit.apply'] }))).toEqual(['permit.apply', 'road.etc', 'fund.withdraw']);
    expect(find(finder, '？！').total).toBe(3);
    const twins = finderOf(aKnowledgeEntry({ id: 'a.twin', question: '停水通知' }), aKnowledgeEntry({ id: 'b.twin', question: '停水通知' }), aKnowledgeEntry({ id: 'c.later', question: '关于停水的通知', wordings: [] }));
    expect(ids(find(twins, '停水'))).toEqual(['a.twin', 'b.twin', 'c.later']);
    expect(ids(find(twins, '停水', { recent: ['b.twin', 'c.later'] }))).toEqual(['b.twin', 'a.twin', 'c.later']);
  });

  it('ends a search that finds too many, and says so', () => {
    const finder = createFinder({ enough: 1_000 });
    finder.put(Array.from({ length: 3_000 }, (_, n) => aKnowledgeEntry({ id: `many.n${n}`, question: n === 2_999 ? '水管' : '停水', wordings: [], answer: '与此无关的回答内容。' })));
    const many = find(finder, 'ting');
    expect(many.atLeast).toBe(true);
    expect(many.total).toBeGreaterThanOrEqual(1_000);
    expect(many.total).toBeLessThan(2_999);
    expect(find(finder, 'guan')).toMatchObject({ total: 1, atLeast: false });
    expect(find(finder, '')).toMatchObject({ total: 3_000, atLeast: false });
  });

  it('goes on to the next page', () => {
    const finder = finderOf(...Array.from({ length: 45 }, (_, n) => aKnowledgeEntry({ id: `page.n${String(n).padStart(2, '0')}`, question: '路灯不亮' })));
    const pages = [0, 20, 40].map((offset) => ids(find(finder, '路灯', { offset })));
    expect(pages.map((page) => page.length)).toEqual([20, 20, 5]);
    expect(new Set(pages.flat()).size).toBe(45);
  });

  it('reads what was put in slices, and follows changes', () => {
    const finder = finderOf(permit, fund);
    expect(finder.size).toBe(2);
    expect(finder.ready(1)).toBe(false);
    expect(finder.ready(1)).toBe(true);
    finder.put([{ ...permit, question: '港澳居民居住证' }]);
    expect(finder.size).toBe(2);
    expect(ids(find(finder, 'gangao'))).toEqual(['permit.apply']);
    expect(finder.get('permit.apply')?.question).toBe('港澳居民居住证');
    expect(find(finder, '居住证怎么').total).toBe(0);
    finder.remove(['permit.apply', 'nobody.here']);
    expect(find(finder, 'gangao').total).toBe(0);
    expect(finder.size).toBe(1);
    finder.put([bank]);
    expect(find(finder, '').total).toBe(2);
  });

  it.each([['empty', ''], ['long', '居住证'.repeat(4000)], ['letters', 'z'.repeat(500)], ['emoji', '😀😀 居住证😀'], ['line ends', '居住\n证\t\u0000'], ['marks', '%_\\*()[]'], ['half a pair', '\ud83d'], ['many words', Array.from({ length: 300 }, (_, n) => `词${n}`).join(' ')]])('bears odd input: %s', (_, text) => {
    const finder = finderOf(permit, fund, aKnowledgeEntry({ id: 'odd.entry', question: '😀表情？' }));
    expect(() => find(finder, text)).not.toThrow();
    expect(createFinder().search({ text, today: TODAY }).total).toBe(0);
  });
});

const CHARS = ['居', '住', '证', '公', '积', '金', '银', '行', '长', '重', '办', '安', '西', '先', '绿', 'a', 'n', 'j', 'z', '1', '2', '，', ' '];
const aText = (most: number) => array(constantFrom(...CHARS), { minLength: 1, maxLength: most }).map((chars) => chars.join(''));
const anEntry = record({ question: aText(6), wordings: array(aText(5), { maxLength: 2 }), keywords: array(aText(3), { maxLength: 2 }), answer: aText(12), module: constantFrom('faq', 'guides', 'terms'), department: constantFrom('p', 'q') });
const aQuery = array(oneof(aText(3), array(constantFrom('j', 'ju', 'zhu', 'z', 'zheng', 'g', 'gong', 'xi', 'xian', 'an', 'hang', 'chang', 'lv', '居', '行', 'n', '1'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(''))), { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));

describe('the finder against looking everywhere', () => {
  it('finds the same entries at the same places and counts them alike, after any changes', () => {
    assert(
      property(array(anEntry, { maxLength: 12 }), array(tuple(integer({ min: 0, max: 11 }), anEntry), { maxLength: 4 }), array(integer({ min: 0, max: 11 }), { maxLength: 3 }), aQuery, (given, changed, removed, text) => {
        const entries = new Map(given.map((part, n) => [`e.${n}`, aKnowledgeEntry({ id: `e.${n}`, ...part })]));
        const finder = createFinder();
        finder.put([...entries.values()]);
        finder.ready(7);
        for (const [n, part] of changed) {
          const entry = aKnowledgeEntry({ id: `e.${n}`, ...part });
          entries.set(entry.id, entry);
          finder.put([entry]);
          finder.ready();
        }
        for (const n of removed) {
          entries.delete(`e.${n}`);
          finder.remove([`e.${n}`]);
        }
        const words = naiveWords(text);
        const wanted = [...entries.values()].flatMap((entry) => {
          const places = words.map((word) => naivePlace(word, entry));
          return places.includes(null) ? [] : [{ entry, places }];
        });
        const result = find(finder, text, { limit: 50 });
        if (wanted.length === 0) {
          expect(result.relaxed || result.total === 0).toBe(true);
          return;
        }
        expect(ids(result).toSorted()).toEqual(wanted.map(({ entry }) => entry.id).toSorted());
        expect(result.relaxed).toBe(false);
        for (const module of ['faq', 'guides', 'terms'] as const) expect(result.facets.modules[module] ?? 0).toBe(wanted.filter(({ entry }) => entry.module === module).length);
        const only = words.length === 1 || words.length === 0;
        if (!only) return;
        const order = ['question', 'wording', 'keyword', 'answer', null];
        const ranks = result.hits.map((hit) => order.indexOf(hit.foundIn));
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
        for (const hit of result.hits) expect(hit.foundIn).toBe(wanted.find(({ entry }) => entry.id === hit.entry.id)?.places[0] ?? null);
      }),
      { numRuns: 300 },
    );
  });
});
