import { and, desc, eq, gte, isNull, lt, lte, or, sql } from 'drizzle-orm';
import type { SupervisionRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first } from './statements.ts';

/** 督办: what was raised for a ticket, by whom, and how it ended. Rows are ended, never changed otherwise and never taken away. */
export function createSupervisionRepository(session: Session): SupervisionRepository {
  const { db, tables: { supervisions: s } } = session;
  return {
    async insert(supervision) {
      await db.insert(s).values(supervision);
    },
    async get(id) {
      return first(await db.select().from(s).where(eq(s.id, id)));
    },
    async end(id, { endedAt, outcome }) {
      await db.update(s).set({ endedAt, outcome }).where(and(eq(s.id, id), isNull(s.endedAt)));
    },
    async of(ticketId) {
      return db.select().from(s).where(eq(s.ticketId, ticketId)).orderBy(s.createdAt, s.id);
    },
    async between(from, to, limit, before) {
      const past = before === undefined ? undefined : and(lte(s.createdAt, before.createdAt), or(lt(s.createdAt, before.createdAt), lt(s.id, before.id)));
      return db.select().from(s).where(and(gte(s.createdAt, from), lt(s.createdAt, to), past)).orderBy(desc(s.createdAt), desc(s.id)).limit(limit);
    },
    async open(limit) {
      return db.select().from(s).where(isNull(s.endedAt)).orderBy(sql`${s.dueAt} is null`, s.dueAt, s.id).limit(limit);
    },
  };
}
