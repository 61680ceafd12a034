import { sql } from 'drizzle-orm';
import type { JsonValue } from '../domain/json.ts';
import type { LinkageCall, LinkageCallParty, LinkageLink, LinkageMessage, LinkageMessageState, LinkageState } from './contract-linkage.ts';
import type { Kit } from './kit.ts';

/** Linkage (src/linkage): matters shared with other platforms, the records between them, and each day's reconciliation. */
export function linkageTables({ table, text, int, bool, json, index, uniqueIndex, primaryKey }: Kit) {
  const linkageLinks = table(
    'linkage_links',
    {
      id: text('id').primaryKey(),
      profile: text('profile').notNull(),
      ticketId: text('ticket_id'),
      externalNo: text('external_no'),
      direction: text('direction').$type<LinkageLink['direction']>().notNull(),
      mode: text('mode').$type<LinkageLink['mode']>().notNull(),
      threeParty: bool('three_party').notNull(),
      emergency: bool('emergency').notNull(),
      incidentNo: text('incident_no'),
      state: text('state').$type<LinkageState>().notNull(),
      reason: text('reason'),
      sentVersion: int('sent_version').notNull(),
      receivedVersion: int('received_version').notNull(),
      owes: text('owes').$type<'acceptance' | 'feedback'>(),
      dueAt: int('due_at'),
      overdueAt: int('overdue_at'),
      createdBy: text('created_by').notNull(),
      createdAt: int('created_at').notNull(),
      updatedAt: int('updated_at').notNull(),
    },
    (t) => [
      uniqueIndex('linkage_links_number').on(t.profile, t.externalNo).where(sql`${t.externalNo} is not null`),
      uniqueIndex('linkage_links_ticket').on(t.ticketId, t.profile).where(sql`${t.ticketId} is not null`),
      index('linkage_links_made').on(t.createdAt, t.id),
      index('linkage_links_of_profile').on(t.profile, t.createdAt, t.id),
      index('linkage_links_due').on(t.dueAt).where(sql`${t.dueAt} is not null and ${t.overdueAt} is null`),
    ],
  );
  const linkageMessages = table(
    'linkage_messages',
    {
      id: text('id').primaryKey(),
      linkId: text('link_id').notNull(),
      profile: text('profile').notNull(),
      direction: text('direction').$type<LinkageMessage['direction']>().notNull(),
      number: text('number').notNull(),
      version: int('version').notNull(),
      kind: text('kind').notNull(),
      state: text('state').$type<LinkageMessageState>().notNull(),
      code: text('code'),
      text: text('text'),
      digest: text('digest').notNull(),
      repeats: int('repeats').notNull(),
      early: bool('early').notNull(),
      attempts: int('attempts').notNull(),
      outboxId: text('outbox_id'),
      createdAt: int('created_at').notNull(),
      sentAt: int('sent_at'),
      endedAt: int('ended_at'),
      ackBy: int('ack_by'),
      /** The record as it went or came, sealed by the vault: it can hold a name and a number. */
      bodySealed: text('body_sealed').notNull(),
    },
    (t) => [
      uniqueIndex('linkage_messages_name').on(t.profile, t.direction, t.number, t.version),
      index('linkage_messages_of_link').on(t.linkId, t.direction, t.version),
      index('linkage_messages_made').on(t.profile, t.createdAt, t.id),
      index('linkage_messages_open').on(t.state, t.ackBy).where(sql`${t.state} in ('waiting', 'sent', 'dead', 'held')`),
    ],
  );
  const linkageDays = table(
    'linkage_days',
    {
      profile: text('profile').notNull(),
      day: text('day').notNull(),
      list: json('list').$type<JsonValue>(),
      listAt: int('list_at'),
      report: json('report').$type<JsonValue>(),
      madeAt: int('made_at'),
    },
    (t) => [primaryKey({ columns: [t.profile, t.day] }), index('linkage_days_newest').on(t.day)],
  );
  const linkageCalls = table(
    'linkage_calls',
    {
      id: text('id').primaryKey(),
      linkId: text('link_id').notNull(),
      profile: text('profile').notNull(),
      ticketId: text('ticket_id').notNull(),
      conversationId: text('conversation_id').notNull(),
      channel: text('channel').notNull(),
      address: text('address').notNull(),
      seatId: text('seat_id'),
      state: text('state').$type<LinkageCall['state']>().notNull(),
      citizen: json('citizen').$type<LinkageCallParty>().notNull(),
      seat: json('seat').$type<LinkageCallParty>(),
      service: json('service').$type<LinkageCallParty>(),
      createdBy: text('created_by').notNull(),
      createdAt: int('created_at').notNull(),
      endedAt: int('ended_at'),
    },
    (t) => [index('linkage_calls_conversation').on(t.conversationId, t.createdAt), index('linkage_calls_link').on(t.linkId, t.createdAt), index('linkage_calls_open').on(t.createdAt).where(sql`${t.state} = 'open'`)],
  );
  /** Telephones that seats are rung on, sealed by the vault. */
  const seatPhones = table('seat_phones', { seatId: text('seat_id').primaryKey(), phoneSealed: text('phone_sealed').notNull(), at: int('at').notNull() });
  return { linkageLinks, linkageMessages, linkageDays, linkageCalls, seatPhones };
}
