import { hash } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { cleanText } from '../../src/channel/degrade.ts';
import { asAddress, asExternalId, type ActivityContent, type Attachment, type ExternalId, type InboundActivity, type Locale } from '../../src/domain/activity.ts';
import type { JsonObject, JsonValue } from '../../src/domain/json.ts';
import { isObject } from './body.ts';
import { badArgument, fault, missing } from './faults.ts';

/**
 * Direct Line activity → inbound activity. Pure. Fields by the Bot Framework activity schema; clients leave out or null
 * what they have nothing for, so everything but `type` may be missing.
 */

const OptionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]));

const ActivitySchema = Type.Object({
  type: Type.String({ minLength: 1, maxLength: 100 }),
  from: Type.Optional(Type.Union([Type.Object({ id: OptionalText, name: OptionalText }), Type.Null()])),
  text: OptionalText,
  locale: OptionalText,
  name: OptionalText,
  code: OptionalText,
  attachments: Type.Optional(
    Type.Union([Type.Array(Type.Object({ contentType: OptionalText, contentUrl: OptionalText, name: OptionalText }), { maxItems: 20 }), Type.Null()]),
  ),
});
type WireActivity = Static<typeof ActivitySchema>;
const checkActivity = Compile(ActivitySchema);

export interface DecodeContext {
  readonly channel: string;
  /** Direct Line conversation id. */
  readonly conversation: string;
  /** Bound id of the token; null: the client names itself. */
  readonly boundUser: string | null;
  /** The caller has the secret: the `dl_` id it names is as good as a bound one. */
  readonly trusted: boolean;
  /** Files come with the request: a message may then be empty otherwise. */
  readonly hasUploads: boolean;
}

export interface Decoded {
  /** The sender's id on the wire, for echoes. */
  readonly senderId: string;
  /** `typing` is passed on, not stored. */
  readonly kind: 'stored' | 'typing';
  readonly inbound: InboundActivity;
  /** Files inside `data:` URLs: to be saved, then added to the content's attachments. */
  readonly inline: readonly InlineFile[];
}

export interface InlineFile {
  readonly name: string | undefined;
  readonly bytes: Buffer;
}

/** Throws 400 (BadArgument, MissingProperty) and 413. */
export function decodeActivity(body: JsonObject, context: DecodeContext): Decoded {
  const { type, channelData } = body;
  if (typeof type !== 'string') throw missing('type');
  if (!checkActivity.Check(body)) throw badArgument('activity does not have the shape of an activity');
  const senderId = readSender(body, context);
  const inline: InlineFile[] = [];
  const content = readContent(body, context, inline);
  const locale = readLocale(body.locale ?? undefined);
  const bound = context.boundUser !== null || (context.trusted && senderId.startsWith('dl_'));
  const displayName = cleanText(body.from?.name ?? '').trim().slice(0, 100);
  const inbound: InboundActivity = {
    channel: context.channel,
    address: asAddress(context.conversation),
    externalId: externalIdOf(channelData, context.conversation, senderId),
    modality: 'text',
    ...(locale === undefined ? {} : { locale }),
    content,
    ...(channelData === undefined ? {} : { channelData }),
    // An unbound id is whatever the page says: it proves nobody, so it never reaches the vault.
    identity: { externalUserId: bound ? senderId : null, ...(bound && displayName !== '' ? { displayName } : {}) },
    ...(content.type === 'unsupported' ? { raw: JSON.stringify(body) } : {}),
  };
  return { senderId, kind: content.type === 'typing' ? 'typing' : 'stored', inbound, inline };
}

function readSender(body: WireActivity, context: DecodeContext): string {
  if (context.boundUser !== null) return context.boundUser;
  const id = body.from?.id ?? '';
  if (id === '') throw missing('from.id');
  if (id.length > 256) throw badArgument('from.id is too long');
  if (!context.trusted && id.startsWith('dl_')) throw badArgument('from.id may begin with dl_ only when the token was made for it');
  return id;
}

