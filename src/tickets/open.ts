import { beijingDayDigits } from '../domain/clock.ts';
import { AppError } from '../domain/errors.ts';
import { maskText } from '../domain/masking.ts';
import { dispatchData, routeTicket } from '../domain/routing.ts';
import { makeTicketNumber } from '../domain/ticket-number.ts';
import type { Ticket, TicketActor, TicketOpenArgs } from '../domain/ticket.ts';
import { itemOf, ruleOf, startedClock } from './clocks.ts';
import type { TicketsContext, TicketUnit } from './context.ts';
import { type Happened, tell } from './record.ts';
import { superviseItem } from './supervision.ts';

export interface OpenTicketGiven extends TicketOpenArgs {
  readonly citizenId: string;
  /** 企业直通车: its clocks go by the enterprise profile. */
  readonly enterpriseId?: string | null;
  readonly conversationId: string | null;
  readonly channel: string;
  readonly actor: TicketActor;
  /** What makes a repeated opening the same ticket; the ticket of the first one is returned. */
  readonly openingKey?: string | null;
  /** A seat names whose matter it is; absent: the dispatch rules say. */
  readonly departmentId?: string;
}

/**
 * Opens, accepts and (when a route is found) dispatches a ticket. The handling clock starts at dispatch.
 * @returns the ticket as stored, in state 待签收, or 待派 when no route fits
 * @throws AppError `ticket.unknown_item`, `ticket.unknown_town`
 */
export async function openTicket(context: TicketsContext, unit: TicketUnit, given: OpenTicketGiven): Promise<Ticket> {
  const now = context.now();
  const { repos } = unit;
  const { city } = context;
  const openingKey = given.openingKey ?? null;
  const before = openingKey === null ? null : await repos.tickets.findByOpeningKey(openingKey);
  if (before !== null) return before;
  if (given.itemCode !== null && itemOf(context, given.itemCode) === null) throw new AppError('ticket.unknown_item', 'no such item', { status: 400, citizenText: '没有这个事项。' });
  if (given.townId !== null && !city.towns.some((town) => town.id === given.townId)) throw new AppError('ticket.unknown_town', 'no such town', { status: 400, citizenText: '没有这个镇街。' });

  if (given.phone !== null || given.name !== null) {
    await repos.citizens.learn(given.citizenId, { ...(given.phone === null ? {} : { phone: given.phone }), ...(given.name === null ? {} : { name: given.name }) });
  }
  const last4 = given.phone === null ? await repos.citizens.phoneLast4(given.citizenId) : given.phone.slice(-4);

  const day = beijingDayDigits(now);
  const number = makeTicketNumber(day, await repos.tickets.nextSequence(day));
  const enterpriseId = given.enterpriseId ?? null;
  const named = given.departmentId;
  if (named !== undefined && !city.departments.some(({ id }) => id === named)) throw new AppError('ticket.unknown_department', 'no such department', { status: 400, citizenText: '没有这个承办单位。' });
  const routing = named !== undefined ? { departmentId: named, assistIds: [], routeId: null, why: '坐席指定', because: [] } : routeTicket({ itemCode: given.itemCode, townId: given.townId, kind: given.ticketKind, urgency: given.urgency, place: given.place, enterprise: enterpriseId !== null, at: now, inOffice: context.clock.isOfficeOpen(now) }, city);
  const dispatched = routing.departmentId !== null;

  // Opened, accepted and dispatched in one moment: one row, as it is after all of it, and an event for each.
  const opened: Ticket = {
    id: context.newId(),
    number,
    kind: given.ticketKind,
    state: dispatched ? '待签收' : '待派',
    stateBefore: null,
    pending: null,
    itemCode: given.itemCode,
    title: [...maskText(given.title).text].slice(0, 120).join(''),
    content: maskText(given.content).text,
    townId: given.townId,
    place: given.place === null ? null : maskText(given.place).text,
    happened: given.happened === null ? null : maskText(given.happened).text,
    departmentId: routing.departmentId,
    assistIds: routing.assistIds,
    routeId: dispatched ? routing.routeId : null,
    urgency: given.urgency,
    confidential: given.confidential,
    callback: given.callback,
    citizenId: given.citizenId,
    enterpriseId,
    conversationId: given.conversationId,
    channel: given.channel,
    profileId: (enterpriseId === null ? city.deadlines : city.enterpriseDeadlines).id,
    deadlineAt: null,
    deadlineRule: null,
    holds: [],
    overdueAt: null,
    dispatchedAt: dispatched ? now : null,
    signedAt: null,
    contactedAt: null,
    finishedAt: null,
    archivedAt: null,
    result: null,
    closure: null,
    visit: null,
    urges: 0,
    returns: 0,
    extensions: 0,
    redirects: 0,
    redos: 0,
    vetoes: 0,
    supervision: 0,
    leadingId: null,
    createdAt: now,
    updatedAt: now,
    version: dispatched ? 3 : 2,
  };
  const stages = dispatched ? (['handle', 'sign', 'contact', 'return'] as const) : (['accept'] as const);
  const clocks = stages.flatMap((stage) => startedClock(context, opened, stage, now, 0) ?? []);
  const handling = clocks.find((clock) => clock.stage === 'handle');
  const ticket: Ticket = handling === undefined ? opened : { ...opened, deadlineAt: handling.dueAt, deadlineRule: ruleOf(context, opened, 'handle')?.name ?? null };

  const events: Happened[] = [
    { type: 'ticket.opened', actor: given.actor, at: now, data: { kind: ticket.kind, channel: ticket.channel } },
    { type: 'ticket.accepted', actor: { kind: 'system' }, at: now, data: {} },
  ];
  if (routing.departmentId !== null) events.push({ type: 'ticket.dispatched', actor: { kind: 'system' }, at: now, data: dispatchData(routing, city.routesVersion) });
  await repos.tickets.insert(ticket, last4, { openingKey, events });
  await repos.clocks.put(clocks);
  await tell(context, unit, ticket, events.map(({ type }, index) => ({ type, seq: index + 1 })));
  unit.after.push({ kind: 'count', name: 'ticket_opened', labels: { channel: ticket.channel, kind: ticket.kind } });
  return dispatched ? superviseItem(context, unit, ticket) : ticket;
}
