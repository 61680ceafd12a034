import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Channel, Hook, HookReply, RawRequest } from '../../../channel/contract.ts';
import { awaitTurn, collectReplies, conversationAt } from '../../../intake/collect.ts';
import type { IntakeContext } from '../../../intake/context.ts';
import { receive } from '../../../intake/receive.ts';
import { errorBody } from '../../errors.ts';

/** One body for every forged, stale or malformed webhook: a stranger learns nothing from it. */
const REFUSAL = errorBody('hook.refused', 'refused');

/**
 * The webhooks of all channels. Encapsulated: only here are bodies left as raw bytes, because signatures cover the
 * bytes as sent. No session, no cookie, no rate limit by address: a peer sends everything from one address.
 */
export function hooksZone(context: IntakeContext, channels: readonly Channel[]): FastifyPluginAsync {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    for (const channel of channels) {
      for (const hook of channel.hooks ?? []) {
        app.route({
          method: hook.method,
          url: hook.path,
          bodyLimit: hook.bodyLimitBytes,
          schema: { hide: true },
          handler: (request, reply) => handle(context, channel, hook, request, reply),
        });
      }
    }
  };
}

async function handle(context: IntakeContext, channel: Channel, hook: Hook, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  if (channel.status.state === 'off') {
    return reply.status(503).send(errorBody('channel.off', `channel ${channel.name} is off: set ${channel.status.missing.join(', ')}`));
  }
  const raw: RawRequest = { method: request.method, url: request.raw.url ?? request.url, headers: request.headers, body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0) };
  const reading = hook.read(raw, context.now());
  switch (reading.kind) {
    case 'refused':
      context.meter.count('refused', { channel: channel.name, reason: reading.reason });
      context.log.warn({ channel: channel.name, reason: reading.reason, requestId: request.id }, 'webhook refused');
      return reply.status(reading.status).send(REFUSAL);
    case 'reply':
      return send(reply, reading.reply);
    case 'collect': {
      const conversationId = await conversationAt(context, channel.name, reading.address);
      if (conversationId === null) return send(reply, hook.encodeReply(raw, { messages: [], turn: 'not-awaited', conversation: 'closed' }));
      return send(reply, hook.encodeReply(raw, await collectReplies(context, channel, { conversationId, externalId: reading.externalId, turn: 'not-awaited' })));
    }
    case 'inbound': {
      let last: { activityId: string; conversationId: string } | null = null;
      for (const activity of reading.activities) last = await receive(context, activity);
      const externalId = reading.activities.at(-1)?.externalId ?? null;
      if (reading.answerWhen === 'stored' || last === null || externalId === null) {
        return send(reply, hook.encodeReply(raw, { messages: [], turn: 'not-awaited', conversation: 'bot' }));
      }
      const turn = await awaitTurn(context, last.activityId, hook.patienceMs);
      return send(reply, hook.encodeReply(raw, await collectReplies(context, channel, { conversationId: last.conversationId, externalId, turn })));
    }
  }
}

function send(reply: FastifyReply, answer: HookReply): FastifyReply {
  if (answer.headers !== undefined) void reply.headers(answer.headers);
  return reply.status(answer.status).header('content-type', answer.contentType).send(answer.body);
}
