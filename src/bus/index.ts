import type { Store } from '../store/contract.ts';
import type { Bus, BusOptions } from './contract.ts';
import { createEmbeddedBus } from './drivers/embedded.ts';
import type { News } from './news.ts';
import { createNoNews } from './news/none.ts';
import type { SiblingLine } from './siblings/line.ts';

/** A bus as the settings ask for it. */
export interface OpenedBus extends Bus {
  /** For /readyz. `forwarding`: this process carries nothing itself. */
  readonly driver: 'embedded' | 'bullmq' | 'forwarding';
  /** Is Redis there? True where none is used. Without it work goes on, a moment later. */
  connected(): boolean;
}

export interface BusSettings {
  /** Has this process the role `worker`? */
  readonly carries: boolean;
  /** Empty: no Redis. */
  readonly redisUrl: string;
  /** Before all keys in Redis; `yihu` unless told. */
  readonly prefix?: string | undefined;
  readonly news: Pick<News, 'publish'>;
}

/** The bus for a process; connects in `start`. Clients of servers that are not used are not even loaded. */
export async function openBus(store: Store, options: BusOptions, { carries, redisUrl, prefix, news }: BusSettings): Promise<OpenedBus> {
  const redis = redisUrl === '' ? undefined : { url: redisUrl, ...(prefix === undefined ? {} : { prefix }) };
  if (!carries) {
    const { createForwardingBus } = await import('./drivers/forwarding.ts');
    return { ...createForwardingBus(store, options, { news, redis }), driver: 'forwarding' };
  }
  if (redis !== undefined) {
    const { createBullmqBus } = await import('./drivers/bullmq.ts');
    return { ...createBullmqBus(store, options, redis), driver: 'bullmq' };
  }
  return { ...createEmbeddedBus(store, options), driver: 'embedded', connected: () => true };
}

export interface NewsSettings {
  /** Empty: no Redis. Comes before PostgreSQL. */
  readonly redisUrl: string;
  /** Empty: SQLite, and then nobody else is there unless Redis says so, or the processes of one machine. */
  readonly databaseUrl: string;
  /** How this process reaches the other ones of its machine; null: it is alone. */
  readonly siblings?: SiblingLine | null | undefined;
  /** Unique per process start, such as the bus's holder. */
  readonly nodeId: string;
  /** Before the name of the channel; `yihu` unless told. */
  readonly prefix?: string | undefined;
  /** A code a trouble, not once for every failed try. */
  readonly onTrouble: (code: string) => void;
}

/** News as the settings allow it; connects in `start`. */
export async function openNews({ redisUrl, databaseUrl, siblings = null, nodeId, prefix, onTrouble }: NewsSettings): Promise<News & { readonly driver: 'redis' | 'postgres' | 'siblings' | 'none' }> {
  if (redisUrl !== '') {
    const { createRedisNews } = await import('./news/redis.ts');
    return { ...createRedisNews({ url: redisUrl, nodeId, prefix, onTrouble }), driver: 'redis' };
  }
  if (databaseUrl !== '') {
    const { createPostgresNews } = await import('./news/postgres.ts');
    return { ...createPostgresNews({ url: databaseUrl, nodeId, channel: prefix === undefined ? undefined : `${prefix}_news`, onTrouble }), driver: 'postgres' };
  }
  if (siblings !== null) {
    const { createSiblingNews } = await import('./news/siblings.ts');
    return { ...createSiblingNews({ line: siblings, nodeId, onTrouble }), driver: 'siblings' };
  }
  return { ...createNoNews(), driver: 'none' };
}
