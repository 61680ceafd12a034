import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channel as ivrTwilio } from '../../channels/ivr-twilio/index.ts';
import { callParams, signedRequest } from '../../channels/ivr-twilio/testing/signed-request.ts';
import { channel as wechatMiniprogram } from '../../channels/wechat-miniprogram/index.ts';
import type { Channel, RawRequest } from '../../src/channel/contract.ts';
import { asAddress } from '../../src/domain/activity.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { IntakeContext } from '../../src/intake/context.ts';
import { createLimiter } from '../../src/intake/limiter.ts';
import { createStorm } from '../../src/intake/storm/keeper.ts';
import { loadStorm } from '../../src/intake/storm/settings.ts';
import { createPorts } from '../../src/intake/ports.ts';
import { openSpool, type Spool } from '../../src/intake/spool/index.ts';
import { storeSpooled } from '../../src/intake/spool/store.ts';
import type { Store } from '../../src/store/contract.ts';
import { createVault } from '../../src/store/vault.ts';
import { bodyOf, loadFixtures, loadSettings, type Fixture } from '../contracts/channel-fixtures.ts';
import { createFakeTimers, type FakeTimers } from '../fakes/timers.ts';
import { openApp } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { until } from '../support/until.ts';

/** The hooks zone with the real channels and a real SQLite store that is taken away, hangs, and comes back. */

const folderOf = (name: string): string => fileURLToPath(new URL(`../../channels/${name}`, import.meta.url));
const settingsOf = (name: string) => loadSettings(folderOf(name));
const wechat = { settings: settingsOf('wechat-miniprogram'), fixtures: loadFixtures(folderOf('wechat-miniprogram')) };
const text = wechat.fixtures.find(({ name }) => name.includes('safe-xml-text-cdata')) ?? wechat.fixtures.find(({ expect: { kind } }) => kind === 'inbound');
if (text === undefined) throw new Error('no push among the fixtures');
const VOICE = '/hooks/ivr/twilio/voice';
const STATUS = '/hooks/ivr/twilio/status';

let intake: IntakeUnderTest;
let app: FastifyInstance;
let channels: Channel[];
let spool: Spool;
let timers: FakeTimers;
let root: string;
const lines: string[] = [];
const folders: string[] = [];

type Doors = Pick<Store, 'read' | 'write' | 'ping'>;
let doors: Doors;
let release: () => void = () => {};

const gone = () => new AppError('store.failed', 'the database failed (ECONNREFUSED)', { retry: 'later', status: 503 });
function takeAway(): void {
  const fail = async (): Promise<never> => { throw gone(); };
  Object.assign(intake.store, { read: fail, write: fail, ping: fail });
}
/** Asked, and no answer; what was asked happens when it is let go. */
function hang(): void {
  const held = new Promise<void>((resolve) => (release = resolve));
  Object.assign(intake.store, {
    read: async (fn: Parameters<Doors['read']>[0]) => held.then(() => doors.read(fn)),
    write: async (fn: Parameters<Doors['write']>[0]) => held.then(() => doors.write(fn)),
    ping: async () => held.then(() => doors.ping()),
  });
}
function giveBack(): void {
  Object.assign(intake.store, doors);
  release();
}

async function openHouse(): Promise<void> {
  const vault = createVault(Buffer.alloc(32, 7));
  let ids = 0;
  spool = await openSpool({
    folder: root, seal: vault.seal, open: vault.open, now: intake.clock.now, newId: () => `spooled-${(ids += 1)}-${folders.length}`, log: intake.context.log, timers, segmentBytes: 16_384,
    store: (inbound, at) => storeSpooled(intake.context, inbound, at), ping: () => intake.store.ping(),
  });
  app = await openApp({ ...intake, context: { ...intake.context, spool } }, { channels, lines });
  spool.start();
}

/** The process dies and another starts: it has the disk as it was in this instant. */
async function crash(): Promise<void> {
  const image = mkdtempSync(join(tmpdir(), 'yihu-outage-'));
  folders.push(image);
  cpSync(root, join(image, 'spool'), { recursive: true });
  root = join(image, 'spool');
  await app.close();
  await spool.stop();
  await openHouse();
}

