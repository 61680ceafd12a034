import type { TicketActor } from '../domain/ticket.ts';

/** Who did something to a ticket, as it is written into rows and the trail: `seat:…`, `department:…`, `partner:…`, `system`, `citizen`. */

/** The person, where one is known: a department's by its seat. */
export const actorText = (actor: TicketActor): string => (actor.kind === 'department' && actor.seatId !== null ? `seat:${actor.seatId}` : sideText(actor));

/** The side that it comes from: a department as a whole. */
export function sideText(actor: TicketActor): string {
  switch (actor.kind) {
    case 'seat':
      return `seat:${actor.seatId}`;
    case 'department':
      return `department:${actor.departmentId}`;
    case 'partner':
      return `partner:${actor.partnerId}`;
    case 'system':
    case 'citizen':
      return actor.kind;
  }
}
