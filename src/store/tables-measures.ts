import type { MeasureDimension } from './contract-measures.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Kit } from './kit.ts';

/** What is counted beforehand (src/measures): amounts by hour and by day, and how far the counting has got. */
export function measureTables({ table, text, int, json, index, primaryKey }: Kit) {
  /** Every hour's rows once more summed up by day, so that a year is 365 rows a key. `at`: beginning of the hour or of the Beijing day. */
  const measureRollups = table(
    'measure_rollups',
    {
      measure: text('measure').notNull(),
      by: text('dimension').$type<MeasureDimension>().notNull(),
      grain: text('grain').$type<'hour' | 'day'>().notNull(),
      at: int('at').notNull(),
      key: text('key').notNull(),
      amount: int('amount').notNull(),
      sum: int('total').notNull(),
    },
    // Also the way it is read: one measure by one dimension over a stretch of time.
    (t) => [primaryKey({ columns: [t.measure, t.by, t.grain, t.at, t.key] })],
  );
  const measureCursors = table('measure_cursors', { source: text('source').primaryKey(), cursor: text('cursor').notNull() });
  /** Of rows that change: as they were when they were counted last. What is counted next is the difference. */
  const measureMarks = table(
    'measure_marks',
    { source: text('source').notNull(), id: text('id').notNull(), counted: json('counted').$type<JsonObject>().notNull(), at: int('at').notNull() },
    (t) => [primaryKey({ columns: [t.source, t.id] }), index('measure_marks_at').on(t.at)],
  );
  return { measureRollups, measureCursors, measureMarks };
}
