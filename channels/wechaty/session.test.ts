import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Channel, OutgoingMessage } from '../../src/channel/contract.ts';
import { asAddress } from '../../src/domain/activity.ts';
import { AppError } from '../../src/domain/errors.ts';
import { createFakePorts, createMemoryState, type FakePorts } from '../../test/fakes/ports.ts';
import { until } from '../../test/support/until.ts';
import { createChannel, ROOM_TEXT } from './index.ts';
import { createLease } from './lease.ts';
import { forgetOldest } from './pools.ts';
import { PACE, type Pace } from './session.ts';
import { createMockWechat, type MockWechat } from './testing/wechat.ts';

/** A real Wechaty with wechaty-puppet-mock in the channel's own thread. */

const QUICK: Pace = { ...PACE, openAfterMs: 0, lookMs: 20, firstBackOffMs: 10, longestBackOffMs: 40 };
const message = (text: string): OutgoingMessage => ({ activityIds: ['a1'], content: { type: 'message', text } });

let wechat: MockWechat;
let ports: FakePorts;
let channel: Channel;
/** What reached this process although nothing of a puppet may. */
const strayed: unknown[] = [];
const stray = (error: unknown): void => void strayed.push(error);

const open = (env: Readonly<Record<string, string>> = wechat.env, pace = QUICK): void => {
  channel = createChannel({ ...env, PATH: process.env['PATH'] }, ports, pace);
};
const person = (id: string, text: string, change: object = {}) => ({ id, type: 'Text', talkerId: 'wxid_citizen', talkerName: '市民', text, at: Date.now(), ...change });
const send = (text: string, to = 'wxid_citizen') => channel.send?.(message(text), { address: asAddress(to), lastInboundAt: null, now: Date.now() });
const warnings = (): string[] => ports.logged.filter(({ level }) => level !== 'info').map(({ text }) => text);
const texts = (): string[] => ports.received.flatMap(({ content }) => (content.type === 'message' ? [content.text] : []));

beforeEach(() => {
  wechat = createMockWechat();
  ports = createFakePorts({ now: Date.now });
  strayed.length = 0;
  process.on('uncaughtException', stray);
  process.on('unhandledRejection', stray);
});
afterEach(async () => {
  await channel.stop?.();
  wechat.close();
  process.off('uncaughtException', stray);
  process.off('unhandledRejection', stray);
  expect(strayed).toEqual([]);
});

/** A start of Wechaty reads 1500 files: one session for all that can be seen in one, and no limit but the suite's patience. */
const PATIENCE = 180_000;