beforeEach(async () => {
  channels = [];
  intake = await openIntake({
    channels: async (context: IntakeContext) => {
      const make = (module: typeof ivrTwilio, name: string) =>
        module.create({ env: settingsOf(name).env, publicUrl: settingsOf(name).publicUrl, production: false, ports: createPorts(context, name, createLimiter(1_000, context.now, () => {})) });
      channels = [await make(wechatMiniprogram, 'wechat-miniprogram'), await make(ivrTwilio, 'ivr-twilio')];
      return channels;
    },
  });
  intake.script = (event) => [{ kind: 'say', text: event.type === 'message' ? `已记录：${event.text}` : '您好，这里是市民热线', inputHint: 'expectingInput' }];
  doors = { read: intake.store.read.bind(intake.store), write: intake.store.write.bind(intake.store), ping: intake.store.ping.bind(intake.store) };
  timers = createFakeTimers(intake.clock);
  root = join(mkdtempSync(join(tmpdir(), 'yihu-outage-')), 'spool');
  folders.push(join(root, '..'));
  lines.length = 0;
  await openHouse();
});

afterEach(async () => {
  giveBack();
  await app.close();
  await spool.stop();
  await intake.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const inject = (raw: RawRequest) =>
  app.inject({ method: raw.method === 'GET' ? 'GET' : 'POST', url: raw.url, headers: Object.fromEntries(Object.entries(raw.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))), ...(raw.body.length === 0 ? {} : { payload: raw.body }) });
const push = (fixture: Fixture = text) => inject({ method: fixture.request.method, url: fixture.request.url, headers: fixture.request.headers, body: bodyOf(fixture) });
const call = (query: string, params: Record<string, string> = {}, path = VOICE) => inject(signedRequest(path + query, callParams(params), { authToken: settingsOf('ivr-twilio').env['TWILIO_AUTH_TOKEN'] ?? '', publicUrl: settingsOf('ivr-twilio').publicUrl }));
const drained = () => until(async () => {
  if (spool.stats().state !== 'through') timers.pass(1_000);
  return spool.stats().state === 'through';
}, 'an empty spool');
const activities = async (channel: string) => {
  const found = await intake.store.read((repos) => repos.conversations.list({ limit: 10 }));
  const one = found.find((conversation) => conversation.channel === channel);
  return one === undefined ? [] : intake.store.read((repos) => repos.activities.after(one.id, 0, 100));
};
const heard = (body: string): string => [...body.matchAll(/<Say[^>]*>([^<]*)</g)].map(([, words]) => words ?? '').join(' ');
const nextOf = (body: string): string => (/<Redirect[^>]*>([^<]*)</.exec(body)?.[1] ?? '').replaceAll('&amp;', '&').replace(VOICE, '');

describe('WeChat, while the database is away', () => {
  it('is told success only when the push is on the disk; it is stored once when the database is back, however often it was resent', async () => {
    intake.clock.set(text.now);
    await intake.startBus();
    takeAway();
    const before = intake.clock.now();
    for (let n = 0; n < 3; n += 1) {
      const answer = await push();
      expect([answer.statusCode, answer.body]).toEqual([200, 'success']);
    }
    expect(spool.stats()).toMatchObject({ state: 'away', records: 3, spooled: 3 });
    giveBack();
    await drained();
    await intake.settle();
    const stored = await activities('wechat-miniprogram');
    expect(stored.filter(({ direction }) => direction === 'in')).toHaveLength(1);
    // At the time it was said, and answered afterwards.
    expect(stored[0]).toMatchObject({ direction: 'in', at: before });
    expect(stored.filter(({ direction, content }) => direction === 'out' && content.type === 'message')).toHaveLength(1);
    expect((await push()).body).toBe('success');
    expect((await activities('wechat-miniprogram')).length).toBe(stored.length);
  });

  it('a database that hangs costs the first push its patience, no more; what it did after all is done once', async () => {
    intake.clock.set(text.now);
    hang();
    const first = push();
    await intake.clock.settle();
    await until(async () => timers.waiting() > 1, 'the webhook to wait');
    timers.pass(2_500);
    expect((await first).body).toBe('success');
    intake.clock.set(text.now);
    expect((await push()).body).toBe('success');
    giveBack();
    await drained();
    expect((await activities('wechat-miniprogram')).filter(({ direction }) => direction === 'in')).toHaveLength(1);
  });

  it('a crash in the middle loses nothing', async () => {
    intake.clock.set(text.now);
    takeAway();
    expect((await push()).body).toBe('success');
    await crash();
    expect(spool.stats().records).toBe(1);
    giveBack();
    await drained();
    expect(await activities('wechat-miniprogram')).toHaveLength(1);
    await until(async () => readdirSync(root).length === 1, 'the left folder to go');
  });

  it('what is forged is refused as ever, without the store', async () => {
    takeAway();
    intake.clock.set(text.now + 10 * 60_000);
    expect((await push()).statusCode).toBe(403);
    expect((await call('', {}, STATUS)).statusCode).toBeLessThan(300);
    expect((await inject({ ...signedRequest(VOICE, callParams(), { authToken: 'x'.repeat(32) }) })).statusCode).toBe(403);
    expect(spool.stats().records).toBe(0);
  });

  it('when the spool is full too, the peer is asked to come again', async () => {
    await app.close();
    await spool.stop();
    const vault = createVault(Buffer.alloc(32, 7));
    spool = await openSpool({ folder: root, seal: vault.seal, open: vault.open, now: intake.clock.now, newId: () => 'one', log: intake.context.log, timers, segmentBytes: 4_096, limitBytes: 10, store: async () => {}, ping: () => intake.store.ping() });
    const storm = createStorm({ settings: loadStorm(fileURLToPath(new URL('../..', import.meta.url))), store: intake.store, now: intake.clock.now, holder: 'test', loopMs: () => 0, log: intake.context.log });
    app = await openApp({ ...intake, context: { ...intake.context, spool, storm } }, { channels, lines });
    intake.clock.set(text.now);
    takeAway();
    const answer = await push();
    expect([answer.statusCode, answer.json()]).toMatchObject([503, { error: { code: 'spool.full' } }]);
    expect(spool.stats()).toMatchObject({ turnedAway: 1 });
    // A caller cannot come again by themselves: they hear the truth, then the call ends.
    const told = await call('');
    expect([told.statusCode, heard(told.body)]).toEqual([200, expect.stringMatching(/记不下您的话.*几分钟后再拨.*1 1 0/)]);
    expect(told.body).toContain('<Hangup');
  });

  it('nothing of what was said gets into the log', async () => {
    takeAway();
    await call('?step=1&for=gather', { SpeechResult: '路灯不亮，电话13800138000' });
    expect(lines.join('')).not.toMatch(/路灯|13800138000|CA0000/);
  });
});

describe('a call, while the database is away', () => {
  it('hears the truth, is listened to, and goes on with the dialog when the database is back', async () => {
    await intake.startBus();
    takeAway();
    const hello = await call('');
    expect([hello.statusCode, heard(hello.body)]).toEqual([200, expect.stringMatching(/故障.*1 1 0/)]);
    const noted = await call('?step=1&for=gather&o=1', { SpeechResult: '路灯不亮', Confidence: '0.9' });
    expect(heard(noted.body)).toMatch(/^您说的已经记下/);
    // Silence: the caller waits; nothing of it is kept.
    const waiting = await call(nextOf(noted.body));
    expect(waiting.statusCode).toBe(200);
    expect(spool.stats().records).toBe(2);
    giveBack();
    await drained();
    await intake.settle();
    const back = await call(nextOf(waiting.body));
    expect(heard(back.body)).toMatch(/^让您久等了，系统已经恢复。.*市民热线.*已记录：路灯不亮/);
    expect((await activities('ivr-twilio')).filter(({ direction }) => direction === 'in').map(({ content }) => content.type)).toEqual(['event', 'message']);
  });

  it('that asks while its words are still in the spool is not told that it is over', async () => {
    await call('');
    takeAway();
    const noted = await call('?step=1&for=gather', { SpeechResult: '路灯不亮' });
    // The database is back, nobody has replayed yet.
    giveBack();
    const asked = await call(nextOf(noted.body));
    expect(asked.body).not.toContain('Hangup');
    expect(asked.body).toContain('o=2');
    await drained();
  });

  it('in the middle of a poll hears the truth as well, and a later poll the answer', async () => {
    await intake.startBus();
    await call('');
    takeAway();
    const poll = await call('?step=4&for=wait&w=1');
    expect(heard(poll.body)).toMatch(/故障/);
    expect(spool.stats()).toMatchObject({ state: 'away', records: 0 });
    giveBack();
    await drained();
    expect(heard((await call(nextOf(poll.body))).body)).toMatch(/^让您久等了/);
  });

  it('hears the answer of a turn that a hanging database did after all, though nobody waited for it', async () => {
    await intake.startBus();
    await call('');
    hang();
    // The greeting was heard up to place 2.
    const said = call('?step=1&for=gather&h=2', { SpeechResult: '路灯不亮', Confidence: '0.9' });
    await until(async () => timers.waiting() > 1, 'the webhook to wait');
    timers.pass(2_500);
    const noted = await said;
    expect(heard(noted.body)).not.toContain('已记录');
    giveBack();
    await drained();
    await intake.settle();
    expect(heard((await call(nextOf(noted.body))).body)).toContain('已记录：路灯不亮');
    expect((await activities('ivr-twilio')).filter(({ direction, content }) => direction === 'in' && content.type === 'message')).toHaveLength(1);
  });

  it('hears the greeting too, when it was made and never arrived', async () => {
    await intake.startBus();
    hang();
    const first = call('');
    await until(async () => timers.waiting() > 1, 'the webhook to wait');
    timers.pass(2_500);
    const outage = await first;
    expect(heard(outage.body)).toMatch(/故障/);
    giveBack();
    await drained();
    await intake.settle();
    expect(heard((await call(nextOf(outage.body))).body)).toContain('市民热线');
  });

  it('that hung up meanwhile is called back: its words, its end and one ticket, once', async () => {
    await intake.startBus();
    takeAway();
    await call('');
    await call('?step=1&for=gather&o=1', { SpeechResult: '我家楼下施工太吵' });
    const ended = { CallStatus: 'completed', SequenceNumber: '3' };
    expect((await call('', ended, STATUS)).statusCode).toBe(204);
    expect((await call('', ended, STATUS)).statusCode).toBe(204);
    expect(spool.stats().records).toBe(4);
    await crash();
    giveBack();
    await drained();
    await intake.settle();
    const found = await intake.store.read((repos) => repos.conversations.findByAddress('ivr-twilio', asAddress(callParams()['CallSid'] ?? '')));
    expect(found).toMatchObject({ owner: 'closed' });
    const tickets = await intake.store.read((repos) => repos.tickets.byConversation(found?.id ?? ''));
    expect(tickets).toMatchObject([{ callback: true, channel: 'ivr-twilio' }]);
    const said = (await activities('ivr-twilio')).filter(({ direction }) => direction === 'in').map(({ content }) => (content.type === 'message' ? content.text : content.type));
    expect(said).toEqual(['event', '我家楼下施工太吵', 'endOfConversation']);
  });

  it('a database that goes between the message and its answer: the message is stored, the caller hears the truth', async () => {
    // Nobody turns it in the request: its answer is waited for, and asked of a database that is gone.
    const spoken = call('');
    await until(async () => (await intake.rows())['outbox'] === 1, 'the message to be stored');
    takeAway();
    await until(async () => {
      timers.pass(1_000);
      return spool.stats().state === 'away';
    }, 'the wait to end');
    expect(heard((await spoken).body)).toMatch(/故障/);
    giveBack();
    await drained();
  });
});
