import type { EpochMs } from '../domain/activity.ts';
import { beijingText, MINUTE } from '../domain/clock.ts';
import { ruleText } from '../domain/deadlines.ts';
import { codeOf, isAppError } from '../domain/errors.ts';
import type { Rung } from '../domain/ticket-rules.ts';
import { legalMoves } from '../domain/ticket-moves.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { Store, TicketClock } from '../store/contract.ts';
import { type ClockBook, ladderOf, openClocks } from './clocks.ts';
import type { TicketsContext, TicketUnit } from './context.ts';
import { moveTicket } from './move.ts';
import { record } from './record.ts';
import { superviseByRule } from './supervision.ts';

/**
 * What time brings to tickets: warnings before a clock runs out, the mark after, the rungs of the ladder (remind, supervise, escalate),
 * the end of a hold, the next attempt of a visit-back. Due work is found by the index on the clocks' `nextAt`, never by looking through
 * tickets. Each clock in a transaction of its own, which begins by claiming the ticket: two nodes (or a node and a seat) never do the
 * same thing twice, and a crash between two clocks loses nothing.
 */

/** The visit-back is asked again or given up; ends or restarts its clock. In the caller's transaction; the ticket is claimed. */
export type VisitDue = (context: TicketsContext, unit: TicketUnit, ticket: Ticket, clock: TicketClock) => Promise<unknown>;

export interface SweepContext extends TicketsContext {
  readonly store: Store;
  /** One transaction, told of after the commit (intake's `writeUnit`). */
  readonly write: <Result>(fn: (unit: TicketUnit) => Promise<Result>) => Promise<Result>;
  /** Absent: a visit-back's clock is started again, and nobody is asked. */
  readonly onVisitDue?: VisitDue;
  readonly failed?: (code: string, clock: TicketClock) => void;
}

export interface SweepReport {
  /** Steps done: warnings, marks, rungs, resumed holds, visits. */
  readonly done: number;
  /** Clocks that somebody else was busy with; looked at again at once. */
  readonly skipped: number;
  readonly failed: number;
  /** There is more that is due now. */
  readonly more: boolean;
  /** When the next work falls due; null: nothing is planned. */
  readonly nextAt: EpochMs | null;
}

/** Clocks read at once. */
const AT_ONCE = 200;
/** Steps of one clock in one transaction: two warnings, the mark and a long ladder after a long stop. */
const MAX_STEPS = 24;
/** What failed is tried again after this; it must not stand before everything else. */
const RETRY_MS = 5 * MINUTE;

/** Does what is due now, at most `limit` clocks. */
export async function sweepDue(context: SweepContext, limit = AT_ONCE): Promise<SweepReport> {
  const { store } = context;
  const due = await store.read((repos) => repos.clocks.due(context.now(), limit));
  let [done, skipped, failed] = [0, 0, 0];
  for (const clock of due) {
    try {
      done += await context.write((unit) => advance(context, unit, clock));
    } catch (error) {
      if (isAppError(error) && error.code === 'ticket.conflict') {
        skipped += 1;
        continue;
      }
      failed += 1;
      context.failed?.(codeOf(error), clock);
      await context.write((unit) => unit.repos.clocks.postpone(clock, context.now() + RETRY_MS));
    }
  }
  return { done, skipped, failed, more: due.length === limit, nextAt: await store.read((repos) => repos.clocks.nextAt()) };
}

/** All steps of one clock that are due; 0 when somebody was faster. */
async function advance(context: SweepContext, unit: TicketUnit, seen: TicketClock): Promise<number> {
  const stored = await unit.repos.tickets.get(seen.ticketId);
  if (stored === null) return 0;
  let ticket = await unit.repos.tickets.claim(stored.id, stored.version);
  let done = 0;
  for (; done < MAX_STEPS; done += 1) {
    const clocks = await openClocks(context, unit, ticket);
    const row = clocks.rows.find(({ stage, run }) => stage === seen.stage && run === seen.run);
    if (row === undefined || row.nextAt === null || row.nextAt > context.now()) break;
    ticket = await step(context, unit, ticket, clocks, row);
  }
  return done;
}

