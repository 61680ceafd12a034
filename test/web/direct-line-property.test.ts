import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDirectLineClient } from '../../src/web/widget/direct-line/client.ts';
import type { DirectLineClient } from '../../src/web/widget/direct-line/contract.ts';
import { createFakeClock } from './support/fake-clock.ts';
import { createFakeDirectLine } from './support/fake-direct-line.ts';
import { createFakePorts } from './support/fake-ports.ts';

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant('send') },
  { weight: 3, arbitrary: fc.constant('say') },
  fc.constantFrom('cut', 'cut silently', 'offline', 'online', 'reload', 'server error', 'answer lost', 'token refused', 'quota', 'block streams', 'allow streams', 'wake'),
  { weight: 3, arbitrary: fc.constantFrom('wait a moment', 'wait long') },
);

describe('whatever happens to the connection', () => {
  it('every message arrives exactly once at both ends, in the order in which it was written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 30 }), async (steps) => {
        const clock = createFakeClock();
        const fake = createFakeDirectLine({ now: clock.now, wsOrigin: 'ws://fake' });
        let ports = createFakePorts(fake, clock);
        let heard: string[] = [];
        let failedOnce = false;
        const open = (): DirectLineClient => {
          heard = [];
          const client = createDirectLineClient({
            ports,
            endpoint: 'http://fake',
            locale: () => 'zh-CN',
            on: {
              activity: (activity) => void heard.push(activity.id ?? ''),
              status: () => undefined,
              outgoing: (_clientId, state) => void (failedOnce ||= state === 'failed'),
              restarted: () => void (heard = []),
            },
          });
          client.start();
          return client;
        };
        let client = open();
        await clock.settle();
        const written: string[] = [];
        let said = 0;
        const lastConversation = () => [...fake.conversations.values()].at(-1);
        for (const action of steps) {
          const conversation = lastConversation();
          if (action === 'send') written.push(client.send({ text: `市民${written.length}` }).draft.text);
          else if (action === 'say' && conversation !== undefined) fake.say(conversation.id, 'yihu', { text: `答${(said += 1)}` });
          else if (action === 'cut' && conversation !== undefined) fake.cut(conversation.id);
          else if (action === 'cut silently' && conversation !== undefined) fake.cut(conversation.id, { silently: true });
          else if (action === 'server error') fake.fail(/POST .*activities/, { status: 502, body: {} }, 1);
          else if (action === 'answer lost') fake.failAfter(/POST .*activities/, { status: 504, body: {} }, 1);
          else if (action === 'quota') fake.fail(/./, { status: 429, body: {}, headers: { 'retry-after': '1' } }, 1);
          else if (action === 'token refused') fake.fail(/conversations/, { status: 403, body: {} }, 1);
          else if (action === 'block streams') fake.blockStreams(true);
          else if (action === 'allow streams') fake.blockStreams(false);
          else if (action === 'wake') client.wake();
          else if (action === 'wait a moment') await clock.advance(700);
          else if (action === 'wait long') await clock.advance(25_000);
          else if (action === 'offline' || action === 'online') {
            ports.online = action === 'online';
            client.network(ports.online);
          } else if (action === 'reload') {
            client.stop();
            ports = createFakePorts(fake, clock, ports.stored);
            client = open();
          }
        }
        fake.blockStreams(false);
        ports.online = true;
        client.network(true);
        await clock.advance(180_000);
        client.wake();
        for (let attempt = 0; attempt < 3; attempt += 1) {
          client.retryFailed();
          await clock.advance(180_000);
        }
        client.stop();
        expect(clock.pending()).toBe(0);
        const conversation = lastConversation();
        const arrived = fake.citizenTexts(conversation?.id ?? '');
        expect([...arrived].sort()).toEqual([...written].sort());
        // After a visible failure the citizen decides what goes first.
        if (!failedOnce) expect(arrived).toEqual(written);
        expect(conversation?.activities.filter((activity) => activity['name'] === 'webchat/join')).toHaveLength(1);
        expect(heard).toEqual(conversation?.activities.map((activity) => activity['id']));
      }),
      { numRuns: 150 },
    );
  });
});
