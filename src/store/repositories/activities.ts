import { and, eq, gt, lte, sql } from 'drizzle-orm';
import type { Activity } from '../../domain/activity.ts';
import { AppError } from '../../domain/errors.ts';
import type { ActivityDraft, ActivityRepository, DeliveryReceipt } from '../contract.ts';
import type { Session } from '../session.ts';
import type { ConversationAdvance } from './conversations.ts';
import { first, given, isIn, listed } from './statements.ts';

interface SeqRange {
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** Ids asked for in one statement; PostgreSQL and SQLite both bear more. */
const IDS_AT_ONCE = 500;

export function createActivityRepository(session: Session, conversations: ConversationAdvance): ActivityRepository {
  const { db, vault, tables: { activities: a, conversations: c, receipts: r } } = session;
  const { originalSealed: _sealed, ...shown } = {
    id: a.id, conversationId: a.conversationId, seq: a.seq, direction: a.direction, channel: a.channel, externalId: a.externalId, role: a.role,
    seatId: a.seatId, at: a.at, replyToId: a.replyToId, content: a.content, channelData: a.channelData, originalSealed: a.originalSealed,
  };
  const takeSeqs = db
    .update(c)
    .set({
      lastSeq: sql`${c.lastSeq} + ${given(c.lastSeq, 'amount')}`,
      lastActivityAt: sql`case when ${c.lastActivityAt} > ${given(c.lastActivityAt, 'at')} then ${c.lastActivityAt} else ${given(c.lastActivityAt, 'at')} end`,
    })
    .where(eq(c.id, given(c.id, 'id')))
    .returning({ lastSeq: c.lastSeq, channel: c.channel })
    .prepare('activities_take_seqs');
  const insert = db
    .insert(a)
    .values({
      id: sql.placeholder('id'), conversationId: sql.placeholder('conversationId'), seq: sql.placeholder('seq'), direction: sql.placeholder('direction'),
      channel: sql.placeholder('channel'), externalId: sql.placeholder('externalId'), role: sql.placeholder('role'), seatId: sql.placeholder('seatId'),
      at: sql.placeholder('at'), replyToId: sql.placeholder('replyToId'), content: sql.placeholder('content'), channelData: sql.placeholder('channelData'),
      originalSealed: sql.placeholder('originalSealed'), answeredFrom: sql.placeholder('answeredFrom'), answeredTo: sql.placeholder('answeredTo'),
    })
    .onConflictDoNothing()
    .returning({ seq: a.seq })
    .prepare('activities_insert');
  const byExternalId = db.select(shown).from(a).where(and(eq(a.channel, given(a.channel, 'channel')), eq(a.externalId, given(a.externalId, 'externalId')))).prepare('activities_by_external_id');
  const byId = db.select(shown).from(a).where(eq(a.id, given(a.id, 'id'))).prepare('activities_by_id');
  const byIds = db.select(shown).from(a).where(isIn(session, a.id, 'ids')).prepare('activities_by_ids');
  const sealedById = db.select({ sealed: a.originalSealed }).from(a).where(eq(a.id, given(a.id, 'id'))).prepare('activities_sealed_by_id');
  const ofConversation = eq(a.conversationId, given(a.conversationId, 'conversationId'));
  const range = db
    .select(shown)
    .from(a)
    .where(and(ofConversation, gt(a.seq, given(a.seq, 'after')), lte(a.seq, given(a.seq, 'upTo'))))
    .orderBy(a.seq)
    .prepare('activities_range');
  const lastSeq = db.select({ lastSeq: c.lastSeq }).from(c).where(eq(c.id, given(c.id, 'id'))).prepare('activities_last_seq');
  const insertReceipt = db
    .insert(r)
    .values({ conversationId: sql.placeholder('conversationId'), activityId: sql.placeholder('activityId'), status: sql.placeholder('status'), code: sql.placeholder('code'), at: sql.placeholder('at') })
    .prepare('receipts_insert');
  const receiptsOf = db
    .select({ activityId: r.activityId, conversationId: r.conversationId, status: r.status, code: r.code, at: r.at })
    .from(r)
    .where(eq(r.conversationId, given(r.conversationId, 'conversationId')))
    .orderBy(r.position)
    .prepare('receipts_of_conversation');

  async function get(id: string): Promise<Activity | null> {
    return first(await byId.execute({ id }));
  }

  async function insertOne(draft: ActivityDraft, envelope: { readonly conversationId: string; readonly channel: string; readonly seq: number }, answered: SeqRange | null = null): Promise<Activity> {
    // Field by field: copying all but one costs more than the statement.
    const { id, direction, externalId, role, seatId, at, replyToId, content, channelData, sealed } = draft;
    const { conversationId, channel, seq } = envelope;
    const activity: Activity = { id, direction, externalId, role, seatId, at, replyToId, content, channelData, conversationId, channel, seq };
    const inserted = await insert.execute({
      id, direction, externalId, role, seatId, at, replyToId, content, channelData, conversationId, channel, seq,
      originalSealed: sealed === null ? null : vault.seal(sealed), answeredFrom: answered?.fromSeq ?? null, answeredTo: answered?.toSeq ?? null,
    });
    if (inserted.length === 0) {
      const known = draft.externalId === null ? null : first(await byExternalId.execute({ channel, externalId: draft.externalId }));
      // The seq is taken by now: the transaction cannot go on without leaving a gap.
      throw session.doom(
        known === null
          ? new AppError('store.constraint', 'an activity with this id is stored already', { status: 409, details: { conversationId } })
          : new AppError('activity.duplicate', 'this message is stored already', { status: 409, details: { conversationId, activityId: known.id } }),
      );
    }
    return activity;
  }

  return {
    async append(conversationId, drafts) {
      if (drafts.length === 0) return [];
      const taken = first(await takeSeqs.execute({ id: conversationId, amount: drafts.length, at: Math.max(...drafts.map((draft) => draft.at)) }));
      if (taken === null) throw new AppError('conversation.not_found', 'no such conversation', { status: 404, details: { conversationId } });
      const activities: Activity[] = [];
      for (const [index, draft] of drafts.entries()) {
        activities.push(await insertOne(draft, { conversationId, channel: taken.channel, seq: taken.lastSeq - drafts.length + 1 + index }));
      }
      return activities;
    },
    async appendWith(stored, change, drafts, collect = false) {
      let at = stored.lastActivityAt;
      for (const draft of drafts) at = Math.max(at, draft.at);
      const conversation = await conversations.advance(stored, change, { amount: drafts.length, at, collect });
      const answered = collect ? { fromSeq: Math.min(stored.collectedSeq, stored.lastSeq), toSeq: conversation.lastSeq } : null;
      const activities: Activity[] = [];
      for (const [index, draft] of drafts.entries()) {
        const envelope = { conversationId: stored.id, channel: stored.channel, seq: conversation.lastSeq - drafts.length + 1 + index };
        activities.push(await insertOne(draft, envelope, index === 0 ? answered : null));
      }
      return { conversation, activities };
    },
    async findByExternalId(channel, externalId) {
      return first(await byExternalId.execute({ channel, externalId }));
    },
    get,
    async getMany(ids) {
      const found = new Map<string, Activity>();
      for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
        const some = ids.slice(start, start + IDS_AT_ONCE);
        const rows = some.length === 1 && some[0] !== undefined ? await byId.execute({ id: some[0] }) : await byIds.execute({ ids: listed(some) });
        for (const row of rows) found.set(row.id, row);
      }
      return ids.flatMap((id) => found.get(id) ?? []);
    },
    async unsealed(id) {
      const sealed = first(await sealedById.execute({ id }))?.sealed ?? null;
      return sealed === null ? null : vault.open(sealed);
    },
    async after(conversationId, afterSeq, limit) {
      // Seqs have no gaps: a number of activities is a range of seqs.
      return range.execute({ conversationId, after: afterSeq, upTo: afterSeq + limit });
    },
    async latest(conversationId, limit) {
      const end = first(await lastSeq.execute({ id: conversationId }))?.lastSeq ?? 0;
      return range.execute({ conversationId, after: end - limit, upTo: end });
    },
    async between(conversationId, fromSeqExclusive, toSeqInclusive) {
      return range.execute({ conversationId, after: fromSeqExclusive, upTo: toSeqInclusive });
    },
    async addReceipt(receipt: DeliveryReceipt) {
      await insertReceipt.execute({ ...receipt });
    },
    async receipts(conversationId) {
      return receiptsOf.execute({ conversationId });
    },
  };
}
