import { describe, expect, it } from 'vitest';
import type { QueueEntry, ServicePeriod } from '../../../src/store/contract.ts';
import { aSeat } from '../../factories/index.ts';
import { makeConversation, NOW, type Subject } from './support.ts';

const period = (over: Partial<ServicePeriod> = {}): ServicePeriod => ({
  id: 'p1', conversationId: 'c1', channel: 'webchat', groupId: 'general', enterprise: false, emergency: false, askedAt: NOW, offeredAt: null, seatId: null,
  acceptedAt: null, firstReplyAt: null, endedAt: null, outcome: 'open', ...over,
});
const entry = (over: Partial<QueueEntry> = {}): QueueEntry => ({
  conversationId: 'c1', kind: 'waiting', groupId: 'general', waitedFrom: NOW, groupSince: NOW, rankAt: NOW, wantedSeatId: null, offeredTo: null, offeredUntil: null,
  refusals: [], leaving: false, toldPosition: null, toldAt: null, ...over,
});

export function serviceContract(subject: Subject): void {
  describe('service periods', () => {
    it('go from the asking to the end, and are found by their changes', async () => {
      const { store } = subject();
      await store.write(async ({ services }) => {
        await services.begin(period());
        await services.begin(period({ id: 'p2', conversationId: 'c2', askedAt: NOW + 5, enterprise: true }));
      });
      expect(await store.read((repos) => repos.services.current('c1'))).toEqual(period());
      expect(await store.read((repos) => repos.services.current('nobody'))).toBeNull();
      await store.write((repos) => repos.services.update('p1', { offeredAt: NOW + 8, seatId: 's1', acceptedAt: NOW + 10 }, NOW + 10));
      await store.write((repos) => repos.services.update('p1', { endedAt: NOW + 50, outcome: 'served' }, NOW + 50));
      expect(await store.read((repos) => repos.services.current('c1'))).toBeNull();
      expect((await store.read((repos) => repos.services.changedAfter(NOW, 10))).map(({ id, changedAt }) => [id, changedAt])).toEqual([['p2', NOW + 5], ['p1', NOW + 50]]);
      expect(await store.read((repos) => repos.services.changedAfter(NOW + 50, 10))).toEqual([]);
      expect(await store.read((repos) => repos.services.list({ seatId: 's1', limit: 5 }))).toEqual([period({ offeredAt: NOW + 8, seatId: 's1', acceptedAt: NOW + 10, endedAt: NOW + 50, outcome: 'served' })]);
      expect((await store.read((repos) => repos.services.list({ from: NOW + 1, limit: 5 }))).map(({ id }) => id)).toEqual(['p2']);
      expect((await store.read((repos) => repos.services.list({ before: NOW + 5, limit: 5 }))).map(({ id }) => id)).toEqual(['p1']);
    });

    it('gives all of a moment, so that going on from it misses nobody', async () => {
      const { store } = subject();
      await store.write(async ({ services }) => {
        for (const id of ['a', 'b', 'c', 'd']) await services.begin(period({ id, conversationId: id, askedAt: id === 'd' ? NOW + 1 : NOW }));
      });
      const first = await store.read((repos) => repos.services.changedAfter(NOW - 1, 2));
      expect(first.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
      expect((await store.read((repos) => repos.services.changedAfter(NOW, 2))).map(({ id }) => id)).toEqual(['d']);
    });

    it('tells how long a group let wait', async () => {
      const { store } = subject();
      await store.write(async ({ services }) => {
        await services.begin(period({ id: 'a', conversationId: 'a', acceptedAt: NOW + 4_000 }));
        await services.begin(period({ id: 'b', conversationId: 'b', acceptedAt: NOW + 9_000 }));
        await services.begin(period({ id: 'c', conversationId: 'c', groupId: 'english', acceptedAt: NOW + 1_000 }));
        await services.begin(period({ id: 'd', conversationId: 'd' }));
      });
      expect(await store.read((repos) => repos.services.waits('general', NOW, 10))).toEqual([9_000, 4_000]);
      expect(await store.read((repos) => repos.services.waits('general', NOW + 5_000, 10))).toEqual([9_000]);
    });
  });

  describe('queue', () => {
    it('stands in order of rank and knows who is before whom', async () => {
      const { store } = subject();
      const entries = [entry({ conversationId: 'c2', rankAt: NOW + 2 }), entry({ conversationId: 'c1', rankAt: NOW + 1, refusals: [{ seatId: 's1', at: NOW }] }), entry({ conversationId: 'c3', rankAt: NOW + 1 }), entry({ conversationId: 'e1', groupId: 'english', rankAt: NOW }), entry({ conversationId: 't1', kind: 'transfer', rankAt: NOW })];
      expect(await store.read((repos) => repos.queue.any())).toBe(false);
      await store.write(async ({ queue }) => {
        for (const one of entries) await queue.put(one);
      });
      await store.read(async ({ queue }) => {
        expect(await queue.any()).toBe(true);
        expect((await queue.list({ kind: 'waiting', limit: 10 })).map(({ conversationId }) => conversationId)).toEqual(['e1', 'c1', 'c3', 'c2']);
        expect((await queue.list({ limit: 2 })).map(({ conversationId }) => conversationId)).toEqual(['e1', 't1']);
        expect(await queue.get('c1')).toEqual(entries[1]);
        expect(await queue.get('nobody')).toBeNull();
        expect(await queue.ahead(entry({ conversationId: 'c3', rankAt: NOW + 1 }))).toBe(1);
        expect(await queue.ahead(entry({ conversationId: 'c2', rankAt: NOW + 2 }))).toBe(2);
        expect((await queue.groups()).toSorted((a, b) => a.groupId.localeCompare(b.groupId))).toEqual([{ groupId: 'english', waiting: 1, oldestWaitingSince: NOW }, { groupId: 'general', waiting: 3, oldestWaitingSince: NOW }]);
      });
    });

    it('offers one conversation to one seat at a time', async () => {
      const { store } = subject();
      await store.write((repos) => repos.queue.put(entry()));
      expect(await store.write((repos) => repos.queue.offer('c1', { seatId: 's1', until: NOW + 9 }))).toBe(true);
      expect(await store.write((repos) => repos.queue.offer('c1', { seatId: 's2', until: NOW + 9 }))).toBe(false);
      expect(await store.write((repos) => repos.queue.offer('gone', { seatId: 's2', until: NOW + 9 }))).toBe(false);
      await store.write((repos) => repos.queue.change('c1', { offeredTo: null, offeredUntil: null, refusals: [{ seatId: 's1', at: NOW }], leaving: true }));
      expect(await store.write((repos) => repos.queue.offer('c1', { seatId: 's2', until: NOW + 9 }))).toBe(false);
      expect(await store.write((repos) => repos.queue.remove('c1'))).toEqual(entry({ refusals: [{ seatId: 's1', at: NOW }], leaving: true }));
      expect(await store.write((repos) => repos.queue.remove('c1'))).toBeNull();
    });
  });

  describe('seats at work', () => {
    it('lists who may answer citizens, with what they have and can', async () => {
      const { store } = subject();
      const conversation = await makeConversation(store);
      await store.write(async ({ seats, seatWork, queue, conversations }) => {
        for (const seat of [aSeat({ id: 's1', displayName: '甲' }), aSeat({ id: 's2', displayName: '乙', createdAt: NOW + 1 }), aSeat({ id: 's3', active: false }), aSeat({ id: 's4', role: 'department', departmentId: 'housing' })]) await seats.create(seat, 'hash');
        await seats.beat('s1', 'online', NOW);
        await conversations.update(conversation.id, conversation.version, { owner: 'human', seatId: 's1' });
        await queue.put(entry({ offeredTo: 's1', offeredUntil: NOW + 9 }));
        await seatWork.setState({ seatId: 's1', state: 'break', reason: 'meal', since: NOW, until: null });
        await seatWork.acted('s1', NOW + 1, true);
        await seatWork.acted('s1', NOW + 2, false);
        await seatWork.setSkills({ seatId: 's2', groups: ['english'], capacity: 5, updatedAt: NOW });
        await seatWork.setSkills({ seatId: 's2', groups: ['english', 'general'], capacity: 2, updatedAt: NOW + 1 });
      });
      const roster = await store.read((repos) => repos.seatWork.roster());
      expect(roster).toEqual([
        { id: 's1', displayName: '甲', role: 'seat', presence: 'online', beatAt: NOW, state: { seatId: 's1', state: 'break', reason: 'meal', since: NOW, until: null }, skills: null, serving: 1, offered: 1, actedAt: NOW + 2, servedAt: NOW + 1 },
        { id: 's2', displayName: '乙', role: 'seat', presence: 'offline', beatAt: 0, state: null, skills: { seatId: 's2', groups: ['english', 'general'], capacity: 2, updatedAt: NOW + 1 }, serving: 0, offered: 0, actedAt: 0, servedAt: 0 },
      ]);
      expect(await store.read((repos) => repos.seatWork.roster('s2'))).toEqual([roster[1]]);
      expect(await store.read((repos) => repos.seatWork.state('s1'))).toEqual(roster[0]?.state);
      expect(await store.read((repos) => repos.seatWork.state('s2'))).toBeNull();
      expect(await store.read((repos) => repos.seatWork.skills('s2'))).toEqual(roster[1]?.skills);
    });
  });

  describe('second seats and passing on', () => {
    it('knows who is in, until they leave', async () => {
      const { store } = subject();
      const put = (conversationId: string, seatId: string, kind: 'guest' | 'listener', since: number) => store.write((repos) => repos.participants.put({ conversationId, seatId, kind, since }));
      await put('c1', 's1', 'guest', NOW);
      await put('c1', 's2', 'listener', NOW + 1);
      await put('c2', 's1', 'guest', NOW + 2);
      await put('c1', 's2', 'guest', NOW + 9);
      expect(await store.read((repos) => repos.participants.of('c1'))).toEqual([{ conversationId: 'c1', seatId: 's1', kind: 'guest', since: NOW }, { conversationId: 'c1', seatId: 's2', kind: 'guest', since: NOW + 1 }]);
      expect(await store.read((repos) => repos.participants.get('c1', 's2'))).toMatchObject({ kind: 'guest' });
      expect(await store.read((repos) => repos.participants.conversationsOf('s1', 5))).toEqual(['c2', 'c1']);
      expect(await store.write((repos) => repos.participants.remove('c1', 's1'))).toBe(true);
      expect(await store.write((repos) => repos.participants.remove('c1', 's1'))).toBe(false);
      await store.write((repos) => repos.participants.clear('c1'));
      expect(await store.read((repos) => repos.participants.of('c1'))).toEqual([]);
    });

    it('keeps every note of a transfer', async () => {
      const { store } = subject();
      const transfer = (id: string, at: number) => ({ id, conversationId: 'c1', fromSeatId: 's1', toKind: 'group' as const, toId: 'english', note: `说明 ${id}`, at });
      expect(await store.write((repos) => repos.transfers.add(transfer('t1', NOW)))).toBe(true);
      expect(await store.write((repos) => repos.transfers.add(transfer('t2', NOW + 1)))).toBe(true);
      expect(await store.write((repos) => repos.transfers.add(transfer('t1', NOW + 2)))).toBe(false);
      expect(await store.read((repos) => repos.transfers.latest('c1'))).toEqual(transfer('t2', NOW + 1));
      expect((await store.read((repos) => repos.transfers.of('c1'))).map(({ id }) => id)).toEqual(['t1', 't2']);
      expect(await store.read((repos) => repos.transfers.latest('c2'))).toBeNull();
    });
  });
}
