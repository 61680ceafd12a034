import { beforeEach, expect, it } from 'vitest';
import type { OutboxDraft, Store } from '../../../src/store/contract.ts';
import type { FakeClock } from '../../fakes/clock.ts';
import { until } from '../../support/until.ts';
import { type BusKit, LEASE_MS } from './kit.ts';

/** Rows that are told of, lanes that are adopted, leases that are lost, kept and given back. */
export function leases(kit: BusKit): void {
  const { makeBus, draft, add, dead, recording, effects } = kit;
  let store: Store;
  let clock: FakeClock;
  beforeEach(() => {
    ({ store, clock } = kit.now());
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

  it('keeps room for lanes that wait, however many are adopted', async () => {
    const bus = makeBus({ maxParallelLanes: 4, holder: 'me' });
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => { open = resolve; });
    await bus.start({ work: recording((id) => (id === 'waiting' ? Promise.resolve() : gate)) });
    for (const id of ['a', 'b', 'c']) {
      expect(bus.hasRoom()).toBe(true);
      const { lease, rows } = await addAndTake('me', draft(id, `lane ${id}`));
      bus.adopt(lease, rows);
    }
    expect(bus.hasRoom()).toBe(false);
    await add(draft('waiting', 'its lane'));
    bus.wake([{ id: 'waiting', lane: 'its lane', availableAt: clock.now() }]);
    await until(async () => (await effects()).length === 1);
    expect(await effects()).toEqual(['waiting']);
    open();
    await until(async () => bus.hasRoom());
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
}
