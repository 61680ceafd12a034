import type { Activity, DirectLine } from 'botframework-directlinejs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import XMLHttpRequest from 'xhr2';
import { AppError } from '../../src/domain/errors.ts';
import { startWebchat, SECRET, PREFIX, text, type WebchatServer } from '../../test/support/webchat-server.ts';

/** The published client against our server: what it shows is what a citizen sees. */

// It was written for browsers: these three are all it asks of one.
const borrowed = ['XMLHttpRequest', 'WebSocket', 'window'] as const;
const before = new Map(borrowed.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));
beforeAll(() => {
  const lend = (name: (typeof borrowed)[number], value: unknown): void => void Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  lend('XMLHttpRequest', XMLHttpRequest);
  lend('WebSocket', WebSocket);
  lend('window', globalThis);
});
afterAll(() => {
  for (const name of borrowed) {
    const descriptor = before.get(name);
    if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
    else Object.defineProperty(globalThis, name, descriptor);
  }
});

let server: WebchatServer | undefined;
let client: DirectLine | undefined;
afterEach(async () => {
  client?.end();
  await server?.close();
  client = undefined;
  server = undefined;
});

interface Talk {
  readonly on: WebchatServer;
  readonly seen: Activity[];
  readonly statuses: number[];
  readonly say: (text: string) => void;
  readonly post: (text: string) => Promise<string>;
  readonly until: (done: () => boolean) => Promise<void>;
}

/** Connects, with the client's wait before a reconnect cut from 3-15 s to a few milliseconds. */
async function talk(webSocket: boolean, user?: string): Promise<Talk> {
  const { DirectLine } = await import('botframework-directlinejs');
  const on = await startWebchat({ listen: true });
  server = on;
  const made = await on.app.inject({ method: 'POST', url: `${PREFIX}/tokens/generate`, headers: { authorization: `Bearer ${SECRET}` }, payload: user === undefined ? {} : { user: { id: user } } });
  const token = text(made.json(), 'token');
  const conversation = text(made.json(), 'conversationId');
  const options = { domain: `${on.origin}${PREFIX}`, token, webSocket, pollingInterval: 200, random: () => -0.2495 };
  const directLine = new DirectLine(options);
  client = directLine;
  const seen: Activity[] = [];
  const statuses: number[] = [];
  let wake: (() => void)[] = [];
  const ring = (): void => {
    const waiting = wake;
    wake = [];
    for (const resolve of waiting) resolve();
  };
  // Its way to say that `end()` was called.
  const ended = (): void => undefined;
  directLine.connectionStatus$.subscribe((status) => {
    statuses.push(status);
    ring();
  }, ended);
  directLine.activity$.subscribe((activity) => {
    seen.push(activity);
    ring();
  }, ended);
  return {
    on,
    seen,
    statuses,
    say: (said) => void on.ports.say(on.core(conversation), { type: 'message', text: said }),
    post: (said) =>
      new Promise((resolve, reject) => {
        directLine.postActivity({ type: 'message', text: said, from: { id: 'page-1' }, channelData: { clientActivityID: said } }).subscribe(resolve, reject);
      }),
    until: async (done) => {
      while (!done()) await new Promise<void>((resolve) => wake.push(resolve));
    },
  };
}

const words = (activities: readonly Activity[]): string[] => activities.map((activity) => text(activity, 'text'));

describe('botframework-directlinejs', () => {
  it.each([
    ['polling', false],
    ['socket', true],
  ])('%s: everything once and in order, from the first words on', async (_way, webSocket) => {
    const { on, seen, statuses, say, post, until } = await talk(webSocket);
    const id = await post('一');
    await until(() => seen.length === 1);
    expect(id).toBe(seen[0]?.id);
    say('二');
    say('三');
    await post('四');
    await until(() => seen.length === 4);
    expect(words(seen)).toEqual(['一', '二', '三', '四']);
    expect(new Set(seen.map((activity) => activity.id)).size).toBe(4);
    expect(seen[0]).toMatchObject({ from: { id: 'page-1', role: 'user' }, channelData: { clientActivityID: '一' } });
    expect(statuses.slice(0, 3)).toEqual([0, 1, 2]);
    expect(on.ports.received).toHaveLength(2);
  });

  it('loses and repeats nothing across a dropped socket', async () => {
    const { on, seen, say, post, until } = await talk(true);
    await post('一');
    say('二');
    await until(() => seen.length === 2);
    for (const socket of on.app.websocketServer.clients) socket.terminate();
    say('三');
    await post('四');
    say('五');
    await until(() => seen.length >= 5);
    for (const socket of on.app.websocketServer.clients) socket.terminate();
    say('六');
    await until(() => seen.length >= 6);
    expect(words(seen)).toEqual(['一', '二', '三', '四', '五', '六']);
  });

  it('speaks as the bound user whatever it calls itself', async () => {
    const { on, seen, post, until } = await talk(true, 'dl_anna');
    await post('一');
    await until(() => seen.length === 1);
    expect(seen[0]?.from.id).toBe('dl_anna');
    expect(on.ports.received[0]?.identity).toMatchObject({ externalUserId: 'dl_anna' });
  });

  it('learns that its token has expired', async () => {
    const { on, seen, statuses, post, until } = await talk(true);
    await post('一');
    await until(() => seen.length === 1);
    on.advance(1_900_000);
    expect(await post('二')).toBe('retry');
    expect(statuses.at(-1)).toBe(3);
    expect(on.ports.received).toHaveLength(1);
  });

  it('ends a post as “retry” while the database is away, stays connected, and gets it through when tried again', async () => {
    const { on, seen, statuses, post, until } = await talk(true);
    on.ports.failNextReceive(new AppError('store.busy', 'x', { retry: 'later', status: 503 }));
    expect(await post('一')).toBe('retry');
    expect(statuses.at(-1)).toBe(2);
    await post('一');
    await until(() => seen.length === 1);
    expect(words(seen)).toEqual(['一']);
  });

  it('is told of a refused message by an error, and stays connected', async () => {
    const { seen, statuses, post, until } = await talk(true);
    await post('一');
    await expect(post('水'.repeat(262_144))).rejects.toMatchObject({ status: 413 });
    await post('二');
    await until(() => seen.length === 2);
    expect(statuses.at(-1)).toBe(2);
  });
});
