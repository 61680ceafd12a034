import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import pg from 'pg';
import { afterAll, describe, it } from 'vitest';
import { createBullmqBus } from '../../src/bus/drivers/bullmq.ts';
import { createEmbeddedBus } from '../../src/bus/drivers/embedded.ts';
import type { Store } from '../../src/store/contract.ts';
import { createStore } from '../../src/store/index.ts';
import { createVault } from '../../src/store/vault.ts';
import { busContract } from '../contracts/bus.contract.ts';
import { POSTGRES_MISSING, postgresForTests } from '../support/postgres.ts';
import { REDIS_MISSING, redisForTests } from '../support/redis.ts';

/** The same buses where writers really run side by side. */
const [postgres, redis] = [await postgresForTests(), await redisForTests()];
const database = await postgres?.migrated();
let prefix = '';
afterAll(async () => {
  await database?.drop();
  await postgres?.close();
  await redis?.close();
});

if (database === undefined) {
  describe.skip('bus contract: PostgreSQL', () => {
    it(POSTGRES_MISSING, () => {});
  });
} else {
  /** One database for all, as making one takes longer than the test: its tables are emptied before each. */
  const empty = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    for (const table of ['outbox', 'lanes', 'trail', 'trail_heads']) await client.query(`delete from ${table}`);
    await client.end();
  };
  const openStore = async (): Promise<Store> => {
    prefix = `yihu-test-${randomBytes(6).toString('hex')}`;
    const store = await createStore({ databaseUrl: database.url, dataDir: tmpdir(), vault: createVault(randomBytes(32)) });
    await empty();
    return store;
  };
  busContract({ name: 'embedded on PostgreSQL', openStore, makeBus: createEmbeddedBus });
  if (redis === null) {
    describe.skip('bus contract: bullmq on PostgreSQL', () => {
      it(REDIS_MISSING, () => {});
    });
  } else {
    busContract({ name: 'bullmq on PostgreSQL', openStore, makeBus: (store, options) => createBullmqBus(store, { ...options, sweepMs: 20 }, { url: redis.url, prefix }) });
  }
}
