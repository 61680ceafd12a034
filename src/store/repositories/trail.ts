import { asc, desc, eq, gt, sql } from 'drizzle-orm';
import type { TrailEntry, TrailRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { storableText } from '../text.ts';
import { first, given } from './statements.ts';

const HEAD = 1;
const START = '';
const ENTRIES_AT_ONCE = 1000;

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
    async verify() {
      let last = { seq: 0, hash: START };
      for (;;) {
        const entries = await following.execute({ after: last.seq });
        for (const entry of entries) {
          const expected = last.seq + 1;
          if (entry.seq !== expected || entry.previousHash !== last.hash || entry.hash !== hashOf(entry)) return expected;
          last = entry;
        }
        if (entries.length < ENTRIES_AT_ONCE) break;
      }
      const end = first(await head.execute()) ?? { seq: 0, hash: START };
      return end.seq === last.seq && end.hash === last.hash ? null : last.seq + 1;
    },
  };
}

/** Length before each field (bytes of UTF-8, `-` for null): no two entries read alike, and what a database gives back reads as what went in. */
function canonical({ seq, at, actor, action, subject, purpose, previousHash }: Omit<TrailEntry, 'hash'>): string {
  return [String(seq), String(at), actor, action, subject, purpose, previousHash].map((field) => (field === null ? '-' : `${Buffer.byteLength(field)}:${field}`)).join('');
}

/** What the columns would change is changed before it is hashed. */
function storable({ at, actor, action, subject, purpose }: Parameters<TrailRepository['append']>[0]): Omit<TrailEntry, 'seq' | 'previousHash' | 'hash'> {
  return { at, actor: storableText(actor), action: storableText(action), subject: storableText(subject), purpose: purpose === null ? null : storableText(purpose) };
}
