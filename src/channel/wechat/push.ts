import { hash } from 'node:crypto';
import { asExternalId, type ActivityContent, type ExternalId } from '../../domain/activity.ts';
import { joinParts } from './address.ts';
import type { VerifiedPush } from './verify.ts';

/** What the pushes of all WeChat accounts have in common: media, text and the key that makes a resent one harmless. */

export type Field = (name: string) => string;

/** A push's fields; what is not there is empty. */
export function fieldsOf(push: Pick<VerifiedPush, 'fields'>): Field {
  return (name) => push.fields.get(name) ?? '';
}

export interface MediaOptions {
  /** Base of the URLs that stand for media still lying at WeChat. */
  readonly apiBase: string;
}

export function readImage(field: Field, options: MediaOptions): ActivityContent {
  const url = mediaUrl(field('MediaId'), field('PicUrl'), options);
  // A picture without any place to fetch it from is nothing that we could show.
  if (url === null) return { type: 'unsupported', kind: 'image' };
  // WeChat does not say which format; it re-encodes pictures as JPEG [K]. The media store looks at the bytes.
  return { type: 'message', text: '', attachments: [{ contentType: 'image/jpeg', url }] };
}

/** One URL for both ways to a file; `readMediaUrl` takes it apart when the bytes are fetched. */
export function mediaUrl(mediaId: string, picUrl: string, options: MediaOptions): string | null {
  const pic = /^https?:\/\//.test(picUrl) && URL.canParse(picUrl) ? picUrl : null;
  if (mediaId === '') return pic;
  const query = new URLSearchParams({ media_id: mediaId, ...(pic === null ? {} : { pic_url: pic }) });
  return `${options.apiBase}/cgi-bin/media/get?${query.toString()}`;
}

export interface MediaSource {
  readonly mediaId: string | null;
  readonly picUrl: string | null;
}

/** What the url of a WeChat attachment stands for. */
export function readMediaUrl(url: string): MediaSource | null {
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  const mediaId = parsed.pathname.endsWith('/cgi-bin/media/get') ? parsed.searchParams.get('media_id') : null;
  if (mediaId === null) return parsed.protocol === 'https:' || parsed.protocol === 'http:' ? { mediaId: null, picUrl: url } : null;
  return { mediaId, picUrl: parsed.searchParams.get('pic_url') };
}

/** Half a surrogate pair (possible in JSON as \ud800) cannot be stored as UTF-8. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '�');
}

/**
 * The key that makes a resent push harmless. Messages: account and MsgId. The sender is part of it because MsgIds of
 * different senders have been seen to collide (github.com/binarywang/WxJava/issues/333); a resend has the same sender.
 * Events have no MsgId: account, sender, time and name; other pushes of one second may differ in their body only
 * (issue 2705 there), so it counts as well.
 * @param event an event that we know; `extra`: what else tells two of one second apart
 */
export function dedupeKey(push: VerifiedPush, event: { readonly extra: string } | null): ExternalId {
  const field = fieldsOf(push);
  const account = field('ToUserName');
  const openid = field('FromUserName');
  const messageId = field('MsgId');
  if (event !== null) return asExternalId(joinParts(['event', account, openid, field('CreateTime'), field('Event'), event.extra === '' ? '' : digest(event.extra)]));
  if (messageId !== '' && field('MsgType') !== 'event') return asExternalId(joinParts(['message', account, openid, messageId]));
  return asExternalId(joinParts(['push', account, openid, field('CreateTime'), field('MsgType'), field('Event'), digest(push.text)]));
}

export function digest(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}
