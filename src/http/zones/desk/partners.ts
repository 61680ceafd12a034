import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import { enqueue, writeUnit } from '../../../intake/context.ts';
import { PARTNER_EVENTS } from '../../../partners/events.ts';
import { makePartnerKey } from '../../../partners/keys.ts';
import { replayOne, replaySince } from '../../../partners/replay.ts';
import { isWebAddress } from '../../../partners/report.ts';
import { OVERLAP_MS, rotated } from '../../../partners/signature.ts';
import type { ApiToken, Partner, Repositories, WebhookDelivery } from '../../../store/contract.ts';
import { requireRole, type Signed } from './auth.ts';
import type { DeskDeps } from './index.ts';
import { IdParams } from './schemas.ts';

const shape = { additionalProperties: false };
const orNull = <Schema extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Number>>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Slug = Type.String({ pattern: '^[a-z0-9-]{2,40}$' });
const Scope = Type.Union([Type.Literal('own'), Type.Literal('all')]);
const PartnerFields = {
  name: Type.String({ minLength: 1, maxLength: 80 }),
  webhookUrl: Type.Union([Type.String({ maxLength: 2000 }), Type.Null()]),
  events: Type.Array(Type.String(), { maxItems: PARTNER_EVENTS.length, uniqueItems: true }),
  scope: Scope,
};
const PartnerBody = Type.Object({ id: Slug, ...PartnerFields }, shape);
const PartnerPatch = Type.Partial(Type.Object({ ...PartnerFields, active: Type.Boolean() }), shape);
const PartnerView = Type.Object({ id: Type.String(), ...PartnerFields, active: Type.Boolean(), createdAt: Type.Number() });
const KeyView = Type.Object({ id: Type.String(), name: Type.String(), createdBy: Type.String(), createdAt: Type.Number(), expiresAt: orNull(Type.Number()), revokedAt: orNull(Type.Number()) });
const DeliveryState = Type.Union([Type.Literal('waiting'), Type.Literal('delivered'), Type.Literal('dead')]);
const DeliveryView = Type.Object({
  id: Type.String(), partnerId: Type.String(), ticketId: Type.String(), seq: Type.Number(), state: DeliveryState, attempts: Type.Number(), lastResult: orNull(Type.String()), createdAt: Type.Number(), deliveredAt: orNull(Type.Number()),
});
const DeliveryQuery = Type.Object({ partner: Type.Optional(Type.String()), state: Type.Optional(DeliveryState), before: Type.Optional(Type.String()), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })) });
const KeyParams = Type.Object({ id: Type.String(), key: Type.String() });

/**
 * Partner platforms: who they are, their keys (shown once), what they are told and what of it never arrived. Supervisors look and send
 * again, administrators change. Every change leaves a row in the trail.
 */
