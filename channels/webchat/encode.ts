import { cleanText, sourceLine } from '../../src/channel/degrade.ts';
import type { Activity, Attachment, Link, MessageContent, Role } from '../../src/domain/activity.ts';
import type { JsonObject, JsonValue } from '../../src/domain/json.ts';
import { badArgument } from './faults.ts';

/** Stored activity → Direct Line activity. Pure. */

export interface EncodeContext {
  /** Direct Line conversation id. */
  readonly conversation: string;
  /** The reader's own id: its messages come back under it. */
  readonly viewer: string;
  /** Absolute public address of an attachment's url. */
  readonly publicUrl: (url: string) => string;
}

export interface ActivitySet {
  readonly activities: readonly JsonObject[];
  /** Opaque to clients; replaying it loses nothing. */
  readonly watermark: string;
}

const SPEAKERS: Readonly<Record<Exclude<Role, 'citizen'>, JsonObject>> = {
  bot: { id: 'yihu', name: '12345 智能客服', role: 'bot' },
  seat: { id: 'seat', name: '坐席', role: 'bot' },
  system: { id: 'system', name: '系统提示', role: 'bot' },
};

/** `conversationId|0000001`: stable, so that a client can drop what it has seen on the other way. */
export function wireId(conversation: string, seq: number): string {
  return `${conversation}|${String(seq).padStart(7, '0')}`;
}

/** The seq after which to go on; undefined when the client gives none. Empty means from the start. Throws 400. */
export function readWatermark(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === '') return 0;
  if (!/^\d{1,15}$/.test(text)) throw badArgument('unknown watermark');
  return Number(text);
}

export function encodeSet(activities: readonly Activity[], afterSeq: number, context: EncodeContext): ActivitySet {
  return {
    activities: activities.map((activity) => encodeActivity(activity, context)).filter((activity) => activity !== null),
    watermark: String(activities.at(-1)?.seq ?? afterSeq),
  };
}

/** Null for what Direct Line never sends (conversationUpdate). */
export function encodeActivity(activity: Activity, context: EncodeContext): JsonObject | null {
  const content = encodeContent(activity, context);
  if (content === null) return null;
  const channelData = activity.direction === 'in' ? activity.channelData : sourceData(activity);
  return {
    ...content,
    id: wireId(context.conversation, activity.seq),
    timestamp: new Date(activity.at).toISOString(),
    channelId: 'directline',
    conversation: { id: context.conversation },
    from: speaker(activity.role, context.viewer),
    ...(channelData === null ? {} : { channelData }),
  };
}

/** A typing sign; it has no place in the order and no watermark of its own. */
export function encodeTyping(role: Role, number: number, at: number, context: EncodeContext, channelData?: JsonValue): JsonObject {
  return {
    type: 'typing',
    id: `${context.conversation}|typing-${number}`,
    timestamp: new Date(at).toISOString(),
    channelId: 'directline',
    conversation: { id: context.conversation },
    from: speaker(role, context.viewer),
    ...(channelData === undefined ? {} : { channelData }),
  };
}

function speaker(role: Role, viewer: string): JsonObject {
  return role === 'citizen' ? { id: viewer, role: 'user' } : SPEAKERS[role];
}

function encodeContent(activity: Activity, context: EncodeContext): JsonObject | null {
  const { content } = activity;
  switch (content.type) {
    case 'message':
      return encodeMessage(content, context);
    case 'event':
      return { type: 'event', name: content.name, ...(content.value === undefined ? {} : { value: content.value }) };
    case 'typing':
      return { type: 'typing' };
    case 'endOfConversation':
      return { type: 'endOfConversation', code: content.code };
    case 'unsupported':
      // The echo that tells the sender its activity was taken; the payload itself stays sealed.
      return content.kind === 'conversationUpdate' ? null : { type: content.kind };
  }
}

function encodeMessage(content: MessageContent, context: EncodeContext): JsonObject {
  const footer = content.source === undefined ? '' : sourceLine(content.source, 'clickable');
  return {
    type: 'message',
    text: [cleanText(content.text), footer].filter((part) => part !== '').join('\n\n'),
    textFormat: 'plain',
    ...(content.speak === undefined ? {} : { speak: cleanText(content.speak) }),
    ...(content.inputHint === undefined ? {} : { inputHint: content.inputHint }),
    ...(content.value === undefined ? {} : { value: content.value }),
    ...encodeAttachments(content, context),
    ...(content.choices === undefined || content.choices.length === 0
      ? {}
      : { suggestedActions: { to: [], actions: content.choices.map((choice) => ({ type: 'imBack', title: cleanText(choice.title), value: choice.value })) } }),
  };
}

function encodeAttachments({ attachments, links = [] }: MessageContent, context: EncodeContext): JsonObject {
  if (attachments === undefined && links.length === 0) return {};
  return { attachments: [...(attachments ?? []).map((attachment) => encodeAttachment(attachment, context)), ...(links.length === 0 ? [] : [linkCard(links)])] };
}

/** Pages to open as a hero card, which stays where a suggested action would vanish (Bot Framework, “Hero card”). */
function linkCard(links: readonly Link[]): JsonObject {
  return { contentType: 'application/vnd.microsoft.card.hero', content: { buttons: links.map(({ title, url }) => ({ type: 'openUrl', title: cleanText(title), value: url })) } };
}

function encodeAttachment(attachment: Attachment, context: EncodeContext): JsonObject {
  return {
    contentType: attachment.contentType,
    contentUrl: context.publicUrl(attachment.url),
    ...(attachment.name === undefined ? {} : { name: cleanText(attachment.name) }),
  };
}

function sourceData(activity: Activity): JsonValue {
  const source = activity.content.type === 'message' ? activity.content.source : undefined;
  if (source === undefined) return null;
  const { title, department, effectiveFrom, url } = source;
  return {
    source: {
      title,
      ...(department === undefined ? {} : { department }),
      ...(effectiveFrom === undefined ? {} : { effectiveFrom }),
      ...(url === undefined ? {} : { url }),
    },
  };
}
