import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import { TICKET_STATES, type TicketState } from '../../../domain/ticket.ts';
import { writeUnit } from '../../../intake/context.ts';
import { addToTicket } from '../../../tickets/additions.ts';
import { moveTicket, movesFor } from '../../../tickets/move.ts';
import type { DeskDeps } from './index.ts';
import { IdParams, MoveBody, MoveParams, MoveView, TicketEventView, TicketNoteBody, TicketView } from './schemas.ts';
import { departmentOf, moverOf, requireSeen } from './scope.ts';
import { FileView, PrecedentsView, RequestView, SupervisionView, TicketQuery } from './ticket-schemas.ts';
import { fileView, precedentsView, requestView, supervisionViews } from './ticket-views.ts';
import { moveView, ticketEventViews, ticketView } from './views.ts';

const OneTicket = Type.Object({ ticket: TicketView });
const WholeTicket = Type.Object({
  ticket: TicketView, events: Type.Array(TicketEventView), moves: Type.Array(MoveView), requests: Type.Array(RequestView), files: Type.Array(FileView), supervisions: Type.Array(SupervisionView),
  /** How requests like the one that waits were judged; for the hotline's own only. */
  precedents: Type.Union([PrecedentsView, Type.Null()]),
});

export function ticketRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  const tags = ['tickets'];
  /** Open to departments: every one of these asks `scope.ts` what they may see. */
  const config = { departments: true };
  return async (app) => {
    app.get('/api/tickets', { config, schema: { tags, summary: 'Tickets, newest first or first due first, narrowed; before and beforeId are the createdAt (order=due: deadlineAt) and id of the last one of the page before', querystring: TicketQuery, response: { 200: Type.Object({ tickets: Type.Array(TicketView) }) } } }, async (request) => {
      const { state, department, item, town, channel, leading, kind, urgency, enterprise, overdue, dueBefore, supervision, q, order, limit = 50, before, beforeId } = request.query;
      const seenBy = departmentOf(deps.signed(request));
      const tickets = await context.store.read((repos) =>
        repos.tickets.list({
          limit,
          ...(seenBy === null ? {} : { seenBy }),
          ...(isGiven(state) ? { states: state.split(',').map(readState) } : {}),
          ...(isGiven(department) ? { departmentId: department } : {}),
          ...(isGiven(item) ? { itemCode: item } : {}),
          ...(isGiven(town) ? { townId: town } : {}),
          ...(isGiven(channel) ? { channel } : {}),
          ...(isGiven(leading) ? { leadingId: leading } : {}),
          ...(kind === undefined ? {} : { kind }),
          ...(urgency === undefined ? {} : { urgency }),
          ...(enterprise === undefined ? {} : { enterprise }),
          ...(overdue === undefined ? {} : { overdue }),
          ...(dueBefore === undefined ? {} : { dueBefore }),
          ...(supervision === undefined ? {} : { supervision }),
          ...(isGiven(q) ? { text: q.trim() } : {}),
          ...(order === undefined ? {} : { order }),
          ...(before === undefined ? {} : { before }),
          ...(isGiven(beforeId) ? { beforeId } : {}),
        }),
      );
      return { tickets: tickets.map((ticket) => ticketView(context, ticket)) };
    });

    app.get('/api/tickets/:id', { config, schema: { tags, summary: 'One ticket, its events and legal moves', params: IdParams, response: { 200: WholeTicket } } }, async (request) => {
      const signed = deps.signed(request);
      const mover = moverOf(signed);
      return context.store.read(async (repos) => {
        const ticket = requireSeen(signed, await repos.tickets.get(request.params.id));
        const requests = await repos.requests.of(ticket.id);
        const pending = requests.find((one) => one.state === 'asked');
        return {
          ticket: ticketView(context, ticket),
          requests: requests.map((one) => requestView(context, one)),
          precedents: pending === undefined || departmentOf(signed) !== null ? null : await precedentsView(context, repos, pending),
          files: (await repos.ticketFiles.of(ticket.id)).map((file) => fileView(context, file)),
          supervisions: await supervisionViews(context, repos, await repos.supervisions.of(ticket.id)),
          events: await ticketEventViews(context, repos, await repos.tickets.events(ticket.id)),
          moves: movesFor(ticket, mover).map((move) => moveView(context, move)),
        };
      });
    });

    app.post('/api/tickets/:id/moves/:move', { config, schema: { tags, summary: 'Make a legal move', params: MoveParams, body: MoveBody, response: { 200: OneTicket } } }, async (request) => {
      const signed = deps.signed(request);
      const ticket = await writeUnit(context, async (unit) => {
        requireSeen(signed, await unit.repos.tickets.get(request.params.id));
        return moveTicket(context, unit, request.params.id, request.params.move, request.body, moverOf(signed));
      });
      return { ticket: ticketView(context, ticket) };
    });

    app.post('/api/tickets/:id/notes', { config, schema: { tags, summary: 'Add a note', params: IdParams, body: TicketNoteBody, response: { 200: OneTicket } } }, async (request) => {
      const signed = deps.signed(request);
      const ticket = await writeUnit(context, async (unit) => {
        requireSeen(signed, await unit.repos.tickets.get(request.params.id));
        return addToTicket(context, unit, request.params.id, request.body.text, moverOf(signed).actor);
      });
      return { ticket: ticketView(context, ticket) };
    });
  };
}

const isGiven = (text: string | undefined): text is string => text !== undefined && text.trim() !== '';

function readState(text: string): TicketState {
  const state = TICKET_STATES.find((candidate) => candidate === text.trim());
  if (state === undefined) throw new AppError('ticket.unknown_state', 'no such ticket state', { status: 400, citizenText: '没有这种工单状态。' });
  return state;
}
