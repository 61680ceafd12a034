import { EventEmitter } from 'node:events';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { asAddress } from '../../src/domain/activity.ts';
import { createFakePorts } from '../../test/fakes/ports.ts';
import { PREFIX, startConversation, startWebchat, text, type Started, type WebchatServer } from '../../test/support/webchat-server.ts';
import { CLOSE, createStreamHub } from './stream.ts';

let server: WebchatServer | undefined;
afterEach(async () => {
  vi.useRealTimers();
  await server?.close();
  server = undefined;
});

/** A client that keeps every frame; `until` resolves when what it waits for is there. */
class Client {
  readonly socket: WebSocket;
  readonly frames: string[] = [];
  closed: { code: number; reason: string } | null = null;
  #waiting: (() => void)[] = [];

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.socket.on('message', (data) => {
      this.frames.push(String(data));
      this.#wake();
    });
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#wake();
    });
    this.socket.on('error', () => this.#wake());
    this.socket.on('open', () => this.#wake());
  }

  activities(): object[] {
    return this.frames.filter((frame) => frame !== '').flatMap((frame) => {
      const set: unknown = JSON.parse(frame);
      const activities: unknown = Reflect.get(Object(set), 'activities');
      return Array.isArray(activities) ? activities.map((activity: unknown) => Object(activity)) : [];
    });
  }

  texts(): string[] {
    return this.activities().map((activity) => text(activity, 'text'));
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

async function listen(houseWebSocket = true): Promise<{ on: WebchatServer; conversation: Started; say: (text: string) => void }> {
  const on = await startWebchat({ listen: true, houseWebSocket });
  server = on;
  const conversation = await startConversation(on);
  return { on, conversation, say: (said) => void on.ports.say(on.core(conversation.id), { type: 'message', text: said }) };
}

const resume = async (on: WebchatServer, conversation: Started, watermark: string): Promise<string> => {
  const answer = await on.app.inject({ method: 'GET', url: `${PREFIX}/conversations/${conversation.id}${watermark}`, headers: { authorization: `Bearer ${conversation.token}` } });
  return text(answer.json(), 'streamUrl');
};

/** HTTP status of a refused upgrade. */
const refusal = (url: string, origin?: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, origin === undefined ? {} : { origin });
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    socket.on('open', () => reject(new Error('opened')));
    socket.on('error', () => undefined);
  });

