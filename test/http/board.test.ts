import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { HOUR, startOfDay } from '../../src/domain/clock.ts';
import { AS_OF } from '../../src/measures/catch-up.ts';
import { loadMeasureSettings } from '../../src/measures/settings.ts';
import { rowsOf } from '../../src/measures/rows.ts';
import type { BoardPictureShape } from '../../src/http/zones/desk/board-schemas.ts';
import { openApp, signIn } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { until } from '../support/until.ts';

const TOKEN = 'a-token-for-the-screen-in-the-hall';
/** The wall's own two seconds, made short for the one test that waits for the next picture. */
const PICTURE_MS = 25;
const settings = loadMeasureSettings(fileURLToPath(new URL('../..', import.meta.url)));

let intake: IntakeUnderTest;
let app: FastifyInstance;
beforeEach(async () => {
  intake = await openIntake();
  app = await openApp(intake, { desk: { board: { settings, token: TOKEN, pictureMs: PICTURE_MS } } });
});
afterEach(async () => {
  await app.close();
  await intake.close();
});

const now = (): number => intake.context.now();
const look = async (headers: Record<string, string>) => app.inject({ url: '/api/board', headers });
const bearer = { authorization: `Bearer ${TOKEN}` };
const pictureOf = async (): Promise<BoardPictureShape> => (await look(bearer)).json<BoardPictureShape>();

/** What a catch-up job would have left. */
async function count(figures: readonly Parameters<typeof rowsOf>[0][]): Promise<void> {
  await intake.store.write(async (repos) => {
    await repos.rollups.add(figures.flatMap((figure) => rowsOf(figure)));
    await repos.rollups.moveCursor(AS_OF, String(now() - 4_000));
  });
}

describe('who sees the data wall', () => {
  it('every seat but those of departments, and a screen with the token', async () => {
    for (const role of ['seat', 'editor', 'supervisor', 'administrator'] as const) expect((await (await signIn(app, intake, role)).call('GET', '/api/board')).statusCode).toBe(200);
    expect((await (await signIn(app, intake, 'department', 'ecology')).call('GET', '/api/board')).statusCode).toBe(403);
    expect((await look(bearer)).statusCode).toBe(200);
    expect((await look({})).statusCode).toBe(401);
    expect((await look({ authorization: `Bearer ${TOKEN}x` })).statusCode).toBe(401);
  });

  it('the link with the token leaves a cookie that is not the token, and an address without it', async () => {
    const opened = await app.inject({ url: `/board?token=${TOKEN}` });
    expect([opened.statusCode, opened.headers.location, opened.headers['referrer-policy']]).toEqual([303, '/board/', 'no-referrer']);
    const [cookie] = opened.cookies;
    expect(cookie).toMatchObject({ name: 'yihu_board', httpOnly: true, sameSite: 'Strict', path: '/' });
    expect(cookie?.value).not.toContain(TOKEN);
    expect((await look({ cookie: `yihu_board=${cookie?.value ?? ''}` })).statusCode).toBe(200);
    // The token itself is no cookie, and the cookie no token.
    expect((await look({ cookie: `yihu_board=${TOKEN}` })).statusCode).toBe(401);
    expect((await look({ authorization: `Bearer ${cookie?.value ?? ''}` })).statusCode).toBe(401);
    const wrong = await app.inject({ url: '/board?token=wrong' });
    expect([wrong.statusCode, wrong.headers.location, wrong.cookies]).toEqual([303, '/board/', []]);
  });

  it('nobody by an empty token', async () => {
    const closed = await openApp(intake, { desk: { board: { settings, token: '' } } });
    for (const headers of [{ authorization: 'Bearer ' }, { cookie: 'yihu_board=' }]) expect((await closed.inject({ url: '/api/board', headers })).statusCode).toBe(401);
    expect((await closed.inject({ url: '/board?token=' })).cookies).toEqual([]);
    await closed.close();
  });

  it('guessing is slowed', async () => {
    const answers = await Promise.all(Array.from({ length: 130 }, () => look({ authorization: 'Bearer guess' })));
    expect(answers.filter(({ statusCode }) => statusCode === 429).length).toBeGreaterThan(0);
  });
});

