import { hash } from 'node:crypto';
import { asExternalId } from '../../domain/activity.ts';
import { AppError } from '../../domain/errors.ts';
import type { Channel, ChannelPorts, Notification, Receipt } from '../contract.ts';
import { parseAddress } from './address.ts';
import type { WechatClient } from './client.ts';
import { delayMs, rowOf } from './errcodes.ts';
import { dataOf, pageOf, type WechatTemplate, type WechatTemplates } from './templates.ts';

/**
 * A message to somebody who is not writing, by an approved template: a mini-program's subscription message, an official account's template message
 * or subscription notice. `delivered` means that WeChat took it; whether it was shown comes as an event (`subscriptions.ts`).
 * Source: developers.weixin.qq.com, "subscribeMessage.send", "template message interface", "subscription notices".
 */

export type NoticeWay =
  | { readonly kind: 'mini-program'; readonly state: 'developer' | 'trial' | 'formal' }
  /** Reaches followers. WeChat itself drops a repetition of one key within ten minutes. */
  | { readonly kind: 'template' }
  /** Reaches who allowed it. */
  | { readonly kind: 'subscribe' };

export interface NotifyDeps {
  readonly client: Pick<WechatClient, 'call'>;
  readonly state: ChannelPorts['state'];
  readonly templates: WechatTemplates;
  readonly way: NoticeWay;
}

/** How long a key is remembered, ms: longer than anybody would repeat it. */
const REMEMBER_MS = 7 * 24 * 3_600_000;

const failed = (code: string): Receipt => ({ status: 'failed', code, fallback: true });

export function createNotify({ client, state, templates, way }: NotifyDeps): NonNullable<Channel['notify']> {
  return async (notification, { address, now }) => {
    const peer = parseAddress(address);
    if (peer === null) return failed('wechat.bad_address');
    const template = templates[notification.template];
    if (template === undefined) return failed('notification.no_template');
    const data = dataOf(template, notification.facts, now);
    if (data === null) return failed('wechat.template_field');
    const name = `notice:${hash('sha256', `${notification.key} ${peer.openid}`, 'hex').slice(0, 32)}`;
    const before = await state.get(name);
    if (before !== null) return taken(before);
    const { path, body } = encode(way, { openid: peer.openid, template, data, notification });
    const answer = await client.call(path, body);
    if (answer.kind === 'unreachable') {
      if (!answer.sent || way.kind === 'template') return { status: 'retry', code: answer.code };
      // WeChat may have it, and knows no key that would make a second one harmless.
      throw new AppError(answer.code, 'a notification was not answered', { retry: 'never', status: 502 });
    }
    const { code, reaction } = rowOf(answer.errcode);
    switch (reaction.kind) {
      case 'delivered': {
        const messageId = answer.body.msgid === undefined ? '' : String(answer.body.msgid);
        await state.put(name, messageId, now + REMEMBER_MS);
        return taken(messageId);
      }
      case 'retry':
      case 'token':
      case 'ignore':
      case 'upload-again':
        return { status: 'retry', code };
      case 'delay':
        return { status: 'retry', code, retryAfterMs: delayMs(reaction.ms, now) };
      case 'failed':
      case 'split':
      case 'wait':
      case 'link-instead':
        return failed(code);
    }
  };
}

function taken(messageId: string): Receipt {
  return messageId === '' ? { status: 'delivered' } : { status: 'delivered', externalId: asExternalId(messageId) };
}

interface Given {
  readonly openid: string;
  readonly template: WechatTemplate;
  readonly data: object;
  readonly notification: Notification;
}

function encode(way: NoticeWay, { openid, template, data, notification }: Given): { readonly path: string; readonly body: object } {
  const page = template.page === undefined ? null : pageOf(template.page, notification.facts);
  const common = { touser: openid, template_id: template.id };
  if (way.kind === 'mini-program') return { path: '/cgi-bin/message/subscribe/send', body: { ...common, ...(page === null ? {} : { page }), miniprogram_state: way.state, lang: 'zh_CN', data } };
  const opens = page === null || template.appId === undefined ? {} : { miniprogram: { appid: template.appId, pagepath: page } };
  const url = template.url === undefined ? {} : { url: pageOf(template.url, notification.facts) };
  if (way.kind === 'template') return { path: '/cgi-bin/message/template/send', body: { ...common, ...url, ...opens, client_msg_id: notification.key.slice(0, 64), data } };
  return { path: '/cgi-bin/message/subscribe/bizsend', body: { ...common, ...(template.url === undefined ? {} : { page: pageOf(template.url, notification.facts) }), ...opens, data } };
}
