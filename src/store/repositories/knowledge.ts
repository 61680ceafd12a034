import { and, asc, eq, gt, isNotNull, like, lte, max, notExists, type SQL, sql } from 'drizzle-orm';
import { AppError } from '../../domain/errors.ts';
import type { KnowledgeEntry } from '../../domain/knowledge.ts';
import type { FallingEntry, KnowledgeRepository, KnowledgeRow } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given, orderedUpToLimit, placeholders, setTo } from './statements.ts';

/**
 * Whoever changes knowledge holds this name until the commit. Change numbers therefore become visible in their order: a
 * reader that has seen N will never miss a smaller one that was committed later.
 */
export const KNOWLEDGE_LOCK = 'knowledge';

export function createKnowledgeRepository(session: Session): KnowledgeRepository {
  const { db, tables: { knowledge: k, revisions: r, knowledgeTasks: t } } = session;
  const shown = { id: k.id, state: k.state, origin: k.origin, revision: k.revision, entry: k.entry, changeSeq: k.changeSeq, updatedAt: k.updatedAt };
  const ofFiles = db.select({ id: k.id, state: k.state, revision: k.revision, entry: k.entry }).from(k).where(eq(k.origin, 'file')).prepare('knowledge_of_files');
  const originOf = db.select({ origin: k.origin }).from(k).where(eq(k.id, given(k.id, 'id'))).prepare('knowledge_origin');
  const published = db.select({ entry: k.entry }).from(k).where(eq(k.state, 'published')).prepare('knowledge_published');
  const byId = db.select(shown).from(k).where(eq(k.id, given(k.id, 'id'))).prepare('knowledge_by_id');
  const newest = db.select({ seq: max(k.changeSeq) }).from(k).prepare('knowledge_change_seq');
  const changed = db.select(shown).from(k).where(gt(k.changeSeq, given(k.changeSeq, 'after'))).orderBy(orderedUpToLimit(asc(k.changeSeq))).prepare('knowledge_changes');
  const perModule = db.select({ module: k.module, amount: sql<number>`count(*)`.mapWith(Number) }).from(k).where(eq(k.state, 'published')).groupBy(k.module).prepare('knowledge_counts');
  const put = db
    .insert(k)
    .values(placeholders({ id: k.id, module: k.module, entry: k.entry, updatedAt: k.updatedAt, state: k.state, origin: k.origin, revision: k.revision, departments: k.departments, owner: k.owner, reviewOn: k.reviewOn, expiresOn: k.expiresOn, changeSeq: k.changeSeq }))
    .onConflictDoUpdate({
      target: k.id,
      set: {
        module: sql`excluded.module`, entry: sql`excluded.entry`, updatedAt: sql`excluded.updated_at`, state: sql`excluded.state`, origin: sql`excluded.origin`,
        revision: sql`excluded.revision`, departments: sql`excluded.departments`, owner: sql`excluded.owner`, reviewOn: sql`excluded.review_on`, expiresOn: sql`excluded.expires_on`,
        changeSeq: sql`excluded.change_seq`,
      },
    })
    .prepare('knowledge_put');
  const takeBack = db
    .update(k)
    .set({ state: 'retired', origin: setTo(k.origin, 'origin'), changeSeq: setTo(k.changeSeq, 'seq'), updatedAt: setTo(k.updatedAt, 'now') })
    .where(and(eq(k.id, given(k.id, 'id')), eq(k.state, 'published')))
    .returning({ id: k.id })
    .prepare('knowledge_take_back');
  const highest = db.select({ number: max(r.number) }).from(r).where(eq(r.entryId, given(r.entryId, 'id'))).prepare('knowledge_highest_revision');
  /** A text that was published without a revision gets one when its time is over. */
  const keep = db
    .insert(r)
    .values({
      id: sql.placeholder('revisionId'), entryId: sql.placeholder('id'), number: sql.placeholder('number'), state: 'replaced', entry: sql.placeholder('entry'), wish: 'publish',
      author: 'system', editedBy: 'system', createdAt: sql.placeholder('at'), updatedAt: sql.placeholder('at'), decidedAt: sql.placeholder('at'), version: 1,
    })
    .onConflictDoNothing()
    .prepare('knowledge_keep_replaced');

  /** Every day of an entry has its task once, open or closed: it is found by its key, which both dialects put together alike. */
  const fallingBy = (kind: FallingEntry['kind'], day: typeof k.reviewOn | typeof k.expiresOn) =>
    db
      .select({ id: k.id, on: day, entry: k.entry })
      .from(k)
      // Entries with a day are few: the index of all that are published must not tempt the planner away from theirs.
      .where(and(sql`(${k.state} || '') = 'published'`, isNotNull(day), lte(day, given(day, 'by')), notExists(db.select({ one: sql`1` }).from(t).where(eq(t.key, sql`${sql.raw(`'${kind}:'`)} || ${k.id} || ':' || ${day}`)))))
      .orderBy(orderedUpToLimit(asc(day), asc(k.id)))
      .prepare(`knowledge_falling_${kind}`);
  const falling = { review: fallingBy('review', k.reviewOn), expiry: fallingBy('expiry', k.expiresOn) };

  async function changeSeq(): Promise<number> {
    return first(await newest.execute())?.seq ?? 0;
  }

  async function rowOf(id: string): Promise<KnowledgeRow | null> {
    return first(await byId.execute({ id }));
  }

  async function store(entry: KnowledgeEntry, rest: Pick<KnowledgeRow, 'origin' | 'revision' | 'changeSeq' | 'updatedAt'>): Promise<KnowledgeRow> {
    const row: KnowledgeRow = { id: entry.id, state: 'published', entry, ...rest };
    await put.execute({ ...row, module: entry.module, departments: `,${[entry.department, ...(entry.alsoDepartments ?? [])].join(',')},`, owner: entry.owner ?? null, reviewOn: entry.reviewOn ?? null, expiresOn: entry.expiresOn ?? null });
    return row;
  }

  return {
    changeSeq,
    row: rowOf,
    async sync(entries, now) {
      await session.lockName(KNOWLEDGE_LOCK);
      // A start must not read what the editors have: that may be a hundred thousand entries.
      const stored = new Map((await ofFiles.execute()).map((row) => [row.id, row]));
      const before = await changeSeq();
      let seq = before;
      for (const entry of entries) {
        const row = stored.get(entry.id);
        stored.delete(entry.id);
        if (row === undefined && first(await originOf.execute({ id: entry.id }))?.origin === 'desk') continue;
        const same = row !== undefined && JSON.stringify(row.entry) === JSON.stringify(entry);
        if (same && row.state === 'published') continue;
        const revision = same ? row.revision : Math.max(row?.revision ?? 0, first(await highest.execute({ id: entry.id }))?.number ?? 0) + 1;
        seq += 1;
        await store(entry, { origin: 'file', revision, changeSeq: seq, updatedAt: now });
      }
      for (const row of stored.values()) {
        if (row.state !== 'published') continue;
        seq += 1;
        await takeBack.execute({ id: row.id, origin: 'file', seq, now });
      }
      return seq - before;
    },
    async all() {
      // Sorted here: databases differ in the order of text.
      return (await published.execute()).map((row) => row.entry).toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    },
    async get(id) {
      const row = await rowOf(id);
      return row?.state === 'published' ? row.entry : null;
    },
    async list({ state, module, department, owner, afterId, limit }) {
      const narrow: SQL[] = [];
      if (state !== undefined) narrow.push(eq(k.state, state));
      if (module !== undefined) narrow.push(eq(k.module, module));
      if (department !== undefined) narrow.push(hasDepartment(department));
      if (owner !== undefined) narrow.push(eq(k.owner, owner));
      if (afterId !== undefined) narrow.push(gt(k.id, afterId));
      return db.select(shown).from(k).where(and(...narrow)).orderBy(asc(k.id)).limit(limit);
    },
    async counts() {
      const counts: Record<KnowledgeEntry['module'], number> = { duties: 0, desk: 0, faq: 0, terms: 0, guides: 0 };
      for (const row of await perModule.execute()) counts[row.module] = row.amount;
      return counts;
    },
    async changes(afterSeq, limit) {
      return changed.execute({ after: afterSeq, limit });
    },
    async publish({ entry, revision, origin, now }) {
      await session.lockName(KNOWLEDGE_LOCK);
      const row = await rowOf(entry.id);
      if (row !== null && row.revision >= revision) {
        throw new AppError('knowledge.conflict', 'a revision as new as this is published already', { retry: 'conflict', status: 409, details: { entryId: entry.id, revision: row.revision } });
      }
      if (row !== null) await keep.execute({ revisionId: `published:${row.id}:${row.revision}`, id: row.id, number: row.revision, entry: row.entry, at: row.updatedAt });
      return store(entry, { origin, revision, changeSeq: (await changeSeq()) + 1, updatedAt: now });
    },
    async falling({ reviewBy, expiryBy, limit }) {
      const found: FallingEntry[] = [];
      for (const [kind, by] of [['expiry', expiryBy], ['review', reviewBy]] as const) {
        for (const { id, on, entry } of await falling[kind].execute({ by, limit })) found.push({ kind, id, on: on ?? by, question: entry.question, owner: entry.owner ?? null });
      }
      return found.toSorted((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0)).slice(0, limit);
    },
    async retire(id, now) {
      await session.lockName(KNOWLEDGE_LOCK);
      return (await takeBack.execute({ id, origin: 'desk', seq: (await changeSeq()) + 1, now })).length > 0;
    },
  };

  /** Ids of departments have no comma, nor what LIKE reads as a pattern; whoever asks for another finds nothing. */
  function hasDepartment(id: string): SQL {
    return /^[a-z0-9-]+$/.test(id) ? like(k.departments, `%,${id},%`) : sql`1 = 0`;
  }
}
