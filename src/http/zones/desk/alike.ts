import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import type { Ticket } from '../../../domain/ticket.ts';
import { type IntakeContext, writeUnit } from '../../../intake/context.ts';
import type { AlikeKeeper } from '../../../tickets/alike/keeper.ts';
import { type Alike, findAlike, viewAlike } from '../../../tickets/alike/look.ts';
import { mergeTicket, unmergeTicket } from '../../../tickets/alike/merge.ts';
import { answerStorm, endStorm, mergeStorm } from '../../../tickets/alike/storm-keys.ts';
import { type LiveStorm, viewStorms } from '../../../tickets/alike/storms.ts';
import { requireRole } from './auth.ts';
import type { DeskDeps } from './index.ts';
import { IdParams, NullableText, TicketView } from './schemas.ts';
import { moverOf } from './scope.ts';
import { ticketView } from './views.ts';

/** Duplicates and storms at the desk. Closed to departments: whose matters are alike is none of theirs. */

const Text = Type.Union([Type.String(), Type.Null()]);
const shape = { additionalProperties: false };
const Version = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** A ticket in a list of likes. */
const Brief = Type.Object({ id: Type.String(), number: Type.String(), title: Type.String(), state: Type.String(), itemName: Text, townName: Text, place: Text, departmentName: Text, createdAt: Type.Number(), leadingId: Text, version: Type.Number() });
const Like = Type.Object({ ticket: Brief, score: Type.Number(), why: Type.Array(Type.String()), words: Type.String() });
const AlikeAnswer = Type.Object({
  leading: Type.Union([Brief, Type.Null()]),
  followers: Type.Array(Brief),
  followerCount: Type.Number(),
  /** `refusal`: the rule that forbids following it; null: it may be merged. */
  likes: Type.Array(Type.Object({ ...Like.properties, refusal: Text })),
  proposals: Type.Array(Type.Object({ ticket: Brief, leads: Type.Boolean(), score: Type.Number(), why: Type.Array(Type.String()), state: Type.String() })),
  /** False while the index fills after a start: more may be found later. */
  complete: Type.Boolean(),
});
const DraftBody = Type.Object(
  { title: Type.Optional(Type.String({ maxLength: 120 })), content: Type.String({ minLength: 1, maxLength: 5000 }), itemCode: Type.Optional(NullableText(120)), townId: Type.Optional(NullableText(60)), place: Type.Optional(NullableText(300)), citizenId: Type.Optional(NullableText(100)), confidential: Type.Optional(Type.Boolean()) },
  shape,
);
const StormView = Type.Object({
  id: Type.String(), title: Type.String(), itemCode: Text, itemName: Text, towns: Type.Array(Type.String()), leading: Type.Union([Brief, Type.Null()]), count: Type.Number(), firstAt: Type.Number(), lastAt: Type.Number(), state: Type.String(), answer: Text,
  /** Of the last hour, as this node sees it; null: nothing came. */
  live: Type.Union([Type.Object({ series: Type.Array(Type.Number()), questions: Type.Number(), usual: Type.Number() }), Type.Null()]),
});
const ProposalView = Type.Object({ ticket: Brief, leading: Brief, score: Type.Number(), why: Type.Array(Type.String()), at: Type.Number() });

const LEADERS = ['supervisor', 'administrator'] as const;
const STORMS_SHOWN = 50;
const TICKETS_SHOWN = 200;

