import { AppError } from '../../domain/errors.ts';
import { maskText } from '../../domain/masking.ts';
import type { Ticket, TicketActor } from '../../domain/ticket.ts';
import { isOpen } from '../../domain/ticket-moves.ts';
import type { Storm } from '../../store/contract.ts';
import type { TicketsContext, TicketUnit } from '../context.ts';
import { record } from '../record.ts';
import { ALIKE_KINDS, enqueueAlike, followersLane } from './context.ts';

/** The three keys of a storm: merge all, answer once, end it. Each is one small transaction; the bus does the many. */

/** @throws AppError `storm.not_found`, `storm.over` */
async function requireStorm(unit: TicketUnit, stormId: string): Promise<Storm> {
  const storm = await unit.repos.storms.get(stormId);
  if (storm === null) throw new AppError('storm.not_found', 'no such storm', { status: 404, citizenText: '没有这个集中诉求。' });
  if (storm.state === 'over') throw new AppError('storm.over', 'this storm is over', { status: 409, retry: 'conflict', citizenText: '这个集中诉求已经结束。' });
  return storm;
}

/**
 * All its tickets that can be merged will follow one ticket: the storm's leading one, unless another of it is named.
 * @throws AppError `storm.no_leader`, `storm.leader_elsewhere`
 */
export async function mergeStorm(context: TicketsContext, unit: TicketUnit, given: { readonly stormId: string; readonly leadingId?: string | undefined; readonly seatId: string }): Promise<Storm> {
  const storm = await requireStorm(unit, given.stormId);
  const named = given.leadingId ?? storm.leadingId;
  const leading = named === null ? null : await unit.repos.tickets.get(named);
  if (leading === null || !isOpen(leading.state)) throw new AppError('storm.no_leader', 'an open ticket has to lead', { status: 409, citizenText: '请先选一张未办结的工单作主单。' });
  if (given.leadingId !== undefined && !(await unit.repos.storms.holding([given.leadingId])).some(({ stormId }) => stormId === storm.id)) throw new AppError('storm.leader_elsewhere', 'the leading ticket is one of the storm', { status: 409, citizenText: '主单须是这个集中诉求中的工单。' });
  const leadingId = leading.leadingId ?? leading.id;
  const kept = { ...storm, leadingId };
  await unit.repos.storms.put(kept);
  await enqueueAlike(context, unit, followersLane(leadingId), ALIKE_KINDS.storm, { stormId: storm.id, leadingId, do: 'merge', seatId: given.seatId });
  await unit.repos.trail.append({ at: context.now(), actor: `seat:${given.seatId}`, action: 'storm.merged', subject: `storm:${storm.id}`, purpose: null });
  return kept;
}

/** One answer for everybody: each of its tickets gets it as an event now, and those that come later when they come. */
export async function answerStorm(context: TicketsContext, unit: TicketUnit, given: { readonly stormId: string; readonly text: string; readonly seatId: string }): Promise<Storm> {
  const storm = await requireStorm(unit, given.stormId);
  const answered: Storm = { ...storm, state: 'answered', answer: maskText(given.text).text };
  await unit.repos.storms.put(answered);
  await enqueueAlike(context, unit, `storm:${storm.id}`, ALIKE_KINDS.storm, { stormId: storm.id, leadingId: storm.leadingId ?? '', do: 'answer', seatId: given.seatId });
  await unit.repos.trail.append({ at: context.now(), actor: `seat:${given.seatId}`, action: 'storm.answered', subject: `storm:${storm.id}`, purpose: null });
  return answered;
}

export async function endStorm(context: TicketsContext, unit: TicketUnit, given: { readonly stormId: string; readonly seatId: string | null }): Promise<Storm> {
  const storm = await requireStorm(unit, given.stormId);
  const over: Storm = { ...storm, state: 'over' };
  await unit.repos.storms.put(over);
  if (given.seatId !== null) await unit.repos.trail.append({ at: context.now(), actor: `seat:${given.seatId}`, action: 'storm.ended', subject: `storm:${storm.id}`, purpose: null });
  return over;
}

/** The storm's answer on one of its tickets, as an event that its citizen is told by. */
export async function tellAnswer(context: TicketsContext, unit: TicketUnit, storm: Storm, ticket: Ticket, actor: TicketActor): Promise<void> {
  if (!isOpen(ticket.state) || storm.answer === null) return;
  await record(context, unit, ticket, { type: 'ticket.leader_moved', actor, at: context.now(), data: { stormId: storm.id, move: 'answer_storm', state: ticket.state, answer: storm.answer, ...(storm.leadingId === null ? {} : { leadingId: storm.leadingId }) } });
}
