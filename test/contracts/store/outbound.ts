import { describe, expect, it } from 'vitest';
import type { Consent, ReachAttempt } from '../../../src/store/contract.ts';
import { aCitizen } from '../../factories/index.ts';
import { NOW, type Subject } from './support.ts';

export function outboundContract(subject: Subject): void {
  const attempt = (given: Partial<ReachAttempt> & Pick<ReachAttempt, 'id'>): ReachAttempt => ({
    kind: 'notification', channel: 'sms-aliyun', script: 'progress', citizenId: 'c1', ticketId: 't1', noticeIds: ['n1', 'n2'], targetId: null, number: 1, state: 'sending',
    code: null, externalId: null, costFen: 5, createdAt: NOW, sentAt: null, endedAt: null, seconds: null, ...given,
  });

  describe('outbound', () => {
    it('begins an attempt once and finds it by what the peer calls it', async () => {
      const { store } = subject();
      await store.write(async ({ reach }) => {
        expect(await reach.begin(attempt({ id: 'o1' }))).toBe(true);
        expect(await reach.begin(attempt({ id: 'o1', state: 'sent', channel: 'other' }))).toBe(false);
        await reach.update('o1', { state: 'sent', externalId: 'biz-1', sentAt: NOW + 1 });
        expect(await reach.claim('o1')).toMatchObject({ id: 'o1', state: 'sent' });
        expect(await reach.claim('nobody')).toBeNull();
        await reach.update('o1', {});
        await reach.begin(attempt({ id: 'o2', channel: 'other', externalId: 'biz-1', createdAt: NOW + 2 }));
      });
      await store.read(async ({ reach }) => {
        const sent = attempt({ id: 'o1', state: 'sent', externalId: 'biz-1', sentAt: NOW + 1 });
        expect(await reach.get('o1')).toEqual(sent);
        expect(await reach.byExternal('sms-aliyun', 'biz-1')).toEqual(sent);
        expect(await reach.byExternal('sms-aliyun', 'biz-2')).toBeNull();
        expect((await reach.ofTicket('t1', 10)).map(({ id }) => id)).toEqual(['o1', 'o2']);
        expect((await reach.ofTicket('t1', 1)).map(({ id }) => id)).toEqual(['o1']);
        expect(await reach.get('nobody')).toBeNull();
      });
    });

    it('counts and sums since, and knows what is open', async () => {
      const { store } = subject();
      await store.write(async ({ reach }) => {
        await reach.begin(attempt({ id: 'o1', createdAt: NOW - 10, costFen: 7 }));
        await reach.begin(attempt({ id: 'o2', costFen: null }));
        await reach.begin(attempt({ id: 'o3', createdAt: NOW + 5, state: 'failed', endedAt: NOW + 6, costFen: 3 }));
        await reach.begin(attempt({ id: 'o4', kind: 'call', script: 'visit-call', createdAt: NOW + 1, costFen: 20 }));
        await reach.begin(attempt({ id: 'o5', citizenId: 'c2' }));
      });
      await store.read(async ({ reach }) => {
        expect(await reach.amountOf('c1', 'notification', NOW)).toBe(1);
        expect(await reach.amountOf('c1', 'notification', NOW - 10)).toBe(2);
        expect(await reach.amountOf('c1', 'call', NOW)).toBe(1);
        expect(await reach.amountOf('nobody', 'call', 0)).toBe(0);
        expect(await reach.costSince(NOW)).toBe(28);
        expect(await reach.costSince(NOW + 100)).toBe(0);
        expect((await reach.open('notification', NOW + 9, 10)).map(({ id }) => id)).toEqual(['o1', 'o2', 'o5']);
        expect(await reach.open('notification', NOW + 9, 10, 'sent')).toEqual([]);
        expect((await reach.open('notification', NOW, 10)).map(({ id }) => id)).toEqual(['o1']);
        expect((await reach.open('call', NOW + 9, 10)).map(({ id }) => id)).toEqual(['o4']);
      });
    });

    it('keeps what a citizen allows, and spends what is left', async () => {
      const { store } = subject();
      const given: Consent = { citizenId: 'c1', channel: 'wechat-miniprogram', template: 'progress', state: 'left', left: 1, at: NOW };
      await store.write(async ({ consents }) => {
        await consents.put(given);
        await consents.put({ ...given, channel: 'all', template: 'all', state: 'refused', left: 0 });
        expect(await consents.spend('c1', 'wechat-miniprogram', 'progress')).toBe(true);
        expect(await consents.spend('c1', 'wechat-miniprogram', 'progress')).toBe(false);
        expect(await consents.spend('c1', 'all', 'all')).toBe(false);
        await consents.put({ ...given, channel: 'all', template: 'all', state: 'allowed', left: 0, at: NOW + 1 });
        expect(await consents.isNew('sms-aliyun', 'e1', NOW)).toBe(true);
        expect(await consents.isNew('sms-aliyun', 'e1', NOW + 9)).toBe(false);
        expect(await consents.isNew('sms-tencent', 'e1', NOW)).toBe(true);
      });
      expect(await store.read(({ consents }) => consents.of('c1'))).toEqual([{ ...given, channel: 'all', template: 'all', state: 'allowed', left: 0, at: NOW + 1 }, { ...given, left: 0 }]);
    });

    it('finds whose vouched number one is, and makes nobody', async () => {
      const { store } = subject();
      const phone = '13800138000';
      const id = await store.write((repos) => repos.citizens.resolve(aCitizen({ phone })));
      const other = await store.write((repos) => repos.citizens.resolve(aCitizen()));
      await store.write((repos) => repos.citizens.learn(other, { phone: '13900139000' }));
      expect(await store.read((repos) => repos.citizens.findByPhone(phone))).toBe(id);
      expect(await store.read((repos) => repos.citizens.findByPhone('13900139000'))).toBeNull();
    });
  });
}
