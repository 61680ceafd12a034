import { isNotNull } from 'drizzle-orm';
import type { ActivityContent, Address, ExternalId, Locale, Modality, Role } from '../domain/activity.ts';
import type { Emergency, Owner, Understood } from '../domain/conversation.ts';
import type { JsonObject } from '../domain/json.ts';
import type { DeliveryReceipt, OutboxRow, SeatRole } from './contract.ts';
import type { Kit } from './kit.ts';
import { campaignTables } from './tables-campaigns.ts';
import { deskWorkTables } from './tables-desk.ts';
import { knowledgeTables } from './tables-knowledge.ts';
import { linkageTables } from './tables-linkage.ts';
import { measureTables } from './tables-measures.ts';
import { outboundTables } from './tables-outbound.ts';
import { type PeopleTables, peopleTables } from './tables-people.ts';
import { qualityTables } from './tables-quality.ts';
import { reportTables } from './tables-reports.ts';
import { serviceTables } from './tables-service.ts';
import { ticketTables } from './tables-tickets.ts';

/** Every table of the house, once, for both dialects. After a change: `npx drizzle-kit generate` for both configs beside this file. */
export function defineTables(kit: Kit) {
  const people = peopleTables(kit);
  return { ...people, ...conversationTables(kit, people), ...activityTables(kit), ...busTables(kit), ...ticketTables(kit, people), ...deskTables(kit), ...serviceTables(kit), ...knowledgeTables(kit), ...deskWorkTables(kit), ...channelTables(kit), ...measureTables(kit), ...reportTables(kit), ...qualityTables(kit), ...linkageTables(kit), ...outboundTables(kit), ...campaignTables(kit) };
}

export type Tables = ReturnType<typeof defineTables>;

function conversationTables({ table, text, int, json, index, uniqueIndex, primaryKey }: Kit, { citizens }: PeopleTables) {
  const conversations = table(
    'conversations',
    {
      id: text('id').primaryKey(),
      channel: text('channel').notNull(),
      address: text('address').$type<Address>().notNull(),
      modality: text('modality').$type<Modality>().notNull(),
      locale: text('locale').$type<Locale>().notNull(),
      citizenId: text('citizen_id').notNull().references(() => citizens.id),
      owner: text('owner').$type<Owner>().notNull(),
      seatId: text('seat_id'),
      handoffReason: text('handoff_reason'),
      /** 企业直通车: whose; null: a citizen's. */
      enterpriseId: text('enterprise_id'),
      waitingSince: int('waiting_since'),
      emergency: json('emergency').$type<Emergency>(),
      understood: json('understood').$type<Understood>(),
      unread: int('unread').notNull(),
      createdAt: int('created_at').notNull(),
      lastInboundAt: int('last_inbound_at'),
      lastActivityAt: int('last_activity_at').notNull(),
      lastSeq: int('last_seq').notNull(),
      collectedSeq: int('collected_seq').notNull(),
      version: int('version').notNull(),
    },
    (t) => [
      uniqueIndex('conversations_address').on(t.channel, t.address),
      index('conversations_owner').on(t.owner, t.lastActivityAt),
      index('conversations_citizen').on(t.citizenId),
      index('conversations_seat').on(t.seatId, t.lastActivityAt).where(isNotNull(t.seatId)),
      index('conversations_emergency').on(t.lastActivityAt).where(isNotNull(t.emergency)),
    ],
  );
  /** Apart from the row, because every append rewrites the row and the state is the big part. */
  const conversationStates = table('conversation_states', { conversationId: text('conversation_id').primaryKey(), stateSealed: text('state_sealed').notNull() });
  /** How many conversations an owner has, in slots so that two nodes seldom meet on one row. */
  const conversationTallies = table(
    'conversation_tallies',
    { owner: text('owner').$type<Owner>().notNull(), slot: int('slot').notNull(), amount: int('amount').notNull() },
    (t) => [primaryKey({ columns: [t.owner, t.slot] })],
  );
  return { conversations, conversationStates, conversationTallies };
}

