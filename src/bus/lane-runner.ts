import { AppError, codeOf } from '../domain/errors.ts';
import type { EpochMs } from '../domain/activity.ts';
import type { OutboxRow, Store } from '../store/contract.ts';
import type { BusOptions, JobHandlers, JobOutcome, LaneLease, WokenRow } from './contract.ts';
import { attempt, within } from './outcome.ts';

/** How the run of a lane ended. `held`: somebody else has it. `broken`: the database would not; look again after a while. */
export type LaneEnd = 'carried' | 'held' | 'broken' | 'stopping';

export interface LaneRunnerHooks {
  /** A lane ended here: room for another one. */
  readonly ended: (lane: string, how: LaneEnd) => void;
  /** This row is left: it waits until `availableAt`, or for another process because this one is stopping. Its lane is free. */
  readonly left?: (row: WokenRow) => void;
}

/**
 * What every driver shares: a lane is taken by lease, its due rows run in order under the fence, outcomes are settled,
 * the lease is renewed while a slow handler works and given back at the end. Drivers only differ in how they come to
 * know that a lane has something to do.
 *
 *   run ──► acquire lease ─► row, row, row (in order) ─► look again ─► release
 *   adopt ───────────────────────┘
 */
export interface LaneRunner {
  /** Once only. @throws AppError `bus.started_twice` */
  begin(handlers: JobHandlers): void;
  /** Carries what is due in a lane, if nobody holds it; a lane that runs here already looks once more before it ends. Never rejects. */
  run(lane: string): Promise<LaneEnd>;
  /** See `Bus.adopt`. */
  adopt(lease: LaneLease, rows: readonly OutboxRow[]): void;
  /** Does the lane run here? */
  has(lane: string): boolean;
  running(): number;
  /** Lanes that may still be taken. */
  free(): number;
  /** Room for one more lane that is adopted: a part of all room is kept for lanes that wait, or newcomers would always be before them. */
  hasRoom(): boolean;
  /** Starts no further row from now on. */
  halt(): void;
  /** Waits for the running rows, at most `graceMs`; their leases are given back. */
  drain(graceMs: number): Promise<void>;
}

interface Entry {
  fence: number | null;
  /** Until here the lease is ours by our own clock. */
  until: EpochMs;
  /** Somebody else has the lane: nothing more may be done under this fence. */
  lost: boolean;
  /** Asked for while it ran: there may be rows that its last look did not see. */
  again: boolean;
  /** What the run leaves behind. */
  left: WokenRow | null;
  done: Promise<LaneEnd>;
}

/** Rows of one lane taken at a time; a lane that has more is simply looked at again. */
export const ROWS_PER_TAKE = 16;

/** One part of so many of the room. */
const KEPT_FOR_WAITING = 4;

