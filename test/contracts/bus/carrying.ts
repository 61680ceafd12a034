import { beforeEach, expect, it } from 'vitest';
import { AppError } from '../../../src/domain/errors.ts';
import type { Store } from '../../../src/store/contract.ts';
import type { FakeClock } from '../../fakes/clock.ts';
import { until } from '../../support/until.ts';
import { type BusKit, LEASE_MS } from './kit.ts';

/** Order, once-only, retries, dead letters, delays, drain. */
export function carrying(kit: BusKit): void {
  const { makeBus, draft, add, dead, recording, effects } = kit;
  let store: Store;
  let clock: FakeClock;
  beforeEach(() => {
    ({ store, clock } = kit.now());
  });

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
}
