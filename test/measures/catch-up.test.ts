import Client from 'better-sqlite3';
import fc from 'fast-check';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '../../src/domain/activity.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { DAY, HOUR, MINUTE, startOfDay } from '../../src/domain/clock.ts';
import type { TicketEvent } from '../../src/domain/ticket.ts';
import { AS_OF, catchUp, type CatchUpOptions } from '../../src/measures/catch-up.ts';
import { recount } from '../../src/measures/recount.ts';
import { idBefore } from '../../src/measures/times.ts';
import type { ServiceChange, ServicePeriod, Store } from '../../src/store/contract.ts';
import { openSqliteStore } from '../../src/store/drivers/sqlite.ts';
import { aCitizen, aMessage, anActivityDraft, aNewConversation, aTicket } from '../factories/index.ts';
import { temporaryFolder, testVault } from '../store/support.ts';

const T0 = startOfDay(1_760_000_000_000);
const SETTLE = 5_000;
const LIMITS = { answerMs: 15_000, gapMs: HOUR };

let folder: ReturnType<typeof temporaryFolder>;
let store: Store;
let now = T0;
let serial = 0;
beforeEach(() => {
  folder = temporaryFolder();
  store = openSqliteStore({ file: join(folder.path, 'yihu.sqlite3'), vault: testVault(), synchronous: 'NORMAL' });
  now = T0 + 9 * HOUR;
  serial = 0;
});
afterEach(async () => {
  await store.close();
  folder.remove();
});

const options = (overrides: Partial<CatchUpOptions> = {}): CatchUpOptions => ({ store, holder: 'a', limits: () => LIMITS, now: () => now, settleMs: SETTLE, ...overrides });
/** Ids grow with time, as uuid v7 do. */
const id = (): string => `${idBefore(now).slice(0, 14)}7${String((serial += 1)).padStart(3, '0').slice(-3)}-8000-${String(serial).padStart(12, '0')}`;

async function countEverything(): Promise<void> {
  now += 2 * SETTLE;
  for (let pass = 0; pass < 50; pass += 1) if (!(await catchUp(options())).more) return;
  throw new Error('the counting does not end');
}

/** Every rollup, and each of them nought or more. */
function rollups(): readonly string[] {
  const client = new Client(join(folder.path, 'yihu.sqlite3'), { readonly: true });
  const rows = client.prepare<[], { measure: string; dimension: string; grain: string; at: number; key: string; amount: number; total: number }>('select * from measure_rollups where amount <> 0 or total <> 0').all();
  client.close();
  return rows.map(({ measure, dimension, grain, at, key, amount, total }) => `${measure} ${dimension}=${key} ${grain} ${(at - T0) / HOUR}: ${amount}, ${total}`).toSorted();
}

const total = async (measure: string): Promise<number> => (await store.read((repos) => repos.rollups.sums({ from: T0 - DAY, to: T0 + 30 * DAY, measures: [measure], by: 'all' })))[0]?.amount ?? 0;

async function aStoredConversation(channel = 'webchat'): Promise<string> {
  return store.write(async (repos) => (await repos.conversations.create(aNewConversation({ id: id(), channel, citizenId: await repos.citizens.resolve(aCitizen()), now }))).id);
}

function say(conversationId: string, role: Role, given: { readonly text?: string; readonly source?: boolean; readonly replyToId?: string | null; readonly at?: number } = {}): Promise<string> {
  const made = id();
  return store.write(async (repos) => {
    const content = aMessage({ text: given.text ?? '路灯坏了', ...(given.source === true ? { source: { title: '路灯报修' } } : {}) });
    await repos.activities.append(conversationId, [anActivityDraft({ id: made, role, direction: role === 'citizen' ? 'in' : 'out', externalId: null, at: given.at ?? now, replyToId: given.replyToId ?? null, content })]);
    return made;
  });
}

const aPeriod = (overrides: Partial<ServicePeriod> = {}): ServicePeriod => ({ id: id(), conversationId: 'c', channel: 'webchat', groupId: 'general', enterprise: false, emergency: false, askedAt: now, offeredAt: null, seatId: null, acceptedAt: null, firstReplyAt: null, endedAt: null, outcome: 'open', ...overrides });

