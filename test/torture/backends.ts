import { setTimeout as sleep } from 'node:timers/promises';
import { POSTGRES_MISSING, privatePostgres } from '../support/postgres.ts';
import { privateRedis, REDIS_MISSING } from '../support/redis.ts';

/** A PostgreSQL or Redis of our own, which may be crashed. */
export interface Backend {
  /** Of a database that was empty in the beginning. */
  readonly url: URL;
  /** SIGKILL, and a start. PostgreSQL recovers by its log; Redis comes back empty. */
  restart(awayMs: number): Promise<void>;
  /** SIGSTOP to all its processes, and SIGCONT after `ms`. */
  pause(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export interface RedisBackend extends Backend {
  /** FLUSHALL. */
  flush(): Promise<void>;
}

interface Stoppable {
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  start(): Promise<void>;
}

const disturbances = (server: Stoppable): Pick<Backend, 'restart' | 'pause'> => ({
  restart: async (awayMs) => {
    await server.kill();
    await sleep(awayMs);
    await server.start();
  },
  pause: async (ms) => {
    server.freeze();
    await sleep(ms);
    server.thaw();
  },
});

export async function startPostgres(): Promise<Backend> {
  const server = await privatePostgres();
  if (server === null) throw new Error(POSTGRES_MISSING);
  const database = await server.fresh();
  return { url: new URL(database.url), ...disturbances(server), stop: () => server.close() };
}

export async function startRedis(): Promise<RedisBackend> {
  const server = await privateRedis();
  if (server === null) throw new Error(REDIS_MISSING);
  return { url: new URL(server.url), ...disturbances(server), flush: () => server.flush(), stop: () => server.close() };
}

/** The same server through a port of ours. */
export function through(url: URL, port: number): string {
  const other = new URL(url);
  other.port = String(port);
  return other.href;
}
