import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { JsonObject } from '../../src/domain/json.ts';
import { bodyBytes, CHANNEL, createGate, described, PREFIX, type OpenConversation, type Service } from './access.ts';
import { ACTIVITY_LIMIT_BYTES, parseBody } from './body.ts';
import { decodeActivity, type InlineFile } from './decode.ts';
import { wireId } from './encode.ts';
import { fault, missing } from './faults.ts';
import { createBuckets } from './rate.ts';
import { FILE_LIMIT_BYTES, readUpload, saveFiles } from './upload.ts';

/** What a citizen sends: one activity as JSON, or files with one. Answered after it is stored. */
export async function registerActivityRoutes(app: FastifyInstance, service: Service): Promise<void> {
  const gate = createGate(service);
  const { postsPerMinute } = service.config;
  const buckets = postsPerMinute === null ? null : createBuckets({ perMinute: postsPerMinute, now: service.ports.now });

  // Before the body is read: who may not send need not be listened to.
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    await gate.enter(request);
    const waitMs = buckets?.take(gate.entered(request).id) ?? 0;
    if (waitMs > 0) throw fault(429, 'webchat.too_many', 'too many activities in this conversation', waitMs);
  };

  app.post(`${PREFIX}/conversations/:conversationId/activities`, { schema: described('Say something: one activity'), onRequest, bodyLimit: ACTIVITY_LIMIT_BYTES }, async (request) => {
    const body = parseBody(bodyBytes(request));
    if (body === undefined) throw missing('type');
    return { id: await accept(service, gate.entered(request), body, []) };
  });

  await app.register(async (scope) => {
    // Any single file is a body here, JSON and text too, so that its type is judged by its bytes.
    scope.removeContentTypeParser(['application/json', 'text/plain']);
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: FILE_LIMIT_BYTES }, (_request, body, done) => done(null, body));
    if (!scope.hasRequestDecorator('isMultipart')) await scope.register(multipart);
    scope.post(`${PREFIX}/conversations/:conversationId/upload`, { schema: described('Send files, with or without an activity'), onRequest, bodyLimit: FILE_LIMIT_BYTES }, async (request) => {
      const { activity, files } = await readUpload(request);
      return { id: await accept(service, gate.entered(request), activity, files) };
    });
  });
}

/** Stores one activity with its files; answers its id. A repeated one is not stored again and has the same id. */
async function accept(service: Service, conversation: OpenConversation, body: JsonObject, uploads: readonly InlineFile[]): Promise<string> {
  const { principal, id, conversationId } = conversation;
  const decoded = decodeActivity(body, {
    channel: CHANNEL,
    conversation: id,
    boundUser: principal.kind === 'token' ? principal.grant.user : null,
    trusted: principal.kind === 'secret',
    hasUploads: uploads.length > 0,
  });
  service.viewers.set(id, decoded.senderId);
  if (decoded.kind === 'typing') {
    service.ports.announceTyping(conversationId, 'citizen');
    return service.hub.echoTyping(id, decoded.inbound.channelData);
  }
  const { content } = decoded.inbound;
  const files = [...uploads, ...decoded.inline];
  if (content.type !== 'message' || files.length === 0) {
    return wireId(id, (await service.ports.receive(decoded.inbound)).seq);
  }
  const attachments = [...(content.attachments ?? []), ...(await saveFiles(service, files))];
  return wireId(id, (await service.ports.receive({ ...decoded.inbound, content: { ...content, attachments } })).seq);
}
