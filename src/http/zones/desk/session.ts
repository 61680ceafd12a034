import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import type { Seat } from '../../../store/contract.ts';
import { requireCsrf, SESSION_COOKIE, setSessionCookie } from './auth.ts';
import type { DeskDeps } from './index.ts';
import { PresenceAnswer, PresenceChangeBody } from './queue-schemas.ts';
import { SessionView, SignInBody } from './schemas.ts';
import { requireOpenTo } from './scope.ts';

/** Signing in and out. Outside the guard, so each route checks for itself. */
export function sessionRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const secure = deps.publicUrl.startsWith('https:');
  return async (app) => {
    const tries = app.createRateLimit({ max: 600, timeWindow: '5 minutes' });
    app.post('/api/session', {
      schema: { tags: ['session'], summary: 'Sign in', body: SignInBody, response: { 200: SessionView } },
      // Per name and address: guessing one account is slow, a whole office signing in at eight is not.
      config: { rateLimit: { max: 10, timeWindow: '5 minutes', hook: 'preHandler', keyGenerator: (request) => `${request.ip}|${nameOf(request.body)}` } },
      preHandler: async (request) => {
        // Each try costs a slow hash: one address may not try name after name for ever. An office at eight is far below.
        const limit = await tries(request);
        if (!limit.isAllowed && limit.isExceeded) throw new AppError('http.too_many', 'too many sign-ins from one address', { status: 429, retry: 'after', retryAfterMs: limit.ttl, citizenText: '登录太频繁，请稍后再试。' });
      },
    }, async (request, reply) => {
      const { token, seat, csrf } = await deps.auth.signIn(request.body.username, request.body.password);
      setSessionCookie(reply, token, secure);
      return { seat: seatView(seat), csrf };
    });

    app.get('/api/session', { schema: { tags: ['session'], summary: 'Who am I', response: { 200: SessionView } } }, async (request) => {
      const signed = await deps.auth.identify(request);
      if (signed === null) throw new AppError('desk.unauthorized', 'sign in first', { status: 401, citizenText: '请先登录。' });
      return { seat: seatView(signed.seat), csrf: signed.csrf };
    });

    app.delete('/api/session', { schema: { tags: ['session'], summary: 'Sign out', response: { 204: Type.Null() } } }, async (request, reply) => {
      const signed = await deps.auth.identify(request);
      if (signed !== null) {
        requireCsrf(request, signed);
        await deps.auth.signOut(signed);
        deps.ended.tell({ tokenHash: signed.tokenHash });
      }
      void reply.clearCookie(SESSION_COOKIE, { path: '/' });
      return reply.status(204).send(null);
    });

    app.put('/api/presence', { schema: { tags: ['session'], summary: 'Online, busy, on a break, wrapping up or away', body: PresenceChangeBody, response: { 200: PresenceAnswer } } }, async (request) => {
      const signed = await deps.auth.identify(request);
      if (signed === null) throw new AppError('desk.unauthorized', 'sign in first', { status: 401, citizenText: '请先登录。' });
      requireCsrf(request, signed);
      // A department's person answers no citizen: they must not count as a seat that is there.
      requireOpenTo(request, signed);
      const { body } = request;
      const said = 'state' in body ? await deps.presence.set(signed.seat.id, body.state, body.reason ?? null) : await deps.presence.set(signed.seat.id, body.presence);
      return { presence: said.state === 'away' || said.state === 'break' ? ('away' as const) : ('online' as const), state: said.state, reason: said.reason, since: said.since, until: said.until };
    });
  };
}

export function seatView(seat: Seat): { id: string; username: string; displayName: string; role: Seat['role'] } {
  return { id: seat.id, username: seat.username, displayName: seat.displayName, role: seat.role };
}

function nameOf(body: unknown): string {
  return typeof body === 'object' && body !== null && 'username' in body && typeof body.username === 'string' ? body.username.toLowerCase().slice(0, 64) : '';
}
