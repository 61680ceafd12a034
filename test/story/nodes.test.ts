import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PHRASES } from '../../src/channel/voice/phrases.ts';
import { eventually, measure, openCluster, turnsOf, type Cluster } from '../support/nodes.ts';
import { POSTGRES_MISSING, postgresForTests, type PostgresForTests, type TestDatabase } from '../support/postgres.ts';
import { privateRedis, REDIS_MISSING, type PrivateRedis } from '../support/redis.ts';
import type { RunningServer } from '../support/server.ts';
import { rollUnderLoad, type RollingCity } from '../support/rolling.ts';
import { placeOf, sitDown, visit, type Visitor } from '../support/visitors.ts';
import { createProxy } from '../torture/proxy.ts';

/** Several real server processes over one PostgreSQL, with Redis and without: what one takes another turns, and whoever listens hears it. */

const postgres = await postgresForTests();
const redis = postgres === null ? null : await privateRedis();
const why = [postgres === null ? POSTGRES_MISSING : '', redis === null ? REDIS_MISSING : ''].filter((reason) => reason !== '');
if (why.length > 0) console.warn(`Several nodes are not tried (all): ${why.join('; ')}`);
afterAll(async () => {
  await redis?.close();
  await postgres?.close();
});

/** The channel's own words for somebody who has to wait: the answer came with a later request. */
const WAIT_PHRASES = Object.values(PHRASES).flatMap((phrases) => Object.values(phrases).filter((value): value is string => typeof value === 'string'));

const have = <Thing>(thing: Thing | null): Thing => {
  if (thing === null) throw new Error('skipped without it');
  return thing;
};

