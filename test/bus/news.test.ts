import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { createNoNews } from '../../src/bus/news/none.ts';
import { createPostgresNews } from '../../src/bus/news/postgres.ts';
import { createRedisNews } from '../../src/bus/news/redis.ts';
import { newsContract } from '../contracts/news.contract.ts';
import { POSTGRES_MISSING, postgresForTests, privatePostgres } from '../support/postgres.ts';
import { privateRedis, REDIS_MISSING } from '../support/redis.ts';
import { freePort } from '../support/server.ts';

const prefix = `yihu_test_${randomBytes(6).toString('hex')}`;
const [redis, ownPostgres, deadPort] = [await privateRedis(), await privatePostgres(), await freePort()];
const postgres = ownPostgres ?? (await postgresForTests());
const database = await postgres?.fresh();
afterAll(async () => {
  await redis?.close();
  await database?.drop();
  await postgres?.close();
});

if (redis === null) {
  describe.skip('news contract: Redis', () => {
    it(REDIS_MISSING, () => {});
  });
} else {
  newsContract({
    name: 'Redis',
    makeNode: (nodeId, onTrouble) => createRedisNews({ url: redis.url, nodeId, prefix, onTrouble }),
    makeLostNode: (onTrouble) => createRedisNews({ url: `redis://127.0.0.1:${deadPort}`, nodeId: 'lost', prefix, onTrouble }),
    say: async (text) => {
      const client = new Redis(redis.url);
      await client.publish(`${prefix}:news`, text);
      client.disconnect();
    },
    outage: { end: redis.kill, start: redis.start },
  });
}

if (database === undefined) {
  describe.skip('news contract: PostgreSQL', () => {
    it(POSTGRES_MISSING, () => {});
  });
} else {
  const ask = async (text: string, values: readonly unknown[] = []): Promise<void> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(text, [...values]).finally(() => client.end());
  };
  newsContract({
    name: 'PostgreSQL',
    makeNode: (nodeId, onTrouble) => createPostgresNews({ url: database.url, nodeId, channel: prefix, onTrouble }),
    makeLostNode: (onTrouble) => createPostgresNews({ url: `postgres://yihu@127.0.0.1:${deadPort}/none`, nodeId: 'lost', onTrouble }),
    say: (text) => ask('select pg_notify($1, $2)', [prefix, text]),
    outage: ownPostgres === null ? null : { end: ownPostgres.kill, start: ownPostgres.start },
  });
}

describe('news of a single node', () => {
  it('goes nowhere', async () => {
    const news = createNoNews();
    const leave = news.subscribe(() => {
      throw new Error('nobody speaks here');
    });
    await news.start();
    news.publish({ kind: 'work' });
    expect(news.connected()).toBe(true);
    leave();
    await news.stop();
  });
});
