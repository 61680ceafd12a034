import { describe, expect, it } from 'vitest';
import { check, heardFromWechat, type Observed } from './checks.ts';
import type { Evidence, Found, StoredActivity } from './evidence.ts';
import { CHANNELS, type ChannelName } from './types.ts';
import type { FinishedTalk } from './world.ts';

/** The machine sees what it is for: each planted fault is found, and a sound house is not accused. */

const talkOf = (channel: ChannelName, address: string): FinishedTalk => ({ shape: 'chat:0:0:0', lines: ['第一句', '对'], marks: ['128'], channel, address, heard: async () => [] });

const message = (id: string, seq: number, direction: 'in' | 'out', text: string, reply: string | null = null): StoredActivity => ({
  id, seq, direction, conversation_id: 'c', role: direction === 'in' ? 'citizen' : 'bot', reply_to_id: reply, content: { type: 'message', text },
});

const sound = (number: string): Found => ({
  id: 'c', lastSeq: 4, failed: [], delivered: ['o1', 'o2'],
  activities: [message('i1', 1, 'in', '第一句'), message('o1', 2, 'out', '请确认', 'i1'), message('i2', 3, 'in', '对'), message('o2', 4, 'out', `已登记，编号${number}`, 'i2')],
  tickets: [{ id: 't', number, conversation_id: 'c', title: '噪声', content: '鸿福路128号', place: '128号', state: 'accepted', events: ['1 ticket.opened'] }],
});

interface Planted {
  readonly found?: Partial<Found>;
  readonly texts?: readonly string[];
  readonly evidence?: Partial<Evidence>;
  readonly granted?: readonly string[];
  readonly missing?: boolean;
  readonly outages?: boolean;
}

function observe(channel: ChannelName, planted: Planted = {}): Observed {
  const reference = talkOf(channel, 'reference');
  const talk = talkOf(channel, 'talk');
  const found = new Map([[reference, sound('20261122-000001')]]);
  if (planted.missing !== true) found.set(talk, { ...sound('20261122-000002'), ...planted.found });
  return {
    evidence: {
      found, conversations: 2, inbound: 4, outbound: 4, ticketNumbers: ['20261122-000001', '20261122-000002'], sequences: [{ day: '20261122', last: 2 }],
      outbox: [{ id: 'timer', lane: 'turn:c', kind: 'timer', state: 'ready', attempts: 0, available_at: 2_000, last_error: null }], lanes: [{ lane: 'turn:c', expires_at: 500 }], purposes: ['核对'], trailBreaksAt: null,
      ...planted.evidence,
    },
    references: [{ talk: reference, texts: ['请确认', '已登记，编号20261122-000001'] }],
    talks: [{ talk, texts: planted.texts ?? ['请确认', '已登记，编号20261122-000002'] }],
    granted: planted.granted ?? ['核对'],
    now: 1_000,
    crashes: 1,
    outages: planted.outages ?? false,
  };
}

const laws = (channel: ChannelName, planted: Planted): readonly string[] => [...new Set(check(observe(channel, planted)).faults.map(({ law }) => law))].toSorted();
const activities = sound('20261122-000002').activities;

