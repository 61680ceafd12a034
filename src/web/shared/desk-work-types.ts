import type { EpochMs, Owner } from './api-types.ts';

/** Notes, ready answers, drafts and history as the desk's API answers (src/http/zones/desk/desk-work-schemas.ts). */

export interface PersonView {
  readonly id: string;
  readonly name: string;
}

export interface ColleagueView extends PersonView {
  readonly role: string;
}

export interface NoteView {
  readonly id: string;
  readonly conversationId: string;
  readonly seatId: string;
  readonly seatName: string;
  readonly kind: 'note' | 'whisper';
  readonly text: string;
  readonly mentions: readonly PersonView[];
  readonly toSeatId: string | null;
  readonly toSeatName: string | null;
  readonly at: EpochMs;
  /** It stands behind this activity. */
  readonly afterSeq: number;
}

export interface MentionView {
  readonly note: NoteView;
  readonly readAt: EpochMs | null;
}

export interface CannedView {
  readonly id: string;
  readonly shared: boolean;
  readonly folder: string;
  readonly title: string;
  readonly shortcut: string | null;
  readonly texts: { readonly 'zh-CN': string; readonly en?: string | undefined };
  readonly updatedAt: EpochMs;
  readonly version: number;
}

export interface EarlierView {
  readonly id: string;
  readonly channel: string;
  readonly owner: Owner;
  readonly seatName: string | null;
  readonly createdAt: EpochMs;
  readonly lastActivityAt: EpochMs;
  readonly lastSeq: number;
  readonly lastCitizen: string | null;
  readonly lastAnswer: string | null;
}

/** Can a seat send a file there, and if not, why. */
export interface FilesView {
  readonly carried: boolean;
  readonly why: string | null;
}

export type NoteFrame = { readonly type: 'note'; readonly note: NoteView };
