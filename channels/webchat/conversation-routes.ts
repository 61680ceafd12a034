import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { asAddress, type Locale } from '../../src/domain/activity.ts';
import { authorize, bodyBytes, CHANNEL, described, encodeContext, findConversation, newConversation, openConversation, PREFIX, requireTrustedOrigin, valueOf, type Service } from './access.ts';
import { parseBody } from './body.ts';
import { encodeSet, readWatermark } from './encode.ts';
import { badArgument, fault, noConversation } from './faults.ts';
import { tokenReply, type TokenReply } from './token-routes.ts';
import type { Principal, TokenGrant } from './verify.ts';

/** Opening, resuming, reading and streaming a conversation. */

const StartSchema = Type.Object({
  user: Type.Optional(Type.Union([Type.Object({ id: Type.Optional(Type.Union([Type.String({ maxLength: 256 }), Type.Null()])) }), Type.Null()])),
  locale: Type.Optional(Type.Union([Type.String({ maxLength: 35 }), Type.Null()])),
});
const checkStart = Compile(StartSchema);

/** Activities of one poll; a client that is further behind polls again. */
const POLL_PAGE = 500;

interface ConversationReply extends TokenReply {
  readonly streamUrl: string;
}

export function registerConversationRoutes(app: FastifyInstance, service: Service): void {
  const { ports } = service;

  const reply = async (grant: TokenGrant, afterSeq: number): Promise<ConversationReply> => {
    const stream = `${service.publicUrl.replace(/^http/, 'ws')}${PREFIX}/conversations/${encodeURIComponent(grant.conversation)}/stream`;
    const t = await service.tokens.issueStream(grant);
    return { ...(await tokenReply(service, grant)), streamUrl: `${stream}?watermark=${afterSeq}&t=${t}` };
  };

  app.post(`${PREFIX}/conversations`, { schema: described('Start a conversation: 201, or 200 when the token has started it') }, async (request, answer) => {
    const principal = await authorize(service, request);
    const body = parseBody(bodyBytes(request)) ?? {};
    if (!checkStart.Check(body)) throw badArgument('user or locale is malformed');
    const grant = startGrant(principal, body.user?.id ?? null);
    const locale = localeOf(body.locale ?? '');
    const { conversationId, created } = await ports.openConversation({
      channel: CHANNEL,
      address: asAddress(grant.conversation),
      modality: 'text',
      ...(locale === undefined ? {} : { locale }),
      identity: { externalUserId: grant.user },
    });
    service.opened.set(grant.conversation, conversationId);
    answer.code(created ? 201 : 200);
    return reply(grant, 0);
  });

  app.get(`${PREFIX}/conversations/:conversationId`, { schema: described('A fresh stream URL from a watermark') }, async (request) => {
    const { principal, id, conversationId } = await openConversation(service, request);
    const afterSeq = readWatermark(valueOf(request.query, 'watermark')) ?? (await lastSeq(service, conversationId));
    return reply(principal.kind === 'token' ? principal.grant : serverGrant(id), afterSeq);
  });

  app.get(`${PREFIX}/conversations/:conversationId/activities`, { schema: described('Activities after a watermark') }, async (request) => {
    const { principal, id, conversationId } = await openConversation(service, request);
    const afterSeq = readWatermark(valueOf(request.query, 'watermark')) ?? 0;
    return encodeSet(await ports.history(conversationId, afterSeq, POLL_PAGE), afterSeq, encodeContext(service, principal, id));
  });

  app.route({
    method: 'GET',
    url: `${PREFIX}/conversations/:conversationId/stream`,
    schema: described('WebSocket of a conversation, opened by its stream URL'),
    onRequest: async (request) => {
      if (request.ws !== true) throw fault(426, 'webchat.bad_argument', 'a WebSocket upgrade is required');
      await openStream(service, request.params, request.query, request.headers.origin);
    },
    handler: async () => {
      throw noConversation();
    },
    wsHandler: async (socket, request) => {
      const { principal, id, conversationId, watermark } = await openStream(service, request.params, request.query, request.headers.origin);
      const afterSeq = watermark ?? (await lastSeq(service, conversationId));
      service.hub.attach(socket, conversationId, afterSeq, encodeContext(service, principal, id));
    },
  });
}

/** A stream URL is its own permission: browsers cannot send headers with a WebSocket. */
async function openStream(
  service: Service,
  params: unknown,
  query: unknown,
  origin: string | undefined,
): Promise<{ principal: Principal; id: string; conversationId: string; watermark: number | undefined }> {
  const grant = await service.tokens.readStream(valueOf(query, 't'));
  requireTrustedOrigin(grant, origin);
  const id = valueOf(params, 'conversationId') ?? '';
  const principal: Principal = { kind: 'token', grant };
  const conversationId = await findConversation(service, principal, id);
  return { principal, id, conversationId, watermark: readWatermark(valueOf(query, 'watermark')) };
}

/** A token says which conversation and who; the secret starts a new one, and may bind the user. */
function startGrant(principal: Principal, userId: string | null): TokenGrant {
  const named = userId === null || userId === '' ? null : userId;
  if (principal.kind === 'secret') {
    const bound = named?.startsWith('dl_') === true;
    return { conversation: newConversation(), user: bound ? named : null, viewer: bound ? null : named, trustedOrigins: null, widget: false };
  }
  const { grant } = principal;
  if (grant.user !== null || named === null) return grant;
  if (named.startsWith('dl_')) throw badArgument('user.id may begin with dl_ only when the token was made for it');
  return { ...grant, viewer: named };
}

function serverGrant(conversation: string): TokenGrant {
  return { conversation, user: null, viewer: null, trustedOrigins: null, widget: false };
}

function localeOf(tag: string): Locale | undefined {
  if (/^zh(-|$)/i.test(tag)) return 'zh-CN';
  return /^en(-|$)/i.test(tag) ? 'en' : undefined;
}

/** Where the conversation stands now, for a client that wants only what comes later. */
async function lastSeq(service: Service, conversationId: string): Promise<number> {
  let seq = 0;
  for (;;) {
    const page = await service.ports.history(conversationId, seq, POLL_PAGE);
    seq = page.at(-1)?.seq ?? seq;
    if (page.length < POLL_PAGE) return seq;
  }
}
