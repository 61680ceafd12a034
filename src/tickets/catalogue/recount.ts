import type { EpochMs } from '../../domain/activity.ts';
import type { Calendar, DeadlineRule } from '../../domain/config-files.ts';
import { codeOf, isAppError } from '../../domain/errors.ts';
import { createLegalClock, type Hold, type LegalClock } from '../../domain/legal-clock.ts';
import { OPEN_STATES, type Ticket } from '../../domain/ticket.ts';
import type { ClockStage, Store, TicketClock, TicketRequest } from '../../store/contract.ts';
import { movedTo, openClocks, profileOf } from '../clocks.ts';
import type { TicketsContext, TicketUnit } from '../context.ts';
import { record } from '../record.ts';

/**
 * After another calendar was published: clocks that run are counted anew by it. A due time is moved only where it is what the calendar before gave
 * (start, rule, holds, granted extensions): what was set otherwise stays, and so does the mark of a clock that ran out. Each ticket in a transaction of
 * its own that begins by claiming it. A run that was cut off begins again where it was; what is moved already is found moved.
 */

const PAGE = 200;

export interface RecountContext extends TicketsContext {
  readonly store: Store;
  /** One transaction, told of after the commit. */
  readonly write: <Result>(fn: (unit: TicketUnit) => Promise<Result>) => Promise<Result>;
  /** A ticket that could not be counted anew; the others are. */
  readonly failed?: (code: string, ticketId: string) => void;
}

export interface RecountReport {
  /** Open tickets that were looked at. */
  readonly tickets: number;
  /** Tickets of which a due time was moved. */
  readonly moved: number;
}

/** The last ticket that was looked at; null: none yet. */
export interface RecountPlace {
  readonly createdAt: EpochMs;
  readonly id: string;
}

/**
 * Walks back through the open tickets.
 * @param given.after where an earlier run was
 * @param given.onPage awaited after each page: to keep the place, and for other work to get a turn; false: give up
 */
export async function recountClocks(context: RecountContext, given: { readonly from: Calendar; readonly to: Calendar; readonly version: number; readonly after?: RecountPlace | null; readonly onPage?: (place: RecountPlace, report: RecountReport) => Promise<boolean> }): Promise<RecountReport> {
  const clocks = { from: createLegalClock(given.from), to: createLegalClock(given.to) };
  let place = given.after ?? null;
  let report: RecountReport = { tickets: 0, moved: 0 };
  for (;;) {
    const cursor = place === null ? {} : { before: place.createdAt, beforeId: place.id };
    const page = await context.store.read((repos) => repos.tickets.list({ states: OPEN_STATES, limit: PAGE, ...cursor }));
    for (const ticket of page) {
      const moved = await attempt(context, ticket.id, clocks, given.version);
      report = { tickets: report.tickets + 1, moved: report.moved + (moved ? 1 : 0) };
    }
    const last = page.at(-1);
    if (last === undefined) return report;
    place = { createdAt: last.createdAt, id: last.id };
    if (given.onPage !== undefined && !(await given.onPage(place, report))) return report;
    if (page.length < PAGE) return report;
  }
}

interface Clocks {
  readonly from: LegalClock;
  readonly to: LegalClock;
}

/** Somebody who acts at the same moment is let through first. */
const TRIES = 3;

async function attempt(context: RecountContext, ticketId: string, clocks: Clocks, version: number): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await recountTicket(context, ticketId, clocks, version);
    } catch (error) {
      if (isAppError(error) && error.code === 'ticket.conflict' && tries < TRIES) continue;
      context.failed?.(codeOf(error), ticketId);
      return false;
    }
  }
}

async function recountTicket(context: RecountContext, ticketId: string, { from, to }: Clocks, version: number): Promise<boolean> {
  // Most tickets have nothing to move: they are not claimed.
  const seen = await context.store.read(async (repos) => ({ ticket: await repos.tickets.get(ticketId), rows: await repos.clocks.of(ticketId), requests: await repos.requests.of(ticketId) }));
  if (seen.ticket === null || !seen.rows.some((row) => seen.ticket !== null && newDue(context, seen.ticket, row, seen.requests, { from, to }) !== null)) return false;
  return context.write(async (unit) => {
    const stored = await unit.repos.tickets.get(ticketId);
    if (stored === null) return false;
    const ticket = await unit.repos.tickets.claim(stored.id, stored.version);
    const requests = await unit.repos.requests.of(ticketId);
    const counting = { ...context, clock: to };
    const clocks = await openClocks(counting, unit, ticket);
    const now = context.now();
    const changes = clocks.rows.flatMap((row) => {
      const dueAt = newDue(context, ticket, row, requests, { from, to });
      return dueAt === null ? [] : [{ row, dueAt }];
    });
    if (changes.length === 0) return false;
    for (const { row, dueAt } of changes) clocks.change(movedTo(counting, ticket, row, dueAt, now));
    await clocks.save();
    const handling = changes.find(({ row }) => row.stage === 'handle');
    const updated = await unit.repos.tickets.update(ticket.id, ticket.version, { ...(handling === undefined || ticket.deadlineAt === null ? {} : { deadlineAt: handling.dueAt }), updatedAt: now });
    for (const { row, dueAt } of changes) {
      await record(context, unit, updated, { type: 'ticket.corrected', actor: { kind: 'system' }, at: now, data: { field: 'deadline', stage: row.stage, before: row.dueAt, after: dueAt, because: 'calendar', version } });
    }
    return true;
  });
}

/** Stages whose due time is counted by a rule. */
const COUNTED: readonly ClockStage[] = ['accept', 'sign', 'contact', 'handle', 'return', 'judge'];

/** Where the new calendar has it; null: it stays where it is. */
function newDue(context: Pick<TicketsContext, 'city' | 'clock'>, ticket: Ticket, row: TicketClock, requests: readonly TicketRequest[], { from, to }: Clocks): EpochMs | null {
  if (!COUNTED.includes(row.stage) || row.endedAt !== null || row.overdueAt !== null || row.dueAt === null) return null;
  const limit = profileOf(context, ticket).extension?.limit;
  const extensions = row.stage !== 'handle' || limit === undefined ? [] : requests.flatMap(({ kind, state, judgedAt, amount }) => (kind === 'extension' && state === 'upheld' && judgedAt !== null && judgedAt >= row.startedAt && amount !== null ? [{ ...limit, amount }] : []));
  const holds = row.stage === 'handle' || row.stage === 'contact' ? ticket.holds : ticket.holds.filter(({ merged }) => merged === true);
  if (dueBy(from, row, holds, extensions) !== row.dueAt) return null;
  const dueAt = dueBy(to, row, holds, extensions);
  return dueAt === null || dueAt === row.dueAt ? null : dueAt;
}

function dueBy(clock: LegalClock, { startedAt, rule }: TicketClock, holds: readonly Hold[], extensions: readonly DeadlineRule[]): EpochMs | null {
  let dueAt = clock.dueUnlessHeld(startedAt, rule, holds);
  for (const extension of extensions) dueAt = dueAt === null ? null : clock.dueUnlessHeld(dueAt, extension, holds);
  return dueAt;
}
