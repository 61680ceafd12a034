import type { ChannelModule } from '../../src/channel/contract.ts';
import { SECRET_MIN_CHARS } from '../../src/channel/guard.ts';
import { readSms, type Env, type SmsSettings } from '../../src/channel/sms/settings.ts';

export interface AliyunConfig extends SmsSettings {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

export const settings: ChannelModule['settings'] = [
  { name: 'SMS_ALIYUN_ACCESS_KEY_ID', required: true, secret: false, about: 'AccessKey ID of a RAM user that may do nothing but SendSms.' },
  { name: 'SMS_ALIYUN_ACCESS_KEY_SECRET', required: true, secret: true, about: 'Its secret.' },
  { name: 'SMS_ALIYUN_SIGN_NAME', required: true, secret: false, about: 'The approved signature, without 【】.' },
  { name: 'SMS_ALIYUN_TEMPLATES', required: true, secret: false, about: 'The approved templates, one line of JSON (README.md).' },
  { name: 'SMS_ALIYUN_HOOK_KEY', required: true, secret: true, about: `Secret in the addresses that reports and replies are pushed to, ${SECRET_MIN_CHARS} or more letters, digits, - and _.` },
  { name: 'SMS_ALIYUN_HOOK_ALLOW', required: false, secret: false, about: 'Addresses and networks that pushes may come from, comma separated; empty: anywhere.' },
  { name: 'SMS_ALIYUN_API_BASE', required: false, secret: false, about: 'Address of the API; for stand-ins and special regions.' },
];

/** @throws AppError `settings.invalid`, which names the variables and never a value */
export function readConfig(env: Env, production: boolean): AliyunConfig | { readonly missing: readonly string[] } {
  const read = readSms(env, { prefix: 'SMS_ALIYUN_', required: ['ACCESS_KEY_ID', 'ACCESS_KEY_SECRET'], defaultBase: 'https://dysmsapi.aliyuncs.com', production });
  if ('missing' in read) return read;
  return { ...read.settings, accessKeyId: read.values['ACCESS_KEY_ID'] ?? '', accessKeySecret: read.values['ACCESS_KEY_SECRET'] ?? '' };
}
