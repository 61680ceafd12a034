import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CallOrder, CallReceipt, Channel, DeliveryReport } from '../../src/channel/contract.ts';
import { asExternalId } from '../../src/domain/activity.ts';
import { wakeCampaign } from '../../src/outbound/campaign-context.ts';
import { stepCampaign } from '../../src/outbound/campaign-draft.ts';
import type { Campaign, CampaignTarget } from '../../src/store/contract.ts';
import { createVault } from '../../src/store/vault.ts';
import { openAnyPostgresStore } from '../support/any-postgres.ts';
import { type CallingNode, type Death, nextDayAt, openCallingNode, placedCall, still as stillOf } from '../support/calling-node.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';

/** The driver of campaigns: what it does when processes die, meet, and are told things twice. Nobody is called twice for one attempt. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const MINUTE = 60_000;
const CHANNEL = 'ivr-test';

describe.each(['sqlite', 'postgres'] as const)('a campaign on %s', (dialect) => {
  let intake: IntakeUnderTest;
  let closeStore: () => Promise<void>;
  let people = 0;
  let holders = 0;
  const nodes: CallingNode[] = [];
  const orders: CallOrder[] = [];
  let answer: (order: CallOrder) => CallReceipt | Promise<CallReceipt> = placedCall;
  let findCall: Channel['findCall'];

  beforeAll(async () => {
    if (dialect === 'sqlite') {
      intake = await openIntake();
      closeStore = async () => undefined;
    } else {
      const store = await openAnyPostgresStore(createVault(Buffer.alloc(32, 7)));
      intake = await openIntake({ store });
      closeStore = () => store.close();
    }
  });
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.stop();
    await intake.store.write(async ({ campaigns }) => {
      for (const { id } of await campaigns.list(100)) await campaigns.update(id, ['draft', 'running', 'paused'], { state: 'stopped' });
    });
  });
  afterAll(async () => {
    await intake.close();
    await closeStore();
  });

  async function open(death: Death | null = null): Promise<CallingNode> {
    const node = await openCallingNode(intake, {
      root, channel: CHANNEL, holder: `node-${(holders += 1)}`, death, findCall,
      place: (order) => {
        orders.push(order);
        return answer(order);
      },
    });
    nodes.push(node);
    return node;
  }

  async function aCampaign(amount: number, over: Partial<Campaign> = {}): Promise<Campaign> {
    const now = intake.clock.now();
    const campaign: Campaign = {
      id: intake.context.newId(), name: '停水通知', purpose: 'notice', flow: 'outboundNotice', channel: CHANNEL, words: '明天停水。', query: null, state: 'draft', concurrency: 2, attempts: 2, retryAfterMinutes: 10,
      hours: ['09:00-12:00', '14:00-20:00'], workdaysOnly: false, createdBy: 's1', createdAt: now, startedAt: null, endedAt: null, ...over,
    };
    await intake.store.write(async (repos) => {
      await repos.campaigns.insert(campaign);
      for (let at = 0; at < amount; at += 1) {
        const citizenId = await repos.citizens.resolve({ id: intake.context.newId(), channel: CHANNEL, externalUserId: null, phone: `1380013${String((people += 1)).padStart(4, '0')}`, displayName: null, now });
        await repos.campaigns.addTargets([{ id: intake.context.newId(), campaignId: campaign.id, citizenId, ticketId: null, state: 'waiting', code: null, attempts: 0, nextAt: now, keys: {}, result: {}, endedAt: null }]);
      }
    });
    return campaign;
  }

  const step = (node: CallingNode, campaign: Campaign, name: 'start' | 'pause' | 'stop'): Promise<Campaign> => node.campaigns.context().write((unit) => stepCampaign(node.campaigns.context(), unit, campaign.id, name, 's1'));
  const told = (node: CallingNode, key: string, state: DeliveryReport['state']): Promise<void> => node.told(key, state);
  const read = (campaign: Campaign) => intake.store.read(async (repos) => {
    const targets = await repos.campaigns.targets(campaign.id, { limit: 50 });
    return { campaign: (await repos.campaigns.get(campaign.id)) ?? campaign, targets, attempts: await repos.campaigns.attempts(targets) };
  });
  const still = (...nodes: readonly CallingNode[]): Promise<void> => stillOf(intake, ...nodes);
  const at = (time: string): void => nextDayAt(intake.clock, time);
  /** Goes on until the campaign is over; every call that rings is told to be busy. */
  async function drive(node: CallingNode, campaign: Campaign, from: number): Promise<readonly CampaignTarget[]> {
    const done = new Set<string>();
    for (let round = 0; round < 80; round += 1) {
      await still(node);
      for (const { key } of orders.slice(from)) {
        if (done.has(key)) continue;
        done.add(key);
        // Twice, and the early one last.
        for (const state of ['busy', 'busy', 'ringing'] as const) await told(node, key, state);
      }
      await still(node);
      const { campaign: now, targets } = await read(campaign);
      if (now.state === 'done') return targets;
      intake.clock.advance(6 * MINUTE);
    }
    throw new Error('the campaign does not end');
  }

  it('calls nobody twice for one attempt, in whatever transaction the process dies, and goes on in another process', { timeout: 120_000 }, async () => {
    const deaths: Death[] = (dialect === 'sqlite' ? [1, 2, 3, 4, 5, 6, 8, 10] : [5]).flatMap((number) => [{ at: number, when: 'before' }, { at: number, when: 'after' }] as const);
    for (const death of deaths) {
      at('09:00');
      const from = orders.length;
      const campaign = await aCampaign(3);
      await intake.store.write(async (repos) => {
        await repos.campaigns.update(campaign.id, ['draft'], { state: 'running', startedAt: intake.clock.now() });
        await wakeCampaign(intake.context, { repos, after: { push: () => 0 } }, campaign.id, intake.clock.now());
      });
      const first = await open(death);
      await still(first);
      // Reports come to a process that dies of them, too.
      for (const { key } of orders.slice(from)) if (!first.dead()) await told(first, key, 'no-answer').catch(() => undefined);
      await still(first);
      await first.stop();
      intake.clock.advance(MINUTE);
      const second = await open();
      const targets = await drive(second, campaign, from);
      const { attempts } = await read(campaign);
      const placed = orders.slice(from).map(({ key }) => key);
      expect([death, new Set(placed).size]).toEqual([death, placed.length]);
      expect(targets.map(({ state }) => state)).toEqual(['unreached', 'unreached', 'unreached']);
      // An attempt that was written down but never placed counts, so there may be fewer orders than attempts; never more.
      for (const { id, attempts: tried } of targets) {
        const own = attempts.filter(({ targetId }) => targetId === id);
        expect([death, tried, own.length]).toEqual([death, 2, 2]);
        expect(own.every(({ endedAt }) => endedAt !== null)).toBe(true);
      }
      expect(placed.every((key) => attempts.some(({ id }) => id === key))).toBe(true);
      expect(placed.length).toBeGreaterThanOrEqual(4);
      await second.stop();
    }
  });

  it('is driven by two processes at once without calling anybody twice, and keeps to its lines', { timeout: 60_000 }, async () => {
    at('09:00');
    const from = orders.length;
    const [first, second] = [await open(), await open()];
    const campaign = await aCampaign(6, { concurrency: 3, attempts: 1 });
    await step(first, campaign, 'start');
    await still(first, second);
    await step(second, campaign, 'start').catch(() => undefined);
    await still(first, second);
    expect(orders.length - from).toBe(3);
    const targets = await drive(second, campaign, from);
    expect(orders.length - from).toBe(6);
    expect(new Set(orders.slice(from).map(({ to }) => to)).size).toBe(6);
    expect(targets.map(({ state, code }) => [state, code])).toEqual(targets.map(() => ['unreached', 'busy']));
    await first.stop();
    await second.stop();
  });

  it('places nothing while it is paused, outside its hours and after it was stopped; goes on where it was', { timeout: 60_000 }, async () => {
    at('11:58');
    const from = orders.length;
    const node = await open();
    const campaign = await aCampaign(5, { concurrency: 1, attempts: 1 });
    await step(node, campaign, 'start');
    await still(node);
    expect(orders.length - from).toBe(1);
    await step(node, campaign, 'pause');
    await told(node, orders.at(-1)?.key ?? '', 'busy');
    await still(node);
    expect(orders.length - from).toBe(1);
    await step(node, campaign, 'start');
    await still(node);
    expect(orders.length - from).toBe(2);
    // Noon: nobody is called at lunch.
    intake.clock.advance(3 * MINUTE);
    await told(node, orders.at(-1)?.key ?? '', 'no-answer');
    await still(node);
    expect(orders.length - from).toBe(2);
    intake.clock.advance(2 * 60 * MINUTE);
    await still(node);
    expect(orders.length - from).toBe(3);
    await step(node, campaign, 'stop');
    await told(node, orders.at(-1)?.key ?? '', 'completed');
    intake.clock.advance(60 * MINUTE);
    await still(node);
    expect(orders.length - from).toBe(3);
    const { targets, campaign: stopped } = await read(campaign);
    expect(stopped.state).toBe('stopped');
    expect(targets.map(({ state }) => state).sort()).toEqual(['skipped', 'skipped', 'unreached', 'unreached', 'unreached']);
    await node.stop();
  });

  it('asks the peer about an order that got no answer, and counts one that was refused as no attempt', { timeout: 60_000 }, async () => {
    at('09:00');
    const from = orders.length;
    const asked: string[] = [];
    findCall = async (key) => {
      asked.push(key);
      return asked.length === 1 ? { of: 'call', key, externalId: asExternalId(`call-${key}`), state: 'ringing', code: null, at: null } : null;
    };
    const before = answer;
    answer = () => ({ status: 'unknown', code: 'call.no_answer_from_peer' });
    const node = await open();
    const campaign = await aCampaign(2, { attempts: 1 });
    await step(node, campaign, 'start');
    await still(node);
    expect(orders.length - from).toBe(2);
    intake.clock.advance(3 * MINUTE);
    await still(node);
    const { attempts } = await read(campaign);
    expect(attempts.map(({ state }) => state).sort()).toEqual(['ringing', 'unknown']);
    expect(orders.length - from).toBe(2);
    const rings = attempts.find(({ state }) => state === 'ringing');
    await told(node, rings?.id ?? '', 'completed');
    await still(node);
    expect((await read(campaign)).targets.map(({ state, attempts: tried }) => [state, tried])).toEqual([['unreached', 1], ['unreached', 1]]);

    answer = () => ({ status: 'refused', code: 'twilio.20429', retryAfterMs: 5 * MINUTE });
    const other = await aCampaign(1);
    await step(node, other, 'start');
    for (let round = 0; round < 5; round += 1) {
      await still(node);
      intake.clock.advance(6 * MINUTE);
    }
    await still(node);
    const refused = await read(other);
    expect(refused.targets).toMatchObject([{ state: 'unreached', code: 'twilio.20429', attempts: 0 }]);
    expect(refused.attempts.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
    answer = before;
    findCall = undefined;
    await node.stop();
  });

  it('leaves out whoever said no after the list was made, and who has no number', async () => {
    at('09:00');
    const from = orders.length;
    const node = await open();
    const campaign = await aCampaign(2);
    const [target] = (await read(campaign)).targets;
    await intake.store.write(async (repos) => {
      await repos.consents.put({ citizenId: target?.citizenId ?? '', channel: 'call', template: 'all', state: 'refused', left: 0, at: intake.clock.now() });
      const nobody = await repos.citizens.resolve({ id: intake.context.newId(), channel: 'webchat', externalUserId: 'x', phone: null, displayName: null, now: intake.clock.now() });
      await repos.campaigns.addTargets([{ id: intake.context.newId(), campaignId: campaign.id, citizenId: nobody, ticketId: null, state: 'waiting', code: null, attempts: 0, nextAt: intake.clock.now(), keys: {}, result: {}, endedAt: null }]);
    });
    await step(node, campaign, 'start');
    await still(node);
    expect(orders.length - from).toBe(1);
    expect((await read(campaign)).targets.map(({ state, code }) => [state, code])).toEqual([['refused', 'opted_out'], ['calling', null], ['skipped', 'no_number']]);
    const rows = JSON.stringify([await read(campaign), await intake.store.read((repos) => repos.trail.latest(5))]);
    expect(rows).not.toMatch(/1380013\d{4}/);
    await node.stop();
  });
});
