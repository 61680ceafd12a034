import type { Activity as WireActivity } from 'botbuilder';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import type { ChannelPorts } from '../../src/channel/contract.ts';
import { codeOf, isAppError } from '../../src/domain/errors.ts';
import type { Adapter, Logic } from './adapter.ts';
import { BODY_LIMIT_BYTES, parseBody } from './body.ts';
import { CHANNEL } from './decode.ts';
import { activityShape } from './wire.ts';

/**
 * POST /hooks/botframework. A plugin and no hook, as keys must be asked for before a token is believed; else like the hooks
 * zone: raw bytes, no limit by address (a peer sends everything from one), one answer for whatever is turned away.
 */

export const PATH = '/hooks/botframework';
const REFUSAL = { error: { code: 'hook.refused', message: 'refused' } };
const BUSY = { error: { code: 'hook.busy', message: '服务暂时不可用，请稍后再试。' } };

export function hookPlugin(ports: ChannelPorts, adapter: () => Promise<Adapter>, logic: Logic): FastifyPluginAsync {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    const refuse = (reply: FastifyReply, status: number, reason: string): FastifyReply => {
      ports.refused(reason, reply.request.id);
      return reply.status(status).send(REFUSAL);
    };
    app.setErrorHandler((error: unknown, request, reply) => {
      const status = statusOf(error);
      if (isAppError(error) && error.code === 'botframework.refused') return refuse(reply, 401, String(error.details['reason'] ?? 'unproved'));
      // 429: our own brake. The peer takes a 5xx for a reason to try again, or to tell the citizen.
      if (status < 500 && status !== 409 && status !== 429) return refuse(reply, status, REASONS[status] ?? 'malformed');
      ports.log.error({ channel: CHANNEL, code: codeOf(error), status, requestId: request.id }, 'webhook failed');
      return reply.status(503).send(BUSY);
    });
    // Reading botbuilder's files holds up a process for a second or more: before it serves anybody, not in the middle of it.
    app.addHook('onReady', async () => void (await adapter().catch(() => undefined)));
    app.post(PATH, { bodyLimit: BODY_LIMIT_BYTES, schema: { hide: true }, config: { rateLimit: false } }, async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? parseBody(request.body) : null;
      if (body === null || !isActivity(body)) return refuse(reply, 400, 'malformed');
      const answer = await (await adapter()).receive(request.headers.authorization ?? '', body, logic);
      if (answer?.body === undefined) return reply.status(answer?.status ?? 200).send();
      return reply.status(answer.status).header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(answer.body));
    });
  };
}

/** Every call says what is missing; nothing is accepted. */
export function offPlugin(missing: readonly string[]): FastifyPluginAsync {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) => done(null, body));
    app.post(PATH, { schema: { hide: true } }, async (_request, reply) => reply.status(503).send({ error: { code: 'channel.off', message: `channel ${CHANNEL} is off: set ${missing.join(', ')}` } }));
  };
}

const REASONS: Readonly<Record<number, string>> = { 413: 'too_large', 415: 'content_type' };

function statusOf(error: unknown): number {
  if (isAppError(error)) return error.status;
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
}

/** Our check of the shape says more than botbuilder asks for; the rest of the activity it leaves as it is. */
function isActivity(body: object): body is WireActivity {
  return activityShape.Check(body);
}
