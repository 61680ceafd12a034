import { and, desc, eq, sql } from 'drizzle-orm';
import type { TicketNoticeRepository, TicketVisitRepository } from '../contract.ts';
import type { Recall } from '../recall.ts';
import type { Session } from '../session.ts';
import { first, given, placeholders } from './statements.ts';

/** What citizens were told of their tickets; one row an event and citizen. Those that wait are found by the citizen's tickets. */
export function createTicketNoticeRepository(session: Session, recall: Recall): TicketNoticeRepository {
  const { db, tables: { ticketNotices: n, tickets: t } } = session;
  const fields = { id: n.id, ticketId: n.ticketId, seq: n.seq, citizenId: n.citizenId, channels: n.channels, state: n.state, createdAt: n.createdAt, sentAt: n.sentAt };
  const add = db.insert(n).values(placeholders(fields)).onConflictDoNothing({ target: [n.ticketId, n.seq, n.citizenId] }).returning({ id: n.id }).prepare('ticket_notices_add');
  const waiting = db
    .select(fields)
    .from(t)
    .innerJoin(n, and(eq(n.ticketId, t.id), eq(n.citizenId, t.citizenId), eq(n.state, sql.raw(`'waiting'`))))
    .where(eq(t.citizenId, given(t.citizenId, 'citizenId')))
    .orderBy(n.createdAt, n.id)
    .prepare('ticket_notices_waiting');
  // Asked at every turn: two looks at small indexes, however many tickets the citizen has.
  const visit = db
    .select({ number: t.number })
    .from(t)
    .where(and(eq(t.citizenId, given(t.citizenId, 'citizenId')), eq(t.state, sql.raw(`'回访'`))))
    .orderBy(desc(t.createdAt))
    .limit(1);
  const waits = db
    .select({ one: sql`1` })
    .from(n)
    .innerJoin(t, and(eq(t.id, n.ticketId), eq(t.citizenId, n.citizenId)))
    .where(and(eq(n.citizenId, given(n.citizenId, 'citizenId')), eq(n.state, sql.raw(`'waiting'`))));
  const door = db
    .select({ visit: sql<string | null>`${visit}`, waiting: sql<number>`case when exists ${waits} then 1 else 0 end`.mapWith(Number) })
    .from(sql`(select 1) as one`)
    .prepare('ticket_notices_door');
  return {
    async insert(notice) {
      return (await add.execute({ ...notice })).length > 0;
    },
    async get(id) {
      return first(await db.select(fields).from(n).where(eq(n.id, id)));
    },
    async update(id, change) {
      await db.update(n).set(change).where(eq(n.id, id));
    },
    async of(ticketId) {
      return db.select(fields).from(n).where(eq(n.ticketId, ticketId)).orderBy(n.seq);
    },
    async waitingOf(citizenId) {
      return waiting.execute({ citizenId });
    },
    async atTheDoor(citizenId) {
      const facts = recall.facts();
      if (facts?.conversation.citizenId === citizenId && !facts.door) return { visit: null, waiting: false };
      const row = first(await door.execute({ citizenId }));
      return { visit: row?.visit ?? null, waiting: row?.waiting === 1 };
    },
  };
}

/** 回访: every attempt. */
export function createTicketVisitRepository(session: Session): TicketVisitRepository {
  const { db, tables: { ticketVisits: v } } = session;
  const fields = { ticketId: v.ticketId, attempt: v.attempt, channel: v.channel, askedAt: v.askedAt, answeredAt: v.answeredAt, process: v.process, solved: v.solved, outcome: v.outcome };
  return {
    async put(visit) {
      const { channel, askedAt, answeredAt, process, solved, outcome } = visit;
      await db.insert(v).values(visit).onConflictDoUpdate({ target: [v.ticketId, v.attempt], set: { channel, askedAt, answeredAt, process, solved, outcome } });
    },
    async of(ticketId) {
      return db.select(fields).from(v).where(eq(v.ticketId, ticketId)).orderBy(v.attempt);
    },
  };
}
