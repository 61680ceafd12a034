import type { EpochMs } from '../domain/activity.ts';
import { AppError } from '../domain/errors.ts';
import { maskText } from '../domain/masking.ts';
import type { KnowledgeRevision, KnowledgeTask, KnowledgeTaskKind, Repositories } from '../store/contract.ts';
import type { EditingContext, Editor } from './context.ts';

/** What the editors have to do, and the notes by which seats tell them. */

/** What a seat may say of an entry, or of one that is not there. */
export type NoteKind = Extract<KnowledgeTaskKind, 'wrong' | 'missing' | 'unclear'>;

export interface NoteGiven {
  readonly kind: NoteKind;
  readonly text: string;
  /** Null: there is no entry about it. */
  readonly entryId: string | null;
  /** Where it was noticed. */
  readonly conversationId: string | null;
  /** Chosen by the caller: the same note sent twice is one. Null: every one counts. */
  readonly clientId: string | null;
  /** Username of who shall see to it; null: the entry's owner, or the editors together. */
  readonly owner?: string | null;
  /** `YYYY-MM-DD`. */
  readonly dueOn?: string | null;
}

/** Tasks of an entry looked at together. */
const MANY = 500;

/** Makes a task of a note; its text is masked. @throws AppError `knowledge.not_found` (404), `knowledge.unknown_owner` (422) */
export async function leaveNote(context: EditingContext, seat: Editor, given: NoteGiven): Promise<KnowledgeTask> {
  return context.store.write(async (repos) => {
    const row = given.entryId === null ? null : await repos.knowledge.row(given.entryId);
    if (given.entryId !== null && row === null) throw new AppError('knowledge.not_found', 'no such entry', { status: 404, citizenText: '没有这条知识。' });
    const owner = given.owner ?? row?.entry.owner ?? null;
    if (given.owner !== undefined && given.owner !== null && (await repos.seats.findByUsername(given.owner))?.seat.active !== true) throw new AppError('knowledge.unknown_owner', 'no such seat', { status: 422, citizenText: '负责人：没有这个用户。' });
    const id = context.newId();
    const key = `note:${seat.id}:${given.clientId ?? id}`;
    const task = { id, key, kind: given.kind, entryId: given.entryId, owner, text: maskText(given.text.trim()).text, conversationId: given.conversationId, createdBy: seat.id, createdAt: context.now(), dueOn: given.dueOn ?? null };
    if (await repos.knowledgeTasks.add(task)) {
      await repos.trail.append({ at: context.now(), actor: `seat:${seat.id}`, action: 'knowledge.noted', subject: given.entryId === null ? `knowledge_task:${id}` : `knowledge:${given.entryId}`, purpose: given.kind });
      return { ...task, state: 'open', closedBy: null, closedAt: null, outcome: null };
    }
    const before = await repos.knowledgeTasks.byKey(key);
    if (before === null) throw new AppError('knowledge.conflict', 'the note was stored and gone', { retry: 'conflict', status: 409 });
    return before;
  });
}

/**
 * Closes a task with what came of it. Closing it again in the same way changes nothing.
 * @throws AppError `knowledge.not_found` (404), `knowledge.task_closed` (409)
 */
export async function closeTask(context: EditingContext, editor: Editor, id: string, given: { readonly state: 'done' | 'dismissed'; readonly outcome: string | null }): Promise<KnowledgeTask> {
  return context.store.write(async (repos) => {
    const task = await repos.knowledgeTasks.get(id);
    if (task === null) throw new AppError('knowledge.not_found', 'no such task', { status: 404, citizenText: '没有这项任务。' });
    const outcome = given.outcome === null || given.outcome.trim() === '' ? null : maskText(given.outcome.trim()).text;
    const now = context.now();
    if (await repos.knowledgeTasks.close(id, { state: given.state, by: editor.id, outcome, now })) {
      await repos.trail.append({ at: now, actor: `seat:${editor.id}`, action: 'knowledge.task_closed', subject: task.entryId === null ? `knowledge_task:${id}` : `knowledge:${task.entryId}`, purpose: task.kind });
      return { ...task, state: given.state, closedBy: editor.id, closedAt: now, outcome };
    }
    if (task.state === given.state && task.closedBy === editor.id) return task;
    throw new AppError('knowledge.task_closed', 'the task is closed already', { status: 409, citizenText: '这项任务已经有人处理了。', details: { taskId: id } });
  });
}

/** A new text answers reminders of the old one; an entry that is taken back leaves nothing to do. Notes of seats stay open until somebody has looked at them. */
export async function closeTasksOf(repos: Pick<Repositories, 'knowledgeTasks'>, revision: KnowledgeRevision, by: string, now: EpochMs): Promise<void> {
  const kinds: readonly KnowledgeTaskKind[] | null = revision.wish === 'publish' ? ['review', 'expiry', 'lint'] : null;
  const open = await repos.knowledgeTasks.list({ state: 'open', entryId: revision.entryId, limit: MANY, ...(kinds === null ? {} : { kinds }) });
  const outcome = revision.wish === 'publish' ? `已发布第 ${revision.number} 版` : '知识已下线';
  for (const task of open) {
    // The days of the new text may be the old ones: then there is still something to see to.
    if (revision.wish === 'publish' && ((task.kind === 'review' && task.dueOn === revision.entry.reviewOn) || (task.kind === 'expiry' && task.dueOn === revision.entry.expiresOn))) continue;
    await repos.knowledgeTasks.close(task.id, { state: 'done', by, outcome, now });
  }
}
