import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBus, openNews } from '../../src/bus/index.ts';
import type { BusOptions } from '../../src/bus/contract.ts';
import type { NewsItem } from '../../src/bus/news.ts';
import type { Store } from '../../src/store/contract.ts';
import { createStore } from '../../src/store/index.ts';
import { createVault } from '../../src/store/vault.ts';

describe('bus and news by setting', () => {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-open-bus-'));
  let store: Store;
  beforeAll(async () => {
    store = await createStore({ dataDir: folder, synchronous: 'NORMAL', vault: createVault(randomBytes(32)) });
  });
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const options: BusOptions = { now: () => 0, holder: 'h', leaseMs: 1_000, sweepMs: 1_000, maxParallelLanes: 2, maxAttempts: 2, backoffMs: () => 1, random: () => 0 };
  const REDIS = 'redis://127.0.0.1:1';
  const POSTGRES = 'postgres://yihu@127.0.0.1:1/yihu';

  it.each([
    { carries: true, redisUrl: '', driver: 'embedded' },
    { carries: true, redisUrl: REDIS, driver: 'bullmq' },
    { carries: false, redisUrl: '', driver: 'forwarding' },
    { carries: false, redisUrl: REDIS, driver: 'forwarding' },
  ])('carries: $carries, Redis: "$redisUrl" → $driver', async ({ carries, redisUrl, driver }) => {
    const bus = await openBus(store, options, { carries, redisUrl, news: { publish: () => {} } });
    expect(bus.driver).toBe(driver);
    // Nothing is connected, carried or taken before the start.
    expect([bus.hasRoom(), bus.running(), bus.connected()]).toEqual([false, 0, redisUrl === '']);
    await bus.stop(10);
  });

  it.each([
    { redisUrl: '', databaseUrl: '', driver: 'none', connected: true },
    { redisUrl: '', databaseUrl: POSTGRES, driver: 'postgres', connected: false },
    { redisUrl: REDIS, databaseUrl: POSTGRES, driver: 'redis', connected: false },
  ])('Redis: "$redisUrl", database: "$databaseUrl" → news by $driver', async ({ redisUrl, databaseUrl, driver, connected }) => {
    const news = await openNews({ redisUrl, databaseUrl, nodeId: 'n', onTrouble: () => {} });
    expect([news.driver, news.connected()]).toEqual([driver, connected]);
    await news.stop();
  });

  it('a web node tells its work by news where there is no Redis', async () => {
    const told: NewsItem[] = [];
    const bus = await openBus(store, options, { carries: false, redisUrl: '', news: { publish: (item) => told.push(item) } });
    await bus.start({});
    bus.wake([{ id: 'a', lane: 'l', availableAt: 0 }]);
    expect(told).toEqual([{ kind: 'work' }]);
    await bus.stop(10);
  });
});
