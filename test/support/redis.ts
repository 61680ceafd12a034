import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './server.ts';

/**
 * Redis for tests. A server that is there already (REDIS_URL, or the standard local port) is shared: use a prefix of
 * your own and never empty it. Where there is none, a private one is started from the installed program. Outages and
 * FLUSHALL are only made on private servers.
 */

export interface RedisForTests {
  readonly url: string;
  /** Ends a private server; does nothing to one that was there before. */
  close(): Promise<void>;
}

export interface PrivateRedis extends RedisForTests {
  /** FLUSHALL: everything is gone, connections stay. */
  flush(): Promise<void>;
  /** SIGKILL; nothing was kept on disk. */
  kill(): Promise<void>;
  /** Starts it again, empty, on the same port, unless it runs; resolves when it answers. */
  start(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** Keys that match a pattern. */
  keys(pattern: string): Promise<readonly string[]>;
  /** Everything that is stored, as text: to look for what must not be there. */
  dump(): Promise<string>;
}

/** What a user can do when the tests of a server are skipped. */
export const REDIS_MISSING = 'needs Redis: set REDIS_URL, start one on 127.0.0.1:6379, or install redis-server';

/** A server for tests, or null where none is reachable and none can be started. */
export async function redisForTests(): Promise<RedisForTests | null> {
  const given = process.env['REDIS_URL'];
  const url = given === undefined || given === '' ? 'redis://127.0.0.1:6379' : given;
  if (await answers(url)) return { url, close: async () => {} };
  return privateRedis();
}

/** A server of the caller's own that may be emptied, frozen and killed; null where redis-server is not installed. */
export async function privateRedis(): Promise<PrivateRedis | null> {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
  } catch {
    return null;
  }
  const folder = mkdtempSync(join(tmpdir(), 'yihu-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server: ChildProcess | null = null;

  const alive = (): boolean => server !== null && server.exitCode === null && server.signalCode === null;

  const start = async (): Promise<void> => {
    if (alive()) return;
    const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--daemonize', 'no', '--dir', folder], { stdio: 'ignore' });
    server = child;
    process.once('exit', () => child.kill('SIGKILL'));
    const limit = performance.now() + 20_000;
    while (!(await answers(url))) {
      if (child.exitCode !== null || performance.now() > limit) throw new Error(`Redis did not start (${child.exitCode ?? 'no answer'})`);
    }
  };

  const kill = async (): Promise<void> => {
    const child = server;
    if (child === null || !alive()) return;
    const gone = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
    child.kill('SIGKILL');
    await gone;
  };

  const ask = async <Answer>(question: (client: Redis) => Promise<Answer>): Promise<Answer> => {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => {});
    try {
      await client.connect();
      return await question(client);
    } finally {
      client.disconnect();
    }
  };

  await start();
  return {
    url,
    start,
    kill,
    flush: () => ask(async (client) => void (await client.flushall())),
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    keys: (pattern) => ask((client) => client.keys(pattern)),
    dump: () =>
      ask(async (client) => {
        const parts: string[] = [];
        for (const key of await client.keys('*')) {
          const kept = await client.dump(key).catch(() => null);
          parts.push(key, kept ?? '');
        }
        return parts.join('\n');
      }),
    close: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, connectTimeout: 500, commandTimeout: 1_000, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}
