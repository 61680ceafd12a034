import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { reply, takeOver } from '../../src/intake/handoff.ts';
import { receive } from '../../src/intake/receive.ts';
import { openApp, signIn, type SignedIn } from '../support/desk.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { until } from '../support/until.ts';

interface Frame {
  readonly type: string;
  readonly [name: string]: unknown;
}

interface Desk {
  readonly socket: WebSocket;
  readonly frames: Frame[];
  readonly closed: Promise<number>;
  has(type: string): Promise<void>;
}

const ORIGIN = 'http://yihu.test';

describe('the desk\'s socket', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let url: string;
  const sockets: WebSocket[] = [];
  const lines: string[] = [];

  beforeEach(async () => {
    lines.length = 0;
    intake = await openIntake();
    intake.script = () => [{ kind: 'say', text: '正在转人工', inputHint: 'acceptingInput' }, { kind: 'handoff', reason: '要人工', understood: { flow: null, slots: [], items: [] } }];
    await intake.startBus();
    await start({});
  });
  const start = async (desk: { beatMs?: number }): Promise<void> => {
    app = await openApp(intake, { lines, desk });
    url = (await app.listen({ host: '127.0.0.1', port: 0 })).replace('http', 'ws');
  };
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.terminate();
    await app.close();
    await intake.close();
  });

  const open = async (headers: Record<string, string>, options: { autoPong?: boolean } = {}): Promise<Desk> => {
    const socket = new WebSocket(`${url}/api/desk/live`, { headers, ...options });
    sockets.push(socket);
    const frames: Frame[] = [];
    socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString('utf8')) as Frame));
    socket.on('error', () => {});
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('unexpected-response', (_request, response) => reject(new Error(String(response.statusCode))));
    });
    return { socket, frames, closed, has: (type) => until(async () => frames.some((frame) => frame.type === type), `a ${type} frame`) };
  };
  const join = async (signed: SignedIn): Promise<Desk> => {
    const desk = await open({ cookie: signed.cookie });
    await desk.has('hello');
    return desk;
  };
  const waiting = async (): Promise<string> => {
    const got = await receive(intake.context, aMessage('人工，我电话13800138000', { identity: { externalUserId: 'u', phone: '13800138000', displayName: '王小明' } }));
    await intake.settle();
    return got.conversationId;
  };
  const online = () => intake.store.read((repos) => repos.seats.online(intake.clock.now() - 45_000));

  it('lets in who is signed in and comes from our own page, nobody else', async () => {
    const signed = await signIn(app, intake);
    const strangers: Record<string, string>[] = [{}, { cookie: 'yihu_session=made-up' }, { authorization: 'Bearer made-up' }];
    for (const headers of strangers) await expect(open(headers)).rejects.toThrow('401');
    for (const origin of ['https://evil.test', 'null', 'http://yihu.test.evil.test', 'http://yihu.test:81', 'file://']) await expect(open({ cookie: signed.cookie, origin })).rejects.toThrow('403');
    const ours: Record<string, string>[] = [{ cookie: signed.cookie, origin: ORIGIN }, { cookie: signed.cookie }, { authorization: `Bearer ${signed.cookie.split('=')[1] ?? ''}` }];
    for (const headers of ours) {
      const desk = await open(headers);
      await desk.has('hello');
      expect(desk.frames[0]).toMatchObject({ type: 'hello', seat: { id: signed.seatId } });
    }
    const plain = await signed.call('GET', '/api/desk/live');
    expect(plain.statusCode).toBe(404);
  });

  it('tells everybody about lists, and the words only to those who look', async () => {
    const [watcher, other] = [await join(await signIn(app, intake)), await join(await signIn(app, intake))];
    const id = await waiting();
    await watcher.has('conversation');
    await other.has('conversation');
    watcher.socket.send(JSON.stringify({ type: 'watch', conversationId: id }));
    const seat = await intake.seat();
    await takeOver(intake.context, id, seat);
    // The watch frame may come after this; what is told is what comes from then on.
    await until(async () => {
      await receive(intake.context, aMessage('还在吗'));
      return watcher.frames.some((frame) => frame.type === 'activity');
    });
    await reply(intake.context, id, seat, { text: '您好', clientId: 'client-0001' });
    await until(async () => watcher.frames.some((frame) => JSON.stringify(frame).includes('您好')), 'the reply');
    await intake.settle();
    await watcher.has('receipt');
    expect(watcher.frames.find((frame) => frame.type === 'receipt')).toMatchObject({ conversationId: id, receipt: { status: 'delivered', code: null } });
    expect(other.frames.map((frame) => frame.type).filter((type) => type === 'activity' || type === 'receipt')).toEqual([]);
    expect(JSON.stringify([watcher.frames, other.frames, lines])).not.toMatch(/13800138000|王小明/);
  });

  it('what a seat has is told to that seat and to who follows that list; tickets to who talks with the citizen', async () => {
    const mine = await signIn(app, intake);
    const [own, follower, other] = [await join(mine), await join(await signIn(app, intake)), await join(await signIn(app, intake))];
    const id = await waiting();
    for (const desk of [own, follower, other]) await desk.has('conversation');
    follower.socket.send(JSON.stringify({ type: 'view', view: 'others' }));
    other.socket.send(JSON.stringify({ type: 'view', view: 'nothing' }));
    await takeOver(intake.context, id, await intake.store.read(async (repos) => {
      const seat = await repos.seats.get(mine.seatId);
      if (seat === null) throw new Error('no seat');
      return seat;
    }));
    const texts = (desk: Desk): string => JSON.stringify(desk.frames);
    // Everybody hears that it waits no longer; then only those whom it concerns.
    for (const desk of [own, follower, other]) await until(async () => texts(desk).includes('"owner":"human"'), 'that it was taken');
    await until(async () => {
      await receive(intake.context, aMessage('我的电动车丢了'));
      return texts(own).includes('电动车') && texts(follower).includes('电动车');
    }, 'what the citizen says now');
    expect(texts(other)).not.toContain('电动车');
    await own.has('counts');
    expect(own.frames.findLast((frame) => frame.type === 'counts')).toMatchObject({ counts: { human: 1, waiting: 0 } });
  });

  it('offers come to the seat that they are for; queues and presence to everybody, once for many changes', async () => {
    const mine = await signIn(app, intake);
    const [own, other] = [await join(mine), await join(await signIn(app, intake))];
    const groupId = intake.context.city.queueRules.groups[0]?.id ?? '';
    for (const until of [intake.clock.now() + 20_000, null]) intake.context.live.publishDesk({ kind: 'offer', conversationId: 'c', groupId, seatId: mine.seatId, until, offer: 'queue' });
    for (let n = 0; n < 5; n += 1) {
      intake.context.live.publishDesk({ kind: 'presence', seatIds: [mine.seatId] });
      intake.context.live.publishDesk({ kind: 'queue', groupIds: [groupId] });
    }
    const of = (desk: Desk, type: string): Frame[] => desk.frames.filter((frame) => frame.type === type);
    for (const desk of [own, other]) await until(async () => of(desk, 'queue').length > 0 && JSON.stringify(of(desk, 'presence')).includes(mine.seatId), 'queues and presence');
    expect(of(own, 'offer')).toMatchObject([{ conversationId: 'c', groupId, seatId: mine.seatId, kind: 'queue' }, { conversationId: 'c', seatId: null, until: null }]);
    expect(of(other, 'offer')).toEqual([]);
    expect(of(other, 'queue').at(-1)).toMatchObject({ groups: [{ id: groupId, waiting: 0, oldestWaitingSince: null }] });
    expect(of(other, 'queue').length).toBeLessThanOrEqual(2);
  });

  it('turns every desk red in an emergency', async () => {
    const desks = [await join(await signIn(app, intake)), await join(await signIn(app, intake))];
    intake.script = () => [{ kind: 'emergency', category: 'fire', words: ['着火'] }];
    await receive(intake.context, aMessage('着火了'));
    for (const desk of desks) await desk.has('emergency');
    expect(desks[0]?.frames.find((frame) => frame.type === 'emergency')).toMatchObject({ category: 'fire' });
  });

  it('takes garbage calmly: frames of no shape, too deep, binary, too large', async () => {
    const signed = await signIn(app, intake);
    const desk = await join(signed);
    for (const text of ['', '{', 'null', '[]', '"watch"', '{"type":"watch"}', '{"type":"watch","conversationId":7}', '{"type":"sudo","conversationId":"x"}', `{"type":"watch","conversationId":"${'x'.repeat(101)}"}`, '['.repeat(30_000), '{"__proto__":{"type":"watch","conversationId":"x"}}']) desk.socket.send(text);
    desk.socket.send(Buffer.from([0xff, 0xfe, 0x00]));
    desk.socket.send(JSON.stringify({ type: 'typing', conversationId: 'no-such-conversation' }));
    desk.socket.send(JSON.stringify({ type: 'watch', conversationId: '__proto__' }));
    await waiting();
    await desk.has('conversation');
    expect(desk.socket.readyState).toBe(desk.socket.OPEN);
    const large = await join(signed);
    large.socket.send('x'.repeat(65 * 1024));
    expect(await large.closed).toBe(1009);
    expect((await app.inject('/healthz')).statusCode).toBe(200);
    expect(lines.filter((line) => line.includes('xxxxxxxx'))).toEqual([]);
  });

  it('only the seat that has the conversation is seen typing', async () => {
    const [owner, stranger] = [await signIn(app, intake), await signIn(app, intake)];
    const [own, strange] = [await join(owner), await join(stranger)];
    const id = await waiting();
    await owner.call('POST', `/api/conversations/${id}/take`, {});
    const typed: string[] = [];
    intake.context.live.subscribe(id, (event) => { if (event.kind === 'typing') typed.push(event.role); });
    strange.socket.send(JSON.stringify({ type: 'typing', conversationId: id }));
    await stranger.call('POST', `/api/conversations/${id}/typing`);
    expect(typed).toEqual([]);
    own.socket.send(JSON.stringify({ type: 'typing', conversationId: id }));
    await until(async () => typed.length > 0, 'typing');
    expect(typed).toEqual(['seat']);
  });

  it('closes with the session: signed out or deactivated', async () => {
    const [leaver, fired, stayer, admin] = [await signIn(app, intake), await signIn(app, intake), await signIn(app, intake), await signIn(app, intake, 'administrator')];
    const [left, gone, stays] = [await join(leaver), await join(fired), await join(stayer)];
    await leaver.call('DELETE', '/api/session');
    expect(await left.closed).toBe(4401);
    await admin.call('PATCH', `/api/seats/${fired.seatId}`, { active: false });
    expect(await gone.closed).toBe(4401);
    expect(stays.socket.readyState).toBe(stays.socket.OPEN);
  });

  it('closes when the session has run out', async () => {
    await app.close();
    await start({ beatMs: 500 });
    const desk = await join(await signIn(app, intake));
    intake.clock.advance(13 * 3_600_000);
    expect([4401, 1006]).toContain(await desk.closed); // 1006: a busy machine missed the beat first
  });

  it('another name does not close anybody\'s socket', async () => {
    const [one, admin] = [await signIn(app, intake), await signIn(app, intake, 'administrator')];
    const desk = await join(one);
    await admin.call('PATCH', `/api/seats/${one.seatId}`, { displayName: '新名字' });
    await waiting();
    await desk.has('conversation');
    expect(desk.socket.readyState).toBe(desk.socket.OPEN);
  });

  it('a seat is there while one of its sockets is open, and gone after the last', async () => {
    const signed = await signIn(app, intake);
    const [first, second] = [await join(signed), await join(signed)];
    await until(async () => (await online()).includes(signed.seatId), 'presence');
    first.socket.close();
    await first.closed;
    expect(await online()).toContain(signed.seatId);
    await signed.call('PUT', '/api/presence', { presence: 'away' });
    expect(await online()).not.toContain(signed.seatId);
    await signed.call('PUT', '/api/presence', { presence: 'online' });
    second.socket.close();
    await until(async () => !(await online()).includes(signed.seatId), 'absence');
  });

  it('a laptop that fell asleep is no seat that is there', async () => {
    await app.close();
    await start({ beatMs: 40 });
    const signed = await signIn(app, intake);
    const asleep = await open({ cookie: signed.cookie }, { autoPong: false });
    await asleep.closed;
    await until(async () => !(await online()).includes(signed.seatId), 'absence');
  });

  it('gives up a reader that does not read, and the others go on', async () => {
    const [slow, quick] = [await join(await signIn(app, intake)), await join(await signIn(app, intake))];
    slow.socket.pause();
    const id = await waiting();
    const seat = await intake.seat();
    await takeOver(intake.context, id, seat);
    for (const desk of [slow, quick]) desk.socket.send(JSON.stringify({ type: 'watch', conversationId: id }));
    const { activity } = await reply(intake.context, id, seat, { text: '长话', clientId: 'long-words' });
    const long = { ...activity, content: { type: 'message' as const, text: 'x'.repeat(200_000) } };
    // As many as the system's own buffers take, and one megabyte more.
    await until(async () => {
      intake.context.live.publish(id, { kind: 'activity', activity: long });
      return app.websocketServer.clients.size === 1;
    }, 'the slow reader to be given up');
    const before = quick.frames.length;
    await reply(intake.context, id, seat, { text: '最后一句', clientId: 'last-words' });
    await until(async () => quick.frames.slice(before).some((frame) => JSON.stringify(frame).includes('最后一句')), 'the last words');
  });

  it('a stop says goodbye and does not wait for who does not answer', async () => {
    const [polite, deaf] = [await join(await signIn(app, intake)), await join(await signIn(app, intake))];
    deaf.socket.pause();
    await app.close();
    expect(await polite.closed).toBe(1001);
    await until(async () => app.websocketServer.clients.size === 0, 'the deaf one to be cut');
  });
});
