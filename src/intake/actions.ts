import { beijingText } from '../domain/clock.ts';
import type { Conversation } from '../domain/conversation.ts';
import { isAppError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { groupTicketNumber, isTicketNumber } from '../domain/ticket-number.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { ActionEffect } from '../dialog/types.ts';
import type { IntakeContext, Unit } from './context.ts';
import { addToTicket, urgeTicket } from '../tickets/additions.ts';
import { openTicket } from '../tickets/open.ts';
import { deadlineText, stateText } from '../tickets/words.ts';

export interface ActionResult {
  readonly ok: boolean;
  readonly data: JsonObject;
}

/** Wrong number-and-phone pairs one conversation may try before the query is refused; four digits are guessable. */
const MAX_CHECK_FAILURES = 3;

/** Performs one dialog action inside the turn's transaction. A refusal is a result the flow can speak about, not a throw. */
export async function performAction(context: IntakeContext, unit: Unit, conversation: Conversation, effect: ActionEffect): Promise<ActionResult> {
  switch (effect.action) {
    case 'ticket.open': {
      const ticket = await openTicket(context, unit, {
        ...effect.args,
        citizenId: conversation.citizenId,
        conversationId: conversation.id,
        channel: conversation.channel,
        actor: { kind: 'citizen' },
      });
      return { ok: true, data: describe(context, conversation, ticket) };
    }
    case 'ticket.find':
      return withChecked(context, unit, conversation, effect.args, async (ticket) => {
        const events = await unit.repos.tickets.events(ticket.id);
        const finished = events.findLast((event) => event.type === 'ticket.finished');
        const result = finished?.data['result'];
        return { ...describe(context, conversation, ticket), resultText: typeof result === 'string' ? result : '', lastEventText: beijingText(ticket.updatedAt) };
      });
    case 'ticket.supplement':
      return withChecked(context, unit, conversation, effect.args, async (ticket) => describe(context, conversation, await addToTicket(context, unit, ticket.id, effect.args.text, { kind: 'citizen' })));
    case 'ticket.urge':
      return withChecked(context, unit, conversation, effect.args, async (ticket) => describe(context, conversation, await urgeTicket(context, unit, ticket.id)));
    case 'ticket.mine': {
      const tickets = await unit.repos.tickets.byCitizen(conversation.citizenId, 5);
      return { ok: true, data: { count: tickets.length, tickets: tickets.map((ticket) => describe(context, conversation, ticket)) } };
    }
  }
}

/** Wrong digits that one ticket takes from all strangers together: a new chat is a new citizen, so counting people alone stops nobody. */
const MAX_TICKET_FAILURES = 20;
const CHECK_WINDOW_MS = 30 * 60_000;

/** Number and last four digits must both be right, unless it is the citizen's own ticket. */
async function withChecked(
  context: IntakeContext,
  unit: Unit,
  conversation: Conversation,
  args: { readonly number: string; readonly phoneLast4: string },
  then: (ticket: Ticket) => Promise<JsonObject>,
): Promise<ActionResult> {
  const { channelState } = unit.repos;
  const until = context.now() + CHECK_WINDOW_MS;
  const counted = async (key: string): Promise<number> => Number((await channelState.get('intake', key, context.now())) ?? '0');
  const key = `ticket-check:${conversation.citizenId}`;
  const failures = await counted(key);
  if (failures >= MAX_CHECK_FAILURES) return { ok: false, data: { code: 'ticket.too_many_tries' } };
  const ticket = isTicketNumber(args.number) ? await unit.repos.tickets.findByNumber(args.number) : null;
  const own = ticket !== null && ticket.citizenId === conversation.citizenId;
  const ticketKey = `ticket-check:of:${ticket?.id ?? ''}`;
  const guesses = ticket === null || own ? 0 : await counted(ticketKey);
  if (guesses >= MAX_TICKET_FAILURES) return { ok: false, data: { code: 'ticket.too_many_tries' } };
  const allowed = ticket !== null && (own || (await unit.repos.tickets.checkPhone(ticket.id, args.phoneLast4)));
  if (ticket === null || !allowed) {
    // A well-formed number that fails is a guess; a mistyped one (check digit) is not.
    if (isTicketNumber(args.number)) await channelState.put('intake', key, String(failures + 1), until);
    if (ticket !== null) await channelState.put('intake', ticketKey, String(guesses + 1), until);
    return { ok: false, data: { code: ticket === null ? 'ticket.not_found' : 'ticket.check_failed' } };
  }
  try {
    return { ok: true, data: await then(ticket) };
  } catch (error) {
    if (isAppError(error) && error.code === 'ticket.finished') return { ok: false, data: { code: error.code } };
    throw error;
  }
}

/** What flows may say about a ticket: ready-made words in the conversation's language. */
function describe(context: IntakeContext, conversation: Conversation, ticket: Ticket): JsonObject {
  const department = context.city.departments.find((candidate) => candidate.id === ticket.departmentId)?.name ?? null;
  return {
    number: ticket.number,
    numberText: groupTicketNumber(ticket.number),
    // Digit by digit, with a breath between the groups.
    numberSpoken: groupTicketNumber(ticket.number).split(' ').map((group) => [...group].join(' ')).join('，'),
    state: ticket.state,
    stateText: stateText(ticket, department, conversation.locale),
    kind: ticket.kind,
    title: ticket.title,
    department: department ?? (conversation.locale === 'en' ? 'The responsible department' : '承办单位'),
    deadlineText: promise(ticket, conversation.locale),
    openedText: beijingText(ticket.createdAt),
    lastEventText: beijingText(ticket.updatedAt),
    urges: ticket.urges,
  };
}

/** The deadline as a promise; before dispatch there is none to give. */
function promise(ticket: Ticket, locale: Conversation['locale']): string {
  const at = deadlineText(ticket);
  if (locale === 'en') return at === null ? 'it starts when a department is assigned' : `by ${at} (Beijing time)`;
  return at === null ? '派单后开始计算办理时限' : `预计在${at}前办结`;
}
