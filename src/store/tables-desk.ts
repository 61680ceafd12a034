import { isNull } from 'drizzle-orm';
import type { CannedAnswer, NoteKind } from './contract-desk.ts';
import type { Kit } from './kit.ts';

/** What seats keep beside conversations. */
export function deskWorkTables({ table, text, int, json, index, primaryKey }: Kit) {
  const cannedAnswers = table(
    'canned_answers',
    {
      id: text('id').primaryKey(),
      ownerId: text('owner_id'),
      folder: text('folder').notNull(),
      title: text('title').notNull(),
      shortcut: text('shortcut'),
      texts: json('texts').$type<CannedAnswer['texts']>().notNull(),
      updatedBy: text('updated_by').notNull(),
      updatedAt: int('updated_at').notNull(),
      version: int('version').notNull(),
      removedAt: int('removed_at'),
    },
    (t) => [index('canned_answers_owner').on(t.ownerId)],
  );
  const conversationNotes = table(
    'conversation_notes',
    {
      id: text('id').primaryKey(),
      conversationId: text('conversation_id').notNull(),
      seatId: text('seat_id').notNull(),
      kind: text('kind').$type<NoteKind>().notNull(),
      text: text('text').notNull(),
      mentions: json('mentions').$type<readonly string[]>().notNull(),
      toSeatId: text('to_seat_id'),
      at: int('at').notNull(),
      afterSeq: int('after_seq').notNull(),
    },
    (t) => [index('conversation_notes_conversation').on(t.conversationId, t.at)],
  );
  const noteMentions = table(
    'note_mentions',
    { seatId: text('seat_id').notNull(), noteId: text('note_id').notNull(), at: int('at').notNull(), readAt: int('read_at') },
    (t) => [primaryKey({ columns: [t.seatId, t.noteId] }), index('note_mentions_at').on(t.seatId, t.at), index('note_mentions_unread').on(t.seatId).where(isNull(t.readAt))],
  );
  const drafts = table(
    'reply_drafts',
    { seatId: text('seat_id').notNull(), conversationId: text('conversation_id').notNull(), textSealed: text('text_sealed').notNull(), at: int('at').notNull() },
    (t) => [primaryKey({ columns: [t.seatId, t.conversationId] })],
  );
  return { cannedAnswers, conversationNotes, noteMentions, drafts };
}
