import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import type { Enterprise } from '../../../store/contract.ts';
import { putEnterprise, readEnterprise } from '../../../tickets/enterprise/register.ts';
import { requireRole } from './auth.ts';
import type { DeskDeps } from './index.ts';
import { IdParams, NullableText } from './schemas.ts';

const Text = Type.Union([Type.String(), Type.Null()]);
const EnterpriseView = Type.Object({ id: Type.String(), name: Type.String(), creditCode: Type.String(), townId: Text, townName: Text, seatId: Text, seatName: Text, active: Type.Boolean(), createdAt: Type.Number(), updatedAt: Type.Number() });
const EnterpriseBody = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 200 }), creditCode: Type.String({ minLength: 1, maxLength: 40 }), phones: Type.Array(Type.String({ maxLength: 40 }), { maxItems: 50 }),
  townId: Type.Optional(Type.String({ maxLength: 60 })), seatUsername: Type.Optional(Type.String({ maxLength: 60 })), active: Type.Optional(Type.Boolean()),
}, { additionalProperties: false });
const BindBody = Type.Object({ enterpriseId: NullableText(60) }, { additionalProperties: false });

/** 企业直通车: the register. Numbers go in and never come out: they are kept as keyed hashes. */
export function enterpriseRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  const tags = ['enterprises'];
  const view = ({ id, name, creditCode, townId, seatId, active, createdAt, updatedAt }: Enterprise, seats: ReadonlyMap<string, string>): Static<typeof EnterpriseView> => ({
    id, name, creditCode, townId, townName: context.city.towns.find((town) => town.id === townId)?.name ?? null, seatId, seatName: seatId === null ? null : (seats.get(seatId) ?? null), active, createdAt, updatedAt,
  });
  return async (app) => {
    app.get('/api/enterprises', {
      schema: { tags, summary: 'The register, by id, page by page', querystring: Type.Object({ q: Type.Optional(Type.String({ maxLength: 80 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })), after: Type.Optional(Type.String({ maxLength: 60 })) }), response: { 200: Type.Object({ enterprises: Type.Array(EnterpriseView) }) } },
    }, async (request) => {
      const { q, limit = 50, after } = request.query;
      return context.store.read(async (repos) => {
        const seats = new Map((await repos.seats.list()).map((seat) => [seat.id, seat.displayName]));
        const found = await repos.enterprises.list({ limit, ...(q === undefined ? {} : { text: q }), ...(after === undefined ? {} : { afterId: after }) });
        return { enterprises: found.map((enterprise) => view(enterprise, seats)) };
      });
    });

    app.put('/api/enterprises', { schema: { tags, summary: 'Enter or change one, by its credit code; its numbers replace those before', body: EnterpriseBody, response: { 200: Type.Object({ enterprise: EnterpriseView }) } } }, async (request) => {
      const signed = deps.signed(request);
      requireRole(signed, ['supervisor', 'administrator']);
      const { name, creditCode, phones, townId, seatUsername, active } = request.body;
      return context.store.write(async (repos) => {
        const seats = await repos.seats.list();
        const read = readEnterprise({ name, creditCode, phones: phones.join('、'), town: townId ?? '', seat: seatUsername ?? '', active: active === false ? '否' : '' }, { towns: context.city.towns, seats });
        if ('reasons' in read) throw new AppError('enterprise.invalid', 'the entry has faults', { status: 400, citizenText: `${read.reasons.join('；')}。` });
        const enterprise = await putEnterprise(repos, read, context.now(), context.newId());
        await repos.trail.append({ at: context.now(), actor: `seat:${signed.seat.id}`, action: 'enterprise.changed', subject: `enterprise:${enterprise.id}`, purpose: null });
        return { enterprise: view(enterprise, new Map(seats.map((seat) => [seat.id, seat.displayName]))) };
      });
    });

    app.post('/api/citizens/:id/enterprise', { schema: { tags, summary: 'Bind a citizen’s account to an enterprise, or unbind it with null', params: IdParams, body: BindBody, response: { 200: Type.Object({ enterpriseId: Text }) } } }, async (request) => {
      const signed = deps.signed(request);
      const { enterpriseId } = request.body;
      await context.store.write(async (repos) => {
        if ((await repos.citizens.summary(request.params.id)) === null) throw new AppError('citizen.not_found', 'no such citizen', { status: 404, citizenText: '没有找到。' });
        const enterprise = enterpriseId === null ? null : await repos.enterprises.get(enterpriseId);
        if (enterpriseId !== null && (enterprise === null || !enterprise.active)) throw new AppError('enterprise.not_found', 'no such enterprise', { status: 404, citizenText: '名册里没有这家企业，或者已停用。' });
        await repos.enterprises.bind(request.params.id, enterpriseId, context.now());
        await repos.trail.append({ at: context.now(), actor: `seat:${signed.seat.id}`, action: enterpriseId === null ? 'enterprise.unbound' : 'enterprise.bound', subject: `citizen:${request.params.id}`, purpose: enterprise?.id ?? null });
      });
      return { enterpriseId };
    });
  };
}
