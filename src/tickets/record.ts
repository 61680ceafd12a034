import type { EpochMs } from '../domain/activity.ts';
import { AppError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Ticket, TicketActor, TicketEventType } from '../domain/ticket.ts';
import type { TicketsContext, TicketUnit } from './context.ts';

/** Lane of everything that follows from one ticket's events, in their order. */
export const ticketLane = (ticketId: string): string => `ticket:${ticketId}`;
/** Outbox kind: an event that somebody outside is told of. Payload: {ticketId, seq}. */
export const TICKET_EVENT_KIND = 'ticket.event';

export interface Happened {
  readonly type: TicketEventType;
  readonly actor: TicketActor;
  readonly at: EpochMs;
  readonly data: JsonObject;
}

/** Appends what happened and has it told: to the desk at once, to citizens and partners by the bus when anybody listens. */
export async function record(context: TicketsContext, unit: TicketUnit, ticket: Ticket, happened: Happened): Promise<void> {
  const { seq } = await unit.repos.tickets.appendEvent({ ticketId: ticket.id, ...happened });
  await tell(context, unit, ticket, [{ seq, type: happened.type }]);
}

/** Of events that are stored already. */
export async function tell(context: TicketsContext, unit: TicketUnit, ticket: Ticket, events: readonly { readonly seq: number; readonly type: TicketEventType }[]): Promise<void> {
  unit.after.push({ kind: 'ticket', ticketId: ticket.id, conversationId: ticket.conversationId });
  const now = context.now();
  const heard = events.filter(({ type }) => context.hears?.(type, ticket) ?? false);
  if (heard.length === 0) return;
  const rows = heard.map(({ seq }) => ({ id: context.newId(), lane: ticketLane(ticket.id), kind: TICKET_EVENT_KIND, payload: { ticketId: ticket.id, seq }, availableAt: now, blocking: true, now }));
  await unit.repos.outbox.add(rows);
  unit.after.push({ kind: 'wake', rows: rows.map(({ id, lane, availableAt }) => ({ id, lane, availableAt })) });
}

/** @throws AppError `ticket.not_found` */
export async function requireTicket(unit: TicketUnit, ticketId: string): Promise<Ticket> {
  const ticket = await unit.repos.tickets.get(ticketId);
  if (ticket === null) throw new AppError('ticket.not_found', 'no such ticket', { status: 404, citizenText: '没有找到这张工单。' });
  return ticket;
}
