import type { Store } from '../../store/contract.ts';
import type { Bus, BusOptions } from '../contract.ts';
import { createLaneRunner } from '../lane-runner.ts';
import { createLookOut } from '../look-out.ts';
import { codeOf, within } from '../outcome.ts';

/**
 * The bus that needs no server: it reads due lanes from the outbox and has each carried under a lease. The database is
 * the only truth; a second process on the same database shares the work and is kept apart by lease and fence.
 *
 *   wake / sweep ─► dueLanes ─► lane runner
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

/** Starts as many due lanes as there is room for. False: no room, and a lane that ends makes some. */
export async function runDueLanes(store: Store, options: BusOptions, runner: ReturnType<typeof createLaneRunner>): Promise<boolean> {
  const free = runner.free();
  if (free <= 0) return false;
  // Running lanes may still be listed: their lease is live only once it is committed, so ask for some more.
  const lanes = await store.read((repos) => repos.outbox.dueLanes(options.now(), free + runner.running()));
  for (const lane of lanes) {
    if (!runner.hasRoom()) break;
    if (!runner.has(lane)) void runner.run(lane);
  }
  return true;
}

/** Milliseconds until the next row falls due, at most one sweep. */
export async function untilNextDue(store: Store, options: BusOptions): Promise<number> {
  const now = options.now();
  const next = await store.read((repos) => repos.outbox.nextDueAt(now));
  return next === null ? options.sweepMs : Math.min(options.sweepMs, Math.max(1, next - now));
}
