import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { writeUnit } from '../../../intake/context.ts';
import { keepWish, wishesOf } from '../../../outbound/consents.ts';
import { attemptViews } from '../../../outbound/view.ts';
import { record } from '../../../tickets/record.ts';
import type { DeskDeps } from './index.ts';
import { IdParams } from './schemas.ts';
import { departmentOf, requireSeen } from './scope.ts';

/** How the citizen of a ticket was told of it, and what they wish. */

const Text = Type.Union([Type.String(), Type.Null()]);
const Time = Type.Union([Type.Number(), Type.Null()]);
const AttemptShape = Type.Object({
  id: Type.String(), kind: Type.Union([Type.Literal('notification'), Type.Literal('call'), Type.Literal('conversation')]), channel: Type.String(), channelName: Type.String(), about: Type.String(), state: Type.String(), stateName: Type.String(),
  reason: Text, cost: Text, number: Type.Number(), at: Type.Number(), sentAt: Time, endedAt: Time, seconds: Time,
  answers: Type.Array(Type.Object({ question: Type.String(), keys: Text, answer: Text })),
});
/** True: the citizen wants none. `all`: nothing that goes out by itself; `sms`: no text messages. */
const Wishes = Type.Object({ all: Type.Boolean(), sms: Type.Boolean() });
const Attempts = Type.Object({ attempts: Type.Array(AttemptShape), stopped: Type.Union([Wishes, Type.Null()]) });
const WishBody = Type.Object({ wish: Type.Union([Type.Literal('stop'), Type.Literal('start')]), place: Type.Union([Type.Literal('all'), Type.Literal('sms')]) }, { additionalProperties: false });

export function reachRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  const tags = ['tickets'];
  return async (app) => {
    app.get('/api/tickets/:id/attempts', { config: { departments: true }, schema: { tags, summary: 'How the citizen was told of the ticket: channel, time, state, why, cost; never a number', params: IdParams, response: { 200: Attempts } } }, async (request) => {
      const signed = deps.signed(request);
      return context.store.read(async (repos) => {
        const ticket = requireSeen(signed, await repos.tickets.get(request.params.id));
        return { attempts: (await attemptViews(repos, ticket.id)).map((attempt) => ({ ...attempt, answers: [...attempt.answers] })), stopped: departmentOf(signed) === null ? await wishesOf({ repos }, ticket.citizenId) : null };
      });
    });

    app.post('/api/tickets/:id/wish', { schema: { tags, summary: 'Write down that the citizen wants no notices, or wants them again', params: IdParams, body: WishBody, response: { 200: Wishes } } }, async (request) => {
      const signed = deps.signed(request);
      const { wish, place } = request.body;
      return writeUnit(context, async (unit) => {
        const ticket = requireSeen(signed, await unit.repos.tickets.get(request.params.id));
        await keepWish(context, unit, { citizenId: ticket.citizenId, wish, place });
        const text = `${wish === 'stop' ? '市民不要' : '市民恢复'}${place === 'all' ? '主动通知' : '短信通知'}`;
        await unit.repos.trail.append({ at: context.now(), actor: `seat:${signed.seat.id}`, action: 'consent.recorded', subject: `citizen:${ticket.citizenId}`, purpose: `${text}，工单${ticket.number}` });
        await record(context, unit, ticket, { type: 'ticket.noted', actor: { kind: 'seat', seatId: signed.seat.id }, at: context.now(), data: { text } });
        return wishesOf(unit, ticket.citizenId);
      });
    });
  };
}
