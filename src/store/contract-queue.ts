import type { EpochMs } from '../domain/activity.ts';
import type { SeatRole } from './contract.ts';

/**
 * A conversation in a queue: it waits for a person (`waiting`), or its seat wants to pass it on to another one and has it until that one accepts
 * (`transfer`). Taken away in the transaction in which somebody accepts or nobody is waited for any more.
 */
export interface QueueEntry {
  readonly conversationId: string;
  readonly kind: 'waiting' | 'transfer';
  readonly groupId: string;
  /** Since when the citizen has been waiting, over all groups and seats. */
  readonly waitedFrom: EpochMs;
  /** In this group since. */
  readonly groupSince: EpochMs;
  /** Who stands first has the smallest: `waitedFrom` minus what the priority is worth (src/intake/queue/rank.ts). */
  readonly rankAt: EpochMs;
  /** Asked before all others of the group: the enterprise's own seat. */
  readonly wantedSeatId: string | null;
  readonly offeredTo: string | null;
  readonly offeredUntil: EpochMs | null;
  /** Who declined, or let an offer pass, and when. */
  readonly refusals: readonly Refusal[];
  /** No group is left: the ticket with a callback is on its way. */
  readonly leaving: boolean;
  /** What the citizen was told last. */
  readonly toldPosition: number | null;
  readonly toldAt: EpochMs | null;
}

export interface Refusal {
  readonly seatId: string;
  readonly at: EpochMs;
}

export type QueueEntryChange = Partial<Omit<QueueEntry, 'conversationId' | 'kind'>>;

export interface QueueRepository {
  get(conversationId: string): Promise<QueueEntry | null>;
  /** Who stands first comes first. */
  list(filter: { readonly kind?: QueueEntry['kind']; readonly limit: number }): Promise<readonly QueueEntry[]>;
  /** Adds it, or takes the place of what is there. */
  put(entry: QueueEntry): Promise<void>;
  change(conversationId: string, change: QueueEntryChange): Promise<void>;
  /** False: it is gone, offered already or leaving. */
  offer(conversationId: string, offer: { readonly seatId: string; readonly until: EpochMs }): Promise<boolean>;
  /** The entry as it was; null when there is none. */
  remove(conversationId: string): Promise<QueueEntry | null>;
  /** How many of its group stand before it. */
  ahead(entry: Pick<QueueEntry, 'conversationId' | 'groupId' | 'rankAt'>): Promise<number>;
  /** Groups in which somebody waits. */
  groups(): Promise<readonly { readonly groupId: string; readonly waiting: number; readonly oldestWaitingSince: EpochMs }[]>;
  any(): Promise<boolean>;
}

/** What a seat says of itself; being connected is another matter (`seats.beat`). */
export type SeatPresenceState = 'online' | 'busy' | 'break' | 'wrap-up' | 'away';

export interface SeatState {
  readonly seatId: string;
  readonly state: SeatPresenceState;
  /** Break: id of the reason. */
  readonly reason: string | null;
  readonly since: EpochMs;
  /** Wrap-up: when it is over by itself. */
  readonly until: EpochMs | null;
}

export interface SeatSkills {
  readonly seatId: string;
  readonly groups: readonly string[];
  readonly capacity: number;
  readonly updatedAt: EpochMs;
}

/** A seat that may answer citizens, with all that assignment wants to know. */
export interface RosterSeat {
  readonly id: string;
  readonly displayName: string;
  readonly role: SeatRole;
  /** What its last beat said, and when; 0: never. */
  readonly presence: 'online' | 'away' | 'offline';
  readonly beatAt: EpochMs;
  readonly state: SeatState | null;
  readonly skills: SeatSkills | null;
  /** Conversations that it has. */
  readonly serving: number;
  /** Offers that it has not answered. */
  readonly offered: number;
  /** Last sign that it works: took or answered something. 0: none. */
  readonly actedAt: EpochMs;
  /** When it last accepted or ended a service. 0: never. */
  readonly servedAt: EpochMs;
}

export interface SeatWorkRepository {
  /** Every active seat but those of departments, or this one. */
  roster(seatId?: string): Promise<readonly RosterSeat[]>;
  state(seatId: string): Promise<SeatState | null>;
  setState(state: SeatState): Promise<void>;
  /** `served`: a service was accepted or ended too. */
  acted(seatId: string, at: EpochMs, served: boolean): Promise<void>;
  skills(seatId: string): Promise<SeatSkills | null>;
  setSkills(skills: SeatSkills): Promise<void>;
}

/** A second seat in a conversation: a `guest` may write, a `listener` reads along unseen. */
export interface Participant {
  readonly conversationId: string;
  readonly seatId: string;
  readonly kind: 'guest' | 'listener';
  readonly since: EpochMs;
}

export interface ParticipantRepository {
  of(conversationId: string): Promise<readonly Participant[]>;
  get(conversationId: string, seatId: string): Promise<Participant | null>;
  /** Adds it; a listener becomes a guest, and the other way round. */
  put(participant: Participant): Promise<void>;
  /** False: was none. */
  remove(conversationId: string, seatId: string): Promise<boolean>;
  clear(conversationId: string): Promise<void>;
  /** Conversations that this seat is a second one in, newest first. */
  conversationsOf(seatId: string, limit: number): Promise<readonly string[]>;
}

/** That a conversation was passed on, with what the seat wrote for the next one. Never changed. */
export interface Transfer {
  readonly id: string;
  readonly conversationId: string;
  readonly fromSeatId: string;
  readonly toKind: 'seat' | 'group' | 'department';
  readonly toId: string;
  readonly note: string;
  readonly at: EpochMs;
}

export interface TransferRepository {
  /** False: this id is there already. */
  add(transfer: Transfer): Promise<boolean>;
  latest(conversationId: string): Promise<Transfer | null>;
  of(conversationId: string): Promise<readonly Transfer[]>;
}
