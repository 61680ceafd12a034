import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import type { JsonObject, JsonValue } from '../../../domain/json.ts';
import { maskText } from '../../../domain/masking.ts';
import type { OutboxRow } from '../../../store/contract.ts';
import { requireRole } from './auth.ts';
import type { DeskDeps } from './index.ts';
import { IdParams } from './schemas.ts';

/** What could not be done for good, and how the channels are. Supervisors look, try again and discard; each change leaves a row in the trail. */

const Text = Type.Union([Type.String(), Type.Null()]);
const Time = Type.Union([Type.Number(), Type.Null()]);
const Letter = Type.Object({ id: Type.String(), kind: Type.String(), lane: Type.String(), attempts: Type.Number(), lastError: Text, createdAt: Type.Number(), diedAt: Type.Number(), position: Type.Integer(), conversationId: Text });
const Group = Type.Object({ kind: Type.String(), error: Text, amount: Type.Integer(), oldestAt: Type.Number(), newestAt: Type.Number() });
const Whole = Type.Object({
  letter: Letter,
  /** Ids and codes as they are; words only by their length. */
  payload: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
  /** The messages that were to be sent, without their words. */
  activities: Type.Array(Type.Object({ id: Type.String(), at: Type.Number(), role: Type.String(), type: Type.String(), chars: Type.Integer() })),
});
const shape = { additionalProperties: false };
const Name = Type.String({ minLength: 1, maxLength: 200 });
const Query = Type.Object({ kind: Type.Optional(Name), error: Type.Optional(Type.String({ maxLength: 200, description: 'exactly this one; empty: none' })), q: Type.Optional(Name), before: Type.Optional(Type.Integer({ minimum: 0 })), beforePosition: Type.Optional(Type.Integer({ minimum: 0 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })) });
const Ids = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 500 });
const ManyBody = Type.Object({ ids: Ids }, shape);
const DiscardBody = Type.Object({ ids: Ids, reason: Type.String({ minLength: 2, maxLength: 200 }) }, shape);
const Done = Type.Object({ done: Type.Integer() });
const ChannelState = Type.Object({
  name: Type.String(), state: Type.String(),
  /** What an operator should know of a channel that is on and not up (`waits for a scan`); null: all is well. */
  note: Text,
  missing: Type.Array(Type.Object({ name: Type.String(), about: Type.String() })), inbound: Type.String(), delivery: Type.String(),
  lastInAt: Time, lastOutAt: Time, waiting: Type.Integer(), oldestAt: Time, dead: Type.Integer(), errors: Type.Array(Type.Object({ code: Type.String(), status: Type.String(), amount: Type.Integer(), lastAt: Type.Number() })),
  limits: Type.Object({ textLimit: Type.Integer(), textLimitUnit: Type.String(), replyWindowHours: Type.Union([Type.Number(), Type.Null()]), proactive: Type.Boolean() }),
});

const LEADERS = ['supervisor', 'administrator'] as const;
const tags = ['operations'];
const ERRORS_SINCE_MS = 24 * 3_600_000;

