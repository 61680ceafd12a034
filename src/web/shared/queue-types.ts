import type { EpochMs } from '../../domain/activity.ts';
import type { SeatRole } from './api-types.ts';

/** Queues, presence, transfer and joining as the desk reads and writes them. The server's schemas: src/http/zones/desk/queue-schemas.ts. */

/** What a seat may say of itself; `PUT /api/presence` takes `{state, reason?}` (reason: id of a break reason, with `break` only). */
export type PresenceState = 'online' | 'busy' | 'break' | 'wrap-up' | 'away';
export type SeatPresence = PresenceState | 'offline';

export interface GroupView {
  readonly id: string;
  readonly name: string;
  readonly waiting: number;
  readonly oldestWaitingSince: EpochMs | null;
  readonly seatsOnline: number;
  readonly seatsFree: number;
}

/** `GET /api/groups`. */
export interface GroupsAnswer {
  readonly groups: readonly GroupView[];
  readonly assign: 'offer' | 'manual';
  readonly breakReasons: readonly { readonly id: string; readonly name: string }[];
}

/** `GET /api/seats/presence` answers `{seats}`. */
export interface SeatPresenceView {
  readonly id: string;
  readonly displayName: string;
  readonly role: SeatRole;
  readonly groups: readonly string[];
  readonly presence: SeatPresence;
  readonly reason: string | null;
  readonly since: EpochMs | null;
  readonly until: EpochMs | null;
  readonly load: number;
  readonly capacity: number;
}

/** `GET|PUT /api/seats/:id/skills`. */
export interface SkillsView {
  readonly seatId: string;
  readonly groups: readonly string[];
  readonly capacity: number;
  readonly default: boolean;
}

/**
 * `POST /api/conversations/:id/transfer` takes `{to, note, clientId?}`. Every one of `transfer`, `accept`, `decline`, `invite` ({seatId}), `leave`, `listen`,
 * `unlisten` answers `{conversation}`; a transfer to a department `{conversation, ticket: {id, number}}`.
 */
export type TransferTarget = { readonly seat: string } | { readonly group: string } | { readonly department: string };

export interface OfferView {
  readonly seatId: string;
  readonly seatName: string;
  readonly until: EpochMs;
  readonly kind: 'queue' | 'transfer';
}

export interface ParticipantView {
  readonly seatId: string;
  readonly seatName: string;
  readonly kind: 'guest' | 'listener';
  readonly since: EpochMs;
}

/** Beside the fields of `ConversationView`. */
export interface QueueFields {
  readonly groupId: string | null;
  readonly groupName: string | null;
  readonly offeredTo: OfferView | null;
  readonly position: number | null;
  readonly participants: readonly ParticipantView[];
  readonly transferNote: { readonly fromSeatId: string | null; readonly fromSeatName: string | null; readonly note: string; readonly at: EpochMs } | null;
}

/** Frames of `/api/desk/live`. `offer` comes to the seat that it concerns; `seatId` null: the offer is over. */
export type QueueLiveFrame =
  | { readonly type: 'offer'; readonly conversationId: string; readonly groupId: string | null; readonly seatId: string | null; readonly until: EpochMs | null; readonly kind: 'queue' | 'transfer' }
  | { readonly type: 'presence'; readonly seats: readonly SeatPresenceView[] }
  | { readonly type: 'queue'; readonly groups: readonly { readonly id: string; readonly waiting: number; readonly oldestWaitingSince: EpochMs | null }[] };
