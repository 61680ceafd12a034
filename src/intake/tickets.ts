import type { Locale } from '../domain/activity.ts';
import { beijingDayDigits, beijingText } from '../domain/clock.ts';
import type { Item } from '../domain/config-files.ts';
import { deadlineClass, stageRule } from '../domain/deadlines.ts';
import { AppError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { maskText } from '../domain/masking.ts';
import { routeTicket } from '../domain/routing.ts';
import { makeTicketNumber } from '../domain/ticket-number.ts';
import { TICKET_MOVES, type Ticket, type TicketActor, type TicketEventType, type TicketMove } from '../domain/ticket.ts';
import type { TicketOpenArgs } from '../dialog/types.ts';
import type { SeatRole } from '../store/contract.ts';
import type { IntakeContext, Unit } from './context.ts';

/** The one module that changes a ticket. Every change is a row in its events, in the same transaction. */

export interface OpenTicketGiven extends TicketOpenArgs {
  readonly citizenId: string;
  readonly conversationId: string | null;
  readonly channel: string;
  readonly actor: TicketActor;
}

/**
 * Opens, accepts and (when a route is found) dispatches a ticket. The clock starts at dispatch.
 * @returns the ticket as stored, in state 待签收, or 待派 when no route fits
 */
export async function openTicket(context: IntakeContext, unit: Unit, given: OpenTicketGiven): Promise<Ticket> {
  const now = context.now();
  const { repos } = unit;
  const item = findItem(context, given.itemCode);
  if (given.itemCode !== null && item === null) throw new AppError('ticket.unknown_item', 'no such item', { status: 400, citizenText: '没有这个事项。' });
  if (given.townId !== null && !context.city.towns.some((town) => town.id === given.townId)) throw new AppError('ticket.unknown_town', 'no such town', { status: 400, citizenText: '没有这个镇街。' });

  if (given.phone !== null || given.name !== null) {
    await repos.citizens.learn(given.citizenId, { ...(given.phone === null ? {} : { phone: given.phone }), ...(given.name === null ? {} : { name: given.name }) });
  }
  const last4 = given.phone === null ? (await repos.citizens.phoneLast4(given.citizenId)) : given.phone.slice(-4);

  const day = beijingDayDigits(now);
  const number = makeTicketNumber(day, await repos.tickets.nextSequence(day));
  const routing = routeTicket({ itemCode: given.itemCode, townId: given.townId, kind: given.ticketKind }, context.city);
  const deadline = deadlineFor(context, item, given.urgency, now);

  // Opened, accepted and dispatched in one moment: one row, as it is after all of it, and an event for each.
  const dispatched = routing.departmentId !== null;
  const ticket: Ticket = {
    id: context.newId(),
    number,
    kind: given.ticketKind,
    state: dispatched ? '待签收' : '待派',
    itemCode: given.itemCode,
    title: [...maskText(given.title).text].slice(0, 120).join(''),
    content: maskText(given.content).text,
    townId: given.townId,
    place: given.place === null ? null : maskText(given.place).text,
    happened: given.happened === null ? null : maskText(given.happened).text,
    departmentId: routing.departmentId,
    routeId: dispatched ? routing.routeId : null,
    urgency: given.urgency,
    confidential: given.confidential,
    callback: given.callback,
    citizenId: given.citizenId,
    conversationId: given.conversationId,
    channel: given.channel,
    ...(dispatched ? deadline : { deadlineAt: null, deadlineRule: null }),
    urges: 0,
    createdAt: now,
    updatedAt: now,
    version: dispatched ? 3 : 2,
  };
  await repos.tickets.insert(ticket, last4);
  await record(unit, ticket, 'ticket.opened', given.actor, now, { kind: ticket.kind, channel: ticket.channel });
  await record(unit, ticket, 'ticket.accepted', { kind: 'system' }, now, {});
  if (routing.departmentId !== null) await record(unit, ticket, 'ticket.dispatched', { kind: 'system' }, now, { departmentId: routing.departmentId, why: routing.why });
  unit.after.push({ kind: 'ticket', ticketId: ticket.id, conversationId: ticket.conversationId }, { kind: 'count', name: 'ticket_opened', labels: { channel: ticket.channel, kind: ticket.kind } });
  return ticket;
}

export interface MoveGiven {
  readonly version: number;
  readonly departmentId?: string;
  readonly result?: string;
  readonly reason?: string;
}

const MOVE_EVENTS: Readonly<Record<string, TicketEventType>> = {
  accept: 'ticket.accepted', dispatch: 'ticket.dispatched', redirect: 'ticket.redirected', sign: 'ticket.signed', finish: 'ticket.finished',
};

const NEED_NAMES = { departmentId: '承办单位', result: '办理结果', reason: '理由' } as const;

/** Moves that this role may make from the ticket's state; the desk shows them as buttons. */
export function legalMoves(ticket: Ticket, role: SeatRole): readonly TicketMove[] {
  return TICKET_MOVES.filter((move) => move.from === ticket.state && move.roles.includes(role));
}

/**
 * Makes one legal move.
 * @throws AppError `ticket.move_refused` (not legal from here or for this role), `ticket.move_incomplete` (names what is
 *   missing), `ticket.conflict` (somebody was faster)
 */
export async function moveTicket(context: IntakeContext, unit: Unit, ticketId: string, moveName: string, given: MoveGiven, by: { readonly seatId: string; readonly role: SeatRole }): Promise<Ticket> {
  const ticket = await requireTicket(unit, ticketId);
  const move = legalMoves(ticket, by.role).find((candidate) => candidate.name === moveName);
  if (move === undefined) {
    throw new AppError('ticket.move_refused', 'this move is not legal from the ticket\'s state or for this role', { status: 409, retry: 'conflict', citizenText: '工单当前状态或您的角色不能做这一步，请刷新后再看。', details: { state: ticket.state, move: TICKET_MOVES.some((known) => known.name === moveName) ? moveName : 'unknown' } });
  }
  const missing = move.needs.filter((need) => (given[need]?.trim() ?? '') === '');
  if (missing.length > 0) throw new AppError('ticket.move_incomplete', `this move needs: ${missing.join(', ')}`, { status: 400, citizenText: `还缺少：${missing.map((need) => NEED_NAMES[need]).join('、')}。`, details: { missing: missing.join(',') } });
  if (given.departmentId !== undefined && !context.city.departments.some((department) => department.id === given.departmentId)) throw new AppError('ticket.unknown_department', 'no such department', { status: 400, citizenText: '没有这个承办单位。' });

  const now = context.now();
  const dispatching = move.name === 'dispatch' || move.name === 'redirect';
  const moved = await unit.repos.tickets.update(ticket.id, given.version, {
    state: move.to,
    updatedAt: now,
    ...(dispatching && given.departmentId !== undefined ? { departmentId: given.departmentId, routeId: null } : {}),
    // A redirect does not restart the clock: the citizen has waited since the first dispatch.
    ...(move.name === 'dispatch' && ticket.deadlineAt === null ? deadlineFor(context, findItem(context, ticket.itemCode), ticket.urgency, now) : {}),
  });
  const data: JsonObject = {};
  if (dispatching && given.departmentId !== undefined) data['departmentId'] = given.departmentId;
  if (given.reason !== undefined) data['reason'] = maskText(given.reason).text;
  if (given.result !== undefined) data['result'] = maskText(given.result).text;
  await record(unit, moved, MOVE_EVENTS[move.name] ?? 'ticket.noted', { kind: 'seat', seatId: by.seatId }, now, data);
  unit.after.push({ kind: 'ticket', ticketId: moved.id, conversationId: moved.conversationId });
  return moved;
}

/** Material from the citizen or a note of a seat; the state does not change. */
export async function addToTicket(context: IntakeContext, unit: Unit, ticketId: string, text: string, actor: TicketActor): Promise<Ticket> {
  const ticket = await requireTicket(unit, ticketId);
  const now = context.now();
  const updated = await unit.repos.tickets.update(ticket.id, ticket.version, { updatedAt: now });
  await record(unit, updated, actor.kind === 'citizen' ? 'ticket.supplemented' : 'ticket.noted', actor, now, { text: maskText(text).text });
  unit.after.push({ kind: 'ticket', ticketId: updated.id, conversationId: updated.conversationId });
  return updated;
}

/** 催办: counted, and the desk sees it. A finished ticket cannot be urged. */
export async function urgeTicket(context: IntakeContext, unit: Unit, ticketId: string): Promise<Ticket> {
  const ticket = await requireTicket(unit, ticketId);
  if (ticket.state === '办结') throw new AppError('ticket.finished', 'a finished ticket cannot be urged', { status: 409 });
  const now = context.now();
  const updated = await unit.repos.tickets.update(ticket.id, ticket.version, { urges: ticket.urges + 1, updatedAt: now });
  await record(unit, updated, 'ticket.urged', { kind: 'citizen' }, now, { count: updated.urges });
  unit.after.push({ kind: 'ticket', ticketId: updated.id, conversationId: updated.conversationId });
  return updated;
}

/** Plain words for a citizen, in their language: where the ticket stands. Departments keep their Chinese names. */
export function stateText(ticket: Ticket, departmentName: string | null, locale: Locale = 'zh-CN'): string {
  const english = locale === 'en';
  const department = departmentName ?? (english ? 'the department' : '承办单位');
  switch (ticket.state) {
    case '受理':
    case '待派':
      return english ? 'accepted, a department is being assigned' : '已受理，正在安排承办单位';
    case '待签收':
      return english ? `sent to ${department}, waiting to be signed off` : `已派给${department}，等待签收`;
    case '办理中':
      return english ? `being handled by ${department}` : `${department}正在办理`;
    case '办结':
      return english ? 'finished' : '已办结';
  }
}

/** The deadline as said to a citizen; null before dispatch. */
export function deadlineText(ticket: Ticket): string | null {
  return ticket.deadlineAt === null ? null : beijingText(ticket.deadlineAt);
}

async function requireTicket(unit: Unit, ticketId: string): Promise<Ticket> {
  const ticket = await unit.repos.tickets.get(ticketId);
  if (ticket === null) throw new AppError('ticket.not_found', 'no such ticket', { status: 404, citizenText: '没有找到这张工单。' });
  return ticket;
}

/** The clock that starts now: by the item's class, for life and safety by `life` whatever the item; without an item `general`. */
function deadlineFor(context: IntakeContext, item: Item | null, urgency: Ticket['urgency'], now: number): Pick<Ticket, 'deadlineAt' | 'deadlineRule'> {
  const { deadlines } = context.city;
  const name = deadlineClass(deadlines, item?.deadlineClass ?? null, urgency);
  const rule = stageRule(deadlines, 'handle', name);
  return rule === null ? { deadlineAt: null, deadlineRule: null } : { deadlineAt: context.clock.due(now, rule), deadlineRule: `${deadlines.id}/${name}` };
}

function findItem(context: IntakeContext, code: string | null): Item | null {
  return context.city.items.find((item) => item.code === code) ?? null;
}

async function record(unit: Unit, ticket: Ticket, type: TicketEventType, actor: TicketActor, at: number, data: JsonObject): Promise<void> {
  await unit.repos.tickets.appendEvent({ ticketId: ticket.id, type, actor, at, data });
}
