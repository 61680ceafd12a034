import type { EpochMs } from '../domain/activity.ts';
import type { JsonObject } from '../domain/json.ts';
import type { TicketEvent } from '../domain/ticket.ts';
import type { Rollup, TicketHistory } from '../store/contract.ts';
import type { MeasureName } from './catalogue.ts';
import { negated, rowsOf } from './rows.ts';

/**
 * What one ticket counts, told from its history alone: a fold over its events in their order, each figure in the hour of an event. What counts
 * anew is what the history says now less what it said up to the last look, so an item that was put right, a rating that was replaced and a
 * first dispatch that turns out wrong move what was counted, and counting again from the beginning gives the same. Pure.
 */

interface Round {
  /** Handling began: first dispatch, or the 重办. */
  begunAt: EpochMs | null;
  finishedAt: EpochMs | null;
}

interface Rating {
  at: EpochMs;
  process: number | null;
  solved: boolean | null;
}

type Put = (measure: MeasureName, at: EpochMs, given?: { readonly sum?: number; readonly department?: string | null }) => void;

/** Rows of everything that happened up to `until`, its moment included. */
export function rowsOfTicket({ ticket, events, clocks }: TicketHistory, until: EpochMs): readonly Rollup[] {
  const past = events.filter(({ at }) => at <= until);
  const item = itemThen(ticket.itemCode, events, past);
  const rows: Rollup[] = [];
  let department: string | null = null;
  const put: Put = (measure, at, given = {}) => {
    const keys = { channel: ticket.channel, kind: ticket.kind, town: ticket.townId, department: given.department === undefined ? department : given.department, item };
    rows.push(...rowsOf({ measure, at, sum: given.sum ?? 0, keys }));
  };
  const ended = (stage: 'sign' | 'handle', at: EpochMs): number | null => clocks.find((clock) => clock.stage === stage && clock.endedAt === at)?.dueAt ?? null;

  let first: { readonly at: EpochMs; readonly department: string | null } | null = null;
  let misdirected = false;
  let dispatchedAt: EpochMs | null = null;
  let round: Round = { begunAt: null, finishedAt: null };
  let closed = false;
  let closedAsDone = false;
  let rating: Rating | null = null;
  const ratings: Rating[] = [];

  const wrongAtFirst = (): void => {
    if (first === null || misdirected || closed) return;
    misdirected = true;
    put('ticket.misdirected', first.at, { department: first.department });
  };
  const rate = (at: EpochMs, data: JsonObject, replaces: boolean): void => {
    const process = typeof data['process'] === 'number' ? data['process'] : null;
    const solved = typeof data['solved'] === 'boolean' ? data['solved'] : null;
    if (process === null && solved === null) return;
    if (replaces && rating !== null) {
      rating.process = process ?? rating.process;
      rating.solved = solved ?? rating.solved;
      return;
    }
    rating = { at, process, solved };
    ratings.push(rating);
  };
  const again = (at: EpochMs): void => {
    put('ticket.redone', at);
    round = { begunAt: at, finishedAt: null };
    closedAsDone = false;
  };

  for (const { type, at, data, actor } of past) {
    switch (type) {
      case 'ticket.opened':
        put('ticket.opened', at, { department: openedFor(past) });
        if (ticket.enterprise) put('ticket.enterprise', at, { department: openedFor(past) });
        break;
      case 'ticket.dispatched':
      case 'ticket.redirected': {
        if (type === 'ticket.redirected') {
          put('ticket.redirected', at);
          wrongAtFirst();
        }
        department = named(data, 'departmentId') ?? department;
        dispatchedAt = at;
        round.begunAt ??= at;
        put('ticket.dispatched', at);
        if (first === null) {
          first = { at, department };
          put('ticket.dispatched_first', at);
        }
        break;
      }
      case 'ticket.signed': {
        put('ticket.signed', at, { sum: at - (dispatchedAt ?? at) });
        const due = ended('sign', at);
        if (due !== null) put('ticket.signed_due', at);
        if (due !== null && at <= due) put('ticket.signed_on_time', at);
        break;
      }
      case 'ticket.return_requested':
        put('ticket.return_asked', at);
        break;
      case 'ticket.return_upheld':
        put('ticket.returned', at);
        wrongAtFirst();
        department = null;
        break;
      case 'ticket.extension_granted':
        put('ticket.extended', at);
        break;
      case 'ticket.held':
        put('ticket.held', at);
        break;
      case 'ticket.overdue': {
        const late = named(data, 'departmentId') ?? department;
        put('ticket.overdue', at, { department: late });
        if (data['stage'] === 'handle') put('ticket.overdue_handling', at, { department: late });
        break;
      }
      case 'ticket.finished':
        round.finishedAt = at;
        break;
      case 'ticket.review_passed': {
        const finishedAt = round.finishedAt ?? at;
        const sum = finishedAt - (round.begunAt ?? finishedAt);
        put('ticket.closed', at, { sum });
        put('ticket.handled', at, { sum });
        const due = ended('handle', finishedAt);
        if (due !== null) put('ticket.closed_due', at);
        if (due !== null && finishedAt <= due) put('ticket.closed_on_time', at);
        closed = true;
        rating = null;
        break;
      }
      case 'ticket.answered_at_once':
        put('ticket.answered_at_once', at);
        put('ticket.closed', at);
        closed = true;
        closedAsDone = true;
        rating = null;
        break;
      case 'ticket.confirmed':
        rate(at, data, false);
        closedAsDone = true;
        break;
      case 'ticket.unreached':
        put('visit.unreached', at);
        closedAsDone = true;
        break;
      case 'ticket.rated':
        rate(at, data, true);
        break;
      case 'ticket.vetoed':
        put('ticket.vetoed', at);
        rate(at, data, false);
        again(at);
        break;
      case 'ticket.reopened':
        if (closedAsDone && (actor.kind === 'citizen' || actor.kind === 'partner')) put('ticket.vetoed', at);
        again(at);
        break;
      case 'ticket.leader_moved':
        if (data['archived'] === true) closedAsDone = true;
        break;
      case 'ticket.refused':
        put('ticket.refused', at);
        break;
      case 'ticket.withdrawn':
        put('ticket.withdrawn', at);
        break;
      case 'ticket.merged':
        put('ticket.merged', at);
        break;
      case 'ticket.escalated':
        department = named(data, 'departmentId') ?? department;
        put('ticket.escalated', at);
        break;
      case 'ticket.supervised':
        put('ticket.supervised', at, { department: named(data, 'departmentId') ?? department });
        break;
      case 'ticket.urged':
        put('ticket.urged', at);
        break;
      default:
        break;
    }
  }

  for (const { at, process, solved } of ratings) {
    const then = departmentAt(past, at);
    if (process !== null) put('visit.rated', at, { sum: process, department: then });
    if (process !== null && process >= SATISFIED) put('visit.satisfied', at, { department: then });
    if (solved !== null) put('visit.answered', at, { department: then });
    if (solved === true) put('visit.solved', at, { department: then });
  }
  return rows;
}

