import type { EpochMs, Locale } from '../domain/activity.ts';

/** What seats keep beside conversations: ready answers, private notes with mentions, unsent replies. None of it is ever sent to a citizen by itself. */

/** A text that is used again and again. `{{name}}` in it is filled from the conversation (src/web/desk/state/canned.ts). */
export interface CannedAnswer {
  readonly id: string;
  /** Whose; null: everybody's. */
  readonly ownerId: string | null;
  readonly folder: string;
  readonly title: string;
  /** Typed after `/`; null: found by its title only. */
  readonly shortcut: string | null;
  /** By the citizen's language; Chinese is always there. */
  readonly texts: Readonly<Partial<Record<Locale, string>>> & { readonly 'zh-CN': string };
  readonly updatedBy: string;
  readonly updatedAt: EpochMs;
  readonly version: number;
}

export interface CannedRepository {
  /** Shared ones and this seat's own, by folder and title. */
  list(seatId: string): Promise<readonly CannedAnswer[]>;
  /** Null when unknown or removed. */
  get(id: string): Promise<CannedAnswer | null>;
  /** A new one; one that is there already stays as it is (two nodes fill an empty shelf at once). */
  add(answer: Omit<CannedAnswer, 'version'>): Promise<void>;
  /** @throws AppError `canned.conflict` when `version` is not the stored one */
  change(id: string, version: number, change: Pick<CannedAnswer, 'folder' | 'title' | 'shortcut' | 'texts' | 'updatedBy' | 'updatedAt'>): Promise<CannedAnswer>;
  /** Kept in the table, shown no more. False when it was not there. */
  remove(id: string, by: string, at: EpochMs): Promise<boolean>;
  /** Was there ever a shared one? Then the file's are not put on the shelf again. */
  everShared(): Promise<boolean>;
}

/** `note`: for the desk; `whisper`: from a supervisor to the seat that has the conversation. */
export type NoteKind = 'note' | 'whisper';

export interface ConversationNote {
  readonly id: string;
  readonly conversationId: string;
  readonly seatId: string;
  readonly kind: NoteKind;
  /** Masked before it is stored. */
  readonly text: string;
  /** Seats that are to look at it. */
  readonly mentions: readonly string[];
  /** Whisper: the seat that had the conversation. */
  readonly toSeatId: string | null;
  readonly at: EpochMs;
  /** It was written after this activity. */
  readonly afterSeq: number;
}

export interface Mention {
  readonly note: ConversationNote;
  readonly readAt: EpochMs | null;
}

export interface NoteRepository {
  /** Stores the note and a mention for every seat that it names (the whispered-to one among them). */
  insert(note: ConversationNote): Promise<void>;
  get(id: string): Promise<ConversationNote | null>;
  /** The newest `limit`, oldest first. */
  of(conversationId: string, limit: number): Promise<readonly ConversationNote[]>;
  /** Newest first. */
  mentions(seatId: string, limit: number): Promise<readonly Mention[]>;
  unread(seatId: string): Promise<number>;
  /** @param noteIds null: all */
  markRead(seatId: string, noteIds: readonly string[] | null, at: EpochMs): Promise<void>;
}

/** An unsent reply, sealed at rest. */
export interface DraftRepository {
  get(seatId: string, conversationId: string): Promise<{ readonly text: string; readonly at: EpochMs } | null>;
  put(seatId: string, conversationId: string, text: string, at: EpochMs): Promise<void>;
  remove(seatId: string, conversationId: string): Promise<void>;
  /** Housekeeping: forgets at most `limit` that nobody has touched since. Returns how many. */
  removeOld(before: EpochMs, limit: number): Promise<number>;
}
