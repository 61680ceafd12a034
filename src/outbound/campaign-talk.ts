import { asAddress } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import { maskText } from '../domain/masking.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { Campaign, CampaignTarget, ReachAttempt } from '../store/contract.ts';
import type { TicketsContext, TicketUnit } from '../tickets/context.ts';
import type { CallOutcome } from './campaign-plan.ts';

/** What flows of our calls ask and note, in the turn's transaction. */

export interface OurCall {
  readonly attempt: ReachAttempt;
  readonly target: CampaignTarget;
  readonly campaign: Campaign;
}

/** The call of ours that this conversation is; null: somebody called us. */
export async function callOf(unit: TicketUnit, { channel, address }: Pick<Conversation, 'channel' | 'address'>): Promise<OurCall | null> {
  const attempt = await unit.repos.reach.byExternal(channel, asAddress(address));
  if (attempt === null || attempt.kind !== 'call' || attempt.targetId === null) return null;
  const target = await unit.repos.campaigns.target(attempt.targetId);
  const campaign = target === null ? null : await unit.repos.campaigns.get(target.campaignId);
  return target === null || campaign === null ? null : { attempt, target, campaign };
}

/** A citizen is asked about so many finished tickets in one call. */
const TICKETS_A_CALL = 3;
const LOOKED_THROUGH = 20;

/** The ticket that is spoken of: the target's own, or after it the next one of the same citizen that waits for a visit-back. */
export async function ticketOf(unit: TicketUnit, { target, campaign }: OurCall, next: boolean): Promise<Ticket | null> {
  const current = target.result['ticket'] ?? target.ticketId;
  if (!next) return current === null ? null : unit.repos.tickets.get(current);
  const asked = Number(target.result['tickets'] ?? '1');
  if (campaign.purpose !== 'visit' || asked >= TICKETS_A_CALL) return null;
  const more = (await unit.repos.tickets.byCitizen(target.citizenId, LOOKED_THROUGH)).find(({ id, state, leadingId, confidential }) => state === '回访' && leadingId === null && !confidential && id !== current);
  if (more === undefined) return null;
  await unit.repos.campaigns.updateTarget(target.id, [target.state], { result: { ...target.result, ticket: more.id, tickets: String(asked + 1) } });
  return more;
}

export interface CallNote {
  readonly question: string | null;
  readonly answer: string | null;
  readonly outcome: CallOutcome | null;
  /** Keys pressed in this turn, as they were. */
  readonly keys: string | null;
}

/** Longest answer that is kept with the target; the conversation has the whole. */
const ANSWER_MAX = 200;

/** Keys as pressed, what was understood, and how the call stands. Twice is as once. */
export async function noteCall(context: Pick<TicketsContext, 'now'>, unit: TicketUnit, { target }: OurCall, { question, answer, outcome, keys }: CallNote): Promise<void> {
  const { campaigns, consents } = unit.repos;
  const current = await campaigns.target(target.id);
  if (current === null) return;
  // A second ticket of the same call is asked the same questions.
  const nth = current.result['tickets'];
  const name = question === null ? null : nth === undefined ? question : `${question}.${nth}`;
  const before = current.result['outcome'];
  const settled = outcome !== null && (before !== 'reached' || outcome === 'refused');
  const result = { ...current.result, ...(name === null || answer === null ? {} : { [name]: maskText(answer).text.slice(0, ANSWER_MAX) }), ...(settled ? { outcome } : {}) };
  const noted = name === null || keys === null ? current.keys : { ...current.keys, [name]: keys };
  const now = context.now();
  // The peer's word of the end may have been faster, or time had given the call up: what the citizen did counts all the same.
  const late = current.state === 'waiting' || current.state === 'unreached';
  const ended = late && settled && outcome === 'reached' ? ({ state: 'reached', code: null, nextAt: null, endedAt: now } as const) : late && settled && outcome === 'refused' ? ({ state: 'refused', code: 'opted_out', nextAt: null, endedAt: now } as const) : {};
  await campaigns.updateTarget(current.id, [current.state], { keys: noted, result, ...ended });
  if (outcome === 'refused') await consents.put({ citizenId: current.citizenId, channel: 'call', template: 'all', state: 'refused', left: 0, at: now });
}

/** “别再打了” from whoever it is: nobody calls this citizen by a campaign again until they say otherwise. */
export async function refuseCalls(context: Pick<TicketsContext, 'now'>, unit: TicketUnit, conversation: Pick<Conversation, 'channel' | 'address' | 'citizenId'>): Promise<void> {
  const ours = await callOf(unit, conversation);
  if (ours !== null) await noteCall(context, unit, ours, { question: null, answer: null, outcome: 'refused', keys: null });
  await unit.repos.consents.put({ citizenId: conversation.citizenId, channel: 'call', template: 'all', state: 'refused', left: 0, at: context.now() });
}
