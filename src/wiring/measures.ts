import { codeOf } from '../domain/errors.ts';
import type { Log } from '../intake/context.ts';
import { catchUp, type CatchUpOptions } from '../measures/catch-up.ts';
import type { Store } from '../store/contract.ts';

/** Between two looks for what is new. With the time that rows take to settle a wall is half a minute behind at most. */
const LOOK_MS = 5_000;
/** While there is more: others get their turn. A year's history is counted within the hour. */
const MORE_MS = 150;
/** In a storm a pass comes so often, whatever waits: the wall is a minute behind, and catches up afterwards. */
const BATCH_MS = 60_000;
/** The first look; a start has other things to do. */
const FIRST_MS = 3_000;
/** Longer than a transaction usually lasts: on SQLite writers are one after the other, on PostgreSQL a statement may take its 15 s. */
const SETTLE_MS = { sqlite: 3_000, postgres: 20_000 } as const;
/** Where several processes write to one SQLite file, a write may wait for another process's for 10 s (sqlite.ts), its times and ids made before. */
const SETTLE_SHARED_MS = 20_000;

export interface MeasureTendingOptions extends Omit<CatchUpOptions, 'settleMs' | 'idNow'> {
  readonly store: Store;
  readonly log: Pick<Log, 'warn'>;
  /** True: in larger batches, less often; the cursors keep what waits. */
  readonly batches?: () => boolean;
  /** Other processes of this machine write to the same database. */
  readonly shared?: boolean;
  /** Runs once after so many ms; returns how to call it off. */
  readonly after?: (ms: number, run: () => void) => () => void;
}

const afterMs = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
};

/** Keeps the rollups up to date, on nodes that carry work. @returns how to stop it; what is being counted is finished */
export function tendMeasures({ log, batches = () => false, shared = false, after = afterMs, ...options }: MeasureTendingOptions): () => Promise<void> {
  let stopped = false;
  let callOff: (() => void) | null = null;
  let counting: Promise<void> | null = null;

  const count = async (): Promise<number> => {
    try {
      // Ids are made by the machine's clock, whatever the house's says.
      const { more } = await catchUp({ ...options, idNow: Date.now, settleMs: shared ? SETTLE_SHARED_MS : SETTLE_MS[options.store.dialect] });
      return batches() ? BATCH_MS : more ? MORE_MS : LOOK_MS;
    } catch (error) {
      log.warn({ code: codeOf(error) }, 'measures could not be counted: tried again');
      return LOOK_MS;
    }
  };
  const countAndPlan = async (): Promise<void> => {
    const next = await count();
    counting = null;
    plan(next);
  };
  const plan = (ms: number): void => {
    if (stopped) return;
    callOff = after(ms, () => {
      counting = countAndPlan();
    });
  };
  plan(FIRST_MS);
  return async () => {
    stopped = true;
    callOff?.();
    await counting;
  };
}
