import type { CityData } from '../config/city.ts';
import type { EpochMs } from '../domain/activity.ts';
import type { LegalClock } from '../domain/legal-clock.ts';
import type { Ticket, TicketEventType } from '../domain/ticket.ts';
import type { Repositories } from '../store/contract.ts';

/** What this room works with; intake's own context has it all. */
export interface TicketsContext {
  readonly city: CityData;
  readonly clock: LegalClock;
  readonly now: () => EpochMs;
  /** Time-ordered unique ids. */
  readonly newId: () => string;
  /** Is anybody outside (the citizen, a partner) to be told of such an event? Absent: nobody is. */
  readonly hears?: (type: TicketEventType, ticket: Ticket) => boolean;
}

/** Told once the transaction is committed. */
export type TicketNews =
  | { readonly kind: 'ticket'; readonly ticketId: string; readonly conversationId: string | null }
  /** A campaign of calls has gone on; desks that show it look again. */
  | { readonly kind: 'campaign'; readonly campaignId: string }
  | { readonly kind: 'count'; readonly name: 'ticket_opened' | 'ticket_moved'; readonly labels: Readonly<Record<string, string>> }
  | { readonly kind: 'wake'; readonly rows: readonly { readonly id: string; readonly lane: string; readonly availableAt: EpochMs }[] };

/** An open write transaction and what is to be told of it afterwards; intake's `Unit` is one. */
export interface TicketUnit {
  readonly repos: Repositories;
  readonly after: { push(...news: TicketNews[]): number };
}
