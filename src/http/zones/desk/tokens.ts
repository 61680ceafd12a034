import { randomBytes } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import { digest, requireRole } from './auth.ts';
import type { DeskDeps } from './index.ts';
import { IdParams } from './schemas.ts';

const DAY_MS = 24 * 60 * 60_000;
const Time = Type.Union([Type.Number(), Type.Null()]);
const TokenView = Type.Object({ id: Type.String(), departmentId: Type.String(), departmentName: Type.String(), name: Type.String(), createdAt: Type.Number(), expiresAt: Time, revokedAt: Time });
const TokenBody = Type.Object({ departmentId: Type.String({ minLength: 1, maxLength: 100 }), name: Type.String({ minLength: 1, maxLength: 60 }), days: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_096 })) }, { additionalProperties: false });

/**
 * Keys of departments' own systems: the same rights as a person of the department, sent as `Authorization: Bearer …`. A key is shown
 * once and kept as SHA-256 only.
 */
export function tokenRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  const nameOf = (id: string): string => context.city.departments.find((department) => department.id === id)?.name ?? id;
  const tags = ['departments'];
  return async (app) => {
    app.get('/api/tokens', { schema: { tags, summary: 'Keys of departments’ own systems', response: { 200: Type.Object({ tokens: Type.Array(TokenView) }) } } }, async (request) => {
      requireRole(deps.signed(request), ['administrator']);
      const tokens = await context.store.read((repos) => repos.apiTokens.list({ kind: 'department' }));
      return { tokens: tokens.map(({ id, ownerId, name, createdAt, expiresAt, revokedAt }) => ({ id, departmentId: ownerId, departmentName: nameOf(ownerId), name, createdAt, expiresAt, revokedAt })) };
    });

    app.post('/api/tokens', { schema: { tags, summary: 'Make a key; it is shown once', body: TokenBody, response: { 201: Type.Object({ token: TokenView, key: Type.String() }) } } }, async (request, reply) => {
      const signed = deps.signed(request);
      requireRole(signed, ['administrator']);
      const { departmentId, name, days = 365 } = request.body;
      if (!context.city.departments.some(({ id }) => id === departmentId)) throw new AppError('ticket.unknown_department', 'no such department', { status: 400, citizenText: '没有这个承办单位。' });
      const now = context.now();
      const key = `yihu_department_${randomBytes(32).toString('base64url')}`;
      const token = { id: context.newId(), kind: 'department' as const, ownerId: departmentId, name, createdBy: signed.seat.id, createdAt: now, expiresAt: now + days * DAY_MS, revokedAt: null };
      await context.store.write(async (repos) => {
        await repos.apiTokens.insert(token, digest(key));
        await repos.trail.append({ at: now, actor: `seat:${signed.seat.id}`, action: 'token.created', subject: `token:${token.id}`, purpose: null });
      });
      return reply.status(201).send({ token: { id: token.id, departmentId, departmentName: nameOf(departmentId), name, createdAt: now, expiresAt: token.expiresAt, revokedAt: null }, key });
    });

    app.delete('/api/tokens/:id', { schema: { tags, summary: 'Take a key back, at once', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
      const signed = deps.signed(request);
      requireRole(signed, ['administrator']);
      await context.store.write(async (repos) => {
        const known = (await repos.apiTokens.list({ kind: 'department' })).some(({ id }) => id === request.params.id);
        if (!known) throw new AppError('token.not_found', 'no such key', { status: 404, citizenText: '没有这个密钥。' });
        await repos.apiTokens.revoke(request.params.id, context.now());
        await repos.trail.append({ at: context.now(), actor: `seat:${signed.seat.id}`, action: 'token.revoked', subject: `token:${request.params.id}`, purpose: null });
      });
      return reply.status(204).send(null);
    });
  };
}