export function partnerRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  const tags = ['partners'];
  const looks = (signed: Signed): void => requireRole(signed, ['supervisor', 'administrator']);
  const changes = (signed: Signed): void => requireRole(signed, ['administrator']);
  const trail = (repos: Repositories, signed: Signed, action: string, subject: string) => repos.trail.append({ at: context.now(), actor: `seat:${signed.seat.id}`, action, subject, purpose: null });

  return async (app) => {
    app.get('/api/partners', { schema: { tags, summary: 'Partner platforms, and the events that can be subscribed', response: { 200: Type.Object({ partners: Type.Array(PartnerView), events: Type.Array(Type.String()) }) } } }, async (request) => {
      looks(deps.signed(request));
      return { partners: (await context.store.read((repos) => repos.partners.list())).map(partnerView), events: [...PARTNER_EVENTS] };
    });

    app.post('/api/partners', { schema: { tags, summary: 'Add a partner; its webhook secret is shown this once', body: PartnerBody, response: { 201: Type.Object({ partner: PartnerView, webhookSecret: Type.String() }) } } }, async (request, reply) => {
      const signed = deps.signed(request);
      changes(signed);
      const { kept, secret } = rotated(null, context.now());
      const partner: Partner = { ...request.body, events: readEvents(request.body.events), webhookUrl: readUrl(request.body.webhookUrl), active: true, createdAt: context.now() };
      await context.store.write(async (repos) => {
        if ((await repos.partners.get(partner.id)) !== null) throw new AppError('partner.taken', 'this id is taken', { status: 409, citizenText: '这个标识已被使用。' });
        await repos.partners.put(partner, kept);
        await trail(repos, signed, 'partner.created', `partner:${partner.id}`);
      });
      await deps.partnersChanged?.();
      return reply.status(201).send({ partner: partnerView(partner), webhookSecret: secret });
    });

    app.patch('/api/partners/:id', { schema: { tags, summary: 'Change a partner', params: IdParams, body: PartnerPatch, response: { 200: Type.Object({ partner: PartnerView }) } } }, async (request) => {
      const signed = deps.signed(request);
      changes(signed);
      const { events, webhookUrl, name, scope, active } = request.body;
      const change: Partial<Partner> = {
        ...(name === undefined ? {} : { name }), ...(scope === undefined ? {} : { scope }), ...(active === undefined ? {} : { active }),
        ...(events === undefined ? {} : { events: readEvents(events) }), ...(webhookUrl === undefined ? {} : { webhookUrl: readUrl(webhookUrl) }),
      };
      const partner = await context.store.write(async (repos) => {
        const changed = { ...(await requirePartner(repos, request.params.id)), ...change };
        await repos.partners.put(changed, null);
        await trail(repos, signed, 'partner.changed', `partner:${changed.id}`);
        return changed;
      });
      await deps.partnersChanged?.();
      return { partner: partnerView(partner) };
    });

    app.post('/api/partners/:id/secret', { schema: { tags, summary: 'Make a new webhook secret, shown this once; the one before holds for a day', params: IdParams, response: { 201: Type.Object({ webhookSecret: Type.String(), previousUntil: Type.Number() }) } } }, async (request, reply) => {
      const signed = deps.signed(request);
      changes(signed);
      const now = context.now();
      const secret = await context.store.write(async (repos) => {
        const partner = await requirePartner(repos, request.params.id);
        const made = rotated(await repos.partners.webhookSecret(partner.id), now);
        await repos.partners.put(partner, made.kept);
        await trail(repos, signed, 'partner.secret_rotated', `partner:${partner.id}`);
        return made.secret;
      });
      return reply.status(201).send({ webhookSecret: secret, previousUntil: now + OVERLAP_MS });
    });

    app.get('/api/partners/:id/keys', { schema: { tags, summary: 'Keys of a partner', params: IdParams, response: { 200: Type.Object({ keys: Type.Array(KeyView) }) } } }, async (request) => {
      looks(deps.signed(request));
      return context.store.read(async (repos) => {
        await requirePartner(repos, request.params.id);
        return { keys: (await repos.apiTokens.list({ kind: 'partner', ownerId: request.params.id })).map(keyView) };
      });
    });

    app.post('/api/partners/:id/keys', { schema: { tags, summary: 'Make an api_key, shown this once', params: IdParams, body: Type.Object({ name: Type.String({ minLength: 1, maxLength: 80 }), expiresAt: Type.Optional(Type.Integer({ minimum: 1 })) }, shape), response: { 201: Type.Object({ key: KeyView, apiKey: Type.String() }) } } }, async (request, reply) => {
      const signed = deps.signed(request);
      changes(signed);
      const now = context.now();
      const expiresAt = request.body.expiresAt ?? null;
      if (expiresAt !== null && expiresAt <= now) throw new AppError('partner.key_over', 'the key would have expired already', { status: 400, citizenText: '有效期须晚于现在。' });
      const { key, hash } = makePartnerKey();
      const token: ApiToken = { id: context.newId(), kind: 'partner', ownerId: request.params.id, name: request.body.name, createdBy: signed.seat.id, createdAt: now, expiresAt, revokedAt: null };
      await context.store.write(async (repos) => {
        await requirePartner(repos, request.params.id);
        await repos.apiTokens.insert(token, hash);
        await trail(repos, signed, 'partner.key_made', `partner:${token.ownerId}`);
      });
      return reply.status(201).send({ key: keyView(token), apiKey: key });
    });

    app.delete('/api/partners/:id/keys/:key', { schema: { tags, summary: 'Revoke a key', params: KeyParams, response: { 204: Type.Null() } } }, async (request, reply) => {
      const signed = deps.signed(request);
      changes(signed);
      const { id, key } = request.params;
      await context.store.write(async (repos) => {
        if (!(await repos.apiTokens.list({ kind: 'partner', ownerId: id })).some((token) => token.id === key)) throw new AppError('partner.key_not_found', 'no such key', { status: 404, citizenText: '没有这个密钥。' });
        await repos.apiTokens.revoke(key, context.now());
        await trail(repos, signed, 'partner.key_revoked', `partner:${id}`);
      });
      return reply.status(204).send(null);
    });

    app.get('/api/webhook-deliveries', { schema: { tags, summary: 'What partners were sent, newest first; `state=dead` is what never arrived', querystring: DeliveryQuery, response: { 200: Type.Object({ deliveries: Type.Array(DeliveryView) }) } } }, async (request) => {
      looks(deps.signed(request));
      const { partner, state, before, limit = 50 } = request.query;
      const deliveries = await context.store.read((repos) =>
        repos.webhookDeliveries.list({ limit, ...(partner === undefined || partner === '' ? {} : { partnerId: partner }), ...(state === undefined ? {} : { state }), ...(before === undefined || before === '' ? {} : { beforeId: before }) }));
      return { deliveries: deliveries.map(deliveryView) };
    });

    app.post('/api/webhook-deliveries/:id/replay', { schema: { tags, summary: 'Send one again', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
      const signed = deps.signed(request);
      looks(signed);
      await writeUnit(context, async (unit) => {
        await enqueue(unit, [await replayOne(context, unit.repos, request.params.id)]);
        await trail(unit.repos, signed, 'partner.delivery_replayed', `delivery:${request.params.id}`);
      });
      return reply.status(204).send(null);
    });

    app.post('/api/partners/:id/replay', { schema: { tags, summary: 'Send everything again that was made since a moment', params: IdParams, body: Type.Object({ since: Type.Integer({ minimum: 0 }), state: Type.Optional(Type.Union([Type.Literal('delivered'), Type.Literal('dead')])) }, shape), response: { 200: Type.Object({ replayed: Type.Number() }) } } }, async (request) => {
      const signed = deps.signed(request);
      looks(signed);
      return writeUnit(context, async (unit) => {
        const { id } = await requirePartner(unit.repos, request.params.id);
        const rows = await replaySince(context, unit.repos, id, request.body.since, request.body.state ?? null);
        await enqueue(unit, rows);
        await trail(unit.repos, signed, 'partner.replayed', `partner:${id}`);
        return { replayed: rows.length };
      });
    });

    app.get('/api/tickets/:id/external-numbers', { schema: { tags, summary: 'Numbers that other platforms gave this matter', params: IdParams, response: { 200: Type.Object({ numbers: Type.Array(Type.Object({ partnerId: Type.String(), partnerName: Type.String(), number: orNull(Type.String()), at: Type.Number() })) }) } } }, async (request) => {
      deps.signed(request);
      return context.store.read(async (repos) => {
        const ticket = await repos.tickets.get(request.params.id);
        if (ticket === null) throw new AppError('ticket.not_found', 'no such ticket', { status: 404, citizenText: '没有找到这张工单。' });
        const names = new Map((await repos.partners.list()).map(({ id, name }) => [id, name]));
        // Without a number of its own a partner's ticket stands under ours.
        return { numbers: (await repos.externalNumbers.of(ticket.id)).map(({ partnerId, number, at }) => ({ partnerId, partnerName: names.get(partnerId) ?? partnerId, number: number === ticket.number ? null : number, at })) };
      });
    });
  };
}

