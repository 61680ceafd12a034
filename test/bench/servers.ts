import { Redis } from 'ioredis';
import pg from 'pg';
import { POSTGRES_MISSING, postgresForTests, privatePostgres } from '../support/postgres.ts';
import { privateRedis, REDIS_MISSING, redisForTests } from '../support/redis.ts';
import { commandOf, cpuMs, cpuMsWithChildren, parentOf } from './processor.ts';

/**
 * PostgreSQL and Redis for measurements: those of DATABASE_URL and REDIS_URL, else private ones, else those on the standard
 * ports. Private before standard, unlike in tests: nobody else should be measured, or disturbed.
 */
export interface Servers {
  /** Settings of a gateway that uses them. */
  readonly env: Readonly<Record<string, string>>;
  /** Processor time of both so far, ms; NaN when they run elsewhere. */
  cpuMs(): number;
}

export type Reached<Result> = { readonly reached: true; readonly result: Result } | { readonly reached: false; readonly why: string };

export async function withRedis<Result>(use: (url: string) => Promise<Result>): Promise<Reached<Result>> {
  const redis = (isSet('REDIS_URL') ? null : await privateRedis()) ?? (await redisForTests());
  if (redis === null) return { reached: false, why: REDIS_MISSING };
  try {
    return { reached: true, result: await use(redis.url) };
  } finally {
    await redis.close();
  }
}

/** Both, with a database of its own that is dropped afterwards. */
export async function withServers<Result>(use: (servers: Servers) => Promise<Result>): Promise<Reached<Result>> {
  const postgres = (isSet('DATABASE_URL') ? null : await privatePostgres()) ?? (await postgresForTests());
  if (postgres === null) return { reached: false, why: POSTGRES_MISSING };
  try {
    const database = await postgres.fresh();
    try {
      return await withRedis(async (redisUrl) => {
        const [postmaster, redis] = [await postmasterOf(database.url), await redisPid(redisUrl)];
        return use({
          env: { DATABASE_URL: database.url, REDIS_URL: redisUrl },
          cpuMs: () => (postmaster === null || redis === null ? Number.NaN : cpuMsWithChildren(postmaster) + cpuMs(redis)),
        });
      });
    } finally {
      await database.drop();
    }
  } finally {
    await postgres.close();
  }
}

function isSet(name: string): boolean {
  return (process.env[name] ?? '') !== '';
}

/** The parent of all of PostgreSQL's processes, when it runs on this machine. */
async function postmasterOf(url: string): Promise<number | null> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const backend = rows[0]?.pid ?? 0;
    return commandOf(backend) === 'postgres' ? parentOf(backend) : null;
  } finally {
    await client.end();
  }
}

async function redisPid(url: string): Promise<number | null> {
  const client = new Redis(url, { lazyConnect: true });
  try {
    await client.connect();
    const pid = Number(/^process_id:(\d+)/m.exec(await client.info('server'))?.[1] ?? '0');
    return commandOf(pid).startsWith('redis') ? pid : null;
  } finally {
    client.disconnect();
  }
}
