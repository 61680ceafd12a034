import type { ActivityContent, InboundActivity, MessageContent } from '../../src/domain/activity.ts';
import { formatAddress } from '../../src/channel/wechat/address.ts';
import { dedupeKey, fieldsOf, readImage, wellFormed, type Field, type MediaOptions } from '../../src/channel/wechat/push.ts';
import type { VerifiedPush } from '../../src/channel/wechat/verify.ts';

/**
 * From a verified push to an activity. A mini-program's customer chat knows text, image, mini-program card and the event of
 * entering; everything else that shares the URL (media checks, …) is kept raw and makes no turn.
 * Source: developers.weixin.qq.com, mini-program, "receive messages and events".
 */

export const CHANNEL_NAME = 'wechat-miniprogram';

/** Name of the event activity when a citizen opens the chat; its value is the contact button's `session-from`. */
export const ENTER_EVENT = 'enter';

/** Null when the push does not say who sends what to whom. */
export function decodePush(push: VerifiedPush, options: MediaOptions): InboundActivity | null {
  const field = fieldsOf(push);
  const account = field('ToUserName');
  const openid = field('FromUserName');
  const type = field('MsgType');
  if (account === '' || openid === '' || type === '') return null;
  const content = readContent(type, field, options);
  return {
    channel: CHANNEL_NAME,
    address: formatAddress({ account, openid }),
    externalId: dedupeKey(push, content.type === 'event' ? { extra: field('SessionFrom') } : null),
    modality: 'text',
    content,
    identity: { externalUserId: openid },
    ...(content.type === 'unsupported' ? { raw: push.text } : {}),
  };
}

function readContent(type: string, field: Field, options: MediaOptions): ActivityContent {
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
