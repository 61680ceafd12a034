import type { EpochMs } from '../domain/activity.ts';
import type { Ticket } from '../domain/ticket.ts';

/** Duplicates: proposals, the index of open tickets, storms. */

/** Two open tickets that look like the same matter. */
export interface AlikeProposal {
  readonly ticketId: string;
  readonly leadingId: string;
  readonly score: number;
  /** Why, in codes: `text`, `place`, `item`, `time`, `storm`. */
  readonly why: readonly string[];
  readonly state: 'proposed' | 'merged' | 'refused';
  readonly at: EpochMs;
  readonly decidedBy: string | null;
  readonly decidedAt: EpochMs | null;
}

export interface AlikeProposalRepository {
  /** Inserts; a pair that was refused stays refused. */
  propose(proposal: Omit<AlikeProposal, 'state' | 'decidedBy' | 'decidedAt'>): Promise<void>;
  decide(ticketId: string, leadingId: string, state: 'merged' | 'refused', by: string, at: EpochMs): Promise<void>;
  /** In which the ticket is the one or the other, best first. */
  of(ticketId: string): Promise<readonly AlikeProposal[]>;
  /** Those of the tickets that are the following one of a pair with this leading one, decided or not. */
  pairedWith(leadingId: string, ticketIds: readonly string[]): Promise<readonly string[]>;
  /** Not decided, both tickets open and on their own; newest first. */
  open(limit: number): Promise<readonly AlikeProposal[]>;
  /** Housekeeping: forgets at most `limit` undecided ones made before, of which a ticket is archived or follows. Returns how many. */
  removeStale(before: EpochMs, limit: number): Promise<number>;
}

/** A ticket as a walk through all of them sees it. */
export interface TicketPlace {
  readonly id: string;
  readonly createdAt: EpochMs;
  readonly itemCode: string | null;
  readonly open: boolean;
}

/** What says whether a ticket may be merged: a few columns of what may be many tickets. */
export type TicketStanding = Pick<Ticket, 'id' | 'createdAt' | 'state' | 'pending' | 'confidential' | 'leadingId' | 'archivedAt'>;
/** And what it is compared by. */
export type ComparedTicket = TicketStanding & Pick<Ticket, 'title' | 'content' | 'townId' | 'place' | 'itemCode' | 'citizenId'>;

/** What duplicates ask of all tickets, in pages whose cost does not grow with the table. */
export interface AlikeTicketRepository {
  /** The next `limit` tickets before this place, open or not, newest first; null: from the newest on. */
  newest(before: Pick<TicketPlace, 'id' | 'createdAt'> | null, limit: number): Promise<readonly TicketPlace[]>;
  /** The next `limit` tickets after this place, oldest first. */
  since(after: Pick<TicketPlace, 'id' | 'createdAt'>, limit: number): Promise<readonly TicketPlace[]>;
  /** Those that are there, in no order. */
  standings(ids: readonly string[]): Promise<readonly TicketStanding[]>;
  /** Those that are there, the oldest first. */
  compared(ids: readonly string[]): Promise<readonly ComparedTicket[]>;
  /** Does any ticket follow it? */
  leads(ticketId: string): Promise<boolean>;
  countFollowers(leadingId: string): Promise<number>;
  /** Ids of followers in order, after this one. */
  followers(leadingId: string, given: { readonly afterId: string | null; readonly limit: number }): Promise<readonly string[]>;
}

/** Many tickets of one matter in a short time. */
export interface Storm {
  readonly id: string;
  readonly itemCode: string | null;
  readonly title: string;
  readonly townIds: readonly string[];
  readonly leadingId: string | null;
  readonly count: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly state: 'open' | 'answered' | 'over';
  /** What everybody of it was told. */
  readonly answer: string | null;
}

export interface StormRepository {
  put(storm: Storm): Promise<void>;
  get(id: string): Promise<Storm | null>;
  open(limit: number): Promise<readonly Storm[]>;
  /** Nothing happens when it is of it already. */
  addTicket(stormId: string, ticketId: string, at: EpochMs): Promise<void>;
  /** By id, after this one. */
  tickets(stormId: string, limit: number, afterId?: string | null): Promise<readonly string[]>;
  /** How many tickets are of it. */
  size(stormId: string): Promise<number>;
  /** Storms that hold one of these tickets. */
  holding(ticketIds: readonly string[]): Promise<readonly { readonly stormId: string; readonly ticketId: string; readonly state: Storm['state'] }[]>;
}
