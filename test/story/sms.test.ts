import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_SMS } from '../../src/cli/sim/demo-settings.ts';
import { createSmsPeer, type SmsPeer } from '../../src/cli/sim/sms-peer.ts';
import { MUTE_REASON } from '../../src/intake/door.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { moveTicket } from '../../src/tickets/move.ts';
import { freePort, openStory, type Desk, type Story } from '../support/story.ts';

/** From a ticket that moves to a text message, its report, the citizen's answer and their 退订: the whole house, real flows and hooks, a vendor on this machine. */

const PHONE = '13800138000';
const HOUR = 3_600_000;

interface AttemptsView {
  readonly attempts: readonly { readonly channel: string; readonly stateName: string; readonly about: string; readonly reason: string | null; readonly cost: string | null }[];
  readonly stopped: { readonly all: boolean; readonly sms: boolean };
}
interface TicketBody {
  readonly ticket: { readonly id: string; readonly number: string; readonly state: string; readonly version: number };
  readonly events: readonly { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[];
}

describe('text messages', () => {
  // Tuesday, 10:00 in Beijing.
  let now = Date.UTC(2026, 10, 24, 2);
  let story: Story;
  let vendor: SmsPeer;
  let desk: Desk;
  beforeEach(async () => {
    now = Date.UTC(2026, 10, 24, 2);
    const port = await freePort();
    story = await openStory({ now: () => (now += 1), env: () => ({ ...DEMO_SMS.aliyun, SMS_ALIYUN_API_BASE: `http://127.0.0.1:${port}` }) });
    vendor = await createSmsPeer({ baseUrl: story.url, hookKey: DEMO_SMS.hookKey, port, now: () => now });
    desk = await story.desk();
  });
  afterEach(async () => {
    await story.close();
    await vendor.close();
  });

  const whole = (id: string): Promise<TicketBody> => desk.get(`/api/tickets/${id}`);
  const attempts = (id: string): Promise<AttemptsView> => desk.get(`/api/tickets/${id}/attempts`);
  const move = async (id: string, name: string, given: object = {}): Promise<void> => {
    now += 60_000;
    // Each by another person: who finishes does not judge it.
    const { version } = (await whole(id)).ticket;
    await writeUnit(story.house.context, (unit) => moveTicket(story.house.context, unit, id, name, { version, ...given }, { role: 'administrator', actor: { kind: 'seat', seatId: `seat-${name}` } }));
    await story.idle();
  };
  const reply = async (text: string, id: string): Promise<void> => {
    expect(await vendor.reply('aliyun', PHONE, text, id)).toBe(200);
    await story.idle();
  };

  it('carry what happens to a caller’s ticket, and the caller’s answer back', async () => {
    const call = story.phone(`+86${PHONE}`);
    await call.call();
    await call.hangup();
    await story.idle();
    const [conversation] = await story.house.store.read((repos) => repos.conversations.list({ owner: ['bot', 'closed', 'waiting'], limit: 5 }));
    const { ticket } = await desk.send<TicketBody>('POST', `/api/conversations/${conversation?.id ?? ''}/tickets`, { kind: '投诉', title: '路灯不亮', content: '东城街道路灯不亮', itemCode: null, townId: null, place: null, happened: null, phone: null, name: null, urgency: 'normal', confidential: false, callback: false });
    const { id } = ticket;
    await story.idle();
    if ((await whole(id)).ticket.state === '待派') await move(id, 'dispatch', { departmentId: story.house.context.city.departments[0]?.id ?? '' });
    await move(id, 'sign');
    const [first] = vendor.sent;
    if (first === undefined) expect.fail(JSON.stringify(await attempts(id)));
    expect(first).toMatchObject({ to: PHONE, sign: '12345热线', template: 'SMS_100000001', values: [ticket.number, '路灯不亮', expect.any(String)] });
    expect(await vendor.report(first, true)).toBe(200);
    expect(await vendor.report(first, false)).toBe(200);
    expect((await attempts(id)).attempts[0]).toMatchObject({ channel: 'sms-aliyun', about: '办理进展', stateName: '已送达', reason: null });

    await move(id, 'finish', { result: '已更换灯具' });
    await move(id, 'passReview');
    const visit = vendor.sent.at(-1);
    expect(visit).toMatchObject({ template: 'SMS_100000002' });
    await reply('解决了，5分', 'up-1');
    await reply('解决了，5分', 'up-1');
    const done = await whole(id);
    expect(done.ticket.state).toBe('归档');
    expect(done.events.filter(({ type }) => type === 'ticket.confirmed')).toHaveLength(1);
    expect(done.events.flatMap(({ type, data }) => (type === 'ticket.noted' ? [data['text']] : []))).toContain('短信（阿里云）：办理进展，已送达');

    // What none can answer by text message is a person's.
    await reply('那边上的垃圾桶也坏了好久', 'up-2');
    const waiting = await story.house.store.read((repos) => repos.conversations.list({ owner: ['waiting'], limit: 5 }));
    expect(waiting).toMatchObject([{ channel: 'sms-aliyun', handoffReason: MUTE_REASON }]);
    const said = waiting[0]?.id ?? '';
    await desk.send('POST', `/api/conversations/${said}/take`, {});
    await expect(desk.send('POST', `/api/conversations/${said}/reply`, { text: '您好', clientId: 'story-reply-1' })).rejects.toThrow('reply.mute');
    await reply(' td。', 'up-3');
    expect((await attempts(id)).stopped).toEqual({ all: false, sms: true });
    const sent = vendor.sent.length;
    // The next day, so that no cap is what holds it back.
    now += 24 * HOUR;
    desk = await story.desk();
    await move(id, 'reopen', { reason: '市民来电反映又坏了' });
    expect(vendor.sent).toHaveLength(sent);
    expect(await desk.send('POST', `/api/tickets/${id}/wish`, { wish: 'start', place: 'all' })).toEqual({ all: false, sms: false });
    const everything = [...story.log, JSON.stringify(await attempts(id)), JSON.stringify((await whole(id)).events)].join('\n');
    expect(everything).not.toContain(PHONE);
  });
});
