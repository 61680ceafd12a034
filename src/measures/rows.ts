import type { EpochMs } from '../domain/activity.ts';
import type { MeasureDimension, Rollup } from '../store/contract.ts';
import { type MeasureName, measureOf } from './catalogue.ts';

/** One figure on its way to the rollups: in every cut of its measure that a key is known for. */
export interface Figure {
  readonly measure: MeasureName;
  readonly at: EpochMs;
  readonly amount?: number;
  readonly sum?: number;
  /** Keys by dimension; null: has none of it, and counts under ''. A dimension that is left out is not cut. */
  readonly keys: Partial<Readonly<Record<MeasureDimension, string | null>>>;
}

export function rowsOf({ measure, at, amount = 1, sum = 0, keys }: Figure): readonly Rollup[] {
  return measureOf(measure).cuts.flatMap(({ by, grain }) => {
    const key = by === 'all' ? '' : keys[by];
    if (key === undefined) return [];
    return [{ hour: at, measure, by, key: key ?? '', amount, sum: Math.round(sum), ...(grain === 'day' ? { dayOnly: true } : {}) }];
  });
}

/** What takes these back. */
export function negated(rows: readonly Rollup[]): readonly Rollup[] {
  return rows.map((row) => ({ ...row, amount: -row.amount, sum: -row.sum }));
}
