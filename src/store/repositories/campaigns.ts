import { and, asc, count, desc, eq, gt, inArray, isNull, lte, min, ne, type SQL } from 'drizzle-orm';
import type { CampaignRepository } from '../contract-campaigns.ts';
import { BY_NOTICE, type CampaignTarget } from '../contract-outbound.ts';
import type { Session } from '../session.ts';
import { first } from './statements.ts';

/** Rows of one INSERT; each has some eleven values. */
const AT_ONCE = 80;
/** Ids of one IN. */
const IDS_AT_ONCE = 500;

/** Campaigns of calls and whom they call. */
export function createCampaignRepository(session: Session): CampaignRepository {
  const { db, tables: { campaigns: c, campaignTargets: t, reachAttempts: a } } = session;

  async function inParts<Row>(ids: readonly string[], ask: (part: string[]) => Promise<readonly Row[]>): Promise<Row[]> {
    const found: Row[] = [];
    for (let start = 0; start < ids.length; start += IDS_AT_ONCE) found.push(...(await ask(ids.slice(start, start + IDS_AT_ONCE))));
    return found;
  }

  return {
    async insert(campaign) {
      await db.insert(c).values({ ...campaign, hours: [...campaign.hours] });
    },
    async get(id) {
      return first(await db.select().from(c).where(eq(c.id, id)));
    },
    async list(limit) {
      return db.select().from(c).where(ne(c.createdBy, BY_NOTICE)).orderBy(desc(c.createdAt), desc(c.id)).limit(limit);
    },
    async update(id, from, { hours, ...change }) {
      return first(await db.update(c).set({ ...change, ...(hours === undefined ? {} : { hours: [...hours] }) }).where(and(eq(c.id, id), inArray(c.state, [...from]))).returning());
    },
    async addTargets(targets) {
      let added = 0;
      for (let start = 0; start < targets.length; start += AT_ONCE) {
        const rows = targets.slice(start, start + AT_ONCE).map((target) => ({ ...target, keys: { ...target.keys }, result: { ...target.result } }));
        added += (await db.insert(t).values(rows).onConflictDoNothing({ target: [t.campaignId, t.citizenId] }).returning({ id: t.id })).length;
      }
      return added;
    },
    async target(id) {
      return first(await db.select().from(t).where(eq(t.id, id)));
    },
    async targets(campaignId, { state, after, limit }) {
      const narrow: SQL[] = [eq(t.campaignId, campaignId)];
      if (state !== undefined) narrow.push(eq(t.state, state));
      if (after !== undefined) narrow.push(gt(t.id, after));
      return db.select().from(t).where(and(...narrow)).orderBy(asc(t.id)).limit(limit);
    },
    async updateTarget(id, from, { keys, result, ...change }) {
      const given = { ...change, ...(keys === undefined ? {} : { keys: { ...keys } }), ...(result === undefined ? {} : { result: { ...result } }) };
      return first(await db.update(t).set(given).where(and(eq(t.id, id), inArray(t.state, [...from]))).returning());
    },
    async dueTargets(campaignId, now, limit) {
      return db.select().from(t).where(and(eq(t.campaignId, campaignId), eq(t.state, 'waiting'), lte(t.nextAt, now))).orderBy(asc(t.nextAt), asc(t.id)).limit(limit);
    },
    async nextDueAt(campaignId) {
      return first(await db.select({ at: min(t.nextAt) }).from(t).where(and(eq(t.campaignId, campaignId), eq(t.state, 'waiting'))))?.at ?? null;
    },
    async tally(campaignId) {
      const rows = await db.select({ state: t.state, amount: count() }).from(t).where(eq(t.campaignId, campaignId)).groupBy(t.state);
      const tally: Record<CampaignTarget['state'], number> = { waiting: 0, calling: 0, reached: 0, unreached: 0, refused: 0, skipped: 0 };
      for (const { state, amount } of rows) tally[state] = amount;
      return tally;
    },
    async engaged(citizenIds) {
      const rows = await inParts(citizenIds, (part) =>
        db.select({ id: t.citizenId }).from(t).innerJoin(c, eq(c.id, t.campaignId)).where(and(inArray(t.citizenId, part), isNull(t.endedAt), inArray(c.state, ['draft', 'running', 'paused']))),
      );
      return new Set(rows.map(({ id }) => id));
    },
    async calling() {
      return first(await db.select({ amount: count() }).from(t).where(and(isNull(t.endedAt), eq(t.state, 'calling'))))?.amount ?? 0;
    },
    async attempts(targets) {
      const wanted = new Set(targets.map(({ id }) => id));
      const found = await inParts([...new Set(targets.map(({ citizenId }) => citizenId))], (part) => db.select().from(a).where(and(inArray(a.citizenId, part), eq(a.kind, 'call'))));
      return found
        .filter(({ targetId }) => targetId !== null && wanted.has(targetId))
        .sort((left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1));
    },
  };
}
