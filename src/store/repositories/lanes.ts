import { and, eq, gt, inArray, lt, lte, or, sql } from 'drizzle-orm';
import { AppError } from '../../domain/errors.ts';
import type { LaneRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given, setTo } from './statements.ts';

/**
 * A fence starts at the clock and grows with every taking. It therefore also exceeds the fences of a row that
 * `removeIdle` took away, so that a holder that slept through it all is still told apart.
 */
export function createLaneRepository(session: Session): LaneRepository {
  const { db, tables: { lanes: l, outbox: o } } = session;
  const ofLane = eq(l.lane, given(l.lane, 'lane'));
  const ofLease = and(ofLane, eq(l.fence, given(l.fence, 'fence')));
  const take = db
    .insert(l)
    .values({ lane: sql.placeholder('lane'), holder: sql.placeholder('holder'), fence: sql.placeholder('now'), expiresAt: sql.placeholder('expiresAt') })
    .onConflictDoUpdate({
      target: l.lane,
      set: { holder: sql`excluded.holder`, expiresAt: sql`excluded.expires_at`, fence: sql`case when excluded.fence > ${l.fence} then excluded.fence else ${l.fence} + 1 end` },
      setWhere: lte(l.expiresAt, given(l.expiresAt, 'now')),
    })
    .returning({ fence: l.fence })
    .prepare('lanes_take');
  const prolong = db.update(l).set({ expiresAt: setTo(l.expiresAt, 'expiresAt') }).where(and(ofLease, gt(l.expiresAt, 0))).returning({ fence: l.fence }).prepare('lanes_prolong');
  const free = db.update(l).set({ expiresAt: 0 }).where(ofLease).prepare('lanes_free');
  const fenceOf = db.select({ fence: l.fence }).from(l).where(ofLane).prepare('lanes_fence');
  const idle = db.select({ lane: l.lane }).from(l).where(lt(l.expiresAt, given(l.expiresAt, 'before'))).limit(sql.placeholder('limit'));
  const remove = db.delete(l).where(inArray(l.lane, idle)).returning({ lane: l.lane }).prepare('lanes_remove_idle');

  const leased = db.select({ one: sql`1` }).from(l).where(and(ofLane, gt(l.expiresAt, given(l.expiresAt, 'now'))));
  const waiting = db
    .select({ one: sql`1` })
    .from(o)
    .where(and(eq(o.state, 'ready'), eq(o.lane, given(o.lane, 'lane')), or(eq(o.blocking, true), lte(sql`+${o.availableAt}`, given(o.availableAt, 'now')))));
  const occupied = db.select({ occupied: sql<number>`case when exists ${leased} or exists ${waiting} then 1 else 0 end`.mapWith(Number) }).from(sql`(select 1) as one`).prepare('lanes_occupied');

  return {
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
    async assertFence(lane, fence) {
      // Held until the commit: nobody can take the lane over between this look and our effect.
      await session.lockRow(l.lane, lane);
      if (first(await fenceOf.execute({ lane }))?.fence === fence) return;
      throw new AppError('lane.fenced', 'somebody else has taken the lane over', { retry: 'conflict', status: 409, details: { fence } });
    },
    async passable(lane, now) {
      await session.lockName(`lane ${lane}`);
      await session.lockName(`outbox ${lane}`);
      return first(await occupied.execute({ lane, now }))?.occupied === 0;
    },
    async removeIdle(before, limit) {
      return (await remove.execute({ before, limit })).length;
    },
  };
}
