import { desc, eq, inArray, sql } from 'drizzle-orm';
import type { GapRepository, KnowledgeRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given, placeholders } from './statements.ts';

const IDS_AT_ONCE = 500;

export function createKnowledgeRepository(session: Session): KnowledgeRepository {
  const { db, tables: { knowledge: k } } = session;
  const every = db.select({ id: k.id, entry: k.entry }).from(k).prepare('knowledge_all');
  const byId = db.select({ entry: k.entry }).from(k).where(eq(k.id, given(k.id, 'id'))).prepare('knowledge_by_id');
  const put = db
    .insert(k)
    .values({ id: sql.placeholder('id'), module: sql.placeholder('module'), entry: sql.placeholder('entry'), updatedAt: sql.placeholder('now') })
    .onConflictDoUpdate({ target: k.id, set: { module: sql`excluded.module`, entry: sql`excluded.entry`, updatedAt: sql`excluded.updated_at` } })
    .prepare('knowledge_put');

  return {
    async sync(entries, now) {
      await session.lockName('knowledge');
      const stored = new Map((await every.execute()).map((row) => [row.id, JSON.stringify(row.entry)]));
      let changed = 0;
      for (const entry of entries) {
        if (stored.get(entry.id) !== JSON.stringify(entry)) {
          await put.execute({ id: entry.id, module: entry.module, entry, now });
          changed += 1;
        }
        stored.delete(entry.id);
      }
      const gone = [...stored.keys()];
      for (let start = 0; start < gone.length; start += IDS_AT_ONCE) await db.delete(k).where(inArray(k.id, gone.slice(start, start + IDS_AT_ONCE)));
      return changed + gone.length;
    },
    async all() {
      // Sorted here: databases differ in the order of text.
      return (await every.execute()).map((row) => row.entry).toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    },
    async get(id) {
      return first(await byId.execute({ id }))?.entry ?? null;
    },
  };
}

export function createGapRepository(session: Session): GapRepository {
  const { db, tables: { gaps: g } } = session;
  const newest = db
    .select({ id: g.id, question: g.question, bestId: g.bestId, bestScore: g.bestScore, at: g.at })
    .from(g)
    .orderBy(desc(g.at), desc(g.id))
    .limit(sql.placeholder('limit'))
    .prepare('gaps_newest');
  const insertGap = db.insert(g).values(placeholders({ id: g.id, conversationId: g.conversationId, question: g.question, bestId: g.bestId, bestScore: g.bestScore, at: g.at })).prepare('gaps_insert');
  return {
    async add(gap) {
      await insertGap.execute(gap);
    },
    async latest(limit) {
      return newest.execute({ limit });
    },
  };
}
