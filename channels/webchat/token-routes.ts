import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { authorize, bodyBytes, described, newConversation, newUserId, PREFIX, type Service } from './access.ts';
import { parseBody } from './body.ts';
import { normalOrigin } from './config.ts';
import { badArgument, fault } from './faults.ts';
import { TOKEN_LIFETIME_S, type TokenGrant } from './verify.ts';

/** Tokens: made with the secret, refreshed with themselves, and made for our own widget without either. */

const GenerateSchema = Type.Object({
  user: Type.Optional(Type.Union([Type.Object({ id: Type.Optional(Type.Union([Type.String({ maxLength: 256 }), Type.Null()])) }), Type.Null()])),
  trustedOrigins: Type.Optional(Type.Union([Type.Array(Type.String({ minLength: 1, maxLength: 300 }), { maxItems: 20 }), Type.Null()])),
});
const checkGenerate = Compile(GenerateSchema);

const ResumeSchema = Type.Object({ token: Type.Optional(Type.Union([Type.String({ maxLength: 4096 }), Type.Null()])) });
const checkResume = Compile(ResumeSchema);

/** From one address; read by the house's rate limiter. A whole school may sit behind one. */
export const WIDGET_TOKENS_PER_MINUTE = 300;

/** Answer of all three calls. */
export interface TokenReply {
  readonly conversationId: string;
  readonly token: string;
  /** Seconds. */
  readonly expires_in: number;
}

export async function tokenReply(service: Service, grant: TokenGrant): Promise<TokenReply> {
  return { conversationId: grant.conversation, token: await service.tokens.issue(grant), expires_in: TOKEN_LIFETIME_S };
}

export function registerTokenRoutes(app: FastifyInstance, service: Service): void {
  app.post(`${PREFIX}/tokens/generate`, { schema: described('Make a token with the secret; opens nothing') }, async (request) => {
    const principal = await authorize(service, request);
    if (principal.kind !== 'secret') throw fault(403, 'webchat.bad_argument', 'the secret is required');
    const body = parseBody(bodyBytes(request)) ?? {};
    if (!checkGenerate.Check(body)) throw badArgument('user or trustedOrigins is malformed');
    return tokenReply(service, grantFrom(body));
  });

  app.post(`${PREFIX}/tokens/refresh`, { schema: described('Exchange a token that has not expired for a new one') }, async (request) => {
    const principal = await authorize(service, request);
    if (principal.kind !== 'token') throw badArgument('a token is required');
    return tokenReply(service, principal.grant);
  });

  app.get(`${PREFIX}/session/getsessionid`, { schema: described('A session id, for clients that ask for one') }, async (request) => {
    await authorize(service, request);
    return { sessionId: newConversation() };
  });

  // The page of a citizen has no secret. What it gets here is a fresh person who knows nobody's conversation; the id
  // is bound, so that the same browser finds its conversation again.
  app.post('/widget/token', { config: { rateLimit: { max: WIDGET_TOKENS_PER_MINUTE, timeWindow: '1 minute' } }, schema: described('A token for the widget, fresh or for its last conversation') }, async (request) => {
    const body = parseBody(bodyBytes(request)) ?? {};
    if (!checkResume.Check(body)) throw badArgument('token is malformed');
    const before = typeof body.token === 'string' && body.token !== '' ? await service.tokens.readResumable(body.token) : null;
    return tokenReply(service, before ?? { conversation: newConversation(), user: newUserId(), viewer: null, trustedOrigins: null, widget: true });
  });
}

function grantFrom(body: Static<typeof GenerateSchema>): TokenGrant {
  const id = body.user?.id ?? null;
  if (id !== null && !/^dl_./.test(id)) throw badArgument('user.id must begin with dl_');
  const trustedOrigins = body.trustedOrigins?.map(normalOrigin) ?? null;
  return { conversation: newConversation(), user: id, viewer: null, trustedOrigins, widget: false };
}
