import { Redis } from 'ioredis';
import { within } from '../outcome.ts';

/** All keys and channels of ours in Redis begin with this. */
export const REDIS_PREFIX = 'yihu';

const MAX_RECONNECT_MS = 2_000;
/** A command that is not answered in this time has failed: the server may be stopped with its connections open. */
const COMMAND_MS = 1_000;
const PROBE_MS = 1_000;

export interface RedisLink {
  readonly client: Redis;
  /** Connected, and the last command was answered. */
  ready(): boolean;
  /** Resolves when it is ready, at the latest after `ms`. */
  opened(ms: number): Promise<void>;
  /** A command failed: not ready until one is answered again, asked every second (a full or loading server answers no, and at once). */
  doubt(error: unknown): void;
  close(): void;
}

export interface RedisLinkOptions {
  readonly url: string;
  /**
   * `asks`: commands fail at once when Redis is away, nothing queues up, nothing waits for ever.
   * `waits`: for BullMQ's worker and for subscriptions, which hold on through a reconnect.
   */
  readonly manner: 'asks' | 'waits';
  readonly trouble: (error: unknown) => void;
  /** Ready again, or not any more. */
  readonly changed?: (ready: boolean) => void;
}

/**
 * One connection to Redis that comes back by itself and never throws at the house.
 * Options as in https://github.com/redis/ioredis (offline queue, retries per request, command time-out).
 */
export function openRedisLink({ url, manner, trouble, changed }: RedisLinkOptions): RedisLink {
  let closing = false;
  let doubted = false;
  let told = false;
  let probe: NodeJS.Timeout | null = null;
  const waiting = new Set<() => void>();
  const client = new Redis(url, {
    maxRetriesPerRequest: manner === 'asks' ? 0 : null,
    enableOfflineQueue: manner === 'waits',
    ...(manner === 'asks' ? { commandTimeout: COMMAND_MS, autoResendUnfulfilledCommands: false } : {}),
    connectTimeout: 5_000,
    // Null ends it: BullMQ's own copies of a connection must not come back after a stop either.
    retryStrategy: (times) => (closing ? null : Math.min(MAX_RECONNECT_MS, 25 * 2 ** Math.min(times, 10))),
  });
  const ready = (): boolean => client.status === 'ready' && !doubted && !closing;
  const tell = (): void => {
    const now = ready();
    if (now) {
      for (const resolve of waiting) resolve();
      waiting.clear();
    }
    if (now === told) return;
    told = now;
    changed?.(now);
  };

  const askLater = (): void => {
    if (closing || !doubted) return;
    probe = setTimeout(() => void ask(), PROBE_MS);
    probe.unref();
  };

  const ask = async (): Promise<void> => {
    try {
      await client.ping();
      doubted = false;
      tell();
    } catch {
      askLater();
    }
  };

  client.on('ready', () => {
    doubted = false;
    tell();
  });
  client.on('close', tell);
  client.on('error', trouble);

  return {
    client,
    ready,
    opened: async (ms) => {
      if (ready()) return;
      const open = new Promise<void>((resolve) => void waiting.add(resolve));
      await within(open, ms);
    },
    doubt: (error) => {
      trouble(error);
      if (doubted || closing) return;
      doubted = true;
      tell();
      askLater();
    },
    close: () => {
      closing = true;
      if (probe !== null) clearTimeout(probe);
      for (const resolve of waiting) resolve();
      waiting.clear();
      client.disconnect();
    },
  };
}
