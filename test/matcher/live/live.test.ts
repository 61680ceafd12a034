import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCity } from '../../../src/config/city.ts';
import { buildIndex, LIVE_PARAMS } from '../../../src/matcher/live/entries.ts';
import { createLiveMatcher } from '../../../src/matcher/live/index.ts';
import { createKeeper } from '../../../src/matcher/live/keeper.ts';
import { idAt } from '../../../src/matcher/live/documents.ts';
import { readQuery } from '../../../src/matcher/live/query.ts';
import { search } from '../../../src/matcher/live/search.ts';
import { createAnalyzer } from '../../../src/matcher/segment.ts';
import type { MatchEntry } from '../../../src/matcher/types.ts';

const demo = loadCity(fileURLToPath(new URL('../../..', import.meta.url))).knowledge.slice(0, 150);
const analyzer = createAnalyzer({ stopWords: ['的', '怎么'] });
const VOCABULARY = ['居住证', '社保', '公积金', '怎么', '办理', '丢了', '路灯', '噪音', '小区', '12345', 'card', '，', '。', '的'];
const text = fc.array(fc.constantFrom(...VOCABULARY), { maxLength: 8 }).map((parts) => parts.join(''));
const body = fc.record({ question: text, variants: fc.array(text, { maxLength: 3 }), answer: text, keywords: fc.array(fc.constantFrom(...VOCABULARY), { maxLength: 2 }) });
const id = fc.integer({ min: 0, max: 14 }).map(String);
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('put' as const), entry: fc.tuple(id, body).map(([own, rest]): MatchEntry => ({ id: own, ...rest })) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), id }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('maintain' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compact' as const) }) },
);
type Change = { kind: 'put'; entry: MatchEntry } | { kind: 'remove'; id: string } | { kind: 'maintain' | 'compact' };
/** Seals and compacts all the time, one entry a slice. */
const RESTLESS = { tailMost: 2, goneLeast: 2, goneShare: 0.2, slice: 1 };

/** What is there after the changes, in the order in which it came. */
function after(entries: readonly MatchEntry[], changes: readonly Change[]): MatchEntry[] {
  const held = new Map(entries.map((entry) => [entry.id, entry]));
  for (const each of changes) {
    if (each.kind === 'put') {
      held.delete(each.entry.id);
      held.set(each.entry.id, each.entry);
    } else if (each.kind === 'remove') {
      held.delete(each.id);
    }
  }
  return [...held.values()];
}