describe('counting messages', () => {
  it('counts who said what where, and a conversation anew after an hour of silence', async () => {
    const web = await aStoredConversation();
    const phone = await aStoredConversation('ivr-twilio');
    const first = await say(web, 'citizen');
    now += 700;
    await say(web, 'bot', { source: true, replyToId: first });
    await say(web, 'bot', { text: '“"source":{"title"”不是来源' });
    now += 30 * MINUTE;
    await say(web, 'citizen');
    await say(web, 'seat');
    await say(phone, 'citizen');
    now += HOUR + 1;
    await say(web, 'citizen', { text: '又坏了' });
    await say(web, 'system');
    await countEverything();
    expect(await Promise.all(['message.received', 'message.bot', 'message.seat', 'conversation.begun', 'knowledge.answered'].map(total))).toEqual([4, 2, 1, 3, 1]);
    const [answered] = await store.read((repos) => repos.rollups.sums({ from: T0, to: T0 + DAY, measures: ['knowledge.answered'], by: 'all' }));
    expect(answered?.sum).toBe(700);
    const channels = await store.read((repos) => repos.rollups.sums({ from: T0, to: T0 + DAY, measures: ['conversation.begun'], by: 'channel' }));
    expect(channels.map(({ key, amount }) => [key, amount])).toEqual([['ivr-twilio', 1], ['webchat', 2]]);
  });

  it('counts no typing and nothing that only looks like a message', async () => {
    const web = await aStoredConversation();
    await store.write((repos) => repos.activities.append(web, [
      anActivityDraft({ id: id(), role: 'citizen', externalId: null, at: now, content: { type: 'typing' } }),
      anActivityDraft({ id: id(), role: 'citizen', externalId: null, at: now, content: { type: 'event', name: '"type":"message"' } }),
    ]));
    await countEverything();
    expect(await total('message.received')).toBe(0);
  });

  it('waits for a transaction that has been writing for long: what it brings is counted, too', async () => {
    const web = await aStoredConversation();
    const early = id();
    const at = now;
    let writingFor = 0;
    const slow = <T extends object>(repos: T, sources: object): T => Object.defineProperty(Object.create(repos), 'measureSources', { value: Object.defineProperty(Object.create(sources), 'writingFor', { value: async () => writingFor }) });
    const held: Store = { ...store, read: (work) => store.read((repos) => work(slow(repos, repos.measureSources))) };
    now += 40_000;
    await say(web, 'citizen');
    now += 2 * SETTLE;
    writingFor = now - at;
    await catchUp(options({ store: held }));
    expect(await total('message.received')).toBe(0);
    await store.write((repos) => repos.activities.append(web, [anActivityDraft({ id: early, role: 'citizen', externalId: null, at, content: aMessage({ text: '早就说了' }) })]));
    writingFor = 0;
    await catchUp(options({ store: held }));
    expect(await total('message.received')).toBe(2);
  });

  it('counts what was stored late in the hour in which it was said', async () => {
    const web = await aStoredConversation();
    const said = now;
    now += 5 * HOUR;
    await say(web, 'citizen', { at: said });
    await countEverything();
    const points = await store.read((repos) => repos.rollups.series({ from: T0, to: T0 + DAY, measures: ['message.received'], by: 'all', grain: 'hour' }));
    expect(points.map(({ at }) => at)).toEqual([Math.floor(said / HOUR) * HOUR]);
  });

  it('leaves alone what may still be joined by an older one', async () => {
    const web = await aStoredConversation();
    await say(web, 'citizen');
    await catchUp(options());
    expect(await total('message.received')).toBe(0);
    now += SETTLE + 1;
    expect(await catchUp(options())).toMatchObject({ busy: false });
    expect(await total('message.received')).toBe(1);
  });

  it('goes on where it was, in bounded steps', async () => {
    const web = await aStoredConversation();
    for (let batch = 0; batch < 12; batch += 1) {
      now += 1_000;
      await store.write((repos) => repos.activities.append(web, Array.from({ length: 500 }, () => anActivityDraft({ id: id(), role: 'citizen', externalId: null, at: now, content: aMessage() }))));
    }
    now += 2 * SETTLE;
    const first = await catchUp(options());
    expect(first.more).toBe(true);
    expect(await total('message.received')).toBe(5_000);
    expect(Number(await store.read((repos) => repos.rollups.cursor(AS_OF)))).toBeLessThan(now - 2 * SETTLE);
    expect((await catchUp(options())).asOf).toBe(now - SETTLE);
    expect(await total('message.received')).toBe(6_000);
    expect(await store.read((repos) => repos.rollups.cursor(AS_OF))).toBe(String(now - SETTLE));
  });
});

