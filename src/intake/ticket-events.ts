import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { claim } from '../bus/claim.ts';
import type { JobHandler } from '../bus/contract.ts';
import type { Ticket, TicketEvent, TicketEventType } from '../domain/ticket.ts';
import { type IntakeContext, type Unit, writeUnit } from './context.ts';
import { traceOf } from './trace.ts';
import { release } from './turn.ts';

/** Who outside the house is told of what happens to tickets: citizens by notices, partner platforms by webhooks. */

export interface TicketListener {
  /**
   * Would `handle` do anything for such an event? Asked inside the transaction that writes the event, with the ticket as it is after
   * it; must be cheap and must not throw. A no is final: nobody asks again for this event.
   */
  hears(type: TicketEventType, ticket: Ticket): boolean;
  /**
   * Writes down what is to be sent (rows, outbox); sends nothing itself. One transaction for all listeners of an event, once each,
   * events of one ticket in their order. `ticket` is as it is now, which may be later than the event. Gets every event that any
   * listener hears, so it looks for itself. What it throws fails the transaction, and the event is tried again.
   */
  handle(unit: Unit, ticket: Ticket, event: TicketEvent): Promise<void>;
}

/** For `IntakeContext.hears`: does any of them? */
export function hearsAny(listeners: readonly TicketListener[]): (type: TicketEventType, ticket: Ticket) => boolean {
  return (type, ticket) => listeners.some((listener) => listener.hears(type, ticket));
}

const payloadShape = Compile(Type.Object({ ticketId: Type.String(), seq: Type.Integer({ minimum: 1 }) }));

/** Outbox kind `ticket.event` (TICKET_EVENT_KIND), lane of the ticket. */
export function createTicketEventHandler(context: IntakeContext, listeners: readonly TicketListener[]): JobHandler {
  return async (row, lease) => {
    if (!payloadShape.Check(row.payload)) return { kind: 'bury', code: 'ticket_event.bad_payload' };
    const { ticketId, seq } = row.payload;
    const released = await writeUnit(
      context,
      async (unit) => {
        await claim(unit, row, lease);
        const [ticket, event] = [await unit.repos.tickets.get(ticketId), await unit.repos.tickets.event(ticketId, seq)];
        if (ticket !== null && event !== null) for (const listener of listeners) await listener.handle(unit, ticket, event);
        return release(context, unit, lease);
      },
      traceOf(row.payload),
    );
    return { kind: 'done', released };
  };
}
