import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveEvent } from '../../src/channel/contract.ts';
import { createPhoneSim, type PhoneSim } from '../../src/cli/sim/phone-sim.ts';
import type { DeskEvent } from '../../src/intake/live.ts';
import { openHouse, type House } from '../../src/main.ts';
import { createFamily } from '../support/siblings.ts';
import { until } from '../support/until.ts';

/** Two houses on one SQLite file, as PROCESSES starts them, in one process. */

const AUTH_TOKEN = 'not-a-real-auth-token';
const URL_OF = 'http://hotline.invalid';

describe('two processes on one SQLite file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-siblings-'));
  let [a, b]: House[] = [];
  const houses = (): readonly [House, House] => {
    if (a === undefined || b === undefined) throw new Error('not open');
    return [a, b];
  };
  beforeAll(async () => {
    const family = createFamily(2);
    const env = { DATA_DIR: folder, PROCESSES: '2', SQLITE_SYNCHRONOUS: 'NORMAL', STORM_MODE: 'off', PUBLIC_URL: URL_OF, TWILIO_AUTH_TOKEN: AUTH_TOKEN };
    const open = (): Promise<House> => openHouse({ env, siblings: family.join().line, logger: pino({ level: 'silent' }) });
    a = await open();
    b = await open();
  });
  afterAll(async () => {
    await Promise.all(houses().map((house) => house.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  const phone = (house: House, from: string): PhoneSim =>
    createPhoneSim({
      baseUrl: URL_OF, publicUrl: URL_OF, authToken: AUTH_TOKEN, from,
      transport: async ({ url, method, headers, body }) => {
        const answer = await house.app.inject({ url: url.slice(URL_OF.length), method, headers: { ...headers }, payload: body });
        return { status: answer.statusCode, contentType: String(answer.headers['content-type']), body: answer.body };
      },
    });
  /** The conversation of a call that has just begun. */
  const beginCall = async (house: House, from: string): Promise<{ readonly call: PhoneSim; readonly conversationId: string }> => {
    const ids = async (): Promise<readonly string[]> => (await house.store.read((repos) => repos.conversations.list({ limit: 10 }))).map(({ id }) => id);
    const before = await ids();
    const call = phone(house, from);
    await call.call();
    return { call, conversationId: (await ids()).find((id) => !before.includes(id)) ?? 'none' };
  };

  it('say so, and made their secrets and their administrator once', async () => {
    const [first, second] = houses();
    for (const house of [first, second]) expect((await house.app.inject('/readyz')).json()).toMatchObject({ parts: { store: 'sqlite', bus: 'embedded', processes: '2 of 2', news: 'siblings: connected' } });
    expect([first.secrets.adminPasswordIsNew, second.secrets.adminPasswordIsNew]).toEqual([true, false]);
    expect(second.secrets.vaultKey.equals(first.secrets.vaultKey)).toBe(true);
    expect(await second.store.read((repos) => repos.seats.count())).toBe(1);
    // Each takes webhooks into a spool of its own.
    expect(readdirSync(join(folder, 'spool')).filter((name) => /^\d{8}-/.test(name))).toHaveLength(2);
  });

  it('whoever listens at one hears at once of a turn that the other made, sockets and desks', async () => {
    const [first, second] = houses();
    const { call, conversationId } = await beginCall(second, '+8613800138000');
    const heard: LiveEvent[] = [];
    const desk: DeskEvent[] = [];
    const leave = [first.context.live.subscribe(conversationId, (event) => heard.push(event)), first.context.live.subscribeDesk((event) => desk.push(event))];
    await call.say('居住证怎么办');
    await until(async () => heard.length === 2 && desk.some(({ kind }) => kind === 'conversation'), 'question and answer');
    expect(heard.map((event) => (event.kind === 'activity' ? event.activity.direction : event.kind))).toEqual(['in', 'out']);
    for (const stop of leave) stop();
    await call.hangup();
  });

  it('a caller at one is answered in the same request when the other holds the lane', async () => {
    const [first, second] = houses();
    const { call, conversationId } = await beginCall(first, '+8613800138001');
    const lane = `turn:${conversationId}`;
    const { holder, ms } = second.context.lease;
    const fence = await second.store.write((repos) => repos.lanes.acquire(lane, holder, second.context.now(), ms));
    expect(fence).not.toBeNull();
    const saying = call.say('居住证怎么办');
    await until(async () => (await second.store.read((repos) => repos.outbox.due(lane, second.context.now(), 1))).length === 1, 'the row that waits for its lane');
    const rows = await second.store.read((repos) => repos.outbox.due(lane, second.context.now(), 1));
    second.bus.adopt({ lane, fence: fence ?? 0 }, rows);
    expect((await saying).join('')).toMatch(/居住证/);
    await call.hangup();
  });

  it('show what both of them count on the metrics of either', async () => {
    const taken = await Promise.all(houses().map(async (house) => /^yihu_received_total\{channel="ivr-twilio"\} (\d+)$/m.exec((await house.app.inject('/metrics')).body)?.[1]));
    expect(Number(taken[0])).toBeGreaterThan(3);
    expect(taken[1]).toBe(taken[0]);
  });
});
