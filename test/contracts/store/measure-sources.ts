import { describe, expect, it } from 'vitest';
import { HOUR } from '../../../src/domain/clock.ts';
import type { ActivityDraft, ServicePeriod } from '../../../src/store/contract.ts';
import { aMessage, anActivityDraft, aTicket } from '../../factories/index.ts';
import { makeCitizen, makeConversation, NOW, type Subject } from './support.ts';

const HOUR_OF_NOW = Math.floor(NOW / HOUR) * HOUR;

/** What measures read: src/measures. */
export function measureSourceContract(subject: Subject): void {
  const say = (conversationId: string, drafts: readonly Partial<ActivityDraft>[]) => subject().store.write((repos) => repos.activities.append(conversationId, drafts.map((draft) => anActivityDraft({ externalId: null, at: HOUR_OF_NOW, ...draft }))));
  const aPeriod = (overrides: Partial<ServicePeriod>): ServicePeriod => ({ id: 'p', conversationId: 'c', channel: 'webchat', groupId: null, enterprise: false, emergency: false, askedAt: NOW, offeredAt: null, seatId: null, acceptedAt: null, firstReplyAt: null, endedAt: null, outcome: 'open', ...overrides });

  describe('what measures read', () => {
    it('groups messages by hour, channel and writer, within a stretch of ids', async () => {
      const [web, phone] = [await makeConversation(subject().store), await makeConversation(subject().store, { channel: 'ivr-twilio' })];
      await say(web.id, [
        { id: 'a1' }, { id: 'a2', role: 'bot', direction: 'out', replyToId: 'a1', at: HOUR_OF_NOW + 400, content: aMessage({ source: { title: '路灯' } }) },
        { id: 'a3', content: { type: 'typing' } }, { id: 'a4', at: HOUR_OF_NOW + 500 }, { id: 'a5', role: 'bot', direction: 'out', at: HOUR_OF_NOW + 600 },
        { id: 'a6', at: HOUR_OF_NOW + HOUR + 501 }, { id: 'a7', role: 'seat', direction: 'out', at: HOUR_OF_NOW + HOUR + 600 },
      ]);
      await say(phone.id, [{ id: 'a8', at: HOUR_OF_NOW + 3 }, { id: 'a9', at: HOUR_OF_NOW + 4 }]);
      const counts = async (after: string, last: string) =>
        (await subject().store.read((repos) => repos.measureSources.messages({ after, last, gapMs: HOUR }))).map(({ hour, channel, role, amount, begun, answered, answeredMs }) => [(hour - HOUR_OF_NOW) / HOUR, channel, role, amount, begun, answered, answeredMs].join(' ')).toSorted();
      expect(await counts('', 'a8')).toEqual(['0 ivr-twilio citizen 1 1 0 0', '0 webchat bot 2 0 1 400', '0 webchat citizen 2 1 0 0', '1 webchat citizen 1 1 0 0', '1 webchat seat 1 0 0 0']);
      // What was said before is looked at where it lies, not only within the stretch.
      expect(await counts('a3', 'a4')).toEqual(['0 webchat citizen 1 0 0 0']);
      expect(await counts('a9', 'b')).toEqual([]);
      await subject().store.read(async ({ measureSources }) => {
        expect(await measureSources.messagePage('', 'z', 3)).toBe('a3');
        expect(await measureSources.messagePage('a3', 'z', 100)).toBe('a9');
        expect(await measureSources.messagePage('a3', 'a5', 100)).toBe('a5');
        expect(await measureSources.messagePage('a9', 'z', 3)).toBeNull();
      });
    });

    it('pages through what happened to tickets, a moment never torn apart', async () => {
      const { store } = subject();
      const citizenId = await makeCitizen(store);
      const event = (at: number) => ({ type: 'ticket.noted' as const, actor: { kind: 'system' as const }, at, data: {} });
      await store.write(async ({ tickets, clocks }) => {
        await tickets.insert(aTicket({ id: 'a', citizenId, itemCode: 'env.noise', townId: null, enterpriseId: 'e1', kind: '投诉', channel: 'webchat' }), null, { events: [event(NOW), event(NOW + 5)] });
        await tickets.insert(aTicket({ id: 'b', citizenId }), null, { events: [event(NOW + 5)] });
        await tickets.insert(aTicket({ id: 'c', citizenId }), null, { events: [event(NOW + 5), event(NOW + 9)] });
        await clocks.put([{ ticketId: 'a', stage: 'handle', run: 1, rule: { amount: 5, unit: 'workdays' }, startedAt: NOW, dueAt: NOW + 7, endedAt: NOW + 5, warned: 0, overdueAt: null, rung: 0, nextAt: null }]);
      });
      await store.read(async ({ measureSources }) => {
        const page = async (after: number, until: number, limit: number) => {
          const found = await measureSources.ticketPage(after, until, limit);
          return found === null ? null : [found.upTo - NOW, found.ticketIds.toSorted().join('')];
        };
        expect(await page(NOW - 1, NOW + 100, 100)).toEqual([100, 'abc']);
        expect(await page(NOW - 1, NOW + 100, 2)).toEqual([5, 'abc']);
        expect(await page(NOW - 1, NOW + 100, 1)).toEqual([0, 'a']);
        expect(await page(NOW + 5, NOW + 9, 2)).toEqual([9, 'c']);
        expect(await page(NOW + 9, NOW + 100, 2)).toBeNull();
        const [a] = await measureSources.histories(['a', 'gone']);
        expect(a?.ticket).toEqual({ id: 'a', kind: '投诉', channel: 'webchat', townId: null, itemCode: 'env.noise', enterprise: true });
        expect(a?.events.map(({ seq, at }) => [seq, at - NOW])).toEqual([[1, 0], [2, 5]]);
        expect(a?.clocks.map(({ stage, run, dueAt, endedAt }) => [stage, run, dueAt, endedAt])).toEqual([['handle', 1, NOW + 7, NOW + 5]]);
      });
    });

    it('knows of nobody who writes when nobody does', async () => {
      expect(await subject().store.read((repos) => repos.measureSources.writingFor())).toBe(0);
    });

    it('counts tickets that are open, by state, and those that ran out of time', async () => {
      const { store } = subject();
      const citizenId = await makeCitizen(store);
      await store.write(async ({ tickets }) => {
        for (const [state, overdueAt, archivedAt] of [['待派', null, null], ['办理中', NOW, null], ['办理中', null, null], ['归档', NOW, NOW]] as const) await tickets.insert(aTicket({ citizenId, state, overdueAt, archivedAt }), null);
      });
      expect(await store.read((repos) => repos.measureSources.openTickets())).toEqual({ byState: { 待派: 1, 办理中: 2 }, overdue: 1 });
    });

    it('groups gaps by hour and kind, and walks through services in the order of asking', async () => {
      const { store } = subject();
      await store.write(async ({ gaps, services }) => {
        for (const [id, kind, at] of [['g1', 'low', 0], ['g2', 'low', 1], ['g3', 'unhelpful', 2], ['g4', 'low', HOUR]] as const) await gaps.add({ id, conversationId: 'c', kind, question: '？', bestId: null, bestScore: 0, at: HOUR_OF_NOW + at });
        for (const [id, conversationId, at] of [['s1', 'c', 0], ['s2', 'd', 0], ['s3', 'c', 5], ['s4', 'c', 9]] as const) await services.begin(aPeriod({ id, conversationId, askedAt: NOW + at }));
      });
      await store.read(async ({ measureSources }) => {
        expect((await measureSources.gaps(HOUR_OF_NOW, HOUR_OF_NOW + HOUR)).map(({ hour, kind, amount }) => [hour - HOUR_OF_NOW, kind, amount]).toSorted()).toEqual([[0, 'low', 2], [0, 'unhelpful', 1]]);
        const ids = async (after: { readonly askedAt: number; readonly id: string } | null, limit: number) => (await measureSources.services({ from: NOW, to: NOW + 9, after, limit })).map(({ id }) => id).join();
        expect(await ids(null, 2)).toBe('s1,s2');
        expect(await ids({ askedAt: NOW, id: 's1' }, 5)).toBe('s2,s3');
        expect(await Promise.all([measureSources.askedBefore(aPeriod({ id: 's1' })), measureSources.askedBefore(aPeriod({ id: 's4', askedAt: NOW + 9 })), measureSources.askedBefore(aPeriod({ id: 'x', conversationId: 'e' }))])).toEqual([null, NOW + 5, null]);
      });
    });
  });
}
