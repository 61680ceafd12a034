import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gather, gatherSlowly, MOST_SAMPLES } from '../../src/knowledge/cluster.ts';
import type { GapCluster, KnowledgeGap } from '../../src/store/contract.ts';

let number = 0;
function gap(question: string, over: Partial<KnowledgeGap> = {}): KnowledgeGap {
  number += 1;
  return { id: `gap-${String(number).padStart(5, '0')}`, conversationId: 'c', kind: 'unanswered', question, bestId: null, bestScore: 0, at: 1_000 + number, clusterId: null, ...over };
}

const MATTERS = ['居住证', '祖坟迁移补贴', '充电桩', '老年卡', '户外广告牌', 'library card'];
const ASKS = ['怎么办理', '要多少钱', '需要什么材料', '在哪里办', '可以代办吗', ''];
const OPENINGS = ['', '请问', '你好，', '我想问一下'];
const MARKS = ['', '？', '。', '吗', '呢'];
const aQuestion = fc.tuple(fc.constantFrom(...OPENINGS), fc.constantFrom(...MATTERS), fc.constantFrom(...ASKS), fc.constantFrom(...MARKS)).map((parts) => parts.join(''));
const someGaps = fc.array(fc.record({ question: fc.oneof(aQuestion, fc.string({ unit: 'grapheme', maxLength: 30 })), kind: fc.constantFrom<KnowledgeGap['kind'][]>('unanswered', 'low', 'unhelpful'), bestId: fc.constantFrom('a.one', 'b.two', null), bestScore: fc.double({ min: 0, max: 1, noNaN: true }) }), { maxLength: 60 })
  .map((list) => list.map((one, at) => gap(one.question, { ...one, id: `g${String(at).padStart(4, '0')}`, at: at + 1 })));

