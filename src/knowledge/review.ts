import type { EpochMs } from '../domain/activity.ts';
import { AppError, isAppError } from '../domain/errors.ts';
import type { KnowledgeRevision, Repositories } from '../store/contract.ts';
import { readEntry, requireSound } from './check.ts';
import type { EditingContext, Editor } from './context.ts';
import { cleanNote } from './drafts.ts';
import { doneAlready, leaveTrail, requireFourEyes, requireRevision, requireState } from './revisions.ts';
import { closeTasksOf } from './tasks.ts';

/** Deciding: what was handed in goes back, waits for its time, or is published. */

/**
 * Sends a revision back to its author. What was approved and waits can be sent back too: that stops it.
 * @param verdict what is to be changed
 * @throws AppError `knowledge.conflict`, `knowledge.wrong_state` (409)
 */
export async function sendBack(context: EditingContext, editor: Editor, id: string, given: { readonly version: number; readonly verdict: string }): Promise<KnowledgeRevision> {
  return context.store.write(async (repos) => {
    const revision = await requireRevision(repos, id);
    if (doneAlready(revision, 'returned', given.version)) return revision;
    requireState(revision, ['review', 'approved']);
    const returned = await repos.revisions.update(id, given.version, { state: 'returned', reviewer: editor.id, verdict: cleanNote(given.verdict), publishAt: null, decidedAt: context.now() }, context.now());
    await leaveTrail(context, repos, editor, 'returned', returned);
    return returned;
  });
}

/**
 * Approves what somebody else wrote. With a time it is published then (at once, when the time has come); without one it
 * waits until somebody publishes it.
 * @throws AppError `knowledge.own_work` (403), `knowledge.conflict`, `knowledge.outdated`, `knowledge.wrong_state` (409); EntryRefused
 */
export async function approve(context: EditingContext, editor: Editor, id: string, given: { readonly version: number; readonly verdict: string | null; readonly publishAt: EpochMs | null }): Promise<KnowledgeRevision> {
  const outcome = await context.store.write(async (repos) => {
    const revision = await requireRevision(repos, id);
    if (revision.reviewer === editor.id && (doneAlready(revision, 'approved', given.version) || (isPublic(revision) && revision.version === given.version + 2))) return { revision, made: false };
    requireState(revision, ['review']);
    requireFourEyes(revision, editor);
    const now = context.now();
    await requireCurrent(context, repos, revision);
    const approved = await repos.revisions.update(id, given.version, { state: 'approved', reviewer: editor.id, verdict: cleanNote(given.verdict), publishAt: given.publishAt, decidedAt: now }, now);
    if (given.publishAt !== null && given.publishAt <= now) return { revision: await apply(context, repos, editor, approved, ['approved']), made: true };
    await leaveTrail(context, repos, editor, 'approved', approved);
    return { revision: approved, made: false };
  });
  if (outcome.made) context.announce();
  return outcome.revision;
}

/**
 * Publishes (or takes back, when that was the wish) what is approved, before its time if it has one.
 * @throws AppError `knowledge.conflict`, `knowledge.outdated`, `knowledge.wrong_state` (409); EntryRefused
 */
export async function publish(context: EditingContext, editor: Editor, id: string, version: number): Promise<KnowledgeRevision> {
  const outcome = await context.store.write(async (repos) => {
    const revision = await requireRevision(repos, id);
    if (isPublic(revision) && revision.version === version + 1) return { revision, made: false };
    requireState(revision, ['approved']);
    if (revision.version !== version) throw conflict(revision);
    await requireCurrent(context, repos, revision);
    return { revision: await apply(context, repos, editor, revision), made: true };
  });
  if (outcome.made) context.announce();
  return outcome.revision;
}

/**
 * Publishes an approved revision whose time has come. Of several nodes that try, one does it. What cannot be published any
 * more (the published text is another by now, its department is gone) goes back to its author.
 * @returns whether something was published or taken back
 */
export async function publishDue(context: EditingContext, id: string): Promise<boolean> {
  try {
    const made = await context.store.write(async (repos) => {
      const revision = await repos.revisions.get(id);
      if (revision === null || revision.state !== 'approved' || revision.publishAt === null || revision.publishAt > context.now()) return false;
      const why = await requireCurrent(context, repos, revision).then(() => null, (error: unknown) => {
        if (isAppError(error) && (error.code === 'knowledge.outdated' || error.code === 'knowledge.invalid')) return error.citizenText;
        throw error;
      });
      if (why === null) {
        await apply(context, repos, 'system', revision);
        return true;
      }
      const returned = await repos.revisions.update(id, revision.version, { state: 'returned', verdict: `到了发布时间但未能发布：${why}`, publishAt: null }, context.now());
      await leaveTrail(context, repos, 'system', 'returned', returned);
      return false;
    });
    if (made) context.announce();
    return made;
  } catch (error) {
    if (isAppError(error) && error.code === 'knowledge.conflict') return false; // another node, or an editor, was faster
    throw error;
  }
}

/** Is the published text still the one that this was written from, and does what it names still exist? */
async function requireCurrent(context: EditingContext, repos: Repositories, revision: KnowledgeRevision): Promise<void> {
  const row = await repos.knowledge.row(revision.entryId);
  if ((row?.revision ?? null) !== revision.basedOn || (revision.wish === 'retire' && row?.state !== 'published')) {
    throw new AppError('knowledge.outdated', 'the published text is not the one this was written from', {
      status: 409, citizenText: '起草之后线上版本有了变动，请撤销本稿，再从它起草一次。', details: { revisionId: revision.id, version: revision.version },
    });
  }
  if (revision.wish !== 'publish') return;
  readEntry(revision.entry, context.city);
  await requireSound(repos, revision.entry);
}

/**
 * In the transaction that decides: the row citizens are answered from, the revisions, the tasks, the trail. The trail comes
 * last, as everywhere: whoever holds its name waits for nobody any more.
 * @param steps what else was done just before, for the trail
 */
async function apply(context: EditingContext, repos: Repositories, by: Editor | 'system', revision: KnowledgeRevision, steps: readonly string[] = []): Promise<KnowledgeRevision> {
  const now = context.now();
  // First, so that of two who decide at once the second finds the version changed.
  const done = await repos.revisions.update(revision.id, revision.version, { state: revision.wish === 'publish' ? 'published' : 'retired' }, now);
  if (revision.wish === 'publish') await repos.knowledge.publish({ entry: revision.entry, revision: revision.number, origin: 'desk', now });
  else if (!(await repos.knowledge.retire(revision.entryId, now))) throw conflict(revision);
  const before = await repos.revisions.list({ states: ['published'], entryId: revision.entryId, limit: 10 });
  for (const other of before) if (other.id !== revision.id) await repos.revisions.update(other.id, other.version, { state: 'replaced' }, now);
  await closeTasksOf(repos, done, by === 'system' ? 'system' : by.id, now);
  for (const step of [...steps, revision.wish === 'publish' ? 'published' : 'retired']) await leaveTrail(context, repos, by, step, done);
  return done;
}

const isPublic = (revision: KnowledgeRevision): boolean => revision.state === 'published' || revision.state === 'retired';

function conflict(revision: KnowledgeRevision): AppError {
  return new AppError('knowledge.conflict', 'the revision was changed by somebody else', { retry: 'conflict', status: 409, citizenText: '别人刚刚修改过，请刷新后再试。', details: { revisionId: revision.id, version: revision.version } });
}
