import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBullmqBus, type BullmqBus } from '../../src/bus/drivers/bullmq.ts';
import { createForwardingBus } from '../../src/bus/drivers/forwarding.ts';
import type { Bus, BusOptions, JobHandler, WokenRow } from '../../src/bus/contract.ts';
import type { NewsItem } from '../../src/bus/news.ts';
import { jobIdOf, rowIdOf } from '../../src/bus/redis/job-queue.ts';
import type { OutboxDraft, Store } from '../../src/store/contract.ts';
import { createStore } from '../../src/store/index.ts';
import { createVault } from '../../src/store/vault.ts';
import { effectsIn, recordingIn } from '../contracts/bus/kit.ts';
import { createFakeClock, type FakeClock } from '../fakes/clock.ts';
import { privateRedis, REDIS_MISSING } from '../support/redis.ts';
import { putTables } from '../support/sqlite-template.ts';
import { until } from '../support/until.ts';

const redis = await privateRedis();
const folder = mkdtempSync(join(tmpdir(), 'yihu-bullmq-outage-'));
let count = 0;
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await redis?.close();
});

if (redis === null) {
  describe.skip('bullmq while Redis is emptied, stopped, frozen', () => {
    it(REDIS_MISSING, () => {});
  });
} else {
  describe('bullmq while Redis is emptied, stopped, frozen', () => {
    let store: Store;
    let clock: FakeClock;
    let prefix = '';
    let buses: Bus[];
    let troubles: string[];

    beforeEach(async () => {
      await redis.start();
      const dataDir = join(folder, String((count += 1)));
      await putTables(dataDir);
      store = await createStore({ databaseUrl: '', dataDir, synchronous: 'NORMAL', vault: createVault(randomBytes(32)) });
      clock = createFakeClock();
      prefix = `yihu-test-${randomBytes(6).toString('hex')}`;
      buses = [];
      troubles = [];
    });
    afterEach(async () => {
      redis.thaw();
      for (const bus of buses) await bus.stop(1_000);
      await store.close();
    });

    const options = (over: Partial<BusOptions> = {}): BusOptions => ({
      now: clock.now, holder: randomBytes(4).toString('hex'), leaseMs: 10_000, sweepMs: 20, maxParallelLanes: 4, maxAttempts: 4, backoffMs: (attempt) => attempt * 1_000, random: () => 0.5,
      onEvent: (event) => void (event.rowKind === 'redis' && troubles.push(event.code)),
      ...over,
    });
    const makeBus = (over: Partial<BusOptions> = {}): BullmqBus => {
      const bus = createBullmqBus(store, options(over), { url: redis.url, prefix });
      buses.push(bus);
      return bus;
    };
    const draft = (id: string, lane: string, over: Partial<OutboxDraft> = {}): OutboxDraft => ({ id, lane, kind: 'work', payload: {}, availableAt: clock.now(), blocking: true, now: clock.now(), ...over });
    const woken = (drafts: readonly OutboxDraft[]): WokenRow[] => drafts.map(({ id, lane, availableAt }) => ({ id, lane, availableAt }));
    const commit = async (bus: Bus, ...drafts: OutboxDraft[]): Promise<void> => {
      await store.write((repos) => repos.outbox.add(drafts));
      bus.wake(woken(drafts));
    };
    const recording = (before?: (id: string) => Promise<void>): JobHandler => recordingIn(store, clock, before);
    const effects = (): Promise<string[]> => effectsIn(store);
    /** `lane-n` rows are named `lane-n/k`: every one once, and in order. */
    const expectOnceInOrder = async (amount: number): Promise<void> => {
      const done = await effects();
      expect(done).toHaveLength(amount);
      expect(new Set(done).size).toBe(amount);
      for (const lane of new Set(done.map((id) => id.split('/')[0]))) {
        const order = done.filter((id) => id.startsWith(`${lane}/`)).map((id) => Number(id.split('/')[1]));
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }
    };
    const manyRows = (lanes: number, each: number, from = 0): OutboxDraft[] =>
      Array.from({ length: each }, (_, k) => Array.from({ length: lanes }, (_, n) => draft(`lane-${n}/${from + k}`, `lane-${n}`))).flat();
    const gate = (): { readonly passed: Promise<void>; open: () => void } => {
      let open: () => void = () => {};
      const passed = new Promise<void>((resolve) => {
        open = resolve;
      });
      return { passed, open };
    };

    it('loses nothing when Redis is emptied while work runs, waits and is delayed', async () => {
      const hold = gate();
      const bus = makeBus({ maxParallelLanes: 2 });
      await bus.start({ work: recording(() => hold.passed) });
      expect(bus.connected()).toBe(true);
      const delayed = draft('later/0', 'later', { availableAt: clock.now() + 60_000 });
      await commit(bus, ...manyRows(6, 5), delayed);
      await until(async () => bus.running() === 2);
      await until(async () => (await redis.keys(`${prefix}:*`)).some((key) => key.endsWith(jobIdOf('later/0'))));
      await redis.flush();
      hold.open();
      await until(async () => (await effects()).length === 30);
      clock.advance(60_000);
      await until(async () => (await effects()).length === 31);
      await expectOnceInOrder(31);
      // And it goes on with Redis as before.
      await commit(bus, draft('later/1', 'later'));
      await until(async () => (await effects()).length === 32);
      expect(bus.connected()).toBe(true);
    });

    it('loses nothing when Redis is emptied again and again under two workers', async () => {
      const [one, two] = [makeBus(), makeBus()];
      await Promise.all([one.start({ work: recording() }), two.start({ work: recording() })]);
      for (let round = 0; round < 5; round += 1) {
        await Promise.all([commit(one, ...manyRows(8, 4, round * 4)), redis.flush()]);
      }
      await until(async () => (await effects()).length >= 160);
      await expectOnceInOrder(160);
    });

    it('carries from the database while Redis is down, and by Redis when it is back', async () => {
      const bus = makeBus();
      await bus.start({ work: recording() });
      await commit(bus, ...manyRows(3, 2));
      await until(async () => (await effects()).length === 6);
      await redis.kill();
      await until(async () => !bus.connected());
      await commit(bus, ...manyRows(3, 2, 2));
      await until(async () => (await effects()).length === 12);
      // A retry in the outage comes back in the outage.
      await redis.start();
      await until(async () => bus.connected());
      await commit(bus, ...manyRows(3, 2, 4));
      await until(async () => (await effects()).length === 18);
      await expectOnceInOrder(18);
      // Hundreds of tries to connect are a handful of reports.
      expect(troubles.length).toBeLessThan(8);
    });

    it('goes on when Redis dies with work under way, and a retry in the outage comes back', async () => {
      const hold = gate();
      let tries = 0;
      const bus = makeBus();
      await bus.start({
        work: async (row, lease) => {
          if (row.id === 'a/0') await hold.passed;
          if (row.id === 'b/0' && (tries += 1) === 1) return { kind: 'retry', code: 'peer.quota', afterMs: 5_000, burns: false };
          return recording()(row, lease);
        },
      });
      await commit(bus, draft('a/0', 'a'), draft('a/1', 'a'));
      await until(async () => bus.running() === 1);
      await redis.kill();
      await until(async () => !bus.connected());
      hold.open();
      await commit(bus, draft('b/0', 'b'), draft('b/1', 'b'));
      await until(async () => tries === 1 && (await effects()).length === 2);
      clock.advance(5_000);
      await until(async () => (await effects()).length === 4);
      await expectOnceInOrder(4);
    });

    it('starts without Redis, carries, and takes Redis when it comes', async () => {
      await redis.kill();
      const bus = makeBus();
      await store.write((repos) => repos.outbox.add(manyRows(2, 2)));
      await bus.start({ work: recording() });
      await until(async () => (await effects()).length === 4);
      expect(bus.connected()).toBe(false);
      await redis.start();
      await until(async () => bus.connected());
      await commit(bus, ...manyRows(2, 2, 2));
      await until(async () => (await effects()).length === 8);
      await expectOnceInOrder(8);
    });

    it('does not wait for a Redis that stands still with its connections open', async () => {
      const bus = makeBus();
      await bus.start({ work: recording() });
      await commit(bus, ...manyRows(2, 1));
      await until(async () => (await effects()).length === 2 && bus.running() === 0);
      redis.freeze();
      await commit(bus, ...manyRows(2, 2, 1));
      // The sweep may bring the work before the first answer that Redis owes is given up.
      await until(async () => (await effects()).length === 6);
      await until(async () => !bus.connected(), 'a bus that knows that Redis is away');
      redis.thaw();
      await until(async () => bus.connected());
      await commit(bus, ...manyRows(2, 1, 3));
      await until(async () => (await effects()).length === 8);
      await expectOnceInOrder(8);
    });

    it('stops while Redis is away, and leaves what waits to the next one', async () => {
      const hold = gate();
      const bus = makeBus();
      await bus.start({ work: recording((id) => (id === 'a/0' ? hold.passed : Promise.resolve())) });
      await commit(bus, draft('a/0', 'a'), draft('a/1', 'a'));
      await until(async () => bus.running() === 1);
      await redis.kill();
      const stopped = bus.stop(5_000);
      hold.open();
      await stopped;
      expect(await effects()).toEqual(['a/0']);
      const next = makeBus();
      await next.start({ work: recording() });
      await until(async () => (await effects()).length === 2);
      await expectOnceInOrder(2);
    });

    it('hands the jobs of a stopping worker to the others at once', async () => {
      const hold = gate();
      const first = makeBus({ sweepMs: 60_000 });
      await first.start({ work: recording(() => hold.passed) });
      await commit(first, draft('a/0', 'a'), draft('a/1', 'a'), draft('b/0', 'b'));
      await until(async () => first.running() === 2);
      const second = makeBus({ sweepMs: 60_000 });
      await second.start({ work: recording() });
      const stopped = first.stop(5_000);
      hold.open();
      await stopped;
      await until(async () => (await effects()).length === 3);
      await expectOnceInOrder(3);
    });

    it('brings work, retries and delays to another node by Redis alone', async () => {
      const told: NewsItem[] = [];
      // The machine's clock, as BullMQ's delays are real; sweeps that come too late to help.
      const real = { now: Date.now, sweepMs: 60_000 };
      const web = createForwardingBus(store, options(real), { news: { publish: (item) => told.push(item) }, redis: { url: redis.url, prefix } });
      buses.push(web);
      await web.start({});
      expect([web.connected(), web.hasRoom()]).toEqual([true, false]);
      let tries = 0;
      const worker = makeBus(real);
      await worker.start({ work: async (row, lease) => (row.id === 'retried/0' && (tries += 1) === 1 ? { kind: 'retry', code: 'peer.quota', afterMs: 30, burns: false } : recording()(row, lease)) });
      await commit(web, draft('now/0', 'now', { availableAt: Date.now() }), draft('soon/0', 'soon', { availableAt: Date.now() + 60 }), draft('retried/0', 'retried', { availableAt: Date.now() }), draft('retried/1', 'retried', { availableAt: Date.now() }));
      await until(async () => (await effects()).length === 4);
      await expectOnceInOrder(4);
      expect(told).toEqual([]);
      // Without Redis it tells the workers by news, but not of what their sweep finds in time.
      await redis.kill();
      await until(async () => !web.connected());
      web.wake([{ id: 'x', lane: 'x', availableAt: Date.now() + 120_000 }]);
      expect(told).toEqual([]);
      web.wake([{ id: 'y', lane: 'y', availableAt: Date.now() }]);
      web.wake();
      expect(told).toEqual([{ kind: 'work' }, { kind: 'work' }]);
    });

    it('gives a lane back that was given to a bus which carries nothing', async () => {
      const told: NewsItem[] = [];
      const web = createForwardingBus(store, options(), { news: { publish: (item) => told.push(item) } });
      const fence = await store.write(async (repos) => {
        await repos.outbox.add([draft('a/0', 'a')]);
        return repos.lanes.acquire('a', 'web', clock.now(), 10_000);
      });
      web.adopt({ lane: 'a', fence: fence ?? -1 }, await store.read((repos) => repos.outbox.due('a', clock.now(), 9)));
      await until(async () => told.length === 1);
      expect(await store.read((repos) => repos.outbox.dueLanes(clock.now(), 9))).toEqual(['a']);
    });

    it('keeps nothing in Redis but ids, and nothing at all when work is done', async () => {
      const bus = makeBus();
      const later = draft('turn:0192-aa:1', 'turn:0192', { payload: { phone: '13800138000' }, availableAt: clock.now() + 60_000 });
      await bus.start({ work: recording() });
      await commit(bus, later);
      await until(async () => (await redis.keys(`${prefix}:*`)).some((key) => key.includes('0192')));
      const kept = await redis.dump();
      expect(kept).toContain(jobIdOf('turn:0192-aa:1'));
      expect(kept).not.toContain('13800138000');
      clock.advance(60_000);
      await until(async () => (await effects()).length === 1);
      await until(async () => !(await redis.keys(`${prefix}:*`)).some((key) => key.includes('0192')));
    });

    it('spells row ids as BullMQ takes them, and back', () => {
      for (const id of ['turn:0192f3a0', 'deliver:a:b:0', '42', '0:1', 'a b%3A/c', 'row-1']) {
        expect(jobIdOf(id)).not.toMatch(/:|^\d+$/);
        expect(rowIdOf(jobIdOf(id))).toBe(id);
      }
    });
  });
}
