import type { Conversation } from '../domain/conversation.ts';
import { isAppError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { isTicketNumber } from '../domain/ticket-number.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { ActionEffect } from '../dialog/types.ts';
import { performCallAction } from './call-actions.ts';
import type { IntakeContext, Unit } from './context.ts';
import { describe, describeProgress } from './describe.ts';
import { openedInStorm } from './storm/hear.ts';
import type { StormSaid } from './storm/words.ts';
import { keepSent } from './ticket-files.ts';
import { addToTicket, urgeTicket } from '../tickets/additions.ts';
import { openTicket } from '../tickets/open.ts';
import { answerVisit, wantBack, withdrawTicket } from '../tickets/visits/answer.ts';

export interface ActionResult {
  readonly ok: boolean;
  readonly data: JsonObject;
  /** Said after the flow's own words. */
  readonly besides?: readonly StormSaid[];
}

/** Wrong number-and-phone pairs one conversation may try before the query is refused; four digits are guessable. */
const MAX_CHECK_FAILURES = 3;

/**
 * Performs one dialog action inside the turn's transaction. A refusal is a result the flow can speak about, not a throw.
 * @param keys pressed in this turn, as they were
 */
export async function performAction(context: IntakeContext, unit: Unit, conversation: Conversation, effect: ActionEffect, keys: string | null = null): Promise<ActionResult> {
  switch (effect.action) {
    case 'call.about':
    case 'call.note':
    case 'call.answer':
    case 'call.stop':
      return performCallAction(context, unit, conversation, effect, keys);
    case 'ticket.open': {
      const ticket = await openTicket(context, unit, {
        ...effect.args,
        // Named by a flow, which knows nothing of the catalogue in force.
        itemCode: context.city.items.some(({ code }) => code === effect.args.itemCode) ? effect.args.itemCode : null,
        citizenId: conversation.citizenId,
        enterpriseId: conversation.enterpriseId,
        conversationId: conversation.id,
        channel: conversation.channel,
        actor: { kind: 'citizen' },
      });
      await keepSent(context, unit, conversation, ticket);
      return { ok: true, data: describe(context, conversation, ticket), besides: await openedInStorm(context, unit, conversation, ticket) };
    }
    case 'ticket.find':
      return withChecked(context, unit, conversation, effect.args, (ticket) => describeProgress(context, unit, conversation, ticket));
    case 'ticket.supplement':
      return withChecked(context, unit, conversation, effect.args, async (ticket) => {
        const updated = await addToTicket(context, unit, ticket.id, effect.args.text, { kind: 'citizen' });
        return { ...describe(context, conversation, updated), files: await keepSent(context, unit, conversation, updated) };
      });
    case 'ticket.urge':
      return withChecked(context, unit, conversation, effect.args, async (ticket) => {
        const urged = await urgeTicket(context, unit, ticket.id);
        return { ...(await describeProgress(context, unit, conversation, urged)), counted: urged.urges > ticket.urges };
      });
    case 'ticket.withdraw':
      return withChecked(context, unit, conversation, effect.args, async (ticket) => describe(context, conversation, await withdrawTicket(context, unit, ticket.id, effect.args.reason)));
    case 'ticket.reopen':
      return withChecked(context, unit, conversation, effect.args, async (ticket) => describe(context, conversation, await wantBack(context, unit, ticket.id, effect.args.reason, conversation.channel)));
    case 'ticket.rate': {
      const { process, solved, reason } = effect.args;
      return withChecked(context, unit, conversation, effect.args, async (ticket) => describe(context, conversation, await answerVisit(context, unit, ticket.id, { process, solved, reason, channel: conversation.channel })));
    }
    case 'ticket.visit': {
      const { visit } = await unit.repos.ticketNotices.atTheDoor(conversation.citizenId);
      const ticket = visit === null ? null : await unit.repos.tickets.findByNumber(visit);
      return ticket === null ? { ok: false, data: { code: 'visit.none' } } : { ok: true, data: await describeProgress(context, unit, conversation, ticket) };
    }
    case 'ticket.mine': {
      const tickets = await unit.repos.tickets.byCitizen(conversation.citizenId, MINE);
      return { ok: true, data: { count: tickets.length, ...(tickets[0] !== undefined && tickets.length === 1 ? { only: tickets[0].number } : {}), tickets: tickets.map((ticket) => describe(context, conversation, ticket)) } };
    }
  }
}

/** So many of one's own tickets are listed, newest first; a menu holds no more. */
const MINE = 5;

/** Refusals that flows have words for. */
const SPOKEN: ReadonlySet<string> = new Set(['ticket.finished', 'ticket.follows', 'ticket.conflict', 'ticket.withdraw_too_late', 'ticket.still_open', 'ticket.reopen_too_late', 'ticket.not_finished', 'ticket.answer_incomplete']);

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
  // No digits said: those of a number that the channel vouches for, or that this citizen gave, count as well.
  const digits = args.phoneLast4 === '' && !own ? ((await unit.repos.citizens.phoneLast4(conversation.citizenId)) ?? '') : args.phoneLast4;
  const allowed = ticket !== null && (own || (await unit.repos.tickets.checkPhone(ticket.id, digits)));
  if (ticket === null || !allowed) {
    // Nothing was guessed: whether there is such a ticket is not told either.
    if (digits === '') return { ok: false, data: { code: 'ticket.check_failed' } };
    // A well-formed number that fails is a guess; a mistyped one (check digit) is not.
    if (isTicketNumber(args.number)) await channelState.put('intake', key, String(failures + 1), until);
    if (ticket !== null) await channelState.put('intake', ticketKey, String(guesses + 1), until);
    return { ok: false, data: { code: ticket === null ? 'ticket.not_found' : 'ticket.check_failed' } };
  }
  try {
    return { ok: true, data: await then(ticket) };
  } catch (error) {
    if (!isAppError(error)) throw error;
    // A closing that is none (withdrawn, not taken) leads to no second handling; the flow says what does.
    if (error.code === 'ticket.move_refused') return { ok: false, data: { code: 'ticket.not_taken' } };
    if (SPOKEN.has(error.code)) return { ok: false, data: { code: error.code } };
    throw error;
  }
}
