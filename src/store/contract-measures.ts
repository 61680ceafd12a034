import type { EpochMs } from '../domain/activity.ts';
import type { JsonObject } from '../domain/json.ts';

/**
 * Counted beforehand, so that a wall or a report never looks at raw rows: amounts by hour and by one dimension each. Which measures there are,
 * with formula, source, dimensions and grain, is src/measures/catalogue.ts.
 */
export type MeasureDimension = 'all' | 'channel' | 'town' | 'department' | 'item' | 'kind' | 'group' | 'seat';

export interface Rollup {
  /** Beginning of an hour. */
  readonly hour: EpochMs;
  readonly measure: string;
  readonly by: MeasureDimension;
  /** Town id, department id, item code …; '' for `all`, and for what has none (a ticket without a town). */
  readonly key: string;
  readonly amount: number;
  /** Sum of what was measured (ms, points: whole numbers), 0 where only the amount counts; the mean is sum ÷ amount. */
  readonly sum: number;
  /** Only the day keeps it: for dimensions with many keys. */
  readonly dayOnly?: boolean;
}

export interface RollupQuery {
  readonly from: EpochMs;
  /** Exclusive. What is kept by day only needs midnights in Beijing here. */
  readonly to: EpochMs;
  readonly measures: readonly string[];
  readonly by: MeasureDimension;
  readonly keys?: readonly string[];
}

export interface RollupSum {
  readonly measure: string;
  readonly key: string;
  readonly amount: number;
  readonly sum: number;
}

export interface RollupPoint extends RollupSum {
  readonly at: EpochMs;
}

export interface RollupRepository {
  /** Adds to what is there. Negative amounts take back what was counted wrongly. */
  add(rows: readonly Rollup[]): Promise<void>;
  /** By measure, then key. Hours that begin in [from, to); whole days are read as days. */
  sums(query: RollupQuery): Promise<readonly RollupSum[]>;
  /** Points in time order; a day begins at midnight in Beijing and counts when it begins in [from, to). Empty hours and days are left out. */
  series(query: RollupQuery & { readonly grain: 'hour' | 'day' }): Promise<readonly RollupPoint[]>;
  /** Takes away everything of these measures in Beijing days that begin in [from, to): before a recount. */
  clear(query: { readonly measures: readonly string[]; readonly from: EpochMs; readonly to: EpochMs }): Promise<void>;
  /** Where a catch-up job has got to in its source; null before the first run. */
  cursor(source: string): Promise<string | null>;
  /** In the transaction that adds what lies before it. */
  moveCursor(source: string, cursor: string): Promise<void>;
  /** Rows of a source that change, as they were counted last. */
  marks(source: string, ids: readonly string[]): Promise<ReadonlyMap<string, JsonObject>>;
  mark(source: string, marks: readonly { readonly id: string; readonly counted: JsonObject; readonly at: EpochMs }[]): Promise<void>;
  /** Housekeeping: forgets at most `limit` marks made before. Returns how many. */
  removeMarks(before: EpochMs, limit: number): Promise<number>;
}
