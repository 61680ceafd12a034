import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EpochMs } from '../domain/activity.ts';
import { beijingDay, DAY } from '../domain/clock.ts';
import { AppError } from '../domain/errors.ts';
import type { KnowledgeEntry } from '../domain/knowledge.ts';
import type { GapCluster, KnowledgeGap, KnowledgeRevision, Repositories, Store } from '../store/contract.ts';
import { gatherSlowly, type Gathered } from './cluster.ts';
import { UNWRITTEN, UNWRITTEN_SOURCE } from './check.ts';
import type { EditingContext, Editor } from './context.ts';
import { saveDraft, startDraft } from './drafts.ts';

/** Questions that were not answered well: gathered daily, then an editor drafts an entry, adds a wording, or lets them be. */

const STATES: readonly GapCluster['state'][] = ['open', 'drafted', 'added', 'dismissed'];
/** Gaps gathered in one transaction. */
const PAGE = 1_000;
/** Clusters that have not grown for so long take nothing in any more. */
const ALIVE_DAYS = 180;
const MOST_CLUSTERS = 5_000;
/** Hour of the day, Beijing, from which the daily run is due. */
const DAILY_HOUR = 3;
const RUNNING = { channel: 'knowledge', key: 'gaps-running' } as const;
const LAST_DAY = { channel: 'knowledge', key: 'gaps-day' } as const;
/** A node that dies while it gathers keeps the others out for so long. */
const RUN_MS = 10 * 60_000;
const WORDING = { least: 2, most: 80 } as const;
const ANSWER_MOST = 900;

export interface GatherReport {
  readonly gaps: number;
  /** Clusters that are new or have grown. */
  readonly clusters: number;
}

/** Gathers what is not gathered yet. @throws AppError `knowledge.gaps_busy` (409) while another run is under way */
export async function gatherGaps(context: Pick<EditingContext, 'store' | 'now'>): Promise<GatherReport> {
  const { store, now } = context;
  await store.write(async (repos) => {
    if ((await repos.channelState.get(RUNNING.channel, RUNNING.key, now())) !== null) throw new AppError('knowledge.gaps_busy', 'gaps are being gathered', { status: 409, retry: 'after', citizenText: '正在归集，请稍后再看。' });
    await repos.channelState.put(RUNNING.channel, RUNNING.key, 'yes', now() + RUN_MS);
  });
  try {
    let gaps = 0;
    const touched = new Set<string>();
    for (;;) {
      const read = await store.read(async (repos) => ({ loose: await repos.gaps.unclustered(PAGE), clusters: await repos.gaps.clusters({ states: STATES, since: now() - ALIVE_DAYS * DAY, limit: MOST_CLUSTERS }) }));
      if (read.loose.length === 0) break;
      const gathered = await slowly(read.loose, read.clusters);
      await store.write((repos) => keep(repos, gathered, read.clusters));
      gaps += read.loose.length;
      for (const { id } of gathered.clusters) touched.add(id);
      if (read.loose.length < PAGE) break;
    }
    return { gaps, clusters: touched.size };
  } finally {
    await store.write((repos) => repos.channelState.put(RUNNING.channel, RUNNING.key, 'no', now() - 1));
  }
}

/** Gives other work its turn. */
async function slowly(gaps: readonly KnowledgeGap[], clusters: readonly GapCluster[]): Promise<Gathered> {
  const work = gatherSlowly(gaps, clusters);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await nextTurn();
  }
}

/** An editor may have closed a cluster meanwhile: what they decided stays, only the counts grow. */
async function keep(repos: Repositories, gathered: Gathered, before: readonly GapCluster[]): Promise<void> {
  const known = new Set(before.map(({ id }) => id));
  for (const cluster of gathered.clusters) {
    const stored = known.has(cluster.id) ? await repos.gaps.cluster(cluster.id) : null;
    await repos.gaps.putCluster(stored === null ? cluster : { ...cluster, state: stored.state, entryId: stored.entryId, closedBy: stored.closedBy });
  }
  const byCluster = new Map<string, string[]>();
  for (const [gapId, clusterId] of gathered.assigned) byCluster.set(clusterId, [...(byCluster.get(clusterId) ?? []), gapId]);
  for (const [clusterId, gapIds] of byCluster) await repos.gaps.assign(gapIds, clusterId);
}

/** The daily run, on whichever node looks first after three in the morning. Null: not due, done already, or under way. */
export async function gatherDaily(context: Pick<EditingContext, 'store' | 'now'>): Promise<GatherReport | null> {
  const { store, now } = context;
  const day = beijingDay(now() - DAILY_HOUR * (DAY / 24));
  const done = await store.read((repos) => repos.channelState.get(LAST_DAY.channel, LAST_DAY.key, now()));
  if (done === day) return null;
  const mine = await store.write(async (repos) => {
    if ((await repos.channelState.get(LAST_DAY.channel, LAST_DAY.key, now())) === day) return false;
    await repos.channelState.put(LAST_DAY.channel, LAST_DAY.key, day, null);
    return true;
  });
  if (!mine) return null;
  try {
    return await gatherGaps(context);
  } catch (error) {
    if (error instanceof AppError && error.code === 'knowledge.gaps_busy') return null;
    throw error;
  }
}

// ── what an editor does with a cluster ──

