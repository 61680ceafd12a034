import { and, asc, desc, eq, gte, inArray, isNull, type SQL, sql } from 'drizzle-orm';
import type { GapRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given, orderedUpToLimit, placeholders } from './statements.ts';

const IDS_AT_ONCE = 500;

/** Questions that were not answered well, and what they have in common. */
export function createGapRepository(session: Session): GapRepository {
  const { db, tables: { gaps: g, gapClusters: c } } = session;
  const shown = { id: g.id, conversationId: g.conversationId, kind: g.kind, question: g.question, bestId: g.bestId, bestScore: g.bestScore, at: g.at, clusterId: g.clusterId };
  const { clusterId: _later, ...told } = shown;
  const insert = db.insert(g).values(placeholders(told)).prepare('gaps_insert');
  const newest = db.select(shown).from(g).orderBy(orderedUpToLimit(desc(g.at), desc(g.id))).prepare('gaps_newest');
  const loose = db.select(shown).from(g).where(isNull(g.clusterId)).orderBy(orderedUpToLimit(asc(g.at), asc(g.id))).prepare('gaps_unclustered');
  const gathered = db.select(shown).from(g).where(eq(g.clusterId, given(g.clusterId, 'clusterId'))).orderBy(orderedUpToLimit(desc(g.at), desc(g.id))).prepare('gaps_of_cluster');
  const { id, state, title, samples, count, unhelpful, bestId, bestScore, firstAt, lastAt, entryId, closedBy } = c;
  const put = db
    .insert(c)
    .values(placeholders({ id, state, title, samples, count, unhelpful, bestId, bestScore, firstAt, lastAt, entryId, closedBy }))
    .onConflictDoUpdate({
      target: c.id,
      set: {
        state: sql`excluded.state`, title: sql`excluded.title`, samples: sql`excluded.samples`, count: sql`excluded.count`, unhelpful: sql`excluded.unhelpful`, bestId: sql`excluded.best_id`,
        bestScore: sql`excluded.best_score`, firstAt: sql`excluded.first_at`, lastAt: sql`excluded.last_at`, entryId: sql`excluded.entry_id`, closedBy: sql`excluded.closed_by`,
      },
    })
    .prepare('gap_clusters_put');
  const byId = db.select().from(c).where(eq(c.id, given(c.id, 'id'))).prepare('gap_clusters_by_id');

  return {
    async add(gap) {
      await insert.execute({ ...gap });
    },
    async latest(limit) {
      return newest.execute({ limit });
    },
    async unclustered(limit) {
      return loose.execute({ limit });
    },
    async assign(gapIds, clusterId) {
      for (let start = 0; start < gapIds.length; start += IDS_AT_ONCE) await db.update(g).set({ clusterId }).where(inArray(g.id, gapIds.slice(start, start + IDS_AT_ONCE)));
    },
    async putCluster(cluster) {
      await put.execute({ ...cluster });
    },
    async cluster(wanted) {
      return first(await byId.execute({ id: wanted }));
    },
    async clusters({ states, since, limit }) {
      if (states.length === 0) return [];
      const narrow: SQL[] = [inArray(state, [...states])];
      if (since !== undefined) narrow.push(gte(lastAt, since));
      return db.select().from(c).where(and(...narrow)).orderBy(desc(count), desc(lastAt), asc(id)).limit(limit);
    },
    async ofCluster(clusterId, limit) {
      return gathered.execute({ clusterId, limit });
    },
  };
}
