import { createHash } from 'node:crypto';
import { asExternalId, type ActivityContent, type ExternalId, type InboundActivity, type MessageContent } from '../../src/domain/activity.ts';
import { formatAddress, joinParts } from './address.ts';
import type { VerifiedPush } from './verify.ts';

/**
 * From a verified push to an activity. A mini-program's customer chat knows text, image, mini-program card and the event of
 * entering; everything else that shares the URL (subscription results, media checks, …) is kept raw and makes no turn.
 * Source: developers.weixin.qq.com, mini-program, "receive messages and events".
 */

export const CHANNEL_NAME = 'wechat-miniprogram';

/** Name of the event activity when a citizen opens the chat; its value is the contact button's `session-from`. */
export const ENTER_EVENT = 'enter';

export interface DecodeOptions {
  /** Base of the URLs that stand for media still lying at WeChat. */
  readonly apiBase: string;
}

/** Null when the push does not say who sends what to whom. */
export function decodePush(push: VerifiedPush, options: DecodeOptions): InboundActivity | null {
  const field = (name: string): string => push.fields.get(name) ?? '';
  const account = field('ToUserName');
  const openid = field('FromUserName');
  const type = field('MsgType');
  if (account === '' || openid === '' || type === '') return null;
  const content = readContent(type, field, options);
  return {
    channel: CHANNEL_NAME,
    address: formatAddress({ account, openid }),
    externalId: dedupeKey(push, type, content),
    modality: 'text',
    content,
    identity: { externalUserId: openid },
    ...(content.type === 'unsupported' ? { raw: push.text } : {}),
  };
}

type Field = (name: string) => string;

function readContent(type: string, field: Field, options: DecodeOptions): ActivityContent {
  switch (type) {
    case 'text':
      // Emoji come as text codes ([微笑], /::)) and stay so [K].
      return { type: 'message', text: wellFormed(field('Content')) };
    case 'image':
      return readImage(field, options);
    case 'miniprogrampage':
      return readMiniProgramPage(field);
    case 'event':
      return readEvent(field);
    default:
      return { type: 'unsupported', kind: wellFormed(type) };
  }
}

function readImage(field: Field, options: DecodeOptions): ActivityContent {
  const url = pictureUrl(field('MediaId'), field('PicUrl'), options);
  // A picture without any place to fetch it from is nothing that we could show.
  if (url === null) return { type: 'unsupported', kind: 'image' };
  // WeChat does not say which format; it re-encodes pictures as JPEG [K]. The media store looks at the bytes.
  return { type: 'message', text: '', attachments: [{ contentType: 'image/jpeg', url }] };
}

/** One URL for both ways to a picture; `readPictureUrl` takes it apart when the bytes are fetched. */
function pictureUrl(mediaId: string, picUrl: string, options: DecodeOptions): string | null {
  const pic = /^https?:\/\//.test(picUrl) && URL.canParse(picUrl) ? picUrl : null;
  if (mediaId === '') return pic;
  const query = new URLSearchParams({ media_id: mediaId, ...(pic === null ? {} : { pic_url: pic }) });
  return `${options.apiBase}/cgi-bin/media/get?${query.toString()}`;
}

export interface PictureSource {
  readonly mediaId: string | null;
  readonly picUrl: string | null;
}

/** What an attachment's url of this channel stands for. */
export function readPictureUrl(url: string): PictureSource | null {
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  const mediaId = parsed.pathname.endsWith('/cgi-bin/media/get') ? parsed.searchParams.get('media_id') : null;
  if (mediaId === null) return parsed.protocol === 'https:' || parsed.protocol === 'http:' ? { mediaId: null, picUrl: url } : null;
  return { mediaId, picUrl: parsed.searchParams.get('pic_url') };
}

function readMiniProgramPage(field: Field): MessageContent {
  return {
    type: 'message',
    text: wellFormed(field('Title')),
    value: {
      kind: 'miniprogrampage',
      title: wellFormed(field('Title')),
      appId: field('AppId'),
      pagePath: field('PagePath'),
      thumbUrl: field('ThumbUrl'),
      thumbMediaId: field('ThumbMediaId'),
    },
  };
}

function readEvent(field: Field): ActivityContent {
  if (field('Event') !== 'user_enter_tempsession') return { type: 'unsupported', kind: `event/${wellFormed(field('Event'))}` };
  const from = wellFormed(field('SessionFrom'));
  return { type: 'event', name: ENTER_EVENT, ...(from === '' ? {} : { value: from }) };
}

/** Half a surrogate pair (possible in JSON as \ud800) cannot be stored as UTF-8. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '�');
}

/**
 * The key that makes a resent push harmless. Messages: account and MsgId. The sender is part of it because MsgIds of
 * different senders have been seen to collide (github.com/binarywang/WxJava/issues/333); a resend has the same sender.
 * Events have no MsgId: account, sender, time and name; other pushes of one second may differ in their body only
 * (issue 2705 there), so it counts as well.
 */
function dedupeKey(push: VerifiedPush, type: string, content: ActivityContent): ExternalId {
  const field = (name: string): string => push.fields.get(name) ?? '';
  const account = field('ToUserName');
  const openid = field('FromUserName');
  const messageId = field('MsgId');
  if (content.type === 'event') return asExternalId(joinParts(['event', account, openid, field('CreateTime'), field('Event'), field('SessionFrom') === '' ? '' : digest(field('SessionFrom'))]));
  if (messageId !== '' && type !== 'event') return asExternalId(joinParts(['message', account, openid, messageId]));
  return asExternalId(joinParts(['push', account, openid, field('CreateTime'), type, field('Event'), digest(push.text)]));
}

function digest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32);
}
