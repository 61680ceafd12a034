import { isOpen, type MoveName } from '../domain/ticket-moves.ts';
import type { Ticket, TicketActor } from '../domain/ticket.ts';
import type { LinkageLink } from '../store/contract.ts';
import type { TicketUnit } from '../tickets/context.ts';
import { moveTicket, type Mover, movesFor } from '../tickets/move.ts';
import type { LinkageContext } from './context.ts';
import type { Profile } from './profile.ts';
import type { ExchangeRecord } from './record.ts';

/**
 * What the end of a matter elsewhere does to our ticket. The other side moves nothing that the table of moves (src/domain/ticket-moves.ts) does not
 * give it: its result is what our department finishes with, and the visit-back asks the citizen. What stood still because of the other side runs again.
 */

/** Reason of config/tickets.yaml under which a ticket may be held while another side has the matter. */
export const HELD_FOR_LINKAGE = 'waiting_linkage';

export interface CameBack {
  readonly profile: Pick<Profile, 'id' | 'name'>;
  readonly link: LinkageLink;
  readonly ticket: Ticket;
  readonly how: 'result' | 'refusal';
  /** Their words; empty: none. */
  readonly said: string;
}

/** A feedback with a result in it is a result, whatever they call it. */
export function isFinished({ kind, result }: Pick<ExchangeRecord, 'kind' | 'result'>): boolean {
  return kind === 'result' || (kind === 'feedback' && (result?.reply !== undefined || result?.handledAt !== undefined || result?.archivedAt !== undefined));
}

/** @returns who goes on with it, in words for the timeline */
export async function comeBack(context: LinkageContext, unit: TicketUnit, given: CameBack): Promise<string> {
  const { profile, link, ticket, how, said } = given;
  if (link.direction !== 'out') return how === 'refusal' ? '由本热线办理' : '请核实后办结并答复市民';
  const again = link.state !== 'open' && link.state !== 'accepted';
  const reason = `${profile.name}${how === 'refusal' ? '不予接收' : '已反馈办理结果'}${said === '' ? '' : `：${said}`}`;
  const moved = again ? ticket : (await waitsForThem(unit, ticket, link))
    ? await tryMove(context, unit, ticket, 'resume', reason, { role: 'system', actor: { kind: 'system' } })
    : how === 'refusal' && closedForThem(ticket)
      ? await tryMove(context, unit, ticket, 'reopen', reason, { role: 'partner', actor: partner(profile) })
      : ticket;
  return how === 'refusal' ? afterRefusal(moved, moved !== ticket) : afterResult(moved, moved !== ticket);
}

const partner = ({ id }: Pick<Profile, 'id'>): TicketActor => ({ kind: 'partner', partnerId: id });

/** Held for their sake, and nobody else has it still. */
async function waitsForThem({ repos }: TicketUnit, ticket: Ticket, link: LinkageLink): Promise<boolean> {
  if (ticket.state !== '挂起') return false;
  const hold = (await repos.requests.of(ticket.id)).filter(({ kind, state }) => kind === 'hold' && state === 'upheld').toSorted((left, right) => left.askedAt - right.askedAt).at(-1);
  if (hold?.reasonCode !== HELD_FOR_LINKAGE) return false;
  const others = await repos.linkage.linksOfTicket(ticket.id);
  return !others.some(({ id, direction, state }) => id !== link.id && direction === 'out' && (state === 'open' || state === 'accepted'));
}

/** Answered or not taken because it was theirs: the ground for that is gone. What a citizen confirmed or took back stays closed. */
const closedForThem = ({ state, closure }: Ticket): boolean => state === '归档' && (closure === 'answered_at_once' || closure === 'not_taken');

/** Makes it where the table and the times allow it; else the ticket stays as it is, and a person reads why on its timeline. */
async function tryMove(context: LinkageContext, unit: TicketUnit, ticket: Ticket, name: MoveName, reason: string, by: Mover): Promise<Ticket> {
  if (!movesFor(ticket, by).some((move) => move.name === name)) return ticket;
  if (name === 'reopen' && ticket.archivedAt !== null && context.now() > context.clock.due(ticket.archivedAt, context.city.ticketRules.visit.reopenWithin)) return ticket;
  return moveTicket(context, unit, ticket.id, name, { version: ticket.version, reason }, by);
}

function afterRefusal(ticket: Ticket, moved: boolean): string {
  if (!isOpen(ticket.state)) return '本热线的工单已经归档，请核对答复是否属实，需要时重新办理';
  const first = '协商不成，按首接负责由本热线继续办理';
  if (moved) return `${first}：工单已${ticket.state === '待派' ? '退回派单员，重新计时' : '恢复办理，恢复计时'}`;
  return ticket.departmentId === null ? `${first}：请派单员派单，期限一直在走` : `${first}：由承办单位继续办理，期限一直在走`;
}

function afterResult(ticket: Ticket, moved: boolean): string {
  switch (ticket.state) {
    case '受理':
    case '待派':
      return '请核实后派单办结，或直接答复市民';
    case '回访':
      return '供回访核对';
    case '归档':
      return '本热线的工单已经归档，请核对答复是否一致';
    default:
      return `${moved ? '工单已恢复办理，恢复计时；' : ''}请承办单位核实后以此办结，再由本热线审核、回访市民`;
  }
}
