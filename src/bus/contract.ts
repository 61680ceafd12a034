import type { EpochMs } from '../domain/activity.ts';
import type { OutboxRow } from '../store/contract.ts';

/**
 * The bus carries outbox rows to their handlers: one row of a lane at a time, in order, at least once by the driver
 * and exactly once by the handler's transaction (fence + `outbox.complete` in the same commit as the effect).
 */
export interface Bus {
  /** Starts carrying. Handlers by row kind; a kind without a handler is buried as `bus.no_handler`. */
  start(handlers: JobHandlers): Promise<void>;
  /** Rows were committed: look now instead of at the next sweep. Cheap, may be called often, never throws. A driver with a queue carries the ids that are given. */
  wake(rows?: readonly WokenRow[]): void;
  /** Room for one more lane that is adopted? Asked before a transaction takes a lane for `adopt`. A part of the room is kept for lanes that wait. */
  hasRoom(): boolean;
  /**
   * The lane was acquired, with this bus's `holder`, in the very transaction that added `rows`: they are carried now, without
   * being looked for. From here on the bus is responsible for the lease; when it is stopping it lets go at once.
   */
  adopt(lease: LaneLease, rows: readonly OutboxRow[]): void;
  /** Takes no new rows, waits for running handlers (at most `graceMs`), releases leases. Nothing is lost by a shorter grace. */
  stop(graceMs: number): Promise<void>;
  /** For /metrics: lanes running here now. */
  running(): number;
}

/** What a committed row needs to be found again. */
export interface WokenRow {
  readonly id: string;
  readonly lane: string;
  readonly availableAt: EpochMs;
}

export interface LaneLease {
  readonly lane: string;
  readonly fence: number;
}

/**
 * How a handler ended. `done`: it has completed the row in its own transaction. `released`: the same transaction found
 * nothing more due in the lane and let go of it, so that the bus need not ask again.
 */
export type JobOutcome =
  | { readonly kind: 'done'; readonly released?: boolean }
  /** `burns: false`: a retry-after, does not count as an attempt. Without `afterMs` the back-off decides. */
  | { readonly kind: 'retry'; readonly code: string; readonly afterMs?: number; readonly burns: boolean }
  /** Never going to work: dead letter. */
  | { readonly kind: 'bury'; readonly code: string };

/**
 * Does one row. Must do its effect, `lanes.assertFence` and `outbox.complete(row.id)` in ONE `store.write`.
 * A thrown AppError maps by its retry class (never → bury, later → retry, after → retry without burning, conflict → dropped, the holder of the new fence does it); any other throw is a retry.
 * `tries.last`: one more retry that burns an attempt would bury the row.
 */
export type JobHandler = (row: OutboxRow, lease: LaneLease, tries?: { readonly last: boolean }) => Promise<JobOutcome>;
export type JobHandlers = Readonly<Record<string, JobHandler>>;

export interface BusOptions {
  readonly now: () => EpochMs;
  /** Unique per process start. */
  readonly holder: string;
  readonly leaseMs: number;
  /** Longest sleep between sweeps when nobody wakes it. */
  readonly sweepMs: number;
  readonly maxParallelLanes: number;
  readonly maxAttempts: number;
  /** Back-off before attempt n (1-based), ms; pure, jitter passed in. */
  readonly backoffMs: (attempt: number, random: number) => number;
  readonly random: () => number;
  readonly onEvent?: (event: { readonly kind: 'retried' | 'buried' | 'fenced' | 'failed'; readonly rowKind: string; readonly code: string }) => void;
}