describe.each(['Redis', 'LISTEN and NOTIFY'] as const)('web nodes and a worker, news by %s', (by) => {
  describe.skipIf(postgres === null || (by === 'Redis' && redis === null))(by, () => {
    let database: TestDatabase;
    let cluster: Cluster;
    let [a, b, c]: RunningServer[] = [];
    beforeAll(async () => {
      database = await have<PostgresForTests>(postgres).fresh();
      cluster = await openCluster({ env: { DATABASE_URL: database.url, ...(by === 'Redis' ? { REDIS_URL: have<PrivateRedis>(redis).url } : {}) }, roles: { a: 'web', b: 'worker', c: 'web' } });
      [a, b, c] = await Promise.all([cluster.up('a'), cluster.up('b'), cluster.up('c')]);
    }, 120_000);
    afterAll(async () => {
      await cluster?.close();
      await database?.drop();
    });
    const nodes = (): { readonly a: RunningServer; readonly b: RunningServer; readonly c: RunningServer } => {
      if (a === undefined || b === undefined || c === undefined) throw new Error('not started');
      return { a, b, c };
    };
    const visitor = async (node: RunningServer): Promise<Visitor> => {
      const one = await visit(node);
      onTestFinished(() => one.leave());
      await one.listen(node);
      return one;
    };

    it('a caller at the web node hears, in the same request, what the worker answers', async () => {
      const { a: web, b: worker } = nodes();
      const before = await turnsOf(worker);
      const call = cluster.phone(web, '+8613800138000');
      expect((await call.sim.call()).join('').replaceAll(' ', '')).toMatch(/12345/);
      expect(call.posted).toBe(1);
      const heard = await call.sim.say('居住证怎么办');
      expect(heard.join('')).toMatch(/居住证/);
      expect(heard.filter((text) => WAIT_PHRASES.includes(text))).toEqual([]);
      expect(call.posted).toBe(2);
      expect([await turnsOf(web), await turnsOf(worker)]).toEqual([0, before + 2]);
      await call.sim.hangup();
    });

    it('a WeChat push to the web node is turned and answered by the worker', async () => {
      const { a: web, b: worker } = nodes();
      const openid = 'oNodes00000000000000000001';
      const peer = cluster.wechat(web, openid);
      cluster.standIn.citizenWrote(openid);
      expect(await peer.push(peer.text('居住证怎么办'))).toMatchObject({ taken: true });
      await eventually(() => cluster.shown(openid).length > 0, 'the answer at WeChat');
      expect(cluster.shown(openid)).toEqual([expect.stringMatching(/居住证/)]);
      const sends = (node: RunningServer): Promise<number> => measure(node, 'yihu_sent_total', 'channel="wechat-miniprogram"');
      await eventually(async () => (await sends(worker)) === 1, 'the send in the worker\'s measures');
      expect([await sends(web), await turnsOf(web)]).toEqual([0, 0]);
    });

    it('a socket at a web node brings what the worker has committed, and another node\'s desk sees it', async () => {
      const { a: web, c: desk } = nodes();
      const seat = await sitDown(web, desk);
      onTestFinished(() => seat.leave());
      const citizen = await visitor(web);
      await citizen.say(web, '我找不到办事大厅');
      await eventually(() => citizen.answers().length > 1, 'a greeting and an answer');
      await eventually(() => seat.rows().some(({ channel }) => channel === 'webchat'), 'the row at the desk');
      const id = seat.rows().findLast(({ channel }) => channel === 'webchat')?.id ?? '';
      await seat.watch(id);
      const words = (): readonly string[] => seat.frames.filter(({ type, conversationId }) => type === 'activity' && conversationId === id).map(({ activity }) => JSON.stringify(activity));
      const before = citizen.answers().length;
      await citizen.say(web, '社保怎么查');
      await eventually(() => citizen.answers().length > before, 'the answer by socket');
      await eventually(() => words().some((text) => text.includes('社保怎么查')) && words().some((text) => text.includes('"direction":"out"')), 'question and answer at the desk');
      expect(new Set(words()).size).toBe(words().length);
    });

    it('what a seat writes at one web node reaches the citizen\'s socket on another', async () => {
      const { a: web, c: other } = nodes();
      const seat = await sitDown(web, web);
      onTestFinished(() => seat.leave());
      // Else citizens are promised a callback.
      await eventually(async () => (await measure(web, 'yihu_seats_online')) === 1, 'the seat at work');
      const citizen = await visitor(other);
      await citizen.say(other, '转人工');
      await eventually(async () => (await seat.waiting(web)).some(({ channel }) => channel === 'webchat'), 'the citizen in the queue');
      const id = have((await seat.waiting(web)).find(({ channel }) => channel === 'webchat')?.id ?? null);
      await seat.post(web, `/api/conversations/${id}/take`);
      await seat.post(web, `/api/conversations/${id}/reply`, { text: '您好，我是坐席', clientId: 'nodes-reply-1' });
      await eventually(() => citizen.answers().includes('您好，我是坐席'), 'the seat\'s words');
      await citizen.say(other, '你好');
      const places = (await citizen.read(web)).map(placeOf);
      expect(places).toEqual(places.map((_, index) => index + 1));
      await eventually(() => citizen.heard.length === places.length, 'everything by socket');
      expect(citizen.heard.map(placeOf)).toEqual(places);
      await seat.post(web, `/api/conversations/${id}/close`);
    });

    it.skipIf(by !== 'Redis')('Redis is emptied, killed and comes back: citizens are answered all the while, once', async () => {
      const { a: web, b: worker, c: other } = nodes();
      const queue = have<PrivateRedis>(redis);
      onTestFinished(() => queue.start());
      const seat = await sitDown(web, other);
      onTestFinished(() => seat.leave());
      const citizen = await visitor(web);
      const call = cluster.phone(other, '+8613800138001');
      await call.sim.call();
      const openid = 'oNodes00000000000000000002';
      const peer = cluster.wechat(web, openid);
      const phases: readonly (readonly [string, string, () => Promise<void>])[] = [
        ['emptied', '居住证', () => queue.flush()],
        ['killed', '公积金', () => queue.kill()],
        ['still away', '社保卡', async () => {}],
        ['back', '身份证', () => queue.start()],
      ];
      for (const [index, [phase, subject, disturb]] of phases.entries()) {
        const before = citizen.answers().length;
        cluster.standIn.citizenWrote(openid);
        const [, pushed, heard] = await Promise.all([citizen.say(web, `${subject}怎么办`), peer.push(peer.text(`${subject}怎么办`)), call.sim.say(`${subject}怎么办`), disturb()]);
        expect(pushed).toMatchObject({ taken: true });
        expect(heard.join('')).toMatch(subject);
        await eventually(() => cluster.shown(openid).length > index, `the answer at WeChat, Redis ${phase}`);
        await eventually(() => citizen.answers().length > before, `the answer by socket, Redis ${phase}`);
        await eventually(() => seat.rows().some(({ preview, channel }) => channel === 'ivr-twilio' && preview.includes(subject)), `the caller's words at another node's desk, Redis ${phase}`);
      }
      await call.sim.hangup();
      expect(cluster.shown(openid)).toEqual(phases.map(([, subject]) => expect.stringMatching(subject)));
      const places = (await citizen.read(other)).map(placeOf);
      expect(places).toEqual(places.map((_, index) => index + 1));
      await eventually(() => citizen.heard.length === places.length, 'everything by socket');
      expect(citizen.heard.map(placeOf)).toEqual(places);
      await eventually(async () => (await measure(worker, 'yihu_up', 'part="redis"')) === 1 && (await measure(worker, 'yihu_lanes_waiting')) === 0, 'Redis in use again and no work left');
      expect([await measure(worker, 'yihu_outbox_dead'), await turnsOf(web)]).toEqual([0, 0]);
    });
  });
});

