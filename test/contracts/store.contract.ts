import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import type { Store } from '../../src/store/contract.ts';
import { activityContract } from './store/activities.ts';
import { alikeContract } from './store/alike.ts';
import { busContract } from './store/bus.ts';
import { catalogueContract } from './store/catalogues.ts';
import { citizenContract } from './store/citizens.ts';
import { conversationContract } from './store/conversations.ts';
import { deskContract } from './store/desk.ts';
import { deskWorkContract } from './store/desk-work.ts';
import { doorContract } from './store/doors.ts';
import { enterpriseContract } from './store/enterprises.ts';
import { knowledgeContract } from './store/knowledge.ts';
import { linkageContract } from './store/linkage.ts';
import { measureSourceContract } from './store/measure-sources.ts';
import { measureContract } from './store/measures.ts';
import { operationContract } from './store/operations.ts';
import { noticeContract } from './store/notices.ts';
import { campaignsContract } from './store/campaigns.ts';
import { outboundContract } from './store/outbound.ts';
import { partnerContract } from './store/partners.ts';
import { serviceContract } from './store/service.ts';
import { qualityContract } from './store/quality.ts';
import { reportContract } from './store/reports.ts';
import { textContract } from './store/text.ts';
import { ticketListContract } from './store/ticket-lists.ts';
import { ticketContract } from './store/tickets.ts';
import { ticketWorkContract } from './store/tickets-work.ts';
import { turnFactsContract } from './store/turn-facts.ts';

/** A store to be tested, and a look beneath it. */
export interface StoreUnderTest {
  readonly store: Store;
  /** One SQL statement that both dialects understand, past the repositories: to see what lies at rest, or to tamper with it. */
  raw(statement: string): Promise<readonly Record<string, unknown>[]>;
  /** Several such statements in one go and one commit: a way to the server for each would take longer than the tests. */
  script(statements: readonly string[]): Promise<void>;
  /** Empties all tables, where there is a faster way than the script `EMPTY`. */
  empty?(): Promise<void>;
  close(): Promise<void>;
}

/** Tables in an order in which they can be emptied. */
export const TABLES = [
  'citizen_identities', 'ticket_events', 'tickets', 'ticket_sequences', 'sessions', 'seats', 'delivery_receipts', 'replies', 'activities', 'conversation_states',
  'conversation_tallies', 'conversations', 'citizens', 'outbox', 'lanes', 'trail', 'trail_heads', 'knowledge_entries', 'knowledge_revisions', 'knowledge_tasks', 'knowledge_memos',
  'knowledge_gaps', 'knowledge_gap_clusters', 'channel_state', 'media',
  'ticket_texts', 'ticket_departments', 'ticket_clocks', 'ticket_requests', 'ticket_files', 'supervisions', 'ticket_visits', 'ticket_notices', 'catalogues', 'item_corrections', 'alike_proposals', 'storms', 'storm_tickets',
  'service_periods', 'queue_entries', 'seat_states', 'seat_skills', 'conversation_participants', 'conversation_transfers', 'api_tokens', 'partners', 'external_numbers', 'webhook_deliveries', 'enterprises', 'enterprise_phones', 'enterprise_members',
  'canned_answers', 'conversation_notes', 'note_mentions', 'reply_drafts',
  'reports', 'measure_rollups', 'measure_cursors', 'measure_marks',
  'outbound_attempts', 'outbound_consents', 'outbound_consent_changes', 'campaigns', 'campaign_targets',
  'linkage_links', 'linkage_messages', 'linkage_days', 'linkage_calls', 'seat_phones',
  'quality_inspections', 'quality_findings', 'quality_rules',
] as const;

export const EMPTY: readonly string[] = TABLES.map((table) => `delete from ${table}`);

type Part = (subject: () => StoreUnderTest) => void;
const ALL: readonly Part[] = [
  doorContract, citizenContract, conversationContract, activityContract, busContract, ticketContract, ticketWorkContract, ticketListContract, noticeContract, alikeContract, catalogueContract, deskContract,
  operationContract, deskWorkContract, enterpriseContract, knowledgeContract, measureContract, measureSourceContract, qualityContract, linkageContract, reportContract, outboundContract, campaignsContract,
  partnerContract, serviceContract, textContract, turnFactsContract,
];

/** What every store keeps, whatever serves it; `parts` of it only where another store of the same kind shows the rest. Each test begins with empty tables. */
export function storeContract(name: string, open: () => Promise<StoreUnderTest>, parts: readonly Part[] = ALL): void {
  describe(`store contract: ${name}`, () => {
    let opened: StoreUnderTest | null = null;
    const subject = (): StoreUnderTest => {
      if (opened === null) throw new Error('the store is not open yet');
      return opened;
    };
    beforeAll(async () => {
      opened = await open();
    });
    beforeEach(async () => {
      const { empty, script } = subject();
      await (empty?.() ?? script(EMPTY));
    });
    afterAll(() => opened?.close());

    for (const part of parts) part(subject);
  });
}