describe('the live index', () => {
  it('after any changes scores like one that was built from what is there', () => {
    fc.assert(
      fc.property(fc.array(body, { maxLength: 6 }), fc.array(change, { maxLength: 25 }), fc.array(text, { minLength: 1, maxLength: 3 }), (bodies, changes, questions) => {
        const entries = bodies.map((each, at) => ({ ...each, id: String(at) }));
        const keeper = createKeeper(buildIndex(entries, analyzer), analyzer, RESTLESS);
        for (const each of changes) {
          if (each.kind === 'put') keeper.put([each.entry]);
          else if (each.kind === 'remove') keeper.remove([each.id]);
          else if (each.kind === 'maintain') keeper.maintain();
          else keeper.compact();
        }
        const held = after(entries, changes);
        const fresh = buildIndex(held, analyzer);
        expect(keeper.index().size).toBe(held.length);
        for (const question of questions) {
          const analysis = analyzer.analyze(question);
          const scores = new Map(search(fresh, readQuery(fresh, analysis), 100).map(({ entry, total }) => [held[entry]?.id, total]));
          const live = keeper.index();
          const found = search(live, readQuery(live, analysis), 100);
          expect(found.map(({ entry }) => idAt(live.documents, entry)).sort()).toEqual([...scores.keys()].sort());
          for (const { entry, total } of found) expect(total).toBeCloseTo(scores.get(idAt(live.documents, entry)) ?? -1, 9);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('finds the same when it gives entries up on the way, in whatever blocks', () => {
    const many = fc.array(body, { minLength: 10, maxLength: 40 });
    fc.assert(
      fc.property(many, text, fc.integer({ min: 1, max: 5 }), (bodies, question, limit) => {
        const entries = bodies.map((each, at) => ({ ...each, id: String(at) }));
        const found = [0, Infinity].map((worthPruning) => {
          const index = buildIndex(entries, analyzer, { ...LIVE_PARAMS, worthPruning });
          const query = readQuery(index, analyzer.analyze(question));
          // Twice: a search leaves nothing behind for the next one.
          expect(search(index, query, limit)).toEqual(search(index, query, limit));
          return search(index, query, limit);
        });
        expect(found[0]).toEqual(found[1]);
      }),
      { numRuns: 100 },
    );
  });

  it('has no trouble with ten thousand equal entries', () => {
    const entries = Array.from({ length: 10_000 }, (_, at) => ({ id: String(at), question: '路灯不亮找谁修', answer: '由城管部门维护。' }));
    const index = buildIndex(entries, analyzer);
    const found = search(index, readQuery(index, analyzer.analyze('路灯不亮了')), 20);
    expect(found.map(({ entry }) => entry)).toEqual(Array.from({ length: 20 }, (_, at) => at));
  });

  it('reads no more postings than its budget, rarest terms first, and still scores the rest', () => {
    const entries = Array.from({ length: 500 }, (_, at) => ({ id: String(at), question: at === 70 ? '小区路灯' : '小区' }));
    const tight = buildIndex(entries, analyzer, { ...LIVE_PARAMS, postingsBudget: 20, postingsLeast: 20 });
    const loose = buildIndex(entries, analyzer);
    const [first, ...others] = search(tight, readQuery(tight, analyzer.analyze('小区路灯')), 10);
    expect(others).toEqual([]);
    expect(first).toEqual(search(loose, readQuery(loose, analyzer.analyze('小区路灯')), 10)[0]);
  });
});

const ENTRIES: readonly MatchEntry[] = [
  { id: 'permit', question: '居住证怎么办', variants: ['申请居住证要什么材料'], answer: '带身份证和住址证明到辖区派出所办理。' },
  { id: 'lamp', question: '路灯不亮找谁修', variants: ['路灯坏了'], answer: '由城管部门维护。' },
  { id: 'water', question: '停水了怎么办', answer: '拨打供水公司电话查询。' },
];

describe('the live matcher', () => {
  it('shows a change in the next match', () => {
    const matcher = createLiveMatcher(ENTRIES);
    expect(matcher.match('公积金怎么提取').ranked.map((hit) => hit.id)).not.toContain('fund');
    matcher.put([{ id: 'fund', question: '公积金怎么提取', answer: '在公积金中心办理提取。' }]);
    expect(matcher.size).toBe(4);
    expect(matcher.has('fund')).toBe(true);
    expect(matcher.match('公积金怎么提取').ranked[0]?.id).toBe('fund');
    matcher.put([{ id: 'fund', question: '养老金怎么领', answer: '到社保中心办理。' }]);
    expect(matcher.match('养老金怎么领').ranked[0]?.id).toBe('fund');
    expect(matcher.match('公积金怎么提取').ranked.map((hit) => hit.id)).not.toEqual(['fund']);
    matcher.remove(['fund', 'unknown']);
    expect(matcher.has('fund')).toBe(false);
    expect(matcher.size).toBe(3);
    expect(matcher.match('养老金怎么领').ranked.map((hit) => hit.id)).not.toContain('fund');
  });

  it('ranks and decides like one that was built from what is there', () => {
    const options = { stopWords: ['怎么', '了', '的'], synonyms: [['居住证', '暂住证']] };
    const entries = demo.map((entry): MatchEntry => ({ id: entry.id, question: entry.question, variants: entry.wordings, answer: entry.answer, category: entry.module, department: entry.department, ...(entry.item === undefined ? {} : { item: entry.item }) }));
    const live = createLiveMatcher(entries.slice(50), options);
    live.put(entries.slice(0, 50));
    live.compact();
    // Of entries with equal scores the one that came first wins.
    const fresh = createLiveMatcher([...entries.slice(50), ...entries.slice(0, 50)], options);
    entries.forEach(({ variants = [], item }, at) => {
      const question = `请问${variants[at % 3] ?? '停水了找谁'}`;
      const context = at % 4 === 0 && item !== undefined ? { item } : {};
      const [one, two] = [fresh.match(question, { limit: 5, context, explain: true }), live.match(question, { limit: 5, context, explain: true })];
      expect(two.ranked.map(({ score }) => score.toFixed(6))).toEqual(one.ranked.map(({ score }) => score.toFixed(6)));
      expect(two.ranked[0]?.id).toBe(one.ranked[0]?.id);
      expect(two.ranked[0]?.matched).toEqual(one.ranked[0]?.matched);
    });
  });

  it('begins empty and refuses two entries with one id', () => {
    const matcher = createLiveMatcher([], { stopWords: ['了'] });
    expect(matcher.match('路灯坏了')).toEqual({ decision: { kind: 'abstain' }, ranked: [] });
    matcher.put(ENTRIES);
    expect(matcher.match('路灯坏了').ranked[0]).toMatchObject({ id: 'lamp', matched: ['路灯', '坏'] });
    expect(() => createLiveMatcher([{ id: 'a', question: '甲' }, { id: 'a', question: '乙' }])).toThrow(RangeError);
  });

  it('leaves out what does not hold in the town or on the day', () => {
    const matcher = createLiveMatcher([
      ...ENTRIES,
      { id: 'lamp.east', question: '路灯不亮找谁修', towns: ['east'], answer: '由东区维护。' },
      { id: 'lamp.old', question: '路灯坏了', until: '2025-12-31', answer: '旧办法。' },
      { id: 'lamp.coming', question: '路灯坏了', from: '2027-01-01', answer: '新办法。' },
    ]);
    const ids = (context: object): string[] => matcher.match('路灯坏了不亮找谁修', { context, limit: 9 }).ranked.map((hit) => hit.id).filter((each) => each.startsWith('lamp')).sort();
    expect(ids({})).toEqual(['lamp', 'lamp.coming', 'lamp.east', 'lamp.old']);
    expect(ids({ town: 'west', today: '2026-11-22' })).toEqual(['lamp']);
    expect(ids({ town: 'east', today: '2025-12-31' })).toEqual(['lamp', 'lamp.east', 'lamp.old']);
    expect(ids({ town: null, today: '2027-01-01' })).toEqual(['lamp', 'lamp.coming', 'lamp.east']);
  });

  it('never throws, however strange the texts', () => {
    const matcher = createLiveMatcher(ENTRIES);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 120 }), fc.string({ unit: 'grapheme', maxLength: 60 }), (question, answer) => {
        matcher.put([{ id: 'strange', question, answer }]);
        matcher.match(question);
        matcher.remove(['strange']);
      }),
    );
    matcher.put([{ id: 'long', question: '路灯'.repeat(40_000), answer: 'x1'.repeat(400_000) }]);
    expect(matcher.match('路灯'.repeat(5000)).ranked.map((hit) => hit.id)).toContain('long');
  });
});