describe('what it shows', () => {
  it('says that nothing was counted rather than nought', async () => {
    const { counts, states } = await pictureOf();
    expect(counts).toBeNull();
    expect(states.conversations).toEqual({ bot: 0, waiting: 0, human: 0 });
  });

  it('shows rates as unknown where nobody asked, and as nought where nobody answered', async () => {
    await count([]);
    const rates = async () => Object.fromEntries((await pictureOf()).counts?.service.map(({ name, value, target }) => [name, [value, target]]) ?? []);
    expect(await rates()).toEqual({ connected: [null, settings.targets['connected']], prompt: [null, settings.targets['prompt']], contained: [null, settings.targets['contained']] });
    await count([{ measure: 'service.offered', at: now(), amount: 4, keys: { channel: 'webchat', group: null } }]);
    intake.clock.advance(10_000);
    expect((await rates())['connected']).toEqual([0, settings.targets['connected']]);
  });

  it('shows today, the last 24 hours and 30 days, towns where the file puts them, fields of the catalogue', async () => {
    const [item] = intake.context.city.items;
    const keys = { channel: 'webchat', kind: '投诉', town: 'humen', department: null, item: item?.code ?? null };
    const day = startOfDay(now());
    await count([
      { measure: 'message.received', at: now(), amount: 7, keys: { channel: 'webchat' } }, { measure: 'message.received', at: now(), amount: 2, keys: { channel: 'ivr-twilio' } },
      { measure: 'ticket.opened', at: now(), amount: 3, keys }, { measure: 'ticket.opened', at: day - HOUR, amount: 50, keys },
      { measure: 'service.offered', at: now(), amount: 10, keys: { channel: 'webchat', group: null } }, { measure: 'service.accepted', at: now(), amount: 9, sum: 90_000, keys: { channel: 'webchat', group: null } }, { measure: 'service.prompt', at: now(), amount: 6, keys: { channel: 'webchat', group: null } },
      { measure: 'service.offered', at: now() - 30 * HOUR, amount: 1_000, keys: { channel: 'webchat', group: null } },
      { measure: 'visit.rated', at: day - 20 * 24 * HOUR, amount: 4, keys }, { measure: 'visit.satisfied', at: day - 20 * 24 * HOUR, amount: 3, keys }, { measure: 'visit.rated', at: day - 40 * 24 * HOUR, amount: 400, keys },
    ]);
    const { counts } = await pictureOf();
    expect(counts).not.toBeNull();
    if (counts === null) return;
    expect(counts.today).toEqual({ received: 9, begun: 0, opened: 3, closed: 0, urged: 0 });
    expect(counts.channels.map(({ channel, received }) => [channel, received])).toEqual([['webchat', 7], ['ivr-twilio', 2]]);
    expect(counts.service.map(({ name, value, over, under }) => [name, value, over, under])).toEqual([['connected', 0.9, 9, 10], ['prompt', 6 / 9, 6, 9], ['contained', null, 0, 0]]);
    expect(counts.waitMs).toBe(10_000);
    expect(counts.quality.find(({ name }) => name === 'satisfied')).toMatchObject({ value: 0.75, target: settings.targets['satisfied'] });
    expect(counts.hours).toHaveLength(24);
    expect(counts.hours.at(-1)).toMatchObject({ received: 9, opened: 3, connected: 0.9 });
    expect(counts.fields).toEqual([{ field: item?.field, amount: 3 }]);
    const humen = counts.towns.find(({ id }) => id === 'humen');
    expect(humen).toEqual({ id: 'humen', name: '虎门', amount: 3, ...positionOf('humen') });
    expect(counts.towns).toHaveLength(intake.context.city.towns.length);
    expect(counts.items.map(({ code, amount, hours }) => [code, amount, hours.at(-1)])).toEqual([[item?.code, 3, 3]]);
    expect(counts.asOf).toBe(now() - 4_000);
  });

  it('shows the queue by group with the longest wait, seats by presence and open tickets, and no name of anybody', async () => {
    const secret = '王小明';
    const seat = await intake.seat({ displayName: secret });
    await intake.store.write(async (repos) => {
      await repos.seats.beat(seat.id, 'online', now());
      await repos.seatWork.setState({ seatId: seat.id, state: 'busy', reason: null, since: now(), until: null });
      await repos.queue.put({ conversationId: 'c', kind: 'waiting', groupId: 'general', waitedFrom: now() - 65_000, groupSince: now() - 65_000, rankAt: 1, wantedSeatId: null, offeredTo: null, offeredUntil: null, refusals: [], leaving: false, toldPosition: null, toldAt: null });
    });
    const answer = await look(bearer);
    const { states } = answer.json<BoardPictureShape>();
    expect(states.groups.find(({ id }) => id === 'general')).toMatchObject({ waiting: 1, longestMs: 65_000 });
    expect(states.seats).toMatchObject({ busy: 1, offline: 0 });
    expect(answer.body).not.toContain(secret);
    expect(answer.body).not.toContain(seat.id);
  });

  it('is put together once for all who look within a moment', async () => {
    const read = vi.spyOn(intake.context.store, 'read');
    await Promise.all([look(bearer), look(bearer), look(bearer)]);
    await look(bearer);
    expect(read).toHaveBeenCalledTimes(1);
    intake.clock.advance(PICTURE_MS + 1);
    await look(bearer);
    expect(read).toHaveBeenCalledTimes(2);
  });
});

