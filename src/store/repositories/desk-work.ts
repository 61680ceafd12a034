import { and, asc, count, desc, eq, inArray, isNull, lt, or, sql } from 'drizzle-orm';
import { AppError } from '../../domain/errors.ts';
import type { CannedRepository, DraftRepository, NoteRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given, orderedUpToLimit, placeholders } from './statements.ts';

/** Ready answers. */
export function createCannedRepository(session: Session): CannedRepository {
  const { db, tables: { cannedAnswers: t } } = session;
  const { id, ownerId, folder, title, shortcut, texts, updatedBy, updatedAt, version } = t;
  const shown = { id, ownerId, folder, title, shortcut, texts, updatedBy, updatedAt, version };
  const there = isNull(t.removedAt);
  const insert = db.insert(t).values({ ...placeholders({ id, ownerId, folder, title, shortcut, texts, updatedBy, updatedAt }), version: 1 }).onConflictDoNothing({ target: t.id }).prepare('canned_insert');
  const visible = db.select(shown).from(t).where(and(there, or(isNull(ownerId), eq(ownerId, given(ownerId, 'seatId'))))).orderBy(asc(folder), asc(title), asc(id)).prepare('canned_visible');
  return {
    async list(seatId) {
      return visible.execute({ seatId });
    },
    async get(wanted) {
      return first(await db.select(shown).from(t).where(and(eq(id, wanted), there)).limit(1));
    },
    async add(answer) {
      await insert.execute({ ...answer });
    },
    async change(wanted, seen, change) {
      const row = first(await db.update(t).set({ ...change, version: sql`${version} + 1` }).where(and(eq(id, wanted), eq(version, seen), there)).returning(shown));
      if (row === null) throw new AppError('canned.conflict', 'the answer was changed or removed by somebody else', { status: 409, retry: 'conflict', citizenText: '这条常用语已被他人修改，请刷新后再试。' });
      return row;
    },
    async remove(wanted, by, at) {
      return (await db.update(t).set({ removedAt: at, updatedBy: by, updatedAt: at }).where(and(eq(id, wanted), there)).returning({ id })).length > 0;
    },
    async everShared() {
      return (await db.select({ id }).from(t).where(isNull(ownerId)).limit(1)).length > 0;
    },
  };
}

/** Private notes of a conversation, and who is to read them. */
export function createNoteRepository(session: Session): NoteRepository {
  const { db, tables: { conversationNotes: n, noteMentions: m } } = session;
  const { id, conversationId, seatId, kind, text, mentions, toSeatId, at, afterSeq } = n;
  const insert = db.insert(n).values(placeholders({ id, conversationId, seatId, kind, text, mentions, toSeatId, at, afterSeq })).prepare('notes_insert');
  const name = db.insert(m).values({ ...placeholders({ seatId: m.seatId, noteId: m.noteId, at: m.at }), readAt: null }).onConflictDoNothing().prepare('note_mentions_insert');
  const byId = db.select().from(n).where(eq(id, given(id, 'id'))).prepare('notes_by_id');
  const newest = db.select().from(n).where(eq(conversationId, given(conversationId, 'conversationId'))).orderBy(orderedUpToLimit(desc(at), desc(id))).prepare('notes_of');
  const named = db.select({ note: n, readAt: m.readAt }).from(m).innerJoin(n, eq(n.id, m.noteId)).where(eq(m.seatId, given(m.seatId, 'seatId'))).orderBy(orderedUpToLimit(desc(m.at), desc(m.noteId))).prepare('note_mentions_of');
  const waiting = db.select({ amount: count() }).from(m).where(and(eq(m.seatId, given(m.seatId, 'seatId')), isNull(m.readAt))).prepare('note_mentions_unread');
  return {
    async insert(note) {
      await insert.execute({ ...note });
      const readers = new Set([...note.mentions, ...(note.toSeatId === null ? [] : [note.toSeatId])]);
      readers.delete(note.seatId);
      for (const reader of readers) await name.execute({ seatId: reader, noteId: note.id, at: note.at });
    },
    async get(wanted) {
      return first(await byId.execute({ id: wanted }));
    },
    async of(wanted, limit) {
      return (await newest.execute({ conversationId: wanted, limit })).toReversed();
    },
    async mentions(reader, limit) {
      return named.execute({ seatId: reader, limit });
    },
    async unread(reader) {
      return first(await waiting.execute({ seatId: reader }))?.amount ?? 0;
    },
    async markRead(reader, noteIds, now) {
      if (noteIds?.length === 0) return;
      await db.update(m).set({ readAt: now }).where(and(eq(m.seatId, reader), isNull(m.readAt), noteIds === null ? undefined : inArray(m.noteId, [...noteIds])));
    },
  };
}

/** Unsent replies, sealed: they may hold what is never stored otherwise. */
export function createDraftRepository(session: Session): DraftRepository {
  const { db, vault, tables: { drafts: t } } = session;
  const one = and(eq(t.seatId, given(t.seatId, 'seatId')), eq(t.conversationId, given(t.conversationId, 'conversationId')));
  const find = db.select({ sealed: t.textSealed, at: t.at }).from(t).where(one).prepare('drafts_find');
  const put = db
    .insert(t)
    .values(placeholders({ seatId: t.seatId, conversationId: t.conversationId, textSealed: t.textSealed, at: t.at }))
    .onConflictDoUpdate({ target: [t.seatId, t.conversationId], set: { textSealed: sql`excluded.text_sealed`, at: sql`excluded.at` } })
    .prepare('drafts_put');
  const drop = db.delete(t).where(one).prepare('drafts_remove');
  return {
    async get(seatId, conversationId) {
      const row = first(await find.execute({ seatId, conversationId }));
      return row === null ? null : { text: vault.open(row.sealed), at: row.at };
    },
    async put(seatId, conversationId, text, at) {
      await put.execute({ seatId, conversationId, textSealed: vault.seal(text), at });
    },
    async remove(seatId, conversationId) {
      await drop.execute({ seatId, conversationId });
    },
    async removeOld(before, limit) {
      const old = await db.select({ seatId: t.seatId, conversationId: t.conversationId }).from(t).where(lt(t.at, before)).limit(limit);
      // What is written on meanwhile stays.
      for (const { seatId, conversationId } of old) await db.delete(t).where(and(eq(t.seatId, seatId), eq(t.conversationId, conversationId), lt(t.at, before)));
      return old.length;
    },
  };
}
