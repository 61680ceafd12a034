import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import { TICKET_STATES, type TicketState } from '../../../domain/ticket.ts';
import { writeUnit } from '../../../intake/context.ts';
import { addToTicket } from '../../../tickets/additions.ts';
import { moveTicket, movesFor } from '../../../tickets/move.ts';
import type { DeskDeps } from './index.ts';
import { IdParams, MoveBody, MoveParams, MoveView, TicketEventView, TicketNoteBody, TicketQuery, TicketView } from './schemas.ts';
import { moverOf } from './scope.ts';
import { moveView, ticketEventViews, ticketView } from './views.ts';

const OneTicket = Type.Object({ ticket: TicketView });

export function ticketRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  const tags = ['tickets'];
  return async (app) => {
    app.get('/api/tickets', { schema: { tags, summary: 'Tickets, newest first', querystring: TicketQuery, response: { 200: Type.Object({ tickets: Type.Array(TicketView) }) } } }, async (request) => {
      const { state, department, q, limit = 50, before } = request.query;
      const tickets = await context.store.read((repos) =>
        repos.tickets.list({
          limit,
          ...(state === undefined || state === '' ? {} : { states: [readState(state)] }),
          ...(department === undefined || department === '' ? {} : { departmentId: department }),
          ...(q === undefined || q.trim() === '' ? {} : { text: q.trim() }),
          ...(before === undefined ? {} : { before }),
        }),
      );
      return { tickets: tickets.map((ticket) => ticketView(context, ticket)) };
    });

    app.get('/api/tickets/:id', { schema: { tags, summary: 'One ticket, its events and legal moves', params: IdParams, response: { 200: Type.Object({ ticket: TicketView, events: Type.Array(TicketEventView), moves: Type.Array(MoveView) }) } } }, async (request) => {
      const mover = moverOf(deps.signed(request));
      return context.store.read(async (repos) => {
        const ticket = await repos.tickets.get(request.params.id);
        if (ticket === null) throw new AppError('ticket.not_found', 'no such ticket', { status: 404, citizenText: '没有找到这张工单。' });
        return {
          ticket: ticketView(context, ticket),
          events: await ticketEventViews(context, repos, await repos.tickets.events(ticket.id)),
          moves: movesFor(ticket, mover).map((move) => moveView(context, move)),
        };
      });
    });

    app.post('/api/tickets/:id/moves/:move', { schema: { tags, summary: 'Make a legal move', params: MoveParams, body: MoveBody, response: { 200: OneTicket } } }, async (request) => {
      const ticket = await writeUnit(context, (unit) => moveTicket(context, unit, request.params.id, request.params.move, request.body, moverOf(deps.signed(request))));
      return { ticket: ticketView(context, ticket) };
    });

    app.post('/api/tickets/:id/notes', { schema: { tags, summary: 'Add a note', params: IdParams, body: TicketNoteBody, response: { 200: OneTicket } } }, async (request) => {
      const { seat } = deps.signed(request);
      const ticket = await writeUnit(context, (unit) => addToTicket(context, unit, request.params.id, request.body.text, { kind: 'seat', seatId: seat.id }));
      return { ticket: ticketView(context, ticket) };
    });
  };
}

function readState(text: string): TicketState {
  const state = TICKET_STATES.find((candidate) => candidate === text);
  if (state === undefined) throw new AppError('ticket.unknown_state', 'no such ticket state', { status: 400, citizenText: '没有这种工单状态。' });
  return state;
}
