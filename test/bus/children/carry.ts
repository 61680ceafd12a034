import { setTimeout as pause } from 'node:timers/promises';
import { createEmbeddedBus } from '../../../src/bus/drivers/embedded.ts';
import { createStore } from '../../../src/store/index.ts';
import { createVault } from '../../../src/store/vault.ts';

/**
 * A process that carries lanes and tells what it does. Handlers stand still at a mark until they are told to go on:
 * `after` behind the commit of a row, `before` ahead of it.
 */
const [dataDir = '', key = '', leaseMs = ''] = process.argv.slice(2);
const tell = (what: string): void => void process.send?.(what);
const goOn = new Promise<void>((resolve) => void process.on('message', () => resolve()));

const store = await createStore({ dataDir, synchronous: 'NORMAL', vault: createVault(Buffer.from(key, 'base64')) });
const bus = createEmbeddedBus(store, {
  now: Date.now, holder: `process ${process.pid}`, leaseMs: Number(leaseMs), sweepMs: 60_000, maxParallelLanes: 8, maxAttempts: 3, backoffMs: () => 60_000, random: () => 0.5,
  onEvent: ({ kind, rowKind }) => tell(`${kind} ${rowKind}`),
});
const effect = async (row: { id: string }, lease: { lane: string; fence: number }): Promise<void> => {
  await store.write(async (repos) => {
    await repos.lanes.assertFence(lease.lane, lease.fence);
    await repos.outbox.complete(row.id);
    await repos.trail.append({ at: Date.now(), actor: 'child', action: 'done', subject: row.id, purpose: null });
  });
};
await bus.start({
  after: async (row, lease) => {
    tell(`begun ${row.id}`);
    await effect(row, lease);
    tell(`at the mark of ${row.id}`);
    await goOn;
    return { kind: 'done' };
  },
  before: async (row, lease) => {
    tell(`begun ${row.id}`);
    tell(`at the mark of ${row.id}`);
    await goOn;
    await effect(row, lease);
    return { kind: 'done' };
  },
});
process.on('disconnect', () => process.exit(0));
await goOn;
while (bus.running() > 0) await pause(5);
await bus.stop(1_000);
await store.close();
tell('idle');
