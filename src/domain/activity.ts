import Type, { type Static } from 'typebox';
import type { JsonValue } from './json.ts';

/**
 * The normalized message of the house. The vocabulary (message, event, typing, endOfConversation) is the Bot
 * Framework's activity schema, narrowed to what a hotline needs; everything else is kept raw as `unsupported`.
 */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Where a conversation lives on its channel (a Direct Line conversation id, an openid with its account, a CallSid). Opaque: only the channel that minted it may parse it. */
export type Address = Branded<'Address'>;
/** The peer's id of one message, unique within a channel; the key that makes a resent webhook harmless. Opaque. */
export type ExternalId = Branded<'ExternalId'>;

export const asAddress = (value: string): Address => value as Address;
export const asExternalId = (value: string): ExternalId => value as ExternalId;

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** Who speaks. `system` is the house itself: notices that neither bot nor seat wrote. */
export const RoleSchema = Type.Union([Type.Literal('citizen'), Type.Literal('bot'), Type.Literal('seat'), Type.Literal('system')]);
export type Role = Static<typeof RoleSchema>;

/** How the citizen hears and speaks. Prompts are written once per modality. */
export const ModalitySchema = Type.Union([Type.Literal('text'), Type.Literal('voice')]);
export type Modality = Static<typeof ModalitySchema>;

/** `zh-HK`: spoken Cantonese. What has no wording of its own for it is said in the words of zh-CN, by a Cantonese voice. */
export const LocaleSchema = Type.Union([Type.Literal('zh-CN'), Type.Literal('zh-HK'), Type.Literal('en')]);
export type Locale = Static<typeof LocaleSchema>;

/** A suggested answer: a button, a numbered line, a key of the phone. `value` is what comes back as text. */
export const ChoiceSchema = Type.Object({
  title: Type.String({ minLength: 1 }),
  value: Type.String({ minLength: 1 }),
  /** Phone key that picks it: one of 0-9, * or #. */
  key: Type.Optional(Type.String({ pattern: '^[0-9*#]$' })),
});
export type Choice = Static<typeof ChoiceSchema>;

export const AttachmentSchema = Type.Object({
  /** MIME type, derived from the bytes where we hold them. */
  contentType: Type.String(),
  name: Type.Optional(Type.String()),
  /** `media:<id>` when the bytes are in our media store, else an http(s) URL of the peer. */
  url: Type.String(),
  sizeBytes: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type Attachment = Static<typeof AttachmentSchema>;

/** Where an answer comes from, shown to the citizen. */
export const SourceSchema = Type.Object({
  title: Type.String(),
  department: Type.Optional(Type.String()),
  /** ISO date (YYYY-MM-DD) from which it holds. */
  effectiveFrom: Type.Optional(Type.String()),
  url: Type.Optional(Type.String()),
});
export type Source = Static<typeof SourceSchema>;

/** A page that says more, or where the matter is done. */
export const LinkSchema = Type.Object({ title: Type.String({ minLength: 1 }), url: Type.String({ pattern: '^https?://' }) });
export type Link = Static<typeof LinkSchema>;

/** What the pipeline and the channels say to each other: the payload of an activity, without its envelope. */
export type ActivityContent =
  | MessageContent
  | { readonly type: 'event'; readonly name: string; readonly value?: JsonValue }
  | { readonly type: 'typing' }
  | { readonly type: 'endOfConversation'; readonly code: string }
  /** Kept raw and acknowledged, creates no turn. `kind` says what the peer called it. */
  | { readonly type: 'unsupported'; readonly kind: string };

export interface MessageContent {
  readonly type: 'message';
  /** Shown text. May be empty when there is an attachment, a value or keys. */
  readonly text: string;
  /** What a voice channel says instead of `text`; at most three sentences. */
  readonly speak?: string;
  /** How fast a voice channel speaks from here on; absent: as before. */
  readonly pace?: 'slow' | 'normal';
  readonly choices?: readonly Choice[];
  readonly attachments?: readonly Attachment[];
  readonly source?: Source;
  /** Pages to open, at most three; never spoken. */
  readonly links?: readonly Link[];
  /** Machine value of a pressed button (Direct Line postBack) or of a bot effect. */
  readonly value?: JsonValue;
  /** Phone keys as pressed ("1", "0", "20261122000018"). Inbound only. */
  readonly keys?: string;
  /** Speech recognition's confidence, 0 to 1; absent means unknown, not low. Inbound only. */
  readonly confidence?: number;
  /** Does the bot wait for an answer? Bot Framework inputHint, long form. Outbound only. */
  readonly inputHint?: 'acceptingInput' | 'expectingInput' | 'ignoringInput';
}

/** One stored activity. Append-only: never edited after it is written. */
export interface Activity {
  readonly id: string;
  readonly conversationId: string;
  /** 1, 2, 3 … without gaps within the conversation; the watermark of web chat. */
  readonly seq: number;
  readonly direction: 'in' | 'out';
  readonly channel: string;
  /** Present on inbound activities (dedupe key) and on outbound ones the peer has numbered. */
  readonly externalId: ExternalId | null;
  readonly role: Role;
  /** Seat id when role is `seat`, else null. */
  readonly seatId: string | null;
  readonly at: EpochMs;
  /** The inbound activity whose turn wrote this one; null for inbound and for seats' own messages. */
  readonly replyToId: string | null;
  readonly content: ActivityContent;
  /** The client's own envelope that must be echoed untouched (Direct Line channelData); null elsewhere. */
  readonly channelData: JsonValue;
}

/** What a channel's decode() hands to intake: an activity that is not stored yet. */
export interface InboundActivity {
  readonly channel: string;
  readonly address: Address;
  /** Null only where the peer gives nothing to dedupe by (web chat without clientActivityID). */
  readonly externalId: ExternalId | null;
  readonly modality: Modality;
  readonly locale?: Locale;
  readonly content: ActivityContent;
  readonly channelData?: JsonValue;
  /** Facts about the person, for the vault. Never stored beside the conversation, never logged. */
  readonly identity?: InboundIdentity;
  /** The peer's payload for `unsupported`, as text; stored sealed. */
  readonly raw?: string;
}

export interface InboundIdentity {
  /** The channel's own id of the person (openid, bound `dl_` user id); null when it cannot be trusted or is withheld. */
  readonly externalUserId: string | null;
  /** Normalised phone (mainland: 11 digits; else E.164), only when the channel vouches for it. */
  readonly phone?: string;
  readonly displayName?: string;
}
