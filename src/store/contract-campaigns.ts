import type { EpochMs } from '../domain/activity.ts';
import type { Campaign, CampaignTarget, ReachAttempt } from './contract-outbound.ts';

/** Campaigns of calls and whom they call. No number of a telephone is here: a target names a citizen of the vault. */

export type CampaignChange = Partial<Pick<Campaign, 'state' | 'startedAt' | 'endedAt' | 'concurrency' | 'hours'>>;
export type TargetChange = Partial<Pick<CampaignTarget, 'ticketId' | 'state' | 'code' | 'attempts' | 'nextAt' | 'keys' | 'result' | 'endedAt'>>;

export interface CampaignRepository {
  insert(campaign: Campaign): Promise<void>;
  get(id: string): Promise<Campaign | null>;
  /** Newest first; without what calls for one notice (`BY_NOTICE`). */
  list(limit: number): Promise<readonly Campaign[]>;
  /** Only where the campaign is in one of these states; null: it is not. */
  update(id: string, from: readonly Campaign['state'][], change: CampaignChange): Promise<Campaign | null>;
  /** One citizen once a campaign: whoever is there already stays as they are. Returns how many are new. */
  addTargets(targets: readonly CampaignTarget[]): Promise<number>;
  target(id: string): Promise<CampaignTarget | null>;
  /** In the order of their ids. */
  targets(campaignId: string, filter: { readonly state?: CampaignTarget['state']; readonly after?: string; readonly limit: number }): Promise<readonly CampaignTarget[]>;
  /** Only where the target is in one of these states; null: it is not. */
  updateTarget(id: string, from: readonly CampaignTarget['state'][], change: TargetChange): Promise<CampaignTarget | null>;
  /** Waiting and due, longest due first. */
  dueTargets(campaignId: string, now: EpochMs, limit: number): Promise<readonly CampaignTarget[]>;
  /** When the next waiting one falls due; null: nobody waits. */
  nextDueAt(campaignId: string): Promise<EpochMs | null>;
  tally(campaignId: string): Promise<Readonly<Record<CampaignTarget['state'], number>>>;
  /** Of these citizens: who waits or is being called in a campaign that is not over. */
  engaged(citizenIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Targets being called, whatever the campaign. */
  calling(): Promise<number>;
  /** Calls to these targets, oldest first. */
  attempts(targets: readonly Pick<CampaignTarget, 'id' | 'citizenId'>[]): Promise<readonly ReachAttempt[]>;
}
