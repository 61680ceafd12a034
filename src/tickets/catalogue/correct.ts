import { AppError } from '../../domain/errors.ts';
import { dispatchData, routeTicket } from '../../domain/routing.ts';
import { isOpen } from '../../domain/ticket-moves.ts';
import type { Ticket } from '../../domain/ticket.ts';
import { itemOf, openClocks, ruleOf, warningsOf, warningTimes } from '../clocks.ts';
import type { TicketsContext, TicketUnit } from '../context.ts';
import { moveTicket, type Mover } from '../move.ts';
import { record, requireTicket } from '../record.ts';
import { superviseItem } from '../supervision.ts';
import { factsOf } from './trial.ts';

/** A seat puts the item of a ticket right; the learner learns from it. */

export interface CorrectionGiven {
  /** The version that the seat has seen. */
  readonly version: number;
  readonly itemCode: string;
  /** Have the dispatch rules send it anew; what is dispatched already is redirected, which only a supervisor may. */
  readonly redispatch?: boolean | undefined;
}

/** Stages whose time goes by the item's class of deadlines. */
const BY_CLASS = ['accept', 'sign', 'contact', 'handle'] as const;

/**
 * Changes the item, its clocks where the new item has another class of deadlines (from their own start; not those of a ticket that
 * was held or extended: what was granted stays granted), and on wish the department.
 * @throws AppError `ticket.not_found`, `ticket.finished`, `ticket.follows`, `ticket.unknown_item`, `ticket.same_item`, `ticket.conflict`;
 *   with `redispatch` `ticket.no_rule` and those of the move
 */
export async function correctItem(context: TicketsContext, unit: TicketUnit, ticketId: string, given: CorrectionGiven, by: Mover): Promise<Ticket> {
  const stored = await requireTicket(unit, ticketId);
  // Claimed before its clocks are read: of two who act at once the second hears of the conflict.
  const before = await unit.repos.tickets.claim(stored.id, given.version);
  if (!isOpen(before.state)) throw new AppError('ticket.finished', 'the item of an archived ticket stays', { status: 409, citizenText: '工单已归档，不能再改事项。' });
  if (before.leadingId !== null) throw new AppError('ticket.follows', 'a merged ticket goes with its leading one', { status: 409, citizenText: '这张工单已并入主单，请在主单上操作，或先拆分。', details: { leadingId: before.leadingId } });
  if (itemOf(context, given.itemCode) === null) throw new AppError('ticket.unknown_item', 'no such item', { status: 400, citizenText: '没有这个事项。' });
  if (before.itemCode === given.itemCode) throw new AppError('ticket.same_item', 'the ticket has this item already', { status: 409, citizenText: '工单已经是这个事项。' });
  const now = context.now();
  const after: Ticket = { ...before, itemCode: given.itemCode };

  const clocks = await openClocks(context, unit, after);
  const kept = before.holds.length > 0 || before.extensions > 0;
  for (const stage of kept ? [] : BY_CLASS) {
    const row = clocks.running(stage);
    const rule = ruleOf(context, after, stage)?.rule ?? null;
    // What ran out has run out: its mark and the steps after it stay.
    if (row === null || rule === null || row.overdueAt !== null || (rule.amount === row.rule.amount && rule.unit === row.rule.unit)) continue;
    const dueAt = context.clock.due(row.startedAt, rule);
    clocks.change({ ...row, rule, dueAt, warned: warningTimes(context.clock, dueAt, warningsOf(context, after, stage)).filter((at) => at <= now).length });
  }
  const handling = clocks.running('handle');
  const changed = await unit.repos.tickets.update(before.id, before.version, {
    itemCode: given.itemCode,
    ...(kept || handling === null || handling.overdueAt !== null || before.state === '受理' || before.state === '待派' ? {} : { deadlineAt: handling.dueAt, deadlineRule: ruleOf(context, after, 'handle')?.name ?? before.deadlineRule }),
    updatedAt: now,
  });
  await clocks.save();
  await record(context, unit, changed, { type: 'ticket.corrected', actor: by.actor, at: now, data: { field: 'itemCode', before: before.itemCode, after: given.itemCode, clocks: kept ? 'kept' : 'by_item' } });
  const who = by.actor.kind === 'seat' ? by.actor.seatId : by.actor.kind;
  // What the house has guessed itself teaches it nothing.
  if (by.actor.kind !== 'system') await unit.repos.itemCorrections.insert({ id: context.newId(), ticketId: before.id, text: `${before.title}\n${before.content}`, suggested: before.itemCode, chosen: given.itemCode, by: who, at: now });
  // Some items are supervised from their first dispatch on.
  const supervised = changed.dispatchedAt === null ? changed : await superviseItem(context, unit, changed);
  return given.redispatch === true ? redispatch(context, unit, supervised, by) : supervised;
}

async function redispatch(context: TicketsContext, unit: TicketUnit, ticket: Ticket, by: Mover): Promise<Ticket> {
  const routing = routeTicket(factsOf(context.clock, ticket), context.city);
  if (routing.departmentId === null) throw new AppError('ticket.no_rule', 'no dispatch rule takes the ticket', { status: 409, citizenText: '没有派单规则适用于这个事项，请人工派单。' });
  if (routing.departmentId === ticket.departmentId) return ticket;
  const move = ticket.state === '待派' ? 'dispatch' : 'redirect';
  const moved = await moveTicket(context, unit, ticket.id, move, { version: ticket.version, departmentId: routing.departmentId, assistIds: routing.assistIds, reason: `事项更正：${routing.why}` }, by);
  await record(context, unit, moved, { type: 'ticket.noted', actor: { kind: 'system' }, at: context.now(), data: { text: `按派单目录重新派单：${routing.why}`, ...dispatchData(routing, context.city.routesVersion) } });
  return unit.repos.tickets.update(moved.id, moved.version, { routeId: routing.routeId });
}
