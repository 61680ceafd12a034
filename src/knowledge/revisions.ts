import { AppError } from '../domain/errors.ts';
import type { KnowledgeRevision, Repositories, RevisionState } from '../store/contract.ts';
import type { EditingContext, Editor } from './context.ts';

/** What drafting and reviewing share: legal states, four eyes, the trail. */

/** States that a revision is worked on in. */
export const OPEN_STATES: readonly RevisionState[] = ['draft', 'review', 'returned', 'approved'];

export const STATE_NAMES: Readonly<Record<RevisionState, string>> = {
  draft: '草稿', review: '待审核', returned: '已退回', approved: '已通过待发布', published: '已发布', replaced: '已被新版替换', retired: '已下线', dropped: '已撤销',
};

/** @throws AppError `knowledge.not_found` (404) */
export async function requireRevision(repos: Pick<Repositories, 'revisions'>, id: string): Promise<KnowledgeRevision> {
  const revision = await repos.revisions.get(id);
  if (revision === null) throw new AppError('knowledge.not_found', 'no such revision', { status: 404, citizenText: '没有这个版本。' });
  return revision;
}

/** @throws AppError `knowledge.wrong_state` (409) unless the revision is in one of these states */
export function requireState(revision: KnowledgeRevision, states: readonly RevisionState[]): void {
  if (states.includes(revision.state)) return;
  throw new AppError('knowledge.wrong_state', `a revision in state ${revision.state} cannot do that`, {
    status: 409, citizenText: `这一版现在是“${STATE_NAMES[revision.state]}”，不能这样操作，请刷新。`, details: { revisionId: revision.id, version: revision.version, state: revision.state },
  });
}

/** Was this very step done a moment ago (a double click)? Then its outcome is the answer. */
export function doneAlready(revision: KnowledgeRevision, state: RevisionState, version: number): boolean {
  return revision.state === state && revision.version === version + 1;
}

/** Nobody reviews what they wrote or changed last. @throws AppError `knowledge.own_work` (403) */
export function requireFourEyes(revision: KnowledgeRevision, reviewer: Editor): void {
  if (reviewer.id !== revision.author && reviewer.id !== revision.editedBy) return;
  throw new AppError('knowledge.own_work', 'author and reviewer must be two people', { status: 403, citizenText: '不能审核自己起草或最后修改的内容，请由另一位编辑审核。', details: { revisionId: revision.id } });
}

/** One row of who did what to which revision; never a word of its text. */
export async function leaveTrail(context: Pick<EditingContext, 'now'>, repos: Pick<Repositories, 'trail'>, by: Editor | 'system', step: string, revision: Pick<KnowledgeRevision, 'entryId' | 'number'>): Promise<void> {
  await repos.trail.append({ at: context.now(), actor: by === 'system' ? 'system' : `seat:${by.id}`, action: `knowledge.${step}`, subject: `knowledge:${revision.entryId}`, purpose: `第 ${revision.number} 版` });
}
