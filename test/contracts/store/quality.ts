import { expect, it, describe } from 'vitest';
import type { Inspection, InspectionFinding } from '../../../src/store/contract.ts';
import { nextId } from '../../factories/index.ts';
import { NOW, type Subject } from './support.ts';

export function qualityContract(subject: Subject): void {
  const anInspection = (over: Partial<Inspection> = {}): Inspection => {
    const id = over.id ?? nextId('inspection');
    return {
      id, key: `period:${id}`, conversationId: 'conversation-1', periodId: id, channel: 'webchat', modality: 'text', groupId: 'general', seatId: 'seat-1', fromSeq: 3, toSeq: 20, startedAt: NOW, endedAt: NOW + 60_000,
      rulesVersion: '1-abc', score: 90, automaticScore: 90, fatal: false, state: 'automatic', sampledFor: null, inspectorId: null, judgedAt: null, note: null, appealBy: null, appeal: null, appealedAt: null,
      rejudgedBy: null, rejudgement: null, finalAt: null, createdAt: NOW + 70_000, version: 1, ...over,
    };
  };
  const aFinding = (inspection: Inspection, over: Partial<InspectionFinding> = {}): InspectionFinding => ({
    inspectionId: inspection.id, number: 1, rule: 'greeting', seatId: inspection.seatId, severity: 'minor', points: 5, seq: 4, start: 0, end: 2, sentence: '说。', why: '没有问候', verdict: 'automatic', at: inspection.endedAt, ...over,
  });

  describe('quality', () => {
    it('keeps a service once, with its findings', async () => {
      const { store } = subject();
      const one = anInspection();
      expect(await store.write((repos) => repos.quality.add(one, [aFinding(one), aFinding(one, { number: 2, rule: 'closing', seatId: null })]))).toBe(true);
      expect(await store.write((repos) => repos.quality.add(anInspection({ key: one.key }), [aFinding(one, { number: 3 })]))).toBe(false);
      expect(await store.read((repos) => repos.quality.get(one.id))).toEqual(one);
      expect(await store.read((repos) => repos.quality.get('nobody'))).toBeNull();
      expect((await store.read((repos) => repos.quality.findings(one.id))).map(({ number, rule, seatId }) => [number, rule, seatId])).toEqual([[1, 'greeting', 'seat-1'], [2, 'closing', null]]);
    });

    it('lists by everything that a page asks for, in pages, last ended first', async () => {
      const { store } = subject();
      const made = [0, 1, 2, 3].map((step) => anInspection({ endedAt: NOW + step * 1_000, seatId: step < 2 ? 'seat-1' : 'seat-2', score: 100 - step * 10, state: step === 3 ? 'sampled' : 'automatic', groupId: step === 0 ? null : 'general', channel: step === 1 ? 'ivr-twilio' : 'webchat' }));
      await store.write(async (repos) => {
        for (const one of made) await repos.quality.add(one, one === made[1] ? [aFinding(one, { rule: 'curt' })] : one === made[2] ? [aFinding(one, { rule: 'curt', verdict: 'dropped' })] : []);
      });
      const ids = async (filter: object) => (await store.read((repos) => repos.quality.list({ limit: 10, ...filter }))).map(({ id }) => made.findIndex((one) => one.id === id));
      expect(await ids({})).toEqual([3, 2, 1, 0]);
      expect(await ids({ seatId: 'seat-1' })).toEqual([1, 0]);
      expect(await ids({ state: 'sampled' })).toEqual([3]);
      expect(await ids({ groupId: 'general', channel: 'webchat' })).toEqual([3, 2]);
      expect(await ids({ rule: 'curt' })).toEqual([1]);
      expect(await ids({ atMost: 80 })).toEqual([3, 2]);
      expect(await ids({ from: NOW + 1_000, to: NOW + 3_000 })).toEqual([2, 1]);
      expect(await ids({ conversationId: 'another' })).toEqual([]);
      const last = made[2];
      expect(last === undefined ? [] : await ids({ before: last, limit: 1 })).toEqual([1]);
      expect(await store.read((repos) => repos.quality.counts({}))).toEqual({ automatic: 3, sampled: 1, told: 0, appealed: 0, final: 0 });
      expect(await store.read((repos) => repos.quality.counts({ seatId: 'seat-2' }))).toMatchObject({ automatic: 1, sampled: 1 });
    });

    it('is changed by whoever read it last, and ends when its time to appeal is over', async () => {
      const { store } = subject();
      const one = anInspection();
      await store.write((repos) => repos.quality.add(one, [aFinding(one)]));
      expect(await store.write((repos) => repos.quality.update(one.id, 1, { state: 'told', inspectorId: 'boss', appealBy: NOW + 5, score: 100 }))).toMatchObject({ version: 2, state: 'told', score: 100, automaticScore: 90 });
      await expect(store.write((repos) => repos.quality.update(one.id, 1, { state: 'final' }))).rejects.toMatchObject({ code: 'quality.conflict' });
      expect(await store.read((repos) => repos.quality.appealsOver(NOW + 4, 9))).toEqual([]);
      expect((await store.read((repos) => repos.quality.appealsOver(NOW + 5, 9))).map(({ id }) => id)).toEqual([one.id]);
      await store.write(async (repos) => {
        await repos.quality.judgeFinding(one.id, 1, 'dropped');
        await repos.quality.addFinding(aFinding(one, { number: 2, rule: 'curt', verdict: 'added' }));
      });
      expect((await store.read((repos) => repos.quality.findings(one.id))).map(({ verdict }) => verdict)).toEqual(['dropped', 'added']);
    });

    it('counts by seat and by rule', async () => {
      const { store } = subject();
      const good = anInspection({ score: 100, automaticScore: 95, judgedAt: NOW, appealedAt: NOW });
      const bad = anInspection({ score: 50, automaticScore: 50, fatal: true });
      const late = anInspection({ endedAt: NOW + 999_999 });
      await store.write(async (repos) => {
        await repos.quality.add(good, [aFinding(good, { verdict: 'dropped' })]);
        await repos.quality.add(bad, [aFinding(bad), aFinding(bad, { number: 2, rule: 'banned', verdict: 'confirmed' })]);
        await repos.quality.add(late, []);
      });
      const range = { from: NOW, to: NOW + 100_000 };
      expect(await store.read((repos) => repos.quality.scores(range))).toEqual([{ seatId: 'seat-1', groupId: 'general', inspections: 2, points: 150, fatal: 1, looked: 1, appealed: 1, changed: 1 }]);
      expect(await store.read((repos) => repos.quality.findingCounts(range))).toEqual([{ rule: 'banned', seatId: 'seat-1', findings: 1, dropped: 0, judged: 1 }, { rule: 'greeting', seatId: 'seat-1', findings: 1, dropped: 1, judged: 1 }]);
      expect(await store.read(async (repos) => [await repos.quality.scores({ ...range, seatId: 'x' }), await repos.quality.findingCounts({ ...range, seatId: 'x' }), await repos.quality.vetoedAfter(NOW, 9)])).toEqual([[], [], []]);
    });

    it('keeps the rules of each version as they were first seen', async () => {
      const { store } = subject();
      await store.write(async (repos) => {
        await repos.quality.keepRules('1-a', { rules: ['一'] }, NOW);
        await repos.quality.keepRules('2-b', { rules: [] }, NOW + 1);
        await repos.quality.keepRules('1-a', { rules: ['别的'] }, NOW + 2);
      });
      expect(await store.read((repos) => repos.quality.rulesVersions(9))).toEqual([{ version: '2-b', since: NOW + 1 }, { version: '1-a', since: NOW }]);
      expect(await store.read(async (repos) => [await repos.quality.rulesOf('1-a'), await repos.quality.rulesOf('3')])).toEqual([{ rules: ['一'] }, null]);
    });
  });
}
