import { and, asc, count, desc, eq, gt, inArray, isNotNull, lt, or, sql } from 'drizzle-orm';
import type { AlikeProposalRepository, AlikeTicketRepository, StormRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given, isIn, listed, orderedUpToLimit, placeholders } from './statements.ts';

/** 并单: what was proposed, which tickets are of one storm, and walks through all tickets. */

const IDS_AT_ONCE = 500;

export function createAlikeProposalRepository(session: Session): AlikeProposalRepository {
  const { db, tables: { alikeProposals: p, tickets: t } } = session;
  const insert = db
    .insert(p)
    .values(placeholders({ ticketId: p.ticketId, leadingId: p.leadingId, score: p.score, why: p.why, state: p.state, at: p.at, decidedBy: p.decidedBy, decidedAt: p.decidedAt }))
    // What a person decided stays; what was only proposed is told anew.
    .onConflictDoUpdate({ target: [p.ticketId, p.leadingId], set: { score: sql`excluded.score`, why: sql`excluded.why` }, setWhere: eq(p.state, sql`'proposed'`) })
    .prepare('alike_proposals_propose');
  const ofTicket = db.select().from(p).where(or(eq(p.ticketId, given(p.ticketId, 'id')), eq(p.leadingId, given(p.leadingId, 'id')))).orderBy(desc(p.score), asc(p.ticketId), asc(p.leadingId)).prepare('alike_proposals_of');
  const paired = db.select({ id: p.ticketId }).from(p).where(and(isIn(session, p.ticketId, 'ids'), eq(p.leadingId, given(p.leadingId, 'leadingId')))).prepare('alike_proposals_paired');
  const isFree = (id: typeof p.ticketId | typeof p.leadingId) => sql`exists (select 1 from ${t} where ${t.id} = ${id} and ${t.archivedAt} is null and ${t.leadingId} is null)`;
  const undecided = db
    .select()
    .from(p)
    .where(and(eq(p.state, sql`'proposed'`), isFree(p.ticketId), isFree(p.leadingId)))
    .orderBy(orderedUpToLimit(desc(p.at), desc(p.ticketId), desc(p.leadingId)))
    .prepare('alike_proposals_open');

  return {
    async propose(proposal) {
      await insert.execute({ ...proposal, state: 'proposed', decidedBy: null, decidedAt: null });
    },
    async decide(ticketId, leadingId, state, by, at) {
      await db
        .insert(p)
        .values({ ticketId, leadingId, score: 0, why: [], state, at, decidedBy: by, decidedAt: at })
        .onConflictDoUpdate({ target: [p.ticketId, p.leadingId], set: { state, decidedBy: by, decidedAt: at } });
    },
    async of(ticketId) {
      return ofTicket.execute({ id: ticketId });
    },
    async pairedWith(leadingId, ticketIds) {
      return ticketIds.length === 0 ? [] : (await paired.execute({ leadingId, ids: listed(ticketIds) })).map(({ id }) => id);
    },
    async open(limit) {
      return undecided.execute({ limit });
    },
    async removeStale(before, limit) {
      const stale = await db
        .select({ ticketId: p.ticketId, leadingId: p.leadingId })
        .from(p)
        .where(and(eq(p.state, 'proposed'), lt(p.at, before), sql`not (${isFree(p.ticketId)} and ${isFree(p.leadingId)})`))
        .limit(limit);
      for (const { ticketId, leadingId } of stale) await db.delete(p).where(and(eq(p.ticketId, ticketId), eq(p.leadingId, leadingId), eq(p.state, 'proposed')));
      return stale.length;
    },
  };
}

