import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallSim } from '../../src/cli/sim/call-sim.ts';
import { createOutboundPeer, type Fate, type Ordered, type OutboundPeer } from '../../src/cli/sim/outbound-peer.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { moveTicket, type Mover } from '../../src/tickets/move.ts';
import { openTicket } from '../../src/tickets/open.ts';
import { createFakeClock, type FakeClock } from '../fakes/clock.ts';
import { openStory, type Desk, type Story } from '../support/story.ts';

/** Campaigns of calls through the whole house: real flows, signed hooks, the stand-in of both call platforms. */

const TWILIO_SID = `AC${'0'.repeat(32)}`;
const JAMBONZ_SID = '00000000-0000-4000-8000-000000000000';
const SEAT: Mover = { role: 'administrator', actor: { kind: 'system' } };
const MINUTES = 60_000;

interface CampaignView {
  readonly id: string;
  readonly state: string;
  readonly tally: Readonly<Record<string, number>>;
}
interface TargetView {
  readonly ticketNumber: string;
  readonly state: string;
  readonly code: string | null;
  readonly attempts: number;
  readonly keys: Readonly<Record<string, string>>;
  readonly result: Readonly<Record<string, string>>;
  readonly calls: readonly { readonly number: number; readonly state: string; readonly seconds: number | null }[];
}

/** What somebody is like on the telephone, by the last two digits of their number. */
interface Person {
  readonly fates: readonly Fate[];
  readonly speak?: (call: CallSim) => Promise<void>;
}

const keys = (...pressed: readonly string[]) => async (call: CallSim): Promise<void> => {
  for (const key of pressed) if (call.state === 'listening') await call.press(key);
};
const satisfied = async (call: CallSim): Promise<void> => {
  await keys('1', '1', '1', '1')(call);
  if (call.state === 'listening') await call.say('师傅来得挺快');
};
const PEOPLE: Readonly<Record<string, Person>> = {
  '00': { fates: ['answer'], speak: satisfied },
  '01': { fates: ['answer'], speak: async (call) => { await keys('1', '1', '2', '2')(call); await call.say('灯换了又坏了'); } },
  '02': { fates: ['machine', 'machine', 'machine'] },
  '03': { fates: ['busy', 'answer'], speak: satisfied },
  '04': { fates: ['no-answer', 'no-answer', 'failed'] },
  '05': { fates: ['lost'], speak: satisfied },
  '06': { fates: ['answer', 'answer', 'answer'], speak: async (call) => { for (let round = 0; round < 4 && call.state === 'listening'; round += 1) await call.silence(); } },
  '07': { fates: ['answer'], speak: async (call) => void (await call.say('别再打了')) },
  '08': { fates: ['answer'], speak: keys('2') },
  '09': { fates: ['answer', 'answer'], speak: satisfied },
  '10': { fates: ['answer'], speak: async (call) => { await satisfied(call); await satisfied2(call); } },
  '11': { fates: ['gone', 'answer'], speak: satisfied },
};
const satisfied2 = async (call: CallSim): Promise<void> => {
  await keys('2', '1')(call);
  if (call.state === 'listening') await call.silence();
  if (call.state === 'listening') await call.silence();
};

let clock: FakeClock;
let story: Story;
let peer: OutboundPeer;
let desk: Desk;
/** Orders by number, those that were never taken too. */
let ordered: Map<string, number>;
let unruly = false;
/** Stands in for everybody. */
let script: ((call: CallSim, order: Ordered) => Promise<void>) | null = null;

beforeEach(async () => {
  clock = createFakeClock();
  ordered = new Map();
  peer = await createOutboundPeer({
    gateway: () => ({ baseUrl: story.url, publicUrl: story.url }),
    twilio: { authToken: 'story-phone-token', accountSid: TWILIO_SID },
    jambonz: { secret: 'story-phone-token', apiKey: 'story-api-key', accountSid: JAMBONZ_SID },
    now: clock.now,
    wait: async () => undefined,
    get unruly() {
      return unruly;
    },
    fate: (to) => {
      const times = ordered.get(to) ?? 0;
      ordered.set(to, times + 1);
      return PEOPLE[to.slice(-2)]?.fates[times] ?? 'mute';
    },
    citizen: async (call, order) => {
      if (script !== null) return script(call, order);
      // Not now, the first time.
      if (order.to.endsWith('09') && ordered.get(order.to) === 1) return keys('1', '2')(call);
      await PEOPLE[order.to.slice(-2)]?.speak?.(call);
    },
  });
  story = await openStory({
    now: clock.now,
    env: () => ({
      TWILIO_ACCOUNT_SID: TWILIO_SID, TWILIO_CALLER_NUMBER: '+8676900012345', TWILIO_API_BASE: peer.url,
      JAMBONZ_ACCOUNT_SID: JAMBONZ_SID, JAMBONZ_CALLER_NUMBER: '076900012345', JAMBONZ_API_KEY: 'story-api-key', JAMBONZ_API_BASE: peer.url,
    }),
  });
  desk = await story.desk();
});

