import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { openSpoolUnderTest, type SpoolUnderTest } from '../../support/spool.ts';
import { until } from '../../support/until.ts';

const root = mkdtempSync(join(tmpdir(), 'yihu-kill-'));
let house: SpoolUnderTest | null = null;
afterEach(async () => {
  await house?.close();
  rmSync(root, { recursive: true, force: true });
});

/** Runs a process that takes webhooks, kills it once it has acknowledged so many, and says which. */
async function killAfter(count: number): Promise<readonly string[]> {
  const said = await new Promise<{ out: string; errors: string }>((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('dying-process.ts', import.meta.url)), root], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
      if (out.split('\n').length > count) child.kill('SIGKILL');
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
    child.on('close', () => resolve({ out, errors }));
  });
  if (said.out === '') throw new Error(said.errors);
  // A line cut by the kill is one that nobody was told.
  return said.out.split('\n').slice(0, -1);
}

it('a killed process leaves its folder free and everything acknowledged in it', async () => {
  const acknowledged = await killAfter(150);
  expect(acknowledged.length).toBeGreaterThanOrEqual(150);
  expect(readdirSync(root)).toHaveLength(1);
  house = await openSpoolUnderTest({ folder: root });
  expect(house.spool.stats().records).toBeGreaterThanOrEqual(acknowledged.length);
  house.spool.start();
  await until(async () => house?.spool.stats().state === 'through', 'an empty spool');
  const stored = house.store.stored.map(({ words }) => Number(words));
  expect(new Set(stored).size).toBe(stored.length);
  expect(stored).toEqual(stored.toSorted((a, b) => a - b));
  expect(acknowledged.filter((one) => !stored.includes(Number(one)))).toEqual([]);
});
