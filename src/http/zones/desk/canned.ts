import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import { loadCanned } from '../../../config/canned.ts';
import { findRoot } from '../../../config/root.ts';
import { AppError } from '../../../domain/errors.ts';
import { maskText } from '../../../domain/masking.ts';
import type { CannedAnswer, Repositories } from '../../../store/contract.ts';
import type { Signed } from './auth.ts';
import { CannedChange, CannedGiven, CannedView } from './desk-work-schemas.ts';
import type { DeskDeps } from './index.ts';
import { IdParams } from './schemas.ts';

const tags = ['canned answers'];
const One = Type.Object({ answer: CannedView });

/** Ready answers: everybody's, edited by those who edit knowledge or lead, and each seat's own. Nobody sees another's own. */
export function cannedRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  let filled: Promise<void> | null = null;

  /** The first who asks an empty house for answers gets those of config/canned.yaml; what was removed by hand does not come back. */
  const fillOnce = async (): Promise<void> => {
    if (await context.store.read((repos) => repos.canned.everShared())) return;
    const first = loadCanned(findRoot(import.meta.url));
    await context.store.write(async (repos) => {
      for (const { id, folder, title, shortcut = null, text, en } of first) {
        await repos.canned.add({ id: `file:${id}`, ownerId: null, folder, title, shortcut, texts: { 'zh-CN': text, ...(en === undefined ? {} : { en }) }, updatedBy: 'system', updatedAt: context.now() });
      }
    });
  };

  const trail = (repos: Repositories, signed: Signed, action: string, answer: Pick<CannedAnswer, 'id'>) => repos.trail.append({ at: context.now(), actor: `seat:${signed.seat.id}`, action, subject: `canned:${answer.id}`, purpose: null });

  return async (app) => {
    app.get('/api/canned', { schema: { tags, summary: 'Shared answers and one’s own', response: { 200: Type.Object({ answers: Type.Array(CannedView), editsShared: Type.Boolean() }) } } }, async (request) => {
      const signed = deps.signed(request);
      filled ??= fillOnce().catch((error: unknown) => {
        filled = null; // the next who asks tries again
        throw error;
      });
      await filled;
      return { answers: (await context.store.read((repos) => repos.canned.list(signed.seat.id))).map(cannedView), editsShared: editsShared(signed) };
    });

    app.post('/api/canned', { schema: { tags, summary: 'Add an answer', body: CannedGiven, response: { 201: One } } }, async (request, reply) => {
      const signed = deps.signed(request);
      const { shared, ...given } = request.body;
      if (shared) requireSharing(signed);
      const answer = { id: context.newId(), ownerId: shared ? null : signed.seat.id, ...clean(given), updatedBy: signed.seat.id, updatedAt: context.now() };
      await context.store.write(async (repos) => {
        await repos.canned.add(answer);
        if (shared) await trail(repos, signed, 'canned.created', answer);
      });
      return reply.status(201).send({ answer: cannedView({ ...answer, version: 1 }) });
    });

    app.put('/api/canned/:id', { schema: { tags, summary: 'Change an answer', params: IdParams, body: CannedChange, response: { 200: One } } }, async (request) => {
      const signed = deps.signed(request);
      const { version, ...given } = request.body;
      return context.store.write(async (repos) => {
        const before = await requireEditable(repos, signed, request.params.id);
        const answer = await repos.canned.change(before.id, version, { ...clean(given), updatedBy: signed.seat.id, updatedAt: context.now() });
        if (before.ownerId === null) await trail(repos, signed, 'canned.changed', answer);
        return { answer: cannedView(answer) };
      });
    });

    app.delete('/api/canned/:id', { schema: { tags, summary: 'Remove an answer', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
      const signed = deps.signed(request);
      await context.store.write(async (repos) => {
        const before = await requireEditable(repos, signed, request.params.id);
        await repos.canned.remove(before.id, signed.seat.id, context.now());
        if (before.ownerId === null) await trail(repos, signed, 'canned.removed', before);
      });
      return reply.status(204).send(null);
    });
  };
}

const editsShared = ({ seat }: Signed): boolean => seat.role !== 'seat';

function requireSharing(signed: Signed): void {
  if (!editsShared(signed)) throw new AppError('desk.forbidden', 'this role edits its own answers only', { status: 403, citizenText: '只有知识编辑和班长可以维护公共常用语。' });
}

async function requireEditable(repos: Repositories, signed: Signed, id: string): Promise<CannedAnswer> {
  const answer = await repos.canned.get(id);
  // Another's own answer is as good as not there.
  if (answer === null || (answer.ownerId !== null && answer.ownerId !== signed.seat.id)) throw new AppError('canned.not_found', 'no such answer', { status: 404, citizenText: '没有找到这条常用语。' });
  if (answer.ownerId === null) requireSharing(signed);
  return answer;
}

/** What goes out again and again must not carry somebody's number. */
function clean({ folder, title, shortcut, texts }: Pick<Static<typeof CannedGiven>, 'folder' | 'title' | 'shortcut' | 'texts'>): Pick<CannedAnswer, 'folder' | 'title' | 'shortcut' | 'texts'> {
  const en = texts.en?.trim() ?? '';
  const zh = texts['zh-CN'].trim();
  if (zh === '' || title.trim() === '' || folder.trim() === '') throw new AppError('canned.empty', 'folder, title and text are needed', { status: 400, citizenText: '请填写分组、标题和内容。' });
  return { folder: folder.trim(), title: title.trim(), shortcut, texts: { 'zh-CN': maskText(zh).text, ...(en === '' ? {} : { en: maskText(en).text }) } };
}

function cannedView({ id, ownerId, folder, title, shortcut, texts, updatedAt, version }: CannedAnswer): Static<typeof CannedView> {
  return { id, shared: ownerId === null, folder, title, shortcut, texts: { ...texts }, updatedAt, version };
}
