import { createDesk, type Desk } from '../../../src/web/desk/state/desk.ts';
import type { SocketHandlers } from '../../../src/web/shared/ports.ts';
import { NOW } from './desk-factories.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createFakeDesk, type FakeDesk } from './fake-desk.ts';

export interface World {
  readonly clock: FakeClock;
  readonly server: FakeDesk;
  readonly desk: Desk;
  /** What preferences this browser keeps. */
  readonly prefs: { value: string | null };
  network: boolean;
  /** Ends the socket; `network` says whether a new one can be had. */
  cut(): void;
}

export function aWorld(prefs: string | null = null, skewMs = 0): World {
  const clock = createFakeClock(NOW);
  const server = createFakeDesk('administrator', () => clock.now() + skewMs);
  let ids = 0;
  let open: { handlers: SocketHandlers; connection: ReturnType<FakeDesk['connect']> } | null = null;
  const world: Omit<World, 'desk'> = {
    clock,
    server,
    prefs: { value: prefs },
    network: true,
    cut() {
      const was = open;
      open = null;
      was?.connection.disconnect();
      was?.handlers.closed('');
    },
  };
  let cookie = false;
  const desk = createDesk({
    ports: {
      async fetch(path, init) {
        await Promise.resolve();
        if (!world.network) throw new TypeError('network');
        const text = typeof init.body === 'string' ? init.body : '{}';
        const reply = server.handle({ method: init.method ?? 'GET', path, csrf: new Headers(init.headers).get('x-csrf-token') ?? undefined, cookie, body: { ...(JSON.parse(text) as object) } });
        if (path === '/api/session' && init.method === 'POST' && reply.status === 200) cookie = true;
        return new Response(reply.status === 204 ? null : JSON.stringify(reply.body), { status: reply.status });
      },
      openSocket(_url, handlers) {
        if (!world.network) {
          queueMicrotask(() => handlers.closed(''));
          return { send: () => undefined, close: () => undefined };
        }
        let connection: ReturnType<FakeDesk['connect']> | null = null;
        queueMicrotask(() => {
          connection = server.connect(handlers);
          open = { handlers, connection };
          handlers.opened();
        });
        return { send: (message) => connection?.receive(message), close: () => connection?.disconnect() };
      },
      now: clock.now,
      after: clock.after,
      random: () => 0.5,
      newId: () => `reply-key-${(ids += 1)}`,
    },
    liveUrl: 'ws://desk/api/desk/live',
    prefs: { read: () => world.prefs.value, write: (value) => void (world.prefs.value = value) },
  });
  return Object.assign(world, { desk });
}

export async function signedIn(prefs: string | null = null, skewMs = 0): Promise<World> {
  const world = aWorld(prefs, skewMs);
  await world.desk.start();
  await world.desk.signIn('zhang', 'correct horse');
  await world.clock.advance(200);
  return world;
}

export const calls = (server: FakeDesk, pattern: RegExp): number => server.requests.filter((request) => pattern.test(`${request.method} ${request.path}`)).length;
export const alertTexts = (desk: Desk): string[] => desk.alerts.list.value.map((alert) => alert.text);
export const row = (desk: Desk, id = 'c1') => {
  const found = desk.state.value.conversations.get(id);
  if (found === undefined) throw new Error(`no row ${id}`);
  return found;
};
export const shown = (desk: Desk): string[] => (desk.transcript.value?.activities ?? []).map((activity) => (activity.content.type === 'message' ? activity.content.text : activity.content.type));