export function alikeRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context, alike: keeper } = deps;
  const tags = ['duplicates'];
  return async (app) => {
    // A house that compares no tickets has no such routes.
    if (keeper === undefined) return;
    const write = <Result>(fn: Parameters<typeof writeUnit<Result>>[1]): Promise<Result> => writeUnit(context, fn);

    app.get('/api/tickets/:id/alike', { schema: { tags, summary: 'Tickets like this one, what was proposed, what it follows or leads', params: IdParams, response: { 200: AlikeAnswer } } }, async (request) =>
      context.store.read(async (repos) => {
        const ticket = await repos.tickets.get(request.params.id);
        if (ticket === null) throw new AppError('ticket.not_found', 'no such ticket', { status: 404, citizenText: '没有找到这张工单。' });
        const view = await viewAlike(keeper.index, repos, ticket);
        return {
          leading: view.leading === null ? null : brief(context, view.leading),
          followers: view.followers.map((one) => brief(context, one)),
          followerCount: view.followerCount,
          likes: view.likes.map((like) => ({ ...likeView(context, like), refusal: like.refusal })),
          proposals: view.proposals.map(({ ticket: other, leads, score, why, state }) => ({ ticket: brief(context, other), leads, score, why: [...why], state })),
          complete: keeper.status().loaded,
        };
      }),
    );

    app.post('/api/tickets/alike', { schema: { tags, summary: 'Open tickets like a draft, before it is opened', body: DraftBody, response: { 200: Type.Object({ likes: Type.Array(Like), complete: Type.Boolean() }) } } }, async (request) => {
      const { title = '', content, itemCode = null, townId = null, place = null, citizenId = null, confidential = false } = request.body;
      const likes = await context.store.read((repos) => findAlike(keeper.index, repos, { id: '', title, content, itemCode, townId, place, citizenId, confidential, at: context.now() }));
      return { likes: likes.map((like) => likeView(context, like)), complete: keeper.status().loaded };
    });

    app.post('/api/tickets/:id/merge', { schema: { tags, summary: 'Have it follow another ticket', params: IdParams, body: Type.Object({ leadingId: Type.String({ minLength: 1, maxLength: 100 }), version: Version }, shape), response: { 200: Type.Object({ ticket: TicketView }) } } }, async (request) => {
      const { actor } = moverOf(deps.signed(request));
      const { leadingId, version } = request.body;
      return { ticket: ticketView(context, await write((unit) => mergeTicket(context, unit, { ticketId: request.params.id, leadingId, version, actor }))) };
    });

    app.post('/api/tickets/:id/unmerge', { schema: { tags, summary: 'Have it stand on its own again', params: IdParams, body: Type.Object({ version: Version }, shape), response: { 200: Type.Object({ ticket: TicketView }) } } }, async (request) => {
      const { actor } = moverOf(deps.signed(request));
      return { ticket: ticketView(context, await write((unit) => unmergeTicket(context, unit, { ticketId: request.params.id, version: request.body.version, actor }))) };
    });

    app.post('/api/tickets/:id/alike/refuse', { schema: { tags, summary: 'Another matter: not to be proposed again', params: IdParams, body: Type.Object({ otherId: Type.String({ minLength: 1, maxLength: 100 }) }, shape), response: { 204: Type.Null() } } }, async (request, reply) => {
      const { seat } = deps.signed(request);
      await write(async ({ repos }) => {
        const [ticket, other] = [await repos.tickets.get(request.params.id), await repos.tickets.get(request.body.otherId)];
        if (ticket === null || other === null) throw new AppError('ticket.not_found', 'no such ticket', { status: 404, citizenText: '没有找到这张工单。' });
        if (ticket.leadingId === other.id || other.leadingId === ticket.id) throw new AppError('ticket.merged_already', 'the two are merged: un-merge them first', { status: 409, retry: 'conflict', citizenText: '两张工单已经合并，请先拆分。' });
        // The pair as it would be proposed: the older one leads.
        const [follower, leading] = ticket.createdAt >= other.createdAt ? [ticket, other] : [other, ticket];
        await repos.alikeProposals.decide(follower.id, leading.id, 'refused', `seat:${seat.id}`, context.now());
        // And as it was, if it was the other way round.
        if ((await repos.alikeProposals.of(ticket.id)).some((pair) => pair.ticketId === leading.id && pair.leadingId === follower.id)) await repos.alikeProposals.decide(leading.id, follower.id, 'refused', `seat:${seat.id}`, context.now());
      });
      return reply.status(204).send(null);
    });

    app.get('/api/alike', { schema: { tags, summary: 'Proposals that wait for a decision, newest first', querystring: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })) }), response: { 200: Type.Object({ proposals: Type.Array(ProposalView) }) } } }, async (request) =>
      context.store.read(async (repos) => {
        const open = await repos.alikeProposals.open(request.query.limit ?? 50);
        const tickets = new Map((await repos.tickets.getMany([...new Set(open.flatMap(({ ticketId, leadingId }) => [ticketId, leadingId]))])).map((ticket) => [ticket.id, ticket]));
        const proposals = open.flatMap(({ ticketId, leadingId, score, why, at }) => {
          const [ticket, leading] = [tickets.get(ticketId), tickets.get(leadingId)];
          return ticket === undefined || leading === undefined ? [] : [{ ticket: brief(context, ticket), leading: brief(context, leading), score, why: [...why], at }];
        });
        return { proposals };
      }),
    );

    app.get('/api/storms', { schema: { tags, summary: 'Many tickets of one matter in a short time', response: { 200: Type.Object({ storms: Type.Array(StormView) }) } } }, async () =>
      context.store.read(async (repos) => {
        const storms = await viewStorms(context, keeper, repos, STORMS_SHOWN);
        return { storms: await stormViews(context, (ids) => repos.tickets.getMany(ids), storms) };
      }),
    );

    app.get('/api/storms/:id', { schema: { tags, summary: 'Tickets of a storm', params: IdParams, querystring: Type.Object({ after: Type.Optional(Type.String({ maxLength: 100 })) }), response: { 200: Type.Object({ tickets: Type.Array(Brief), next: Text }) } } }, async (request) =>
      context.store.read(async (repos) => {
        if ((await repos.storms.get(request.params.id)) === null) throw new AppError('storm.not_found', 'no such storm', { status: 404, citizenText: '没有这个集中诉求。' });
        const ids = await repos.storms.tickets(request.params.id, TICKETS_SHOWN, request.query.after ?? null);
        return { tickets: (await repos.tickets.getMany(ids)).map((ticket) => brief(context, ticket)), next: ids.length < TICKETS_SHOWN ? null : (ids.at(-1) ?? null) };
      }),
    );

    const Done = Type.Object({ state: Type.String(), leadingId: Text });
    app.post('/api/storms/:id/merge', { schema: { tags, summary: 'All its tickets follow one', params: IdParams, body: Type.Object({ leadingId: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })) }, shape), response: { 202: Done } } }, async (request, reply) => {
      const signed = deps.signed(request);
      requireRole(signed, LEADERS);
      const { state, leadingId } = await write((unit) => mergeStorm(context, unit, { stormId: request.params.id, leadingId: request.body.leadingId, seatId: signed.seat.id }));
      return reply.status(202).send({ state, leadingId });
    });

    app.post('/api/storms/:id/answer', { schema: { tags, summary: 'Tell every citizen of it the same, now and as they come', params: IdParams, body: Type.Object({ text: Type.String({ minLength: 2, maxLength: 2000 }) }, shape), response: { 202: Done } } }, async (request, reply) => {
      const signed = deps.signed(request);
      requireRole(signed, LEADERS);
      const { state, leadingId } = await write((unit) => answerStorm(context, unit, { stormId: request.params.id, text: request.body.text, seatId: signed.seat.id }));
      return reply.status(202).send({ state, leadingId });
    });

    app.post('/api/storms/:id/end', { schema: { tags, summary: 'It is over', params: IdParams, response: { 200: Done } } }, async (request) => {
      const signed = deps.signed(request);
      requireRole(signed, LEADERS);
      const { state, leadingId } = await write((unit) => endStorm(context, unit, { stormId: request.params.id, seatId: signed.seat.id }));
      return { state, leadingId };
    });
  };
}

