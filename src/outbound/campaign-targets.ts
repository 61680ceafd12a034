import { DAY, startOfDay } from '../domain/clock.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { Campaign, CampaignTarget } from '../store/contract.ts';
import { BY_NOTICE } from '../store/contract-outbound.ts';
import type { CampaignContext, CampaignUnit } from './campaign-context.ts';
import { nextCallTime } from './campaign-plan.ts';
import { amountsOf, consentsOf, spentToday } from './facts.ts';
import { consentFor, whenReach } from './may.ts';

/** May this citizen be called for this campaign, now? Asked as a list is made, before a call is taken up, and in the transaction that places it. */

/** Fixed words; the desk tells them in Chinese (src/web/desk/views/outbound/labels.ts). */
export type LeftOut = 'ticket_done' | 'confidential' | 'merged' | 'no_number' | 'opted_out' | 'engaged' | 'same_citizen' | 'not_found';

/** Template whose consent and caps hold for a campaign. */
export const templateOf = ({ purpose }: Pick<Campaign, 'purpose'>): 'visit' | 'callback' | 'progress' | 'notice' => (purpose === 'missed' ? 'callback' : purpose);

/** Of the matter alone. */
export function ticketLeftOut(context: Pick<CampaignContext, 'rules'>, purpose: Campaign['purpose'], ticket: Ticket): LeftOut | null {
  if (ticket.leadingId !== null) return 'merged';
  if (ticket.confidential && !context.rules.confidential.includes('call')) return 'confidential';
  if (purpose === 'visit' && ticket.state !== '回访') return 'ticket_done';
  // Whoever waits for a call back is no longer waiting once their ticket is archived.
  if (purpose === 'missed' && ticket.archivedAt !== null) return 'ticket_done';
  return null;
}

/** Of the citizen: a number, and no word against being called. */
export async function citizenLeftOut(unit: CampaignUnit, campaign: Pick<Campaign, 'purpose' | 'channel'>, citizenId: string): Promise<LeftOut | null> {
  if ((await unit.repos.citizens.phoneLast4(citizenId)) === null) return 'no_number';
  const consents = await consentsOf(unit, citizenId, null);
  return consentFor(consents, campaign.channel, 'call', templateOf(campaign)) === 'refused' ? 'opted_out' : null;
}

/** True: may be called now. Else the target is put aside, or to the time at which it may be. */
export async function looksCallable(context: CampaignContext, unit: CampaignUnit, campaign: Campaign, target: CampaignTarget): Promise<boolean> {
  const { campaigns, tickets } = unit.repos;
  const now = context.now();
  const ticket = target.ticketId === null ? null : await tickets.get(target.ticketId);
  const reason = (ticket === null ? null : ticketLeftOut(context, campaign.purpose, ticket)) ?? (await citizenLeftOut(unit, campaign, target.citizenId));
  // What the tick had counted as an attempt has not rung.
  const attempts = target.state === 'calling' ? target.attempts - 1 : target.attempts;
  if (reason !== null) {
    await campaigns.updateTarget(target.id, [target.state], { state: reason === 'opted_out' ? 'refused' : 'skipped', code: reason, attempts, nextAt: null, endedAt: now });
    unit.after.push({ kind: 'campaign', campaignId: campaign.id });
    return false;
  }
  // What may not wait as a notice may not wait as a call for it; its hours hold all the same.
  const urgent = campaign.createdBy === BY_NOTICE && ticket?.urgency === 'emergency';
  const amounts = await amountsOf(unit, target.citizenId, now);
  // Caps are against many matters at one citizen; how often one matter may be tried, the campaign says.
  const own = (await campaigns.attempts([target])).map(({ createdAt }) => createdAt);
  const today = startOfDay(now);
  const others = { day: amounts.call.day - own.filter((at) => at >= today).length, week: amounts.call.week - own.filter((at) => at >= today - 6 * DAY).length };
  const verdict = whenReach(context.rules, { now, urgent, amounts: { ...amounts, call: others }, spentFen: await spentToday(unit, now) }, 'call', context.rules.ways.call.costFen);
  if (verdict.kind !== 'later') return true;
  const nextAt = nextCallTime(campaign, context.clock.isWorkday, verdict.at) ?? verdict.at;
  await campaigns.updateTarget(target.id, [target.state], { state: 'waiting', code: verdict.reason, attempts, nextAt });
  unit.after.push({ kind: 'campaign', campaignId: campaign.id });
  return false;
}