export function createLaneRunner(store: Store, options: BusOptions, hooks: LaneRunnerHooks): LaneRunner {
  const running = new Map<string, Entry>();
  const forAdopted = options.maxParallelLanes - Math.floor(options.maxParallelLanes / KEPT_FOR_WAITING);
  let handlers: JobHandlers | null = null;
  let halted = true;
  let heartbeat: NodeJS.Timeout | null = null;
  let renewing = false;

  const report = (kind: 'retried' | 'buried' | 'fenced' | 'failed', rowKind: string, code: string): void => {
    options.onEvent?.({ kind, rowKind, code });
  };

  const enter = (lane: string, fence: number | null, work: (entry: Entry) => Promise<LaneEnd>): Promise<LaneEnd> => {
    const entry: Entry = { fence, until: options.now() + options.leaseMs, lost: false, again: false, left: null, done: Promise.resolve('carried') };
    running.set(lane, entry);
    entry.done = keep(lane, entry, work);
    return entry.done;
  };

  const keep = async (lane: string, entry: Entry, work: (entry: Entry) => Promise<LaneEnd>): Promise<LaneEnd> => {
    let how: LaneEnd;
    try {
      how = await work(entry);
    } catch (error) {
      report('failed', 'lane', codeOf(error));
      how = 'broken';
    }
    if (running.get(lane) === entry) running.delete(lane);
    if (entry.left !== null) hooks.left?.(entry.left);
    if (how === 'carried' && entry.again && !halted) how = await run(lane);
    hooks.ended(lane, how);
    return how;
  };

  const run = (lane: string): Promise<LaneEnd> => {
    if (halted) return Promise.resolve('stopping');
    const known = running.get(lane);
    if (known !== undefined && !known.lost) {
      known.again = true;
      return known.done;
    }
    return enter(lane, null, (entry) => take(lane, entry));
  };

  const take = async (lane: string, entry: Entry): Promise<LaneEnd> => {
    const until = options.now() + options.leaseMs;
    const taken = await store.write(async (repos) => {
      const fence = await repos.lanes.acquire(lane, options.holder, options.now(), options.leaseMs);
      return fence === null ? null : { fence, rows: await repos.outbox.due(lane, options.now(), ROWS_PER_TAKE) };
    });
    if (taken === null) return 'held';
    entry.fence = taken.fence;
    entry.until = until;
    return carry({ lane, fence: taken.fence }, taken.rows, entry);
  };

  const carry = async (lease: LaneLease, taken: readonly OutboxRow[], entry: Entry): Promise<LaneEnd> => {
    const { lane } = lease;
    let rows = taken;
    let held = true;
    try {
      while (rows.length > 0) {
        for (const row of rows) {
          if (halted) {
            entry.left = row;
            return 'stopping';
          }
          if (!(await stillOurs(lease, entry))) return 'held';
          const next = await runRow(row, lease, entry);
          if (next === 'released') held = false;
          if (next !== 'next') return 'carried';
        }
        entry.again = false;
        // Looks again and lets go in one passage: most lanes have one row, and each passage costs as much as its work.
        rows = await store.write(async (repos) => {
          const more = await repos.outbox.due(lane, options.now(), ROWS_PER_TAKE);
          if (more.length === 0) await repos.lanes.release(lane, lease.fence);
          return more;
        });
        held = rows.length > 0;
      }
      return halted ? 'stopping' : 'carried';
    } finally {
      if (held && !entry.lost) await store.write((repos) => repos.lanes.release(lane, lease.fence));
    }
  };

  /**
   * A process that stood still (SIGSTOP, a sleeping machine) must not begin another row on a lease that ran out
   * meanwhile: the fence guards the database, but a handler may speak to a peer before it writes.
   */
  const stillOurs = async (lease: LaneLease, entry: Entry): Promise<boolean> => {
    if (!entry.lost && options.now() >= entry.until) await renew(lease, entry);
    if (entry.lost) report('fenced', 'lane', 'lane.fenced');
    return !entry.lost;
  };

  const renew = async ({ lane, fence }: LaneLease, entry: Entry): Promise<void> => {
    const until = options.now() + options.leaseMs;
    const kept = await store.write((repos) => repos.lanes.renew(lane, fence, options.now(), options.leaseMs));
    if (kept) entry.until = until;
    else entry.lost = true;
  };

  const runRow = async (row: OutboxRow, lease: LaneLease, entry: Entry): Promise<'next' | 'stop' | 'released'> => {
    const handler = handlers?.[row.kind];
    const outcome = handler === undefined ? ({ kind: 'bury', code: 'bus.no_handler' } as const) : await attempt(() => handler(row, lease, { last: row.attempts + 1 >= options.maxAttempts }));
    if (outcome === 'fenced') {
      report('fenced', row.kind, 'lane.fenced');
      return 'stop';
    }
    if (outcome.kind === 'done') return outcome.released === true ? 'released' : 'next';
    try {
      return (await settle(row, lease, entry, outcome)) ? 'next' : 'stop';
    } catch (error) {
      report('fenced', row.kind, codeOf(error));
      return 'stop';
    }
  };

  const settle = async (row: OutboxRow, lease: LaneLease, entry: Entry, outcome: Exclude<JobOutcome, { kind: 'done' }>): Promise<boolean> => {
    const attempts = row.attempts + (outcome.kind === 'retry' && outcome.burns ? 1 : 0);
    const dead = outcome.kind === 'bury' || attempts >= options.maxAttempts;
    const delay = outcome.kind === 'bury' ? 0 : (outcome.afterMs ?? options.backoffMs(Math.max(1, attempts), options.random()));
    const availableAt = options.now() + delay;
    await store.write(async (repos) => {
      await repos.lanes.assertFence(lease.lane, lease.fence);
      if (dead) await repos.outbox.bury(row.id, outcome.code, options.now());
      else await repos.outbox.reschedule(row.id, { attempts, availableAt, error: outcome.code });
    });
    if (!dead) entry.left = { id: row.id, lane: row.lane, availableAt };
    report(dead ? 'buried' : 'retried', row.kind, outcome.code);
    return dead; // after a retry the row holds up its lane until it is due again
  };

  /**
   * Keeps the leases of long handlers (a slow peer) alive. All at once: one commit on SQLite, side by side on PostgreSQL,
   * where one transaction over many lanes would wait for, and could deadlock with, the transactions of their handlers.
   */
  const renewAll = async (): Promise<void> => {
    if (renewing) return;
    renewing = true;
    const soon = options.now() + Math.ceil((options.leaseMs * 5) / 6);
    try {
      await Promise.all(
        [...running].map(async ([lane, entry]) => {
          // Most lanes end long before their lease; only those that have been at it for a while are worth a write.
          if (entry.fence === null || entry.lost || entry.until > soon) return;
          await renew({ lane, fence: entry.fence }, entry);
        }),
      );
    } catch (error) {
      report('failed', 'renew', codeOf(error)); // the lease may run out; the fence keeps the writes apart
    } finally {
      renewing = false;
    }
  };

  return {
    begin: (given) => {
      if (handlers !== null) throw new AppError('bus.started_twice', 'a bus is started once', { status: 500 });
      handlers = given;
      halted = false;
      heartbeat = setInterval(() => void renewAll(), Math.max(50, Math.floor(options.leaseMs / 3)));
      heartbeat.unref();
    },
    run,
    adopt: (lease, rows) => {
      void enter(lease.lane, lease.fence, (entry) => carry(lease, rows, entry));
    },
    has: (lane) => running.get(lane)?.lost === false,
    running: () => running.size,
    free: () => options.maxParallelLanes - running.size,
    hasRoom: () => !halted && running.size < forAdopted,
    halt: () => {
      halted = true;
    },
    drain: async (graceMs) => {
      halted = true;
      await within(Promise.all([...running.values()].map((entry) => entry.done)), graceMs);
      if (heartbeat !== null) clearInterval(heartbeat);
      heartbeat = null;
    },
  };
}