describe('a stream', () => {
  it('begins with everything after the watermark in one frame, then tells what comes', async () => {
    const { on, conversation, say } = await listen();
    say('一');
    say('二');
    const client = new Client(conversation.streamUrl);
    await client.until(() => client.frames.length >= 1);
    expect(client.texts()).toEqual(['一', '二']);
    expect(JSON.parse(client.frames[0] ?? '')).toMatchObject({ watermark: '2' });
    say('三');
    await client.until(() => client.frames.length >= 2);
    expect(client.texts()).toEqual(['一', '二', '三']);
    expect(JSON.parse(client.frames[1] ?? '')).toMatchObject({ watermark: '3' });
    client.socket.close();
    await client.until(() => client.closed !== null);
    expect(on.ports.subscribers(on.core(conversation.id))).toBe(0);
  });

  it('goes on after a drop where it was', async () => {
    const { on, conversation, say } = await listen();
    const first = new Client(conversation.streamUrl);
    say('一');
    await first.until(() => first.texts().length === 1);
    first.socket.terminate();
    await first.until(() => first.closed !== null);
    say('二');
    const second = new Client(await resume(on, conversation, '?watermark=1'));
    await second.until(() => second.texts().length === 1);
    expect(second.texts()).toEqual(['二']);
    const later = await resume(on, conversation, '');
    say('三');
    const third = new Client(later);
    await third.until(() => third.texts().length === 1);
    expect(third.texts()).toEqual(['三']);
  });

  it('is closed as a collision by the next one of its conversation', async () => {
    const { conversation, say } = await listen();
    const first = new Client(conversation.streamUrl);
    say('一');
    await first.until(() => first.texts().length === 1);
    const second = new Client(conversation.streamUrl);
    await first.until(() => first.closed !== null);
    expect(first.closed).toEqual({ code: CLOSE.collision, reason: 'collision' });
    say('二');
    await second.until(() => second.texts().length === 2);
    expect(first.texts()).toEqual(['一']);
  });

  it('opens with a fresh token of its own conversation and origin only', async () => {
    const { on, conversation } = await listen();
    const other = await startConversation(on);
    expect(await refusal(conversation.streamUrl.replace(conversation.id, other.id))).toBe(403);
    expect(await refusal(conversation.streamUrl.replace(/t=.*/, ''))).toBe(401);
    expect(await refusal(conversation.streamUrl.replace(/t=.*/, `t=${conversation.token}`))).toBe(403);
    expect(await refusal(conversation.streamUrl.replace('watermark=0', 'watermark=x'))).toBe(400);
    on.advance(61_000);
    expect(await refusal(conversation.streamUrl)).toBe(403);
  });

  it('carries typing of bot and seat, and gives the sender its own back', async () => {
    const { on, conversation } = await listen();
    const client = new Client(conversation.streamUrl);
    await client.until(() => client.socket.readyState === WebSocket.OPEN);
    await vi.waitUntil(() => on.ports.subscribers(on.core(conversation.id)) === 1);
    on.ports.type(on.core(conversation.id), 'seat');
    await client.until(() => client.frames.length >= 1);
    const typing = { type: 'typing', from: { id: 'page' }, channelData: { clientActivityID: 't1' } };
    const posted = await on.app.inject({ method: 'POST', url: `${PREFIX}/conversations/${conversation.id}/activities`, headers: { authorization: `Bearer ${conversation.token}` }, payload: typing });
    await client.until(() => client.frames.length >= 2);
    expect(client.activities()).toMatchObject([
      { type: 'typing', from: { id: 'seat' } },
      { type: 'typing', from: { id: 'page', role: 'user' }, channelData: { clientActivityID: 't1' }, id: text(posted.json(), 'id') },
    ]);
    expect(client.activities()).toHaveLength(2);
  });

  it('ignores empty frames and cuts who sends long ones', async () => {
    const { conversation, say } = await listen();
    const client = new Client(conversation.streamUrl);
    await client.until(() => client.socket.readyState === WebSocket.OPEN);
    client.socket.send('');
    say('一');
    await client.until(() => client.texts().length === 1);
    client.socket.send('x'.repeat(2000));
    await client.until(() => client.closed !== null);
    expect(client.closed?.code).toBe(CLOSE.tooBig);
  });

  it('works where the house has no WebSocket server of its own', async () => {
    const { conversation, say } = await listen(false);
    say('一');
    const client = new Client(conversation.streamUrl);
    await client.until(() => client.texts().length === 1);
    expect(await refusal(conversation.streamUrl.replace(/t=.*/, ''))).toBe(401);
  });

  it('ends with the server', async () => {
    const { on, conversation, say } = await listen();
    const client = new Client(conversation.streamUrl);
    say('一');
    await client.until(() => client.texts().length === 1);
    await on.close();
    await client.until(() => client.closed !== null);
    expect(client.closed?.code).toBe(CLOSE.goingAway);
    server = undefined;
  });
});

/** A socket whose congestion the test decides. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: string[] = [];
  readonly pending: (() => void)[] = [];
  pings = 0;
  terminated = false;
  send(data: string, done?: () => void): void {
    this.sent.push(data);
    if (done !== undefined) this.pending.push(done);
  }
  ping(): void {
    this.pings += 1;
  }
  close(): void {
    this.readyState = 3;
    this.emit('close');
  }
  terminate(): void {
    this.terminated = true;
    this.close();
  }
  /** The bytes have left. */
  drain(): void {
    this.bufferedAmount = 0;
    for (const done of this.pending.splice(0)) done();
  }
}