function activityTables({ table, text, int, json, position, index, uniqueIndex, primaryKey }: Kit) {
  const activities = table(
    'activities',
    {
      id: text('id').primaryKey(),
      conversationId: text('conversation_id').notNull(),
      seq: int('seq').notNull(),
      direction: text('direction').$type<'in' | 'out'>().notNull(),
      channel: text('channel').notNull(),
      externalId: text('external_id').$type<ExternalId>(),
      role: text('role').$type<Role>().notNull(),
      seatId: text('seat_id'),
      at: int('at').notNull(),
      replyToId: text('reply_to_id'),
      content: json('content').$type<ActivityContent>().notNull(),
      channelData: json('channel_data'),
      originalSealed: text('original_sealed'),
      /** Of a request that was answered in its own transaction: the range of seqs that the answer told (else a row of `replies` has it). */
      answeredFrom: int('answered_from'),
      answeredTo: int('answered_to'),
    },
    (t) => [
      uniqueIndex('activities_seq').on(t.conversationId, t.seq),
      uniqueIndex('activities_external').on(t.channel, t.externalId).where(isNotNull(t.externalId)),
    ],
  );
  const receipts = table(
    'delivery_receipts',
    {
      position: position('position'),
      conversationId: text('conversation_id').notNull(),
      activityId: text('activity_id').notNull(),
      status: text('status').$type<DeliveryReceipt['status']>().notNull(),
      code: text('code'),
      at: int('at').notNull(),
    },
    (t) => [index('delivery_receipts_conversation').on(t.conversationId, t.position)],
  );
  const replies = table(
    'replies',
    {
      channel: text('channel').notNull(),
      externalId: text('external_id').$type<ExternalId>().notNull(),
      conversationId: text('conversation_id').notNull(),
      fromSeq: int('from_seq').notNull(),
      toSeq: int('to_seq').notNull(),
      at: int('at').notNull(),
    },
    (t) => [primaryKey({ columns: [t.channel, t.externalId] })],
  );
  return { activities, receipts, replies };
}

function busTables({ table, text, int, bool, json, position, index }: Kit) {
  const outbox = table(
    'outbox',
    {
      position: position('position'),
      id: text('id').notNull().unique(),
      lane: text('lane').notNull(),
      kind: text('kind').notNull(),
      payload: json('payload').$type<JsonObject>().notNull(),
      state: text('state').$type<OutboxRow['state']>().notNull(),
      blocking: bool('blocking').notNull(),
      attempts: int('attempts').notNull(),
      availableAt: int('available_at').notNull(),
      lastError: text('last_error'),
      createdAt: int('created_at').notNull(),
    },
    (t) => [index('outbox_lane').on(t.state, t.lane, t.position), index('outbox_due').on(t.state, t.availableAt, t.position)],
  );
  const lanes = table('lanes', {
    lane: text('lane').primaryKey(),
    holder: text('holder').notNull(),
    fence: int('fence').notNull(),
    /** 0 when nobody holds it. */
    expiresAt: int('expires_at').notNull(),
  });
  return { outbox, lanes };
}

function deskTables({ table, text, int, bool, index }: Kit) {
  const seats = table('seats', {
    id: text('id').primaryKey(),
    username: text('username').notNull().unique(),
    displayName: text('display_name').notNull(),
    role: text('role').$type<SeatRole>().notNull(),
    active: bool('active').notNull(),
    /** Role `department`: whose. */
    departmentId: text('department_id'),
    passwordHash: text('password_hash').notNull(),
    presence: text('presence').$type<'online' | 'away' | 'offline'>().notNull(),
    beatAt: int('beat_at').notNull(),
    createdAt: int('created_at').notNull(),
  });
  const sessions = table(
    'sessions',
    {
      tokenHash: text('token_hash').primaryKey(),
      seatId: text('seat_id').notNull().references(() => seats.id),
      csrf: text('csrf').notNull(),
      kind: text('kind').$type<'cookie' | 'bearer'>().notNull(),
      createdAt: int('created_at').notNull(),
      expiresAt: int('expires_at').notNull(),
    },
    (t) => [index('sessions_expiry').on(t.expiresAt), index('sessions_seat').on(t.seatId)],
  );
  const trail = table(
    'trail',
    {
      seq: int('seq').primaryKey(),
      at: int('at').notNull(),
      actor: text('actor').notNull(),
      action: text('action').notNull(),
      subject: text('subject').notNull(),
      purpose: text('purpose'),
      previousHash: text('previous_hash').notNull(),
      hash: text('hash').notNull(),
    },
    (t) => [index('trail_actor').on(t.actor, t.seq), index('trail_action').on(t.action, t.seq), index('trail_subject').on(t.subject, t.seq), index('trail_at').on(t.at)],
  );
  /** One row: where the chain ends. Its lock puts appends in order; it also shows that the end was cut off. */
  const trailHeads = table('trail_heads', { id: int('id').primaryKey(), seq: int('seq').notNull(), hash: text('hash').notNull() });
  return { seats, sessions, trail, trailHeads };
}

function channelTables({ table, text, int, bytes, index, primaryKey }: Kit) {
  const channelState = table(
    'channel_state',
    { channel: text('channel').notNull(), key: text('key').notNull(), valueSealed: text('value_sealed').notNull(), expiresAt: int('expires_at') },
    (t) => [primaryKey({ columns: [t.channel, t.key] })],
  );
  const media = table(
    'media',
    {
      token: text('token').primaryKey(),
      contentType: text('content_type').notNull(),
      name: text('name'),
      bytes: bytes('bytes').notNull(),
      createdAt: int('created_at').notNull(),
      expiresAt: int('expires_at'),
    },
    (t) => [index('media_expiry').on(t.expiresAt)],
  );
  return { channelState, media };
}
