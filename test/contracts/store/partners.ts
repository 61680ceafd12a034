import { describe, expect, it } from 'vitest';
import type { ApiToken, Partner, PartnerTicketRepository, WebhookDelivery } from '../../../src/store/contract.ts';
import { aTicket } from '../../factories/index.ts';
import { makeCitizen, NOW, type Subject } from './support.ts';

const token = (over: Partial<ApiToken> = {}): ApiToken => ({ id: 'token-1', kind: 'partner', ownerId: 'province', name: '生产', createdBy: 'seat-1', createdAt: NOW, expiresAt: null, revokedAt: null, ...over });
const partner = (over: Partial<Partner> = {}): Partner => ({ id: 'province', name: '省平台', webhookUrl: 'https://province.example/hook', events: ['ticket.opened', 'ticket.finished'], scope: 'own', active: true, createdAt: NOW, ...over });
const delivery = (over: Partial<WebhookDelivery> = {}): WebhookDelivery => ({ id: 'delivery-1', partnerId: 'province', ticketId: 'ticket-1', seq: 1, state: 'waiting', attempts: 0, lastResult: null, createdAt: NOW, deliveredAt: null, ...over });

export function partnerContract(subject: Subject): void {
  describe('partner platforms', () => {
    it('finds a key by its hash until it is revoked or has expired', async () => {
      const { store } = subject();
      await store.write(async ({ apiTokens }) => {
        await apiTokens.insert(token(), 'hash-1');
        await apiTokens.insert(token({ id: 'token-2', expiresAt: NOW + 10, createdAt: NOW + 1 }), 'hash-2');
        await apiTokens.insert(token({ id: 'token-3', kind: 'department', ownerId: 'ecology' }), 'hash-3');
      });
      const found = (hash: string, now = NOW) => store.read((repos) => repos.apiTokens.findByHash(hash, now));
      expect(await found('hash-1')).toEqual(token());
      expect(await found('hash-')).toBeNull();
      expect(await found('hash-2', NOW + 9)).toMatchObject({ id: 'token-2' });
      expect(await found('hash-2', NOW + 10)).toBeNull();
      await store.write((repos) => repos.apiTokens.revoke('token-1', NOW + 5));
      await store.write((repos) => repos.apiTokens.revoke('token-1', NOW + 6));
      expect(await found('hash-1')).toBeNull();
      const list = (filter: { kind?: ApiToken['kind']; ownerId?: string }) => store.read(async (repos) => (await repos.apiTokens.list(filter)).map(({ id }) => id));
      expect(await list({})).toEqual(['token-1', 'token-3', 'token-2']);
      expect(await list({ kind: 'partner', ownerId: 'province' })).toEqual(['token-1', 'token-2']);
      expect((await store.read((repos) => repos.apiTokens.list({ kind: 'partner' })))[0]?.revokedAt).toBe(NOW + 5);
      await expect(store.write((repos) => repos.apiTokens.insert(token({ id: 'token-4' }), 'hash-3'))).rejects.toThrow();
    });

    it('keeps partners, and their secret sealed', async () => {
      const { store, raw } = subject();
      await store.write((repos) => repos.partners.put(partner(), 'whsec_obviously-fake'));
      expect(await store.read((repos) => repos.partners.get('province'))).toEqual(partner());
      expect(await store.read((repos) => repos.partners.webhookSecret('province'))).toBe('whsec_obviously-fake');
      const changed = partner({ name: '省级平台', webhookUrl: null, events: [], scope: 'all', active: false });
      await store.write((repos) => repos.partners.put({ ...changed, createdAt: NOW + 99 }, null));
      await store.write((repos) => repos.partners.put(partner({ id: 'town', createdAt: NOW + 1 }), null));
      await store.read(async ({ partners }) => {
        expect(await partners.list()).toEqual([changed, partner({ id: 'town', createdAt: NOW + 1 })]);
        expect(await partners.webhookSecret('province')).toBe('whsec_obviously-fake');
        expect(await partners.webhookSecret('town')).toBeNull();
        expect(await partners.webhookSecret('nobody')).toBeNull();
        expect(await partners.get('nobody')).toBeNull();
      });
      expect(JSON.stringify(await raw('select * from partners'))).not.toContain('obviously-fake');
    });

    it('an external number stands once for each partner', async () => {
      const { store } = subject();
      const external = { partnerId: 'province', number: 'SZ-1', ticketId: 'ticket-1', at: NOW };
      await store.write(async ({ externalNumbers }) => {
        await externalNumbers.insert(external);
        await externalNumbers.insert({ ...external, partnerId: 'town' });
        await externalNumbers.insert({ ...external, number: 'SZ-2', ticketId: 'ticket-2' });
      });
      expect(await store.read((repos) => repos.externalNumbers.find('province', 'SZ-1'))).toEqual(external);
      expect(await store.read((repos) => repos.externalNumbers.find('province', 'sz-1'))).toBeNull();
      expect((await store.read((repos) => repos.externalNumbers.of('ticket-1'))).map(({ partnerId }) => partnerId)).toEqual(['province', 'town']);
      await expect(store.write((repos) => repos.externalNumbers.insert({ ...external, ticketId: 'ticket-3' }))).rejects.toThrow();
    });

    it('lists what is not confidential and what is their own, newest first, narrowed and in pages', async () => {
      const { store } = subject();
      const citizenId = await makeCitizen(store);
      const tickets = [
        aTicket({ id: 't1', citizenId, createdAt: NOW, itemCode: 'env.noise' }),
        aTicket({ id: 't2', citizenId, createdAt: NOW + 1, itemCode: null, state: '归档' }),
        aTicket({ id: 't3', citizenId, createdAt: NOW + 2, confidential: true }),
        aTicket({ id: 't4', citizenId, createdAt: NOW + 3, itemCode: 'city.lamp', state: '回访' }),
      ];
      await store.write(async (repos) => {
        for (const ticket of tickets) await repos.tickets.insert(ticket, null);
        await repos.externalNumbers.insert({ partnerId: 'province', number: 'SZ-1', ticketId: 't3', at: NOW });
        await repos.externalNumbers.insert({ partnerId: 'province', number: 'SZ-2', ticketId: 't1', at: NOW });
      });
      const list = (filter: Partial<Parameters<PartnerTicketRepository['visibleIds']>[0]>) => store.read((repos) => repos.partnerTickets.visibleIds({ partnerId: null, limit: 10, offset: 0, ...filter }));
      expect(await list({})).toEqual(['t4', 't2', 't1']);
      expect(await list({ partnerId: 'town' })).toEqual(['t4', 't2', 't1']);
      expect(await list({ partnerId: 'province' })).toEqual(['t4', 't3', 't2', 't1']);
      expect(await list({ partnerId: 'province', limit: 2, offset: 1 })).toEqual(['t3', 't2']);
      expect(await list({ numbers: [tickets[0]?.number ?? '', tickets[2]?.number ?? ''] })).toEqual(['t1']);
      expect(await list({ itemCodes: ['env.noise', 'city.lamp'] })).toEqual(['t4', 't1']);
      expect(await list({ itemCodes: ['env.noise'], withoutItem: true })).toEqual(['t2', 't1']);
      expect(await list({ withoutItem: true })).toEqual(['t2']);
      expect(await list({ itemCodes: [] })).toEqual(['t4', 't2', 't1']);
      expect(await list({ from: NOW + 1, to: NOW + 3 })).toEqual(['t2']);
      expect(await list({ archived: true })).toEqual(['t2']);
      expect(await list({ archived: false })).toEqual(['t4', 't1']);
    });

    it('a delivery stands once for each partner and event, and is listed newest first', async () => {
      const { store } = subject();
      await store.write(async ({ webhookDeliveries }) => {
        await webhookDeliveries.insert(delivery());
        await webhookDeliveries.insert(delivery({ id: 'delivery-2', seq: 2 }));
        await webhookDeliveries.insert(delivery({ id: 'delivery-3', partnerId: 'town' }));
      });
      await expect(store.write((repos) => repos.webhookDeliveries.insert(delivery({ id: 'delivery-4' })))).rejects.toThrow();
      await store.write((repos) => repos.webhookDeliveries.update('delivery-1', { state: 'dead', attempts: 9, lastResult: 'http.500' }));
      await store.write((repos) => repos.webhookDeliveries.update('delivery-2', { state: 'delivered', lastResult: 'http.200', deliveredAt: NOW + 1 }));
      expect(await store.read((repos) => repos.webhookDeliveries.get('delivery-1'))).toEqual(delivery({ state: 'dead', attempts: 9, lastResult: 'http.500' }));
      expect(await store.read((repos) => repos.webhookDeliveries.get('delivery-9'))).toBeNull();
      const list = (filter: { partnerId?: string; state?: WebhookDelivery['state']; limit?: number; beforeId?: string }) => store.read(async (repos) => (await repos.webhookDeliveries.list({ limit: 10, ...filter })).map(({ id }) => id));
      expect(await list({})).toEqual(['delivery-3', 'delivery-2', 'delivery-1']);
      expect(await list({ partnerId: 'province', limit: 1 })).toEqual(['delivery-2']);
      expect(await list({ partnerId: 'province', beforeId: 'delivery-2' })).toEqual(['delivery-1']);
      expect(await list({ state: 'waiting' })).toEqual(['delivery-3']);
      const tidy = (before: number) => store.write((repos) => repos.webhookDeliveries.removeDelivered(before, 10));
      expect([await tidy(NOW), await tidy(NOW + 1), await tidy(NOW + 1)]).toEqual([0, 1, 0]);
      expect(await list({})).toEqual(['delivery-3', 'delivery-1']);
    });
  });
}
