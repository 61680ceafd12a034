import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, describe, it } from 'vitest';
import { createBullmqBus } from '../../src/bus/drivers/bullmq.ts';
import { createStore } from '../../src/store/index.ts';
import { createVault } from '../../src/store/vault.ts';
import { busContract } from '../contracts/bus.contract.ts';
import { REDIS_MISSING, redisForTests } from '../support/redis.ts';
import { putTables } from '../support/sqlite-template.ts';

const redis = await redisForTests();
const folder = mkdtempSync(join(tmpdir(), 'yihu-bullmq-'));
let count = 0;
let prefix = '';
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await redis?.close();
});

if (redis === null) {
  describe.skip('bus contract: bullmq on SQLite', () => {
    it(REDIS_MISSING, () => {});
  });
} else {
  busContract({
    name: 'bullmq on SQLite',
    openStore: async () => {
      const dataDir = join(folder, String((count += 1)));
      await putTables(dataDir);
      prefix = `yihu-test-${randomBytes(6).toString('hex')}`;
      return createStore({ databaseUrl: '', dataDir, synchronous: 'NORMAL', vault: createVault(randomBytes(32)) });
    },
    // BullMQ's delays are real while the test's clock stands still: a sweep notices what fell due by that clock.
    makeBus: (store, options) => createBullmqBus(store, { ...options, sweepMs: 20 }, { url: redis.url, prefix }),
  });
}
