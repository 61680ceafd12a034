import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { closeTask, leaveNote } from '../../../../knowledge/index.ts';
import type { KnowledgeTask } from '../../../../store/contract.ts';
import { AppError } from '../../../../domain/errors.ts';
import { IdParams } from '../schemas.ts';
import type { KnowledgeDeps } from './index.ts';
import { CloseBody, TaskAnswer, TaskBody, TasksAnswer, TasksQuery } from './schemas.ts';
import { taskViews } from './views.ts';

const tags = ['knowledge'];

/** What the editors have to do. Any seat may add a note and look; closing is the editors'. */
export function workRoutes({ editing, reader, editor }: KnowledgeDeps): FastifyPluginAsyncTypebox {
  const { store } = editing;
  const answer = async (task: KnowledgeTask) => {
    const [view] = await store.read((repos) => taskViews(repos, [task]));
    if (view === undefined) throw new AppError('knowledge.not_found', 'no such task', { status: 404, citizenText: '没有这项任务。' });
    return { task: view };
  };
  return async (app) => {
    app.get('/api/knowledge/tasks', { schema: { tags, summary: 'Tasks, the oldest due first', querystring: TasksQuery, response: { 200: TasksAnswer } } }, async (request) => {
      const { state, kind, entryId, mine, limit = 100 } = request.query;
      const { username } = reader(request);
      return store.read(async (repos) => {
        const tasks = await repos.knowledgeTasks.list({
          limit,
          ...(state === undefined ? {} : { state }),
          ...(kind === undefined ? {} : { kinds: [kind] }),
          ...(entryId === undefined ? {} : { entryId }),
          ...(mine === true ? { owner: username } : {}),
        });
        return { tasks: await taskViews(repos, tasks), open: await repos.knowledgeTasks.openCount() };
      });
    });

    app.post('/api/knowledge/tasks', { schema: { tags, summary: 'Tell the editors what is missing or to be done', body: TaskBody, response: { 200: TaskAnswer } } }, async (request) => {
      const { kind, text, entryId = null, conversationId = null, clientId = null, owner = null, dueOn = null } = request.body;
      const seat = owner === null && dueOn === null ? reader(request) : editor(request);
      return answer(await leaveNote(editing, seat, { kind, text, entryId, conversationId, clientId, owner, dueOn }));
    });

    app.post('/api/knowledge/tasks/:id/close', { schema: { tags, summary: 'Close a task with what came of it', params: IdParams, body: CloseBody, response: { 200: TaskAnswer } } }, async (request) => {
      const { state, outcome = null } = request.body;
      return answer(await closeTask(editing, editor(request), request.params.id, { state, outcome }));
    });
  };
}
