import { and, asc, count, desc, eq, gte, inArray, isNotNull, isNull, lt, lte, min, or, sql } from 'drizzle-orm';
import type { LinkageRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given, orderedUpToLimit } from './statements.ts';

/** Linkage: links, the records between the platforms, and their days. */
export function createLinkageRepository(session: Session): LinkageRepository {
  const { db, vault, tables: { linkageLinks: l, linkageMessages: m, linkageDays: d, linkageCalls: c, seatPhones: p } } = session;
  const shown = {
    id: m.id, linkId: m.linkId, profile: m.profile, direction: m.direction, number: m.number, version: m.version, kind: m.kind, state: m.state, code: m.code, text: m.text, digest: m.digest,
    repeats: m.repeats, early: m.early, attempts: m.attempts, outboxId: m.outboxId, createdAt: m.createdAt, sentAt: m.sentAt, endedAt: m.endedAt, ackBy: m.ackBy,
  };
  // The states as the partial index has them: a parameter would not be seen to fit it.
  const isOpen = sql`${m.state} in ('waiting', 'sent', 'dead', 'held')`;
  // Each caller who hangs up is looked for here.
  const ofConversation = db.select().from(c).where(eq(c.conversationId, given(c.conversationId, 'conversationId'))).orderBy(orderedUpToLimit(desc(c.createdAt), desc(c.id))).prepare('linkage_calls_of_conversation');

  return {
    async lock(profile, number) {
      await session.lockName(`linkage:${profile}:${number}`);
    },
    async addLink(link) {
      await db.insert(l).values(link);
    },
    async getLink(id) {
      return first(await db.select().from(l).where(eq(l.id, id)));
    },
    async linkOfNumber(profile, externalNo) {
      return first(await db.select().from(l).where(and(eq(l.profile, profile), isNotNull(l.externalNo), eq(l.externalNo, externalNo))));
    },
    async linkOfTicket(profile, ticketId) {
      return first(await db.select().from(l).where(and(isNotNull(l.ticketId), eq(l.ticketId, ticketId), eq(l.profile, profile))));
    },
    async linksOfTicket(ticketId) {
      return db.select().from(l).where(and(isNotNull(l.ticketId), eq(l.ticketId, ticketId))).orderBy(asc(l.createdAt), asc(l.id));
    },
    async updateLink(id, change) {
      await db.update(l).set(change).where(eq(l.id, id));
    },
    async links({ profile, state, late, limit, before }) {
      const past = before === undefined ? undefined : and(lte(l.createdAt, before.createdAt), or(lt(l.createdAt, before.createdAt), lt(l.id, before.id)));
      return db
        .select()
        .from(l)
        .where(and(profile === undefined ? undefined : eq(l.profile, profile), state === undefined ? undefined : eq(l.state, state), late === true ? and(isNotNull(l.overdueAt), isNotNull(l.owes)) : undefined, past))
        .orderBy(desc(l.createdAt), desc(l.id))
        .limit(limit);
    },
    async due(now, limit) {
      return db.select().from(l).where(and(isNotNull(l.dueAt), isNull(l.overdueAt), lte(l.dueAt, now))).orderBy(asc(l.dueAt), asc(l.id)).limit(limit);
    },
    async addMessage(message, body) {
      const added = await db.insert(m).values({ ...message, bodySealed: vault.seal(body) }).onConflictDoNothing({ target: [m.profile, m.direction, m.number, m.version] }).returning({ id: m.id });
      return added.length > 0;
    },
    async getMessage(id) {
      return first(await db.select(shown).from(m).where(eq(m.id, id)));
    },
    async messageNamed(profile, direction, number, version) {
      return first(await db.select(shown).from(m).where(and(eq(m.profile, profile), eq(m.direction, direction), eq(m.number, number), eq(m.version, version))));
    },
    async body(id) {
      const sealed = first(await db.select({ sealed: m.bodySealed }).from(m).where(eq(m.id, id)))?.sealed ?? null;
      return sealed === null ? null : vault.open(sealed);
    },
    async updateMessage(id, change) {
      await db.update(m).set(change).where(eq(m.id, id));
    },
    async messagesOf(linkId) {
      return db.select(shown).from(m).where(eq(m.linkId, linkId)).orderBy(asc(m.createdAt), asc(m.id));
    },
    async firstUnsent(linkId) {
      return first(await db.select(shown).from(m).where(and(eq(m.linkId, linkId), eq(m.direction, 'out'), inArray(m.state, ['waiting', 'dead']))).orderBy(asc(m.version)).limit(1));
    },
    async held(linkId) {
      return db.select(shown).from(m).where(and(eq(m.linkId, linkId), eq(m.direction, 'in'), eq(m.state, 'held'))).orderBy(asc(m.version));
    },
    async holding(limit) {
      const since = db.select({ linkId: m.linkId, since: min(m.createdAt).as('since') }).from(m).where(and(isOpen, eq(m.state, 'held'))).groupBy(m.linkId).as('waiting');
      const rows = await db.select({ link: l, since: since.since }).from(l).innerJoin(since, eq(since.linkId, l.id)).orderBy(asc(since.since), asc(l.id)).limit(limit);
      return rows.map(({ link }) => link);
    },
    async unacknowledged(now, limit) {
      return db.select(shown).from(m).where(and(isOpen, eq(m.state, 'sent'), lte(m.ackBy, now))).orderBy(asc(m.ackBy), asc(m.id)).limit(limit);
    },
    async made(profile, from, to, after, limit) {
      return db
        .select(shown)
        .from(m)
        .where(and(eq(m.profile, profile), gte(m.createdAt, after?.createdAt ?? from), lt(m.createdAt, to), after === null ? undefined : sql`not (${m.createdAt} = ${after.createdAt} and ${m.id} <= ${after.id})`))
        .orderBy(asc(m.createdAt), asc(m.id))
        .limit(limit);
    },
    async counts() {
      return db.select({ profile: m.profile, direction: m.direction, state: m.state, amount: count() }).from(m).where(isOpen).groupBy(m.profile, m.direction, m.state).orderBy(asc(m.profile), asc(m.direction), asc(m.state));
    },
    async addCall(call) {
      await db.insert(c).values(call);
    },
    async getCall(id) {
      return first(await db.select().from(c).where(eq(c.id, id)));
    },
    async updateCall(id, change) {
      await db.update(c).set(change).where(eq(c.id, id));
    },
    async callsOf(conversationId, limit) {
      return ofConversation.execute({ conversationId, limit });
    },
    async callsOfLink(linkId) {
      return db.select().from(c).where(eq(c.linkId, linkId)).orderBy(asc(c.createdAt), asc(c.id));
    },
    async openCalls(limit) {
      return db.select().from(c).where(sql`${c.state} = 'open'`).orderBy(asc(c.createdAt), asc(c.id)).limit(limit);
    },
    async seatPhone(seatId) {
      const sealed = first(await db.select({ sealed: p.phoneSealed }).from(p).where(eq(p.seatId, seatId)))?.sealed ?? null;
      return sealed === null ? null : vault.open(sealed);
    },
    async putSeatPhone(seatId, phone, at) {
      if (phone === null) await db.delete(p).where(eq(p.seatId, seatId));
      else {
        const phoneSealed = vault.seal(phone);
        await db.insert(p).values({ seatId, phoneSealed, at }).onConflictDoUpdate({ target: p.seatId, set: { phoneSealed, at } });
      }
    },
    async putList({ profile, day, list, at }) {
      await db.insert(d).values({ profile, day, list, listAt: at, report: null, madeAt: null }).onConflictDoUpdate({ target: [d.profile, d.day], set: { list, listAt: at } });
    },
    async putReport({ profile, day, report, at }) {
      await db.insert(d).values({ profile, day, list: null, listAt: null, report, madeAt: at }).onConflictDoUpdate({ target: [d.profile, d.day], set: { report, madeAt: at } });
    },
    async day(profile, day) {
      return first(await db.select().from(d).where(and(eq(d.profile, profile), eq(d.day, day))));
    },
    async days({ profile, limit }) {
      return db.select({ profile: d.profile, day: d.day, listAt: d.listAt, madeAt: d.madeAt }).from(d).where(profile === undefined ? undefined : eq(d.profile, profile)).orderBy(desc(d.day), asc(d.profile)).limit(limit);
    },
  };
}
