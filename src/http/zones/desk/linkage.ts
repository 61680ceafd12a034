import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import { writeUnit } from '../../../intake/context.ts';
import { transferConversationOut } from '../../../intake/linkage.ts';
import { type LinkageContext, requireEndpoint, requireLink, ticketOf } from '../../../linkage/context.ts';
import { keptReconciliation, makeReconciliation } from '../../../linkage/reconcile.ts';
import { kindName, RECONCILE_TYPES, reconcileFileName, stateName, writeReconciliation } from '../../../linkage/render.ts';
import { replayMessage } from '../../../linkage/replay.ts';
import { rulesFor } from '../../../linkage/rules.ts';
import { skipGap } from '../../../linkage/take.ts';
import { noteAnswer, transferTicket } from '../../../linkage/transfer.ts';
import type { Ticket } from '../../../domain/ticket.ts';
import type { LinkageLink, Repositories } from '../../../store/contract.ts';
import { requireRole } from './auth.ts';
import type { DeskDeps } from './index.ts';
import { AnswerBody, CallView, callView, ConversationTransferBody, DayView, LinkView, linkView, type LinkViewShape, MessageView, messageView, ProfileView, Reconciled, SuggestionView, TransferBody } from './linkage-schemas.ts';
import { IdParams } from './schemas.ts';

/** 联动 at the desk: passing on with one key, what the other side answered, what went wrong between the two, and each day's reconciliation. */

const tags = ['linkage'];
const LEADERS = ['supervisor', 'administrator'] as const;
const Query = Type.Object({
  profile: Type.Optional(Type.String({ maxLength: 40 })), state: Type.Optional(LinkView.properties.state), late: Type.Optional(Type.Boolean()), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  before: Type.Optional(Type.Integer({ minimum: 0 })), beforeId: Type.Optional(Type.String({ maxLength: 100 })),
});
const Format = Type.Union([Type.Literal('json'), Type.Literal('csv'), Type.Literal('xlsx')]);
const DayParams = Type.Object({ profile: Type.String({ maxLength: 40 }), day: Type.String({ maxLength: 10 }) });

