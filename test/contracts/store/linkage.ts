import { describe, expect, it } from 'vitest';
import type { LinkageCall, LinkageCallParty, LinkageLink, LinkageMessage } from '../../../src/store/contract.ts';
import { NOW, type Subject } from './support.ts';

const aLink = (over: Partial<LinkageLink> = {}): LinkageLink => ({
  id: 'l1', profile: 'renminwang', ticketId: null, externalNo: null, direction: 'in', mode: 'system', threeParty: false, emergency: false, incidentNo: null, state: 'open', reason: null,
  sentVersion: 0, receivedVersion: 0, owes: null, dueAt: null, overdueAt: null, createdBy: 'system', createdAt: NOW, updatedAt: NOW, ...over,
});
const aRecord = (over: Partial<LinkageMessage> = {}): LinkageMessage => ({
  id: 'm1', linkId: 'l1', profile: 'renminwang', direction: 'in', number: 'RM-1', version: 1, kind: 'dispatch', state: 'held', code: null, text: null, digest: 'd', repeats: 0, early: false, attempts: 0,
  outboxId: null, createdAt: NOW, sentAt: null, endedAt: null, ackBy: null, ...over,
});

export function linkageContract(subject: Subject): void {
  const write = <Result>(fn: Parameters<ReturnType<Subject>['store']['write']>[0] extends (repos: infer Repos) => unknown ? (repos: Repos) => Promise<Result> : never) => subject().store.write(fn);
  const read = <Result>(fn: Parameters<ReturnType<Subject>['store']['read']>[0] extends (repos: infer Repos) => unknown ? (repos: Repos) => Promise<Result> : never) => subject().store.read(fn);

  describe('linkage', () => {
    it('keeps a matter by its id, their number and our ticket, each once a profile', async () => {
      await write(async ({ linkage }) => {
        await linkage.lock('renminwang', 'RM-1');
        await linkage.addLink(aLink({ externalNo: 'RM-1' }));
        await linkage.addLink(aLink({ id: 'l2', ticketId: 't1', createdAt: NOW + 1 }));
        await linkage.addLink(aLink({ id: 'l3', profile: 'police-110', ticketId: 't1', direction: 'out', owes: 'acceptance', dueAt: NOW + 10, createdAt: NOW + 2 }));
        // No number and no ticket yet, twice: nothing to be the same by.
        await linkage.addLink(aLink({ id: 'l4', createdAt: NOW + 3 }));
      });
      await expect(write(({ linkage }) => linkage.addLink(aLink({ id: 'x', externalNo: 'RM-1' })))).rejects.toThrow();
      await expect(write(({ linkage }) => linkage.addLink(aLink({ id: 'x', ticketId: 't1' })))).rejects.toThrow();
      await read(async ({ linkage }) => {
        expect(await linkage.getLink('l1')).toEqual(aLink({ externalNo: 'RM-1' }));
        expect((await linkage.linkOfNumber('renminwang', 'RM-1'))?.id).toBe('l1');
        expect(await linkage.linkOfNumber('police-110', 'RM-1')).toBeNull();
        expect((await linkage.linkOfTicket('police-110', 't1'))?.id).toBe('l3');
        expect((await linkage.linksOfTicket('t1')).map(({ id }) => id)).toEqual(['l2', 'l3']);
        expect((await linkage.links({ limit: 2 })).map(({ id }) => id)).toEqual(['l4', 'l3']);
        expect((await linkage.links({ limit: 9, before: { id: 'l3', createdAt: NOW + 2 } })).map(({ id }) => id)).toEqual(['l2', 'l1']);
        expect((await linkage.links({ limit: 9, profile: 'police-110', state: 'open' })).map(({ id }) => id)).toEqual(['l3']);
        expect(await linkage.due(NOW + 9, 9)).toEqual([]);
        expect((await linkage.due(NOW + 10, 9)).map(({ id }) => id)).toEqual(['l3']);
      });
      await write(({ linkage }) => linkage.updateLink('l3', { overdueAt: NOW + 11, state: 'accepted', externalNo: 'J-1' }));
      await read(async ({ linkage }) => {
        expect(await linkage.due(NOW + 99, 9)).toEqual([]);
        expect((await linkage.links({ limit: 9, late: true })).map(({ id, externalNo }) => [id, externalNo])).toEqual([['l3', 'J-1']]);
      });
    });

    it('keeps three-party calls with their parties, and seats\' telephones sealed', async () => {
      const party = (over: Partial<LinkageCallParty> = {}): LinkageCallParty => ({ state: 'waiting', code: null, key: null, externalId: null, at: NOW, joinedAt: null, leftAt: null, seconds: 0, ...over });
      const call: LinkageCall = {
        id: 'c1', linkId: 'l1', profile: 'police-110', ticketId: 't1', conversationId: 'k1', channel: 'ivr-twilio', address: 'CA1', seatId: null, state: 'open', citizen: party(), seat: null, service: party({ key: 'c1.service.1' }),
        createdBy: 'system', createdAt: NOW, endedAt: null,
      };
      await write(async ({ linkage }) => {
        await linkage.addCall(call);
        await linkage.addCall({ ...call, id: 'c2', seat: party({ key: 'c2.seat.1' }), createdAt: NOW + 1 });
        await linkage.updateCall('c1', { state: 'over', endedAt: NOW + 1, service: null });
        await linkage.putSeatPhone('s1', '13800138000', NOW);
        await linkage.putSeatPhone('s1', '8001', NOW);
        await linkage.putSeatPhone('s2', '8002', NOW);
        await linkage.putSeatPhone('s2', null, NOW);
      });
      await read(async ({ linkage }) => {
        expect(await linkage.getCall('c1')).toEqual({ ...call, state: 'over', endedAt: NOW + 1, service: null });
        expect(await linkage.getCall('nobody')).toBeNull();
        expect((await linkage.callsOf('k1', 1)).map(({ id, seat }) => [id, seat?.key])).toEqual([['c2', 'c2.seat.1']]);
        expect((await linkage.callsOfLink('l1')).map(({ id }) => id)).toEqual(['c1', 'c2']);
        expect((await linkage.openCalls(9)).map(({ id }) => id)).toEqual(['c2']);
        expect([await linkage.seatPhone('s1'), await linkage.seatPhone('s2')]).toEqual(['8001', null]);
      });
    });

    it('keeps a record once by its name, its body sealed', async () => {
      const body = '{"phone":"13800138000"}';
      await write(async ({ linkage }) => {
        await linkage.addLink(aLink({ externalNo: 'RM-1' }));
        expect(await linkage.addMessage(aRecord(), body)).toBe(true);
        expect(await linkage.addMessage(aRecord({ id: 'm2', digest: 'other' }), body)).toBe(false);
        expect(await linkage.addMessage(aRecord({ id: 'm3', direction: 'out' }), 'x')).toBe(true);
      });
      await read(async ({ linkage }) => {
        expect(await linkage.body('m1')).toBe(body);
        expect(await linkage.body('nobody')).toBeNull();
        expect(await linkage.messageNamed('renminwang', 'in', 'RM-1', 1)).toEqual(aRecord());
        expect(await linkage.getMessage('m2')).toBeNull();
      });
      expect(JSON.stringify(await subject().raw('select * from linkage_messages'))).not.toContain('13800138000');
    });

    it('knows what was not sent, what is held, what nobody acknowledged, and counts it', async () => {
      await write(async ({ linkage }) => {
        await linkage.addLink(aLink());
        await linkage.addLink(aLink({ id: 'l9' }));
        const out = (id: string, version: number, over: Partial<LinkageMessage>) => linkage.addMessage(aRecord({ id, direction: 'out', number: 'T-1', version, createdAt: NOW + version, ...over }), id);
        await out('o1', 1, { state: 'acknowledged' });
        await out('o2', 2, { state: 'sent', ackBy: NOW + 5 });
        await out('o3', 3, { state: 'dead' });
        await out('o4', 4, { state: 'waiting' });
        for (const version of [5, 3]) await linkage.addMessage(aRecord({ id: `i${version}`, version, early: true, createdAt: NOW + 10 - version }), 'x');
        await linkage.addMessage(aRecord({ id: 'j', linkId: 'l9', number: 'RM-9', version: 2, createdAt: NOW - 1 }), 'x');
      });
      await read(async ({ linkage }) => {
        expect((await linkage.firstUnsent('l1'))?.id).toBe('o3');
        expect(await linkage.firstUnsent('l9')).toBeNull();
        expect((await linkage.held('l1')).map(({ version }) => version)).toEqual([3, 5]);
        expect((await linkage.holding(9)).map(({ id }) => id)).toEqual(['l9', 'l1']);
        expect(await linkage.unacknowledged(NOW + 4, 9)).toEqual([]);
        expect((await linkage.unacknowledged(NOW + 5, 9)).map(({ id }) => id)).toEqual(['o2']);
        expect((await linkage.messagesOf('l1')).map(({ id }) => id)).toEqual(['o1', 'o2', 'o3', 'o4', 'i5', 'i3']);
        expect(await linkage.counts()).toEqual([
          { profile: 'renminwang', direction: 'in', state: 'held', amount: 3 }, { profile: 'renminwang', direction: 'out', state: 'dead', amount: 1 },
          { profile: 'renminwang', direction: 'out', state: 'sent', amount: 1 }, { profile: 'renminwang', direction: 'out', state: 'waiting', amount: 1 },
        ]);
        const first = await linkage.made('renminwang', NOW, NOW + 99, null, 3);
        expect(first.map(({ id }) => id)).toEqual(['o1', 'o2', 'o3']);
        expect((await linkage.made('renminwang', NOW, NOW + 99, first.at(-1) ?? null, 9)).map(({ id }) => id)).toEqual(['o4', 'i5', 'i3']);
        expect(await linkage.made('renminwang', NOW + 99, NOW + 100, null, 9)).toEqual([]);
      });
      await write(({ linkage }) => linkage.updateMessage('o3', { state: 'acknowledged', code: '0', endedAt: NOW + 9 }));
      expect((await read(({ linkage }) => linkage.firstUnsent('l1')))?.id).toBe('o4');
    });

    it('keeps a day: their list and our report, each without losing the other', async () => {
      await write(async ({ linkage }) => {
        await linkage.putList({ profile: 'renminwang', day: '2026-11-22', list: [{ number: 'RM-1' }], at: NOW });
        await linkage.putReport({ profile: 'renminwang', day: '2026-11-22', report: { sent: 1 }, at: NOW + 1 });
        await linkage.putReport({ profile: 'police-110', day: '2026-11-21', report: { sent: 0 }, at: NOW + 2 });
        await linkage.putReport({ profile: 'renminwang', day: '2026-11-22', report: { sent: 2 }, at: NOW + 3 });
      });
      await read(async ({ linkage }) => {
        expect(await linkage.day('renminwang', '2026-11-22')).toEqual({ profile: 'renminwang', day: '2026-11-22', list: [{ number: 'RM-1' }], listAt: NOW, report: { sent: 2 }, madeAt: NOW + 3 });
        expect(await linkage.day('renminwang', '2026-11-20')).toBeNull();
        expect(await linkage.days({ limit: 9 })).toEqual([{ profile: 'renminwang', day: '2026-11-22', listAt: NOW, madeAt: NOW + 3 }, { profile: 'police-110', day: '2026-11-21', listAt: null, madeAt: NOW + 2 }]);
        expect((await linkage.days({ profile: 'police-110', limit: 9 })).length).toBe(1);
      });
    });
  });
}
