import { AppError, isAppError } from '../../domain/errors.ts';
import type { OutboxRow, Store } from '../../store/contract.ts';
import type { Bus, BusOptions, JobHandlers, JobOutcome, LaneLease } from '../contract.ts';

/**
 * The bus that needs no server: it reads due lanes from the outbox and runs each under a lease. The database is the
 * only truth; a second process on the same database shares the work and is kept apart by lease and fence.
 *
 *   wake / sweep ─► dueLanes ─► acquire lease ─► row, row, row (in order) ─► release
 */
export function createEmbeddedBus(store: Store, options: BusOptions): Bus {
  /** Rows of one lane taken at a time; a lane that has more is simply looked at again. */
  const rowsPerTake = 16;
  const running = new Map<string, { lost: boolean; fence: number | null; done: Promise<void> }>();
  let handlers: JobHandlers | null = null;
  let stopping = false;
  let pumping = false;
  let looking: Promise<void> = Promise.resolve();
  let wanted = false;
  let sleep: NodeJS.Timeout | null = null;
  let heartbeat: NodeJS.Timeout | null = null;

  const report = (kind: 'retried' | 'buried' | 'fenced' | 'failed', rowKind: string, code: string): void => {
    options.onEvent?.({ kind, rowKind, code });
  };

  const wake = (): void => {
    wanted = true;
    if (!pumping && !stopping && handlers !== null) startPump();
  };

  const pump = async (): Promise<void> => {
    pumping = true;
    try {
      while (wanted && !stopping) {
        wanted = false;
        const free = options.maxParallelLanes - running.size;
        if (free <= 0) break; // a lane that ends wakes the pump again
        // Running lanes may still be listed: their lease is live only once it is committed, so ask for some more.
        const lanes = await store.read((repos) => repos.outbox.dueLanes(options.now(), free + running.size));
        for (const lane of lanes) {
          if (stopping || running.size >= options.maxParallelLanes) break;
          if (!running.has(lane)) startLane(lane);
        }
      }
      if (!stopping && !wanted) await plan();
    } catch (error) {
      // The database is unwell: nothing is lost, the sweep tries again.
      report('failed', 'relay', codeOf(error));
      schedule(options.sweepMs);
    } finally {
      pumping = false;
    }
    if (wanted && !stopping && running.size < options.maxParallelLanes) startPump();
  };

  const startPump = (): void => {
    looking = pump();
  };

  /** Sleeps until the next row falls due, at most one sweep. */
  const plan = async (): Promise<void> => {
    const now = options.now();
    const next = await store.read((repos) => repos.outbox.nextDueAt(now));
    schedule(next === null ? options.sweepMs : Math.min(options.sweepMs, Math.max(1, next - now)));
  };

  const schedule = (ms: number): void => {
    if (stopping) return;
    if (sleep !== null) clearTimeout(sleep);
    sleep = setTimeout(wake, ms);
  };

  const startLane = (lane: string): void => {
    const entry = { lost: false, fence: null as number | null, done: Promise.resolve() };
    running.set(lane, entry);
    entry.done = keepLane(lane, () => runLane(lane, entry));
  };

  const keepLane = async (lane: string, run: () => Promise<void>): Promise<void> => {
    try {
      await run();
      running.delete(lane);
      wake();
    } catch (error) {
      running.delete(lane);
      report('failed', 'lane', codeOf(error));
      // The database is unwell (a full disk refuses writes, yet reads): looking again at once would be a loop that only logs.
      schedule(options.sweepMs);
    }
  };

  const runLane = async (lane: string, entry: { lost: boolean; fence: number | null }): Promise<void> => {
    const taken = await store.write(async (repos) => {
      const fence = await repos.lanes.acquire(lane, options.holder, options.now(), options.leaseMs);
      return fence === null ? null : { fence, rows: await repos.outbox.due(lane, options.now(), rowsPerTake) };
    });
    if (taken === null) return;
    const lease: LaneLease = { lane, fence: taken.fence };
    entry.fence = taken.fence;
    await carry(lease, taken.rows, entry);
  };

  const carry = async (lease: LaneLease, taken: readonly OutboxRow[], entry: { lost: boolean }): Promise<void> => {
    const { lane } = lease;
    let rows = taken;
    let held = true;
    try {
      while (rows.length > 0) {
        for (const row of rows) {
          if (stopping || entry.lost) return;
          const next = await runRow(row, lease);
          if (next === 'released') held = false;
          if (next !== 'next') return;
        }
        // Looks again and lets go in one passage: most lanes have one row, and each passage costs as much as its work.
        rows = await store.write(async (repos) => {
          const more = await repos.outbox.due(lane, options.now(), rowsPerTake);
          if (more.length === 0) await repos.lanes.release(lane, lease.fence);
          return more;
        });
        held = rows.length > 0;
      }
    } finally {
      if (held && !entry.lost) await store.write((repos) => repos.lanes.release(lane, lease.fence));
    }
  };

  const runRow = async (row: OutboxRow, lease: LaneLease): Promise<'next' | 'stop' | 'released'> => {
    const handler = handlers?.[row.kind];
    const outcome = handler === undefined ? ({ kind: 'bury', code: 'bus.no_handler' } as const) : await attempt(() => handler(row, lease));
    if (outcome === 'fenced') {
      report('fenced', row.kind, 'lane.fenced');
      return 'stop';
    }
    if (outcome.kind === 'done') return outcome.released === true ? 'released' : 'next';
    try {
      return (await settle(row, lease, outcome)) ? 'next' : 'stop';
    } catch (error) {
      report('fenced', row.kind, codeOf(error));
      return 'stop';
    }
  };

  const settle = async (row: OutboxRow, lease: LaneLease, outcome: Exclude<JobOutcome, { kind: 'done' }>): Promise<boolean> => {
    const attempts = row.attempts + (outcome.kind === 'retry' && outcome.burns ? 1 : 0);
    const dead = outcome.kind === 'bury' || attempts >= options.maxAttempts;
    await store.write(async (repos) => {
      await repos.lanes.assertFence(lease.lane, lease.fence);
      if (outcome.kind === 'bury' || dead) {
        await repos.outbox.bury(row.id, outcome.code, options.now());
        return;
      }
      const delay = outcome.afterMs ?? options.backoffMs(Math.max(1, attempts), options.random());
      await repos.outbox.reschedule(row.id, { attempts, availableAt: options.now() + delay, error: outcome.code });
    });
    report(dead ? 'buried' : 'retried', row.kind, outcome.code);
    return dead; // after a retry the row holds up its lane until it is due again
  };

  return {
    start: async (given) => {
      if (handlers !== null) throw new AppError('bus.started_twice', 'the bus is running already', { status: 500 });
      handlers = given;
      stopping = false;
      heartbeat = setInterval(() => void renewAll(), Math.max(50, Math.floor(options.leaseMs / 3)));
      heartbeat.unref();
      wake();
    },
    wake,
    stop: async (graceMs) => {
      stopping = true;
      if (sleep !== null) clearTimeout(sleep);
      // The pump first: a look that is under way may still start a lane.
      await within(looking.then(() => Promise.all([...running.values()].map((entry) => entry.done))), graceMs);
      if (heartbeat !== null) clearInterval(heartbeat);
      handlers = null;
    },
    hasRoom: () => handlers !== null && !stopping && running.size < options.maxParallelLanes,
    adopt: (lease, rows) => {
      const entry = { lost: false, fence: lease.fence as number | null, done: Promise.resolve() };
      running.set(lease.lane, entry);
      entry.done = keepLane(lease.lane, () => carry(lease, rows, entry));
    },
    running: () => running.size,
  };

  /** Keeps the leases of long handlers (a slow peer) alive; a lost one is marked so that the lane stops. */
  async function renewAll(): Promise<void> {
    for (const [lane, entry] of running) {
      const { fence } = entry;
      if (fence === null) continue;
      try {
        const kept = await store.write((repos) => repos.lanes.renew(lane, fence, options.now(), options.leaseMs));
        if (!kept) entry.lost = true;
      } catch (error) {
        report('failed', 'renew', codeOf(error)); // the lease may run out; the fence keeps the writes apart
      }
    }
  }
}

/** Runs a handler and turns what it throws into an outcome, by the error's retry class. */
async function attempt(run: () => Promise<JobOutcome>): Promise<JobOutcome | 'fenced'> {
  try {
    return await run();
  } catch (error) {
    if (!isAppError(error)) return { kind: 'retry', code: codeOf(error), burns: true };
    switch (error.retry) {
      case 'conflict':
        return error.code === 'lane.fenced' || error.code === 'outbox.gone' ? 'fenced' : { kind: 'retry', code: error.code, afterMs: 10, burns: true };
      case 'never':
        return { kind: 'bury', code: error.code };
      case 'after':
        return error.retryAfterMs === undefined ? { kind: 'retry', code: error.code, burns: false } : { kind: 'retry', code: error.code, afterMs: error.retryAfterMs, burns: false };
      case 'later':
        return { kind: 'retry', code: error.code, burns: true };
    }
  }
}

function codeOf(error: unknown): string {
  if (isAppError(error)) return error.code;
  return error instanceof Error ? error.name : 'unknown';
}

async function within(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
