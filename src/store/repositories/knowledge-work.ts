import { and, asc, count, desc, eq, inArray, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { KnowledgeMemoRepository, KnowledgeTaskRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given, orderedUpToLimit, placeholders, setTo } from './statements.ts';

/** What the editors have to do. */
export function createKnowledgeTaskRepository(session: Session): KnowledgeTaskRepository {
  const { db, tables: { knowledgeTasks: t } } = session;
  const { id, key, kind, entryId, owner, text, conversationId, createdBy, createdAt, dueOn, state, closedBy, closedAt, outcome } = t;
  const insert = db
    .insert(t)
    .values({ ...placeholders({ id, key, kind, entryId, owner, text, conversationId, createdBy, createdAt, dueOn }), state: 'open' })
    .onConflictDoNothing({ target: t.key })
    .returning({ id: t.id })
    .prepare('knowledge_tasks_insert');
  const byId = db.select().from(t).where(eq(t.id, given(t.id, 'id'))).prepare('knowledge_tasks_by_id');
  const ofKey = db.select().from(t).where(eq(t.key, given(t.key, 'key'))).prepare('knowledge_tasks_by_key');
  const finish = db
    .update(t)
    .set({ state: setTo(state, 'state'), closedBy: setTo(closedBy, 'by'), closedAt: setTo(closedAt, 'now'), outcome: setTo(outcome, 'outcome') })
    .where(and(eq(t.id, given(t.id, 'id')), eq(t.state, 'open')))
    .returning({ id: t.id })
    .prepare('knowledge_tasks_close');
  const amount = db.select({ amount: count() }).from(t).where(eq(t.state, 'open')).prepare('knowledge_tasks_open_count');

  return {
    async add(task) {
      return (await insert.execute({ ...task })).length > 0;
    },
    async get(wanted) {
      return first(await byId.execute({ id: wanted }));
    },
    async byKey(wanted) {
      return first(await ofKey.execute({ key: wanted }));
    },
    async list({ state: wantedState, kinds, entryId: wantedEntry, owner: wantedOwner, limit }) {
      if (kinds?.length === 0) return [];
      const narrow: (SQL | undefined)[] = [];
      if (wantedState !== undefined) narrow.push(eq(state, wantedState));
      if (kinds !== undefined) narrow.push(inArray(kind, [...kinds]));
      if (wantedEntry !== undefined) narrow.push(eq(entryId, wantedEntry));
      if (wantedOwner !== undefined) narrow.push(or(eq(owner, wantedOwner), isNull(owner)));
      // Databases differ in where they put nulls.
      return db.select().from(t).where(and(...narrow)).orderBy(sql`case when ${dueOn} is null then 1 else 0 end`, asc(dueOn), asc(createdAt), asc(id)).limit(limit);
    },
    async close(wanted, { state: end, by, outcome: result, now }) {
      return (await finish.execute({ id: wanted, state: end, by, outcome: result, now })).length > 0;
    },
    async openCount() {
      return first(await amount.execute())?.amount ?? 0;
    },
  };
}

/** What a seat looked at and what it pinned. */
export function createKnowledgeMemoRepository(session: Session): KnowledgeMemoRepository {
  const { db, tables: { knowledgeMemos: m } } = session;
  const ofBoth = and(eq(m.seatId, given(m.seatId, 'seatId')), eq(m.entryId, given(m.entryId, 'entryId')));
  const ofSeat = eq(m.seatId, given(m.seatId, 'seatId'));
  const open = db
    .insert(m)
    .values({ seatId: sql.placeholder('seatId'), entryId: sql.placeholder('entryId'), openedAt: sql.placeholder('now') })
    .onConflictDoUpdate({ target: [m.seatId, m.entryId], set: { openedAt: sql`excluded.opened_at` } })
    .prepare('knowledge_memos_open');
  // Pinning again leaves its place in the list.
  const pin = db
    .insert(m)
    .values({ seatId: sql.placeholder('seatId'), entryId: sql.placeholder('entryId'), pinnedAt: sql.placeholder('now') })
    .onConflictDoUpdate({ target: [m.seatId, m.entryId], set: { pinnedAt: sql`coalesce(${m.pinnedAt}, excluded.pinned_at)` } })
    .prepare('knowledge_memos_pin');
  const unpin = db.update(m).set({ pinnedAt: null }).where(ofBoth).prepare('knowledge_memos_unpin');
  const newest = db.select({ entryId: m.entryId }).from(m).where(and(ofSeat, isNotNull(m.openedAt))).orderBy(orderedUpToLimit(desc(m.openedAt), asc(m.entryId))).prepare('knowledge_memos_recent');
  const pins = db.select({ entryId: m.entryId }).from(m).where(and(ofSeat, isNotNull(m.pinnedAt))).orderBy(asc(m.pinnedAt), asc(m.entryId)).prepare('knowledge_memos_pinned');

  return {
    async opened(seatId, entryId, now) {
      await open.execute({ seatId, entryId, now });
    },
    async recent(seatId, limit) {
      return (await newest.execute({ seatId, limit })).map((row) => row.entryId);
    },
    async pin(seatId, entryId, now) {
      await pin.execute({ seatId, entryId, now });
    },
    async unpin(seatId, entryId) {
      await unpin.execute({ seatId, entryId });
    },
    async pinned(seatId) {
      return (await pins.execute({ seatId })).map((row) => row.entryId);
    },
  };
}
