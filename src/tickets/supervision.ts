import type { EpochMs } from '../domain/activity.ts';
import { AppError } from '../domain/errors.ts';
import { maskText } from '../domain/masking.ts';
import { isOpen, type MoverRole } from '../domain/ticket-moves.ts';
import type { SupervisionLevel, Ticket, TicketActor } from '../domain/ticket.ts';
import type { Supervision } from '../store/contract.ts';
import type { TicketsContext, TicketUnit } from './context.ts';
import { record, requireTicket } from './record.ts';

/**
 * 督办: a level, the words of who raised it, the responsible unit and person, and when the unit reports. Raised by a person or by a
 * rule of config/tickets.yaml. What was said stays on the ticket as an event; the mark beside the state is the highest level that runs.
 */

export type SupervisionCause = 'person' | 'overdue' | 'item' | 'urges' | 'repetition';

export interface SupervisionGiven {
  readonly level: 1 | 2 | 3;
  readonly cause: SupervisionCause;
  readonly words: string;
  /** Responsible person, by office; null: not named. */
  readonly person: string | null;
  readonly actor: TicketActor;
}

const JUDGES: readonly MoverRole[] = ['supervisor', 'administrator'];
const LABELS: Readonly<Record<1 | 2 | 3, string>> = { 1: '督促', 2: '重点督办', 3: '挂牌督办' };

/** `挂牌督办`. */
export function supervisionLabel(level: 1 | 2 | 3): string {
  return LABELS[level];
}

/** @throws AppError `ticket.supervision_refused`: only supervisors and administrators raise and end it */
export function requireSupervisor(role: MoverRole): void {
  if (!JUDGES.includes(role)) throw new AppError('ticket.supervision_refused', 'supervisors supervise', { status: 403, citizenText: '只有班长和管理员可以督办。' });
}

/**
 * Raises a supervision of an open ticket, whoever does.
 * @throws AppError `ticket.finished` (archived), `ticket.conflict`
 */
export async function superviseTicket(context: TicketsContext, unit: TicketUnit, ticket: Ticket, given: SupervisionGiven): Promise<{ readonly ticket: Ticket; readonly supervision: Supervision }> {
  if (!isOpen(ticket.state)) throw new AppError('ticket.finished', 'a finished ticket is not supervised', { status: 409, citizenText: '这张工单已经归档，不能再督办。' });
  const now = context.now();
  const supervision: Supervision = {
    id: context.newId(), ticketId: ticket.id, level: given.level, cause: given.cause, departmentId: ticket.departmentId, person: given.person === null ? null : maskText(given.person).text,
    words: maskText(given.words).text, dueAt: context.clock.due(now, context.city.ticketRules.supervision.report), createdBy: actorName(given.actor), createdAt: now, endedAt: null, outcome: null,
  };
  const updated = await unit.repos.tickets.update(ticket.id, ticket.version, { supervision: higher(ticket.supervision, given.level), updatedAt: now });
  await unit.repos.supervisions.insert(supervision);
  const { id, level, cause, departmentId, person, words, dueAt } = supervision;
  await record(context, unit, updated, { type: 'ticket.supervised', actor: given.actor, at: now, data: { supervisionId: id, level, cause, departmentId, person, words, dueAt } });
  return { ticket: updated, supervision };
}

/** By rule: only where it is more than what runs already, so that a rule speaks once. */
export async function superviseByRule(context: TicketsContext, unit: TicketUnit, ticket: Ticket, given: Omit<SupervisionGiven, 'actor'>): Promise<Ticket> {
  if (given.level <= ticket.supervision || !isOpen(ticket.state)) return ticket;
  return (await superviseTicket(context, unit, ticket, { ...given, actor: { kind: 'system' } })).ticket;
}

/** Items that are supervised from the first dispatch on. */
export async function superviseItem(context: TicketsContext, unit: TicketUnit, ticket: Ticket): Promise<Ticket> {
  const rule = context.city.ticketRules.supervision.items.find(({ item }) => matchesItem(item, ticket.itemCode));
  if (rule === undefined) return ticket;
  return superviseByRule(context, unit, ticket, { level: rule.level, cause: 'item', person: null, words: `事项须${LABELS[rule.level]}：自派单起由承办单位负责人跟进并按时报告。` });
}

/** After so many 催办 or 重办. */
export async function superviseCount(context: TicketsContext, unit: TicketUnit, ticket: Ticket, kind: 'urges' | 'redos'): Promise<Ticket> {
  const count = ticket[kind];
  const reached = context.city.ticketRules.supervision[kind].filter((rule) => count >= rule.count).toSorted((left, right) => left.level - right.level).at(-1);
  if (reached === undefined) return ticket;
  const words = kind === 'urges' ? `市民已催办${count}次，请承办单位说明进展。` : `工单已重办${count}次，请承办单位说明原因和整改安排。`;
  return superviseByRule(context, unit, ticket, { level: reached.level, cause: kind === 'urges' ? 'urges' : 'repetition', person: null, words });
}

/**
 * Ends one with its outcome; the mark falls to the highest level that still runs.
 * @throws AppError `supervision.not_found`, `supervision.ended`
 */
export async function endSupervision(context: TicketsContext, unit: TicketUnit, id: string, outcome: string, actor: TicketActor): Promise<{ readonly ticket: Ticket; readonly supervision: Supervision }> {
  const found = await unit.repos.supervisions.get(id);
  if (found === null) throw new AppError('supervision.not_found', 'no such supervision', { status: 404, citizenText: '没有找到这条督办。' });
  const stored = await requireTicket(unit, found.ticketId);
  // From here on nobody else ends it: read again what may have changed before.
  const ticket = await unit.repos.tickets.claim(stored.id, stored.version);
  const all = await unit.repos.supervisions.of(ticket.id);
  if (all.find((one) => one.id === id)?.endedAt !== null) throw new AppError('supervision.ended', 'it has ended already', { status: 409, retry: 'conflict', citizenText: '这条督办已经结束。' });
  const now = context.now();
  const said = maskText(outcome).text;
  await unit.repos.supervisions.end(id, { endedAt: now, outcome: said });
  const running = all.filter((one) => one.id !== id && one.endedAt === null);
  const updated = await unit.repos.tickets.update(ticket.id, ticket.version, { supervision: running.reduce<SupervisionLevel>((level, one) => higher(level, one.level), 0), updatedAt: now });
  await record(context, unit, updated, { type: 'ticket.supervision_ended', actor, at: now, data: { supervisionId: id, level: found.level, outcome: said } });
  return { ticket: updated, supervision: { ...found, endedAt: now, outcome: said } };
}

/** The ticket is archived: what still runs ends with it. The mark stays, as the record of how it went. */
export async function endWithTicket(unit: TicketUnit, ticket: Ticket, at: EpochMs): Promise<void> {
  if (ticket.supervision === 0) return;
  for (const one of await unit.repos.supervisions.of(ticket.id)) if (one.endedAt === null) await unit.repos.supervisions.end(one.id, { endedAt: at, outcome: '工单已归档' });
}

/** `utility.` stands for all that begin so. */
export function matchesItem(rule: string, itemCode: string | null): boolean {
  return itemCode !== null && (rule.endsWith('.') ? itemCode.startsWith(rule) : itemCode === rule);
}

function higher(left: SupervisionLevel, right: SupervisionLevel): SupervisionLevel {
  return left > right ? left : right;
}

function actorName(actor: TicketActor): string {
  return actor.kind === 'seat' ? `seat:${actor.seatId}` : actor.kind;
}