function readContent(body: JsonObject & WireActivity, context: DecodeContext, inline: InlineFile[]): ActivityContent {
  switch (body.type) {
    case 'message':
      return readMessage(body, context, inline);
    case 'event':
      if ((body.name ?? '') === '') throw missing('name');
      return { type: 'event', name: cleanText(body.name ?? '').slice(0, 200), ...(body['value'] === undefined ? {} : { value: body['value'] }) };
    case 'typing':
      return { type: 'typing' };
    case 'endOfConversation':
      return { type: 'endOfConversation', code: cleanText(body.code ?? '').slice(0, 100) || 'unknown' };
    default:
      return { type: 'unsupported', kind: cleanText(body.type) };
  }
}

function readMessage(body: JsonObject & WireActivity, context: DecodeContext, inline: InlineFile[]): ActivityContent {
  const text = cleanText(body.text ?? '');
  const attachments: Attachment[] = [];
  let cards = 0;
  // With an upload the attachments of the activity only name the files that come beside it.
  for (const attachment of context.hasUploads ? [] : (body.attachments ?? [])) {
    const url = attachment.contentUrl ?? '';
    const name = fileName(attachment.name ?? undefined);
    if (url === '') cards += 1;
    else if (/^https?:\/\/[!-~]+$/i.test(url) && url.length <= 2048) attachments.push({ contentType: cleanText(attachment.contentType ?? 'application/octet-stream').slice(0, 100), ...(name === undefined ? {} : { name }), url });
    else if (url.startsWith('data:')) inline.push({ name, bytes: dataUrlBytes(url) });
    else throw badArgument('contentUrl must be http, https or data');
  }
  const value = body['value'] ?? undefined;
  const empty = text.trim() === '' && value === undefined && attachments.length + inline.length === 0 && !context.hasUploads;
  if (empty && cards > 0) return { type: 'unsupported', kind: 'message' };
  if (empty) throw missing('text, value or attachments');
  return { type: 'message', text, ...(attachments.length === 0 ? {} : { attachments }), ...(value === undefined ? {} : { value }) };
}

function dataUrlBytes(url: string): Buffer {
  const match = /^data:[!-~]*?;base64,([A-Za-z0-9+/=_-]+)$/.exec(url);
  if (match?.[1] === undefined) throw badArgument('data URL is not base64');
  return Buffer.from(match[1], 'base64');
}

/** The last part of a path, without characters that a file system or a header could stumble over; undefined when nothing is left. */
export function fileName(given: string | undefined): string | undefined {
  const name = cleanText(given ?? '').split(/[/\\]/).at(-1)?.replace(/[\n\t"<>|:*?]/g, '').trim() ?? '';
  if (name === '' || /^\.+$/.test(name)) return undefined;
  if (name.length <= 120) return name;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && name.length - dot <= 10 ? name.slice(dot) : '';
  // cleanText mends a pair that the cut has halved.
  return cleanText(name.slice(0, 110)) + ending;
}

function readLocale(tag: string | undefined): Locale | undefined {
  if (tag === undefined) return undefined;
  if (/^zh(-|$)/i.test(tag)) return 'zh-CN';
  return /^en(-|$)/i.test(tag) ? 'en' : undefined;
}

/**
 * Conversation, sender and clientActivityID, the three that make a message the same one. Hashed: the sender's id is the
 * page's business and has no place beside the conversation. Null without a clientActivityID.
 */
function externalIdOf(channelData: JsonValue | undefined, conversation: string, senderId: string): ExternalId | null {
  const id = isObject(channelData) ? channelData['clientActivityID'] : undefined;
  if (typeof id !== 'string' || id === '') return null;
  if (id.length > 1000) throw fault(400, 'webchat.bad_argument', 'clientActivityID is too long');
  return asExternalId(hash('sha256', JSON.stringify([conversation, senderId, id]), 'base64url'));
}