async function hubWithSocket(keepAliveMs = 1_000_000) {
  const ports = createFakePorts({ now: () => 0 });
  const { conversationId } = await ports.openConversation({ channel: 'webchat', address: asAddress('a'), modality: 'text' });
  const hub = createStreamHub({ ports, keepAliveMs });
  const socket = new FakeSocket();
  const texts = (): string[] => socket.sent.filter((frame) => frame !== '').flatMap((frame) => {
    const activities: unknown = Reflect.get(Object(JSON.parse(frame)), 'activities');
    return Array.isArray(activities) ? activities.map((activity: unknown) => text(activity, 'text')) : [];
  });
  const attach = (): void => hub.attach(socket, conversationId, 0, { conversation: 'a', viewer: 'v', publicUrl: (url) => url });
  return { ports, conversationId, hub, socket, texts, attach };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a hub', () => {
  it('feeds a slow socket no further until it has drained, and then loses nothing', async () => {
    const { ports, conversationId, socket, texts, attach, hub } = await hubWithSocket();
    attach();
    await settled();
    ports.say(conversationId, { type: 'message', text: '1' });
    await settled();
    expect(texts()).toEqual(['1']);
    socket.bufferedAmount = 2 * 1024 * 1024;
    for (const said of ['2', '3', '4']) ports.say(conversationId, { type: 'message', text: said });
    await settled();
    expect(texts()).toEqual(['1']);
    socket.drain();
    await settled();
    expect(texts()).toEqual(['1', '2', '3', '4']);
    hub.stop();
  });

  it('puts what is told together in one frame, and a typing sign behind it', async () => {
    const { ports, conversationId, socket, attach, hub } = await hubWithSocket();
    attach();
    await settled();
    for (const said of ['1', '2']) ports.say(conversationId, { type: 'message', text: said });
    ports.type(conversationId, 'seat');
    ports.say(conversationId, { type: 'message', text: '3' });
    await settled();
    expect(socket.sent.map((frame) => JSON.parse(frame))).toMatchObject([
      { activities: [{ text: '1' }, { text: '2' }], watermark: '2' },
      { activities: [{ type: 'typing' }], watermark: '2' },
      { activities: [{ text: '3' }], watermark: '3' },
    ]);
    hub.stop();
  });

  it('pings, sends an empty frame, and cuts who does not answer', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { socket, attach, hub } = await hubWithSocket(15_000);
    attach();
    vi.advanceTimersByTime(15_000);
    expect(socket.pings).toBe(1);
    expect(socket.sent).toEqual(['']);
    socket.emit('pong');
    vi.advanceTimersByTime(15_000);
    expect(socket.terminated).toBe(false);
    vi.advanceTimersByTime(15_000);
    expect(socket.terminated).toBe(true);
    expect(hub.size()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says so when the history cannot be read', async () => {
    const { ports, conversationId, hub } = await hubWithSocket();
    const broken = { ...ports, history: async () => Promise.reject(new Error('gone')) };
    const failing = createStreamHub({ ports: broken, keepAliveMs: 1_000_000 });
    const socket = new FakeSocket();
    const closes: unknown[] = [];
    socket.close = (...args: unknown[]) => void closes.push(args[0]);
    failing.attach(socket, conversationId, 0, { conversation: 'a', viewer: 'v', publicUrl: (url) => url });
    await settled();
    expect(closes).toEqual([CLOSE.internal]);
    failing.stop();
    hub.stop();
  });

  it('delivers everything once and in order, however commits, reads, congestion and lost notices fall', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('say', 'say-unheard', 'settle', 'congest', 'drain', 'tick'), { maxLength: 60 }), fc.integer({ min: 0, max: 250 }), async (steps, before) => {
        const { ports, conversationId, socket, texts, hub } = await hubWithSocket();
        let said = 0;
        const say = (): void => void ports.say(conversationId, { type: 'message', text: String((said += 1)) });
        for (let index = 0; index < before; index += 1) say();
        let deaf = false;
        const lossy = { ...ports, subscribe: (id: string, listener: Parameters<typeof ports.subscribe>[1]) => ports.subscribe(id, (event) => void (deaf || listener(event))) };
        const lossyHub = createStreamHub({ ports: lossy, keepAliveMs: 1_000_000 });
        lossyHub.attach(socket, conversationId, 0, { conversation: 'a', viewer: 'v', publicUrl: (url) => url });
        for (const step of steps) {
          if (step === 'say') say();
          if (step === 'say-unheard') {
            deaf = true;
            say();
            deaf = false;
          }
          if (step === 'settle') await settled();
          if (step === 'tick') await Promise.resolve();
          // Only a socket with something on its way can be full.
          if (step === 'congest' && socket.pending.length > 0) socket.bufferedAmount = 2 * 1024 * 1024;
          if (step === 'drain') socket.drain();
        }
        say();
        for (let round = 0; round < 6; round += 1) {
          await settled();
          socket.drain();
        }
        await settled();
        lossyHub.stop();
        hub.stop();
        expect(texts()).toEqual(Array.from({ length: said }, (_, index) => String(index + 1)));
      }),
      { numRuns: 60 },
    );
  });
});
