import { beijingText } from '../domain/clock.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { JsonObject } from '../domain/json.ts';
import { groupTicketNumber } from '../domain/ticket-number.ts';
import { isOpen, legalMoves } from '../domain/ticket-moves.ts';
import type { Ticket } from '../domain/ticket.ts';
import { progressOf } from '../tickets/notices/progress.ts';
import { shortTime } from '../tickets/notices/quiet.ts';
import { shortTitle } from '../tickets/notices/words.ts';
import { deadlineText, stateText } from '../tickets/words.ts';
import type { IntakeContext, Unit } from './context.ts';

/** What flows may say about a ticket: ready-made words in the conversation's language. No personal data. */
export function describe(context: IntakeContext, conversation: Conversation, ticket: Ticket): JsonObject {
  const department = departmentName(context, ticket);
  const numberText = groupTicketNumber(ticket.number);
  const moves = ticket.leadingId === null ? legalMoves({ state: ticket.state, pending: ticket.pending }, 'citizen').map(({ name }) => name) : [];
  return {
    number: ticket.number,
    numberText,
    // Digit by digit, with a breath between the groups.
    numberSpoken: numberText.split(' ').map((group) => [...group].join(' ')).join('，'),
    state: ticket.state,
    stateText: stateText(ticket, department, conversation.locale),
    kind: ticket.kind,
    title: shortTitle(ticket),
    department: department ?? (conversation.locale === 'en' ? 'The responsible department' : '承办单位'),
    deadlineText: promise(ticket, conversation.locale),
    openedText: beijingText(ticket.createdAt),
    lastEventText: beijingText(ticket.updatedAt),
    urges: ticket.urges,
    // Flows put the full stop.
    resultText: (ticket.result ?? '').replace(/[。.\s]+$/, ''),
    open: isOpen(ticket.state),
    merged: ticket.leadingId !== null,
    canUrge: isOpen(ticket.state) && ticket.state !== '回访' && ticket.state !== '办结待审',
    canWithdraw: moves.includes('withdraw'),
    canReopen: moves.includes('reopen') && ticket.closure !== 'withdrawn' && ticket.closure !== 'not_taken',
    canRate: ticket.state === '回访' || (ticket.state === '归档' && ticket.visit === null && (ticket.closure === 'unreached' || ticket.closure === 'answered_at_once')),
  };
}

/** The same with where it stands in plain words; reads the ticket's history. */
export async function describeProgress(context: IntakeContext, unit: Unit, conversation: Conversation, ticket: Ticket): Promise<JsonObject> {
  const events = await unit.repos.tickets.events(ticket.id);
  const leader = ticket.leadingId === null ? null : await unit.repos.tickets.get(ticket.leadingId);
  const leading = leader === null ? null : { ticket: leader, department: departmentName(context, leader) };
  const { text, voice } = progressOf({ ticket, events, department: departmentName(context, ticket), leading, now: context.now(), locale: conversation.locale });
  return { ...describe(context, conversation, ticket), progressText: text, progressVoice: voice };
}

export function departmentName({ city }: Pick<IntakeContext, 'city'>, ticket: Pick<Ticket, 'departmentId'>): string | null {
  return city.departments.find((candidate) => candidate.id === ticket.departmentId)?.name ?? null;
}

/** The deadline as a promise; before dispatch there is none to give, and what ran out is called so. */
function promise(ticket: Ticket, locale: Conversation['locale']): string {
  const at = deadlineText(ticket);
  const english = locale === 'en';
  if (at === null || !isOpen(ticket.state)) return !isOpen(ticket.state) ? (english ? 'it is finished' : '已经办结') : ticket.state === '挂起' ? (english ? 'it is on hold' : '暂缓期间不计时限') : english ? 'it starts when a department is assigned' : '派单后开始计算办理时限';
  return english && ticket.deadlineAt !== null ? `by ${shortTime(ticket.deadlineAt, locale)} (Beijing time)` : `预计在${at}前办结`;
}
