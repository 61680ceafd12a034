import { and, asc, eq, gte, inArray, lt, or, type SQL, sql } from 'drizzle-orm';
import { DAY, HOUR, startOfDay } from '../../domain/clock.ts';
import type { MeasureDimension, Rollup, RollupQuery, RollupRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given, placeholders } from './statements.ts';

/** Rows a statement writes. */
const ROWS_AT_ONCE = 400;
const IDS_AT_ONCE = 500;
const DIMENSIONS = ['all', 'channel', 'town', 'department', 'item', 'kind', 'group', 'seat'] as const satisfies readonly MeasureDimension[];

/** Amounts by hour and by day. The day is written with the hour, in one statement: the two cannot part. */
export function createRollupRepository(session: Session): RollupRepository {
  const { db, tables: { measureRollups: r, measureCursors: c, measureMarks: m } } = session;
  const cursorOf = db.select({ cursor: c.cursor }).from(c).where(eq(c.source, given(c.source, 'source'))).prepare('measure_cursors_of');
  const putCursor = db.insert(c).values(placeholders({ source: c.source, cursor: c.cursor })).onConflictDoUpdate({ target: c.source, set: { cursor: sql`excluded.cursor` } }).prepare('measure_cursors_put');
  const amount = sql<number>`sum(${r.amount})`.mapWith(Number);
  const sum = sql<number>`sum(${r.sum})`.mapWith(Number);

  const narrowed = ({ measures, by, keys }: RollupQuery, times: SQL | undefined): SQL | undefined =>
    and(inArray(r.measure, [...measures]), eq(r.by, by), times, keys === undefined ? undefined : inArray(r.key, [...keys]));
  const stretch = (grain: 'hour' | 'day', from: number, to: number): SQL | undefined => (from < to ? and(eq(r.grain, grain), gte(r.at, from), lt(r.at, to)) : undefined);
  const nothing = ({ measures, keys }: RollupQuery): boolean => measures.length === 0 || keys?.length === 0;

  return {
    async add(rows) {
      const summed = [...sumUp(rows).values()].filter((row) => row.amount !== 0 || row.sum !== 0);
      for (let start = 0; start < summed.length; start += ROWS_AT_ONCE) {
        await db
          .insert(r)
          .values(summed.slice(start, start + ROWS_AT_ONCE))
          .onConflictDoUpdate({ target: [r.measure, r.by, r.grain, r.at, r.key], set: { amount: sql`${r.amount} + excluded.amount`, sum: sql`${r.sum} + excluded.total` } });
      }
    },
    async sums(query) {
      const { from, to } = query;
      if (nothing(query) || from >= to) return [];
      const firstDay = Math.min(startOfDay(from + DAY - 1), to);
      const lastDay = Math.max(startOfDay(to), firstDay);
      const times = or(stretch('day', firstDay, lastDay), stretch('hour', from, firstDay), stretch('hour', lastDay, to));
      const found = await db.select({ measure: r.measure, key: r.key, amount, sum }).from(r).where(narrowed(query, times)).groupBy(r.measure, r.key).orderBy(asc(r.measure), asc(r.key));
      return found.filter(isSomething);
    },
    async series(query) {
      if (nothing(query)) return [];
      const { grain, from, to } = query;
      const times = stretch(grain, from, to);
      if (times === undefined) return [];
      const found = await db.select({ at: r.at, measure: r.measure, key: r.key, amount: r.amount, sum: r.sum }).from(r).where(narrowed(query, times)).orderBy(asc(r.at), asc(r.measure), asc(r.key));
      return found.filter(isSomething);
    },
    async clear({ measures, from, to }) {
      const [start, end] = [startOfDay(from + DAY - 1), startOfDay(to + DAY - 1)];
      // Every column of the key is named, so that the key is walked and not the table.
      if (measures.length > 0) await db.delete(r).where(and(inArray(r.measure, [...measures]), inArray(r.by, [...DIMENSIONS]), inArray(r.grain, ['hour', 'day']), gte(r.at, start), lt(r.at, end)));
    },
    async cursor(source) {
      return first(await cursorOf.execute({ source }))?.cursor ?? null;
    },
    async moveCursor(source, cursor) {
      await putCursor.execute({ source, cursor });
    },
    async marks(source, ids) {
      const found = new Map<string, (typeof m.$inferSelect)['counted']>();
      for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
        const rows = await db.select({ id: m.id, counted: m.counted }).from(m).where(and(eq(m.source, source), inArray(m.id, ids.slice(start, start + IDS_AT_ONCE))));
        for (const { id, counted } of rows) found.set(id, counted);
      }
      return found;
    },
    async mark(source, marks) {
      for (let start = 0; start < marks.length; start += ROWS_AT_ONCE) {
        await db
          .insert(m)
          .values(marks.slice(start, start + ROWS_AT_ONCE).map(({ id, counted, at }) => ({ source, id, counted, at })))
          .onConflictDoUpdate({ target: [m.source, m.id], set: { counted: sql`excluded.counted`, at: sql`excluded.at` } });
      }
    },
    async removeMarks(before, limit) {
      const old = await db.select({ source: m.source, id: m.id }).from(m).where(lt(m.at, before)).limit(limit);
      for (const { source, id } of old) await db.delete(m).where(and(eq(m.source, source), eq(m.id, id)));
      return old.length;
    },
  };
}

const isSomething = (row: { readonly amount: number; readonly sum: number }): boolean => row.amount !== 0 || row.sum !== 0;

interface Row {
  readonly measure: string;
  readonly by: Rollup['by'];
  readonly grain: 'hour' | 'day';
  readonly at: number;
  readonly key: string;
  readonly amount: number;
  readonly sum: number;
}

/** One row a place, in one order everywhere, so that two nodes do not wait for each other in a ring. */
function sumUp(rows: readonly Rollup[]): ReadonlyMap<string, Row> {
  const places = new Map<string, Row>();
  for (const { hour, measure, by, key, amount, sum, dayOnly } of rows) {
    const begin = Math.floor(hour / HOUR) * HOUR;
    const times: readonly (readonly ['hour' | 'day', number])[] = dayOnly === true ? [['day', startOfDay(begin)]] : [['day', startOfDay(begin)], ['hour', begin]];
    for (const [grain, at] of times) {
      const place = JSON.stringify([measure, by, grain, at, key]);
      const before = places.get(place);
      places.set(place, { measure, by, grain, at, key, amount: (before?.amount ?? 0) + amount, sum: (before?.sum ?? 0) + sum });
    }
  }
  return new Map([...places].toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
