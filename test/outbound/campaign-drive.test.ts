import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEmbeddedBus } from '../../src/bus/drivers/embedded.ts';
import type { CallOrder, CallReceipt, Channel, DeliveryReport } from '../../src/channel/contract.ts';
import { asExternalId } from '../../src/domain/activity.ts';
import type { IntakeContext } from '../../src/intake/context.ts';
import { wakeCampaign } from '../../src/outbound/campaign-context.ts';
import { stepCampaign } from '../../src/outbound/campaign-draft.ts';
import type { Campaign, CampaignTarget, Store } from '../../src/store/contract.ts';
import { createVault } from '../../src/store/vault.ts';
import { openCampaigns, type Campaigns } from '../../src/wiring/campaigns.ts';
import { openOutbound, type Outbound } from '../../src/wiring/outbound.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { openPgliteStore } from '../support/pglite-store.ts';
import { until } from '../support/until.ts';

/** The driver of campaigns: what it does when processes die, meet, and are told things twice. Nobody is called twice for one attempt. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const MINUTE = 60_000;

/** A process: a bus of its own over the same store, and a peer that it asks. */
interface Node {
  readonly campaigns: Campaigns;
  readonly outbound: Outbound;
  readonly dead: () => boolean;
  readonly running: () => number;
  wake(): void;
  stop(): Promise<void>;
}

interface Death {
  /** The so-manieth transaction of the process. */
  readonly at: number;
  readonly when: 'before' | 'after';
}

describe.each(['sqlite', 'pglite'] as const)('a campaign on %s', (dialect) => {
  let intake: IntakeUnderTest;
  let closeStore: () => Promise<void>;
  let people = 0;
  let holders = 0;
  const nodes: Node[] = [];
  const orders: CallOrder[] = [];
  let answer: (order: CallOrder) => CallReceipt | Promise<CallReceipt> = (order) => ({ status: 'placed', externalId: asExternalId(`call-${order.key}`) });
  let findCall: Channel['findCall'];

  beforeAll(async () => {
    if (dialect === 'sqlite') {
      intake = await openIntake();
      closeStore = async () => undefined;
    } else {
      const { store } = await openPgliteStore(createVault(Buffer.alloc(32, 7)));
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

  async function open(death: Death | null = null): Promise<Node> {
    let [writes, dead] = [0, false];
    const killed = (): Error => new Error('the process is gone');
    const real = intake.store;
    const store: Store = {
      dialect: real.dialect, ping: () => real.ping(), close: () => real.close(),
      read: (fn) => (dead ? Promise.reject(killed()) : real.read(fn)),
      write: async (fn) => {
        if (dead) throw killed();
        writes += 1;
        const dies = death !== null && writes === death.at;
        if (dies && death.when === 'before') dead = true;
        if (dead) throw killed();
        const result = await real.write(fn);
        if (dies) dead = true;
        if (dead) throw killed();
        return result;
      },
    };
    const holder = `node-${(holders += 1)}`;
    const bus = createEmbeddedBus(store, { now: intake.clock.now, holder, leaseMs: 10_000, sweepMs: 60_000, maxParallelLanes: 4, maxAttempts: 3, backoffMs: () => 1_000, random: () => 0.5 });
    const channel: Channel = {
      name: 'ivr-test', capabilities: { modality: 'voice', textLimit: 100, textLimitUnit: 'chars', choices: 'keys', maxChoices: 9, attachmentsOut: false, links: 'none', typing: false, mergeTexts: false, delivery: 'pull', replyWindowMs: null, proactive: false },
      status: { state: 'on' },
      call: async (order) => {
        // Whoever is dead asks nobody any more.
        if (dead) return new Promise(() => undefined);
        orders.push(order);
        return answer(order);
      },
      ...(findCall === undefined ? {} : { findCall }),
    };
    const context: IntakeContext = { ...intake.context, store, bus, lease: { holder, ms: 10_000 }, channel: (name) => (name === channel.name ? channel : null) };
    const campaigns = openCampaigns(() => outbound.context);
    const outbound: Outbound = openOutbound({ root, context, callWent: campaigns.callWent });
    await bus.start({ ...campaigns.handlers, ...outbound.handlers });
    const node: Node = { campaigns, outbound, dead: () => dead, running: () => bus.running(), wake: () => bus.wake(), stop: () => bus.stop(0) };
    nodes.push(node);
    return node;
  }

  async function aCampaign(amount: number, over: Partial<Campaign> = {}): Promise<Campaign> {
    const now = intake.clock.now();
    const campaign: Campaign = {
      id: intake.context.newId(), name: '停水通知', purpose: 'notice', flow: 'outboundNotice', channel: 'ivr-test', words: '明天停水。', query: null, state: 'draft', concurrency: 2, attempts: 2, retryAfterMinutes: 10,
      hours: ['09:00-12:00', '14:00-20:00'], workdaysOnly: false, createdBy: 's1', createdAt: now, startedAt: null, endedAt: null, ...over,
    };
    await intake.store.write(async (repos) => {
      await repos.campaigns.insert(campaign);
      for (let at = 0; at < amount; at += 1) {
        const citizenId = await repos.citizens.resolve({ id: intake.context.newId(), channel: 'ivr-test', externalUserId: null, phone: `1380013${String((people += 1)).padStart(4, '0')}`, displayName: null, now });
        await repos.campaigns.addTargets([{ id: intake.context.newId(), campaignId: campaign.id, citizenId, ticketId: null, state: 'waiting', code: null, attempts: 0, nextAt: now, keys: {}, result: {}, endedAt: null }]);
      }
    });
    return campaign;
  }

  const step = (node: Node, campaign: Campaign, name: 'start' | 'pause' | 'stop'): Promise<Campaign> => node.campaigns.context().write((unit) => stepCampaign(node.campaigns.context(), unit, campaign.id, name, 's1'));
  const told = (node: Node, key: string, state: DeliveryReport['state']): Promise<void> => node.outbound.heed('ivr-test', { reports: [{ of: 'call', key, externalId: asExternalId(`call-${key}`), state, code: null, at: null }], consents: [] });
  const read = (campaign: Campaign) => intake.store.read(async (repos) => {
    const targets = await repos.campaigns.targets(campaign.id, { limit: 50 });
    return { campaign: (await repos.campaigns.get(campaign.id)) ?? campaign, targets, attempts: await repos.campaigns.attempts(targets) };
  });
  /** Nothing is due for anybody who lives. */
  const still = (...living: readonly Node[]): Promise<void> => until(async () => {
    for (const node of living) node.wake();
    if (living.every((node) => node.dead())) return true;
    return living.every((node) => node.dead() || node.running() === 0) && (await intake.store.read((repos) => repos.outbox.dueLanes(intake.clock.now(), 1))).length === 0;
  }, 'nothing that is due');
  const at = (time: string): void => {
    const midnight = Math.floor((intake.clock.now() + 8 * 60 * MINUTE) / (24 * 60 * MINUTE)) * 24 * 60 * MINUTE - 8 * 60 * MINUTE;
    const [hours = 0, minutes = 0] = time.split(':').map(Number);
    // A day of its own for every story.
    intake.clock.set(midnight + 24 * 60 * MINUTE + (hours * 60 + minutes) * MINUTE);
  };
  /** Goes on until the campaign is over; every call that rings is told to be busy. */
  async function drive(node: Node, campaign: Campaign, from: number): Promise<readonly CampaignTarget[]> {
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
