import type { ActivityContent, InboundActivity, MessageContent } from '../../src/domain/activity.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import { formatAddress } from '../../src/channel/wechat/address.ts';
import { dedupeKey, fieldsOf, mediaUrl, readImage, wellFormed, type Field, type MediaOptions } from '../../src/channel/wechat/push.ts';
import type { VerifiedPush } from '../../src/channel/wechat/verify.ts';

/**
 * From a verified push of an official account to an activity. Messages: text, image, voice, video, location, link. Events: following and
 * leaving, scanning, the menu, where somebody is. Everything else is kept raw and makes no turn.
 * Source: developers.weixin.qq.com, official accounts, "receiving ordinary messages" and "receiving event pushes".
 */

export const CHANNEL_NAME = 'wechat-official';

/** Null when the push does not say who sends what to whom. */
export function decodePush(push: VerifiedPush, options: MediaOptions): InboundActivity | null {
  const field = fieldsOf(push);
  const account = field('ToUserName');
  const openid = field('FromUserName');
  const type = field('MsgType');
  if (account === '' || openid === '' || type === '') return null;
  const { content, channelData } = type === 'event' ? readEvent(field) : readMessage(type, field, options);
  const known = content.type !== 'unsupported';
  return {
    channel: CHANNEL_NAME,
    address: formatAddress({ account, openid }),
    externalId: dedupeKey(push, type === 'event' && known ? { extra: '' } : null),
    modality: 'text',
    content,
    ...(channelData === undefined ? {} : { channelData }),
    identity: { externalUserId: openid },
    ...(known ? {} : { raw: push.text }),
  };
}

interface Read {
  readonly content: ActivityContent;
  readonly channelData?: JsonValue;
}

function readMessage(type: string, field: Field, options: MediaOptions): Read {
  switch (type) {
    case 'text':
      // Emoji come as text codes ([微笑], /::)) and stay so [K].
      return { content: { type: 'message', text: wellFormed(field('Content')) } };
    case 'image':
      return { content: readImage(field, options) };
    case 'voice':
      return readVoice(field, options);
    case 'video':
    case 'shortvideo':
      return { content: readFile(type, 'video/mp4', field, options) };
    case 'location':
      return { content: readPlace(field) };
    case 'link':
      return { content: readLink(field) };
    default:
      return { content: { type: 'unsupported', kind: wellFormed(type) } };
  }
}

/** What WeChat's speech recognition understood becomes the words; without it the recording is what there is. */
function readVoice(field: Field, options: MediaOptions): Read {
  const heard = wellFormed(field('Recognition')).trim();
  const recording = { mediaId: field('MediaId'), format: field('Format') };
  if (heard !== '') return { content: { type: 'message', text: heard }, channelData: { recognised: true, ...recording } };
  return { content: readFile('voice', 'audio/amr', field, options) };
}

/** Only by media id; the media store looks at the bytes. */
function readFile(type: string, contentType: string, field: Field, options: MediaOptions): ActivityContent {
  const url = mediaUrl(field('MediaId'), '', options);
  return url === null ? { type: 'unsupported', kind: type } : { type: 'message', text: '', attachments: [{ contentType, url }] };
}

/** A place that the citizen picked: its name is what is said. */
function readPlace(field: Field): ActivityContent {
  const at = readPoint(field('Location_X'), field('Location_Y'));
  const label = wellFormed(field('Label'));
  if (at === null) return { type: 'unsupported', kind: 'location' };
  return { type: 'message', text: label === '' ? `${at.latitude},${at.longitude}` : label, value: { kind: 'location', ...at, label } };
}

function readPoint(latitude: string, longitude: string): { readonly latitude: number; readonly longitude: number } | null {
  const [x, y] = [latitude, longitude].map((text) => (/^-?\d{1,3}(\.\d{1,10})?$/.test(text) ? Number(text) : Number.NaN));
  return x === undefined || y === undefined || !(Math.abs(x) <= 90) || !(Math.abs(y) <= 180) ? null : { latitude: x, longitude: y };
}

function readLink(field: Field): MessageContent {
  const [title, description, url] = [wellFormed(field('Title')), wellFormed(field('Description')), wellFormed(field('Url'))];
  return { type: 'message', text: [title, description, url].filter((line) => line !== '').join('\n'), value: { kind: 'link', title, description, url } };
}

/** Prefix of EventKey when somebody follows by scanning a code with a scene. */
const SCENE = 'qrscene_';

function readEvent(field: Field): Read {
  const key = wellFormed(field('EventKey'));
  switch (field('Event')) {
    case 'subscribe':
      return { content: entered('subscribe', key.startsWith(SCENE) ? key.slice(SCENE.length) : '') };
    case 'SCAN':
      return { content: entered('scan', key) };
    case 'unsubscribe':
      return { content: { type: 'event', name: 'leave' } };
    case 'CLICK':
      // What the operator wrote as the button's key is what the citizen says by pressing it.
      return key.trim() === '' ? unknown(field) : { content: { type: 'message', text: key }, channelData: { menu: key } };
    case 'VIEW':
      return { content: { type: 'event', name: 'menu.view', value: key } };
    case 'LOCATION':
      return whereabouts(field);
    default:
      return unknown(field);
  }
}

const unknown = (field: Field): Read => ({ content: { type: 'unsupported', kind: `event/${wellFormed(field('Event'))}` } });

/** The bot greets whoever comes in, by whatever door. */
function entered(by: 'subscribe' | 'scan', scene: string): ActivityContent {
  return { type: 'event', name: 'enter', value: { by, ...(scene === '' ? {} : { scene }) } };
}

/** Decimals of a degree that are kept of where somebody is without having said so: some 100 m. */
const DECIMALS = 3;

/** Told by the phone by itself when the chat is opened: no more of it is kept than a town needs. */
function whereabouts(field: Field): Read {
  const at = readPoint(field('Latitude'), field('Longitude'));
  if (at === null) return unknown(field);
  return { content: { type: 'event', name: 'location', value: { latitude: Number(at.latitude.toFixed(DECIMALS)), longitude: Number(at.longitude.toFixed(DECIMALS)) } } };
}
