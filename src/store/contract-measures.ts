import type { EpochMs, Role } from '../domain/activity.ts';
import type { JsonObject } from '../domain/json.ts';
import type { TicketEvent } from '../domain/ticket.ts';
import type { GapKind } from './contract-knowledge.ts';
import type { ServicePeriod } from './contract-service.ts';
import type { TicketClock } from './contract-tickets.ts';

/**
 * Counted beforehand, so that a wall or a report never looks at raw rows: amounts by hour and by one dimension each. Which measures there are,
 * with formula, source, dimensions and grain, is src/measures/catalogue.ts.
 */
export type MeasureDimension = 'all' | 'channel' | 'town' | 'department' | 'item' | 'kind' | 'group' | 'seat';

export interface Rollup {
  /** Beginning of an hour. */
  readonly hour: EpochMs;
  readonly measure: string;
  readonly by: MeasureDimension;
  /** Town id, department id, item code …; '' for `all`, and for what has none (a ticket without a town). */
  readonly key: string;
  readonly amount: number;
  /** Sum of what was measured (ms, points: whole numbers), 0 where only the amount counts; the mean is sum ÷ amount. */
  readonly sum: number;
  /** Only the day keeps it: for dimensions with many keys. */
  readonly dayOnly?: boolean;
}

export interface RollupQuery {
  readonly from: EpochMs;
  /** Exclusive. What is kept by day only needs midnights in Beijing here. */
  readonly to: EpochMs;
  readonly measures: readonly string[];
  readonly by: MeasureDimension;
  readonly keys?: readonly string[];
}

export interface RollupSum {
  readonly measure: string;
  readonly key: string;
  readonly amount: number;
  readonly sum: number;
}

export interface RollupPoint extends RollupSum {
  readonly at: EpochMs;
}

export interface RollupRepository {
  /** Adds to what is there. Negative amounts take back what was counted wrongly. */
  add(rows: readonly Rollup[]): Promise<void>;
  /** By measure, then key. Hours that begin in [from, to); whole days are read as days. */
  sums(query: RollupQuery): Promise<readonly RollupSum[]>;
  /** Points in time order; a day begins at midnight in Beijing and counts when it begins in [from, to). Empty hours and days are left out. */
  series(query: RollupQuery & { readonly grain: 'hour' | 'day' }): Promise<readonly RollupPoint[]>;
  /** Takes away everything of these measures in Beijing days that begin in [from, to): before a recount. */
  clear(query: { readonly measures: readonly string[]; readonly from: EpochMs; readonly to: EpochMs }): Promise<void>;
  /** Where a catch-up job has got to in its source; null before the first run. */
  cursor(source: string): Promise<string | null>;
  /** In the transaction that adds what lies before it. */
  moveCursor(source: string, cursor: string): Promise<void>;
  /** Rows of a source that change, as they were counted last. */
  marks(source: string, ids: readonly string[]): Promise<ReadonlyMap<string, JsonObject>>;
  mark(source: string, marks: readonly { readonly id: string; readonly counted: JsonObject; readonly at: EpochMs }[]): Promise<void>;
  /** Housekeeping: forgets at most `limit` marks made before. Returns how many. */
  removeMarks(before: EpochMs, limit: number): Promise<number>;
}

/* ---- what is counted -------------------------------------------------------------------------------------------- */

/** Messages of one hour, channel and writer. */
export interface MessageCount {
  /** Beginning of the hour. */
  readonly hour: EpochMs;
  readonly channel: string;
  readonly role: Role;
  readonly amount: number;
  /** Of a citizen: those before which nothing was said there for the gap. */
  readonly begun: number;
  /** Of the bot: those that name their source, and how long the citizen waited for them, ms. */
  readonly answered: number;
  readonly answeredMs: number;
}

/** What a ticket's figures hang on and never changes, but for the item: that is put right by an event, which also says what it was before. */
export interface CountedTicket {
  readonly id: string;
  readonly kind: string;
  readonly channel: string;
  readonly townId: string | null;
  readonly itemCode: string | null;
  readonly enterprise: boolean;
}

export interface TicketHistory {
  readonly ticket: CountedTicket;
  /** All of them, in order. */
  readonly events: readonly TicketEvent[];
  readonly clocks: readonly Pick<TicketClock, 'stage' | 'run' | 'dueAt' | 'endedAt'>[];
}

/** What a catch-up job and a recount read: stretches of rows in the order they came, and states by narrow indexes. */
export interface MeasureSourceRepository {
  /** For how long the transaction that has been writing longest has gone on by now, ms: what it writes may be that old when it is first seen. 0: nobody else writes (always on SQLite, where writers are one after the other). */
  writingFor(): Promise<number>;
  /** The id where `limit` activities after this one end, at most `until` (both uuid v7, which grow with time); null: none is there. */
  messagePage(after: string, until: string, limit: number): Promise<string | null>;
  /** Messages with after < id <= last. */
  messages(given: { readonly after: string; readonly last: string; readonly gapMs: number }): Promise<readonly MessageCount[]>;
  /** Tickets of which something happened with after < at <= until; `upTo`: all of that time is in (some `limit` events at once). Null: none. */
  ticketPage(after: EpochMs, until: EpochMs, limit: number): Promise<{ readonly upTo: EpochMs; readonly ticketIds: readonly string[] } | null>;
  histories(ticketIds: readonly string[]): Promise<readonly TicketHistory[]>;
  /** Questions that were not answered well, with from <= at < to. */
  gaps(from: EpochMs, to: EpochMs): Promise<readonly { readonly hour: EpochMs; readonly kind: GapKind; readonly amount: number }[]>;
  /** Service periods asked for in [from, to), after this place, in order. */
  services(given: { readonly from: EpochMs; readonly to: EpochMs; readonly after: Pick<ServicePeriod, 'askedAt' | 'id'> | null; readonly limit: number }): Promise<readonly ServicePeriod[]>;
  /** Tickets that are not archived, by state, and those of them that ran out of time. */
  openTickets(): Promise<{ readonly byState: Readonly<Record<string, number>>; readonly overdue: number }>;
  /** Conversations asked for a person before this one, in the same conversation, newest first: when. */
  askedBefore(service: Pick<ServicePeriod, 'conversationId' | 'askedAt' | 'id'>): Promise<EpochMs | null>;
}