export function operationRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  const { store } = context;
  const lead = (request: FastifyRequest): string => {
    const signed = deps.signed(request);
    requireRole(signed, LEADERS);
    return `seat:${signed.seat.id}`;
  };

  const retry = async (ids: readonly string[], actor: string): Promise<number> => {
    const done = await store.write(async (repos) => {
      let count = 0;
      for (const id of ids) {
        if (!(await repos.outbox.revive(id, context.now()))) continue;
        await repos.trail.append({ at: context.now(), actor, action: 'dead_letter.retried', subject: `outbox:${id}`, purpose: null });
        count += 1;
      }
      return count;
    });
    if (done > 0) context.bus.wake();
    return done;
  };

  return async (app) => {
    app.get('/api/dead-letters', { schema: { tags, summary: 'Work that failed for good, newest first', querystring: Query, response: { 200: Type.Object({ deadLetters: Type.Array(Letter) }) } } }, async (request) => {
      lead(request);
      const { kind, error, q, before, beforePosition = 0, limit = 200 } = request.query;
      const rows = await store.read((repos) => repos.deadLetters.list({ limit, ...(kind === undefined ? {} : { kind }), ...(error === undefined ? {} : { error }), ...(q === undefined ? {} : { q }), ...(before === undefined ? {} : { before: { at: before, position: beforePosition } }) }));
      return { deadLetters: rows.map(letterView) };
    });

    app.get('/api/dead-letters/groups', { schema: { tags, summary: 'Dead letters by kind and error, most first', response: { 200: Type.Object({ groups: Type.Array(Group) }) } } }, async (request) => {
      lead(request);
      return { groups: [...(await store.read((repos) => repos.deadLetters.groups()))] };
    });

    app.get('/api/dead-letters/:id', { schema: { tags, summary: 'One dead letter without personal data', params: IdParams, response: { 200: Whole } } }, async (request) => {
      lead(request);
      return store.read(async (repos) => {
        const row = await repos.outbox.get(request.params.id);
        if (row === null || row.state !== 'dead') throw new AppError('outbox.not_found', 'no such dead letter', { status: 404, citizenText: '没有这条死信。' });
        const activities: Static<typeof Whole>['activities'] = [];
        for (const id of activityIds(row.payload)) {
          const activity = await repos.activities.get(id);
          if (activity !== null) activities.push({ id, at: activity.at, role: activity.role, type: activity.content.type, chars: activity.content.type === 'message' ? activity.content.text.length : 0 });
        }
        return { letter: letterView(row), payload: Object.entries(row.payload).map(([name, value]) => ({ name, value: plainText(value) })), activities };
      });
    });

    app.post('/api/dead-letters/:id/retry', { schema: { tags, summary: 'Try a dead letter again', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
      if ((await retry([request.params.id], lead(request))) === 0) throw new AppError('outbox.not_found', 'no such dead letter', { status: 404, citizenText: '没有这条死信。' });
      return reply.status(204).send(null);
    });

    app.post('/api/dead-letters/retry', { schema: { tags, summary: 'Try many again; those that are gone are left out', body: ManyBody, response: { 200: Done } } }, async (request) => ({ done: await retry(request.body.ids, lead(request)) }));

    app.post('/api/dead-letters/discard', { schema: { tags, summary: 'Give up for good, with a reason that stays in the trail', body: DiscardBody, response: { 200: Done } } }, async (request) => {
      const actor = lead(request);
      const { ids, reason } = request.body;
      const purpose = maskText(reason).text;
      const done = await store.write(async (repos) => {
        let count = 0;
        for (const id of ids) {
          const row = await repos.deadLetters.discard(id);
          if (row === null) continue;
          await repos.trail.append({ at: context.now(), actor, action: 'dead_letter.discarded', subject: `outbox:${id}`, purpose: `${row.kind}${row.lastError === null ? '' : `，${row.lastError}`}：${purpose}`.slice(0, 400) });
          count += 1;
        }
        return count;
      });
      return { done };
    });

    app.get('/api/channels/state', { schema: { tags, summary: 'How each channel is: on or why not, what went last, what waits, what failed in the last day', response: { 200: Type.Object({ channels: Type.Array(ChannelState) }) } } }, async (request) => {
      lead(request);
      const facts = new Map((await store.read((repos) => repos.channelFacts.all(context.now() - ERRORS_SINCE_MS))).map((fact) => [fact.channel, fact]));
      return {
        channels: deps.channels.map(({ module, channel }) => {
          const { lastInAt = null, lastOutAt = null, waiting = 0, oldestAt = null, dead = 0, errors = [] } = facts.get(channel.name) ?? {};
          const { textLimit, textLimitUnit, replyWindowMs, proactive, delivery } = channel.capabilities;
          const missing = channel.status.state === 'off' ? channel.status.missing : [];
          return {
            name: channel.name, state: channel.status.state, note: channel.status.state === 'on' ? (channel.status.note ?? null) : null, inbound: module.inbound, delivery,
            missing: missing.map((name) => ({ name, about: module.settings.find((setting) => setting.name === name)?.about ?? '' })),
            lastInAt, lastOutAt, waiting, oldestAt, dead, errors: [...errors],
            limits: { textLimit, textLimitUnit, replyWindowHours: replyWindowMs === null ? null : replyWindowMs / 3_600_000, proactive },
          };
        }),
      };
    });
  };
}

const letterView = ({ id, kind, lane, attempts, lastError, createdAt, availableAt, position, payload }: OutboxRow): Static<typeof Letter> => ({
  id, kind, lane, attempts, lastError, createdAt, diedAt: availableAt, position, conversationId: typeof payload['conversationId'] === 'string' ? payload['conversationId'] : null,
});

/** Messages that the payload names, the first few. */
function activityIds(payload: JsonObject): readonly string[] {
  const { activityIds: many, activityId: one } = payload;
  const ids = [...(Array.isArray(many) ? many : []), one].filter((id): id is string => typeof id === 'string');
  return ids.slice(0, 20);
}

/** Ids, codes and times; a phone number is none of them. */
const PLAIN = /^[\w:.@/-]{1,120}$/;

function plainText(value: JsonValue): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value === 'string') return PLAIN.test(value) && maskText(value).text === value ? value : `（文字 ${value.length} 字，不显示）`;
  if (Array.isArray(value)) return value.length > 20 ? `（${value.length} 项）` : value.map(plainText).join('，');
  return `（${Object.keys(value).length} 个字段：${Object.keys(value).slice(0, 10).join('，')}）`;
}
