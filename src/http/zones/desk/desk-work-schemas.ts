import Type, { type Static } from 'typebox';
import { OwnerSchema } from './schemas.ts';

/** Shapes of notes, ready answers, drafts and a citizen's history. Times are epoch ms. */

const shape = { additionalProperties: false };
const Text = Type.Union([Type.Null(), Type.String()]);
const NoteKindSchema = Type.Union([Type.Literal('note'), Type.Literal('whisper')]);
const Person = Type.Object({ id: Type.String(), name: Type.String() });

export const NoteView = Type.Object({
  id: Type.String(), conversationId: Type.String(), seatId: Type.String(), seatName: Type.String(), kind: NoteKindSchema, text: Type.String(), mentions: Type.Array(Person),
  /** Whisper: who had the conversation. */
  toSeatId: Text, toSeatName: Text, at: Type.Number(), afterSeq: Type.Number(),
});
export type NoteViewShape = Static<typeof NoteView>;
export const NoteGiven = Type.Object({ kind: NoteKindSchema, text: Type.String({ minLength: 1, maxLength: 2000 }), mentions: Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { maxItems: 20 })) }, shape);
export const MentionView = Type.Object({ note: NoteView, readAt: Type.Union([Type.Null(), Type.Number()]) });
export const MentionsRead = Type.Object({ noteIds: Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { maxItems: 200 })) }, shape);
export const ColleagueView = Type.Object({ id: Type.String(), name: Type.String(), role: Type.String() });

const Texts = Type.Object({ 'zh-CN': Type.String({ minLength: 1, maxLength: 2000 }), en: Type.Optional(Type.String({ maxLength: 2000 })) }, shape);
export const CannedView = Type.Object({ id: Type.String(), shared: Type.Boolean(), folder: Type.String(), title: Type.String(), shortcut: Text, texts: Type.Object({ 'zh-CN': Type.String(), en: Type.Optional(Type.String()) }), updatedAt: Type.Number(), version: Type.Number() });
const cannedFields = { folder: Type.String({ minLength: 1, maxLength: 40 }), title: Type.String({ minLength: 1, maxLength: 60 }), shortcut: Type.Union([Type.Null(), Type.String({ pattern: '^[a-z0-9]{1,12}$' })]), texts: Texts };
export const CannedGiven = Type.Object({ shared: Type.Boolean(), ...cannedFields }, shape);
export const CannedChange = Type.Object({ version: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), ...cannedFields }, shape);

export const DraftGiven = Type.Object({ text: Type.String({ maxLength: 5000 }) }, shape);

export const EarlierView = Type.Object({
  id: Type.String(), channel: Type.String(), owner: OwnerSchema, seatName: Text, createdAt: Type.Number(), lastActivityAt: Type.Number(), lastSeq: Type.Number(),
  /** What was said last on either side, masked. */
  lastCitizen: Text, lastAnswer: Text,
});
