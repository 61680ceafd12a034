import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { createEmbeddedBus } from '../../src/bus/drivers/embedded.ts';
import type { JobHandler } from '../../src/bus/contract.ts';
import type { OutboxDraft } from '../../src/store/contract.ts';
import { createStore } from '../../src/store/index.ts';
import { createVault } from '../../src/store/vault.ts';
import { until } from '../support/until.ts';

/** Short, as it is waited for: the heir can only take over when it has run out by the machine's clock. */
const LEASE_MS = 400;

describe('a process that is stopped with its lanes and comes back', () => {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-paused-'));
  let child: ChildProcess | null = null;
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('writes nothing and begins nothing more, because another one went on meanwhile', async () => {
    const key = randomBytes(32);
    const store = await createStore({ dataDir: folder, synchronous: 'NORMAL', vault: createVault(key) });
    const row = (id: string, lane: string, kind: string): OutboxDraft => ({ id, lane, kind, payload: {}, availableAt: Date.now(), blocking: true, now: Date.now() });
    await store.write((repos) => repos.outbox.add([row('a', 'lane-1', 'after'), row('b', 'lane-1', 'after'), row('c', 'lane-2', 'before')]));

    const paused = fork(fileURLToPath(new URL('children/carry.ts', import.meta.url)), [folder, key.toString('base64'), String(LEASE_MS)], { execArgv: ['--import', 'tsx'] });
    child = paused;
    const told: string[] = [];
    paused.on('message', (what) => told.push(String(what)));
    await until(async () => told.includes('at the mark of a') && told.includes('at the mark of c'));
    paused.kill('SIGSTOP');
    // It may have been stopped amid a heartbeat, with the lock of the file: then a moment later.
    while (!(await store.write((repos) => repos.lanes.removeIdle(0, 1)).then(() => true, () => false))) {
      paused.kill('SIGCONT');
      await store.read((repos) => repos.outbox.counts(Date.now()));
      paused.kill('SIGSTOP');
    }

    const carry: JobHandler = async (given, lease) => {
      await store.write(async (repos) => {
        await repos.lanes.assertFence(lease.lane, lease.fence);
        await repos.outbox.complete(given.id);
        await repos.trail.append({ at: Date.now(), actor: 'heir', action: 'done', subject: given.id, purpose: null });
      });
      return { kind: 'done' };
    };
    const heir = createEmbeddedBus(store, { now: Date.now, holder: 'heir', leaseMs: 60_000, sweepMs: 20, maxParallelLanes: 8, maxAttempts: 3, backoffMs: () => 60_000, random: () => 0.5 });
    await heir.start({ after: carry, before: carry });
    const effects = async (): Promise<string[]> => [...(await store.read((repos) => repos.trail.latest(10)))].map(({ actor, subject }) => `${subject} by ${actor}`).sort();
    await until(async () => (await effects()).length === 3);

    paused.send('go on');
    paused.kill('SIGCONT');
    await until(async () => told.includes('idle'));
    expect(await effects()).toEqual(['a by child', 'b by heir', 'c by heir']);
    expect(told.filter((what) => what.startsWith('begun')).sort()).toEqual(['begun a', 'begun c']);
    expect(told.filter((what) => what.startsWith('fenced')).sort()).toEqual(['fenced before', 'fenced lane']);
    await heir.stop(1_000);
    await store.close();
  });
});
