import { AppError } from '../domain/errors.ts';
import type { KnowledgeEntry } from '../domain/knowledge.ts';
import { maskText } from '../domain/masking.ts';
import type { KnowledgeRevision, Repositories } from '../store/contract.ts';
import { EntryRefused, readEntry, requireSound } from './check.ts';
import type { EditingContext, Editor } from './context.ts';
import { fingerprint } from './files/tidy.ts';
import { fieldText } from './files/faults.ts';
import { doneAlready, leaveTrail, OPEN_STATES, requireRevision, requireState } from './revisions.ts';

/** Writing: from a first draft to its being handed in. */

/** What a draft begins with: a new text, the text of an entry as it is, or that of an earlier revision (to go back to it). */
export type DraftSource = { readonly entry: unknown } | { readonly entryId: string } | { readonly fromRevision: string };

/**
 * Begins a draft. Beginning the same again gives the draft that was begun.
 * @throws EntryRefused; AppError `knowledge.exists`, `knowledge.draft_open` (409), `knowledge.not_found` (404)
 */
export async function startDraft(context: EditingContext, editor: Editor, source: DraftSource, note: string | null = null): Promise<KnowledgeRevision> {
  const given = 'entry' in source ? readEntry(source.entry, context.city) : null;
  return context.store.write(async (repos) => {
    const entry = given ?? (await sourceText(repos, source));
    const row = await repos.knowledge.row(entry.id);
    const open = await repos.revisions.openOf(entry.id);
    const kept = cleanNote(note);
    if (open !== null && open.state === 'draft' && open.wish === 'publish' && open.author === editor.id && open.version === 1 && open.note === kept && fingerprint(open.entry) === fingerprint(entry)) return open;
    if (given !== null && row !== null) throw new AppError('knowledge.exists', 'an entry with this id exists', { status: 409, citizenText: '已经有这个编号的知识，请在它上面起草新版本。', details: { entryId: entry.id } });
    const revision = await repos.revisions.create({ id: context.newId(), entryId: entry.id, entry, wish: 'publish', basedOn: row?.revision ?? null, author: editor.id, note: kept, now: context.now() });
    await leaveTrail(context, repos, editor, 'fromRevision' in source ? 'rolled_back' : 'drafted', revision);
    return revision;
  });
}

async function sourceText(repos: Repositories, source: DraftSource): Promise<KnowledgeEntry> {
  if ('fromRevision' in source) return (await requireRevision(repos, source.fromRevision)).entry;
  const row = 'entryId' in source ? await repos.knowledge.row(source.entryId) : null;
  if (row === null) throw noEntry();
  return row.entry;
}

/**
 * Keeps a changed text; a returned revision is a draft again. Any editor may: who changed it last may not review it.
 * Keeping the same again changes nothing.
 * @throws EntryRefused; AppError `knowledge.conflict`, `knowledge.wrong_state` (409), `knowledge.not_found` (404)
 */
export async function saveDraft(context: EditingContext, editor: Editor, id: string, given: { readonly entry: unknown; readonly note: string | null; readonly version: number }): Promise<KnowledgeRevision> {
  const entry = readEntry(given.entry, context.city);
  return context.store.write(async (repos) => {
    const revision = await requireRevision(repos, id);
    if (entry.id !== revision.entryId) throw new EntryRefused([{ field: 'id', rule: 'fixed', text: `${fieldText('id')}：编号不能改` }]);
    requireState(revision, ['draft', 'returned']);
    if (revision.wish === 'retire') throw new AppError('knowledge.wrong_state', 'a wish to retire has no text to change', { status: 409, citizenText: '这是下线申请，没有可改的内容。', details: { revisionId: id, version: revision.version } });
    const note = cleanNote(given.note);
    const sameText = fingerprint(entry) === fingerprint(revision.entry);
    if (sameText && note === revision.note && revision.state === 'draft') return revision;
    const saved = await repos.revisions.update(id, given.version, { state: 'draft', note, ...(sameText ? {} : { entry, editedBy: editor.id }) }, context.now());
    await leaveTrail(context, repos, editor, 'edited', saved);
    return saved;
  });
}

/**
 * Hands a draft in for review.
 * @throws EntryRefused (what it refers to may be gone meanwhile); AppError `knowledge.conflict`, `knowledge.wrong_state` (409)
 */
export async function submit(context: EditingContext, editor: Editor, id: string, version: number): Promise<KnowledgeRevision> {
  return context.store.write(async (repos) => {
    const revision = await requireRevision(repos, id);
    if (doneAlready(revision, 'review', version)) return revision;
    requireState(revision, ['draft', 'returned']);
    if (revision.wish === 'publish') {
      readEntry(revision.entry, context.city);
      await requireSound(repos, revision.entry);
    }
    const submitted = await repos.revisions.update(id, version, { state: 'review', reviewer: null, decidedAt: null }, context.now());
    await leaveTrail(context, repos, editor, 'submitted', submitted);
    return submitted;
  });
}

/**
 * Asks for an entry to be taken back; somebody else approves it like any revision.
 * @param note why
 * @throws AppError `knowledge.draft_open` (409), `knowledge.not_found` (404)
 */
export async function requestRetirement(context: EditingContext, editor: Editor, entryId: string, note: string): Promise<KnowledgeRevision> {
  return context.store.write(async (repos) => {
    const row = await repos.knowledge.row(entryId);
    if (row === null || row.state !== 'published') throw noEntry();
    const open = await repos.revisions.openOf(entryId);
    if (open !== null && open.wish === 'retire' && open.state === 'review' && open.author === editor.id) return open;
    const revision = await repos.revisions.create({ id: context.newId(), entryId, entry: row.entry, wish: 'retire', basedOn: row.revision, author: editor.id, note: cleanNote(note), now: context.now(), state: 'review' });
    await leaveTrail(context, repos, editor, 'retirement_submitted', revision);
    return revision;
  });
}

/** Gives an open revision up; what is published stays. @throws AppError `knowledge.conflict`, `knowledge.wrong_state` (409) */
export async function drop(context: EditingContext, editor: Editor, id: string, version: number): Promise<KnowledgeRevision> {
  return context.store.write(async (repos) => {
    const revision = await requireRevision(repos, id);
    if (doneAlready(revision, 'dropped', version)) return revision;
    requireState(revision, OPEN_STATES);
    const dropped = await repos.revisions.update(id, version, { state: 'dropped', publishAt: null, decidedAt: context.now() }, context.now());
    await leaveTrail(context, repos, editor, 'dropped', dropped);
    return dropped;
  });
}

/** Notes are for colleagues, but are kept for good: without anybody's number. */
export function cleanNote(note: string | null): string | null {
  const text = note?.trim() ?? '';
  return text === '' ? null : maskText(text).text;
}

function noEntry(): AppError {
  return new AppError('knowledge.not_found', 'no such entry', { status: 404, citizenText: '没有这条已发布的知识。' });
}
