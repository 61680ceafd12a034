import fastifyMultipart from '@fastify/multipart';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import { MAX_MEDIA_BYTES } from '../../../intake/media.ts';
import { replyWithFile, requireSendsFiles } from '../../../intake/reply-file.ts';
import type { DeskDeps } from './index.ts';
import { ActivityView, ConversationView, IdParams } from './schemas.ts';
import { activityViews, conversationView } from './views.ts';

const KEY = /^[A-Za-z0-9_-]{8,64}$/;

/** A seat sends the citizen a file, where the channel can carry one. */
export function replyFileRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  return async (app) => {
    await app.register(fastifyMultipart, { throwFileSizeLimit: true });
    app.post('/api/conversations/:id/files', {
      bodyLimit: MAX_MEDIA_BYTES + 64 * 1024,
      schema: { tags: ['conversations'], summary: 'Send the citizen a file (multipart/form-data: clientId, then one file)', consumes: ['multipart/form-data'], params: IdParams, response: { 200: Type.Object({ conversation: ConversationView, activity: ActivityView }) } },
    }, async (request) => {
      const { seat } = deps.signed(request);
      const conversation = await context.store.read((repos) => repos.conversations.get(request.params.id));
      if (conversation === null) throw new AppError('conversation.not_found', 'no such conversation', { status: 404, citizenText: '没有找到这个会话。' });
      // Before the bytes are taken.
      requireSendsFiles(context, conversation, seat);
      if (!request.isMultipart()) throw new AppError('reply.no_file', 'multipart/form-data with a file is expected', { status: 415, citizenText: '请以 multipart/form-data 上传一个文件。' });
      let clientId = '';
      for await (const part of request.parts({ limits: { fileSize: MAX_MEDIA_BYTES, files: 1, fields: 2, fieldSize: 100, parts: 3 } })) {
        if (part.type === 'field') {
          if (part.fieldname === 'clientId' && typeof part.value === 'string') clientId = part.value;
          continue;
        }
        if (!KEY.test(clientId)) throw new AppError('reply.no_key', 'clientId must come before the file', { status: 400, citizenText: '上传的表单不完整，请重试。' });
        const attachment = await context.media.save(await part.toBuffer(), part.filename);
        const said = await replyWithFile(context, conversation.id, seat, { attachment, clientId });
        return context.store.read(async (repos) => {
          const [activity] = await activityViews(context, repos, [said.activity]);
          if (activity === undefined) throw new AppError('store.append_failed', 'the activity is gone', { status: 500 });
          return { conversation: await conversationView(context, repos, said.conversation, deps.moodOf), activity };
        });
      }
      throw new AppError('reply.no_file', 'the form has no file', { status: 400, citizenText: '表单里没有文件。' });
    });
  };
}
