import type { Campaign, CampaignTarget } from '../store/contract.ts';
import { BY_NOTICE } from '../store/contract-outbound.ts';
import { openClocks } from '../tickets/clocks.ts';
import { moveTicket } from '../tickets/move.ts';
import { record } from '../tickets/record.ts';
import { attemptOf, noteAttempt } from '../tickets/visits/due.ts';
import type { CampaignContext, CampaignUnit } from './campaign-context.ts';
import type { After } from './campaign-plan.ts';

/** What a call of a visit-back means for its ticket: each call is an attempt that the ticket shows, and its clock begins anew. */

/** The call is about to be placed. Of no effect for the other purposes. */
export async function noteVisitCall(context: CampaignContext, unit: CampaignUnit, campaign: Campaign, target: CampaignTarget): Promise<void> {
  const ticket = campaign.purpose !== 'visit' || target.ticketId === null ? null : await unit.repos.tickets.get(target.ticketId);
  if (ticket?.state !== '回访') return;
  const now = context.now();
  const { every } = context.city.ticketRules.visit;
  // The clock asks again by notice, or gives up; while calls are made it waits for them.
  const book = await openClocks(context, unit, ticket);
  book.end(['visit'], now);
  book.startFixed('visit', now, context.clock.due(now, every), every);
  await book.save();
  // The first call for a notice is the asking that the notice was made of.
  if (campaign.createdBy === BY_NOTICE && target.attempts === 1) {
    const asked = await unit.repos.tickets.events(ticket.id);
    await noteAttempt(context, unit, ticket, attemptOf(asked, asked.at(-1)?.seq ?? 0), { channel: campaign.channel, reached: true });
    return;
  }
  const updated = await unit.repos.tickets.update(ticket.id, ticket.version, { updatedAt: now });
  await record(context, unit, updated, { type: 'ticket.visit_asked', actor: { kind: 'system' }, at: now, data: { attempt: target.attempts, of: campaign.attempts, by: 'call' } });
  const events = await unit.repos.tickets.events(ticket.id);
  await noteAttempt(context, unit, updated, attemptOf(events, events.at(-1)?.seq ?? 0), { channel: campaign.channel, reached: true });
}

/** The call is over. Without an answer the attempt was one without; after the last one the ticket is archived as `unreached`, never as confirmed. */
export async function endVisit(context: CampaignContext, unit: CampaignUnit, campaign: Campaign, target: CampaignTarget, after: After): Promise<void> {
  if (campaign.purpose !== 'visit' || target.ticketId === null || after.state === 'reached') return;
  const ticket = await unit.repos.tickets.get(target.ticketId);
  if (ticket?.state !== '回访') return;
  for (const visit of await unit.repos.ticketVisits.of(ticket.id)) if (visit.outcome === 'asked' && visit.channel === campaign.channel) await unit.repos.ticketVisits.put({ ...visit, outcome: 'no_answer' });
  // Who refuses to be called, or whose number is another's, may still be asked otherwise: the ticket's own clock goes on.
  if (after.state !== 'unreached' || after.code === 'other_person' || after.code === 'stopped') return;
  await moveTicket(context, unit, ticket.id, 'unreached', { version: ticket.version, reason: `电话回访${target.attempts}次未得到答复` }, { role: 'system', actor: { kind: 'system' } });
}
