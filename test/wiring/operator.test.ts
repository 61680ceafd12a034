import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createStore } from '../../src/store/index.ts';
import { createVault } from '../../src/store/vault.ts';
import { busWords, noticeOtherSecret, tellParts, welcome } from '../../src/wiring/operator.ts';

describe('the first words of a node', () => {
  it('send nobody to pages that it does not serve', () => {
    expect(welcome('http://127.0.0.1:3000', 'web,worker')).toMatch(/is ready\n.*citizens .*3000\/\n.*seats .*\/desk\n/);
    expect(welcome('http://127.0.0.1:3000', 'web')).toMatch(/is ready to take.*worker[^]*\/desk/);
    expect(welcome('http://127.0.0.1:3000', 'worker')).toMatch(/is ready to answer[^]*\/readyz/);
    expect(welcome('http://127.0.0.1:3000', 'worker')).not.toMatch(/citizens|desk|docs/);
  });
});

describe('a part that goes away', () => {
  const told: string[] = [];
  const log = { info: (_: object, text: string) => void told.push(`info ${text}`), warn: (_: object, text: string) => void told.push(`warn ${text}`) };
  beforeEach(() => {
    told.length = 0;
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  it('is told once, and once more when it is back', () => {
    let redis = true;
    const stop = tellParts({ redis: () => redis, news: () => true }, log);
    vi.advanceTimersByTime(5_000);
    expect(told).toEqual([]);
    redis = false;
    vi.advanceTimersByTime(5_000);
    expect(told).toEqual([expect.stringMatching(/^warn Redis is away: .*database/)]);
    redis = true;
    vi.advanceTimersByTime(5_000);
    expect(told.slice(1)).toEqual(['info redis is back']);
    stop();
    redis = false;
    vi.advanceTimersByTime(5_000);
    expect(told).toHaveLength(2);
  });

  it('has words for every event of the bus', () => {
    expect(new Set([busWords('retried', 'deliver'), busWords('buried', 'deliver'), busWords('fenced', 'turn'), busWords('failed', 'relay'), busWords('failed', 'redis')]).size).toBe(5);
  });
});

describe('nodes with different secrets for web chats', () => {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-operator-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are told of it, without the secret', async () => {
    const store = await createStore({ dataDir: folder, synchronous: 'NORMAL', vault: createVault(randomBytes(32)) });
    const told: string[] = [];
    const log = { warn: (facts: object, text: string) => void told.push(`${JSON.stringify(facts)} ${text}`) };
    const start = (secret: string): Promise<void> => noticeOtherSecret(store, secret, Date.now, log);
    await start('not-a-real-secret-1');
    await start('not-a-real-secret-1');
    expect(told).toEqual([]);
    await start('not-a-real-secret-2');
    await start('not-a-real-secret-2');
    expect(told).toEqual([expect.stringMatching(/DIRECTLINE_SECRET.*every node/)]);
    expect(told.join()).not.toContain('not-a-real');
    await store.close();
  });
});
