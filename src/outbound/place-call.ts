import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { NotificationTemplate } from '../channel/contract.ts';
import { DAY, HOUR } from '../domain/clock.ts';
import type { Campaign } from '../store/contract.ts';
import { BY_NOTICE } from '../store/contract-outbound.ts';
import type { TicketUnit } from '../tickets/context.ts';
import { wakeNotices } from '../tickets/notices/listen.ts';
import { wakeCampaign } from './campaign-context.ts';
import { CAMPAIGN_FLOWS } from './campaign-flows.ts';
import { nextCallTime } from './campaign-plan.ts';
import type { OutboundContext, PlaceCall } from './context.ts';

/**
 * The last way of a notice: its citizen is called for it alone. What calls is driven like a campaign of one (campaign-drive.ts), so that it is
 * ordered once, at its hours, three times at most; nobody has to have made a campaign, and no list of campaigns has it. When it ends without
 * having reached anybody, the notice waits for the citizen's next word.
 */

const PURPOSES: Readonly<Record<NotificationTemplate, Campaign['purpose']>> = { visit: 'visit', callback: 'missed', progress: 'progress', notice: 'notice' };
/** Longest notice that is spoken. */
const WORDS_MAX = 200;
/** Tickets that one call of a visit-back asks about (campaign-talk.ts); of other matters it speaks of one. */
const VISITS = 3;

export function createPlaceCall(context: Pick<OutboundContext, 'rules' | 'clock' | 'now'>): PlaceCall {
  return async (unit, { key, channel, citizenId, ticket, template, noticeIds, text }) => {
    const { campaigns, ticketNotices } = unit.repos;
    const now = context.now();
    const times = context.rules.call.notice;
    const open = nextCallTime(times, context.clock.isWorkday, now);
    // Until it may ring the notice waits where the citizen's next word finds it.
    if (open !== now) return { kind: 'later', at: open ?? now + HOUR };
    // Who is being called anyway is called for this when that is over: its end says so, where it was for a notice.
    if ((await campaigns.engaged([citizenId])).has(citizenId)) return { kind: 'later', at: now + DAY };
    const purpose = PURPOSES[template];
    const carried = await spokenOf(unit, { ticketId: ticket.id, visits: purpose === 'visit', noticeIds });
    const campaign: Campaign = {
      id: callId(key), name: `工单${ticket.number}的电话通知`, purpose, flow: CAMPAIGN_FLOWS[purpose], channel, words: purpose === 'notice' ? text.slice(0, WORDS_MAX) : null, query: JSON.stringify({ notices: carried }),
      state: 'running', concurrency: 1, attempts: times.attempts, retryAfterMinutes: times.retryAfterMinutes, hours: times.hours, workdaysOnly: times.workdaysOnly, createdBy: BY_NOTICE, createdAt: now, startedAt: now, endedAt: null,
    };
    await campaigns.insert(campaign);
    await campaigns.addTargets([{ id: key, campaignId: campaign.id, citizenId, ticketId: ticket.id, state: 'waiting', code: null, attempts: 0, nextAt: now, keys: {}, result: {}, endedAt: null }]);
    await wakeCampaign(context, unit, campaign.id, now);
    for (const id of carried) {
      const notice = await ticketNotices.get(id);
      if (notice !== null) await ticketNotices.update(id, { state: 'sent', channels: [...notice.channels, channel], sentAt: now });
    }
    return { kind: 'placed' };
  };
}

const callId = (key: string): string => `notice:${key}`;

/** Of the notices those that the call speaks of. The others stay as they are and come when it is over. */
async function spokenOf(unit: TicketUnit, { ticketId, visits, noticeIds }: { readonly ticketId: string; readonly visits: boolean; readonly noticeIds: readonly string[] }): Promise<readonly string[]> {
  const found = await Promise.all(noticeIds.map((id) => unit.repos.ticketNotices.get(id)));
  const notices = found.flatMap((notice) => (notice === null ? [] : [notice]));
  const tickets = new Set(visits ? [ticketId, ...notices.map((notice) => notice.ticketId)].filter((id, at, all) => all.indexOf(id) === at).slice(0, VISITS) : [ticketId]);
  return notices.flatMap((notice) => (tickets.has(notice.ticketId) ? [notice.id] : []));
}

const Carried = Compile(Type.Object({ notices: Type.Array(Type.String()) }));

/** Notices that this call is for; none: it is a campaign's. */
export function carriedBy({ createdBy, query }: Pick<Campaign, 'createdBy' | 'query'>): readonly string[] {
  if (createdBy !== BY_NOTICE || query === null) return [];
  const parsed: unknown = JSON.parse(query);
  return Carried.Check(parsed) ? parsed.notices : [];
}

/** The calling is over. Whoever was not reached is told by what is left: the next way, else the citizen's next word. Twice is as once. */
export async function endNoticeCall(context: Pick<OutboundContext, 'now'>, unit: TicketUnit, campaign: Campaign): Promise<void> {
  if (campaign.createdBy !== BY_NOTICE) return;
  const { campaigns, ticketNotices } = unit.repos;
  const [target] = await campaigns.targets(campaign.id, { limit: 1 });
  if (target === undefined) return;
  if (target.state !== 'reached') {
    for (const id of carriedBy(campaign)) {
      const notice = await ticketNotices.get(id);
      // Told on another channel meanwhile, or over.
      if (notice?.state === 'sent' && notice.channels.at(-1) === campaign.channel) await ticketNotices.update(id, { state: 'waiting', sentAt: null });
    }
  }
  // Also for those that waited for this call's end.
  await wakeNotices(context, unit, target.citizenId, context.now());
}