describe('counting once', () => {
  it('lets one node count at a time', async () => {
    const fence = await store.write((repos) => repos.lanes.acquire('measures', 'b', now, 60_000));
    expect(await catchUp(options())).toEqual({ busy: true, more: false, asOf: null });
    await store.write((repos) => repos.lanes.release('measures', fence ?? 0));
    expect((await catchUp(options())).busy).toBe(false);
    expect((await catchUp(options({ holder: 'b' }))).busy).toBe(false);
  });

  it('two that begin at the same moment count everything once', async () => {
    const web = await aStoredConversation();
    for (let index = 0; index < 50; index += 1) await say(web, 'citizen');
    now += 2 * SETTLE;
    await Promise.all([catchUp(options()), catchUp(options({ holder: 'b' })), catchUp(options({ holder: 'c' }))]);
    await countEverything();
    expect(await total('message.received')).toBe(50);
  });

  it('whoever lost the lane cannot add, and what it read is counted by the next', async () => {
    const web = await aStoredConversation();
    await say(web, 'citizen');
    now += 2 * SETTLE;
    let taken = false;
    // Sleeps past its lease between reading and writing, and another node takes over.
    const slow: Store = {
      ...store,
      read: async (fn) => {
        const result = await store.read(fn);
        if (!taken) {
          taken = true;
          now += 61_000;
          await store.write((repos) => repos.lanes.acquire('measures', 'b', now, 60_000));
        }
        return result;
      },
    };
    await expect(catchUp(options({ store: slow }))).rejects.toMatchObject({ code: 'lane.fenced' });
    expect(await total('message.received')).toBe(0);
    now += 61_000;
    await countEverything();
    expect(await total('message.received')).toBe(1);
  });
});

describe('counting services, which change', () => {
  const update = (service: string, change: ServiceChange): Promise<void> => store.write((repos) => repos.services.update(service, change, now));

  it('counts the difference to what it counted before', async () => {
    const period = aPeriod();
    await store.write((repos) => repos.services.begin(period));
    await countEverything();
    expect(await Promise.all(['service.asked', 'service.offered', 'service.accepted'].map(total))).toEqual([1, 0, 0]);
    await update(period.id, { seatId: 's', acceptedAt: now });
    await countEverything();
    now += MINUTE;
    await update(period.id, { seatId: 't', groupId: 'english' });
    await update(period.id, { firstReplyAt: now });
    await update(period.id, { endedAt: now, outcome: 'served' });
    await countEverything();
    expect(await Promise.all(['service.asked', 'service.offered', 'service.accepted', 'service.replied', 'service.served', 'conversation.handed'].map(total))).toEqual([1, 1, 1, 1, 1, 1]);
    const groups = await store.read((repos) => repos.rollups.sums({ from: T0, to: T0 + DAY, measures: ['service.accepted'], by: 'group' }));
    expect(groups).toEqual([{ measure: 'service.accepted', key: 'english', amount: 1, sum: 2 * SETTLE }]);
    const seats = await store.read((repos) => repos.rollups.sums({ from: T0, to: T0 + DAY, measures: ['service.accepted'], by: 'seat' }));
    expect(seats.map(({ key, amount }) => [key, amount])).toEqual([['t', 1]]);
  });

  it('sees a change that was hidden behind a younger one', async () => {
    const period = aPeriod();
    await store.write((repos) => repos.services.begin(period));
    now += SETTLE + 1;
    // Its younger change has not settled: the older one must not be lost when the cursor passes it.
    await update(period.id, { seatId: 's', acceptedAt: now });
    await catchUp(options());
    now += 1_000;
    await update(period.id, { firstReplyAt: now });
    await countEverything();
    expect(await Promise.all(['service.asked', 'service.accepted', 'service.replied'].map(total))).toEqual([1, 1, 1]);
  });
});

