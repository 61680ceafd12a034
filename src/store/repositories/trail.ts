import { and, asc, desc, eq, gt, gte, inArray, like, lt, sql } from 'drizzle-orm';
import type { TrailCheck, TrailEntry, TrailRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { storableText } from '../text.ts';
import { first, given } from './statements.ts';

const HEAD = 1;
const START = '';
const ENTRIES_AT_ONCE = 1000;
/** Entries that one search looks through where no index helps (a purpose, the beginning of a subject). */
const LOOKED_THROUGH = 50_000;
/** Entries that two nodes write while their clocks differ, amply. */
const CLOCKS_APART = 2_000;

/**
 * Who did what, in a chain: each entry's hash covers the entry and the hash before it, with a key that is not in the
 * database. Changing, removing or inserting an entry breaks the chain from there on; cutting off its end is seen by
 * the head row, unless that is put back to an older copy as well: keep an off-site note of `latest(1)`.
 */
export function createTrailRepository(session: Session): TrailRepository {
  const { db, vault, tables: { trail: t, trailHeads: h } } = session;
  const head = db.select({ seq: h.seq, hash: h.hash }).from(h).where(eq(h.id, HEAD)).prepare('trail_head');
  const insert = db
    .insert(t)
    .values({
      seq: sql.placeholder('seq'), at: sql.placeholder('at'), actor: sql.placeholder('actor'), action: sql.placeholder('action'), subject: sql.placeholder('subject'),
      purpose: sql.placeholder('purpose'), previousHash: sql.placeholder('previousHash'), hash: sql.placeholder('hash'),
    })
    .prepare('trail_insert');
  const putHead = db
    .insert(h)
    .values({ id: HEAD, seq: sql.placeholder('seq'), hash: sql.placeholder('hash') })
    .onConflictDoUpdate({ target: h.id, set: { seq: sql`excluded.seq`, hash: sql`excluded.hash` } })
    .prepare('trail_head_put');
  const newest = db.select().from(t).orderBy(desc(t.seq)).limit(sql.placeholder('limit')).prepare('trail_newest');
  const following = db.select().from(t).where(gt(t.seq, given(t.seq, 'after'))).orderBy(asc(t.seq)).limit(ENTRIES_AT_ONCE).prepare('trail_following');

  const hashOf = (entry: Omit<TrailEntry, 'hash'>): string => vault.blindIndex('trail', canonical(entry));

  return {
    async append(wanted) {
      await session.lockName('trail');
      const last = first(await head.execute()) ?? { seq: 0, hash: START };
      const entry = { ...storable(wanted), seq: last.seq + 1, previousHash: last.hash };
      const hash = hashOf(entry);
      await insert.execute({ ...entry, hash });
      await putHead.execute({ seq: entry.seq, hash });
      return { ...entry, hash };
    },
    async latest(limit) {
      return newest.execute({ limit });
    },
    async search({ actor, actions, subject, purpose, from, to }, { limit, before }) {
      const end = before ?? (first(await head.execute())?.seq ?? 0) + 1;
      // Times grow with the numbers but for the clocks of several nodes: a range of time is a stretch of numbers.
      const newest = to === undefined ? null : first(await db.select({ seq: t.seq }).from(t).where(lt(t.at, to)).orderBy(desc(t.at)).limit(1));
      const oldest = from === undefined ? null : first(await db.select({ seq: t.seq }).from(t).where(gte(t.at, from)).orderBy(asc(t.at)).limit(1));
      if ((to !== undefined && newest === null) || (from !== undefined && oldest === null)) return { entries: [], next: null };
      const above = newest === null ? end : Math.min(end, newest.seq + CLOCKS_APART);
      const lowest = oldest === null ? 0 : Math.max(0, oldest.seq - CLOCKS_APART);
      const begins = subject?.endsWith('*') === true ? subject.slice(0, -1) : null;
      const slow = purpose !== undefined || begins !== null;
      const floor = slow && actor === undefined && actions === undefined ? Math.max(lowest, above - LOOKED_THROUGH) : lowest;
      const rows = await db
        .select()
        .from(t)
        .where(and(
          lt(t.seq, above), floor === 0 ? undefined : gte(t.seq, floor), actor === undefined ? undefined : eq(t.actor, actor), actions === undefined ? undefined : inArray(t.action, [...actions]),
          subject === undefined ? undefined : begins === null ? eq(t.subject, subject) : like(t.subject, `${pattern(begins)}%`), purpose === undefined ? undefined : like(t.purpose, `%${pattern(purpose)}%`),
          from === undefined ? undefined : gte(t.at, from), to === undefined ? undefined : lt(t.at, to),
        ))
        .orderBy(desc(t.seq))
        .limit(limit + 1);
      const entries = rows.slice(0, limit);
      return { entries, next: rows.length > limit ? (entries.at(-1)?.seq ?? null) : floor > Math.max(1, lowest) ? floor : null };
    },
    async check(from) {
      let last = { seq: from?.seq ?? 0, hash: from?.hash ?? START };
      const entries = await following.execute({ after: last.seq });
      for (const entry of entries) {
        const expected = last.seq + 1;
        if (entry.seq !== expected || entry.previousHash !== last.hash || entry.hash !== hashOf(entry)) return { upTo: last, brokenAt: expected, done: true };
        last = { seq: entry.seq, hash: entry.hash };
      }
      if (entries.length === ENTRIES_AT_ONCE) return { upTo: last, brokenAt: null, done: false };
      const end = first(await head.execute()) ?? { seq: 0, hash: START };
      return { upTo: last, brokenAt: end.seq === last.seq && end.hash === last.hash ? null : last.seq + 1, done: true };
    },
    async verify() {
      let upTo: TrailCheck['upTo'] | null = null;
      for (;;) {
        const step = await this.check(upTo);
        if (step.done) return step.brokenAt;
        upTo = step.upTo;
      }
    },
    async head() {
      return first(await head.execute())?.seq ?? 0;
    },
  };
}

/** What would stand for anything in a pattern stands for nothing here. */
const pattern = (text: string): string => text.replace(/[%_\\]/g, '');

/** Length before each field (bytes of UTF-8, `-` for null): no two entries read alike, and what a database gives back reads as what went in. */
function canonical({ seq, at, actor, action, subject, purpose, previousHash }: Omit<TrailEntry, 'hash'>): string {
  return [String(seq), String(at), actor, action, subject, purpose, previousHash].map((field) => (field === null ? '-' : `${Buffer.byteLength(field)}:${field}`)).join('');
}

/** What the columns would change is changed before it is hashed. */
function storable({ at, actor, action, subject, purpose }: Parameters<TrailRepository['append']>[0]): Omit<TrailEntry, 'seq' | 'previousHash' | 'hash'> {
  return { at, actor: storableText(actor), action: storableText(action), subject: storableText(subject), purpose: purpose === null ? null : storableText(purpose) };
}
