import type { Ticket, TicketEvent, TicketEventType } from '../domain/ticket.ts';
import type { ExternalNumber, Partner } from '../store/contract.ts';
import { PARTNER_CHANNEL } from './send-in.ts';
import { isOwn, type RequestView, sightOf, w3cTime } from './view.ts';

/** Events that a partner may be told of. What the desk says among itself (notes, warnings, corrections, another ticket's merging) stays inside. */
export const PARTNER_EVENTS = [
  'ticket.opened', 'ticket.accepted', 'ticket.refused', 'ticket.dispatched', 'ticket.redirected', 'ticket.signed', 'ticket.contacted',
  'ticket.return_requested', 'ticket.return_upheld', 'ticket.return_refused', 'ticket.extension_requested', 'ticket.extension_granted', 'ticket.extension_refused',
  'ticket.held', 'ticket.resumed', 'ticket.finished', 'ticket.review_passed', 'ticket.review_failed', 'ticket.confirmed', 'ticket.vetoed', 'ticket.unreached',
  'ticket.reopened', 'ticket.escalated', 'ticket.supervised', 'ticket.supervision_ended', 'ticket.merged', 'ticket.unmerged', 'ticket.leader_moved',
  'ticket.overdue', 'ticket.withdrawn', 'ticket.answered_at_once', 'ticket.supplemented', 'ticket.urged',
] as const satisfies readonly TicketEventType[];

/** Does this partner want such an event at all, whichever ticket it is of? */
export function wants(partner: Partner, type: TicketEventType): boolean {
  return partner.active && partner.webhookUrl !== null && partner.events.includes(type);
}

/** May it be one of this partner's? By what the ticket alone tells; `hears` knows the rest. */
export function mayHear(partner: Partner, ticket: Pick<Ticket, 'confidential' | 'channel'>): boolean {
  return ticket.channel === PARTNER_CHANNEL || (partner.scope === 'all' && !ticket.confidential);
}

/** Is it to be told of this ticket: its own, or all that are not confidential. */
export function hears(partner: Partner, ticket: Pick<Ticket, 'confidential'>, numbers: readonly ExternalNumber[]): boolean {
  return isOwn(partner.id, numbers) || (partner.scope === 'all' && sightOf(ticket, partner, numbers) !== null);
}

/** Everything that waits for one partner about one ticket, in order. */
export const webhookLane = (partnerId: string, ticketId: string): string => `webhook:${partnerId}:${ticketId}`;
/** Outbox kind. Payload: {deliveryId}. */
export const WEBHOOK_KIND = 'webhook.send';

/** The body of a webhook; documented in docs/open311.md, only ever added to. */
export interface WebhookBody {
  readonly type: TicketEventType;
  /** When it happened. */
  readonly timestamp: string;
  readonly data: {
    /** Counts the ticket's events; greater is later. Some are not told, so there are gaps. */
    readonly sequence: number;
    /** Who: system, citizen, seat, department, partner. Never a name. */
    readonly actor: TicketEvent['actor']['kind'];
    /** The ticket as it was when this was sent, as GET requests shows it. */
    readonly request: RequestView;
  };
}

export function webhookBody(event: TicketEvent, request: RequestView): WebhookBody {
  return { type: event.type, timestamp: w3cTime(event.at), data: { sequence: event.seq, actor: event.actor.kind, request } };
}
