import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import { TICKET_STATES, type TicketState } from '../../../domain/ticket.ts';
import { writeUnit } from '../../../intake/context.ts';
import { addToTicket } from '../../../tickets/additions.ts';
import { moveTicket, movesFor } from '../../../tickets/move.ts';
import type { DeskDeps } from './index.ts';
import { IdParams, MoveBody, MoveParams, MoveView, TicketEventView, TicketNoteBody, TicketQuery, TicketView } from './schemas.ts';
import { departmentOf, moverOf, requireSeen } from './scope.ts';
import { moveView, ticketEventViews, ticketView } from './views.ts';

const OneTicket = Type.Object({ ticket: TicketView });

export function ticketRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  const tags = ['tickets'];
  /** Open to departments: every one of these asks `scope.ts` what they may see. */
  const config = { departments: true };
  return async (app) => {
    app.get('/api/tickets', { config, schema: { tags, summary: 'Tickets, newest first', querystring: TicketQuery, response: { 200: Type.Object({ tickets: Type.Array(TicketView) }) } } }, async (request) => {
      const { state, department, q, limit = 50, before } = request.query;
      const seenBy = departmentOf(deps.signed(request));
      const tickets = await context.store.read((repos) =>
        repos.tickets.list({
          limit,
          ...(seenBy === null ? {} : { seenBy }),
          ...(state === undefined || state === '' ? {} : { states: [readState(state)] }),
          ...(department === undefined || department === '' ? {} : { departmentId: department }),
          ...(q === undefined || q.trim() === '' ? {} : { text: q.trim() }),
          ...(before === undefined ? {} : { before }),
        }),
      );
      return { tickets: tickets.map((ticket) => ticketView(context, ticket)) };
    });

    app.get('/api/tickets/:id', { config, schema: { tags, summary: 'One ticket, its events and legal moves', params: IdParams, response: { 200: Type.Object({ ticket: TicketView, events: Type.Array(TicketEventView), moves: Type.Array(MoveView) }) } } }, async (request) => {
      const signed = deps.signed(request);
      const mover = moverOf(signed);
      return context.store.read(async (repos) => {
        const ticket = requireSeen(signed, await repos.tickets.get(request.params.id));
        return {
          ticket: ticketView(context, ticket),
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

function readState(text: string): TicketState {
  const state = TICKET_STATES.find((candidate) => candidate === text);
  if (state === undefined) throw new AppError('ticket.unknown_state', 'no such ticket state', { status: 400, citizenText: '没有这种工单状态。' });
  return state;
}
