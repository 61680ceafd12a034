import { AppError } from '../domain/errors.ts';
import { maskText } from '../domain/masking.ts';
import { isOpen } from '../domain/ticket-moves.ts';
import type { Ticket, TicketActor } from '../domain/ticket.ts';
import type { TicketsContext, TicketUnit } from './context.ts';
import { record, requireTicket } from './record.ts';
import { superviseCount } from './supervision.ts';

/** What is added to a ticket without moving it. */

/** Material from the citizen or a note of somebody who works on it. */
export async function addToTicket(context: TicketsContext, unit: TicketUnit, ticketId: string, text: string, actor: TicketActor): Promise<Ticket> {
  const ticket = await requireTicket(unit, ticketId);
  const now = context.now();
  const updated = await unit.repos.tickets.update(ticket.id, ticket.version, { updatedAt: now });
  await record(context, unit, updated, { type: actor.kind === 'citizen' ? 'ticket.supplemented' : 'ticket.noted', actor, at: now, data: { text: maskText(text).text } });
  return updated;
}

/**
 * 催办: counted once within the time of config/tickets.yaml, whoever tries more often is heard and not counted. At the counts of that
 * file the ticket is supervised.
 * @throws AppError `ticket.finished` for one that is archived
 */
export async function urgeTicket(context: TicketsContext, unit: TicketUnit, ticketId: string): Promise<Ticket> {
  const ticket = await requireTicket(unit, ticketId);
  if (!isOpen(ticket.state)) throw new AppError('ticket.finished', 'a finished ticket cannot be urged', { status: 409, citizenText: '这张工单已经办结，不能再催办。' });
  const now = context.now();
  const last = (await unit.repos.tickets.events(ticket.id)).findLast((event) => event.type === 'ticket.urged');
  if (last !== undefined && now < context.clock.due(last.at, context.city.ticketRules.urging.once)) return ticket;
  const updated = await unit.repos.tickets.update(ticket.id, ticket.version, { urges: ticket.urges + 1, updatedAt: now });
  await record(context, unit, updated, { type: 'ticket.urged', actor: { kind: 'citizen' }, at: now, data: { count: updated.urges } });
  return superviseCount(context, unit, updated, 'urges');
}