/* ---- incremental == recount -------------------------------------------------------------------------------------- */

const KINDS: readonly TicketEvent['type'][] = [
  'ticket.dispatched', 'ticket.redirected', 'ticket.signed', 'ticket.return_requested', 'ticket.return_upheld', 'ticket.extension_granted', 'ticket.held', 'ticket.finished', 'ticket.review_passed', 'ticket.review_failed',
  'ticket.confirmed', 'ticket.vetoed', 'ticket.unreached', 'ticket.reopened', 'ticket.rated', 'ticket.overdue', 'ticket.urged', 'ticket.merged', 'ticket.leader_moved', 'ticket.corrected', 'ticket.withdrawn', 'ticket.answered_at_once', 'ticket.escalated', 'ticket.supervised',
];
const DEPARTMENTS = ['ecology', 'police', 'traffic'];
const ITEMS = ['env.noise', 'env.air', 'road.light'];

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('say' as const), which: fc.nat(3), role: fc.constantFrom<Role>('citizen', 'citizen', 'bot', 'seat'), source: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const), department: fc.option(fc.constantFrom(...DEPARTMENTS)), item: fc.option(fc.constantFrom(...ITEMS)), town: fc.option(fc.constantFrom('humen', 'changan')) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('event' as const), which: fc.nat(5), type: fc.constantFrom(...KINDS), department: fc.constantFrom(...DEPARTMENTS), item: fc.constantFrom(...ITEMS), process: fc.integer({ min: 1, max: 5 }), solved: fc.boolean(), late: fc.boolean(), citizen: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('ask' as const), which: fc.nat(3) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('serve' as const), which: fc.nat(5), change: fc.constantFrom('accept', 'reply', 'transfer', 'served', 'abandoned', 'cancelled', 'callback') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('gap' as const), kind: fc.constantFrom('unanswered' as const, 'low' as const, 'unhelpful' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(300, 4_000, 20_000, 10 * MINUTE, 50 * MINUTE, 7 * HOUR, DAY) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('count' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface World {
  readonly conversations: readonly string[];
  readonly tickets: { id: string; item: string | null; runs: number }[];
  readonly services: ServicePeriod[];
}

async function take(world: World, given: Step): Promise<void> {
  switch (given.do) {
    case 'say':
      await say(world.conversations[given.which % world.conversations.length] ?? '', given.role, { source: given.source });
      return;
    case 'open':
      await store.write(async (repos) => {
        const ticket = aTicket({ id: id(), citizenId: await repos.citizens.resolve(aCitizen()), itemCode: given.item, townId: given.town, departmentId: given.department, createdAt: now });
        await repos.tickets.insert(ticket, null, { events: [{ type: 'ticket.opened', actor: { kind: 'citizen' }, at: now, data: {} }, ...(given.department === null ? [] : [{ type: 'ticket.dispatched' as const, actor: { kind: 'system' as const }, at: now, data: { departmentId: given.department } }])] });
        world.tickets.push({ id: ticket.id, item: given.item, runs: 0 });
      });
      return;
    case 'event': {
      const ticket = world.tickets.at(-1 - given.which);
      if (ticket === undefined) return;
      await store.write(async (repos) => {
        const corrects = given.type === 'ticket.corrected';
        const data: JsonObject = corrects ? { field: 'itemCode', before: ticket.item, after: given.item } : { departmentId: given.department, process: given.process, solved: given.solved, stage: given.late ? 'handle' : 'sign', archived: given.late };
        if (corrects) {
          const { version } = (await repos.tickets.get(ticket.id)) ?? { version: 0 };
          await repos.tickets.update(ticket.id, version, { itemCode: given.item });
          ticket.item = given.item;
        }
        if (given.type === 'ticket.signed' || given.type === 'ticket.finished') {
          ticket.runs += 1;
          await repos.clocks.put([{ ticketId: ticket.id, stage: given.type === 'ticket.signed' ? 'sign' : 'handle', run: ticket.runs, rule: { amount: 1, unit: 'hours' }, startedAt: now, dueAt: given.late ? now - 1 : now, endedAt: now, warned: 0, overdueAt: null, rung: 0, nextAt: null }]);
        }
        await repos.tickets.appendEvent({ ticketId: ticket.id, type: given.type, actor: given.citizen ? { kind: 'citizen' } : { kind: 'system' }, at: now, data });
      });
      return;
    }
    case 'ask': {
      const conversationId = world.conversations[given.which % world.conversations.length] ?? '';
      const period = aPeriod({ conversationId });
      await store.write((repos) => repos.services.begin(period));
      world.services.push(period);
      return;
    }
    case 'serve': {
      const period = world.services.at(-1 - given.which);
      if (period === undefined) return;
      const change = given.change === 'accept' ? { seatId: 's', acceptedAt: now } : given.change === 'reply' ? { firstReplyAt: now } : given.change === 'transfer' ? { seatId: 't', groupId: 'english' } : { endedAt: now, outcome: given.change as ServicePeriod['outcome'] };
      await store.write((repos) => repos.services.update(period.id, change, now));
      return;
    }
    case 'gap':
      await store.write((repos) => repos.gaps.add({ id: id(), conversationId: 'c', kind: given.kind, question: '？', bestId: null, bestScore: 0, at: now }));
      return;
    case 'wait':
      now += given.ms;
      return;
    case 'count':
      await catchUp(options());
  }
}

describe('counting as it comes and counting anew', () => {
  it('give the same, whatever happened and whenever it was looked', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 90 }), async (steps) => {
        await store.close();
        folder.remove();
        folder = temporaryFolder();
        store = openSqliteStore({ file: join(folder.path, 'yihu.sqlite3'), vault: testVault(), synchronous: 'NORMAL' });
        now = T0 + 9 * HOUR;
        const world: World = { conversations: [await aStoredConversation(), await aStoredConversation('ivr-twilio'), await aStoredConversation('wechat')], tickets: [], services: [] };
        for (const given of steps) {
          now += 1;
          await take(world, given);
        }
        await countEverything();
        const asItCame = rollups();
        const days = await recount({ store, holder: 'r', limits: LIMITS, now: () => now, from: T0 - DAY, to: now + DAY });
        expect(days).toBeGreaterThan(1);
        expect(rollups()).toEqual(asItCame);
        expect(asItCame.filter((line) => / -\d/.test(line.split(': ')[1] ?? ''))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  it('counting anew mends what was wrong, and only on the days that were asked for', async () => {
    const web = await aStoredConversation();
    await say(web, 'citizen');
    now += DAY;
    await say(web, 'citizen');
    await countEverything();
    const right = rollups();
    await store.write((repos) => repos.rollups.add([{ hour: T0 + HOUR, measure: 'message.received', by: 'all', key: '', amount: 5, sum: 0 }, { hour: T0 + DAY + HOUR, measure: 'message.received', by: 'all', key: '', amount: 7, sum: 0 }]));
    await recount({ store, holder: 'r', limits: LIMITS, now: () => now, from: T0, to: T0 + DAY });
    expect(await total('message.received')).toBe(9);
    await recount({ store, holder: 'r', limits: LIMITS, now: () => now, from: T0 + DAY, to: T0 + 2 * DAY });
    expect(rollups()).toEqual(right);
  });

  it('counting anew leaves to the job what the job has not reached', async () => {
    const web = await aStoredConversation();
    await say(web, 'citizen');
    await store.write((repos) => repos.services.begin(aPeriod()));
    await recount({ store, holder: 'r', limits: LIMITS, now: () => now, from: T0, to: T0 + DAY });
    expect(rollups()).toEqual([]);
    await countEverything();
    expect(await Promise.all(['message.received', 'service.asked'].map(total))).toEqual([1, 1]);
  });

  it('waits for its turn', async () => {
    await store.write((repos) => repos.lanes.acquire('measures', 'job', now, 3_000));
    const waits: number[] = [];
    await recount({ store, holder: 'r', limits: LIMITS, now: () => now, from: T0, to: T0 + DAY, wait: async (ms) => { waits.push(ms); now += 1_000; } });
    expect(waits.length).toBeGreaterThan(1);
    await store.write((repos) => repos.lanes.acquire('measures', 'job', now, 1e9));
    await expect(recount({ store, holder: 'r', limits: LIMITS, now: () => now, from: T0, to: T0 + DAY, wait: async () => {} })).rejects.toMatchObject({ code: 'measures.busy' });
  });
});
