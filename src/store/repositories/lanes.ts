import { and, eq, exists, gt, inArray, lt, lte, max, notExists, or, sql } from 'drizzle-orm';
import { AppError } from '../../domain/errors.ts';
import type { LaneRepository } from '../contract.ts';
import { type Recall, turnLane } from '../recall.ts';
import type { Session } from '../session.ts';
import { isDueHead } from './due-heads.ts';
import { first, given, orderedUpToLimit, setTo } from './statements.ts';

/**
 * A fence starts at the clock and grows with every taking. It therefore also exceeds the fences of a row that
 * `removeIdle` took away, so that a holder that slept through it all is still told apart.
 */
export function createLaneRepository(session: Session, recall: Recall): LaneRepository {
  const { db, tables: { lanes: l, outbox: o } } = session;
  const ofLane = eq(l.lane, given(l.lane, 'lane'));
  const ofLease = and(ofLane, eq(l.fence, given(l.fence, 'fence')));
  const take = db
    .insert(l)
    .values({ lane: sql.placeholder('lane'), holder: sql.placeholder('holder'), fence: sql.placeholder('now'), expiresAt: sql.placeholder('expiresAt') })
    .onConflictDoUpdate({
      target: l.lane,
      set: taken(l),
      setWhere: lte(l.expiresAt, given(l.expiresAt, 'now')),
    })
    .returning({ fence: l.fence })
    .prepare('lanes_take');
  const prolong = db.update(l).set({ expiresAt: setTo(l.expiresAt, 'expiresAt') }).where(and(ofLease, gt(l.expiresAt, 0))).returning({ fence: l.fence }).prepare('lanes_prolong');
  const free = db.update(l).set({ expiresAt: 0 }).where(ofLease).prepare('lanes_free');
  const dueNow = db.select({ one: sql`1` }).from(o).where(and(eq(o.state, 'ready'), eq(o.lane, given(o.lane, 'lane')), lte(sql`+${o.availableAt}`, given(o.availableAt, 'now'))));
  const freeIdle = db.update(l).set({ expiresAt: 0 }).where(and(ofLease, notExists(dueNow))).returning({ fence: l.fence }).prepare('lanes_free_idle');
  const fenceOf = db.select({ fence: l.fence }).from(l).where(ofLane).prepare('lanes_fence');
  const idle = db.select({ lane: l.lane }).from(l).where(lt(l.expiresAt, given(l.expiresAt, 'before'))).limit(sql.placeholder('limit'));
  const remove = db.delete(l).where(inArray(l.lane, idle)).returning({ lane: l.lane }).prepare('lanes_remove_idle');

  const leased = db.select({ one: sql`1` }).from(l).where(and(ofLane, gt(l.expiresAt, given(l.expiresAt, 'now'))));
  const waiting = db
    .select({ one: sql`1` })
    .from(o)
    .where(and(eq(o.state, 'ready'), eq(o.lane, given(o.lane, 'lane')), or(eq(o.blocking, true), lte(sql`+${o.availableAt}`, given(o.availableAt, 'now')))));
  const occupied = db.select({ occupied: sql<number>`case when exists ${leased} or exists ${waiting} then 1 else 0 end`.mapWith(Number) }).from(sql`(select 1) as one`).prepare('lanes_occupied');

  const takePassable = db
    .insert(l)
    .select(
      db
        .select({
          lane: sql<string>`cast(${given(l.lane, 'lane')} as text)`.as('lane'),
          holder: sql<string>`cast(${given(l.holder, 'holder')} as text)`.as('holder'),
          fence: sql<number>`cast(${given(l.fence, 'now')} as bigint)`.as('fence'),
          expiresAt: sql<number>`cast(${given(l.expiresAt, 'expiresAt')} as bigint)`.as('expires_at'),
        })
        .from(sql`(select 1) as one`)
        .where(notExists(waiting)),
    )
    .onConflictDoUpdate({ target: l.lane, set: taken(l), setWhere: lte(l.expiresAt, given(l.expiresAt, 'now')) })
    .returning({ fence: l.fence })
    .prepare('lanes_take_passable');

  const newest = db.select({ fence: max(l.fence) }).from(l).where(gt(l.expiresAt, 0)).prepare('lanes_newest');

  const claimDue = session.dialect === 'postgres' ? claimBesideOthers(session) : claimAlone(session, take);

  return {
    claimDue,
    async acquire(lane, holder, now, leaseMs) {
      // Whoever is passing the lane (`passable`) ends first.
      await session.lockName(`lane ${lane}`);
      return first(await take.execute({ lane, holder, now, expiresAt: now + leaseMs }))?.fence ?? null;
    },
    async renew(lane, fence, now, leaseMs) {
      return (await prolong.execute({ lane, fence, expiresAt: now + leaseMs })).length > 0;
    },
    async release(lane, fence) {
      await free.execute({ lane, fence });
    },
    async releaseIdle(lane, fence, now) {
      return (await freeIdle.execute({ lane, fence, now })).length > 0;
    },
    async assertFence(lane, fence) {
      // Held until the commit: nobody can take the lane over between this look and our effect.
      await session.lockRow(l.lane, lane);
      if (first(await fenceOf.execute({ lane }))?.fence === fence) return;
      throw new AppError('lane.fenced', 'somebody else has taken the lane over', { retry: 'conflict', status: 409, details: { fence } });
    },
    async passable(lane, now) {
      const facts = recall.facts();
      if (facts !== null && lane === turnLane(facts.conversation.id)) return (facts.leaseUntil ?? 0) <= now && (facts.waitsFrom ?? Infinity) > now;
      await session.lockName(`lane ${lane}`);
      await session.lockName(`outbox ${lane}`);
      return first(await occupied.execute({ lane, now }))?.occupied === 0;
    },
    async acquirePassable(lane, holder, now, leaseMs) {
      await session.lockName(`lane ${lane}`);
      await session.lockName(`outbox ${lane}`);
      return first(await takePassable.execute({ lane, holder, now, expiresAt: now + leaseMs }))?.fence ?? null;
    },
    async newestTaken() {
      return first(await newest.execute())?.fence ?? null;
    },
    async removeIdle(before, limit) {
      return (await remove.execute({ before, limit })).length;
    },
  };
}

