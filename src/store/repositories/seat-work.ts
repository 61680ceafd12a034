import { and, asc, count, eq, isNotNull, ne } from 'drizzle-orm';
import type { RosterSeat, SeatState, SeatWorkRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given } from './statements.ts';

/** What seats say of themselves, what they serve, and how much each has. */
export function createSeatWorkRepository(session: Session): SeatWorkRepository {
  const { db, tables: { seats: s, seatStates: w, seatSkills: k, conversations: c, queueEntries: q } } = session;
  const said = db.select({ seatId: w.seatId, state: w.state, reason: w.reason, since: w.since, until: w.until }).from(w).where(eq(w.seatId, given(w.seatId, 'seatId'))).prepare('seat_states_by_id');
  const skillsOf = db.select().from(k).where(eq(k.seatId, given(k.seatId, 'seatId'))).prepare('seat_skills_by_id');

  return {
    async roster(seatId) {
      const one = seatId === undefined ? undefined : eq(s.id, seatId);
      const rows = await db
        .select({
          id: s.id, displayName: s.displayName, role: s.role, presence: s.presence, beatAt: s.beatAt,
          state: w.state, reason: w.reason, since: w.since, until: w.until, actedAt: w.actedAt, servedAt: w.servedAt,
          groups: k.groups, capacity: k.capacity, skillsAt: k.updatedAt,
        })
        .from(s)
        .leftJoin(w, eq(w.seatId, s.id))
        .leftJoin(k, eq(k.seatId, s.id))
        .where(and(eq(s.active, true), ne(s.role, 'department'), one))
        .orderBy(asc(s.createdAt), asc(s.id));
      // A seat's conversations lie in a small index: only those that somebody has.
      const serving = new Map((await db.select({ seatId: c.seatId, amount: count() }).from(c).where(isNotNull(c.seatId)).groupBy(c.seatId)).map((row) => [row.seatId, row.amount]));
      const offered = new Map((await db.select({ seatId: q.offeredTo, amount: count() }).from(q).where(isNotNull(q.offeredTo)).groupBy(q.offeredTo)).map((row) => [row.seatId, row.amount]));
      return rows.map((row): RosterSeat => ({
        id: row.id,
        displayName: row.displayName,
        role: row.role,
        presence: row.presence,
        beatAt: row.beatAt,
        state: row.state === null || row.since === null ? null : { seatId: row.id, state: row.state, reason: row.reason, since: row.since, until: row.until },
        skills: row.groups === null || row.capacity === null ? null : { seatId: row.id, groups: row.groups, capacity: row.capacity, updatedAt: row.skillsAt ?? 0 },
        serving: serving.get(row.id) ?? 0,
        offered: offered.get(row.id) ?? 0,
        actedAt: row.actedAt ?? 0,
        servedAt: row.servedAt ?? 0,
      }));
    },
    async state(seatId): Promise<SeatState | null> {
      return first(await said.execute({ seatId }));
    },
    async setState(state) {
      const { seatId: _, ...change } = state;
      await db.insert(w).values({ ...state, actedAt: 0, servedAt: 0 }).onConflictDoUpdate({ target: w.seatId, set: change });
    },
    async acted(seatId, at, served) {
      const change = served ? { actedAt: at, servedAt: at } : { actedAt: at };
      await db.insert(w).values({ seatId, state: 'online', reason: null, since: at, until: null, actedAt: at, servedAt: served ? at : 0 }).onConflictDoUpdate({ target: w.seatId, set: change });
    },
    async skills(seatId) {
      return first(await skillsOf.execute({ seatId }));
    },
    async setSkills(skills) {
      const { seatId: _, ...change } = skills;
      await db.insert(k).values({ ...skills, groups: [...skills.groups] }).onConflictDoUpdate({ target: k.seatId, set: { ...change, groups: [...change.groups] } });
    },
  };
}
