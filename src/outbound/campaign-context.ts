import type { EpochMs } from '../domain/activity.ts';
import { AppError } from '../domain/errors.ts';
import type { Campaign, Repositories } from '../store/contract.ts';
import type { TicketUnit } from '../tickets/context.ts';
import type { OutboundContext } from './context.ts';

/** What campaigns work with, wired in src/wiring/campaigns.ts: what all of outbound does, and lines to call on. */
export interface CampaignContext extends OutboundContext {
  /** Calls at one moment, those of all campaigns and of single notices together. */
  readonly lines: number;
}

export type CampaignUnit = TicketUnit;

/** Outbox kinds. */
export const TICK_KIND = 'campaign.tick';
export const CALL_KIND = 'campaign.call';
export const SETTLE_KIND = 'campaign.settle';

/** Has the campaign looked after at this time; one row a campaign, the last word counts. */
export async function wakeCampaign(context: Pick<CampaignContext, 'now'>, unit: CampaignUnit, campaignId: string, at: EpochMs): Promise<void> {
  const row = { id: tickId(campaignId), lane: tickId(campaignId), availableAt: at };
  await unit.repos.outbox.put({ ...row, kind: TICK_KIND, payload: { campaignId }, blocking: false, now: context.now() });
  unit.after.push({ kind: 'wake', rows: [row] });
}

export const tickId = (campaignId: string): string => `campaign:${campaignId}`;

export async function requireCampaign(repos: Repositories, id: string): Promise<Campaign> {
  const campaign = await repos.campaigns.get(id);
  if (campaign === null) throw new AppError('campaign.not_found', 'no such campaign', { status: 404, citizenText: '没有找到这个外呼任务。' });
  return campaign;
}