describe.skipIf(why.length > 0)('two nodes that do everything', () => {
  let city: (RollingCity & { close(): Promise<void> }) | null = null;
  const open = async (): Promise<RollingCity & { close(): Promise<void> }> => {
    const database = await have<PostgresForTests>(postgres).fresh();
    const balancer = await createProxy();
    const cluster = await openCluster({ env: { DATABASE_URL: database.url, REDIS_URL: have<PrivateRedis>(redis).url }, roles: {}, publicUrl: `http://127.0.0.1:${balancer.port}` });
    return {
      cluster, balancer, databaseUrl: database.url,
      close: async () => {
        await cluster.close();
        await balancer.close();
        await database.drop();
      },
    };
  };
  afterAll(() => city?.close());
  const both = async (): Promise<{ readonly cluster: Cluster; readonly a: RunningServer; readonly b: RunningServer }> => {
    const { cluster } = (city ??= await open());
    const [a, b] = await Promise.all([cluster.up('a'), cluster.up('b')]);
    return { cluster, a, b };
  };
  const ask = ['居住证怎么办', '公积金怎么提取', '社保怎么查'] as const;

  it('lose and double nothing on any channel while each in turn is stopped and started again under load', async () => {
    // Everything in its database is looked at: one of its own, also when it is tried again.
    await city?.close();
    city = await open();
    const rolled = await rollUnderLoad(city);
    expect(rolled.faults, rolled.output).toEqual([]);
    expect(rolled).toMatchObject({ repeatedSends: 0, unheard: 0, tickets: (rolled.talks + 3) * 2 + rolled.callbacks });
    expect(rolled.talks).toBeGreaterThanOrEqual(3);
    expect(rolled.acceptedMeanwhile).toBeGreaterThan(6);
    expect(rolled.reconnected).toBeGreaterThan(0);
  }, 180_000);

  it('pushes over one what was said to, and turned by, the other', async () => {
    const { a, b } = await both();
    const before = await turnsOf(b);
    const citizen = await visit(a);
    onTestFinished(() => citizen.leave());
    await citizen.listen(a);
    for (const text of ask) await citizen.say(b, text);
    const places = (await citizen.read(b)).map(placeOf);
    expect(places.length).toBeGreaterThanOrEqual(2 * ask.length);
    await eventually(() => citizen.heard.length >= places.length, 'everything by socket');
    expect(citizen.heard.map(placeOf)).toEqual(places);
    expect(await turnsOf(b)).toBeGreaterThanOrEqual(before + ask.length);
  });

  it('a node that was paused with its lanes writes nothing when it comes back: another did its work meanwhile', async () => {
    const { cluster, a, b } = await both();
    // People of their own, should the test be run again.
    const run = String(cluster.standIn.calls.length).padStart(6, '0');
    const people = [1, 2, 3].map((number) => `oPaused000000000000${run}${number}`);
    const fenced = await measure(a, 'yihu_job_total', 'event="fenced"');
    const sent = (node: RunningServer): Promise<number> => measure(node, 'yihu_sent_total', 'status="delivered"');
    const sentBefore = [await sent(a), await sent(b)] as const;
    const calls = cluster.standIn.calls.length;
    for (const openid of people) {
      cluster.standIn.breakNext('stall');
      cluster.standIn.citizenWrote(openid);
      const peer = cluster.wechat(a, openid);
      expect(await peer.push(peer.text('居住证怎么办'))).toMatchObject({ taken: true });
    }
    // Its sends hang, so it holds their lanes.
    await eventually(() => cluster.standIn.calls.filter(({ path }, index) => index >= calls && path.includes('custom/send')).length === people.length, 'three sends that hang');
    const citizen = await visit(a);
    const posted = ask.map((text) => citizen.say(a, text));
    await posted[0];
    a.freeze();
    onTestFinished(() => a.thaw());
    // The lease is six seconds.
    b.setClock(7_000);
    await eventually(() => people.every((openid) => cluster.shown(openid).length > 0), 'the answers, from the other node');
    a.thaw();
    await Promise.all(posted);
    await eventually(async () => (await measure(a, 'yihu_job_total', 'event="fenced"')) >= fenced + people.length, 'the paused node finding itself fenced out');
    await eventually(async () => (await measure(b, 'yihu_lanes_waiting')) === 0, 'no work left');
    expect(people.map((openid) => cluster.shown(openid).length)).toEqual([1, 1, 1]);
    expect([await sent(a), await sent(b)]).toEqual([sentBefore[0], sentBefore[1] + people.length]);
    expect(await measure(b, 'yihu_outbox_dead')).toBe(0);
    // What it was in the middle of is done once as well, by whomever.
    const activities = await citizen.read(b);
    expect(activities.map(placeOf)).toEqual(activities.map((_, index) => index + 1));
    expect(activities.filter(({ from }) => from.id !== 'yihu').map(({ text }) => text).filter((text) => text !== undefined).toSorted()).toEqual([...ask].toSorted());
  });

  it('a stop tells sockets to come back; at the other node they hear every message once', async () => {
    const { a, b } = await both();
    const citizen = await visit(a);
    onTestFinished(() => citizen.leave());
    await citizen.listen(a);
    await citizen.say(a, ask[0]);
    await eventually(() => citizen.answers().length > 0, 'an answer');
    const { closed } = citizen;
    const stopped = a.stop();
    expect(await closed).toBe(1001);
    await citizen.say(b, ask[1]);
    await citizen.listen(b);
    await citizen.say(b, ask[2]);
    await stopped;
    const places = (await citizen.read(b)).map(placeOf);
    await eventually(() => citizen.heard.length >= places.length, 'everything by sockets');
    expect(citizen.heard.map(placeOf)).toEqual(places);
    expect(places).toEqual(places.map((_, index) => index + 1));
  });
});
