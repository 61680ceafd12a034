import { aliasedTable, and, count, desc, eq, exists, gt, like, lte, max, min, sql } from 'drizzle-orm';
import { AppError } from '../../domain/errors.ts';
import type { OutboxRepository, OutboxRow } from '../contract.ts';
import type { Session } from '../session.ts';
import { isDueHead } from './due-heads.ts';
import { first, given, orderedUpToLimit, setTo } from './statements.ts';

export function createOutboxRepository(session: Session): OutboxRepository {
  const { db, tables: { outbox: o, lanes: l } } = session;
  const ready = eq(o.state, 'ready');
  const isDue = lte(o.availableAt, given(o.availableAt, 'now'));
  const byId = eq(o.id, given(o.id, 'id'));
  const insert = db
    .insert(o)
    .values({
      id: sql.placeholder('id'), lane: sql.placeholder('lane'), kind: sql.placeholder('kind'), payload: sql.placeholder('payload'), state: 'ready',
      blocking: sql.placeholder('blocking'), attempts: 0, availableAt: sql.placeholder('availableAt'), createdAt: sql.placeholder('now'),
    })
    .returning({ position: o.position })
    .prepare('outbox_insert');
  const upsert = db
    .insert(o)
    .values({
      id: sql.placeholder('id'), lane: sql.placeholder('lane'), kind: sql.placeholder('kind'), payload: sql.placeholder('payload'), state: 'ready',
      blocking: false, attempts: 0, availableAt: sql.placeholder('availableAt'), createdAt: sql.placeholder('now'),
    })
    .onConflictDoUpdate({ target: o.id, set: { payload: sql`excluded.payload`, availableAt: sql`excluded.available_at`, attempts: 0, state: 'ready', lastError: null } })
    .prepare('outbox_put');

  const heads = db
    .select({ lane: o.lane })
    .from(o)
    .where(isDueHead(session))
    .orderBy(orderedUpToLimit(o.availableAt, o.position))
    .prepare('outbox_heads');

  // The plus keeps SQLite from walking the index of due times, which holds the timers of all lanes.
  const blocker = aliasedTable(o, 'blocker');
  const firstBlocker = db
    .select({ position: min(blocker.position) })
    .from(blocker)
    .where(and(eq(blocker.state, 'ready'), eq(blocker.lane, given(o.lane, 'lane')), eq(blocker.blocking, true), gt(sql`+${blocker.availableAt}`, given(o.availableAt, 'now'))));
  const dueOfLane = db
    .select()
    .from(o)
    .where(and(ready, eq(o.lane, given(o.lane, 'lane')), isDue, sql`${o.position} < coalesce(${firstBlocker}, ${Number.MAX_SAFE_INTEGER})`))
    .orderBy(orderedUpToLimit(o.position))
    .prepare('outbox_due');

  const nextDue = db.select({ at: min(o.availableAt) }).from(o).where(and(ready, gt(o.availableAt, given(o.availableAt, 'now')))).prepare('outbox_next_due');
  const oldestDue = db.select({ at: min(o.availableAt) }).from(o).where(and(ready, isDue)).prepare('outbox_oldest_due');
  const present = db.select({ id: o.id }).from(o).where(byId).prepare('outbox_present');
  const whole = db.select().from(o).where(byId).prepare('outbox_get');
  const remove = db.delete(o).where(byId).returning({ id: o.id }).prepare('outbox_remove');
  const ours = db.select({ one: sql`1` }).from(l).where(and(eq(l.lane, given(l.lane, 'lane')), eq(l.fence, given(l.fence, 'fence'))));
  const removeOurs = db.delete(o).where(and(byId, exists(ours))).returning({ id: o.id }).prepare('outbox_remove_ours');
  const postpone = db
    .update(o)
    .set({ attempts: setTo(o.attempts, 'attempts'), availableAt: setTo(o.availableAt, 'availableAt'), lastError: setTo(o.lastError, 'error') })
    .where(byId)
    .prepare('outbox_postpone');
  const kill = db.update(o).set({ state: 'dead', lastError: setTo(o.lastError, 'error'), availableAt: setTo(o.availableAt, 'now') }).where(byId).prepare('outbox_bury');
  const hastened = db
    .update(o)
    .set({ availableAt: setTo(o.availableAt, 'now') })
    .where(and(ready, eq(o.lane, given(o.lane, 'lane')), gt(sql`+${o.availableAt}`, given(o.availableAt, 'now')), like(o.lastError, sql.placeholder('pattern'))))
    .returning({ id: o.id })
    .prepare('outbox_hasten');
  const cancelled = db
    .delete(o)
    .where(and(ready, eq(o.lane, given(o.lane, 'lane')), eq(o.kind, given(o.kind, 'kind'))))
    .returning({ id: o.id })
    .prepare('outbox_cancel');
  const buried = db.select().from(o).where(eq(o.state, 'dead')).orderBy(desc(o.availableAt), desc(o.position)).limit(sql.placeholder('limit')).prepare('outbox_dead');
  const raise = db
    .update(o)
    .set({ state: 'ready', attempts: 0, lastError: null, availableAt: setTo(o.availableAt, 'now') })
    .where(and(byId, eq(o.state, 'dead')))
    .returning({ id: o.id })
    .prepare('outbox_revive');
  const depths = db
    .select({ lanes: sql<number>`count(*)`.mapWith(Number), deepest: sql<number>`coalesce(max(depth), 0)`.mapWith(Number) })
    .from(db.select({ depth: sql<number>`count(*)`.as('depth') }).from(o).where(and(ready, isDue)).groupBy(o.lane).as('lane_depths'))
    .prepare('outbox_depths');
  const newest = db.select({ at: max(o.createdAt) }).from(o).where(ready).prepare('outbox_newest');
  const amounts = db.select({ state: o.state, amount: count() }).from(o).groupBy(o.state).prepare('outbox_amounts');

  return {
    async add(drafts) {
      // Positions must grow in the order of commits within a lane, or a later row is carried before an earlier one.
      for (const lane of [...new Set(drafts.map((draft) => draft.lane))].toSorted()) await session.lockName(`outbox ${lane}`);
      const rows: OutboxRow[] = [];
      for (const draft of drafts) {
        const placed = first(await insert.execute({ ...draft }));
        if (placed === null) throw new AppError('store.constraint', 'an outbox row was not stored', { status: 409 });
        const { id, lane, kind, payload, availableAt, blocking, now } = draft;
        rows.push({ id, lane, kind, payload, availableAt, blocking, position: placed.position, attempts: 0, state: 'ready', lastError: null, createdAt: now });
      }
      return rows;
    },
    async put(draft) {
      await upsert.execute({ ...draft });
    },
    async dueLanes(now, limit) {
      return (await heads.execute({ now, limit })).map((row) => row.lane);
    },
    async due(lane, now, limit) {
      return dueOfLane.execute({ lane, now, limit });
    },
    async nextDueAt(now) {
      return first(await nextDue.execute({ now }))?.at ?? null;
    },
    async complete(id) {
      return (await remove.execute({ id })).length > 0;
    },
    async completeUnder(id, lane, fence) {
      // Held until the commit: nobody can take the lane over between this look and our effect.
      await session.lockRow(l.lane, lane);
      return (await removeOurs.execute({ id, lane, fence })).length > 0;
    },
    async pending(id) {
      return (await present.execute({ id })).length > 0;
    },
    async get(id) {
      return first(await whole.execute({ id }));
    },
    async reschedule(id, change) {
      await postpone.execute({ id, ...change });
    },
    async bury(id, error, now) {
      await kill.execute({ id, error, now });
    },
    async hasten(lane, mark, now) {
      return (await hastened.execute({ lane, pattern: `%${mark}`, now })).map((row) => row.id);
    },
    async newestAt() {
      return first(await newest.execute())?.at ?? null;
    },
    async cancel(lane, kind) {
      return (await cancelled.execute({ lane, kind })).length;
    },
    async dead(limit) {
      return buried.execute({ limit });
    },
    async revive(id, now) {
      return (await raise.execute({ id, now })).length > 0;
    },
    async counts(now) {
      const counts = { ready: 0, dead: 0 };
      for (const row of await amounts.execute()) counts[row.state] = row.amount;
      const oldest = first(await oldestDue.execute({ now }))?.at ?? null;
      const { lanes, deepest } = first(await depths.execute({ now })) ?? { lanes: 0, deepest: 0 };
      return { ...counts, oldestDueAgeMs: oldest === null ? 0 : now - oldest, dueLanes: lanes, deepestLane: deepest };
    },
  };
}