describe('the check from outside', () => {
  it('accuses no sound house', () => {
    for (const channel of CHANNELS) expect(check(observe(channel)).faults).toEqual([]);
  });

  it('sees a message that is lost, doubled, or in the wrong place', () => {
    expect(laws('webchat', { missing: true })).toContain('nothing-lost');
    expect(laws('webchat', { found: { activities: activities.slice(0, 2), lastSeq: 2 } })).toContain('stored-once');
    expect(laws('webchat', { found: { activities: [...activities, message('i3', 5, 'in', '对')], lastSeq: 5 } })).toContain('stored-once');
    expect(laws('webchat', { found: { activities: activities.toSpliced(1, 1) } })).toContain('order');
    expect(laws('webchat', { evidence: { inbound: 5 } })).toEqual(['nothing-invented']);
    expect(laws('webchat', { evidence: { conversations: 3 } })).toEqual(['nothing-invented']);
  });

  it('sees an effect that is missing, doubled, or of another message', () => {
    const twice = [...activities, message('o3', 5, 'out', '已登记，编号20261122-000002', 'i2')];
    expect(laws('webchat', { found: { activities: twice, lastSeq: 5 } })).toContain('one-effect');
    expect(laws('webchat', { found: { activities: activities.slice(0, 3), lastSeq: 3 } })).toContain('one-effect');
    const swapped = activities.map((activity) => (activity.id === 'o2' ? { ...activity, reply_to_id: null } : activity));
    expect(laws('webchat', { found: { activities: swapped } })).toEqual(['one-effect', 'order']);
  });

  it('sees tickets that are missing, doubled, misnumbered or about something else', () => {
    const [ticket] = sound('20261122-000002').tickets;
    if (ticket === undefined) throw new Error('no ticket');
    expect(laws('webchat', { found: { tickets: [] } })).toContain('tickets-once');
    expect(laws('webchat', { found: { tickets: [ticket, { ...ticket, id: 'u', number: '20261122-000003' }] } })).toContain('tickets-once');
    expect(laws('webchat', { found: { tickets: [{ ...ticket, content: '鸿福路999号', place: '999号' }] } })).toContain('tickets-once');
    expect(laws('webchat', { found: { tickets: [{ ...ticket, events: ['1 ticket.opened', '2 ticket.opened'] }] } })).toContain('tickets-once');
    expect(laws('webchat', { evidence: { ticketNumbers: ['a', 'a'] } })).toEqual(['tickets-once']);
    expect(laws('webchat', { evidence: { sequences: [{ day: '20261122', last: 3 }] } })).toEqual(['tickets-once']);
  });

  it('sees what a citizen did not hear, or heard twice', () => {
    expect(laws('webchat', { texts: ['请确认'] })).toEqual(['heard']);
    expect(laws('webchat', { texts: ['请确认', '请确认', '已登记，编号1-1'] })).toEqual(['heard']);
    expect(laws('ivr-twilio', { texts: ['请确认'] })).toEqual(['heard']);
    expect(laws('ivr-twilio', { texts: ['请确认', '请确认', '已登记，编号1-1'] })).toEqual(['heard']);
    // Told to wait, and hung up: what is missing is stored.
    expect(check(observe('ivr-twilio', { texts: ['请确认', '请稍候，正在为您处理。'] }))).toEqual({ faults: [], repeatedSends: 0, unheard: 1, callbacks: 0 });
    expect(check(observe('ivr-twilio', { texts: ['请稍候，正在为您处理。', '请确认', '抱歉让您久等了，请您再说一遍，转人工请按0。', '已登记，编号1-1'] }))).toEqual({ faults: [], repeatedSends: 0, unheard: 0, callbacks: 0 });
  });

  it('lets WeChat hear a send again after a crash, and nothing out of order', () => {
    expect(check(observe('wechat-miniprogram', { texts: ['请确认', '请确认', '已登记，编号1-1'] }))).toEqual({ faults: [], repeatedSends: 1, unheard: 0, callbacks: 0 });
    expect(laws('wechat-miniprogram', { texts: ['请确认', '请确认', '请确认', '已登记，编号1-1'] })).toEqual(['sends']);
    expect(laws('wechat-miniprogram', { texts: ['已登记，编号1-1', '请确认'] })).toEqual(['heard']);
    expect(laws('wechat-miniprogram', { found: { delivered: ['o1'] } })).toEqual(['delivered']);
    expect(laws('wechat-official', { texts: ['请确认'] })).toEqual(['heard']);
    expect(laws('wechat-official', { texts: ['请确认', '请确认', '请确认', '已登记，编号1-1'] })).toEqual(['sends']);
    expect(laws('wechat-official', { found: { delivered: [] } })).toEqual(['delivered']);
    const said: string[] = [];
    expect(heardFromWechat(['一', '二', '一', '三'], ['一', '二', '三'], (detail) => void said.push(detail))).toEqual({ repeated: 1, unheard: 0 });
    // Quick messages, answered in one send.
    expect(heardFromWechat(['一', '一\n\n二\n\n三'], ['一', '二', '三'], (detail) => void said.push(detail))).toEqual({ repeated: 1, unheard: 0 });
    expect(said).toEqual([]);
    expect(heardFromWechat(['一\n\n三'], ['一', '二', '三'], (detail) => void said.push(detail))).toEqual({ repeated: 0, unheard: 0 });
    expect(said).toHaveLength(1);
  });

  it('knows the callback that a call is owed when the database was away', () => {
    const [ticket] = sound('20261122-000002').tickets;
    if (ticket === undefined) throw new Error('no ticket');
    const owed = { ...ticket, id: 'u', number: '20261122-000003', title: '回电', content: '未接通', place: null };
    const planted = { found: { tickets: [ticket, owed] }, evidence: { ticketNumbers: ['1', '2', '3'], sequences: [{ day: '20261122', last: 3 }] } };
    expect(laws('ivr-twilio', planted)).toContain('tickets-once');
    expect(check(observe('ivr-twilio', { ...planted, outages: true }))).toEqual({ faults: [], repeatedSends: 0, unheard: 0, callbacks: 1 });
    expect(laws('webchat', { ...planted, outages: true })).toContain('tickets-once');
  });

  it('sees what is stuck', () => {
    const row = { id: 'x', lane: 'turn:c', kind: 'turn', state: 'ready', attempts: 3, available_at: 9_000, last_error: 'store.busy' };
    expect(laws('webchat', { evidence: { outbox: [row] } })).toEqual(['nothing-stuck']);
    expect(laws('webchat', { evidence: { outbox: [{ ...row, kind: 'timer', state: 'dead' }] } })).toEqual(['nothing-stuck']);
    expect(laws('webchat', { evidence: { outbox: [{ ...row, kind: 'timer', available_at: 900 }] } })).toEqual(['nothing-stuck']);
    expect(laws('webchat', { evidence: { lanes: [{ lane: 'turn:c', expires_at: 1_500 }] } })).toEqual(['nothing-stuck']);
  });

  it('sees a trail that is broken, or looks that it does not name once', () => {
    expect(laws('webchat', { evidence: { trailBreaksAt: 7 } })).toEqual(['trail']);
    expect(laws('webchat', { evidence: { purposes: [] } })).toEqual(['trail']);
    expect(laws('webchat', { evidence: { purposes: ['核对', '核对'] } })).toEqual(['trail']);
    expect(laws('webchat', { granted: [] })).toEqual([]);
  });
});