type Claim = LaneRepository['claimDue'];

/** Writers are one after the other: what was seen to be free is free. */
function claimAlone(session: Session, take: { execute(values: { readonly lane: string; readonly holder: string; readonly now: number; readonly expiresAt: number }): Promise<readonly { readonly fence: number }[]> }): Claim {
  const { db, tables: { outbox: o } } = session;
  const heads = db.select({ lane: o.lane }).from(o).where(isDueHead(session)).orderBy(orderedUpToLimit(o.availableAt, o.position)).prepare('lanes_due_heads');
  return async (holder, now, leaseMs, limit) => {
    const claimed: { lane: string; fence: number }[] = [];
    for (const { lane } of await heads.execute({ now, limit })) {
      const fence = first(await take.execute({ lane, holder, now, expiresAt: now + leaseMs }))?.fence;
      if (fence !== undefined) claimed.push({ lane, fence });
    }
    return claimed;
  };
}

/**
 * Several nodes claim at once, and nothing here waits for anybody:
 *
 * - `heads`: SKIP LOCKED gives each asker other lanes, where otherwise all would run for the same oldest ones;
 * - `named`: whoever takes or passes a lane (`acquire`, `passable`) holds its name; such lanes are left alone;
 * - `rows`: so are those whose row somebody holds, a late holder amid its last write. Without this, we would wait for its
 *   lane while it waits for the head that we have locked.
 */
function claimBesideOthers(session: Session): Claim {
  const { db, tables: { outbox: o, lanes: l } } = session;
  const heads = db.$with('heads').as(
    db.select({ lane: o.lane, availableAt: o.availableAt, position: o.position }).from(o).where(isDueHead(session)).orderBy(o.availableAt, o.position).limit(sql.placeholder('limit')).for('update', { of: o, skipLocked: true }),
  );
  const named = db.$with('named').as(
    db.select({ lane: heads.lane, availableAt: heads.availableAt, position: heads.position }).from(heads).where(sql`pg_try_advisory_xact_lock(hashtextextended('lane ' || ${heads.lane}, 0))`),
  );
  const rows = db.$with('rows').as(db.select({ lane: l.lane }).from(l).where(inArray(l.lane, db.select({ lane: named.lane }).from(named))).for('update', { skipLocked: true }));
  const known = db.select({ one: sql`1` }).from(l).where(eq(l.lane, named.lane));
  const held = db.select({ one: sql`1` }).from(rows).where(eq(rows.lane, named.lane));
  const claim = db
    .with(heads, named, rows)
    .insert(l)
    .select(
      db
        .select({
          lane: named.lane,
          holder: sql<string>`${given(l.holder, 'holder')}::text`.as('holder'),
          fence: sql<number>`${given(l.fence, 'now')}::bigint`.as('fence'),
          expiresAt: sql<number>`${given(l.expiresAt, 'expiresAt')}::bigint`.as('expires_at'),
        })
        .from(named)
        .where(or(notExists(known), exists(held)))
        .orderBy(named.availableAt, named.position),
    )
    .onConflictDoUpdate({ target: l.lane, set: taken(l), setWhere: lte(l.expiresAt, given(l.expiresAt, 'now')) })
    .returning({ lane: l.lane, fence: l.fence })
    .prepare('lanes_claim_due');
  return (holder, now, leaseMs, limit) => claim.execute({ holder, now, expiresAt: now + leaseMs, limit });
}

/** What becomes of a lane's row that is taken anew. */
function taken(l: Session['tables']['lanes']) {
  return { holder: sql`excluded.holder`, expiresAt: sql`excluded.expires_at`, fence: sql`case when excluded.fence > ${l.fence} then excluded.fence else ${l.fence} + 1 end` };
}
