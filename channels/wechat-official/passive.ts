import { cleanText } from '../../src/channel/degrade.ts';
import type { HookReply } from '../../src/channel/contract.ts';
import type { EpochMs } from '../../src/domain/activity.ts';
import { encrypt, sign } from '../../src/channel/wechat/crypto.ts';
import type { Settings } from '../../src/channel/wechat/settings.ts';
import type { VerifiedPush } from '../../src/channel/wechat/verify.ts';

/**
 * A text in the answer to a push: from our account to whoever wrote, sealed when the push was, in the push's own format.
 * Source: developers.weixin.qq.com, official accounts, "passive replies" and "message encryption and decryption".
 */

export interface Draw {
  /** 16 bytes at the head of a sealed answer. */
  readonly random: Buffer;
  readonly nonce: string;
  readonly now: EpochMs;
}

export function passiveText(push: VerifiedPush, text: string, settings: Settings, draw: Draw): HookReply {
  const seconds = Math.floor(draw.now / 1000);
  const format = push.text.trimStart().startsWith('{') ? 'json' : 'xml';
  const clear = write(format, [
    ['ToUserName', push.fields.get('FromUserName') ?? ''],
    ['FromUserName', push.fields.get('ToUserName') ?? ''],
    ['CreateTime', seconds],
    ['MsgType', 'text'],
    ['Content', cleanText(text)],
  ]);
  const body = push.key === null ? clear : seal(clear, format, push.key, settings, draw, seconds);
  return { status: 200, contentType: format === 'json' ? 'application/json; charset=utf-8' : 'text/xml; charset=utf-8', body };
}

type Format = 'json' | 'xml';

function seal(clear: string, format: Format, key: NonNullable<VerifiedPush['key']>, settings: Settings, { random, nonce }: Draw, seconds: number): string {
  const sealed = encrypt(key, clear, settings.appId, random);
  return write(format, [
    ['Encrypt', sealed],
    ['MsgSignature', sign([settings.token, String(seconds), nonce, sealed])],
    ['TimeStamp', seconds],
    ['Nonce', nonce],
  ]);
}

function write(format: Format, fields: readonly (readonly [string, string | number])[]): string {
  if (format === 'json') return JSON.stringify(Object.fromEntries(fields));
  return `<xml>${fields.map(([name, value]) => `<${name}>${typeof value === 'number' ? value : `<![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`}</${name}>`).join('')}</xml>`;
}
