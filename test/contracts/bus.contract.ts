import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bus, BusOptions, JobHandler } from '../../src/bus/contract.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { OutboxDraft, Store } from '../../src/store/contract.ts';
import { createFakeClock, type FakeClock } from '../fakes/clock.ts';
import { until } from '../support/until.ts';

/**
 * What every bus driver must keep, whatever carries the ids: every row's effect once, in the order of its lane,
 * whatever crashes. A driver's own test hands over a store and a way to make a bus on it.
 */
export interface BusUnderTest {
  readonly name: string;
  readonly openStore: () => Promise<Store>;
  readonly makeBus: (store: Store, options: BusOptions) => Bus;
}

const LEASE_MS = 10_000;

export function busContract(driver: BusUnderTest): void {
  describe(`bus contract: ${driver.name}`, () => {
    let store: Store;
    let clock: FakeClock;
    let buses: Bus[];
    let sequence = 0;

    beforeEach(async () => {
      store = await driver.openStore();
      clock = createFakeClock();
      buses = [];
    });
    afterEach(async () => {
      for (const bus of buses) await bus.stop(1_000);
      await store.close();
    });

    const options = (over: Partial<BusOptions> = {}): BusOptions => ({
      now: clock.now, holder: `holder-${(sequence += 1)}`, leaseMs: LEASE_MS, sweepMs: 60_000, maxParallelLanes: 8, maxAttempts: 4, backoffMs: (attempt) => attempt * 1_000, random: () => 0.5, ...over,
    });
    const makeBus = (over: Partial<BusOptions> = {}): Bus => {
      const bus = driver.makeBus(store, options(over));
      buses.push(bus);
      return bus;
    };
    const draft = (id: string, lane: string, over: Partial<OutboxDraft> = {}): OutboxDraft => ({ id, lane, kind: 'work', payload: { id }, availableAt: clock.now(), blocking: true, now: clock.now(), ...over });
    const add = (...drafts: OutboxDraft[]) => store.write((repos) => repos.outbox.add(drafts));
    const dead = () => store.read((repos) => repos.outbox.dead(10));

    /** A handler whose effect is a row in the trail, written in the same transaction as its completion. */
    const recording = (before: (id: string) => Promise<void> = async () => {}): JobHandler => async (row, lease) => {
      await before(row.id);
      await store.write(async (repos) => {
        await repos.lanes.assertFence(lease.lane, lease.fence);
        if (!(await repos.outbox.complete(row.id))) throw new AppError('outbox.gone', 'done already', { retry: 'conflict' });
        await repos.trail.append({ at: clock.now(), actor: 'test', action: 'done', subject: row.id, purpose: null });
      });
      return { kind: 'done' };
    };
    const effects = async (): Promise<string[]> => (await store.read((repos) => repos.trail.latest(1000))).map((entry) => entry).sort((a, b) => a.seq - b.seq).map((entry) => entry.subject);

    it('carries what was committed before it started and what comes after', async () => {
      await add(draft('a', 'lane-1'));
      const bus = makeBus();
      await bus.start({ work: recording() });
      await add(draft('b', 'lane-2'));
      bus.wake();
      await until(async () => (await effects()).length === 2);
      expect((await effects()).sort()).toEqual(['a', 'b']);
    });

    it('keeps the order of a lane and lets lanes run side by side', async () => {
      let open: () => void = () => {};
      const gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      await add(draft('a1', 'a'), draft('a2', 'a'), draft('a3', 'a'), draft('b1', 'b'));
      const bus = makeBus();
      await bus.start({ work: recording((id) => (id === 'a1' ? gate : Promise.resolve())) });
      await until(async () => (await effects()).includes('b1'));
      expect(await effects()).toEqual(['b1']);
      open();
      await until(async () => (await effects()).length === 4);
      expect((await effects()).filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    });

    it('has one effect when two buses look at the same rows', async () => {
      const rows = Array.from({ length: 40 }, (_, index) => draft(`r${index}`, `lane-${index % 5}`));
      await add(...rows);
      const [first, second] = [makeBus(), makeBus()];
      await Promise.all([first.start({ work: recording() }), second.start({ work: recording() })]);
      first.wake();
      second.wake();
      // A lane that the other one held is looked at again at the next sweep.
      await until(async () => {
        first.wake();
        second.wake();
        return (await effects()).length >= 40;
      });
      const done = await effects();
      expect(new Set(done).size).toBe(40);
      expect(done).toHaveLength(40);
      for (let lane = 0; lane < 5; lane += 1) {
        const order = done.filter((id) => Number(id.slice(1)) % 5 === lane).map((id) => Number(id.slice(1)));
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }
    });

    it('gives the lane of a crashed holder to another one when the lease runs out, and fences the dead one', async () => {
      await add(draft('a', 'lane'), draft('b', 'lane'));
      let reached: () => void = () => {};
      let release: () => void = () => {};
      const arrived = new Promise<void>((resolve) => {
        reached = resolve;
      });
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const outcome: string[] = [];
      const frozen = makeBus({ onEvent: (event) => outcome.push(event.kind) });
      // Claimed, then it stands still before its commit: a paused or dying process.
      await frozen.start({ work: recording(async () => { reached(); await held; }) });
      await arrived;

      const heir = makeBus();
      await heir.start({ work: recording() });
      heir.wake();
      await clock.settle();
      expect(await effects()).toEqual([]);

      clock.advance(LEASE_MS + 1);
      await until(async () => {
        heir.wake();
        return (await effects()).length === 2;
      });
      release(); // the paused one comes back and must not write
      await until(() => Promise.resolve(outcome.includes('fenced')));
      expect(await effects()).toEqual(['a', 'b']);
    });

    it('does a row again when the crash came between claim and commit', async () => {
      await add(draft('a', 'lane'));
      let tries = 0;
      const bus = makeBus();
      await bus.start({ work: recording(async () => { tries += 1; if (tries === 1) throw new Error('crash before commit'); }) });
      await until(() => Promise.resolve(tries === 1));
      await until(async () => (await store.read((repos) => repos.outbox.nextDueAt(clock.now()))) !== null);
      expect(await effects()).toEqual([]);
      clock.advance(1_000);
      await until(async () => { bus.wake(); return (await effects()).length === 1; });
      expect(await effects()).toEqual(['a']);
    });

    it('waits with the whole lane for a row that is retried, and counts the attempt', async () => {
      await add(draft('a', 'lane'), draft('b', 'lane'));
      let tries = 0;
      const bus = makeBus();
      await bus.start({ work: async (row, lease) => {
        if (row.id === 'a' && (tries += 1) <= 2) return { kind: 'retry', code: 'peer.busy', burns: true };
        return recording()(row, lease);
      } });
      for (const step of [1_000, 2_000]) {
        await until(async () => (await store.read((repos) => repos.outbox.nextDueAt(clock.now()))) !== null);
        expect(await effects()).toEqual([]);
        clock.advance(step);
        bus.wake();
      }
      await until(async () => { bus.wake(); return (await effects()).length === 2; });
      expect(await effects()).toEqual(['a', 'b']);
      expect(tries).toBe(3);
    });

    it('does not burn an attempt on a retry-after', async () => {
      await add(draft('a', 'lane'));
      let tries = 0;
      const bus = makeBus({ maxAttempts: 2 });
      await bus.start({ work: async (row, lease) => ((tries += 1) <= 5 ? { kind: 'retry', code: 'peer.quota', afterMs: 500, burns: false } : recording()(row, lease)) });
      for (let round = 1; round <= 5; round += 1) {
        await until(() => Promise.resolve(tries === round));
        await until(async () => (await store.read((repos) => repos.outbox.nextDueAt(clock.now()))) !== null);
        clock.advance(500);
        bus.wake();
      }
      await until(async () => { bus.wake(); return (await effects()).length === 1; });
      expect(await dead()).toEqual([]);
    });

    it('buries after the last attempt, lets the lane go on, and can revive', async () => {
      await add(draft('bad', 'lane'), draft('good', 'lane'));
      let broken = true;
      const bus = makeBus({ maxAttempts: 2 });
      await bus.start({ work: (row, lease) => { if (row.id === 'bad' && broken) throw new AppError('peer.down', 'down', { retry: 'later' }); return recording()(row, lease); } });
      await until(async () => (await store.read((repos) => repos.outbox.nextDueAt(clock.now()))) !== null);
      clock.advance(1_000);
      await until(async () => { bus.wake(); return (await effects()).length === 1; });
      expect(await effects()).toEqual(['good']);
      expect((await dead()).map((row) => [row.id, row.lastError])).toEqual([['bad', 'peer.down']]);
      broken = false;
      expect(await store.write((repos) => repos.outbox.revive('bad', clock.now()))).toBe(true);
      await until(async () => { bus.wake(); return (await effects()).length === 2; });
      expect(await dead()).toEqual([]);
    });

    it('buries at once what can never work and what nobody handles', async () => {
      await add(draft('never', 'a'), draft('stranger', 'b', { kind: 'unknown' }));
      const bus = makeBus();
      await bus.start({ work: () => { throw new AppError('bad.input', 'never', { retry: 'never' }); } });
      await until(async () => (await dead()).length === 2);
      expect((await dead()).map((row) => row.lastError).sort()).toEqual(['bad.input', 'bus.no_handler']);
    });

    it('holds delayed work back until it is due, without holding up the lane for a timer', async () => {
      await add(draft('timer', 'lane', { availableAt: clock.now() + 5_000, blocking: false }), draft('now', 'lane'));
      const bus = makeBus();
      await bus.start({ work: recording() });
      await until(async () => (await effects()).length === 1);
      expect(await effects()).toEqual(['now']);
      clock.advance(5_000);
      await until(async () => { bus.wake(); return (await effects()).length === 2; });
      expect(await effects()).toEqual(['now', 'timer']);
    });

    it('drains on stop: what runs is finished, what waits is left for the next one', async () => {
      await add(draft('a', 'lane'), draft('b', 'lane'));
      let reached: () => void = () => {};
      let release: () => void = () => {};
      const arrived = new Promise<void>((resolve) => { reached = resolve; });
      const held = new Promise<void>((resolve) => { release = resolve; });
      const bus = makeBus();
      await bus.start({ work: recording(async (id) => { if (id === 'a') { reached(); await held; } }) });
      await arrived;
      const stopped = bus.stop(5_000);
      release();
      await stopped;
      expect(await effects()).toEqual(['a']);
      expect(bus.running()).toBe(0);
      // The lease was given back, so the next one need not wait for it.
      const next = makeBus();
      await next.start({ work: recording() });
      await until(async () => (await effects()).length === 2);
      expect(await effects()).toEqual(['a', 'b']);
    });

    it('does not wait for ever for a handler that hangs', async () => {
      await add(draft('a', 'lane'));
      let reached: () => void = () => {};
      let release: () => void = () => {};
      const arrived = new Promise<void>((resolve) => { reached = resolve; });
      const held = new Promise<void>((resolve) => { release = resolve; });
      const bus = makeBus();
      await bus.start({ work: recording(async () => { reached(); await held; }) });
      await arrived;
      await bus.stop(10);
      expect(await effects()).toEqual([]);
      release();
      await until(() => Promise.resolve(bus.running() === 0));
    });

    it('carries rows that are told of when they were committed, without any other wake', async () => {
      const bus = makeBus();
      await bus.start({ work: recording() });
      const rows = [draft('a', 'lane-1'), draft('b', 'lane-2')];
      await add(...rows);
      bus.wake(rows.map(({ id, lane, availableAt }) => ({ id, lane, availableAt })));
      await until(async () => (await effects()).length === 2);
      expect((await effects()).sort()).toEqual(['a', 'b']);
    });

    it('carries a row once although it is told of again and again', async () => {
      const bus = makeBus();
      await bus.start({ work: recording() });
      await add(draft('a', 'lane'));
      for (let time = 0; time < 20; time += 1) bus.wake([{ id: 'a', lane: 'lane', availableAt: clock.now() }]);
      await until(async () => (await effects()).length === 1);
      bus.wake([{ id: 'a', lane: 'lane', availableAt: clock.now() }]);
      await clock.settle();
      expect(await effects()).toEqual(['a']);
    });

    /** Rows added and their lane taken in one transaction, as a turn does it. */
    const addAndTake = (holder: string, ...drafts: OutboxDraft[]) =>
      store.write(async (repos) => {
        const lane = drafts[0]?.lane ?? '';
        await repos.outbox.add(drafts);
        const fence = await repos.lanes.acquire(lane, holder, clock.now(), LEASE_MS);
        if (fence === null) throw new Error('the lane is held');
        return { lease: { lane, fence }, rows: await repos.outbox.due(lane, clock.now(), 16) };
      });

    it('carries an adopted lane in order and gives it back', async () => {
      const bus = makeBus({ holder: 'me' });
      await bus.start({ work: recording() });
      expect(bus.hasRoom()).toBe(true);
      const { lease, rows } = await addAndTake('me', draft('a', 'lane'), draft('b', 'lane'));
      bus.adopt(lease, rows);
      await until(async () => (await effects()).length === 2);
      expect(await effects()).toEqual(['a', 'b']);
      await until(async () => bus.running() === 0);
      expect(await store.write((repos) => repos.lanes.passable('lane', clock.now()))).toBe(true);
    });

    it('finds the rest of an adopted lane, which was added behind it', async () => {
      const bus = makeBus({ holder: 'me' });
      let open: () => void = () => {};
      const gate = new Promise<void>((resolve) => { open = resolve; });
      await bus.start({ work: recording((id) => (id === 'a' ? gate : Promise.resolve())) });
      const { lease, rows } = await addAndTake('me', draft('a', 'lane'));
      bus.adopt(lease, rows);
      await add(draft('b', 'lane'));
      bus.wake([{ id: 'b', lane: 'lane', availableAt: clock.now() }]);
      open();
      await until(async () => (await effects()).length === 2);
      expect(await effects()).toEqual(['a', 'b']);
    });

    it('lets go of an adopted lane at once when it is not running', async () => {
      const bus = makeBus({ holder: 'me' });
      await bus.start({ work: recording() });
      await bus.stop(1_000);
      expect(bus.hasRoom()).toBe(false);
      const { lease, rows } = await addAndTake('me', draft('a', 'lane'));
      bus.adopt(lease, rows);
      await until(async () => (await store.read((repos) => repos.outbox.dueLanes(clock.now(), 1))).length === 1);
      expect(await effects()).toEqual([]);
      const next = makeBus();
      await next.start({ work: recording() });
      await until(async () => (await effects()).length === 1);
      expect(await dead()).toEqual([]);
    });

    it('has no room before it runs, nor while all its lanes are taken', async () => {
      const bus = makeBus({ maxParallelLanes: 1, holder: 'me' });
      expect(bus.hasRoom()).toBe(false);
      let open: () => void = () => {};
      const gate = new Promise<void>((resolve) => { open = resolve; });
      await bus.start({ work: recording(() => gate) });
      const { lease, rows } = await addAndTake('me', draft('a', 'lane'));
      bus.adopt(lease, rows);
      expect(bus.hasRoom()).toBe(false);
      open();
      await until(async () => bus.hasRoom());
      expect(await effects()).toEqual(['a']);
    });

    it('does not ask again for a lane that the handler let go of in its own transaction', async () => {
      const bus = makeBus();
      await add(draft('a', 'lane'));
      await bus.start({
        work: async (row, lease) => {
          await store.write(async (repos) => {
            await repos.lanes.assertFence(lease.lane, lease.fence);
            await repos.outbox.complete(row.id);
            await repos.trail.append({ at: clock.now(), actor: 'test', action: 'done', subject: row.id, purpose: null });
            await repos.lanes.release(lease.lane, lease.fence);
            // Somebody else takes it in the same moment: a second release must not touch that lease.
            await repos.lanes.acquire(lease.lane, 'somebody else', clock.now(), LEASE_MS);
          });
          return { kind: 'done', released: true };
        },
      });
      await until(async () => (await effects()).length === 1 && bus.running() === 0);
      expect(await store.write((repos) => repos.lanes.acquire('lane', 'a third one', clock.now(), LEASE_MS))).toBeNull();
    });

    it('begins no further row of a lane after a pause that was longer than its lease', async () => {
      await add(draft('a', 'lane'), draft('b', 'lane'));
      const begun: string[] = [];
      const events: string[] = [];
      let reached: () => void = () => {};
      let wakeUp: () => void = () => {};
      const arrived = new Promise<void>((resolve) => { reached = resolve; });
      const asleep = new Promise<void>((resolve) => { wakeUp = resolve; });
      const paused = makeBus({ onEvent: (event) => events.push(event.kind) });
      // The first row is committed, then the process stands still before the second: nothing tells it the time that passes.
      await paused.start({
        work: async (row, lease) => {
          begun.push(row.id);
          const done = await recording()(row, lease);
          reached();
          await asleep;
          return done;
        },
      });
      await arrived;
      clock.advance(LEASE_MS + 1);
      const heir = makeBus();
      await heir.start({ work: recording() });
      await until(async () => { heir.wake(); return (await effects()).length === 2; });
      wakeUp();
      await until(async () => paused.running() === 0);
      expect(begun).toEqual(['a']); // a send of `b` to a peer would have been a second one
      expect(events).toContain('fenced');
      expect(await effects()).toEqual(['a', 'b']);
    });

    it('goes on with its lane after a pause when nobody took it', async () => {
      await add(draft('a', 'lane'), draft('b', 'lane'));
      const bus = makeBus();
      await bus.start({ work: recording(async (id) => { if (id === 'a') clock.advance(3 * LEASE_MS); }) });
      await until(async () => (await effects()).length === 2);
      expect(await effects()).toEqual(['a', 'b']);
    });

    it('keeps the lease of a slow handler alive', async () => {
      const leaseMs = 150;
      await add(draft('slow', 'lane'));
      let open: () => void = () => {};
      let reached: () => void = () => {};
      const gate = new Promise<void>((resolve) => { open = resolve; });
      const arrived = new Promise<void>((resolve) => { reached = resolve; });
      const bus = makeBus({ leaseMs });
      await bus.start({ work: recording(() => { reached(); return gate; }) });
      await arrived;
      const heir = makeBus({ leaseMs });
      await heir.start({ work: recording() });
      for (let step = 0; step < 4; step += 1) {
        clock.advance(leaseMs - 1);
        // The heartbeat runs by the machine's clock; it has renewed when the lease reaches past our next step.
        await until(async () => (await store.read((repos) => repos.outbox.dueLanes(clock.now() + leaseMs - 1, 1))).length === 0);
      }
      heir.wake();
      await clock.settle();
      expect(heir.running()).toBe(0);
      open();
      await until(async () => (await effects()).length === 1);
      expect(await effects()).toEqual(['slow']);
    });
  });
}