function positionOf(townId: string): { readonly row: number; readonly column: number } {
  const tile = settings.tiles.find((one) => one.townId === townId);
  if (tile === undefined) throw new Error('the town is not on the map');
  return { row: tile.row, column: tile.column };
}

describe('the socket of the wall', () => {
  let address: string | null = null;
  beforeEach(() => {
    address = null;
  });
  const open = async (headers: Readonly<Record<string, string>>): Promise<{ readonly frames: { readonly type: string; readonly at?: number }[]; readonly socket: WebSocket; readonly closed: () => number | null }> => {
    const at = (address ??= await app.listen({ host: '127.0.0.1', port: 0 }));
    const socket = new WebSocket(`${at.replace('http', 'ws')}/api/board/live`, { headers });
    const frames: { type: string }[] = [];
    let code: number | null = null;
    socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString('utf8'))));
    socket.on('close', (given) => {
      code = given;
    });
    socket.on('error', () => {});
    return { frames, socket, closed: () => code };
  };

  it('brings the picture at once, dates it anew while nothing changes, and a new one when something does', async () => {
    const { frames, socket } = await open(bearer);
    await until(async () => frames.length >= 1);
    expect(frames[0]).toMatchObject({ type: 'picture', picture: { counts: null } });
    intake.clock.advance(PICTURE_MS + 1);
    await until(async () => frames.some(({ type }) => type === 'same'));
    await count([{ measure: 'message.received', at: now(), amount: 1, keys: { channel: 'webchat' } }]);
    intake.clock.advance(10_000);
    await until(async () => frames.filter(({ type }) => type === 'picture').length >= 2);
    expect(frames.filter(({ type }) => type === 'picture')).toHaveLength(2);
    expect(frames.findLast(({ type }) => type === 'picture')).toMatchObject({ picture: { counts: { today: { received: 1 } } } });
    socket.close();
  });

  it('is closed to strangers, to departments and to pages of other places', async () => {
    const strangers: readonly Readonly<Record<string, string>>[] = [{}, { cookie: (await signIn(app, intake, 'department', 'ecology')).cookie }, { ...bearer, origin: 'https://elsewhere.example' }];
    for (const headers of strangers) {
      const { frames, closed } = await open(headers);
      await until(async () => closed() !== null);
      expect(frames).toEqual([]);
    }
  });

  it('ends with the session that it is shown by', async () => {
    const seat = await signIn(app, intake);
    const { frames, closed } = await open({ cookie: seat.cookie });
    await until(async () => frames.length >= 1);
    await seat.call('DELETE', '/api/session');
    await until(async () => closed() !== null);
    expect(closed()).toBe(4401);
  });
});