export function createAlikeTicketRepository(session: Session): AlikeTicketRepository {
  const { db, tables: { tickets: t } } = session;
  const place = { id: t.id, createdAt: t.createdAt, itemCode: t.itemCode, archivedAt: t.archivedAt };
  // Written as a range and an exception, not as `or`: the range is what an index is walked by.
  const before = sql`${t.createdAt} <= ${given(t.createdAt, 'createdAt')} and not (${t.createdAt} = ${given(t.createdAt, 'createdAt')} and ${t.id} >= ${given(t.id, 'id')})`;
  const after = sql`${t.createdAt} >= ${given(t.createdAt, 'createdAt')} and not (${t.createdAt} = ${given(t.createdAt, 'createdAt')} and ${t.id} <= ${given(t.id, 'id')})`;
  const walkBack = db.select(place).from(t).where(before).orderBy(orderedUpToLimit(desc(t.createdAt), desc(t.id))).prepare('alike_walk_back');
  const walkOn = db.select(place).from(t).where(after).orderBy(orderedUpToLimit(asc(t.createdAt), asc(t.id))).prepare('alike_walk_on');
  const standing = { id: t.id, createdAt: t.createdAt, state: t.state, pending: t.pending, confidential: t.confidential, leadingId: t.leadingId, archivedAt: t.archivedAt };
  const standings = db.select(standing).from(t).where(isIn(session, t.id, 'ids')).prepare('alike_standings');
  const compared = db
    .select({ ...standing, title: t.title, content: t.content, townId: t.townId, place: t.place, itemCode: t.itemCode, citizenId: t.citizenId })
    .from(t)
    .where(isIn(session, t.id, 'ids'))
    .orderBy(t.createdAt, t.number)
    .prepare('alike_compared');
  const anyFollower = db.select({ id: t.id }).from(t).where(and(isNotNull(t.leadingId), eq(t.leadingId, given(t.leadingId, 'leadingId')))).limit(1).prepare('alike_any_follower');
  const amount = db.select({ amount: count() }).from(t).where(and(isNotNull(t.leadingId), eq(t.leadingId, given(t.leadingId, 'leadingId')))).prepare('alike_count_followers');
  const shown = (rows: Awaited<ReturnType<typeof walkBack.execute>>) => rows.map(({ id, createdAt, itemCode, archivedAt }) => ({ id, createdAt, itemCode, open: archivedAt === null }));

  return {
    async newest(from, limit) {
      return shown(await walkBack.execute({ createdAt: from?.createdAt ?? Number.MAX_SAFE_INTEGER, id: from?.id ?? '', limit }));
    },
    async since({ createdAt, id }, limit) {
      return shown(await walkOn.execute({ createdAt, id, limit }));
    },
    async standings(ids) {
      return ids.length === 0 ? [] : standings.execute({ ids: listed(ids) });
    },
    async compared(ids) {
      return ids.length === 0 ? [] : compared.execute({ ids: listed(ids) });
    },
    async leads(leadingId) {
      return first(await anyFollower.execute({ leadingId })) !== null;
    },
    async countFollowers(leadingId) {
      return first(await amount.execute({ leadingId }))?.amount ?? 0;
    },
    async followers(leadingId, { afterId, limit }) {
      const ids = await db.select({ id: t.id }).from(t).where(and(eq(t.leadingId, leadingId), afterId === null ? undefined : gt(t.id, afterId))).orderBy(asc(t.id)).limit(limit);
      return ids.map(({ id }) => id);
    },
  };
}

/** Many tickets of one matter in a short time. */
export function createStormRepository(session: Session): StormRepository {
  const { db, tables: { storms: s, stormTickets: m } } = session;
  const { id, itemCode, title, townIds, leadingId, count: amount, firstAt, lastAt, state, answer } = s;
  const put = db
    .insert(s)
    .values(placeholders({ id, itemCode, title, townIds, leadingId, count: amount, firstAt, lastAt, state, answer }))
    .onConflictDoUpdate({
      target: s.id,
      set: {
        itemCode: sql`excluded.item_code`, title: sql`excluded.title`, townIds: sql`excluded.town_ids`, leadingId: sql`excluded.leading_id`, count: sql`excluded.count`, firstAt: sql`excluded.first_at`,
        lastAt: sql`excluded.last_at`, state: sql`excluded.state`, answer: sql`excluded.answer`,
      },
    })
    .prepare('storms_put');
  const byId = db.select().from(s).where(eq(s.id, given(s.id, 'id'))).prepare('storms_by_id');
  const add = db.insert(m).values(placeholders({ stormId: m.stormId, ticketId: m.ticketId, at: m.at })).onConflictDoNothing().prepare('storm_tickets_add');
  const sizeOf = db.select({ amount: count() }).from(m).where(eq(m.stormId, given(m.stormId, 'stormId'))).prepare('storm_tickets_size');

  return {
    async put(storm) {
      await put.execute({ ...storm });
    },
    async get(wanted) {
      return first(await byId.execute({ id: wanted }));
    },
    async open(limit) {
      return db.select().from(s).where(inArray(s.state, ['open', 'answered'])).orderBy(desc(s.lastAt), desc(s.id)).limit(limit);
    },
    async addTicket(stormId, ticketId, at) {
      await add.execute({ stormId, ticketId, at });
    },
    async tickets(stormId, limit, afterId = null) {
      const rows = await db.select({ id: m.ticketId }).from(m).where(and(eq(m.stormId, stormId), afterId === null ? undefined : gt(m.ticketId, afterId))).orderBy(asc(m.ticketId)).limit(limit);
      return rows.map((row) => row.id);
    },
    async size(stormId) {
      return first(await sizeOf.execute({ stormId }))?.amount ?? 0;
    },
    async holding(ticketIds) {
      const found: Awaited<ReturnType<StormRepository['holding']>>[number][] = [];
      for (let start = 0; start < ticketIds.length; start += IDS_AT_ONCE) {
        found.push(...(await db.select({ stormId: m.stormId, ticketId: m.ticketId, state: s.state }).from(m).innerJoin(s, eq(s.id, m.stormId)).where(inArray(m.ticketId, ticketIds.slice(start, start + IDS_AT_ONCE))).orderBy(asc(m.stormId), asc(m.ticketId))));
      }
      return found;
    },
  };
}
