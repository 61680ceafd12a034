import { and, eq, gt, isNull, lte, or, sql } from 'drizzle-orm';
import type { ChannelStateRepository, MediaRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given } from './statements.ts';

export function createChannelStateRepository(session: Session): ChannelStateRepository {
  const { db, vault, tables: { channelState: s } } = session;
  const live = db
    .select({ sealed: s.valueSealed })
    .from(s)
    .where(and(eq(s.channel, given(s.channel, 'channel')), eq(s.key, given(s.key, 'key')), or(isNull(s.expiresAt), gt(s.expiresAt, given(s.expiresAt, 'now')))))
    .prepare('channel_state_live');
  const put = db
    .insert(s)
    .values({ channel: sql.placeholder('channel'), key: sql.placeholder('key'), valueSealed: sql.placeholder('sealed'), expiresAt: sql.placeholder('expiresAt') })
    .onConflictDoUpdate({ target: [s.channel, s.key], set: { valueSealed: sql`excluded.value_sealed`, expiresAt: sql`excluded.expires_at` } })
    .prepare('channel_state_put');

  return {
    async get(channel, key, now) {
      // A look inside a write is the first half of a change (a quota's counter): two of them must not read the same.
      await session.lockName(`channel state ${channel} ${key}`);
      const row = first(await live.execute({ channel, key, now }));
      return row === null ? null : vault.open(row.sealed);
    },
    async put(channel, key, value, expiresAt) {
      await put.execute({ channel, key, sealed: vault.seal(value), expiresAt });
    },
  };
}

export function createMediaRepository(session: Session): MediaRepository {
  const { db, tables: { media: m } } = session;
  const live = db
    .select({ contentType: m.contentType, name: m.name, bytes: m.bytes })
    .from(m)
    .where(and(eq(m.token, given(m.token, 'token')), or(isNull(m.expiresAt), gt(m.expiresAt, given(m.expiresAt, 'now')))))
    .prepare('media_live');
  const expired = db.delete(m).where(lte(m.expiresAt, given(m.expiresAt, 'now'))).returning({ token: m.token }).prepare('media_expired');

  return {
    async save(given) {
      await db.insert(m).values(given);
    },
    async open(token, now) {
      return first(await live.execute({ token, now }));
    },
    async removeExpired(now) {
      return (await expired.execute({ now })).length;
    },
  };
}
