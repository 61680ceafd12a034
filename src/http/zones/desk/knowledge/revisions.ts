import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { AppError } from '../../../../domain/errors.ts';
import { approve, diffEntries, drop, type DraftSource, OPEN_STATES, publish, saveDraft, sendBack, startDraft, STATE_NAMES, submit } from '../../../../knowledge/index.ts';
import type { KnowledgeRevision, RevisionState } from '../../../../store/contract.ts';
import { IdParams } from '../schemas.ts';
import type { KnowledgeDeps } from './index.ts';
import { ApproveBody, DiffAnswer, DiffQuery, DraftBody, ReturnBody, RevisionAnswer, RevisionsAnswer, RevisionsQuery, SaveBody, VersionBody } from './schemas.ts';
import { revisionView, revisionViews } from './views.ts';

const tags = ['knowledge'];

/** Drafting, reviewing and publishing. What may be done when, and by whom, is decided in src/knowledge. */
export function revisionRoutes({ editing, reader, editor }: KnowledgeDeps): FastifyPluginAsyncTypebox {
  const { store } = editing;
  const answer = async (revision: KnowledgeRevision) => ({ revision: await store.read((repos) => revisionView(repos, revision)) });
  return async (app) => {
    app.get('/api/knowledge/revisions', { schema: { tags, summary: 'Revisions in some state, oldest first: what is to be done', querystring: RevisionsQuery, response: { 200: RevisionsAnswer } } }, async (request) => {
      const { state, mine, afterId, limit = 50 } = request.query;
      const { id } = reader(request);
      return store.read(async (repos) => {
        const revisions = await repos.revisions.list({ states: readStates(state), limit, ...(mine === true ? { author: id } : {}), ...(afterId === undefined ? {} : { afterId }) });
        return { revisions: await revisionViews(repos, revisions), nextAfterId: revisions.length < limit ? null : (revisions.at(-1)?.id ?? null) };
      });
    });

    app.get('/api/knowledge/revisions/:id', { schema: { tags, summary: 'One revision', params: IdParams, response: { 200: RevisionAnswer } } }, async (request) =>
      store.read(async (repos) => ({ revision: await revisionView(repos, found(await repos.revisions.get(request.params.id))) })),
    );

    app.get('/api/knowledge/revisions/:id/diff', { schema: { tags, summary: 'What differs from the published text, or from another revision of the entry', params: IdParams, querystring: DiffQuery, response: { 200: DiffAnswer } } }, async (request) =>
      store.read(async (repos) => {
        const revision = found(await repos.revisions.get(request.params.id));
        const { against = 'published' } = request.query;
        const row = against === 'published' ? await repos.knowledge.row(revision.entryId) : null;
        const other = against === 'published' ? null : found(await repos.revisions.get(against));
        if (other !== null && other.entryId !== revision.entryId) throw new AppError('knowledge.other_entry', 'the revisions are of different entries', { citizenText: '只能比较同一条知识的两个版本。' });
        const before = other?.entry ?? row?.entry ?? null;
        return { against: other?.number ?? row?.revision ?? null, fields: diffEntries(before, revision.entry).map(({ marks, ...diff }) => ({ ...diff, marks: [...marks] })) };
      }),
    );

    app.post('/api/knowledge/drafts', { schema: { tags, summary: 'Begin a draft: a new text, or that of an entry or of an earlier revision', body: DraftBody, response: { 200: RevisionAnswer } } }, async (request) => {
      const by = editor(request);
      return answer(await startDraft(editing, by, readSource(request.body), request.body.note ?? null));
    });

    app.put('/api/knowledge/revisions/:id', { schema: { tags, summary: 'Keep a changed draft', params: IdParams, body: SaveBody, response: { 200: RevisionAnswer } } }, async (request) => {
      const { entry, note = null, version } = request.body;
      return answer(await saveDraft(editing, editor(request), request.params.id, { entry, note, version }));
    });

    app.post('/api/knowledge/revisions/:id/submit', { schema: { tags, summary: 'Hand a draft in for review', params: IdParams, body: VersionBody, response: { 200: RevisionAnswer } } }, async (request) =>
      answer(await submit(editing, editor(request), request.params.id, request.body.version)),
    );

    app.post('/api/knowledge/revisions/:id/return', { schema: { tags, summary: 'Send it back with what is to be changed', params: IdParams, body: ReturnBody, response: { 200: RevisionAnswer } } }, async (request) =>
      answer(await sendBack(editing, editor(request), request.params.id, request.body)),
    );

    app.post('/api/knowledge/revisions/:id/approve', { schema: { tags, summary: 'Approve what somebody else wrote, for now, for a time or to be published by hand', params: IdParams, body: ApproveBody, response: { 200: RevisionAnswer } } }, async (request) => {
      const { version, verdict = null, publishAt } = request.body;
      return answer(await approve(editing, editor(request), request.params.id, { version, verdict, publishAt: publishAt === 'now' ? editing.now() : publishAt }));
    });

    app.post('/api/knowledge/revisions/:id/publish', { schema: { tags, summary: 'Publish what is approved', params: IdParams, body: VersionBody, response: { 200: RevisionAnswer } } }, async (request) =>
      answer(await publish(editing, editor(request), request.params.id, request.body.version)),
    );

    app.post('/api/knowledge/revisions/:id/drop', { schema: { tags, summary: 'Give an open revision up', params: IdParams, body: VersionBody, response: { 200: RevisionAnswer } } }, async (request) =>
      answer(await drop(editing, editor(request), request.params.id, request.body.version)),
    );
  };
}

function found(revision: KnowledgeRevision | null): KnowledgeRevision {
  if (revision === null) throw new AppError('knowledge.not_found', 'no such revision', { status: 404, citizenText: '没有这个版本。' });
  return revision;
}

const isState = (text: string): text is RevisionState => Object.hasOwn(STATE_NAMES, text);

function readStates(text: string | undefined): readonly RevisionState[] {
  if (text === undefined || text === '') return OPEN_STATES;
  return text.split(',').map((part) => {
    if (isState(part)) return part;
    throw new AppError('knowledge.unknown_state', 'no such state of a revision', { citizenText: '没有这种版本状态。' });
  });
}

function readSource({ entry, entryId, fromRevision }: { readonly entry?: unknown; readonly entryId?: string; readonly fromRevision?: string }): DraftSource {
  const given = [entry, entryId, fromRevision].filter((part) => part !== undefined);
  if (given.length === 1) {
    if (entryId !== undefined) return { entryId };
    if (fromRevision !== undefined) return { fromRevision };
    return { entry };
  }
  throw new AppError('knowledge.bad_source', 'give one of entry, entryId, fromRevision', { citizenText: '请给出新内容、知识编号或历史版本中的一项。' });
}
