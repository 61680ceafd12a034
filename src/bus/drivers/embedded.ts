import { codeOf } from '../../domain/errors.ts';
import type { OutboxRow, Store } from '../../store/contract.ts';
import type { Bus, BusOptions, LaneLease } from '../contract.ts';
import { createLaneRunner, type LaneRunner, ROWS_PER_TAKE } from '../lane-runner.ts';
import { createLookOut } from '../look-out.ts';
import { within } from '../outcome.ts';

/**
 * The bus that needs no server: it reads due lanes from the outbox and has each carried under a lease. The database is
 * the only truth; a second process on the same database shares the work and is kept apart by lease and fence.
 *
 *   wake / sweep ─► anything due? ─► claim lanes ─► lane runner
 */
export function createEmbeddedBus(store: Store, options: BusOptions): Bus {
  let started = false;
  const runner = createLaneRunner(store, options, {
    ended: (_, how) => {
      if (!started) return;
      // The database is unwell (a full disk refuses writes, yet reads): looking again at once would be a loop that only logs.
      if (how === 'broken') lookOut.later(options.sweepMs);
      else lookOut.wake();
    },
  });
  const lookOut = createLookOut({
    look: () => runDueLanes(store, options, runner),
    plan: () => untilNextDue(store, options),
    failed: (error) => {
      // Nothing is lost, the sweep tries again.
      options.onEvent?.({ kind: 'failed', rowKind: 'relay', code: codeOf(error) });
      return options.sweepMs;
    },
  });

  return {
    start: async (handlers) => {
      runner.begin(handlers);
      started = true;
      lookOut.wake();
    },
    wake: () => {
      if (started) lookOut.wake();
    },
    stop: async (graceMs) => {
      runner.halt();
      // The look first: one that is under way may still start a lane.
      const since = performance.now();
      await within(lookOut.stop(), graceMs);
      await runner.drain(Math.max(0, graceMs - (performance.now() - since)));
    },
    hasRoom: runner.hasRoom,
    adopt: runner.adopt,
    running: runner.running,
  };
}

/**
 * Takes as many due lanes as there is room for, in one go, and has them carried. False: no room, and a lane that ends
 * makes some.
 */
export async function runDueLanes(store: Store, options: BusOptions, runner: LaneRunner): Promise<boolean> {
  if (runner.free() <= 0) return false;
  // Most looks find nothing, and a look costs less than a claim.
  const due = await store.read((repos) => repos.outbox.dueLanes(options.now(), 1));
  if (due.length === 0) return true;
  const free = runner.free();
  if (free <= 0) return false;
  const taken = await store.write(async (repos) => {
    const lanes: { readonly lease: LaneLease; readonly rows: readonly OutboxRow[] }[] = [];
    for (const lease of await repos.lanes.claimDue(options.holder, options.now(), options.leaseMs, free)) {
      lanes.push({ lease, rows: await repos.outbox.due(lease.lane, options.now(), ROWS_PER_TAKE) });
    }
    return lanes;
  });
  for (const { lease, rows } of taken) runner.adopt(lease, rows);
  return true;
}

/** Milliseconds until the next row falls due, at most one sweep. */
export async function untilNextDue(store: Store, options: BusOptions): Promise<number> {
  const now = options.now();
  const next = await store.read((repos) => repos.outbox.nextDueAt(now));
  return next === null ? options.sweepMs : Math.min(options.sweepMs, Math.max(1, next - now));
}
