import { createDirectLineClient } from '../../../src/web/widget/direct-line/client.ts';
import type { ConnectionStatus, DirectLineClient } from '../../../src/web/widget/direct-line/contract.ts';
import type { SendState } from '../../../src/web/widget/direct-line/outbox.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createFakeDirectLine, type FakeDirectLine } from './fake-direct-line.ts';
import { createFakePorts, type FakePorts } from './fake-ports.ts';

/** A browser tab with the client in it, and what it has shown. */
export interface Page {
  readonly client: DirectLineClient;
  readonly ports: FakePorts;
  readonly texts: string[];
  readonly statuses: ConnectionStatus[];
  readonly sending: Map<string, SendState[]>;
  restarts: number;
}

export interface World {
  readonly clock: FakeClock;
  readonly fake: FakeDirectLine;
  page(stored?: string | null): Page;
}

/** A service and a clock; tabs are opened by `page`. */
export function aWorld(): World {
  const clock = createFakeClock();
  const fake = createFakeDirectLine({ now: clock.now, wsOrigin: 'ws://fake' });
  return {
    clock,
    fake,
    page(stored = null) {
      const ports = createFakePorts(fake, clock, stored);
      const page: Omit<Page, 'client'> = { ports, texts: [], statuses: [], sending: new Map(), restarts: 0 };
      const client = createDirectLineClient({
        ports,
        endpoint: 'http://fake',
        locale: () => 'zh-CN',
        on: {
          activity(activity) {
            if (activity.type === 'message') page.texts.push(activity.text ?? '');
          },
          status: (status) => void page.statuses.push(status),
          outgoing: (clientId, state) => void page.sending.set(clientId, [...(page.sending.get(clientId) ?? []), state]),
          restarted: () => void (page.restarts += 1),
        },
      });
      return Object.assign(page, { client });
    },
  };
}

export const conversationOf = (fake: FakeDirectLine): string => [...fake.conversations.keys()].at(-1) ?? '';
export const count = (fake: FakeDirectLine, pattern: RegExp): number => fake.requests.filter((request) => pattern.test(`${request.method} ${request.path}`)).length;
