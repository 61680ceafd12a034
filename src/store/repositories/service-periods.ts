import { and, asc, desc, eq, gt, gte, isNotNull, isNull, lt, type SQL } from 'drizzle-orm';
import type { ServicePeriod, ServicePeriodRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given } from './statements.ts';

/** What happened when persons were asked for; measures and reports read nothing else for it. */
export function createServicePeriodRepository(session: Session): ServicePeriodRepository {
  const { db, tables: { servicePeriods: p } } = session;
  const { changedAt, ...columns } = {
    id: p.id, conversationId: p.conversationId, channel: p.channel, groupId: p.groupId, enterprise: p.enterprise, emergency: p.emergency, askedAt: p.askedAt,
    offeredAt: p.offeredAt, seatId: p.seatId, acceptedAt: p.acceptedAt, firstReplyAt: p.firstReplyAt, endedAt: p.endedAt, outcome: p.outcome, changedAt: p.changedAt,
  };
  const open = db.select(columns).from(p).where(and(eq(p.conversationId, given(p.conversationId, 'conversationId')), isNull(p.endedAt))).orderBy(desc(p.askedAt)).limit(1).prepare('service_periods_current');

  return {
    async begin(period: ServicePeriod) {
      await db.insert(p).values({ ...period, changedAt: period.acceptedAt ?? period.askedAt });
    },
    async current(conversationId) {
      return first(await open.execute({ conversationId }));
    },
    async update(id, change, at) {
      await db.update(p).set({ ...change, changedAt: at }).where(eq(p.id, id));
    },
    async list({ conversationId, seatId, from, before, limit }) {
      const narrow: SQL[] = [];
      if (conversationId !== undefined) narrow.push(eq(p.conversationId, conversationId));
      if (seatId !== undefined) narrow.push(eq(p.seatId, seatId));
      if (from !== undefined) narrow.push(gte(p.askedAt, from));
      if (before !== undefined) narrow.push(lt(p.askedAt, before));
      return db.select(columns).from(p).where(and(...narrow)).orderBy(desc(p.askedAt), desc(p.id)).limit(limit);
    },
    async changedAfter(at, limit) {
      const rows = await db.select({ ...columns, changedAt }).from(p).where(gt(p.changedAt, at)).orderBy(asc(p.changedAt), asc(p.id)).limit(limit);
      const last = rows.at(-1);
      if (last === undefined || rows.length < limit) return rows;
      // Whoever goes on from the last one's time must have seen all of that moment.
      const same = await db.select({ ...columns, changedAt }).from(p).where(eq(p.changedAt, last.changedAt)).orderBy(asc(p.id));
      return [...rows.filter((row) => row.changedAt !== last.changedAt), ...same];
    },
    async waits(groupId, since, limit) {
      const rows = await db.select({ askedAt: p.askedAt, acceptedAt: p.acceptedAt }).from(p).where(and(eq(p.groupId, groupId), gte(p.acceptedAt, since), isNotNull(p.acceptedAt))).orderBy(desc(p.acceptedAt)).limit(limit);
      return rows.flatMap((row) => (row.acceptedAt === null ? [] : [Math.max(0, row.acceptedAt - row.askedAt)]));
    },
  };
}
