import type { Ticket, TicketEvent } from '../../domain/ticket.ts';
import type { TicketClock, TicketVisit } from '../../store/contract.ts';
import { openClocks } from '../clocks.ts';
import type { TicketsContext, TicketUnit } from '../context.ts';
import { moveTicket } from '../move.ts';
import { record } from '../record.ts';

/** 回访 that nobody answered: asked again, then given up. No answer is not satisfaction: such a ticket is `unreached`, never `confirmed`. */

/** Events by which a citizen is asked; which attempt one is, is its place among them. */
export const ASKS: readonly TicketEvent['type'][] = ['ticket.review_passed', 'ticket.visit_asked'];

/** Attempt number of an event that asks, counted over the ticket's whole life. */
export function attemptOf(events: readonly TicketEvent[], seq: number): number {
  return events.filter((event) => event.seq <= seq && ASKS.includes(event.type)).length;
}

/** How often this closing was asked about. */
export function asksOfRound(events: readonly TicketEvent[]): number {
  const passed = events.findLastIndex((event) => event.type === 'ticket.review_passed');
  return passed < 0 ? 0 : events.slice(passed).filter((event) => ASKS.includes(event.type)).length;
}

/**
 * The clock `visit` of a ticket fell due (the sweep calls this in its own transaction). Asks again by a `ticket.visit_asked` event, which
 * the notices carry to the citizen, or archives as `unreached` after the attempts of config/tickets.yaml.
 * @returns the ticket as it is now; unchanged when it is no longer in 回访
 */
export async function onVisitDue(context: TicketsContext, unit: TicketUnit, ticket: Ticket, clock: TicketClock): Promise<Ticket> {
  const now = context.now();
  if (ticket.state !== '回访' || clock.endedAt !== null) {
    const book = await openClocks(context, unit, ticket);
    book.end(['visit'], now);
    await book.save();
    return ticket;
  }
  const { attempts, every } = context.city.ticketRules.visit;
  const asked = asksOfRound(await unit.repos.tickets.events(ticket.id));
  await endOpenAttempts(unit, ticket.id);
  if (asked >= attempts) {
    return moveTicket(context, unit, ticket.id, 'unreached', { version: ticket.version, reason: `回访${asked}次未得到答复` }, { role: 'system', actor: { kind: 'system' } });
  }
  const book = await openClocks(context, unit, ticket);
  book.end(['visit'], now);
  book.startFixed('visit', now, context.clock.due(now, every), every);
  await book.save();
  const updated = await unit.repos.tickets.update(ticket.id, ticket.version, { updatedAt: now });
  await record(context, unit, updated, { type: 'ticket.visit_asked', actor: { kind: 'system' }, at: now, data: { attempt: asked + 1, of: attempts } });
  return updated;
}

async function endOpenAttempts(unit: TicketUnit, ticketId: string): Promise<void> {
  for (const visit of await unit.repos.ticketVisits.of(ticketId)) if (visit.outcome === 'asked') await unit.repos.ticketVisits.put({ ...visit, outcome: 'no_answer' });
}

/** One attempt on its way to the citizen. `failed`: no channel reaches them now; it is asked when they come. */
export async function noteAttempt(context: TicketsContext, unit: TicketUnit, ticket: Ticket, attempt: number, given: { readonly channel: string; readonly reached: boolean }): Promise<TicketVisit> {
  const visit: TicketVisit = { ticketId: ticket.id, attempt, channel: given.channel, askedAt: context.now(), answeredAt: null, process: null, solved: null, outcome: given.reached ? 'asked' : 'failed' };
  await unit.repos.ticketVisits.put(visit);
  return visit;
}
