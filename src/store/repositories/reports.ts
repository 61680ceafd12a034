import { and, asc, desc, eq, gte, inArray, isNotNull, lt, lte, max, min, or, count, sql } from 'drizzle-orm';
import type { ReportRepository, ReportTicketRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first } from './statements.ts';

/** Reports: what is asked for, what is made of it, and the tickets that they are made from. */

const IDS_AT_ONCE = 500;

export function createReportRepository(session: Session): ReportRepository {
  const { db, tables: { reports: r } } = session;
  const shown = {
    id: r.id, kind: r.kind, period: r.period, scopeKind: r.scopeKind, scopeId: r.scopeId, title: r.title, version: r.version, state: r.state, progress: r.progress, madeBy: r.madeBy, roles: r.roles,
    askedAt: r.askedAt, madeAt: r.madeAt, until: r.until, failure: r.failure, attempts: r.attempts, bytes: r.bytes,
  };
  const isHeld = (id: string, holder: string) => and(eq(r.id, id), eq(r.state, 'making'), eq(r.holder, holder));

  return {
    async ask({ onceKey, ...given }) {
      await session.lockName('reports');
      if (onceKey !== null && first(await db.select({ id: r.id }).from(r).where(and(isNotNull(r.onceKey), eq(r.onceKey, onceKey))).limit(1)) !== null) return null;
      const last = first(await db.select({ version: max(r.version) }).from(r).where(and(eq(r.kind, given.kind), eq(r.period, given.period), eq(r.scopeKind, given.scopeKind), eq(r.scopeId, given.scopeId))))?.version ?? 0;
      const [row = null] = await db
        .insert(r)
        .values({ ...given, onceKey, version: last + 1, state: 'asked', progress: 0, madeAt: null, until: null, failure: null, attempts: 0, bytes: 0, document: null, holder: null, leaseUntil: null })
        .returning(shown);
      return row;
    },
    async get(id) {
      return first(await db.select(shown).from(r).where(eq(r.id, id)));
    },
    async document(id) {
      return first(await db.select({ document: r.document }).from(r).where(eq(r.id, id)))?.document ?? null;
    },
    async list({ kind, limit, before }) {
      const past = before === undefined ? undefined : and(lte(r.askedAt, before.askedAt), or(lt(r.askedAt, before.askedAt), lt(r.id, before.id)));
      return db.select(shown).from(r).where(and(kind === undefined ? undefined : eq(r.kind, kind), past)).orderBy(desc(r.askedAt), desc(r.id)).limit(limit);
    },
    async claim({ holder, now, leaseMs }) {
      const isFree = or(eq(r.state, 'asked'), and(eq(r.state, 'making'), lt(r.leaseUntil, now)));
      const next = first(await db.select({ id: r.id }).from(r).where(and(sql`${r.state} in ('asked', 'making')`, isFree)).orderBy(asc(r.askedAt), asc(r.id)).limit(1));
      if (next === null) return null;
      // Asked once more where it is written: another node may have been faster.
      const [row = null] = await db
        .update(r)
        .set({ state: 'making', holder, leaseUntil: now + leaseMs, progress: 0, attempts: sql`${r.attempts} + 1` })
        .where(and(eq(r.id, next.id), isFree))
        .returning(shown);
      return row;
    },
    async renew(id, { holder, leaseUntil, progress }) {
      return (await db.update(r).set({ leaseUntil, progress }).where(isHeld(id, holder)).returning({ id: r.id })).length > 0;
    },
    async finish(id, { holder, document, bytes, title, madeAt, until }) {
      const done = await db.update(r).set({ state: 'ready', progress: 100, document, bytes, title, madeAt, until, failure: null, holder: null, leaseUntil: null }).where(isHeld(id, holder)).returning({ id: r.id });
      return done.length > 0;
    },
    async giveUp(id, { holder, failure, again }) {
      return (await db.update(r).set({ state: again ? 'asked' : 'failed', failure, holder: null, leaseUntil: null }).where(isHeld(id, holder)).returning({ id: r.id })).length > 0;
    },
  };
}

export function createReportTicketRepository(session: Session): ReportTicketRepository {
  const { db, tables: { tickets: t, ticketClocks: c } } = session;
  const read = {
    id: t.id, number: t.number, kind: t.kind, state: t.state, title: t.title, content: t.content, itemCode: t.itemCode, townId: t.townId, place: t.place, departmentId: t.departmentId, channel: t.channel,
    confidential: t.confidential, createdAt: t.createdAt, dispatchedAt: t.dispatchedAt, signedAt: t.signedAt, finishedAt: t.finishedAt, archivedAt: t.archivedAt, overdueAt: t.overdueAt, returns: t.returns,
    redirects: t.redirects, redos: t.redos, vetoes: t.vetoes, visit: t.visit, closure: t.closure, leadingId: t.leadingId,
  };
  return {
    async page({ from, to, itemCode, townId, after, limit }) {
      return db
        .select(read)
        .from(t)
        .where(
          and(
            itemCode === undefined ? undefined : eq(t.itemCode, itemCode),
            townId === undefined ? undefined : eq(t.townId, townId),
            // A range and an exception, not an `or`: the range is what an index is walked by.
            gte(t.createdAt, after?.createdAt ?? from),
            lt(t.createdAt, to),
            after === null ? undefined : sql`not (${t.createdAt} = ${after.createdAt} and ${t.id} <= ${after.id})`,
          ),
        )
        .orderBy(asc(t.createdAt), asc(t.id))
        .limit(limit);
    },
    async getMany(ids) {
      const found: Awaited<ReturnType<ReportTicketRepository['getMany']>>[number][] = [];
      for (let start = 0; start < ids.length; start += IDS_AT_ONCE) found.push(...(await db.select(read).from(t).where(inArray(t.id, ids.slice(start, start + IDS_AT_ONCE)))));
      return found.sort((left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1));
    },
    async count({ from, to }) {
      return first(await db.select({ amount: count() }).from(t).where(and(gte(t.createdAt, from), lt(t.createdAt, to))))?.amount ?? 0;
    },
    async firstAt() {
      return first(await db.select({ at: min(t.createdAt) }).from(t))?.at ?? null;
    },
    async signOffs(ids) {
      const found: { readonly ticketId: string; readonly ended: boolean; readonly late: boolean }[] = [];
      for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
        const rows = await db
          .select({ ticketId: c.ticketId, endedAt: c.endedAt, overdueAt: c.overdueAt, dueAt: c.dueAt })
          .from(c)
          .where(and(inArray(c.ticketId, ids.slice(start, start + IDS_AT_ONCE)), eq(c.stage, 'sign'), eq(c.run, 1)));
        for (const { ticketId, endedAt, overdueAt, dueAt } of rows) found.push({ ticketId, ended: endedAt !== null, late: overdueAt !== null || (endedAt !== null && dueAt !== null && endedAt > dueAt) });
      }
      return found;
    },
  };
}
