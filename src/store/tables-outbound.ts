import { isNotNull } from 'drizzle-orm';
import type { Consent, ReachAttempt } from './contract-outbound.ts';
import type { Kit } from './kit.ts';

/** What the house begins (src/outbound): attempts to reach citizens, and what they allow. No number and no name is here; who is meant, the vault knows. */
export function outboundTables({ table, text, int, json, index, primaryKey }: Kit) {
  const attempts = table(
    'outbound_attempts',
    {
      id: text('id').primaryKey(),
      kind: text('kind').$type<ReachAttempt['kind']>().notNull(),
      channel: text('channel').notNull(),
      script: text('script').notNull(),
      citizenId: text('citizen_id').notNull(),
      ticketId: text('ticket_id'),
      noticeIds: json('notice_ids').$type<readonly string[]>().notNull(),
      targetId: text('target_id'),
      number: int('number').notNull(),
      state: text('state').$type<ReachAttempt['state']>().notNull(),
      code: text('code'),
      externalId: text('external_id'),
      costFen: int('cost_fen'),
      createdAt: int('created_at').notNull(),
      sentAt: int('sent_at'),
      endedAt: int('ended_at'),
      seconds: int('seconds'),
    },
    (t) => [
      index('outbound_attempts_ticket').on(t.ticketId, t.createdAt).where(isNotNull(t.ticketId)),
      index('outbound_attempts_citizen').on(t.citizenId, t.kind, t.createdAt),
      index('outbound_attempts_external').on(t.channel, t.externalId).where(isNotNull(t.externalId)),
      index('outbound_attempts_cost').on(t.createdAt, t.costFen),
      index('outbound_attempts_open').on(t.endedAt, t.kind, t.createdAt),
    ],
  );
  const consents = table(
    'outbound_consents',
    {
      citizenId: text('citizen_id').notNull(),
      channel: text('channel').notNull(),
      template: text('template').notNull(),
      state: text('state').$type<Consent['state']>().notNull(),
      left: int('left_over').notNull(),
      at: int('at').notNull(),
    },
    (t) => [primaryKey({ columns: [t.citizenId, t.channel, t.template] })],
  );
  /** Changes of consent that were heard, so that a peer may say them again. */
  const consentChanges = table('outbound_consent_changes', { channel: text('channel').notNull(), externalId: text('external_id').notNull(), at: int('at').notNull() }, (t) => [primaryKey({ columns: [t.channel, t.externalId] })]);
  return { reachAttempts: attempts, consents, consentChanges };
}
