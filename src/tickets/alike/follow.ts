import type { EpochMs } from '../../domain/activity.ts';
import { AppError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { MoveName, MoverRole } from '../../domain/ticket-moves.ts';
import type { Ticket, TicketActor, TicketEventType } from '../../domain/ticket.ts';
import type { TicketsContext, TicketUnit } from '../context.ts';
import { actorText } from '../actor-text.ts';
import { record, requireTicket } from '../record.ts';
import { continueClocks } from './clocks-stand.ts';
import { ALIKE_KINDS, enqueueAlike, followersLane } from './context.ts';

/** Leading and following (并单) as moves see it: a follower does not move, except to stand on its own; a leader's moves are told to all. */

/** Why a ticket follows no longer. */
export type PartingReason = 'unmerged' | 'veto' | 'withdrawn' | 'takes_over';

/** Moves that a follower may make: they take it away from its leading ticket first. */
export function freesFollower(move: MoveName, role: MoverRole): boolean {
  return move === 'reopen' || (move === 'withdraw' && (role === 'citizen' || role === 'partner'));
}

/**
 * The ticket as its move may take it: a follower is taken from its leading ticket when its citizen vetoes or withdraws.
 * @throws AppError `ticket.follows`
 */
export async function onItsOwn(context: TicketsContext, unit: TicketUnit, ticket: Ticket, move: MoveName, by: { readonly role: MoverRole; readonly actor: TicketActor }): Promise<Ticket> {
  if (ticket.leadingId === null) return ticket;
  if (freesFollower(move, by.role)) return part(context, unit, ticket, move === 'reopen' ? 'veto' : 'withdrawn', by.actor);
  throw new AppError('ticket.follows', 'a merged ticket moves with its leading one', { status: 409, citizenText: '这张工单已并入主单，请在主单上操作，或先拆分。', details: { leadingId: ticket.leadingId } });
}

/** Takes a follower from its leading ticket; its clocks go on with what was left. Both get an event. */
export async function part(context: TicketsContext, unit: TicketUnit, ticket: Ticket, why: PartingReason, actor: TicketActor): Promise<Ticket> {
  const { leadingId } = ticket;
  if (leadingId === null) throw new AppError('ticket.follows_nobody', 'this ticket follows no other', { status: 409, retry: 'conflict', citizenText: '这张工单没有并入其他工单，请刷新后再看。' });
  const now = context.now();
  const leading = await requireTicket(unit, leadingId);
  const clocks = ticket.archivedAt === null ? await continueClocks(context, unit, ticket, now) : {};
  const free = await unit.repos.tickets.update(ticket.id, ticket.version, { ...clocks, leadingId: null, updatedAt: now });
  await record(context, unit, free, { type: 'ticket.unmerged', actor, at: now, data: { leadingId, number: leading.number, why } });
  await record(context, unit, leading, { type: 'ticket.follower_unmerged', actor, at: now, data: { ticketId: ticket.id, number: ticket.number, why } });
  // Nobody shall propose the same pair again; who takes over has not been found to be another matter.
  if (why === 'unmerged' || why === 'veto') await unit.repos.alikeProposals.decide(ticket.id, leadingId, 'refused', actorText(actor), now);
  return free;
}

export interface LeaderMoved {
  readonly move: MoveName;
  readonly event: TicketEventType;
  readonly data: JsonObject;
  readonly at: EpochMs;
}

/** Has every follower hear of the move, by the bus: there may be thousands. Costs one look into an index when nobody follows. */
export async function tellFollowers(context: TicketsContext, unit: TicketUnit, leading: Ticket, { move, event, data, at }: LeaderMoved): Promise<void> {
  if (!(await unit.repos.alikeTickets.leads(leading.id))) return;
  const { reason } = data;
  await enqueueAlike(context, unit, followersLane(leading.id), ALIKE_KINDS.followers, {
    leadingId: leading.id, number: leading.number, move, event, state: leading.state, closure: leading.closure, result: leading.result, at, ...(typeof reason === 'string' && event === 'ticket.refused' ? { reason } : {}),
  });
}
