import { createHash } from 'node:crypto';
import { cleanText } from '../../src/channel/degrade.ts';
import { asAddress, asExternalId, type ActivityContent, type Address, type Attachment, type ExternalId, type InboundActivity, type Locale } from '../../src/domain/activity.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { readHandoff, WISH } from './handoff.ts';
import { activityShape, type Reference, type Shape } from './wire.ts';

/** Bot Framework activity → what the house takes. Pure. */

export const CHANNEL = 'botframework';

export type Decoded =
  | { readonly kind: 'malformed' }
  /** Means nothing to us and is acknowledged: our own arrival, `trace`, the internal `handoff`. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'typing'; readonly address: Address }
  /** Said where others read along. `asked`: to the bot. */
  | { readonly kind: 'group'; readonly asked: boolean }
  | Inbound;

export interface Inbound {
  readonly kind: 'inbound';
  readonly address: Address;
  /** In their order; the answer is the last one's. */
  readonly activities: readonly InboundActivity[];
  readonly reference: Reference;
  /** `expectReplies`: the answer goes into the HTTP reply. */
  readonly replies: boolean;
  /** Files that came inside the activity, for its message. */
  readonly inline: readonly { readonly name: string | undefined; readonly bytes: Buffer }[];
}

/** Clients of these choose the user's id themselves, unless it was bound to a token (`dl_`, Direct Line 3.0). */
const OPEN_CHANNELS: ReadonlySet<string> = new Set(['directline', 'webchat', 'emulator', 'test']);
const NOT_FOR_US: ReadonlySet<string> = new Set(['trace', 'handoff']);

export function decode(activity: JsonObject, handoff: 'seats' | 'hub'): Decoded {
  if (!activityShape.Check(activity)) return { kind: 'malformed' };
  const shape: Shape = activity;
  // Older than the SDK's check of tokens for it, and switched off there by its own constants.
  if (shape.channelId.toLowerCase() === 'asechannel') return { kind: 'malformed' };
  if (NOT_FOR_US.has(shape.type)) return { kind: 'nothing' };
  if (isGroup(shape)) return { kind: 'group', asked: shape.type === 'message' && isMentioned(shape) };
  const address = addressOf(shape);
  if (shape.type === 'typing') return { kind: 'typing', address };
  const inline: { name: string | undefined; bytes: Buffer }[] = [];
  const contents = readContents(shape, activity, handoff, inline);
  if (contents === null) return { kind: 'malformed' };
  if (contents.length === 0) return { kind: 'nothing' };
  const locale = readLocale(shape.locale ?? undefined);
  const identity = readIdentity(shape);
  return {
    kind: 'inbound',
    address,
    activities: contents.map((content, index) => ({
      channel: CHANNEL,
      address,
      externalId: externalIdOf(shape, index),
      modality: 'text',
      ...(locale === undefined ? {} : { locale }),
      content,
      identity,
      ...(content.type === 'unsupported' ? { raw: JSON.stringify(activity) } : {}),
    })),
    reference: referenceOf(shape),
    replies: shape.deliveryMode === 'expectReplies',
    inline,
  };
}

/** Null: malformed. Empty: nothing to store. */
function readContents(shape: Shape, raw: JsonObject, handoff: 'seats' | 'hub', inline: { name: string | undefined; bytes: Buffer }[]): ActivityContent[] | null {
  switch (shape.type) {
    case 'message':
      return readMessage(shape, raw, inline);
    case 'event':
      return readEvent(shape, raw, handoff);
    case 'conversationUpdate':
      return (shape.membersAdded ?? []).some(({ id }) => id !== shape.recipient.id) ? [{ type: 'event', name: 'enter' }] : [];
    case 'endOfConversation':
      return [{ type: 'endOfConversation', code: cleanText(shape.code ?? '').slice(0, 100) || 'unknown' }];
    default:
      return [{ type: 'unsupported', kind: cleanText(shape.type) }];
  }
}

