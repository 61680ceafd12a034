import { isNotNull, isNull } from 'drizzle-orm';
import type { JsonValue } from '../domain/json.ts';
import type { Participant, QueueEntry, SeatPresenceState, ServicePeriod, Transfer } from './contract.ts';
import type { Kit } from './kit.ts';

/** A refusal as JSON keeps it. */
interface RefusalRow { readonly [name: string]: JsonValue; readonly seatId: string; readonly at: number }

/** What happens when a person is asked for: queues, who serves what, second seats, passing on, and the period of each service. */
export function serviceTables({ table, text, int, bool, json, index, primaryKey }: Kit) {
  const servicePeriods = table(
    'service_periods',
    {
      id: text('id').primaryKey(),
      conversationId: text('conversation_id').notNull(),
      channel: text('channel').notNull(),
      groupId: text('group_id'),
      enterprise: bool('enterprise').notNull(),
      emergency: bool('emergency').notNull(),
      askedAt: int('asked_at').notNull(),
      offeredAt: int('offered_at'),
      seatId: text('seat_id'),
      acceptedAt: int('accepted_at'),
      firstReplyAt: int('first_reply_at'),
      endedAt: int('ended_at'),
      outcome: text('outcome').$type<ServicePeriod['outcome']>().notNull(),
      changedAt: int('changed_at').notNull(),
    },
    (t) => [
      index('service_periods_conversation').on(t.conversationId, t.askedAt),
      index('service_periods_open').on(t.conversationId).where(isNull(t.endedAt)),
      index('service_periods_seat').on(t.seatId, t.askedAt).where(isNotNull(t.seatId)),
      index('service_periods_asked').on(t.askedAt),
      index('service_periods_changed').on(t.changedAt),
      index('service_periods_accepted').on(t.groupId, t.acceptedAt).where(isNotNull(t.acceptedAt)),
    ],
  );
  const queueEntries = table(
    'queue_entries',
    {
      conversationId: text('conversation_id').primaryKey(),
      kind: text('kind').$type<QueueEntry['kind']>().notNull(),
      groupId: text('group_id').notNull(),
      waitedFrom: int('waited_from').notNull(),
      groupSince: int('group_since').notNull(),
      rankAt: int('rank_at').notNull(),
      wantedSeatId: text('wanted_seat_id'),
      offeredTo: text('offered_to'),
      offeredUntil: int('offered_until'),
      refusals: json('refusals').$type<readonly RefusalRow[]>().notNull(),
      leaving: bool('leaving').notNull(),
      toldPosition: int('told_position'),
      toldAt: int('told_at'),
    },
    (t) => [index('queue_entries_rank').on(t.groupId, t.rankAt), index('queue_entries_offered').on(t.offeredTo).where(isNotNull(t.offeredTo))],
  );
  const seatStates = table('seat_states', {
    seatId: text('seat_id').primaryKey(),
    state: text('state').$type<SeatPresenceState>().notNull(),
    reason: text('reason'),
    since: int('since').notNull(),
    until: int('until'),
    actedAt: int('acted_at').notNull(),
    servedAt: int('served_at').notNull(),
  });
  const seatSkills = table('seat_skills', { seatId: text('seat_id').primaryKey(), groups: json('groups').$type<readonly string[]>().notNull(), capacity: int('capacity').notNull(), updatedAt: int('updated_at').notNull() });
  const participants = table(
    'conversation_participants',
    { conversationId: text('conversation_id').notNull(), seatId: text('seat_id').notNull(), kind: text('kind').$type<Participant['kind']>().notNull(), since: int('since').notNull() },
    (t) => [primaryKey({ columns: [t.conversationId, t.seatId] }), index('conversation_participants_seat').on(t.seatId, t.since)],
  );
  const transfers = table(
    'conversation_transfers',
    {
      id: text('id').primaryKey(),
      conversationId: text('conversation_id').notNull(),
      fromSeatId: text('from_seat_id').notNull(),
      toKind: text('to_kind').$type<Transfer['toKind']>().notNull(),
      toId: text('to_id').notNull(),
      note: text('note').notNull(),
      at: int('at').notNull(),
    },
    (t) => [index('conversation_transfers_conversation').on(t.conversationId, t.at)],
  );
  return { servicePeriods, queueEntries, seatStates, seatSkills, participants, transfers };
}
