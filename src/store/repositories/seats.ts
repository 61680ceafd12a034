import { and, count, eq, gt, gte, lte } from 'drizzle-orm';
import { AppError } from '../../domain/errors.ts';
import type { SeatRepository, SessionRepository } from '../contract.ts';
import { writesThrough } from '../recall.ts';
import type { Session } from '../session.ts';
import { first, given, setTo } from './statements.ts';

/** For so long one count of who is there serves every turn, ms. */
const COUNT_SERVES_MS = 500;

/** `create` rejects with `seat.username_taken` (409) and dooms the transaction. */
export function createSeatRepository(session: Session): SeatRepository {
  const { db, tables: { seats: s } } = session;
  const shown = { id: s.id, username: s.username, displayName: s.displayName, role: s.role, departmentId: s.departmentId, active: s.active, createdAt: s.createdAt };
  const byId = db.select(shown).from(s).where(eq(s.id, given(s.id, 'id'))).prepare('seats_by_id');
  const byUsername = db.select({ seat: shown, passwordHash: s.passwordHash }).from(s).where(eq(s.username, given(s.username, 'username'))).prepare('seats_by_username');
  const every = db.select(shown).from(s).orderBy(s.createdAt, s.id).prepare('seats_all');
  const amount = db.select({ amount: count() }).from(s).prepare('seats_count');
  const mark = db.update(s).set({ presence: setTo(s.presence, 'presence'), beatAt: setTo(s.beatAt, 'now') }).where(eq(s.id, given(s.id, 'id'))).prepare('seats_beat');
  const gone = db.update(s).set({ presence: 'offline' }).where(and(eq(s.id, given(s.id, 'id')), eq(s.beatAt, given(s.beatAt, 'beatAt')))).prepare('seats_leave');
  const present = db
    .select({ id: s.id })
    .from(s)
    .where(and(eq(s.presence, 'online'), gte(s.beatAt, given(s.beatAt, 'since')), eq(s.active, true)))
    .orderBy(s.createdAt, s.id)
    .prepare('seats_online');
  const presentCount = db
    .select({ amount: count() })
    .from(s)
    .where(and(eq(s.presence, 'online'), gte(s.beatAt, given(s.beatAt, 'since')), eq(s.active, true)))
    .prepare('seats_online_count');

  /**
   * The last count. Only where this process writes, on the connection through which all of its own changes go: what others do to the
   * same file shows a moment later, as a sign of life does anyway.
   */
  let counted: { readonly since: number; readonly amount: number } | null = null;
  const writes = writesThrough(db);

  return {
    async create(seat, passwordHash) {
      counted = null;
      const made = await db
        .insert(s)
        .values({ ...seat, passwordHash, presence: 'offline', beatAt: 0 })
        .onConflictDoNothing({ target: s.username })
        .returning({ id: s.id });
      if (made.length === 0) throw session.doom(new AppError('seat.username_taken', 'this user name is taken', { status: 409 }));
    },
    async get(id) {
      return first(await byId.execute({ id }));
    },
    async findByUsername(username) {
      return first(await byUsername.execute({ username }));
    },
    async list() {
      return every.execute();
    },
    async update(id, change) {
      counted = null;
      if (Object.values(change).some((value) => value !== undefined)) await db.update(s).set(change).where(eq(s.id, id));
    },
    async count() {
      return first(await amount.execute())?.amount ?? 0;
    },
    async beat(seatId, presence, now) {
      counted = null;
      await mark.execute({ id: seatId, presence, now });
    },
    async leave(seatId, beatAt) {
      counted = null;
      await gone.execute({ id: seatId, beatAt });
    },
    async online(since) {
      return (await present.execute({ since })).map((row) => row.id);
    },
    async onlineCount(since) {
      if (counted !== null && since >= counted.since && since - counted.since < COUNT_SERVES_MS) return counted.amount;
      const amount = first(await presentCount.execute({ since }))?.amount ?? 0;
      counted = writes !== null && writes.count > 0 ? { since, amount } : null;
      return amount;
    },
  };
}

export function createSessionRepository(session: Session): SessionRepository {
  const { db, tables: { sessions: s } } = session;
  const live = db
    .select({ seatId: s.seatId, csrf: s.csrf, expiresAt: s.expiresAt, kind: s.kind })
    .from(s)
    .where(and(eq(s.tokenHash, given(s.tokenHash, 'tokenHash')), gt(s.expiresAt, given(s.expiresAt, 'now'))))
    .prepare('sessions_live');
  const expired = db.delete(s).where(lte(s.expiresAt, given(s.expiresAt, 'now'))).returning({ seatId: s.seatId }).prepare('sessions_expired');

  return {
    async create(given) {
      await db.insert(s).values(given);
    },
    async find(tokenHash, now) {
      return first(await live.execute({ tokenHash, now }));
    },
    async remove(tokenHash) {
      await db.delete(s).where(eq(s.tokenHash, tokenHash));
    },
    async removeExpired(now) {
      return (await expired.execute({ now })).length;
    },
    async removeOfSeat(seatId) {
      await db.delete(s).where(eq(s.seatId, seatId));
    },
  };
}
