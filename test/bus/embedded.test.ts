import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { exponentialBackoff } from '../../src/bus/backoff.ts';
import { createEmbeddedBus } from '../../src/bus/drivers/embedded.ts';
import { createStore } from '../../src/store/index.ts';
import { createVault } from '../../src/store/vault.ts';
import { busContract } from '../contracts/bus.contract.ts';
import { putTables } from '../support/sqlite-template.ts';

const folder = mkdtempSync(join(tmpdir(), 'yihu-bus-'));
let count = 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

busContract({
  name: 'embedded on SQLite',
  openStore: async () => {
    const dataDir = join(folder, String((count += 1)));
    await putTables(dataDir);
    return createStore({ databaseUrl: '', dataDir, synchronous: 'NORMAL', vault: createVault(randomBytes(32)) });
  },
  makeBus: createEmbeddedBus,
});

describe('back-off', () => {
  it('doubles, is never longer than five minutes and never shorter than half its step', () => {
    for (let attempt = 1; attempt <= 60; attempt += 1) {
      const low = exponentialBackoff(attempt, 0);
      const high = exponentialBackoff(attempt, 1);
      expect(high).toBeLessThanOrEqual(300_000);
      expect(low).toBeGreaterThanOrEqual(high / 2 - 1);
      expect(low).toBeGreaterThanOrEqual(250);
    }
    expect(exponentialBackoff(3, 1)).toBe(2_000);
  });
});
