import { and, asc, desc, eq, gte, isNotNull, lte, ne, type SQL, sql } from 'drizzle-orm';
import type { TicketClockRepository, TicketFileRepository, TicketRequest, TicketRequestRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given, orderedUpToLimit, placeholders } from './statements.ts';

/** The clocks that run. Due work is read by the index on `next_at`, never by looking through tickets. */
export function createTicketClockRepository(session: Session): TicketClockRepository {
  const { db, tables: { ticketClocks: c } } = session;
  const fields = { ticketId: c.ticketId, stage: c.stage, run: c.run, rule: c.rule, startedAt: c.startedAt, dueAt: c.dueAt, endedAt: c.endedAt, warned: c.warned, overdueAt: c.overdueAt, rung: c.rung, nextAt: c.nextAt };
  const put = db
    .insert(c)
    .values(placeholders(fields))
    .onConflictDoUpdate({
      target: [c.ticketId, c.stage, c.run],
      set: { rule: sql`excluded.rule`, startedAt: sql`excluded.started_at`, dueAt: sql`excluded.due_at`, endedAt: sql`excluded.ended_at`, warned: sql`excluded.warned`, overdueAt: sql`excluded.overdue_at`, rung: sql`excluded.rung`, nextAt: sql`excluded.next_at` },
    })
    .prepare('ticket_clocks_put');
  const ofTicket = db.select(fields).from(c).where(eq(c.ticketId, given(c.ticketId, 'ticketId'))).orderBy(c.startedAt, c.stage, c.run).prepare('ticket_clocks_of_ticket');
  const dueNow = db.select(fields).from(c).where(and(isNotNull(c.nextAt), lte(c.nextAt, given(c.nextAt, 'now')))).orderBy(orderedUpToLimit(asc(c.nextAt))).prepare('ticket_clocks_due');
  const soonest = db.select({ nextAt: c.nextAt }).from(c).where(isNotNull(c.nextAt)).orderBy(orderedUpToLimit(asc(c.nextAt))).prepare('ticket_clocks_next');
  return {
    async put(clocks) {
      for (const clock of clocks) await put.execute({ ...clock });
    },
    async of(ticketId) {
      return ofTicket.execute({ ticketId });
    },
    async due(now, limit) {
      return dueNow.execute({ now, limit });
    },
    async nextAt() {
      return first(await soonest.execute({ limit: 1 }))?.nextAt ?? null;
    },
    async postpone({ ticketId, stage, run, nextAt: seen }, nextAt) {
      if (seen !== null) await db.update(c).set({ nextAt }).where(and(eq(c.ticketId, ticketId), eq(c.stage, stage), eq(c.run, run), eq(c.nextAt, seen)));
    },
  };
}

/** Returns, extensions and holds that departments asked for. */
export function createTicketRequestRepository(session: Session): TicketRequestRepository {
  const { db, tables: { ticketRequests: r } } = session;
  const times = (state: 'upheld' | 'refused'): SQL<number> => sql<number>`coalesce(sum(case when ${r.state} = ${state} then 1 else 0 end), 0)`.mapWith(Number);
  /** Judged ones of the same kind, item and department; what is not known narrows nothing. */
  const alike = ({ kind, itemCode, departmentId }: { readonly kind: TicketRequest['kind']; readonly itemCode: string | null; readonly departmentId: string | null }): (SQL | undefined)[] => [
    eq(r.kind, kind), isNotNull(r.judgedAt), ne(r.state, 'withdrawn'), itemCode === null ? undefined : eq(r.itemCode, itemCode), departmentId === null ? undefined : eq(r.departmentId, departmentId),
  ];
  return {
    async insert(request) {
      await db.insert(r).values(request);
    },
    async get(id) {
      return first(await db.select().from(r).where(eq(r.id, id)));
    },
    async pendingOf(ticketId) {
      return first(await db.select().from(r).where(and(eq(r.ticketId, ticketId), eq(r.state, 'asked'))));
    },
    async of(ticketId) {
      return db.select().from(r).where(eq(r.ticketId, ticketId)).orderBy(r.askedAt, r.id);
    },
    async judge(id, change) {
      await db.update(r).set(change).where(eq(r.id, id));
    },
    async waiting({ kind, limit }) {
      return db.select().from(r).where(and(eq(r.state, 'asked'), kind === undefined ? undefined : eq(r.kind, kind))).orderBy(sql`${r.judgeBy} is null`, r.judgeBy, r.askedAt).limit(limit);
    },
    async precedents({ limit, ...same }) {
      return db.select().from(r).where(and(...alike(same))).orderBy(desc(r.judgedAt), desc(r.id)).limit(limit);
    },
    async precedentCounts(same) {
      const row = first(await db.select({ upheld: times('upheld'), refused: times('refused') }).from(r).where(and(...alike(same))));
      return row ?? { upheld: 0, refused: 0 };
    },
    async counts(since) {
      return db.select({ departmentId: r.departmentId, kind: r.kind, asked: sql<number>`count(*)`.mapWith(Number), upheld: times('upheld'), refused: times('refused') }).from(r).where(gte(r.askedAt, since)).groupBy(r.departmentId, r.kind);
    },
  };
}

/** What belongs to which ticket; the bytes are media rows. */
export function createTicketFileRepository(session: Session): TicketFileRepository {
  const { db, tables: { ticketFiles: f } } = session;
  return {
    async insert(file) {
      await db.insert(f).values(file);
    },
    async of(ticketId) {
      return db.select().from(f).where(eq(f.ticketId, ticketId)).orderBy(f.at, f.id);
    },
  };
}