describe('gathering questions that ask the same', () => {
  it('brings the same matter together, whatever stands around it, and keeps others apart', () => {
    const { clusters } = gather(['祖坟迁移有什么补贴', '请问祖坟迁移补贴多少？', '你好，祖坟迁移的补贴', '充电桩怎么申请安装', '小区充电桩申请安装怎么办', '老年卡丢了怎么补办', '居住证丢了怎么补办', 'How do I get a library card?', 'get a library card'].map((question) => gap(question)), []);
    expect(clusters.map(({ count, samples }) => [count, samples.toSorted()[0]?.slice(0, 4)]).toSorted()).toEqual([[1, '居住证丢'], [1, '老年卡丢'], [2, 'How '], [2, '充电桩怎'], [3, '你好，祖']].toSorted());
  });

  it('takes one text for another though words come between', () => {
    const { clusters } = gather(['祖坟迁移的补贴标准是多少', '祖坟迁移有什么补贴', '请问祖坟迁移能有多少补贴'].map((question) => gap(question)), []);
    expect(clusters.map(({ count }) => count)).toEqual([3]);
  });

  it('does not take what may be asked of anything for the matter', () => {
    const { clusters } = gather(['护照怎么办理需要什么材料', '低保怎么办理需要什么材料', '学位怎么办理需要什么材料', '护照办理要什么材料'].map((question) => gap(question)), []);
    expect(clusters.map(({ count }) => count).toSorted()).toEqual([1, 1, 2]);
  });

  it('counts, dates, names the nearest entry and the wording nearest to all others', () => {
    const { clusters, assigned } = gather([
      gap('请问祖坟迁移补贴标准是多少呢', { id: 'g1', at: 50, bestId: 'a.far', bestScore: 0.1 }),
      gap('祖坟迁移补贴标准', { id: 'g2', at: 10, kind: 'unhelpful', bestId: 'a.near', bestScore: 0.7 }),
      gap('祖坟迁移补贴标准', { id: 'g3', at: 90, kind: 'low', bestId: 'a.far', bestScore: 0.2 }),
      gap('祖坟迁移补贴标准是多少钱一座', { id: 'g4', at: 70 }),
    ], []);
    expect(clusters).toHaveLength(1);
    expect(clusters[0]).toMatchObject({ id: 'g2', state: 'open', count: 4, unhelpful: 1, bestId: 'a.near', bestScore: 0.7, firstAt: 10, lastAt: 90, entryId: null, closedBy: null });
    expect(clusters[0]?.samples).toHaveLength(3);
    expect(clusters[0]?.title).toBe('祖坟迁移补贴标准');
    expect([...assigned.keys()].toSorted()).toEqual(['g1', 'g2', 'g3', 'g4']);
  });

  it('lets a cluster that is there grow; what an editor decided about it stays', () => {
    const before: GapCluster = { id: 'old', state: 'dismissed', title: '祖坟迁移补贴', samples: ['祖坟迁移补贴'], count: 7, unhelpful: 2, bestId: 'a.one', bestScore: 0.9, firstAt: 1, lastAt: 2, entryId: null, closedBy: 'seat-1' };
    const { clusters, assigned } = gather([gap('请问祖坟迁移补贴多少', { id: 'n1', at: 500 }), gap('祖坟迁移补贴？', { id: 'n2', at: 600, kind: 'unhelpful' })], [before]);
    expect(clusters).toEqual([{ ...before, count: 9, unhelpful: 3, lastAt: 600, samples: ['祖坟迁移补贴', '请问祖坟迁移补贴多少'] }]);
    expect([...assigned.values()]).toEqual(['old', 'old']);
  });

  it('gives the same clusters in whatever order the gaps come', () => {
    fc.assert(fc.property(someGaps.chain((gaps) => fc.tuple(fc.constant(gaps), fc.shuffledSubarray(gaps, { minLength: gaps.length, maxLength: gaps.length }))), ([gaps, shuffled]) => {
      const [one, other] = [gather(gaps, []), gather(shuffled, [])];
      expect(other.clusters).toEqual(one.clusters);
      expect([...other.assigned].toSorted()).toEqual([...one.assigned].toSorted());
    }), { numRuns: 60 });
  });

  it('puts every gap into one cluster, and counts each once', () => {
    fc.assert(fc.property(someGaps, (gaps) => {
      const { clusters, assigned } = gather(gaps, []);
      expect(assigned.size).toBe(gaps.length);
      expect(clusters.reduce((sum, { count }) => sum + count, 0)).toBe(gaps.length);
      expect(clusters.reduce((sum, { unhelpful }) => sum + unhelpful, 0)).toBe(gaps.filter(({ kind }) => kind === 'unhelpful').length);
      const ids = new Set(clusters.map(({ id }) => id));
      expect([...assigned.values()].every((id) => ids.has(id))).toBe(true);
      for (const cluster of clusters) {
        expect(cluster.samples.length).toBeGreaterThan(0);
        expect(cluster.samples.length).toBeLessThanOrEqual(MOST_SAMPLES);
        expect(gaps.some(({ question }) => question === cluster.title)).toBe(true);
        expect(cluster.firstAt).toBeLessThanOrEqual(cluster.lastAt);
      }
    }), { numRuns: 60 });
  });

  it('is the same in slices, and gives way often', () => {
    const gaps = Array.from({ length: 1_500 }, (_none, at) => gap(`第${at}路公交${String.fromCharCode(0x4e00 + at)}站的${String.fromCharCode(0x5e00 + (at % 700))}事`));
    const work = gatherSlowly(gaps, []);
    let slices = 0;
    let step = work.next();
    for (; step.done !== true; step = work.next()) slices += 1;
    expect(slices).toBeGreaterThan(15);
    expect(step.value.clusters).toEqual(gather(gaps, []).clusters);
  });

  it('stands texts of nothing, of one sign, and very long ones', () => {
    const { assigned } = gather(['', ' ', '？？', '好', '😀😀', 'x'.repeat(5_000), '长'.repeat(5_000)].map((question) => gap(question)), []);
    expect(assigned.size).toBe(7);
  });
});
