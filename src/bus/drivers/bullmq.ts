import { codeOf } from '../../domain/errors.ts';
import type { Store } from '../../store/contract.ts';
import type { Bus, BusOptions, WokenRow } from '../contract.ts';
import { createLaneRunner } from '../lane-runner.ts';
import { createLookOut } from '../look-out.ts';
import { within } from '../outcome.ts';
import { type JobQueue, openJobQueue } from '../redis/job-queue.ts';
import { type JobEnd, type JobWorker, openJobWorker } from '../redis/job-worker.ts';
import { runDueLanes, untilNextDue } from './embedded.ts';

export interface BullmqOptions {
  /** `redis://…` or `rediss://…`. */
  readonly url: string;
  /** Before all keys; `yihu` unless told. */
  readonly prefix?: string;
}

export interface BullmqBus extends Bus {
  /** Is Redis there? Without it this process carries from the database. For /readyz and /metrics. */
  connected(): boolean;
}

/** Due lanes that one sweep looks at. */
const SWEEP_LANES = 500;
/** A start waits this long for Redis; then it carries from the database until Redis comes. */
const OPEN_MS = 1_000;

/**
 * The bus over BullMQ (ADR 0011). Redis carries ids of outbox rows as hints, so that any worker hears of work at once
 * and delayed work wakes somebody when it is due. What is true stands in the database: order and once-only come from
 * lane, lease and fence, as with every driver, and a sweep finds whatever Redis lost.
 *
 *   wake(rows) ─► job (id = row id) ─► worker ─► row still there and due? ─► lane runner
 *   sweep      ─► due lanes ─► queue again; Redis away or nobody comes ─► lane runner
 */
export function createBullmqBus(store: Store, options: BusOptions, redis: BullmqOptions): BullmqBus {
  let queue: JobQueue | null = null;
  let worker: JobWorker | null = null;
  let stopping = false;
  /** The last sweep saw only part of what is due. */
  let moreDue = false;
  /** Lanes that the sweep saw: since when they wait for somebody, and when their head was queued last (ms of the process clock). */
  let seen = new Map<string, { readonly since: number; queuedAt: number }>();
  const jobs = new Set<Promise<JobEnd>>();

  const trouble = (code: string): void => options.onEvent?.({ kind: 'failed', rowKind: 'redis', code });

  const runner = createLaneRunner(store, options, {
    ended: (_, how) => {
      if (queue === null || stopping) return;
      if (how === 'broken') lookOut.later(options.sweepMs);
      else if (!queue.ready()) lookOut.wake();
    },
    left: (row) => void queue?.add([row]),
  });

  const lookOut = createLookOut({
    look: async () => {
      if (queue?.ready() === true) await queueDueLanes(queue);
      else await runDueLanes(store, options, runner);
      return true; // whether there was room or not: Redis may come back before a lane ends, and then nobody would wake it
    },
    plan: async () => (queue?.ready() === true ? options.sweepMs : untilNextDue(store, options)),
    failed: (error) => {
      options.onEvent?.({ kind: 'failed', rowKind: 'relay', code: codeOf(error) });
      return options.sweepMs;
    },
  });

  /** Queues what is due and held by nobody; what nobody comes for within two sweeps is carried here. */
  const queueDueLanes = async (to: JobQueue): Promise<void> => {
    const at = performance.now();
    const queuedJustNow = (lane: string): boolean => at - (seen.get(lane)?.queuedAt ?? -Infinity) < options.sweepMs / 2;
    const { lanes, heads } = await store.read(async (repos) => {
      const due = await repos.outbox.dueLanes(options.now(), SWEEP_LANES);
      const rows: WokenRow[] = [];
      for (const lane of due) {
        if (!runner.has(lane) && !queuedJustNow(lane)) rows.push(...(await repos.outbox.due(lane, options.now(), 1)));
      }
      return { lanes: due, heads: rows };
    });
    moreDue = lanes.length === SWEEP_LANES;
    seen = new Map(lanes.map((lane) => [lane, seen.get(lane) ?? { since: at, queuedAt: -Infinity }]));
    const waiting: WokenRow[] = [];
    for (const head of heads) {
      const lane = seen.get(head.lane);
      if (lane === undefined) continue;
      if (at - lane.since >= 2 * options.sweepMs && runner.hasRoom()) {
        void runner.run(head.lane);
      } else {
        lane.queuedAt = at;
        waiting.push(head);
      }
    }
    try {
      await to.hurry(waiting);
    } catch {
      await runDueLanes(store, options, runner); // the queue has told of its trouble
    }
  };

  /** What a job asks for: the row's lane, as far as it is due. */
  const process = async (rowId: string): Promise<JobEnd> => {
    try {
      const row = await store.read((repos) => repos.outbox.get(rowId));
      if (row === null || row.state === 'dead') return { kind: 'gone' };
      if (stopping) return { kind: 'again' };
      if (row.availableAt > options.now()) return { kind: 'until', at: row.availableAt };
      if (runner.has(row.lane)) {
        // It looks once more before it lets the lane go; a job that waited for it would only take room from other lanes.
        void runner.run(row.lane);
        return { kind: 'gone' };
      }
      const end = await runner.run(row.lane);
      const left = await store.read((repos) => repos.outbox.get(rowId));
      if (left === null || left.state === 'dead') return { kind: 'gone' };
      if (end === 'stopping') return { kind: 'again' };
      if (left.availableAt > options.now()) return { kind: 'until', at: left.availableAt };
      // Carried, yet still here: it waits behind another row, whose own job brings the lane when it is due.
      return end === 'carried' ? { kind: 'gone' } : { kind: 'until', at: options.now() + (end === 'held' ? options.leaseMs : options.sweepMs) };
    } catch (error) {
      options.onEvent?.({ kind: 'failed', rowKind: 'relay', code: codeOf(error) });
      return { kind: 'until', at: options.now() + options.sweepMs };
    }
  };

  const onChange = (ready: boolean): void => {
    if (stopping) return;
    if (ready) {
      worker ??= openJobWorker({
        ...redis,
        bus: options,
        process: (rowId) => {
          const job = process(rowId);
          jobs.add(job);
          void job.finally(() => jobs.delete(job));
          return job;
        },
        onTrouble: trouble,
        onDrained: () => {
          if (moreDue && !stopping) lookOut.wake();
        },
      });
    }
    // It may have come back empty, or it is gone and somebody has to carry.
    lookOut.wake();
  };

  return {
    start: async (handlers) => {
      runner.begin(handlers);
      queue = openJobQueue({ ...redis, now: options.now, onTrouble: trouble, onChange });
      await queue.opened(OPEN_MS);
      lookOut.wake();
    },
    wake: (rows) => {
      if (queue === null || stopping) return;
      if (rows === undefined || !queue.add(rows)) lookOut.wake();
    },
    hasRoom: runner.hasRoom,
    adopt: runner.adopt,
    running: runner.running,
    connected: () => queue?.ready() === true,
    stop: async (graceMs) => {
      stopping = true;
      runner.halt();
      const since = performance.now();
      const rest = (): number => Math.max(0, graceMs - (performance.now() - since));
      const drained = (async () => {
        await within(lookOut.stop(), rest());
        await runner.drain(rest());
        await within(Promise.all(jobs), rest());
      })();
      if (worker !== null) await worker.stop(queue?.ready() === true, drained);
      await drained;
      await queue?.close();
    },
  };
}