async function requirePartner(repos: Repositories, id: string): Promise<Partner> {
  const partner = await repos.partners.get(id);
  if (partner === null) throw new AppError('partner.not_found', 'no such partner', { status: 404, citizenText: '没有这个合作平台。' });
  return partner;
}

function readEvents(names: readonly string[]): Partner['events'] {
  const events = names.map((name) => PARTNER_EVENTS.find((event) => event === name));
  const known = events.filter((event) => event !== undefined);
  if (known.length < names.length) throw new AppError('partner.unknown_event', 'an event that cannot be subscribed', { status: 400, citizenText: '订阅的事件不在可选之列。' });
  return known;
}

/** Where it may lead is checked when it is posted to: names resolve differently tomorrow. */
function readUrl(url: string | null): string | null {
  if (url === null || url.trim() === '') return null;
  if (!isWebAddress(url.trim())) throw new AppError('partner.bad_url', 'not an http or https address', { status: 400, citizenText: '推送地址须为 http 或 https 网址，不含用户名和密码。' });
  return url.trim();
}

function partnerView({ id, name, webhookUrl, events, scope, active, createdAt }: Partner): Static<typeof PartnerView> {
  return { id, name, webhookUrl, events: [...events], scope, active, createdAt };
}

function keyView({ id, name, createdBy, createdAt, expiresAt, revokedAt }: ApiToken): Static<typeof KeyView> {
  return { id, name, createdBy, createdAt, expiresAt, revokedAt };
}

function deliveryView(delivery: WebhookDelivery): Static<typeof DeliveryView> {
  return { ...delivery };
}