/** @throws AppError `knowledge.gap_not_found` (404) */
export async function requireCluster(store: Pick<Store, 'read'>, id: string): Promise<GapCluster> {
  const cluster = await store.read((repos) => repos.gaps.cluster(id));
  if (cluster === null) throw new AppError('knowledge.gap_not_found', 'no such gap', { status: 404, citizenText: '没有这个知识缺口。' });
  return cluster;
}

export interface Drafted {
  readonly cluster: GapCluster;
  readonly revision: KnowledgeRevision;
}

/**
 * One key: a draft of a new entry out of the cluster. Its question and wordings are the citizens'; the rest is that of the
 * nearest entry, for the editor to change: its answer stands behind a mark, with which nobody may hand it in. Asked again, it gives the draft that is under way.
 * @throws AppError `knowledge.gap_not_found` (404) and those of `startDraft`
 */
export async function draftFromGap(context: EditingContext, editor: Editor, clusterId: string): Promise<Drafted> {
  const cluster = await requireCluster(context.store, clusterId);
  if (cluster.state === 'drafted' && cluster.entryId !== null) {
    const { entryId } = cluster;
    const open = await context.store.read((repos) => repos.revisions.openOf(entryId));
    if (open !== null) return { cluster, revision: open };
  }
  const nearest = cluster.bestId === null ? null : await context.store.read((repos) => repos.knowledge.get(cluster.bestId ?? ''));
  const revision = await startDraft(context, editor, { entry: prefilled(cluster, nearest, context) }, `来自知识缺口：市民问过 ${cluster.count} 次`);
  return { cluster: await close(context, cluster.id, { state: 'drafted', entryId: revision.entryId, closedBy: editor.id }), revision };
}

function prefilled(cluster: GapCluster, nearest: KnowledgeEntry | null, { city, now }: EditingContext): KnowledgeEntry {
  const question = cluster.title.slice(0, WORDING.most);
  const wordings = cluster.samples.filter((sample) => sample !== cluster.title && sample.length >= WORDING.least && sample.length <= WORDING.most);
  return {
    id: `gap.${cluster.id.toLowerCase().replace(/[^a-z0-9-]+/g, '-')}`.slice(0, 100),
    module: nearest?.module ?? 'faq',
    question: question.length >= WORDING.least ? question : `关于“${question}”`,
    wordings,
    answer: nearest === null ? `${UNWRITTEN}写出答案）市民问：${question}` : `${UNWRITTEN}核对；以下是“${nearest.question}”的答案）${nearest.answer}`.slice(0, ANSWER_MOST),
    voice: `${UNWRITTEN}写出口播答案）`,
    department: nearest?.department ?? city.departments[0]?.id ?? 'hotline',
    source: nearest?.source ?? { title: UNWRITTEN_SOURCE },
    effectiveFrom: beijingDay(now()),
    ...(nearest?.item === undefined ? {} : { item: nearest.item }),
    ...(nearest === null ? {} : { related: [nearest.id] }),
  };
}

/**
 * A draft of that entry with one more wording; added to the editor's own text when a draft of it is under way.
 * @throws AppError `knowledge.gap_not_found` (404), `knowledge.wording_size` (400) and those of `startDraft` and `saveDraft`
 */
export async function addGapWording(context: EditingContext, editor: Editor, clusterId: string, given: { readonly entryId: string; readonly wording: string }): Promise<Drafted> {
  const cluster = await requireCluster(context.store, clusterId);
  const wording = given.wording.trim();
  if (wording.length < WORDING.least || wording.length > WORDING.most) throw new AppError('knowledge.wording_size', 'a wording has 2 to 80 characters', { status: 400, citizenText: '问法要有 2 到 80 个字。' });
  const open = await context.store.read((repos) => repos.revisions.openOf(given.entryId));
  const draft = open !== null && open.wish === 'publish' && (open.state === 'draft' || open.state === 'returned') ? open : await startDraft(context, editor, { entryId: given.entryId }, `加问法：${wording}`);
  const there = draft.entry.question === wording || draft.entry.wordings.includes(wording);
  const revision = there ? draft : await saveDraft(context, editor, draft.id, { entry: { ...draft.entry, wordings: [...draft.entry.wordings, wording] }, note: draft.note, version: draft.version });
  return { cluster: await close(context, cluster.id, { state: 'added', entryId: given.entryId, closedBy: editor.id }), revision };
}

/** Nothing is to be done about it. */
export async function dismissGap(context: EditingContext, editor: Editor, clusterId: string): Promise<GapCluster> {
  await requireCluster(context.store, clusterId);
  return close(context, clusterId, { state: 'dismissed', closedBy: editor.id });
}

/** Read and written in one transaction: the cluster may grow meanwhile. */
function close(context: EditingContext, id: string, change: Partial<Pick<GapCluster, 'state' | 'entryId' | 'closedBy'>>): Promise<GapCluster> {
  return context.store.write(async (repos) => {
    const cluster = await repos.gaps.cluster(id);
    if (cluster === null) throw new AppError('knowledge.gap_not_found', 'no such gap', { status: 404, citizenText: '没有这个知识缺口。' });
    const closed = { ...cluster, ...change };
    await repos.gaps.putCluster(closed);
    return closed;
  });
}

export interface GapWatch {
  /** Looks whether the daily run is due. Every node may. */
  tick(now: EpochMs): Promise<GatherReport | null>;
}

export const createGapWatch = (store: EditingContext['store']): GapWatch => ({ tick: (now) => gatherDaily({ store, now: () => now }) });