function readMessage(shape: Shape, raw: JsonObject, inline: { name: string | undefined; bytes: Buffer }[]): ActivityContent[] | null {
  const text = cleanText(shape.text ?? '');
  const attachments: Attachment[] = [];
  let cards = 0;
  for (const { contentType, contentUrl, name } of shape.attachments ?? []) {
    const named = fileName(name ?? undefined);
    const url = contentUrl ?? '';
    if (url === '') cards += 1;
    else if (/^https?:\/\/[!-~]+$/i.test(url) && url.length <= 2048) attachments.push({ contentType: cleanText(contentType ?? 'application/octet-stream').slice(0, 100), ...(named === undefined ? {} : { name: named }), url });
    else {
      const bytes = /^data:[!-~]*?;base64,([A-Za-z0-9+/=_-]+)$/.exec(url)?.[1];
      if (bytes === undefined) return null;
      inline.push({ name: named, bytes: Buffer.from(bytes, 'base64') });
    }
  }
  const value = raw['value'] ?? undefined;
  if (text.trim() === '' && value === undefined && attachments.length + inline.length === 0) return cards > 0 ? [{ type: 'unsupported', kind: 'message' }] : [];
  return [{ type: 'message', text, ...(attachments.length === 0 ? {} : { attachments }), ...(value === undefined ? {} : { value }) }];
}

function readEvent(shape: Shape, raw: JsonObject, handoff: 'seats' | 'hub'): ActivityContent[] | null {
  const name = cleanText(shape.name ?? '').slice(0, 200);
  if (name === '') return null;
  const read = readHandoff(name, raw['value'], raw['attachments']);
  const event: ActivityContent = { type: 'event', name, ...(read.value === undefined ? {} : { value: read.value }) };
  // Whoever hands a citizen over to us wants a person for them; the flow for that wish takes it from here.
  if (read.kind === 'initiate') return [event, { type: 'message', text: WISH }];
  // Somebody else's agent has the citizen now: our queue is not to wait for them any longer.
  if (read.kind === 'status' && read.state === 'accepted' && handoff === 'hub') return [event, { type: 'endOfConversation', code: 'completedSuccessfully' }];
  return [event];
}

/** One conversation of one channel of the Bot Service. A hash: ids of Teams fill pages. */
function addressOf({ channelId, conversation }: Shape): Address {
  return asAddress(`${channelId}:${hash([channelId, conversation.id]).slice(0, 32)}`);
}

/** Ids are unique within a conversation. An activity may become two of ours. */
function externalIdOf({ channelId, conversation, id }: Shape, index: number): ExternalId | null {
  return id === undefined || id === '' ? null : asExternalId(hash([channelId, conversation.id, id, ...(index === 0 ? [] : [String(index)])]));
}

function hash(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

function readIdentity({ channelId, from }: Shape): { externalUserId: string | null; displayName?: string } {
  const id = from.id ?? '';
  const vouched = id !== '' && (!OPEN_CHANNELS.has(channelId) || id.startsWith('dl_'));
  const name = cleanText(from.name ?? '').trim().slice(0, 100);
  return vouched ? { externalUserId: `${channelId}:${id}`, ...(name === '' ? {} : { displayName: name }) } : { externalUserId: null };
}

function isGroup({ conversation }: Shape): boolean {
  return conversation.isGroup === true || conversation.conversationType === 'groupChat' || conversation.conversationType === 'channel';
}

function isMentioned({ entities, recipient }: Shape): boolean {
  return (entities ?? []).some(({ type, mentioned }) => type === 'mention' && mentioned?.id !== undefined && mentioned.id === recipient.id);
}

function readLocale(tag: string | undefined): Locale | undefined {
  if (tag === undefined) return undefined;
  if (/^zh(-|$)/i.test(tag)) return 'zh-CN';
  return /^en(-|$)/i.test(tag) ? 'en' : undefined;
}

/** As botbuilder's `TurnContext.getConversationReference` makes it. */
export function referenceOf(shape: Shape): Reference {
  const { conversation } = shape;
  return {
    ...(shape.id === undefined ? {} : { activityId: shape.id }),
    user: { id: shape.from.id ?? '', name: shape.from.name ?? '' },
    bot: { id: shape.recipient.id ?? '', name: shape.recipient.name ?? '' },
    conversation: { id: conversation.id, name: '', isGroup: conversation.isGroup === true, conversationType: conversation.conversationType ?? '', ...(typeof conversation.tenantId === 'string' ? { tenantId: conversation.tenantId } : {}) },
    channelId: shape.channelId,
    ...(typeof shape.locale === 'string' ? { locale: shape.locale } : {}),
    serviceUrl: shape.serviceUrl,
  };
}

/** The last part of a path, without characters that a file system or a header could stumble over; undefined when nothing is left. */
function fileName(given: string | undefined): string | undefined {
  const name = cleanText(given ?? '').split(/[/\\]/).at(-1)?.replace(/[\n\t"<>|:*?]/g, '').trim() ?? '';
  return name === '' || /^\.+$/.test(name) ? undefined : cleanText(name.slice(-120));
}
