import { and, eq, isNotNull, sql } from 'drizzle-orm';
import { AppError } from '../../domain/errors.ts';
import type { ReplyRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given, setTo } from './statements.ts';

export function createReplyRepository(session: Session): ReplyRepository {
  const { db, tables: { activities: a, replies: r, conversations: c } } = session;
  const stored = db
    .select({ fromSeq: r.fromSeq, toSeq: r.toSeq })
    .from(r)
    .where(and(eq(r.channel, given(r.channel, 'channel')), eq(r.externalId, given(r.externalId, 'externalId'))))
    .prepare('replies_stored');
  const answeredAtOnce = db
    .select({ fromSeq: a.answeredFrom, toSeq: a.answeredTo })
    .from(a)
    .where(and(eq(a.channel, given(a.channel, 'channel')), eq(a.externalId, given(a.externalId, 'externalId')), isNotNull(a.answeredTo)))
    .prepare('replies_at_once');
  const seqs = db.select({ lastSeq: c.lastSeq, collectedSeq: c.collectedSeq }).from(c).where(eq(c.id, given(c.id, 'id'))).prepare('replies_seqs');
  const insert = db
    .insert(r)
    .values({
      channel: sql.placeholder('channel'), externalId: sql.placeholder('externalId'), conversationId: sql.placeholder('conversationId'),
      fromSeq: sql.placeholder('fromSeq'), toSeq: sql.placeholder('toSeq'), at: sql.placeholder('at'),
    })
    .prepare('replies_insert');
  const move = db.update(c).set({ collectedSeq: setTo(c.collectedSeq, 'toSeq'), version: sql`${c.version} + 1` }).where(eq(c.id, given(c.id, 'id'))).prepare('replies_move');

  return {
    async insert({ channel, externalId, conversationId, fromSeq, toSeq, now }) {
      await insert.execute({ channel, externalId, conversationId, fromSeq, toSeq, at: now });
    },
    async collect({ channel, externalId, conversationId, heardUpTo = null, now }) {
      // The conversation is held first, so that the same request arriving twice at once finds the other's answer.
      await session.lockRow(c.id, conversationId);
      const before = first(await stored.execute({ channel, externalId }));
      if (before !== null) return { ...before, repeated: true };
      const atOnce = first(await answeredAtOnce.execute({ channel, externalId }));
      if (atOnce !== null && atOnce.fromSeq !== null && atOnce.toSeq !== null) return { fromSeq: atOnce.fromSeq, toSeq: atOnce.toSeq, repeated: true };
      const conversation = first(await seqs.execute({ id: conversationId }));
      if (conversation === null) throw new AppError('conversation.not_found', 'no such conversation', { status: 404, details: { conversationId } });
      const answer = { fromSeq: Math.min(heardUpTo ?? conversation.collectedSeq, conversation.lastSeq), toSeq: conversation.lastSeq };
      await insert.execute({ channel, externalId, conversationId, ...answer, at: now });
      if (answer.toSeq !== conversation.collectedSeq) await move.execute({ id: conversationId, toSeq: answer.toSeq });
      return { ...answer, repeated: false };
    },
  };
}
