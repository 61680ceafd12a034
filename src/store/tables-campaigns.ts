import { isNull } from 'drizzle-orm';
import type { JsonValue } from '../domain/json.ts';
import type { Campaign, CampaignTarget } from './contract.ts';
import type { Kit } from './kit.ts';

interface Words { readonly [name: string]: JsonValue & string }

/** Campaigns of calls (智能外呼) and whom they call. */
export function campaignTables({ table, text, int, bool, json, index, uniqueIndex }: Kit) {
  const campaigns = table(
    'campaigns',
    {
      id: text('id').primaryKey(),
      name: text('name').notNull(),
      purpose: text('purpose').$type<Campaign['purpose']>().notNull(),
      flow: text('flow').notNull(),
      channel: text('channel').notNull(),
      words: text('words'),
      query: text('query'),
      state: text('state').$type<Campaign['state']>().notNull(),
      concurrency: int('concurrency').notNull(),
      attempts: int('attempts').notNull(),
      retryAfterMinutes: int('retry_after_minutes').notNull(),
      hours: json('hours').$type<string[]>().notNull(),
      workdaysOnly: bool('workdays_only').notNull(),
      createdBy: text('created_by').notNull(),
      createdAt: int('created_at').notNull(),
      startedAt: int('started_at'),
      endedAt: int('ended_at'),
    },
    (t) => [index('campaigns_created').on(t.createdAt)],
  );
  const campaignTargets = table(
    'campaign_targets',
    {
      id: text('id').primaryKey(),
      campaignId: text('campaign_id').notNull(),
      citizenId: text('citizen_id').notNull(),
      ticketId: text('ticket_id'),
      state: text('state').$type<CampaignTarget['state']>().notNull(),
      code: text('code'),
      attempts: int('attempts').notNull(),
      nextAt: int('next_at'),
      keys: json('keys').$type<Words>().notNull(),
      result: json('result').$type<Words>().notNull(),
      endedAt: int('ended_at'),
    },
    (t) => [
      uniqueIndex('campaign_targets_citizen').on(t.campaignId, t.citizenId),
      index('campaign_targets_due').on(t.campaignId, t.state, t.nextAt),
      index('campaign_targets_open').on(t.citizenId).where(isNull(t.endedAt)),
    ],
  );
  return { campaigns, campaignTargets };
}
