import { and, eq, getTableColumns, sql } from 'drizzle-orm';
import type { Conversation } from '../../domain/conversation.ts';
import type { TurnFacts } from '../recall.ts';
import type { Session } from '../session.ts';
import { first, given } from './statements.ts';

/**
 * The conversation at an address; on SQLite together with all that a turn of it asks next, in one statement instead of four. On PostgreSQL, where
 * `recall.ts` remembers nothing, only the row is read and the rest of the facts means nothing.
 */
export function createTurnFactsReader(session: Session): (channel: string, address: Conversation['address']) => Promise<TurnFacts | null> {
  const { db, dialect, tables: { conversations: c } } = session;
  const atAddress = and(eq(c.channel, given(c.channel, 'channel')), eq(c.address, given(c.address, 'address')));
  if (dialect === 'postgres') {
    const row = db.select().from(c).where(atAddress).prepare('conversations_by_address');
    return async (channel, address) => {
      const conversation = first(await row.execute({ channel, address }));
      return conversation === null ? null : { conversation, phoneSealed: null, door: true, leaseUntil: null, waitsFrom: null };
    };
  }
  // Spelt out: of a single table drizzle leaves its name away, and the inner tables have columns of the same names.
  const citizen = 'conversations.citizen_id';
  const lane = `'turn:' || conversations.id`;
  const whole = db
    .select({
      ...getTableColumns(c),
      phoneSealed: sql<string | null>`${sql.raw(`(select coalesce(p.contact_phone_sealed, p.phone_sealed) from citizens p where p.id = ${citizen})`)}`,
      door: sql<number>`${sql.raw(`(exists (select 1 from tickets t where t.citizen_id = ${citizen} and t.state = '回访') or exists (select 1 from ticket_notices n where n.citizen_id = ${citizen} and n.state = 'waiting'))`)}`,
      leaseUntil: sql<number | null>`${sql.raw(`(select l.expires_at from lanes l where l.lane = ${lane})`)}`,
      waitsFrom: sql<number | null>`${sql.raw(`(select min(case when o.blocking then 0 else o.available_at end) from outbox o where o.state = 'ready' and o.lane = ${lane})`)}`,
    })
    .from(c)
    .where(atAddress)
    .prepare('conversations_by_address');
  return async (channel, address) => {
    const row = first(await whole.execute({ channel, address }));
    if (row === null) return null;
    // Field by field: the facts must not go on with the row, and copying all but some costs more than the statement.
    const conversation: Conversation = {
      id: row.id, channel: row.channel, address: row.address, modality: row.modality, locale: row.locale, citizenId: row.citizenId, owner: row.owner, seatId: row.seatId,
      handoffReason: row.handoffReason, enterpriseId: row.enterpriseId, waitingSince: row.waitingSince, emergency: row.emergency, understood: row.understood, unread: row.unread,
      createdAt: row.createdAt, lastInboundAt: row.lastInboundAt, lastActivityAt: row.lastActivityAt, lastSeq: row.lastSeq, collectedSeq: row.collectedSeq, version: row.version,
    };
    return { conversation, phoneSealed: row.phoneSealed, door: row.door === 1, leaseUntil: row.leaseUntil, waitsFrom: row.waitsFrom };
  };
}
