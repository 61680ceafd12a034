import type { ActionEffect } from '../dialog/types.ts';
import type { Conversation } from '../domain/conversation.ts';
import { isAppError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { isOpen } from '../domain/ticket-moves.ts';
import { callOf, noteCall, refuseCalls, ticketOf, type OurCall } from '../outbound/campaign-talk.ts';
import { addToTicket } from '../tickets/additions.ts';
import { answerVisit } from '../tickets/visits/answer.ts';
import type { IntakeContext, Unit } from './context.ts';
import { describe, describeProgress } from './describe.ts';

/** What flows do in a call that the house placed (智能外呼). In any other call there is nothing to be done: `call.none`. */

export type CallEffect = Extract<ActionEffect, { action: 'call.about' | 'call.note' | 'call.answer' | 'call.stop' }>;

export interface CallResult {
  readonly ok: boolean;
  readonly data: JsonObject;
}

const NONE: CallResult = { ok: false, data: { code: 'call.none' } };
/** Refusals that flows have words for; a second answer to one ticket among them. */
const SPOKEN: ReadonlySet<string> = new Set(['ticket.follows', 'ticket.conflict', 'ticket.not_finished', 'ticket.answer_incomplete', 'ticket.reopen_too_late']);

/** @param keys what was pressed in this turn, as it was; null: nothing */
export async function performCallAction(context: IntakeContext, unit: Unit, conversation: Conversation, effect: CallEffect, keys: string | null): Promise<CallResult> {
  if (effect.action === 'call.stop') {
    await refuseCalls(context, unit, conversation);
    return { ok: true, data: {} };
  }
  const ours = await callOf(unit, conversation);
  if (ours === null) return NONE;
  switch (effect.action) {
    case 'call.about':
      return about(context, unit, conversation, ours, effect.args.next);
    case 'call.note':
      await noteCall(context, unit, ours, { ...effect.args, keys });
      if (effect.args.question === 'comment') await passOn(context, unit, ours, effect.args.answer);
      unit.after.push({ kind: 'campaign', campaignId: ours.campaign.id });
      return { ok: true, data: {} };
    case 'call.answer':
      return answer(context, unit, conversation, ours, effect.args);
  }
}

/** What is missing reaches the department that handles the matter again; what is archived takes no more words. */
async function passOn(context: IntakeContext, unit: Unit, ours: OurCall, comment: string | null): Promise<void> {
  const ticket = comment === null ? null : await ticketOf(unit, ours, false);
  if (comment !== null && ticket !== null && isOpen(ticket.state)) await addToTicket(context, unit, ticket.id, comment, { kind: 'citizen' });
}

async function about(context: IntakeContext, unit: Unit, conversation: Conversation, ours: OurCall, next: boolean): Promise<CallResult> {
  const ticket = await ticketOf(unit, ours, next);
  if (next && ticket === null) return NONE;
  const told = ticket === null ? {} : await describeProgress(context, unit, conversation, ticket);
  return { ok: true, data: { ...told, purpose: ours.campaign.purpose, words: ours.campaign.words ?? '', times: ours.attempt.number } };
}

async function answer(context: IntakeContext, unit: Unit, conversation: Conversation, ours: OurCall, given: Extract<CallEffect, { action: 'call.answer' }>['args']): Promise<CallResult> {
  const ticket = await ticketOf(unit, ours, false);
  if (ticket === null) return NONE;
  // Whoever was called twice, or answered elsewhere meanwhile: the first answer stands, and its opinion is asked of nobody again.
  if (ticket.state !== '回访') return { ok: false, data: { code: 'ticket.not_finished' } };
  try {
    return { ok: true, data: describe(context, conversation, await answerVisit(context, unit, ticket.id, { ...given, channel: conversation.channel })) };
  } catch (error) {
    if (isAppError(error) && SPOKEN.has(error.code)) return { ok: false, data: { code: error.code } };
    throw error;
  }
}
