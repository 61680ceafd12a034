import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { cleanText } from '../degrade.ts';
import type { OutgoingMessage } from '../contract.ts';
import { splitText } from '../split-text.ts';
import type { Attachment } from '../../domain/activity.ts';

/**
 * From a message of the house to WeChat's customer messages. Pure. One message becomes one send where possible, because a
 * citizen's message pays for five. Source: developers.weixin.qq.com, mini-program, "send customer message".
 */

/** One call of custom/send. */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly end: number }
  /** Our picture, to be uploaded first; `instead` goes out when WeChat does not take it. */
  | { readonly kind: 'image'; readonly attachment: Attachment; readonly instead: LinkPart }
  | LinkPart
  | { readonly kind: 'card'; readonly title: string; readonly appId: string; readonly pagePath: string; readonly thumb: { readonly mediaId: string } | { readonly attachment: Attachment } };

export interface LinkPart {
  readonly kind: 'link';
  readonly title: string;
  readonly description: string;
  readonly url: string;
  readonly thumbUrl: string;
}

/** How far a message is sent: what a retry goes on from. */
export interface Progress {
  /** Longest text of a send in bytes; shrinks when WeChat calls it too long. */
  readonly limit: number;
  /** Characters of the text that are delivered. */
  readonly offset: number;
  /** Parts after the text that are delivered. */
  readonly extras: number;
}

/** Values of outgoing messages that this channel shows as cards. */
const CardSchema = Type.Object({
  kind: Type.Literal('miniprogrampage'),
  title: Type.String({ minLength: 1 }),
  pagePath: Type.String({ minLength: 1 }),
  /** Whose page; an official account has to say it, a mini-program means its own. */
  appId: Type.Optional(Type.String({ minLength: 1 })),
  thumbMediaId: Type.Optional(Type.String()),
});
const LinkSchema = Type.Object({
  kind: Type.Literal('link'),
  title: Type.String({ minLength: 1 }),
  description: Type.Optional(Type.String()),
  url: Type.String({ pattern: '^https?://' }),
  thumbUrl: Type.Optional(Type.String({ pattern: '^https?://' })),
});
const cards = Compile(CardSchema);
const links = Compile(LinkSchema);

export interface EncodeOptions {
  /** Absolute public address of an attachment's url. */
  readonly publicUrl: (url: string) => string;
  /** Official accounts send links as articles, and cards of a mini-program that is named. */
  readonly account: 'mini-program' | 'official';
}

/** What is still to be sent, in order. */
export function planParts(message: OutgoingMessage, progress: Progress, options: EncodeOptions): readonly Part[] {
  const { content } = message;
  const attachments = content.attachments ?? [];
  const card = cards.Check(content.value) ? cardPart(content.value, attachments, options) : null;
  const used = card !== null && 'attachment' in card.thumb ? card.thumb.attachment : null;
  const pictures = attachments.filter((attachment) => attachment !== used && isPicture(attachment));
  const extras: Part[] = [
    ...pictures.map((attachment): Part => picturePart(attachment, options)),
    ...(links.Check(content.value) ? [linkPart(content.value)] : []),
    ...(card === null ? [] : [card]),
  ];
  const text = textOf(message, attachments, options);
  const texts = splitText(text.slice(progress.offset), { limit: progress.limit, unit: 'bytes' }).map((piece): Part => ({
    kind: 'text',
    text: text.slice(progress.offset + piece.start, progress.offset + piece.end),
    end: progress.offset + piece.end,
  }));
  return [...texts, ...extras.slice(progress.extras)];
}

/** A file that WeChat cannot carry becomes a line with its address: a line costs no send. */
function textOf(message: OutgoingMessage, attachments: readonly Attachment[], options: EncodeOptions): string {
  const { content } = message;
  const files = attachments.filter((attachment) => !isPicture(attachment)).map((attachment) => `附件${attachment.name === undefined ? '' : ` ${attachment.name}`}：${options.publicUrl(attachment.url)}`);
  const title = content.text === '' && files.length === 0 && cards.Check(content.value) && cardPart(content.value, attachments, options) === null ? [content.value.title] : [];
  return cleanText([content.text, ...files, ...title].filter((line) => line !== '').join('\n'));
}

function isPicture(attachment: Attachment): boolean {
  return attachment.contentType.startsWith('image/');
}

function picturePart(attachment: Attachment, options: EncodeOptions): Part {
  const url = options.publicUrl(attachment.url);
  const instead: LinkPart = { kind: 'link', title: cleanText(attachment.name ?? '') || '图片', description: '点击查看图片', url, thumbUrl: url };
  return attachment.url.startsWith('media:') ? { kind: 'image', attachment, instead } : instead;
}

function linkPart(value: Static<typeof LinkSchema>): LinkPart {
  return { kind: 'link', title: cleanText(value.title), description: cleanText(value.description ?? ''), url: value.url, thumbUrl: value.thumbUrl ?? '' };
}

/** Null when there is no cover, or nobody whose page it is: WeChat refuses a card without. */
function cardPart(value: Static<typeof CardSchema>, attachments: readonly Attachment[], options: EncodeOptions): Extract<Part, { kind: 'card' }> | null {
  const cover = attachments.find((attachment) => isPicture(attachment) && attachment.url.startsWith('media:'));
  const thumb = value.thumbMediaId !== undefined && value.thumbMediaId !== '' ? { mediaId: value.thumbMediaId } : cover === undefined ? null : { attachment: cover };
  if (options.account === 'official' && value.appId === undefined) return null;
  return thumb === null ? null : { kind: 'card', title: cleanText(value.title), appId: options.account === 'official' ? (value.appId ?? '') : '', pagePath: value.pagePath, thumb };
}

/** Body of custom/send. `mediaId`: the uploaded picture or cover. */
export function encodeSend(part: Part, openid: string, mediaId: string, account: EncodeOptions['account']): object {
  switch (part.kind) {
    case 'text':
      return { touser: openid, msgtype: 'text', text: { content: part.text } };
    case 'image':
      return { touser: openid, msgtype: 'image', image: { media_id: mediaId } };
    case 'link':
      if (account === 'official') return { touser: openid, msgtype: 'news', news: { articles: [{ title: part.title, description: part.description, url: part.url, picurl: part.thumbUrl }] } };
      return { touser: openid, msgtype: 'link', link: { title: part.title, description: part.description, url: part.url, thumb_url: part.thumbUrl } };
    case 'card':
      return { touser: openid, msgtype: 'miniprogrampage', miniprogrampage: { title: part.title, ...(part.appId === '' ? {} : { appid: part.appId }), pagepath: part.pagePath, thumb_media_id: mediaId } };
  }
}
