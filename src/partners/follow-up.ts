import { MINUTE } from '../domain/clock.ts';
import { AppError } from '../domain/errors.ts';
import { maskText } from '../domain/masking.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { Partner } from '../store/contract.ts';
import { addToTicket, urgeTicket } from '../tickets/additions.ts';
import type { TicketsContext, TicketUnit } from '../tickets/context.ts';
import { moveTicket } from '../tickets/move.ts';
import type { Fields } from './fields.ts';
import { requireOwn } from './requests.ts';

/** What a partner does to a ticket that it sent, for its citizen. A repeat of what was just done answers like the first time. */
export const FOLLOW_UPS = ['supplement', 'urge', 'withdraw', 'rate', 'reopen'] as const;
export type FollowUp = (typeof FOLLOW_UPS)[number];

const MAX_TEXT = 2_000;
const REPEAT_MS = 10 * MINUTE;
type Score = 1 | 2 | 3 | 4 | 5;
const SCORES: readonly Score[] = [1, 2, 3, 4, 5];

/**
 * @throws AppError `partner.request_not_found`, `partner.not_own`, `partner.field_needed`, and those of moving and urging
 */
export async function followUp(context: TicketsContext, unit: TicketUnit, partner: Partner, number: string, action: FollowUp, fields: Fields): Promise<Ticket> {
  const ticket = await requireOwn(unit.repos, partner, number);
  const actor = { kind: 'partner', partnerId: partner.id } as const;
  const move = (name: string, given: object, role: 'partner' | 'citizen'): Promise<Ticket> => moveTicket(context, unit, ticket.id, name, { version: ticket.version, ...given }, { role, actor });
  switch (action) {
    case 'supplement': {
      const text = needText(fields, 'description');
      const masked = maskText(text).text;
      const since = context.now() - REPEAT_MS;
      const said = (await unit.repos.tickets.events(ticket.id)).some((event) => event.at > since && event.actor.kind === 'partner' && event.actor.partnerId === partner.id && event.data['text'] === masked);
      return said ? ticket : addToTicket(context, unit, ticket.id, text, actor);
    }
    case 'urge':
      return urgeTicket(context, unit, ticket.id);
    case 'withdraw':
      return ticket.closure === 'withdrawn' ? ticket : move('withdraw', { reason: needText(fields, 'description') }, 'partner');
    case 'reopen':
      return move('reopen', { reason: needText(fields, 'description') }, 'partner');
    case 'rate': {
      const process = SCORES.find((score) => String(score) === fields.one('process'));
      const solved = fields.one('solved');
      if (solved !== 'yes' && solved !== 'no') throw needed('solved：须为 yes 或 no');
      if (fields.one('process') !== null && process === undefined) throw needed('process：须为 1 到 5');
      const answer = { solved: solved === 'yes', process: process ?? null };
      // The move is over; what was answered stands on the ticket.
      if (ticket.visit !== null && ticket.state !== '回访' && ticket.visit.solved === answer.solved && ticket.visit.process === answer.process) return ticket;
      const reason = fields.one('description');
      return move(answer.solved ? 'confirm' : 'veto', { solved: answer.solved, ...(process === undefined ? {} : { process }), ...(reason === null ? {} : { reason: cut(reason) }) }, 'citizen');
    }
  }
}

function needText(fields: Fields, name: string): string {
  const text = fields.one(name);
  if (text === null) throw needed(`${name}：必填`);
  if ([...text].length > MAX_TEXT) throw needed(`${name}：最长 ${MAX_TEXT} 字`);
  return text;
}

const cut = (text: string): string => [...text].slice(0, MAX_TEXT).join('');

function needed(text: string): AppError {
  return new AppError('partner.field_needed', 'a field is missing or wrong', { status: 400, citizenText: text });
}
