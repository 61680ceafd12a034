import { and, asc, count, desc, eq, isNull, lt, lte, min, or } from 'drizzle-orm';
import type { ParticipantRepository, QueueEntry, QueueEntryChange, QueueRepository, TransferRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given } from './statements.ts';

/** Who waits for a person, and who was asked to take them. */
export function createQueueRepository(session: Session): QueueRepository {
  const { db, tables: { queueEntries: q } } = session;
  const byId = db.select().from(q).where(eq(q.conversationId, given(q.conversationId, 'conversationId'))).prepare('queue_entries_by_id');
  const before = db
    .select({ amount: count() })
    .from(q)
    .where(
      and(
        eq(q.kind, 'waiting'),
        eq(q.groupId, given(q.groupId, 'groupId')),
        // A range of the index first; who stands at the very same rank is told apart after.
        lte(q.rankAt, given(q.rankAt, 'rankAt')),
        or(lt(q.rankAt, given(q.rankAt, 'rankAt')), lt(q.conversationId, given(q.conversationId, 'conversationId'))),
      ),
    )
    .prepare('queue_entries_ahead');
  const one = db.select({ id: q.conversationId }).from(q).limit(1).prepare('queue_entries_any');

  return {
    async get(conversationId) {
      const row = first(await byId.execute({ conversationId }));
      return row === null ? null : entryOf(row);
    },
    async list({ kind, limit }) {
      const rows = await db.select().from(q).where(kind === undefined ? undefined : eq(q.kind, kind)).orderBy(asc(q.rankAt), asc(q.conversationId)).limit(limit);
      return rows.map(entryOf);
    },
    async put(entry) {
      const row = rowOf(entry);
      const { conversationId: _, ...change } = row;
      await db.insert(q).values(row).onConflictDoUpdate({ target: q.conversationId, set: change });
    },
    async change(conversationId, change) {
      await db.update(q).set(changeOf(change)).where(eq(q.conversationId, conversationId));
    },
    async offer(conversationId, { seatId, until }) {
      const made = await db
        .update(q)
        .set({ offeredTo: seatId, offeredUntil: until })
        .where(and(eq(q.conversationId, conversationId), isNull(q.offeredTo), eq(q.leaving, false)))
        .returning({ id: q.conversationId });
      return made.length > 0;
    },
    async remove(conversationId) {
      const row = first(await db.delete(q).where(eq(q.conversationId, conversationId)).returning());
      return row === null ? null : entryOf(row);
    },
    async ahead({ conversationId, groupId, rankAt }) {
      return first(await before.execute({ conversationId, groupId, rankAt }))?.amount ?? 0;
    },
    async groups() {
      const rows = await db.select({ groupId: q.groupId, waiting: count(), oldest: min(q.waitedFrom) }).from(q).where(eq(q.kind, 'waiting')).groupBy(q.groupId);
      return rows.map(({ groupId, waiting, oldest }) => ({ groupId, waiting, oldestWaitingSince: oldest ?? 0 }));
    },
    async any() {
      return (await one.execute()).length > 0;
    },
  };

  type Row = typeof q.$inferSelect;
  function entryOf({ refusals, ...row }: Row): QueueEntry {
    return { ...row, refusals: refusals.map(({ seatId, at }) => ({ seatId, at })) };
  }
  function rowOf(entry: QueueEntry): typeof q.$inferInsert & { conversationId: string } {
    return { ...entry, refusals: entry.refusals.map(({ seatId, at }) => ({ seatId, at })) };
  }
  function changeOf({ refusals, ...change }: QueueEntryChange) {
    return refusals === undefined ? change : { ...change, refusals: refusals.map(({ seatId, at }) => ({ seatId, at })) };
  }
}

/** Second seats in conversations. */
export function createParticipantRepository(session: Session): ParticipantRepository {
  const { db, tables: { participants: p } } = session;
  const inConversation = db.select().from(p).where(eq(p.conversationId, given(p.conversationId, 'conversationId'))).orderBy(asc(p.since), asc(p.seatId)).prepare('participants_of');
  const one = (conversationId: string, seatId: string) => and(eq(p.conversationId, conversationId), eq(p.seatId, seatId));
  return {
    async of(conversationId) {
      return inConversation.execute({ conversationId });
    },
    async get(conversationId, seatId) {
      return first(await db.select().from(p).where(one(conversationId, seatId)));
    },
    async put(participant) {
      await db.insert(p).values(participant).onConflictDoUpdate({ target: [p.conversationId, p.seatId], set: { kind: participant.kind } });
    },
    async remove(conversationId, seatId) {
      return (await db.delete(p).where(one(conversationId, seatId)).returning({ seatId: p.seatId })).length > 0;
    },
    async clear(conversationId) {
      await db.delete(p).where(eq(p.conversationId, conversationId));
    },
    async conversationsOf(seatId, limit) {
      return (await db.select({ id: p.conversationId }).from(p).where(eq(p.seatId, seatId)).orderBy(desc(p.since), asc(p.conversationId)).limit(limit)).map(({ id }) => id);
    },
  };
}

/** What was passed on, and with which words. */
export function createTransferRepository(session: Session): TransferRepository {
  const { db, tables: { transfers: t } } = session;
  const newest = db.select().from(t).where(eq(t.conversationId, given(t.conversationId, 'conversationId'))).orderBy(desc(t.at), desc(t.id)).limit(1).prepare('transfers_latest');
  return {
    async add(transfer) {
      return (await db.insert(t).values(transfer).onConflictDoNothing({ target: t.id }).returning({ id: t.id })).length > 0;
    },
    async latest(conversationId) {
      return first(await newest.execute({ conversationId }));
    },
    async of(conversationId) {
      return db.select().from(t).where(eq(t.conversationId, conversationId)).orderBy(asc(t.at), asc(t.id));
    },
  };
}