afterEach(async () => {
  await peer.close();
  await story.close();
  unruly = false;
  script = null;
});

async function aFinishedTicket(phone: string, title: string): Promise<string> {
  const { context } = story.house;
  return writeUnit(context, async (unit) => {
    const citizenId = await unit.repos.citizens.resolve({ id: context.newId(), channel: 'ivr-twilio', externalUserId: null, phone, displayName: null, now: clock.now() });
    let ticket = await openTicket(context, unit, {
      ticketKind: '投诉', itemCode: null, title, content: `${title}，请处理`, townId: null, place: null, happened: null, phone, name: null, urgency: 'normal', confidential: false, callback: false,
      citizenId, enterpriseId: null, conversationId: null, channel: 'ivr-twilio', actor: { kind: 'citizen' },
    });
    for (const [move, given] of [['dispatch', { departmentId: context.city.departments[0]?.id ?? '' }], ['sign', {}], ['finish', { result: '已经处理' }], ['passReview', {}]] as const) {
      ticket = await moveTicket(context, unit, ticket.id, move, { version: ticket.version, ...given }, SEAT);
    }
    return ticket.number;
  });
}

/** Until nothing happens at this moment of the clock. */
async function still(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await story.idle();
    await peer.idle();
  }
  await story.idle();
}

