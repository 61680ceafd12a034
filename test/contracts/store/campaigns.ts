import { describe, expect, it } from 'vitest';
import type { Campaign, CampaignTarget } from '../../../src/store/contract.ts';
import { NOW, type Subject } from './support.ts';

export function campaignsContract(subject: Subject): void {
  const campaign = (given: Partial<Campaign> & Pick<Campaign, 'id'>): Campaign => ({
    name: '回访', purpose: 'visit', flow: 'outbound-visit', channel: 'ivr-twilio', words: null, query: '{}', state: 'draft', concurrency: 2, attempts: 3, retryAfterMinutes: 120,
    hours: ['09:00-12:00'], workdaysOnly: true, createdBy: 's1', createdAt: NOW, startedAt: null, endedAt: null, ...given,
  });
  const target = (given: Partial<CampaignTarget> & Pick<CampaignTarget, 'id' | 'citizenId'>): CampaignTarget => ({
    campaignId: 'p1', ticketId: null, state: 'waiting', code: null, attempts: 0, nextAt: NOW, keys: {}, result: {}, endedAt: null, ...given,
  });

  describe('campaigns', () => {
    it('moves a campaign only from where it is said to be', async () => {
      const { store } = subject();
      await store.write(async ({ campaigns }) => {
        await campaigns.insert(campaign({ id: 'p1' }));
        await campaigns.insert(campaign({ id: 'p2', createdAt: NOW + 1 }));
        expect((await campaigns.update('p1', ['draft', 'paused'], { state: 'running', startedAt: NOW }))?.state).toBe('running');
        expect(await campaigns.update('p1', ['draft'], { state: 'stopped' })).toBeNull();
        expect(await campaigns.update('nobody', ['draft'], { state: 'stopped' })).toBeNull();
      });
      await store.read(async ({ campaigns }) => {
        expect(await campaigns.get('p1')).toEqual(campaign({ id: 'p1', state: 'running', startedAt: NOW }));
        expect((await campaigns.list(5)).map(({ id }) => id)).toEqual(['p2', 'p1']);
        expect(await campaigns.list(1)).toHaveLength(1);
      });
    });

    it('takes a citizen once, gives who is due, and changes a target only from where it is', async () => {
      const { store } = subject();
      await store.write(async ({ campaigns }) => {
        await campaigns.insert(campaign({ id: 'p1', state: 'running' }));
        expect(await campaigns.addTargets([target({ id: 't1', citizenId: 'c1' }), target({ id: 't2', citizenId: 'c2', nextAt: NOW - 1 }), target({ id: 't3', citizenId: 'c3', nextAt: NOW + 60 })])).toBe(3);
        expect(await campaigns.addTargets([target({ id: 't4', citizenId: 'c1' })])).toBe(0);
        expect((await campaigns.dueTargets('p1', NOW, 9)).map(({ id }) => id)).toEqual(['t2', 't1']);
        expect(await campaigns.nextDueAt('p1')).toBe(NOW - 1);
        const called = await campaigns.updateTarget('t2', ['waiting'], { state: 'calling', attempts: 1, nextAt: null, keys: { process: '1' }, result: { outcome: 'reached' } });
        expect(called).toEqual(target({ id: 't2', citizenId: 'c2', state: 'calling', attempts: 1, nextAt: null, keys: { process: '1' }, result: { outcome: 'reached' } }));
        expect(await campaigns.updateTarget('t2', ['waiting'], { state: 'calling' })).toBeNull();
        await campaigns.updateTarget('t1', ['waiting'], { state: 'refused', nextAt: null, endedAt: NOW });
      });
      await store.read(async ({ campaigns }) => {
        expect(await campaigns.calling()).toBe(1);
        expect(await campaigns.nextDueAt('p1')).toBe(NOW + 60);
        expect(await campaigns.tally('p1')).toEqual({ waiting: 1, calling: 1, reached: 0, unreached: 0, refused: 1, skipped: 0 });
        expect((await campaigns.targets('p1', { limit: 9 })).map(({ id }) => id)).toEqual(['t1', 't2', 't3']);
        expect((await campaigns.targets('p1', { after: 't1', limit: 1 })).map(({ id }) => id)).toEqual(['t2']);
        expect((await campaigns.targets('p1', { state: 'refused', limit: 9 })).map(({ id }) => id)).toEqual(['t1']);
        expect([...(await campaigns.engaged(['c1', 'c2', 'c3', 'c9']))].sort()).toEqual(['c2', 'c3']);
      });
      await store.write(async ({ campaigns, reach }) => {
        await campaigns.update('p1', ['running'], { state: 'stopped' });
        expect((await campaigns.engaged(['c2'])).size).toBe(0);
        const begun = { kind: 'call', channel: 'ivr-twilio', script: 'outbound-visit', citizenId: 'c2', ticketId: null, noticeIds: [], targetId: 't2', state: 'sending', code: null, externalId: null, costFen: null, sentAt: null, endedAt: null, seconds: null } as const;
        await reach.begin({ ...begun, id: 't2:2', number: 2, createdAt: NOW + 1 });
        await reach.begin({ ...begun, id: 't2:1', number: 1, createdAt: NOW });
        expect((await campaigns.attempts([{ id: 't2', citizenId: 'c2' }, { id: 't9', citizenId: 'c2' }])).map(({ number }) => number)).toEqual([1, 2]);
      });
    });
  });
}