describe('a session', () => {
  it('hears, answers, never hears itself, keeps rooms out of people’s matters, and goes on after a break', async () => {
    open();
    expect(await send('zu früh')).toMatchObject({ status: 'retry', retryAfterMs: expect.any(Number) });
    await wechat.logIn();
    wechat.arrive(person('m1', '居住证怎么办'));
    await until(async () => texts().length === 1);
    expect(await send('请带身份证')).toEqual({ status: 'delivered' });
    wechat.arrive(person('m2', '@一呼 我的工单办到哪了', { roomId: 'r@chatroom', mention: true }));
    wechat.arrive(person('m3', '@一呼 还有', { roomId: 'r@chatroom', mention: true }));
    await until(async () => texts().length === 3 && wechat.sent.length === 2);
    expect(ports.received.map(({ address }) => address)).toEqual(['wxid_citizen', 'wxid_citizen', 'wxid_citizen']);
    expect(wechat.sent[0]).toEqual({ to: 'wxid_citizen', text: '请带身份证' });
    expect(wechat.sent[1]?.to, 'once in ten minutes').toBe('r@chatroom');
    expect(wechat.sent[1]?.text).toContain(ROOM_TEXT);
    expect(texts(), 'no echo').toEqual(['居住证怎么办', '我的工单办到哪了', '还有']);
    expect(channel.status).toEqual({ state: 'on' });

    // A house that cannot store now is asked again, and nothing overtakes.
    ports.failNextReceive(new AppError('store.unavailable', 'away', { status: 503, retry: 'after', retryAfterMs: 5 }));
    wechat.arrive(person('m4', '一'));
    wechat.arrive(person('m5', '二'));
    await until(async () => texts().length === 5);
    expect(texts().slice(3)).toEqual(['一', '二']);

    // What the puppet tells is told, without what it says.
    wechat.order({ command: 'error-event' });
    await until(async () => warnings().includes('wechaty reports an error'));
    wechat.order({ command: 'logout' });
    await until(async () => warnings().includes('wechaty was logged out'));
    expect(await send('x')).toMatchObject({ status: 'retry', code: 'wechaty.offline' });
    wechat.order({ command: 'scan' });
    await until(async () => channel.status.state === 'on' && channel.status.note === 'waits for a scan');
    expect(ports.logged.at(-1)?.facts).toMatchObject({ qrcode: 'https://login.weixin.example/l/fixture', status: 'Waiting' });

    // The thread ends as a puppet throws where nobody catches; another one takes its place.
    wechat.order({ command: 'throw' });
    await until(async () => warnings().some((text) => text.includes('ended')));
    expect(channel.status).toEqual({ state: 'on', note: expect.any(String) });
    await wechat.logIn();
    wechat.arrive(person('m6', '又来了'));
    await until(async () => texts().includes('又来了'));
    expect(wechat.starts()).toBe(2);
    expect(await send('在')).toEqual({ status: 'delivered' });
    await until(async () => (await ports.state.get('memory'))?.includes('"\\rpuppet\\nstarts",2') === true, 'the puppet’s session to be kept over the break');
    const log = JSON.stringify(ports.logged);
    for (const word of ['居住证', '市民', 'wxid_citizen', '一呼', 'thrown where', 'personal words']) expect(log).not.toContain(word);

    // A stop does not wait for a puppet that hangs.
    wechat.order({ command: 'hang' });
    await channel.stop?.();
    expect(await send('x')).toMatchObject({ status: 'retry' });
  }, PATIENCE);

  it.each(['throw', 'reject', 'nowhere'])('a puppet that breaks by `%s` is tried ever later and reaches nobody else', async (how) => {
    open({ WECHATY_PUPPET: how === 'nowhere' ? 'wechaty-puppet-nowhere' : new URL('./testing/broken-puppet.ts', import.meta.url).href, WECHATY_PUPPET_ENDPOINT: how }, QUICK);
    const waits = (): unknown[] => ports.logged.flatMap(({ facts }) => ('waitMs' in facts ? [facts.waitMs] : []));
    await until(async () => waits().length >= 2);
    expect(waits().slice(0, 2)).toEqual([10, 20]);
    expect(await send('x')).toMatchObject({ status: 'retry' });
    expect(JSON.stringify(ports.logged)).not.toContain('secret words');
  }, PATIENCE);
});

describe('what Wechaty never forgets', () => {
  it('is forgotten from its oldest end', () => {
    const pool = new Map([['a', 1], ['b', 2], ['c', 3]]);
    forgetOldest(pool, 2);
    expect([...pool.keys()]).toEqual(['b', 'c']);
    expect(() => forgetOldest(undefined, 2)).not.toThrow();
  });
});

describe('who has the session', () => {
  it('is one node at a time; the next one takes what was said between them', async () => {
    let at = 1_790_000_000_000;
    const state = createMemoryState(() => at);
    const [one, two] = ['one', 'two'].map((name) => createLease(state, () => at, name));
    expect(await one?.hold()).toBe(at);
    expect(await two?.hold()).toBeNull();
    at += 29_000;
    expect(await one?.hold(), 'renewed, and since the same time').toBe(1_790_000_000_000);
    at += 31_000;
    expect(await two?.hold(), 'since the other one was last heard of').toBe(1_790_000_029_000);
    expect(await one?.hold()).toBeNull();
    await one?.release();
    expect(await one?.hold(), 'not its own to let go of').toBeNull();
    await two?.release();
    at += 3 * 24 * 60 * 60 * 1000;
    expect(await one?.hold(), 'a day at most').toBe(at - 24 * 60 * 60 * 1000);
  });

  it('a node that sends nothing opens none', async () => {
    open({ ...wechat.env, ROLES: 'web' });
    expect(await send('x')).toMatchObject({ status: 'retry', code: 'wechaty.elsewhere', retryAfterMs: expect.any(Number) });
    expect(channel.status).toMatchObject({ note: 'another node has the session' });
  });

  it('refuses settings that could load anything', () => {
    channel = { name: 'none', capabilities: createChannel({}, ports).capabilities, status: { state: 'off', missing: [] } };
    for (const puppet of ['../evil', '/etc/passwd', 'https://evil.example/x.js', 'a b']) expect(() => createChannel({ WECHATY_PUPPET: puppet }, ports)).toThrow(/WECHATY_PUPPET/);
    expect(() => createChannel({ WECHATY_PUPPET: 'wechaty-puppet-mock', WECHATY_SEND_GAP_MS: 'soon' }, ports)).toThrow(/WECHATY_SEND_GAP_MS/);
    expect(createChannel({ WECHATY_PUPPET: ' ' }, ports).status).toEqual({ state: 'off', missing: ['WECHATY_PUPPET'] });
  });
});
