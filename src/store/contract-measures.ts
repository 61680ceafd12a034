import type { EpochMs } from '../domain/activity.ts';

/**
 * Counted beforehand, so that a wall or a report never looks at raw rows: amounts by hour and by one dimension each. Which measures there are,
 * with formula and source, is src/measures/catalogue.ts.
 */
export type MeasureDimension = 'all' | 'channel' | 'town' | 'department' | 'item' | 'field' | 'kind' | 'group' | 'seat';

export interface Rollup {
  /** Beginning of an hour. */
  readonly hour: EpochMs;
  readonly measure: string;
  readonly by: MeasureDimension;
  /** Town id, department id, item code …; '' for `all`. */
  readonly key: string;
  readonly amount: number;
  /** Sum of what was measured (ms, points), 0 where only the amount counts; the mean is sum ÷ amount. */
  readonly sum: number;
}

export interface RollupQuery {
  readonly from: EpochMs;
  /** Exclusive. */
  readonly to: EpochMs;
  readonly measures: readonly string[];
  readonly by: MeasureDimension;
  readonly keys?: readonly string[];
}

export interface RollupRepository {
  /** Adds to what is there. Negative amounts take back what was counted wrongly. */
  add(rows: readonly Rollup[]): Promise<void>;
  sums(query: RollupQuery): Promise<readonly { readonly measure: string; readonly key: string; readonly amount: number; readonly sum: number }[]>;
  /** Points in time order; a day begins at midnight in Beijing. Empty hours and days are left out. */
  series(query: RollupQuery & { readonly grain: 'hour' | 'day' }): Promise<readonly { readonly at: EpochMs; readonly measure: string; readonly key: string; readonly amount: number; readonly sum: number }[]>;
  /** Where a catch-up job has got to in its source; null before the first run. */
  cursor(source: string): Promise<string | null>;
  /** In the transaction that adds what lies before it. */
  moveCursor(source: string, cursor: string): Promise<void>;
}