describe.each(['ivr-twilio', 'ivr-jambonz'] as const)('a visit-back by telephone on %s', (channel) => {
  it('asks a dozen citizens and keeps what each of them did', { timeout: 180_000 }, async () => {
    unruly = true;
    const numbers = new Map<string, string>();
    for (const tail of Object.keys(PEOPLE)) numbers.set(tail, await aFinishedTicket(`138001380${tail}`, '路灯不亮'));
    const second = await aFinishedTicket('13800138010', '井盖破损');
    await still();

    const given = { name: '十一月回访', purpose: 'visit', channel, query: { kind: 'visit' }, concurrency: 3, attempts: 3, retryAfterMinutes: 60, hours: ['09:00-12:00', '14:00-20:00'], workdaysOnly: true };
    const preview = await desk.send<{ found: number; called: number; leftOut: Record<string, number> }>('POST', '/api/outbound/campaigns/preview', given);
    expect(preview).toMatchObject({ found: 13, called: 12, leftOut: { same_citizen: 1 } });
    const { id } = await desk.send<CampaignView>('POST', '/api/outbound/campaigns', given);
    await still();
    expect(peer.orders).toEqual([]);
    await desk.send('POST', `/api/outbound/campaigns/${id}/start`);
    const look = () => desk.get<CampaignView>(`/api/outbound/campaigns/${id}`);
    const hours = new Set<string>();
    for (let round = 0; round < 150 && (await look()).state === 'running'; round += 1) {
      const before = peer.orders.length;
      await still();
      if (peer.orders.length > before) hours.add(new Date(clock.now() + 8 * 3_600_000).toISOString().slice(11, 13));
      clock.advance(30 * MINUTES);
    }
    expect(peer.faults).toEqual([]);
    expect((await look()).tally).toEqual({ waiting: 0, calling: 0, reached: 7, unreached: 4, refused: 1, skipped: 0 });
    const { targets } = await desk.get<{ targets: readonly TargetView[] }>(`/api/outbound/campaigns/${id}/targets`);
    const of = (tail: string): TargetView => {
      const found = targets.find(({ ticketNumber }) => ticketNumber === numbers.get(tail));
      if (found === undefined) throw new Error(`nobody was called about ${tail}`);
      return found;
    };
    const ticket = async (number: string) => story.house.store.read((repos) => repos.tickets.findByNumber(number));
    // Calls are made in the hours of the campaign only.
    expect([...hours].every((hour) => ['09', '10', '11', '14', '15', '16', '17', '18', '19'].includes(hour))).toBe(true);
    expect(of('00')).toMatchObject({ state: 'reached', attempts: 1, keys: { me: '1', process: '1', solved: '1' }, result: { process: 'true', solved: 'true', comment: '师傅来得挺快' } });
    expect(await ticket(numbers.get('00') ?? '')).toMatchObject({ state: '归档', closure: 'confirmed', visit: { process: 4, solved: true } });
    expect(of('01')).toMatchObject({ state: 'reached', keys: { process: '2', solved: '2' } });
    expect(await ticket(numbers.get('01') ?? '')).toMatchObject({ state: '重办', redos: 1 });
    expect(of('02')).toMatchObject({ state: 'unreached', code: 'machine', attempts: 3, calls: [{ state: 'machine' }, { state: 'machine' }, { state: 'machine' }] });
    expect(of('03')).toMatchObject({ state: 'reached', attempts: 2, calls: [{ number: 1, state: 'busy' }, { number: 2, state: 'completed' }] });
    expect(of('04')).toMatchObject({ state: 'unreached', attempts: 3, calls: [{ state: 'no-answer' }, { state: 'no-answer' }, { state: 'failed' }] });
    // The answer to the order was lost: it was not given again.
    expect(of('05')).toMatchObject({ state: 'reached', attempts: 1 });
    // Silence is no satisfaction.
    expect(of('06')).toMatchObject({ state: 'unreached', code: 'silent', attempts: 3 });
    expect(await ticket(numbers.get('06') ?? '')).toMatchObject({ state: '归档', closure: 'unreached', visit: null });
    expect(of('07')).toMatchObject({ state: 'refused', attempts: 1 });
    expect(of('08')).toMatchObject({ state: 'unreached', code: 'other_person', attempts: 1 });
    expect(of('09')).toMatchObject({ state: 'reached', attempts: 2 });
    expect(of('10')).toMatchObject({ state: 'reached', attempts: 1, keys: { process: '1', 'process.2': '2', 'solved.2': '1' } });
    expect(await ticket(second)).toMatchObject({ state: '归档', closure: 'confirmed', visit: { process: 2, solved: true } });
    expect(of('11')).toMatchObject({ state: 'reached', attempts: 2, calls: [{ state: 'unknown' }, { state: 'completed' }] });
    // One order an attempt, and never two.
    for (const [tail, { fates }] of Object.entries(PEOPLE)) expect([tail, ordered.get(`+86138001380${tail}`)]).toEqual([tail, fates.length]);
    // Whoever said no is left out next time, and the vault's trail has each look at a number.
    const again = await desk.send<{ leftOut: Record<string, number> }>('POST', '/api/outbound/campaigns/preview', { ...given, query: undefined, tickets: [numbers.get('07') ?? '', numbers.get('00') ?? '', 'nonsense'] });
    expect(again.leftOut).toEqual({ opted_out: 1, ticket_done: 1, not_found: 1 });
    const used = await story.house.store.read((repos) => repos.trail.search({ actions: ['identity.used'] }, { limit: 100 }));
    expect(used.entries.filter(({ purpose }) => purpose === '智能外呼：十一月回访')).toHaveLength([...ordered.values()].reduce((sum, times) => sum + times, 0));
    expect(story.log.filter((line) => /1?38001380\d\d/.test(line))).toEqual([]);
  });
});

describe('a missed call', () => {
  it('is called back and led to a person', { timeout: 90_000 }, async () => {
    const { store } = story.house;
    await desk.online();
    const phone = story.phone('+8613800138000');
    await phone.call();
    await phone.say('转人工');
    await phone.hangup();
    await still();
    const given = { name: '未接回拨', purpose: 'missed', channel: 'ivr-twilio', query: { kind: 'abandoned' }, concurrency: 2, attempts: 2, retryAfterMinutes: 30, hours: ['09:00-20:00'], workdaysOnly: false };
    const { id } = await desk.send<CampaignView>('POST', '/api/outbound/campaigns', given);
    const heard: string[] = [];
    script = async (call) => {
      heard.push(...call.heard);
      await call.press('1');
    };
    await desk.send('POST', `/api/outbound/campaigns/${id}/start`);
    await still();
    expect(heard.join('')).toContain('没有接通');
    const [target] = (await desk.get<{ targets: readonly TargetView[] }>(`/api/outbound/campaigns/${id}/targets`)).targets;
    expect(target).toMatchObject({ state: 'reached', keys: { wants: '1' } });
    const order = peer.orders[0];
    const conversation = await store.read((repos) => repos.conversations.list({ owner: ['waiting', 'closed'], limit: 10 }));
    expect(conversation.some(({ address }) => address === order?.sid)).toBe(true);
  });
});
