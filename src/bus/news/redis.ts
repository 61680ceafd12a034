import type { News } from '../news.ts';
import { within } from '../outcome.ts';
import { openRedisLink, REDIS_PREFIX, type RedisLink } from '../redis/link.ts';
import { tellSeldom } from '../tell-seldom.ts';
import { unwrap } from './envelope.ts';
import { createListeners } from './listeners.ts';
import { createOutbound } from './outbound.ts';

export interface RedisNewsOptions {
  readonly url: string;
  /** Unique per process start: a node does not hear itself. */
  readonly nodeId: string;
  /** Before the channel's name; `yihu` unless told. */
  readonly prefix?: string | undefined;
  /** A code a trouble, not once for every failed try. */
  readonly onTrouble: (code: string) => void;
}

/** A start waits this long for the server. */
const OPEN_MS = 1_000;
/** Longest message; a node that was silent for a moment may have much to say. */
const MAX_BYTES = 256 * 1024;

/** News over Redis pub/sub. Two connections, as one that listens cannot ask. */
export function createRedisNews({ url, nodeId, prefix = REDIS_PREFIX, onTrouble }: RedisNewsOptions): News {
  const channel = `${prefix}:news`;
  const trouble = tellSeldom(onTrouble);
  const listeners = createListeners(trouble);
  let ears: RedisLink | null = null;
  let mouth: RedisLink | null = null;
  let hearing = false;

  const outbound = createOutbound(nodeId, MAX_BYTES, async (messages) => {
    if (mouth?.ready() !== true) return; // dropped: whoever misses it reads the store by watermark, poll or sweep
    const { client, doubt } = mouth;
    await Promise.all(messages.map((message) => client.publish(channel, message))).catch(doubt);
  });

  return {
    publish: outbound.publish,
    subscribe: listeners.add,
    start: async () => {
      if (ears !== null) return;
      let subscribed = false;
      const opened = openRedisLink({
        url,
        manner: 'waits',
        trouble,
        changed: (ready) => {
          hearing = ready && subscribed;
        },
      });
      ears = opened;
      mouth = openRedisLink({ url, manner: 'asks', trouble });
      opened.client.on('message', (_, text) => listeners.tell(unwrap(text, nodeId)));
      const subscribe = async (): Promise<void> => {
        // Waits for the connection, and is asked for again by the client whenever it comes back.
        await opened.client.subscribe(channel);
        subscribed = true;
        hearing = opened.ready();
      };
      await within(Promise.all([subscribe().catch(trouble), mouth.opened(OPEN_MS)]), OPEN_MS);
    },
    stop: async () => {
      await outbound.stop();
      hearing = false;
      ears?.close();
      mouth?.close();
    },
    connected: () => hearing && mouth?.ready() === true,
  };
}