export function linkageRoutes(deps: DeskDeps, linkage: LinkageContext): FastifyPluginAsyncTypebox {
  const { context } = deps;
  const { house } = linkage;
  const nameOf = (profile: string): string => house.endpoint(profile)?.profile.name ?? profile;
  const one = async (repos: Repositories, link: LinkageLink): Promise<LinkViewShape> => linkView(link, { profile: nameOf(link.profile), ticket: await ticketOf(repos, link) });
  const suggested = (ticket: Ticket | null, emergency: string | null): Static<typeof SuggestionView>[] => {
    const rules = rulesFor(house.rules, ticket, emergency);
    const out = house.endpoints.filter(({ profile }) => profile.directions.includes('out') && profile.id !== ticket?.channel);
    const whyOf = (id: string): string | null => rules.find(({ to }) => to === id)?.why ?? null;
    // What the rules name comes first.
    return out.map(({ profile, on, dial }) => ({ profile: profile.id, name: profile.name, number: profile.number ?? null, on, canDial: dial !== null, why: whyOf(profile.id) })).toSorted((left, right) => Number(left.why === null) - Number(right.why === null));
  };

  return async (app) => {
    app.get('/api/linkage', { schema: { tags, summary: 'Linked platforms and what waits between us', response: { 200: Type.Object({ profiles: Type.Array(ProfileView), rules: Type.Array(Type.Object({ id: Type.String(), to: Type.String(), toName: Type.String(), how: Type.String(), why: Type.String() })) }) } } }, async (request) => {
      deps.signed(request);
      const counts = await context.store.read((repos) => repos.linkage.counts());
      const amount = (profile: string, state: string): number => counts.filter((row) => row.profile === profile && row.state === state).reduce((sum, row) => sum + row.amount, 0);
      return {
        profiles: house.endpoints.map(({ profile, on, missing, dial }) => ({
          id: profile.id, name: profile.name, about: profile.about, kind: profile.kind, number: profile.number ?? null, on, missing: [...missing], transport: profile.transport.kind === 'http' ? `HTTP ${profile.transport.format}` : `共享目录 ${profile.transport.format}`,
          directions: [...profile.directions], canDial: dial !== null, waiting: amount(profile.id, 'waiting'), unacknowledged: amount(profile.id, 'sent'), dead: amount(profile.id, 'dead'), held: amount(profile.id, 'held'),
        })),
        rules: house.rules.map(({ id, to, how, why }) => ({ id, to, toName: nameOf(to), how, why })),
      };
    });

    app.get('/api/linkage/links', { schema: { tags, summary: 'Matters shared with other platforms, newest first', querystring: Query, response: { 200: Type.Object({ links: Type.Array(LinkView) }) } } }, async (request) => {
      deps.signed(request);
      const { profile, state, late, limit = 50, before, beforeId } = request.query;
      return context.store.read(async (repos) => {
        const links = await repos.linkage.links({ limit, ...(profile === undefined || profile === '' ? {} : { profile }), ...(state === undefined ? {} : { state }), ...(late === undefined ? {} : { late }), ...(before === undefined || beforeId === undefined ? {} : { before: { createdAt: before, id: beforeId } }) });
        const views: LinkViewShape[] = [];
        for (const link of links) views.push(await one(repos, link));
        return { links: views };
      });
    });

    app.get('/api/linkage/links/:id', { schema: { tags, summary: 'One matter, every record of it without their bodies, and its three-party calls', params: IdParams, response: { 200: Type.Object({ link: LinkView, messages: Type.Array(MessageView), gap: Type.Boolean(), calls: Type.Array(CallView) }) } } }, async (request) => {
      deps.signed(request);
      return context.store.read(async (repos) => {
        const link = await requireLink(repos, request.params.id);
        const [held] = await repos.linkage.held(link.id);
        return { link: await one(repos, link), messages: (await repos.linkage.messagesOf(link.id)).map((message) => messageView(message, { kind: kindName(message.kind), state: stateName(message.state) })), gap: held !== undefined && held.version > link.receivedVersion + 1, calls: (await repos.linkage.callsOfLink(link.id)).map((call) => callView(call, nameOf(call.profile))) };
      });
    });

    app.get('/api/tickets/:id/linkage', { schema: { tags, summary: 'With whom a ticket is shared, and to whom the rules would pass it on', params: IdParams, response: { 200: Type.Object({ links: Type.Array(LinkView), suggestions: Type.Array(SuggestionView) }) } } }, async (request) => {
      deps.signed(request);
      return context.store.read(async (repos) => {
        const ticket = await repos.tickets.get(request.params.id);
        if (ticket === null) throw notFound();
        const links: LinkViewShape[] = [];
        for (const link of await repos.linkage.linksOfTicket(ticket.id)) links.push(await one(repos, link));
        return { links, suggestions: suggested(ticket, null) };
      });
    });

    app.get('/api/conversations/:id/linkage', { schema: { tags, summary: 'To whom a conversation can be passed on; what the rules name for its emergency comes first', params: IdParams, response: { 200: Type.Object({ suggestions: Type.Array(SuggestionView) }) } } }, async (request) => {
      deps.signed(request);
      const conversation = await context.store.read((repos) => repos.conversations.get(request.params.id));
      if (conversation === null) throw new AppError('conversation.not_found', 'no such conversation', { status: 404, citizenText: '没有找到这个会话。' });
      return { suggestions: suggested(null, conversation.emergency?.category ?? null) };
    });

    app.post('/api/tickets/:id/linkage', { schema: { tags, summary: 'Pass a ticket on (一键转办)', params: IdParams, body: TransferBody, response: { 200: Type.Object({ link: LinkView, sent: Type.Boolean(), repeated: Type.Boolean() }) } } }, async (request) => {
      const { seat } = deps.signed(request);
      const { profile, mode = 'system', threeParty = false, emergency, note = '' } = request.body;
      return writeUnit(context, async (unit) => {
        const ticket = await unit.repos.tickets.get(request.params.id);
        if (ticket === null) throw notFound();
        const done = await transferTicket(linkage, unit, ticket, { profile, mode, threeParty, emergency: emergency ?? ticket.urgency === 'emergency', note: note.trim(), actor: { kind: 'seat', seatId: seat.id } });
        return { link: await one(unit.repos, done.link), sent: done.sent, repeated: done.repeated };
      });
    });

    app.post('/api/conversations/:id/linkage', { schema: { tags, summary: 'Pass a conversation’s matter on: a ticket goes along, the citizen is told what to do, a caller can be put through, or brought together with the seat and the service (三方通话)', params: IdParams, body: ConversationTransferBody, response: { 200: Type.Object({ link: LinkView, sent: Type.Boolean(), repeated: Type.Boolean(), connected: Type.Boolean(), ticketNumber: Type.String(), call: Type.Union([CallView, Type.Null()]) }) } } }, async (request) => {
      const { seat } = deps.signed(request);
      const { profile, threeParty = false, connect = false, conference = false, note = '', clientId } = request.body;
      const done = await transferConversationOut(context, linkage, request.params.id, seat, { profile, threeParty, connect, conference, note: note.trim(), clientId });
      return { link: linkView(done.link, { profile: nameOf(profile), ticket: done.ticket }), sent: done.sent, repeated: done.repeated, connected: done.connected, ticketNumber: done.ticket.number, call: done.call === null ? null : callView(done.call, nameOf(done.call.profile)) };
    });

    app.post('/api/linkage/links/:id/answer', { schema: { tags, summary: 'Write down what the other side said by telephone', params: IdParams, body: AnswerBody, response: { 200: Type.Object({ link: LinkView }) } } }, async (request) => {
      const { seat } = deps.signed(request);
      const { kind, text = '', incidentNo } = request.body;
      return writeUnit(context, async (unit) => ({ link: await one(unit.repos, await noteAnswer(linkage, unit, request.params.id, { kind, said: text.trim(), incidentNo: incidentNo ?? null, actor: { kind: 'seat', seatId: seat.id } })) }));
    });

    app.post('/api/linkage/messages/:id/replay', { schema: { tags, summary: 'Send a record of ours again, under the same version', params: IdParams, response: { 204: Type.Null() } } }, async (request, reply) => {
      const signed = deps.signed(request);
      requireRole(signed, LEADERS);
      await writeUnit(context, (unit) => replayMessage(linkage, unit, request.params.id, `seat:${signed.seat.id}`));
      return reply.status(204).send(null);
    });

    app.post('/api/linkage/links/:id/skip', { schema: { tags, summary: 'Go on past versions of theirs that will not come', params: IdParams, response: { 200: Type.Object({ from: Type.Integer(), to: Type.Integer() }) } } }, async (request) => {
      const signed = deps.signed(request);
      requireRole(signed, LEADERS);
      const link = await context.store.read((repos) => requireLink(repos, request.params.id));
      return skipGap(linkage, requireEndpoint(house, link.profile).profile, link.id, `seat:${signed.seat.id}`);
    });

    app.get('/api/linkage/days', { schema: { tags, summary: 'Days that were reconciled or have a list of theirs, newest first', response: { 200: Type.Object({ days: Type.Array(DayView) }) } } }, async (request) => {
      requireRole(deps.signed(request), LEADERS);
      return { days: (await context.store.read((repos) => repos.linkage.days({ limit: 200 }))).map((row) => ({ ...row, name: nameOf(row.profile) })) };
    });

    app.get('/api/linkage/days/:profile/:day', { schema: { tags, summary: 'A day’s reconciliation; null: none was made', params: DayParams, response: { 200: Reconciled } } }, async (request) => {
      requireRole(deps.signed(request), LEADERS);
      return { report: await keptReconciliation(linkage, request.params.profile, request.params.day) };
    });

    app.post('/api/linkage/days/:profile/:day', { schema: { tags, summary: 'Reconcile a day now', params: DayParams, response: { 200: Reconciled } } }, async (request) => {
      const signed = deps.signed(request);
      requireRole(signed, LEADERS);
      const { profile, day } = request.params;
      const report = await makeReconciliation(linkage, profile, day);
      await context.store.write((repos) => repos.trail.append({ at: context.now(), actor: `seat:${signed.seat.id}`, action: 'linkage.reconciled', subject: `linkage-day:${profile}:${day}`, purpose: null }));
      return { report };
    });

    app.get('/api/linkage/days/:profile/:day/file', { schema: { tags, summary: 'A day’s reconciliation as JSON, CSV or Excel', params: DayParams, querystring: Type.Object({ format: Format }) } }, async (request, reply) => {
      requireRole(deps.signed(request), LEADERS);
      const { profile, day } = request.params;
      const report = await keptReconciliation(linkage, profile, day);
      if (report === null) throw new AppError('linkage.not_reconciled', 'no report of this day', { status: 404, citizenText: '这一天还没有对账。' });
      const { format } = request.query;
      return reply
        .header('content-type', RECONCILE_TYPES[format])
        .header('content-disposition', `attachment; filename="linkage-${profile}-${day}.${format}"; filename*=UTF-8''${encodeURIComponent(reconcileFileName(report, format))}`)
        .header('cache-control', 'no-store')
        .send(await writeReconciliation(report, format));
    });
  };
}

function notFound(): AppError {
  return new AppError('ticket.not_found', 'no such ticket', { status: 404, citizenText: '没有找到这张工单。' });
}
