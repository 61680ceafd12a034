import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { AppError } from '../../../../domain/errors.ts';
import { leaveNote, requestRetirement } from '../../../../knowledge/index.ts';
import type { Repositories } from '../../../../store/contract.ts';
import { IdParams } from '../schemas.ts';
import type { KnowledgeDeps } from './index.ts';
import { EntryAnswer, LimitQuery, MemosAnswer, NoteBody, RetireBody, RevisionAnswer, RevisionsAnswer, RowsAnswer, RowsQuery, TaskAnswer } from './schemas.ts';
import { revisionView, revisionViews, rowView, taskViews } from './views.ts';

/** A seat's own list of what it opened lately. */
const RECENT = 30;
const tags = ['knowledge'];

/** Entries as they are, and what a seat does with one. */
export function entryRoutes({ editing, reader, editor }: KnowledgeDeps): FastifyPluginAsyncTypebox {
  const { store, now, city } = editing;
  return async (app) => {
    app.get('/api/knowledge/entries', { schema: { tags, summary: 'Entries by id, published and taken back', querystring: RowsQuery, response: { 200: RowsAnswer } } }, async (request) => {
      const { state, module, department, owner, afterId, limit = 50 } = request.query;
      return store.read(async (repos) => {
        const rows = await repos.knowledge.list({
          limit,
          ...(state === undefined ? {} : { state }),
          ...(module === undefined ? {} : { module }),
          ...(department === undefined || department === '' ? {} : { department }),
          ...(owner === undefined || owner === '' ? {} : { owner }),
          ...(afterId === undefined ? {} : { afterId }),
        });
        return { entries: rows.map((row) => rowView(city, row)), counts: { ...(await repos.knowledge.counts()) }, nextAfterId: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
      });
    });

    app.get('/api/knowledge/entries/:id', { schema: { tags, summary: 'One entry, its open revision and what it is related to', params: IdParams, response: { 200: EntryAnswer } } }, async (request) => {
      const { id } = request.params;
      const seat = reader(request);
      const answer = await store.read(async (repos) => {
        const row = await repos.knowledge.row(id);
        const open = await repos.revisions.openOf(id);
        const entry = row?.entry ?? open?.entry;
        if (entry === undefined) throw noEntry();
        return {
          row: row === null ? null : rowView(city, row),
          entry,
          open: open === null ? null : await revisionView(repos, open),
          related: await titled(repos, entry.related ?? []),
          pinned: (await repos.knowledgeMemos.pinned(seat.id)).includes(id),
          openTasks: (await repos.knowledgeTasks.list({ state: 'open', entryId: id, limit: 100 })).length,
        };
      });
      if (answer.row !== null) await store.write((repos) => repos.knowledgeMemos.opened(seat.id, id, now()));
      return answer;
    });

    app.get('/api/knowledge/entries/:id/revisions', { schema: { tags, summary: 'Revisions of an entry, newest first', params: IdParams, querystring: LimitQuery, response: { 200: RevisionsAnswer } } }, async (request) =>
      store.read(async (repos) => ({ revisions: await revisionViews(repos, await repos.revisions.ofEntry(request.params.id, request.query.limit ?? 50)), nextAfterId: null })),
    );

    app.post('/api/knowledge/entries/:id/retire', { schema: { tags, summary: 'Ask for an entry to be taken back; somebody else approves', params: IdParams, body: RetireBody, response: { 200: RevisionAnswer } } }, async (request) => {
      const revision = await requestRetirement(editing, editor(request), request.params.id, request.body.note);
      return { revision: await store.read((repos) => revisionView(repos, revision)) };
    });

    app.post('/api/knowledge/entries/:id/notes', { schema: { tags, summary: 'Tell the editors that an entry is wrong, unclear or lacks something', params: IdParams, body: NoteBody, response: { 200: TaskAnswer } } }, async (request) => {
      const { kind, text, conversationId = null, clientId = null } = request.body;
      const task = await leaveNote(editing, reader(request), { kind, text, entryId: request.params.id, conversationId, clientId });
      const [view] = await store.read((repos) => taskViews(repos, [task]));
      if (view === undefined) throw noEntry();
      return { task: view };
    });

    app.post('/api/knowledge/entries/:id/pin', { schema: { tags, summary: 'Keep an entry at hand', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
      const seat = reader(request);
      await store.write(async (repos) => {
        if ((await repos.knowledge.row(request.params.id)) === null) throw noEntry();
        await repos.knowledgeMemos.pin(seat.id, request.params.id, now());
      });
      return reply.status(204).send(null);
    });

    app.delete('/api/knowledge/entries/:id/pin', { schema: { tags, summary: 'No longer keep it at hand', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
      await store.write((repos) => repos.knowledgeMemos.unpin(reader(request).id, request.params.id));
      return reply.status(204).send(null);
    });

    app.get('/api/knowledge/memos', { schema: { tags, summary: 'What this seat opened lately and keeps at hand', response: { 200: MemosAnswer } } }, async (request) => {
      const { id } = reader(request);
      return store.read(async (repos) => ({ recent: await titled(repos, await repos.knowledgeMemos.recent(id, RECENT)), pinned: await titled(repos, await repos.knowledgeMemos.pinned(id)) }));
    });
  };
}

/** Published ones only: what was taken back helps nobody. */
async function titled(repos: Pick<Repositories, 'knowledge'>, ids: readonly string[]): Promise<{ id: string; question: string }[]> {
  const found: { id: string; question: string }[] = [];
  for (const id of ids) {
    const entry = await repos.knowledge.get(id);
    if (entry !== null) found.push({ id, question: entry.question });
  }
  return found;
}

function noEntry(): AppError {
  return new AppError('knowledge.not_found', 'no such entry', { status: 404, citizenText: '没有这条知识。' });
}
