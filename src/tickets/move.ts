import { AppError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { maskText } from '../domain/masking.ts';
import { legalMoves, moveNamed, type MoveGiven, type MoveNeed, type MoverRole, targetOf, type TicketMove } from '../domain/ticket-moves.ts';
import type { Ticket, TicketActor } from '../domain/ticket.ts';
import { freesFollower, onItsOwn, tellFollowers } from './alike/follow.ts';
import { openClocks } from './clocks.ts';
import type { TicketsContext, TicketUnit } from './context.ts';
import { effectOf } from './effects.ts';
import { record, requireTicket } from './record.ts';
import { endWithTicket, superviseCount, superviseItem } from './supervision.ts';

/** The one door for moves: whoever wants a ticket in another state comes through here. */

export interface Mover {
  readonly role: MoverRole;
  readonly actor: TicketActor;
}

export interface MoveWanted extends MoveGiven {
  /** The version that the mover has seen. */
  readonly version: number;
}

const NEED_NAMES: Readonly<Record<MoveNeed, string>> = {
  departmentId: '承办单位', assistIds: '协办单位', reason: '理由', reasonCode: '理由类别', evidence: '证明材料', result: '办理结果', amount: '延长时间', until: '挂起到何时', person: '责任人', process: '对办理过程的评价', solved: '问题是否解决',
};

/**
 * Makes one legal move: state, clocks, requests and the event, in the caller's transaction.
 * Of two who act at once the second is told of the conflict before anything else: what it may do now depends on what the first did.
 * @throws AppError `ticket.conflict` (somebody was faster), `ticket.not_yours` (another department's), `ticket.move_refused` (not legal from
 *   here or for this role), `ticket.follows` (a merged ticket moves with its leading one), `ticket.move_incomplete` (names what is
 *   missing), and those of the single moves (effects.ts)
 */
export async function moveTicket(context: TicketsContext, unit: TicketUnit, ticketId: string, moveName: string, wanted: MoveWanted, by: Mover): Promise<Ticket> {
  const stored = await requireTicket(unit, ticketId);
  if (!isTheirs(stored, by)) throw new AppError('ticket.not_yours', 'only the leading department moves a ticket', { status: 403, citizenText: '只有主办单位可以操作这张工单。' });
  await unit.repos.tickets.claim(stored.id, wanted.version);
  const move = requireLegal(stored, moveName, by);
  const given = readGiven(context, move, wanted);
  const ticket = await onItsOwn(context, unit, stored, move.name, by);
  const now = context.now();
  const clocks = await openClocks(context, unit, ticket);
  const effect = await effectOf({ context, unit, ticket, move, given, by, now, clocks });
  const state = targetOf(move, ticket);
  const moved = await unit.repos.tickets.update(ticket.id, ticket.version, { ...effect.change, state, ...(state === ticket.state ? {} : { stateBefore: effect.stateBefore ?? null }), updatedAt: now });
  await clocks.save();
  const data = { ...dataOf(given), ...effect.data };
  await record(context, unit, moved, { type: move.event, actor: by.actor, at: now, data });
  await tellFollowers(context, unit, moved, { move: move.name, event: move.event, data, at: now });
  unit.after.push({ kind: 'count', name: 'ticket_moved', labels: { move: move.name } });
  return followRules(context, unit, ticket, moved);
}

/** What a move brings about by rule: supervision of items and of what is handled again and again; the end of it with the ticket. */
async function followRules(context: TicketsContext, unit: TicketUnit, before: Ticket, moved: Ticket): Promise<Ticket> {
  if (moved.archivedAt !== null) await endWithTicket(unit, moved, moved.archivedAt);
  if (moved.redos > before.redos) return superviseCount(context, unit, moved, 'redos');
  return before.dispatchedAt === null && moved.dispatchedAt !== null ? superviseItem(context, unit, moved) : moved;
}

/** Moves that this mover may make now; the desk's buttons. */
export function movesFor(ticket: Ticket, by: Mover): readonly TicketMove[] {
  if (!isTheirs(ticket, by)) return [];
  return legalMoves(ticket, by.role).filter((move) => ticket.leadingId === null || freesFollower(move.name, by.role));
}

function requireLegal(ticket: Ticket, name: string, by: Mover): TicketMove {
  const known = moveNamed(name);
  const move = legalMoves(ticket, by.role).find((candidate) => candidate.name === name);
  if (known === null || move === undefined) {
    throw new AppError('ticket.move_refused', "this move is not legal from the ticket's state or for this role", { status: 409, retry: 'conflict', citizenText: `工单当前是“${ticket.state}”，您的角色不能做这一步，请刷新后再看。`, details: { state: ticket.state, move: known?.name ?? 'unknown' } });
  }
  return move;
}

function isTheirs(ticket: Ticket, { role, actor }: Mover): boolean {
  return role !== 'department' || (actor.kind === 'department' && ticket.departmentId !== null && actor.departmentId === ticket.departmentId);
}

/** Only what the move takes; what it needs must be there. */
function readGiven(context: TicketsContext, move: TicketMove, wanted: MoveWanted): MoveGiven {
  const missing = move.needs.filter((need) => isEmpty(wanted[need]));
  if (missing.length > 0) throw new AppError('ticket.move_incomplete', `this move needs: ${missing.join(', ')}`, { status: 400, citizenText: `还缺少：${missing.map((need) => NEED_NAMES[need]).join('、')}。`, details: { missing: missing.join(',') } });
  const given = only(wanted, new Set([...move.needs, ...move.takes]));
  const departments = [given.departmentId, ...(given.assistIds ?? [])].filter((id) => id !== undefined);
  if (departments.some((id) => !context.city.departments.some((department) => department.id === id))) throw new AppError('ticket.unknown_department', 'no such department', { status: 400, citizenText: '没有这个承办单位。' });
  return given;
}

/** What is taken of what was given, blank words left out. */
function only(wanted: MoveGiven, taken: ReadonlySet<MoveNeed>): MoveGiven {
  const has = (need: MoveNeed): boolean => taken.has(need) && !isEmpty(wanted[need]);
  return {
    ...(has('departmentId') ? { departmentId: wanted.departmentId } : {}),
    ...(has('assistIds') ? { assistIds: [...new Set(wanted.assistIds)].filter((id) => id !== wanted.departmentId) } : {}),
    ...(has('reason') ? { reason: wanted.reason } : {}),
    ...(has('reasonCode') ? { reasonCode: wanted.reasonCode } : {}),
    ...(has('evidence') ? { evidence: [...new Set(wanted.evidence)] } : {}),
    ...(has('result') ? { result: wanted.result } : {}),
    ...(has('amount') ? { amount: wanted.amount } : {}),
    ...(has('until') ? { until: wanted.until } : {}),
    ...(has('person') ? { person: wanted.person } : {}),
    ...(has('process') ? { process: wanted.process } : {}),
    ...(has('solved') ? { solved: wanted.solved } : {}),
  };
}

function isEmpty(value: MoveGiven[MoveNeed]): boolean {
  return value === undefined || (typeof value === 'string' && value.trim() === '');
}

/** What was given, as the event keeps it; words masked. */
function dataOf(given: MoveGiven): JsonObject {
  const data: Record<string, JsonObject[string]> = {};
  for (const [key, value] of Object.entries(given)) {
    if (typeof value === 'string') data[key] = key === 'reason' || key === 'result' || key === 'person' ? maskText(value).text : value;
    else if (typeof value === 'number' || typeof value === 'boolean') data[key] = value;
    else if (Array.isArray(value)) data[key] = value.map(String);
  }
  return data;
}
