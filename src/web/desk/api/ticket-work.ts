import { arrayOf, isBoolean, isNumber, isString, isUnknown, keepValid, nullable, object, oneOf, type Guard } from '../../shared/guards.ts';
import type { Calls } from './knowledge.ts';

/** What hangs on tickets: clocks, requests that wait for judgement, files, supervisions, numbers of other platforms (src/http/zones/desk/ticket-work.ts, supervision.ts, partners.ts). */

export type RequestKind = 'return' | 'extension' | 'hold';

export interface RequestView {
  readonly id: string;
  readonly ticketId: string;
  readonly kind: RequestKind;
  readonly departmentName: string | null;
  readonly itemName: string | null;
  readonly reasonLabel: string;
  readonly reason: string;
  /** Ids of the ticket's files. */
  readonly evidence: readonly string[];
  readonly amount: number | null;
  readonly until: number | null;
  readonly askedAt: number;
  readonly judgeBy: number | null;
  readonly late: boolean;
  readonly state: string;
  readonly judgedAt: number | null;
  readonly verdict: string | null;
}

export interface PrecedentsView {
  readonly upheld: number;
  readonly refused: number;
  readonly last: readonly RequestView[];
}

export interface WaitingView {
  readonly request: RequestView;
  readonly ticket: { readonly id: string; readonly number: string; readonly title: string; readonly state: string; readonly version: number };
  readonly precedents: PrecedentsView;
}

export interface ClockView {
  readonly stage: string;
  readonly label: string;
  readonly run: number;
  readonly rule: string;
  readonly startedAt: number;
  readonly dueAt: number | null;
  readonly endedAt: number | null;
  readonly overdue: boolean;
  readonly lines: readonly string[];
}

export interface FileView {
  readonly id: string;
  readonly name: string | null;
  readonly contentType: string;
  readonly purpose: string;
  readonly at: number;
  readonly url: string;
}

export interface SupervisionView {
  readonly id: string;
  readonly ticketId: string;
  readonly number: string;
  readonly title: string;
  readonly ticketState: string;
  readonly level: number;
  readonly levelName: string;
  readonly cause: string;
  readonly departmentName: string | null;
  readonly person: string | null;
  readonly words: string;
  readonly dueAt: number | null;
  readonly late: boolean;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly endedAt: number | null;
  readonly outcome: string | null;
}

export interface NumberView {
  readonly partnerId: string;
  readonly partnerName: string;
  /** Null: the platform has no number of its own for it. */
  readonly number: string | null;
  readonly at: number;
}

/** What a ticket's answer carries beside the ticket, its events and moves. */
export interface TicketWork {
  readonly requests: readonly RequestView[];
  readonly files: readonly FileView[];
  readonly supervisions: readonly SupervisionView[];
  /** Null for departments and where nothing waits. */
  readonly precedents: PrecedentsView | null;
}

const text = nullable(isString);
const time = nullable(isNumber);
const isRequest: Guard<RequestView> = object({
  id: isString, ticketId: isString, kind: oneOf('return', 'extension', 'hold'), departmentName: text, itemName: text, reasonLabel: isString, reason: isString, evidence: arrayOf(isString),
  amount: time, until: time, askedAt: isNumber, judgeBy: time, late: isBoolean, state: isString, judgedAt: time, verdict: text,
});
const isPrecedents: Guard<PrecedentsView> = object({ upheld: isNumber, refused: isNumber, last: arrayOf(isRequest) });
const isWaiting: Guard<WaitingView> = object({ request: isRequest, ticket: object({ id: isString, number: isString, title: isString, state: isString, version: isNumber }), precedents: isPrecedents });
const isClock: Guard<ClockView> = object({ stage: isString, label: isString, run: isNumber, rule: isString, startedAt: isNumber, dueAt: time, endedAt: time, overdue: isBoolean, lines: arrayOf(isString) });
const isFile: Guard<FileView> = object({ id: isString, name: text, contentType: isString, purpose: isString, at: isNumber, url: isString });
const isSupervision: Guard<SupervisionView> = object({
  id: isString, ticketId: isString, number: isString, title: isString, ticketState: isString, level: isNumber, levelName: isString, cause: isString, departmentName: text,
  person: text, words: isString, dueAt: time, late: isBoolean, createdBy: isString, createdAt: isNumber, endedAt: time, outcome: text,
});
const isNumberRow: Guard<NumberView> = object({ partnerId: isString, partnerName: isString, number: text, at: isNumber });
const isRaised = object({ supervision: isSupervision });
const isList = arrayOf(isUnknown);

/** Reads it from a ticket's answer; what is not there is empty. */
export function readWork(answer: Readonly<Record<string, unknown>>): TicketWork {
  const rows = <T>(name: string, guard: Guard<T>): readonly T[] => {
    const value = answer[name];
    return isList(value) ? keepValid(value, guard) : [];
  };
  const precedents = answer['precedents'];
  return { requests: rows('requests', isRequest), files: rows('files', isFile), supervisions: rows('supervisions', isSupervision), precedents: isPrecedents(precedents) ? precedents : null };
}

/** A page of the monthly list, at most. */
export const SUPERVISION_PAGE = 100;

export interface SuperviseGiven {
  readonly level: 1 | 2 | 3;
  readonly words: string;
  readonly person?: string;
}

/** Like all of the client they throw ApiError and nothing else. */
export function createTicketWorkApi({ read, list }: Calls) {
  const id = encodeURIComponent;
  return {
    waiting: (): Promise<WaitingView[]> => list('waiting', isWaiting, '/api/tickets/requests?limit=200'),
    clocks: (ticketId: string): Promise<ClockView[]> => list('clocks', isClock, `/api/tickets/${id(ticketId)}/clocks`),
    files: (ticketId: string): Promise<FileView[]> => list('files', isFile, `/api/tickets/${id(ticketId)}/files`),
    /** Closed to departments. */
    numbers: (ticketId: string): Promise<NumberView[]> => list('numbers', isNumberRow, `/api/tickets/${id(ticketId)}/external-numbers`),
    openSupervisions: (): Promise<SupervisionView[]> => list('supervisions', isSupervision, '/api/supervisions?limit=200'),
    /** `month` as `2026-11`; `after` is the last row of the page before. */
    supervisionsOf(month: string, after?: SupervisionView): Promise<SupervisionView[]> {
      const query = new URLSearchParams({ month, limit: String(SUPERVISION_PAGE), ...(after === undefined ? {} : { before: String(after.createdAt), beforeId: after.id }) });
      return list('supervisions', isSupervision, `/api/supervisions?${query.toString()}`);
    },
    supervise: async (ticketId: string, given: SuperviseGiven): Promise<SupervisionView> => (await read(isRaised, 'POST', `/api/tickets/${id(ticketId)}/supervisions`, given)).supervision,
    endSupervision: async (supervisionId: string, outcome: string): Promise<SupervisionView> => (await read(isRaised, 'POST', `/api/supervisions/${id(supervisionId)}/end`, { outcome })).supervision,
  };
}

/** Where the month's file is got. */
export const monthFile = (month: string, format: 'csv' | 'xlsx'): string => `/api/supervisions?${new URLSearchParams({ month, format }).toString()}`;