/** What the desk zone needs of a node's duplicates. */
export type AlikeDesk = Pick<AlikeKeeper, 'index' | 'watch' | 'usual' | 'status'>;

function brief({ city }: IntakeContext, { id, number, title, state, itemCode, townId, place, departmentId, createdAt, leadingId, version }: Ticket): Static<typeof Brief> {
  return {
    id, number, title, state, place, createdAt, leadingId, version,
    itemName: city.items.find((item) => item.code === itemCode)?.name ?? null,
    townName: city.towns.find((town) => town.id === townId)?.name ?? null,
    departmentName: city.departments.find((department) => department.id === departmentId)?.name ?? null,
  };
}

function likeView(context: IntakeContext, { ticket, score, why, words }: Alike): Static<typeof Like> {
  return { ticket: brief(context, ticket), score, why: [...why], words };
}

async function stormViews(context: IntakeContext, getMany: (ids: readonly string[]) => Promise<readonly Ticket[]>, storms: readonly LiveStorm[]): Promise<Static<typeof StormView>[]> {
  const { city } = context;
  const leading = new Map((await getMany(storms.flatMap(({ storm }) => storm.leadingId ?? []))).map((ticket) => [ticket.id, ticket]));
  return storms.map(({ storm: { id, title, itemCode, townIds, leadingId, count, firstAt, lastAt, state, answer }, burst }) => {
    const lead = leadingId === null ? undefined : leading.get(leadingId);
    return {
      id, title, itemCode, count, firstAt, lastAt, state, answer,
      itemName: city.items.find((item) => item.code === itemCode)?.name ?? null,
      towns: townIds.map((townId) => city.towns.find((town) => town.id === townId)?.name ?? townId),
      leading: lead === undefined ? null : brief(context, lead),
      live: burst === null ? null : { series: [...burst.series], questions: burst.questions, usual: burst.usual },
    };
  });
}
