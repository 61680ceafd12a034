import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BoardPictureShape } from '../../src/http/zones/desk/board-schemas.ts';
import type { StormModeShape } from '../../src/http/zones/desk/storm-schemas.ts';
import { createStorm } from '../../src/intake/storm/keeper.ts';
import { loadStorm } from '../../src/intake/storm/settings.ts';
import { loadMeasureSettings } from '../../src/measures/settings.ts';
import { rowsOf } from '../../src/measures/rows.ts';
import { watchStorm } from '../../src/wiring/storm.ts';
import { openApp, signIn } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TOKEN = 'a-token-for-the-screen-in-the-hall';
const WEEK = 7 * 86_400_000;

let intake: IntakeUnderTest;
let app: FastifyInstance;
let storm: ReturnType<typeof createStorm>;
beforeEach(async () => {
  intake = await openIntake();
  storm = createStorm({ settings: loadStorm(ROOT), store: intake.store, now: intake.clock.now, holder: 'test', loopMs: () => 0, log: intake.context.log });
  Object.assign(intake.context, { storm });
  app = await openApp(intake, { desk: { storm, board: { settings: loadMeasureSettings(ROOT), token: TOKEN, pictureMs: 25 } } });
});
afterEach(async () => {
  await app.close();
  await intake.close();
});

interface Shown {
  readonly storm: StormModeShape;
  readonly history: readonly { readonly from: number; readonly to: number; readonly cause: { readonly signal: string } | null }[];
}

describe('storm mode at the desk and on the wall', () => {
  it('shows level, cause, what is given up and how much more than usual comes in', async () => {
    // Three weeks of this hour: a storm in one of them teaches nothing.
    const hour = Math.floor(intake.clock.now() / 3_600_000) * 3_600_000;
    await intake.store.write((repos) => repos.rollups.add([1, 2, 3].flatMap((week) => rowsOf({ measure: 'message.received', at: hour - week * WEEK, amount: week === 2 ? 90_000 : 2_400, keys: { channel: 'webchat' } }))));
    for (let message = 0; message < 160; message += 1) storm.heard();
    for (let look = 0; look < 3; look += 1) {
      await storm.look();
      intake.clock.advance(5_000);
    }
    const seat = await signIn(app, intake, 'seat');
    const { storm: mode, history } = (await seat.call('GET', '/api/storm')).json<Shown>();
    expect(mode).toMatchObject({ level: 2, levels: 4, name: '繁忙', normal: 200, learned: true, givesUp: ['typing', 'long-answers'], cause: { signal: 'load', limit: 3.5 }, pinned: null, waitMs: null, groups: [] });
    expect([mode.load, mode.perFive]).toEqual([4, 800]);
    expect(history.map(({ from, to }) => [from, to])).toEqual([[0, 1], [1, 2]]);
    const picture = (await app.inject({ url: '/api/board', headers: { authorization: `Bearer ${TOKEN}` } })).json<BoardPictureShape>();
    expect(picture.storm).toMatchObject({ level: 2, name: '繁忙', givesUp: ['typing', 'long-answers'] });
    const registry = new Registry();
    watchStorm(registry, storm);
    expect(await registry.metrics()).toMatch(/yihu_storm_level 2\n[\s\S]*yihu_storm_load_ratio 4\n[\s\S]*yihu_storm_normal_messages 200\n/);
  });

  it('lets a supervisor set the level for a while, with a row in the trail', async () => {
    expect((await (await signIn(app, intake, 'seat')).call('POST', '/api/storm/pin', { level: 3 })).statusCode).toBe(403);
    expect((await (await signIn(app, intake, 'department', 'ecology')).call('GET', '/api/storm')).statusCode).toBe(403);
    const supervisor = await signIn(app, intake, 'supervisor');
    expect((await supervisor.call('POST', '/api/storm/pin', { level: 7 })).json()).toMatchObject({ error: { code: 'storm.no_level' } });
    const set = (await supervisor.call('POST', '/api/storm/pin', { level: 3, minutes: 30 })).json<Shown>();
    expect(set.storm).toMatchObject({ level: 3, cause: { signal: 'hand' }, pinned: { level: 3, until: intake.clock.now() + 30 * 60_000 } });
    expect(storm.givesUp('rollups')).toBe(true);
    expect((await intake.store.read((repos) => repos.trail.latest(4))).map(({ action }) => action)).toEqual(expect.arrayContaining(['storm.pinned', 'storm.level']));
    // Taken back, it falls as any storm does.
    expect((await supervisor.call('DELETE', '/api/storm/pin')).json<Shown>().storm).toMatchObject({ level: 3, pinned: null });
    for (let look = 0; look < 60; look += 1) {
      intake.clock.advance(5_000);
      await storm.look();
    }
    expect(storm.view().level).toBe(0);
  });
});
