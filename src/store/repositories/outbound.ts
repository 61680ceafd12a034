import { and, asc, count, eq, gt, gte, isNull, lt, notInArray, sql, sum } from 'drizzle-orm';
import type { ConsentRepository, ReachRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given, orderedUpToLimit, placeholders } from './statements.ts';

/** Attempts to reach citizens. A row is there before the peer is asked; its id is never used twice. */
export function createReachRepository(session: Session): ReachRepository {
  const { db, tables: { reachAttempts: r } } = session;
  const fields = {
    id: r.id, kind: r.kind, channel: r.channel, script: r.script, citizenId: r.citizenId, ticketId: r.ticketId, noticeIds: r.noticeIds, targetId: r.targetId, number: r.number,
    state: r.state, code: r.code, externalId: r.externalId, costFen: r.costFen, createdAt: r.createdAt, sentAt: r.sentAt, endedAt: r.endedAt, seconds: r.seconds,
  };
  const add = db.insert(r).values(placeholders(fields)).onConflictDoNothing({ target: r.id }).returning({ id: r.id }).prepare('outbound_attempts_add');
  const byId = db.select(fields).from(r).where(eq(r.id, given(r.id, 'id'))).prepare('outbound_attempts_by_id');
  const byPeer = db.select(fields).from(r).where(and(eq(r.channel, given(r.channel, 'channel')), eq(r.externalId, given(r.externalId, 'externalId')))).orderBy(orderedUpToLimit(asc(r.createdAt))).prepare('outbound_attempts_by_peer');
  return {
    async begin(attempt) {
      return (await add.execute({ ...attempt, noticeIds: [...attempt.noticeIds] })).length > 0;
    },
    async get(id) {
      return first(await byId.execute({ id }));
    },
    async claim(id) {
      await session.lockRow(r.id, id);
      return first(await byId.execute({ id }));
    },
    async byExternal(channel, externalId) {
      return first(await byPeer.execute({ channel, externalId, limit: 1 }));
    },
    async update(id, change) {
      if (Object.keys(change).length > 0) await db.update(r).set(change).where(eq(r.id, id));
    },
    async ofTicket(ticketId, limit) {
      return db.select(fields).from(r).where(eq(r.ticketId, ticketId)).orderBy(asc(r.createdAt), asc(r.id)).limit(limit);
    },
    async amountOf(citizenId, kind, since) {
      return first(await db.select({ amount: count() }).from(r).where(and(eq(r.citizenId, citizenId), eq(r.kind, kind), gte(r.createdAt, since), notInArray(r.state, ['failed', 'canceled']))))?.amount ?? 0;
    },
    async costSince(since) {
      return Number(first(await db.select({ fen: sum(r.costFen) }).from(r).where(gte(r.createdAt, since)))?.fen ?? 0);
    },
    async open(kind, begunBefore, limit, state) {
      return db.select(fields).from(r).where(and(isNull(r.endedAt), eq(r.kind, kind), lt(r.createdAt, begunBefore), state === undefined ? undefined : eq(r.state, state))).orderBy(asc(r.createdAt), asc(r.id)).limit(limit);
    },
  };
}

/** What citizens allow. */
export function createConsentRepository(session: Session): ConsentRepository {
  const { db, tables: { consents: c, consentChanges: h } } = session;
  return {
    async of(citizenId) {
      return db.select().from(c).where(eq(c.citizenId, citizenId)).orderBy(asc(c.channel), asc(c.template));
    },
    async put(consent) {
      const { state, left, at } = consent;
      await db.insert(c).values(consent).onConflictDoUpdate({ target: [c.citizenId, c.channel, c.template], set: { state, left, at } });
    },
    async spend(citizenId, channel, template) {
      const spent = await db
        .update(c)
        .set({ left: sql`${c.left} - 1` })
        .where(and(eq(c.citizenId, citizenId), eq(c.channel, channel), eq(c.template, template), eq(c.state, 'left'), gt(c.left, 0)))
        .returning({ left: c.left });
      return spent.length > 0;
    },
    async isNew(channel, externalId, at) {
      return (await db.insert(h).values({ channel, externalId, at }).onConflictDoNothing({ target: [h.channel, h.externalId] }).returning({ at: h.at })).length > 0;
    },
    async forgetChanges(before, limit) {
      const old = await db.select({ channel: h.channel, externalId: h.externalId }).from(h).where(lt(h.at, before)).limit(limit);
      for (const { channel, externalId } of old) await db.delete(h).where(and(eq(h.channel, channel), eq(h.externalId, externalId), lt(h.at, before)));
      return old.length;
    },
  };
}
