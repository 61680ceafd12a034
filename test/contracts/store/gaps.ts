import { describe, expect, it } from 'vitest';
import type { GapCluster, KnowledgeGap } from '../../../src/store/contract.ts';
import { NOW, type Subject } from './support.ts';

export function gapContract(subject: Subject): void {
  const gap = (id: string, at: number, bestScore = 0, kind: KnowledgeGap['kind'] = 'unanswered'): Omit<KnowledgeGap, 'clusterId'> => ({ id, conversationId: 'v1', kind, question: `问题${id}`, bestId: bestScore === 0 ? null : 'x.a', bestScore, at });
  const cluster = (id: string, overrides: Partial<GapCluster> = {}): GapCluster => ({
    id, state: 'open', title: `问题${id}`, samples: ['甲', '乙'], count: 2, unhelpful: 0, bestId: null, bestScore: 0, firstAt: NOW, lastAt: NOW, entryId: null, closedBy: null, ...overrides,
  });

  describe('knowledge gaps', () => {
    it('keeps questions without an answer, newest first', async () => {
      const { store } = subject();
      for (const one of [gap('1', NOW, 0.5, 'low'), gap('2', NOW + 2), gap('3', NOW + 1, 0.125, 'unhelpful')]) await store.write((repos) => repos.gaps.add(one));
      expect(await store.read((repos) => repos.gaps.latest(2))).toEqual([
        { id: '2', conversationId: 'v1', kind: 'unanswered', question: '问题2', bestId: null, bestScore: 0, at: NOW + 2, clusterId: null },
        { id: '3', conversationId: 'v1', kind: 'unhelpful', question: '问题3', bestId: 'x.a', bestScore: 0.125, at: NOW + 1, clusterId: null },
      ]);
    });

    it('gathers them in clusters', async () => {
      const { store } = subject();
      const many = Array.from({ length: 1200 }, (_, index) => gap(`g${String(index).padStart(4, '0')}`, NOW + index));
      await store.write(async (repos) => {
        for (const one of many) await repos.gaps.add(one);
      });
      expect((await store.read((repos) => repos.gaps.unclustered(3))).map((one) => one.id)).toEqual(['g0000', 'g0001', 'g0002']);
      await store.write((repos) => repos.gaps.assign(many.slice(0, 1100).map((one) => one.id), 'c1'));
      await store.write((repos) => repos.gaps.assign([], 'c2'));
      expect((await store.read((repos) => repos.gaps.unclustered(2000))).map((one) => one.id)).toEqual(many.slice(1100).map((one) => one.id));
      const found = await store.read((repos) => repos.gaps.ofCluster('c1', 2));
      expect(found.map((one) => [one.id, one.clusterId])).toEqual([['g1099', 'c1'], ['g1098', 'c1']]);
      expect(await store.read((repos) => repos.gaps.ofCluster('c2', 2))).toEqual([]);
    });

    it('puts clusters in the order of how often they were asked', async () => {
      const { store } = subject();
      const all = [cluster('c1', { count: 3, lastAt: NOW }), cluster('c2', { count: 9, lastAt: NOW + 1, unhelpful: 4, bestId: 'x.a', bestScore: 0.3 }), cluster('c3', { count: 3, lastAt: NOW + 5 }), cluster('c4', { count: 20, state: 'dismissed', closedBy: 's1' })];
      await store.write(async (repos) => {
        for (const one of all) await repos.gaps.putCluster(one);
      });
      const ids = async (states: readonly GapCluster['state'][], since?: number, limit = 10) => (await store.read((repos) => repos.gaps.clusters({ states, limit, ...(since === undefined ? {} : { since }) }))).map((one) => one.id);
      expect(await ids(['open'])).toEqual(['c2', 'c3', 'c1']);
      expect(await ids(['open', 'dismissed'], undefined, 2)).toEqual(['c4', 'c2']);
      expect(await ids(['open'], NOW + 1)).toEqual(['c2', 'c3']);
      expect(await ids([])).toEqual([]);
      expect(await store.read((repos) => repos.gaps.cluster('c2'))).toEqual(all[1]);
      expect(await store.read((repos) => repos.gaps.cluster('none'))).toBeNull();
      const later = cluster('c2', { state: 'drafted', title: '新的说法', samples: ['丙'], count: 10, unhelpful: 5, bestId: 'x.b', bestScore: 0.5, firstAt: NOW - 1, lastAt: NOW + 9, entryId: 'x.n', closedBy: 's2' });
      await store.write((repos) => repos.gaps.putCluster(later));
      expect(await store.read((repos) => repos.gaps.cluster('c2'))).toEqual(later);
    });
  });
}
