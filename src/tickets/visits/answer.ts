import { AppError } from '../../domain/errors.ts';
import type { Ticket, VisitAnswer } from '../../domain/ticket.ts';
import type { TicketsContext, TicketUnit } from '../context.ts';
import { moveTicket } from '../move.ts';
import { record, requireTicket } from '../record.ts';

/** What a citizen says of a finished ticket: confirmed, vetoed, rated, or wanted back. The moves are the citizen's own. */

const CITIZEN = { role: 'citizen', actor: { kind: 'citizen' } } as const;

export interface VisitGiven {
  readonly process: VisitAnswer['process'];
  readonly solved: boolean | null;
  /** The citizen's own words; masked before they are kept. */
  readonly reason: string | null;
  readonly channel: string;
}

/**
 * The answer of a visit-back, or a rating after it. Not solved: handled again. Solved and rated: archived as confirmed. A rating of what is
 * archived changes nothing but the rating.
 * @throws AppError `ticket.not_finished` where there is nothing to be rated yet, `ticket.answer_incomplete` when both questions are open,
 *   and what the moves throw (`ticket.follows`, `ticket.reopen_too_late`)
 */
export async function answerVisit(context: TicketsContext, unit: TicketUnit, ticketId: string, given: VisitGiven): Promise<Ticket> {
  const ticket = await requireTicket(unit, ticketId);
  const { process, solved } = given;
  const reason = given.reason === null ? {} : { reason: given.reason };
  if (ticket.state === '回访') {
    if (solved === false) {
      const vetoed = await moveTicket(context, unit, ticket.id, 'veto', { version: ticket.version, solved, ...(process === null ? {} : { process }), ...reason }, CITIZEN);
      await noteAnswer(context, unit, ticket, given);
      return vetoed;
    }
    if (solved === null || process === null) throw new AppError('ticket.answer_incomplete', 'a visit-back is answered with both questions', { status: 400, citizenText: '还需要您说问题是否解决，并给办理过程打分。' });
    const confirmed = await moveTicket(context, unit, ticket.id, 'confirm', { version: ticket.version, process, solved, ...reason }, CITIZEN);
    await noteAnswer(context, unit, ticket, given);
    return confirmed;
  }
  if (solved === false && ticket.state === '归档') return wantBack(context, unit, ticketId, given.reason ?? '市民反馈问题没有解决');
  if (process === null) throw new AppError('ticket.answer_incomplete', 'a rating needs its number', { status: 400, citizenText: '请给办理过程打1到5分。' });
  // A rating may follow a veto: the citizen has just said what they think of it.
  if (ticket.state !== '归档' && ticket.visit === null) throw new AppError('ticket.not_finished', 'what is not finished cannot be rated', { status: 409, citizenText: '这张工单还没有办结，办结后会请您评价。' });
  const visit: VisitAnswer = { process, solved: solved ?? ticket.visit?.solved ?? null };
  const now = context.now();
  const rated = await unit.repos.tickets.update(ticket.id, ticket.version, { visit, updatedAt: now });
  await record(context, unit, rated, { type: 'ticket.rated', actor: CITIZEN.actor, at: now, data: { process, ...(visit.solved === null ? {} : { solved: visit.solved }) } });
  return rated;
}

/**
 * “没解决”: a veto while the visit-back is open, a reopening after the archive.
 * @throws AppError `ticket.still_open` for one that is being handled, `ticket.reopen_too_late`, `ticket.follows`
 */
export async function wantBack(context: TicketsContext, unit: TicketUnit, ticketId: string, reason: string, channel = ''): Promise<Ticket> {
  const ticket = await requireTicket(unit, ticketId);
  if (ticket.state === '回访') return answerVisit(context, unit, ticketId, { process: null, solved: false, reason, channel });
  if (ticket.state !== '归档') throw new AppError('ticket.still_open', 'it is being handled already', { status: 409, citizenText: '这张工单还在办理中，可以催办或补充情况。' });
  return moveTicket(context, unit, ticket.id, 'reopen', { version: ticket.version, reason }, CITIZEN);
}

/** Withdrawn at the citizen's wish. @throws AppError `ticket.withdraw_too_late` when it is finished already, `ticket.follows` */
export async function withdrawTicket(context: TicketsContext, unit: TicketUnit, ticketId: string, reason: string): Promise<Ticket> {
  const ticket = await requireTicket(unit, ticketId);
  if (ticket.state === '回访' || ticket.state === '办结待审' || ticket.state === '归档') throw new AppError('ticket.withdraw_too_late', 'a finished ticket is not withdrawn', { status: 409, citizenText: '这张工单已经有办理结果，不用撤回了。' });
  return moveTicket(context, unit, ticket.id, 'withdraw', { version: ticket.version, reason }, CITIZEN);
}

/** The open attempt got its answer. One that no channel could carry was answered too, when the citizen came by themselves. */
async function noteAnswer(context: TicketsContext, unit: TicketUnit, ticket: Ticket, { process, solved, channel }: VisitGiven): Promise<void> {
  const visits = await unit.repos.ticketVisits.of(ticket.id);
  const last = visits.at(-1);
  const now = context.now();
  const open = last !== undefined && last.outcome !== 'answered' && last.answeredAt === null ? last : null;
  await unit.repos.ticketVisits.put({ ticketId: ticket.id, attempt: open?.attempt ?? visits.length + 1, channel: channel === '' ? (open?.channel ?? ticket.channel) : channel, askedAt: open?.askedAt ?? now, answeredAt: now, process, solved, outcome: 'answered' });
}
