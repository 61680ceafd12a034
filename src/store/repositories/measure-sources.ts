import { and, asc, count, desc, eq, gt, gte, inArray, isNotNull, isNull, lt, lte, max, or, sql } from 'drizzle-orm';
import { HOUR } from '../../domain/clock.ts';
import { OPEN_STATES, type TicketEvent } from '../../domain/ticket.ts';
import type { MeasureSourceRepository, TicketHistory } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given } from './statements.ts';

const IDS_AT_ONCE = 500;

/**
 * What is counted, read in stretches. Messages are grouped where they lie, so that ten thousand of them come as a dozen rows. That an activity
 * is a message, and that it names a source, is read from its text: a quotation within JSON is escaped, so no citizen can write it.
 */
export function createMeasureSourceRepository(session: Session): MeasureSourceRepository {
  const { db, dialect, tables: { activities: a, tickets: t, ticketEvents: e, ticketClocks: c, gaps: g, servicePeriods: p } } = session;
  const stretch = and(gt(a.id, given(a.id, 'after')), lte(a.id, given(a.id, 'until')));
  const lastOf = db.select({ id: max(a.id) }).from(a).where(stretch).prepare('measure_activities_last');
  const isMessage = sql.raw(`content like '%"type":"message"%'`);
  const namesSource = sql.raw(`case when activities.role = 'bot' and content like '%"source":{"%' then 1 else 0 end`);
  // The columns are spelt out: of a single table drizzle leaves its name away, and the inner table has the same ones.
  const earlier = sql.raw(`(select p.at from activities p where p.conversation_id = activities.conversation_id and p.seq < activities.seq and p.role = 'citizen' and p.content like '%"type":"message"%' order by p.seq desc limit 1)`);
  const begins = sql`case when ${sql.raw('activities.role')} = 'citizen' and coalesce(${sql.raw('activities.at')} - ${earlier} > ${given(a.at, 'gapMs')}, true) then 1 else 0 end`;
  const asked = sql.raw(`(select m.at from activities m where m.id = activities.reply_to_id)`);
  const hour = sql<number>`${sql.raw('activities.at')} / ${sql.raw(String(HOUR))}`.mapWith(Number);
  const grouped = db
    .select({
      hour,
      channel: a.channel,
      role: a.role,
      amount: count(),
      begun: sql<number>`sum(${begins})`.mapWith(Number),
      answered: sql<number>`sum(${namesSource})`.mapWith(Number),
      answeredMs: sql<number>`sum(case when ${namesSource} = 1 then coalesce(${sql.raw('activities.at')} - ${asked}, 0) else 0 end)`.mapWith(Number),
    })
    .from(a)
    .where(and(stretch, isMessage))
    .groupBy(hour, a.channel, a.role)
    .prepare('measure_activities_grouped');

  return {
    async writingFor() {
      if (dialect === 'sqlite') return 0;
      const ms = sql<number>`coalesce(max(extract(epoch from clock_timestamp() - xact_start)) * 1000, 0)`.mapWith(Number);
      // Of this database and this role: what others do is not shown to us. A backup reads and is never waited for.
      const writes = sql`datname = current_database() and pid <> pg_backend_pid() and xact_start is not null and (backend_xid is not null or state like 'idle in transaction%')`;
      return Math.max(0, Math.ceil(first(await db.select({ ms }).from(sql`pg_stat_activity`).where(writes))?.ms ?? 0));
    },
    async messagePage(after, until, limit) {
      const nth = first(await db.select({ id: a.id }).from(a).where(and(gt(a.id, after), lte(a.id, until))).orderBy(asc(a.id)).limit(1).offset(limit - 1));
      return nth?.id ?? first(await lastOf.execute({ after, until }))?.id ?? null;
    },
    async messages({ after, last, gapMs }) {
      const rows = await grouped.execute({ after, until: last, gapMs });
      return rows.map((row) => ({ ...row, hour: row.hour * HOUR, answeredMs: Math.max(0, row.answeredMs) }));
    },
    async ticketPage(after, until, limit) {
      const rows = await db.select({ at: e.at, ticketId: e.ticketId }).from(e).where(and(gt(e.at, after), lte(e.at, until))).orderBy(asc(e.at)).limit(limit);
      const last = rows.at(-1);
      if (last === undefined) return null;
      if (rows.length < limit) return { upTo: until, ticketIds: [...new Set(rows.map(({ ticketId }) => ticketId))] };
      // Whoever goes on from the last one's time must have seen all of that moment.
      const same = await db.select({ ticketId: e.ticketId }).from(e).where(eq(e.at, last.at));
      return { upTo: last.at, ticketIds: [...new Set([...rows, ...same].map(({ ticketId }) => ticketId))] };
    },
    async histories(ticketIds) {
      const found: TicketHistory[] = [];
      for (let start = 0; start < ticketIds.length; start += IDS_AT_ONCE) {
        const ids = ticketIds.slice(start, start + IDS_AT_ONCE);
        const tickets = await db.select({ id: t.id, kind: t.kind, channel: t.channel, townId: t.townId, itemCode: t.itemCode, enterpriseId: t.enterpriseId }).from(t).where(inArray(t.id, ids));
        const events = byTicket(await db.select().from(e).where(inArray(e.ticketId, ids)).orderBy(asc(e.ticketId), asc(e.seq)));
        const clocks = byTicket(await db.select({ ticketId: c.ticketId, stage: c.stage, run: c.run, dueAt: c.dueAt, endedAt: c.endedAt }).from(c).where(and(inArray(c.ticketId, ids), inArray(c.stage, ['sign', 'handle']))));
        for (const { enterpriseId, ...ticket } of tickets) {
          const own: readonly TicketEvent[] = events.get(ticket.id) ?? [];
          found.push({ ticket: { ...ticket, enterprise: enterpriseId !== null }, events: own, clocks: clocks.get(ticket.id) ?? [] });
        }
      }
      return found;
    },
    async gaps(from, to) {
      const inHour = sql<number>`${g.at} / ${sql.raw(String(HOUR))}`.mapWith(Number);
      const rows = await db.select({ hour: inHour, kind: g.kind, amount: count() }).from(g).where(and(gte(g.at, from), lt(g.at, to))).groupBy(inHour, g.kind);
      return rows.map((row) => ({ ...row, hour: row.hour * HOUR }));
    },
    async services({ from, to, after, limit }) {
      const { changedAt: _unseen, ...columns } = {
        id: p.id, conversationId: p.conversationId, channel: p.channel, groupId: p.groupId, enterprise: p.enterprise, emergency: p.emergency, askedAt: p.askedAt,
        offeredAt: p.offeredAt, seatId: p.seatId, acceptedAt: p.acceptedAt, firstReplyAt: p.firstReplyAt, endedAt: p.endedAt, outcome: p.outcome, changedAt: p.changedAt,
      };
      const begin = after === null ? gte(p.askedAt, from) : and(gte(p.askedAt, after.askedAt), or(gt(p.askedAt, after.askedAt), gt(p.id, after.id)));
      return db.select(columns).from(p).where(and(begin, lt(p.askedAt, to))).orderBy(asc(p.askedAt), asc(p.id)).limit(limit);
    },
    async openTickets() {
      const states = await db.select({ state: t.state, amount: count() }).from(t).where(inArray(t.state, [...OPEN_STATES])).groupBy(t.state);
      const late = first(await db.select({ amount: count() }).from(t).where(and(isNull(t.archivedAt), isNotNull(t.overdueAt))));
      return { byState: Object.fromEntries(states.map(({ state, amount }) => [state, amount])), overdue: late?.amount ?? 0 };
    },
    async askedBefore({ conversationId, askedAt, id }) {
      const before = and(eq(p.conversationId, conversationId), lte(p.askedAt, askedAt), or(lt(p.askedAt, askedAt), lt(p.id, id)));
      return first(await db.select({ askedAt: p.askedAt }).from(p).where(before).orderBy(desc(p.askedAt), desc(p.id)).limit(1))?.askedAt ?? null;
    },
  };
}

function byTicket<Row extends { readonly ticketId: string }>(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.ticketId);
    if (group === undefined) groups.set(row.ticketId, [row]);
    else group.push(row);
  }
  return groups;
}
