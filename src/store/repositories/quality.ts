import { and, asc, count, desc, eq, exists, gt, gte, lt, lte, ne, or, type SQL, sql, sum } from 'drizzle-orm';
import { AppError } from '../../domain/errors.ts';
import type { InspectionState, QualityRepository } from '../contract-quality.ts';
import type { Session } from '../session.ts';
import { first } from './statements.ts';

const FINDINGS_AT_ONCE = 50;

/** Inspections, their findings, and the rules that they were made by. */
export function createQualityRepository(session: Session): QualityRepository {
  const { db, tables: { inspections: i, inspectionFindings: f, qualityRules: r, ticketEvents: e, tickets: t } } = session;
  const amountWhere = (condition: SQL) => sql<number>`sum(case when ${condition} then 1 else 0 end)`.mapWith(Number);

  return {
    async add(inspection, findings) {
      const made = await db.insert(i).values(inspection).onConflictDoNothing({ target: i.key }).returning({ id: i.id });
      if (made.length === 0) return false;
      for (let start = 0; start < findings.length; start += FINDINGS_AT_ONCE) await db.insert(f).values(findings.slice(start, start + FINDINGS_AT_ONCE));
      return true;
    },
    async get(id) {
      return first(await db.select().from(i).where(eq(i.id, id)));
    },
    async findings(inspectionId) {
      return db.select().from(f).where(eq(f.inspectionId, inspectionId)).orderBy(asc(f.number));
    },
    async list({ state, seatId, groupId, channel, rule, atMost, conversationId, from, to, before, limit }) {
      const narrow: (SQL | undefined)[] = [
        state === undefined ? undefined : eq(i.state, state),
        seatId === undefined ? undefined : eq(i.seatId, seatId),
        groupId === undefined ? undefined : eq(i.groupId, groupId),
        channel === undefined ? undefined : eq(i.channel, channel),
        conversationId === undefined ? undefined : eq(i.conversationId, conversationId),
        atMost === undefined ? undefined : lte(i.score, atMost),
        from === undefined ? undefined : gte(i.endedAt, from),
        to === undefined ? undefined : lt(i.endedAt, to),
        before === undefined ? undefined : and(lte(i.endedAt, before.endedAt), or(lt(i.endedAt, before.endedAt), lt(i.id, before.id))),
        rule === undefined ? undefined : exists(db.select({ one: f.number }).from(f).where(and(eq(f.inspectionId, i.id), eq(f.rule, rule), ne(f.verdict, 'dropped')))),
      ];
      return db.select().from(i).where(and(...narrow)).orderBy(desc(i.endedAt), desc(i.id)).limit(limit);
    },
    async update(id, version, change) {
      const [row] = await db.update(i).set({ ...change, version: version + 1 }).where(and(eq(i.id, id), eq(i.version, version))).returning();
      if (row === undefined) throw session.doom(new AppError('quality.conflict', 'the inspection has changed since', { status: 409, retry: 'conflict', citizenText: '这条质检刚被别人处理过，请刷新后再试。' }));
      return row;
    },
    async judgeFinding(inspectionId, number, verdict) {
      await db.update(f).set({ verdict }).where(and(eq(f.inspectionId, inspectionId), eq(f.number, number)));
    },
    async addFinding(finding) {
      await db.insert(f).values(finding);
    },
    async appealsOver(now, limit) {
      return db.select().from(i).where(and(eq(i.state, 'told'), lte(i.appealBy, now))).orderBy(asc(i.appealBy), asc(i.id)).limit(limit);
    },
    async counts({ seatId }) {
      const rows = await db.select({ state: i.state, amount: count() }).from(i).where(seatId === undefined ? undefined : eq(i.seatId, seatId)).groupBy(i.state);
      const counts: Record<InspectionState, number> = { automatic: 0, sampled: 0, told: 0, appealed: 0, final: 0 };
      for (const { state, amount } of rows) counts[state] = amount;
      return counts;
    },
    async scores({ from, to, seatId }) {
      return db
        .select({
          seatId: i.seatId, groupId: i.groupId, inspections: count(), points: sum(i.score).mapWith(Number), fatal: amountWhere(sql`${i.fatal}`), looked: amountWhere(sql`${i.judgedAt} is not null`),
          appealed: amountWhere(sql`${i.appealedAt} is not null`), changed: amountWhere(sql`${i.score} <> ${i.automaticScore}`),
        })
        .from(i)
        .where(and(gte(i.endedAt, from), lt(i.endedAt, to), seatId === undefined ? undefined : eq(i.seatId, seatId)))
        .groupBy(i.seatId, i.groupId)
        .orderBy(asc(i.seatId), asc(i.groupId));
    },
    async findingCounts({ from, to, seatId }) {
      return db
        .select({ rule: f.rule, seatId: f.seatId, findings: amountWhere(sql`${f.verdict} <> 'dropped'`), dropped: amountWhere(sql`${f.verdict} = 'dropped'`), judged: amountWhere(sql`${f.verdict} in ('confirmed', 'dropped')`) })
        .from(f)
        .where(and(gte(f.at, from), lt(f.at, to), seatId === undefined ? undefined : eq(f.seatId, seatId)))
        .groupBy(f.rule, f.seatId)
        .orderBy(asc(f.rule), asc(f.seatId));
    },
    async vetoedAfter(at, limit) {
      return db
        .select({ conversationId: t.conversationId, at: e.at })
        .from(e)
        .innerJoin(t, eq(t.id, e.ticketId))
        .where(and(gt(e.at, at), eq(e.type, 'ticket.vetoed')))
        .orderBy(asc(e.at), asc(e.ticketId))
        .limit(limit);
    },
    async keepRules(version, body, now) {
      await db.insert(r).values({ version, body, since: now }).onConflictDoNothing({ target: r.version });
    },
    async rulesVersions(limit) {
      return db.select({ version: r.version, since: r.since }).from(r).orderBy(desc(r.since), desc(r.version)).limit(limit);
    },
    async rulesOf(version) {
      return first(await db.select({ body: r.body }).from(r).where(eq(r.version, version)))?.body ?? null;
    },
  };
}