/** 4 satisfied, 5 very satisfied. */
const SATISFIED = 4;

/** What is new since `after` in what the ticket counts. */
export function rowsSince(history: TicketHistory, after: EpochMs, until: EpochMs): readonly Rollup[] {
  return [...rowsOfTicket(history, until), ...negated(rowsOfTicket(history, after))];
}

/** The item as it stood then: what the first correction found, then what each put. */
function itemThen(now: string | null, events: readonly TicketEvent[], past: readonly TicketEvent[]): string | null {
  const corrections = (list: readonly TicketEvent[]): readonly TicketEvent[] => list.filter(({ type, data }) => type === 'ticket.corrected' && data['field'] === 'itemCode');
  const last = corrections(past).at(-1);
  if (last !== undefined) return named(last.data, 'after');
  const [next] = corrections(events);
  return next === undefined ? now : named(next.data, 'before');
}

/** A ticket counts for the department that its opening sent it to; one that a person sent later counts for nobody at its opening. */
function openedFor(past: readonly TicketEvent[]): string | null {
  const opened = past.find(({ type }) => type === 'ticket.opened');
  const sent = past.find(({ type, at }) => type === 'ticket.dispatched' && at === opened?.at);
  return sent === undefined ? null : named(sent.data, 'departmentId');
}

function departmentAt(past: readonly TicketEvent[], at: EpochMs): string | null {
  let department: string | null = null;
  for (const event of past) {
    if (event.at > at) break;
    if (event.type === 'ticket.return_upheld') department = null;
    if (event.type === 'ticket.dispatched' || event.type === 'ticket.redirected' || event.type === 'ticket.escalated') department = named(event.data, 'departmentId') ?? department;
  }
  return department;
}

function named(data: JsonObject, name: string): string | null {
  const value = data[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
