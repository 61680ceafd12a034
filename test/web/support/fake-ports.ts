import type { Ports } from '../../../src/web/shared/ports.ts';
import type { FakeClock } from './fake-clock.ts';
import type { FakeDirectLine } from './fake-direct-line.ts';

export interface FakePorts extends Ports {
  /** False: every request fails as if there were no network, and open streams say nothing. */
  online: boolean;
  stored: string | null;
}

/** Unique over all pages of a test run, as random ids are. */
let ids = 0;

/** The browser's side of a FakeDirectLine. `storage` may be handed from one page to the next. */
export function createFakePorts(fake: FakeDirectLine, clock: FakeClock, stored: string | null = null): FakePorts {
  const ports: FakePorts = {
    online: true,
    stored,
    async fetch(url, init) {
      await Promise.resolve();
      if (!ports.online) throw new TypeError('network');
      const { pathname, search } = new URL(url);
      const reply = fake.handle({ method: init.method ?? 'GET', path: pathname + search, token: bearer(init), body: await bodyOf(init.body) });
      await Promise.resolve();
      if (!ports.online) throw new TypeError('network');
      return new Response(JSON.stringify(reply.body), { status: reply.status, headers: { ...reply.headers } });
    },
    openSocket: (url, handlers) => fake.openStream(url, handlers),
    now: clock.now,
    after: clock.after,
    random: () => 0.5,
    newId: () => `client-${(ids += 1)}`,
    storage: {
      read: () => ports.stored,
      write: (value) => {
        ports.stored = value;
      },
    },
  };
  return ports;
}

function bearer(init: RequestInit): string | undefined {
  return new Headers(init.headers).get('authorization')?.replace(/^Bearer /, '');
}

async function bodyOf(body: RequestInit['body']): Promise<Record<string, unknown>> {
  const part = body instanceof FormData ? body.get('activity') : body;
  const text = part instanceof Blob ? await part.text() : typeof part === 'string' ? part : '{}';
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
