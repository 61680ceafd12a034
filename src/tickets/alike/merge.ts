import { AppError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import { HANDLING_STATES, type Ticket, type TicketActor, type TicketState } from '../../domain/ticket.ts';
import type { TicketsContext, TicketUnit } from '../context.ts';
import { record, requireTicket } from '../record.ts';
import { standClocks } from './clocks-stand.ts';
import { ALIKE_KINDS, enqueueAlike, followersLane } from './context.ts';
import { actorText } from '../actor-text.ts';
import { part } from './follow.ts';

/** Merging (并单) and un-merging, by a person; nothing here decides by itself. */

/** Of a ticket that is to follow: what is asked for, held or finished is settled first. */
const MAY_FOLLOW: readonly TicketState[] = ['受理', '待派', '待签收', ...HANDLING_STATES];
/** Of one that is to lead: its result is not told yet. */
const MAY_LEAD: readonly TicketState[] = [...MAY_FOLLOW, '退单待审', '延期待审', '挂起', '办结待审'];

const REFUSALS = {
  'ticket.merge_self': ['a ticket does not follow itself', '不能把工单并入它自己。'],
  'ticket.merge_finished': ['only open tickets are merged', '已办结、回访中或归档的工单不能合并。'],
  'ticket.merge_unsettled': ['a request or a hold is settled before merging', '有待审申请或已挂起的工单须先处理，再合并。'],
  'ticket.merge_confidential': ['confidential tickets are merged among themselves only', '保密工单只能与保密工单合并。'],
  'ticket.merge_follows': ['it follows another ticket already', '这张工单已并入其他工单，请先拆分。'],
} as const;
export type MergeRefusal = keyof typeof REFUSALS;

type Standing = Pick<Ticket, 'id' | 'state' | 'pending' | 'confidential' | 'leadingId'>;

/** Why the one cannot follow the other; null: it can. Pure. */
export function whyNotMerge(ticket: Standing, leading: Standing): MergeRefusal | null {
  if (ticket.id === leading.id) return 'ticket.merge_self';
  if (ticket.leadingId !== null || leading.leadingId !== null) return 'ticket.merge_follows';
  if (!MAY_LEAD.includes(leading.state) || ticket.state === '归档' || ticket.state === '回访' || ticket.state === '办结待审') return 'ticket.merge_finished';
  if (!MAY_FOLLOW.includes(ticket.state) || ticket.pending !== null) return 'ticket.merge_unsettled';
  // What the leading one's citizen learns, all learn.
  return ticket.confidential === leading.confidential ? null : 'ticket.merge_confidential';
}

export interface MergeWanted {
  readonly ticketId: string;
  /** The ticket to follow; when that one follows another, the one that leads both. */
  readonly leadingId: string;
  /** The version of the follower that the actor has seen. */
  readonly version: number;
  readonly actor: TicketActor;
}

/**
 * Has one ticket follow another, in the caller's transaction: its clocks stand, both get an event, what followed it follows the
 * new leading ticket (by the bus).
 * @throws AppError `ticket.conflict`, or the refusals of `whyNotMerge`
 */
export async function mergeTicket(context: TicketsContext, unit: TicketUnit, { ticketId, leadingId, version, actor }: MergeWanted): Promise<Ticket> {
  const asked = await requireTicket(unit, ticketId);
  const named = await requireTicket(unit, leadingId);
  const wanted = named.leadingId === null ? named : await requireTicket(unit, named.leadingId);
  if (asked.version === version) refuseUnlessMergeable(asked, wanted);
  // The event holds the leading ticket's row until the commit: it cannot be archived meanwhile without hearing of this follower. The
  // leading one is held first, as where a whole storm is merged, so that the two never wait for each other.
  await record(context, unit, wanted, { type: 'ticket.follower_merged', actor, at: context.now(), data: { ticketId: asked.id, number: asked.number } });
  const leading = await requireTicket(unit, wanted.id);
  const ticket = await unit.repos.tickets.claim(asked.id, version);
  refuseUnlessMergeable(ticket, leading);
  return follow(context, unit, ticket, leading, actor);
}

/** Makes it a follower; the checks are the caller's. */
export async function follow(context: TicketsContext, unit: TicketUnit, ticket: Ticket, leading: Ticket, actor: TicketActor, data: JsonObject = {}): Promise<Ticket> {
  const now = context.now();
  const clocks = await standClocks(context, unit, ticket, now);
  const merged = await unit.repos.tickets.update(ticket.id, ticket.version, { ...clocks, leadingId: leading.id, updatedAt: now });
  await record(context, unit, merged, { type: 'ticket.merged', actor, at: now, data: { leadingId: leading.id, number: leading.number, ...data } });
  await unit.repos.alikeProposals.decide(ticket.id, leading.id, 'merged', actorText(actor), now);
  if (await unit.repos.alikeTickets.leads(ticket.id)) await enqueueAlike(context, unit, followersLane(leading.id), ALIKE_KINDS.relink, { fromId: ticket.id, toId: leading.id });
  unit.after.push({ kind: 'count', name: 'ticket_moved', labels: { move: 'merge' } });
  return merged;
}

/**
 * Has a follower stand on its own again; its clocks go on with what was left.
 * @throws AppError `ticket.conflict`, `ticket.follows_nobody`, `ticket.merge_finished` (archived with its leading ticket: it is reopened)
 */
export async function unmergeTicket(context: TicketsContext, unit: TicketUnit, { ticketId, version, actor }: Omit<MergeWanted, 'leadingId'>): Promise<Ticket> {
  const ticket = await requireTicket(unit, ticketId);
  await unit.repos.tickets.claim(ticket.id, version);
  if (ticket.archivedAt !== null && ticket.leadingId !== null) throw new AppError('ticket.merge_finished', 'what was archived with its leading ticket is reopened, not un-merged', { status: 409, citizenText: '这张工单已随主单归档，请用“重新办理”。' });
  const free = await part(context, unit, ticket, 'unmerged', actor);
  unit.after.push({ kind: 'count', name: 'ticket_moved', labels: { move: 'unmerge' } });
  return free;
}

function refuseUnlessMergeable(ticket: Ticket, leading: Ticket): void {
  const refusal = whyNotMerge(ticket, leading);
  if (refusal !== null) throw new AppError(refusal, REFUSALS[refusal][0], { status: 409, citizenText: REFUSALS[refusal][1] });
}
