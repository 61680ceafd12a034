import type { EpochMs } from './activity.ts';
import type { TicketKind, Urgency } from './config-files.ts';
import type { JsonObject } from './json.ts';

/**
 * A ticket (工单). The first version's states; the table of legal moves is data so that the server, the desk's
 * buttons and the docs read the same thing.
 */
export const TICKET_STATES = ['受理', '待派', '待签收', '办理中', '办结'] as const;
export type TicketState = (typeof TICKET_STATES)[number];

/** Who may move a ticket. `system` is the house at opening time. */
export type TicketActor = { readonly kind: 'system' } | { readonly kind: 'seat'; readonly seatId: string } | { readonly kind: 'citizen' };

export interface TicketMove {
  readonly name: string;
  readonly from: TicketState;
  readonly to: TicketState;
  readonly roles: readonly ('system' | 'seat' | 'editor' | 'supervisor' | 'administrator')[];
  /** Fields that must be given with the move. */
  readonly needs: readonly ('departmentId' | 'result' | 'reason')[];
  readonly label: string;
}

/** The one table of legal moves. */
export const TICKET_MOVES: readonly TicketMove[] = [
  { name: 'accept', from: '受理', to: '待派', roles: ['system', 'seat', 'editor', 'supervisor', 'administrator'], needs: [], label: '受理' },
  { name: 'dispatch', from: '待派', to: '待签收', roles: ['system', 'seat', 'editor', 'supervisor', 'administrator'], needs: ['departmentId'], label: '派单' },
  { name: 'redirect', from: '待签收', to: '待签收', roles: ['supervisor', 'administrator'], needs: ['departmentId', 'reason'], label: '改派' },
  { name: 'sign', from: '待签收', to: '办理中', roles: ['seat', 'editor', 'supervisor', 'administrator'], needs: [], label: '签收' },
  { name: 'finish', from: '办理中', to: '办结', roles: ['seat', 'editor', 'supervisor', 'administrator'], needs: ['result'], label: '办结' },
];

export interface Ticket {
  readonly id: string;
  /** Date, sequence of the day, check digit: digits only, read aloud and typed on a phone. */
  readonly number: string;
  readonly kind: TicketKind;
  readonly state: TicketState;
  readonly itemCode: string | null;
  readonly title: string;
  readonly content: string;
  readonly townId: string | null;
  readonly place: string | null;
  /** When it happened, as the citizen said it. */
  readonly happened: string | null;
  readonly departmentId: string | null;
  readonly routeId: string | null;
  readonly urgency: Urgency;
  readonly confidential: boolean;
  /** A call back to the citizen was promised (no seat was there, or the citizen asked). */
  readonly callback: boolean;
  readonly citizenId: string;
  readonly conversationId: string | null;
  readonly channel: string;
  readonly deadlineAt: EpochMs | null;
  readonly deadlineRule: string | null;
  readonly urges: number;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  /** Counts changes; a writer says which one it has seen. */
  readonly version: number;
}

/** Past tense, appended, never edited. */
export type TicketEventType =
  | 'ticket.opened' | 'ticket.accepted' | 'ticket.dispatched' | 'ticket.redirected' | 'ticket.signed' | 'ticket.finished'
  | 'ticket.supplemented' | 'ticket.urged' | 'ticket.noted';

export interface TicketEvent {
  readonly ticketId: string;
  readonly seq: number;
  readonly type: TicketEventType;
  readonly actor: TicketActor;
  readonly at: EpochMs;
  readonly data: JsonObject;
}