async function step(context: SweepContext, unit: TicketUnit, ticket: Ticket, clocks: ClockBook, row: TicketClock): Promise<Ticket> {
  if (row.stage === 'hold') return endHold(context, unit, ticket);
  if (row.stage === 'visit') return visit(context, unit, ticket, row);
  const now = context.now();
  if (row.overdueAt === null) return row.dueAt !== null && now >= row.dueAt ? mark(context, unit, ticket, clocks, row, row.dueAt) : warn(context, unit, ticket, clocks, row);
  const rung = ladderOf(context, row.stage)[row.rung];
  clocks.change({ ...row, rung: row.rung + 1 });
  await clocks.save();
  return rung === undefined ? ticket : climb(context, unit, ticket, row, rung);
}

async function warn(context: SweepContext, unit: TicketUnit, ticket: Ticket, clocks: ClockBook, row: TicketClock): Promise<Ticket> {
  // Several that were slept through are one warning.
  let next = clocks.change({ ...row, warned: row.warned + 1 });
  while (next.nextAt !== null && next.nextAt <= context.now() && next.dueAt !== null && context.now() < next.dueAt) next = clocks.change({ ...next, warned: next.warned + 1 });
  await clocks.save();
  await record(context, unit, ticket, { type: 'ticket.warned', actor: { kind: 'system' }, at: context.now(), data: { stage: row.stage, dueAt: row.dueAt, departmentId: ticket.departmentId } });
  return ticket;
}

async function mark(context: SweepContext, unit: TicketUnit, ticket: Ticket, clocks: ClockBook, row: TicketClock, dueAt: EpochMs): Promise<Ticket> {
  const now = context.now();
  clocks.change({ ...row, overdueAt: now });
  await clocks.save();
  const updated = await unit.repos.tickets.update(ticket.id, ticket.version, { overdueAt: ticket.overdueAt ?? dueAt, updatedAt: now });
  await record(context, unit, updated, { type: 'ticket.overdue', actor: { kind: 'system' }, at: now, data: { stage: row.stage, dueAt, departmentId: ticket.departmentId } });
  return updated;
}

const STAGES: Readonly<Record<string, string>> = { accept: '受理派单', sign: '签收', contact: '首次联系', handle: '办理', judge: '申请审核' };

async function climb(context: SweepContext, unit: TicketUnit, ticket: Ticket, row: TicketClock, rung: Rung): Promise<Ticket> {
  const now = context.now();
  const words = `${STAGES[row.stage] ?? row.stage}超期${ruleText(rung.after)}（${row.dueAt === null ? '' : beijingText(row.dueAt)}到期），请${rung.person}负责，按时报告。`;
  if (rung.do === 'remind') {
    await record(context, unit, ticket, { type: 'ticket.warned', actor: { kind: 'system' }, at: now, data: { stage: row.stage, dueAt: row.dueAt, overdue: true, person: rung.person, departmentId: ticket.departmentId } });
    return ticket;
  }
  const level = rung.level ?? 1;
  const supervised = await superviseByRule(context, unit, ticket, { level, cause: 'overdue', person: rung.person, words });
  if (rung.do === 'supervise') return supervised;
  // Where a request waits or it is held, the supervision alone presses; the state is the judge's.
  if (!legalMoves(supervised, 'system').some((move) => move.name === 'escalate')) return supervised;
  return moveTicket(context, unit, supervised.id, 'escalate', { version: supervised.version, reason: words, person: rung.person }, { role: 'system', actor: { kind: 'system' } });
}

function endHold(context: SweepContext, unit: TicketUnit, ticket: Ticket): Promise<Ticket> {
  return moveTicket(context, unit, ticket.id, 'resume', { version: ticket.version, reason: '挂起时间已到' }, { role: 'system', actor: { kind: 'system' } });
}

async function visit(context: SweepContext, unit: TicketUnit, ticket: Ticket, row: TicketClock): Promise<Ticket> {
  await context.onVisitDue?.(context, unit, ticket, row);
  const after = (await unit.repos.tickets.get(ticket.id)) ?? ticket;
  const clocks = await openClocks(context, unit, after);
  const left = clocks.rows.find(({ stage, run }) => stage === row.stage && run === row.run);
  if (left !== undefined && left.nextAt !== null && left.nextAt <= context.now()) {
    const { every } = context.city.ticketRules.visit;
    clocks.change({ ...left, dueAt: context.clock.due(context.now(), every), rule: every });
    await clocks.save();
  }
  return after;
}
