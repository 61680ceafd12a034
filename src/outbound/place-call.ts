import type { Campaign } from '../store/contract.ts';
import { wakeCampaign } from './campaign-context.ts';
import type { PlaceCall } from './context.ts';

/** The last way of a notice: the citizen joins those whom a running campaign of this kind calls, at its hours, with its flow. Whether anybody is called at all stays a supervisor's decision. */

const PURPOSES: Readonly<Record<string, Campaign['purpose']>> = { visit: 'visit', callback: 'missed', progress: 'progress' };
/** The newest campaigns that are looked through. */
const CAMPAIGNS = 50;

export const joinCampaign: PlaceCall = async (unit, { key, channel, citizenId, ticket, template, now }) => {
  const { campaigns } = unit.repos;
  const running = (await campaigns.list(CAMPAIGNS)).find((one) => one.state === 'running' && one.purpose === PURPOSES[template] && one.channel === channel);
  // Who is being called anyway is not called for this besides.
  if (running === undefined || (await campaigns.engaged([citizenId])).has(citizenId)) return false;
  const added = await campaigns.addTargets([{ id: key, campaignId: running.id, citizenId, ticketId: ticket.id, state: 'waiting', code: null, attempts: 0, nextAt: now, keys: {}, result: {}, endedAt: null }]);
  if (added === 0) return false;
  await wakeCampaign({ now: () => now }, unit, running.id, now);
  return true;
};
