import type { EpochMs } from '../domain/activity.ts';
import type { TicketKind } from '../domain/config-files.ts';
import type { JsonValue } from '../domain/json.ts';
import type { TicketClosure, TicketState, VisitAnswer } from '../domain/ticket.ts';

/** Reports as they are asked for, made and kept, and the tickets that they are made from. */

export type ReportState = 'asked' | 'making' | 'ready' | 'failed';

/** A report without its document. One that is made again is a new row with the next version; old ones stay. */
export interface KeptReport {
  readonly id: string;
  readonly kind: 'day' | 'week' | 'month' | 'special';
  /** `2026-11-22`, `2026-W45`, `2026-10`, `2026-10-01..2026-10-15`. */
  readonly period: string;
  readonly scopeKind: 'city' | 'item' | 'town' | 'storm';
  /** Item code, town id, storm id; '' for the city. */
  readonly scopeId: string;
  readonly title: string;
  readonly version: number;
  readonly state: ReportState;
  /** 0 to 100. */
  readonly progress: number;
  /** `seat:<id>`, `schedule:<id>`, `cli`. */
  readonly madeBy: string;
  /** Roles of the desk that it is meant for. */
  readonly roles: readonly string[];
  readonly askedAt: EpochMs;
  readonly madeAt: EpochMs | null;
  /** What happened until here is in it. */
  readonly until: EpochMs | null;
  /** Code of what went wrong; null: nothing, or not known yet. */
  readonly failure: string | null;
  readonly attempts: number;
  /** Bytes of the document as it is kept; 0 before it is made. */
  readonly bytes: number;
}

export interface ReportRepository {
  /** Null: one with this `onceKey` was asked for before (a schedule's moment). Takes the next version of its kind, period and scope. */
  ask(given: Pick<KeptReport, 'id' | 'kind' | 'period' | 'scopeKind' | 'scopeId' | 'title' | 'madeBy' | 'roles' | 'askedAt'> & { readonly onceKey: string | null }): Promise<KeptReport | null>;
  get(id: string): Promise<KeptReport | null>;
  document(id: string): Promise<JsonValue>;
  /** Newest first. `role`: only what is meant for it. */
  list(filter: { readonly kind?: KeptReport['kind']; readonly limit: number; readonly before?: Pick<KeptReport, 'askedAt' | 'id'> }): Promise<readonly KeptReport[]>;
  /** The oldest that waits, or whose maker went silent; it is `making` from now on. Null: nothing is to be done. */
  claim(given: { readonly holder: string; readonly now: EpochMs; readonly leaseMs: number }): Promise<KeptReport | null>;
  /** False: it is another's by now. */
  renew(id: string, given: { readonly holder: string; readonly leaseUntil: EpochMs; readonly progress: number }): Promise<boolean>;
  /** False: it is another's by now, and nothing is changed. */
  finish(id: string, given: { readonly holder: string; readonly document: JsonValue; readonly bytes: number; readonly title: string; readonly madeAt: EpochMs; readonly until: EpochMs }): Promise<boolean>;
  /** `again`: it waits for another try. */
  giveUp(id: string, given: { readonly holder: string; readonly failure: string; readonly again: boolean }): Promise<boolean>;
}

/** A ticket as a report reads it. */
export interface ReportTicket {
  readonly id: string;
  readonly number: string;
  readonly kind: TicketKind;
  readonly state: TicketState;
  readonly title: string;
  readonly content: string;
  readonly itemCode: string | null;
  readonly townId: string | null;
  readonly place: string | null;
  readonly departmentId: string | null;
  readonly channel: string;
  readonly confidential: boolean;
  readonly createdAt: EpochMs;
  readonly dispatchedAt: EpochMs | null;
  readonly signedAt: EpochMs | null;
  readonly finishedAt: EpochMs | null;
  readonly archivedAt: EpochMs | null;
  readonly overdueAt: EpochMs | null;
  readonly returns: number;
  readonly redirects: number;
  readonly redos: number;
  readonly vetoes: number;
  readonly visit: VisitAnswer | null;
  readonly closure: TicketClosure | null;
  readonly leadingId: string | null;
}

export interface ReportTicketRepository {
  /** Opened in [from, to), oldest first, after this place; by an index for each narrowing. */
  page(filter: { readonly from: EpochMs; readonly to: EpochMs; readonly itemCode?: string; readonly townId?: string; readonly after: Pick<ReportTicket, 'createdAt' | 'id'> | null; readonly limit: number }): Promise<readonly ReportTicket[]>;
  getMany(ids: readonly string[]): Promise<readonly ReportTicket[]>;
  count(filter: { readonly from: EpochMs; readonly to: EpochMs }): Promise<number>;
  /** When the first ticket of all was opened; null: there is none. */
  firstAt(): Promise<EpochMs | null>;
  /** Of these tickets' first sign-off clock: was it late? Tickets without one are left out. */
  signOffs(ids: readonly string[]): Promise<readonly { readonly ticketId: string; readonly ended: boolean; readonly late: boolean }[]>;
}
