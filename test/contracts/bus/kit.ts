import { afterEach, beforeEach } from 'vitest';
import type { Bus, BusOptions, JobHandler } from '../../../src/bus/contract.ts';
import { AppError } from '../../../src/domain/errors.ts';
import type { OutboxDraft, OutboxRow, Store } from '../../../src/store/contract.ts';
import { createFakeClock, type FakeClock } from '../../fakes/clock.ts';

export interface BusUnderTest {
  readonly name: string;
  readonly openStore: () => Promise<Store>;
  readonly makeBus: (store: Store, options: BusOptions) => Bus;
}

export const LEASE_MS = 10_000;

export interface BusKit {
  /** Store and clock of the test that runs now. */
  now(): { readonly store: Store; readonly clock: FakeClock };
  makeBus(over?: Partial<BusOptions>): Bus;
  draft(id: string, lane: string, over?: Partial<OutboxDraft>): OutboxDraft;
  add(...drafts: OutboxDraft[]): Promise<readonly OutboxRow[]>;
  dead(): Promise<readonly OutboxRow[]>;
  /** A handler whose effect is a row in the trail, written in the same transaction as its completion. */
  recording(before?: (id: string) => Promise<void>): JobHandler;
  /** Ids of the rows whose effect happened, in order. */
  effects(): Promise<string[]>;
}

/** Opens a store before each test of the suite around it and closes everything after it. */
export function busKit(driver: BusUnderTest): BusKit {
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

  return {
    now: () => ({ store, clock }),
    makeBus: (over = {}) => {
      const bus = driver.makeBus(store, {
        now: clock.now, holder: `holder-${(sequence += 1)}`, leaseMs: LEASE_MS, sweepMs: 60_000, maxParallelLanes: 8, maxAttempts: 4, backoffMs: (attempt) => attempt * 1_000, random: () => 0.5, ...over,
      });
      buses.push(bus);
      return bus;
    },
    draft: (id, lane, over = {}) => ({ id, lane, kind: 'work', payload: { id }, availableAt: clock.now(), blocking: true, now: clock.now(), ...over }),
    add: (...drafts) => store.write((repos) => repos.outbox.add(drafts)),
    dead: () => store.read((repos) => repos.outbox.dead(10)),
    recording: (before) => recordingIn(store, clock, before),
    effects: () => effectsIn(store),
  };
}

/** See `BusKit.recording`. */
export function recordingIn(store: Store, clock: Pick<FakeClock, 'now'>, before: (id: string) => Promise<void> = async () => {}): JobHandler {
  return async (row, lease) => {
    await before(row.id);
    await store.write(async (repos) => {
      await repos.lanes.assertFence(lease.lane, lease.fence);
      if (!(await repos.outbox.complete(row.id))) throw new AppError('outbox.gone', 'done already', { retry: 'conflict' });
      await repos.trail.append({ at: clock.now(), actor: 'test', action: 'done', subject: row.id, purpose: null });
    });
    return { kind: 'done' };
  };
}

/** See `BusKit.effects`. */
export async function effectsIn(store: Store): Promise<string[]> {
  return [...(await store.read((repos) => repos.trail.latest(1000)))].sort((a, b) => a.seq - b.seq).map((entry) => entry.subject);
}
