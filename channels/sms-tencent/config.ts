import type { ChannelModule } from '../../src/channel/contract.ts';
import { SECRET_MIN_CHARS } from '../../src/channel/guard.ts';
import { reader, readSms, type Env, type SmsSettings } from '../../src/channel/sms/settings.ts';
import { AppError } from '../../src/domain/errors.ts';

export interface TencentConfig extends SmsSettings {
  readonly secretId: string;
  readonly secretKey: string;
  readonly sdkAppId: string;
  readonly region: string;
}

export const settings: ChannelModule['settings'] = [
  { name: 'SMS_TENCENT_SECRET_ID', required: true, secret: false, about: 'SecretId of a CAM user that may do nothing but sms:SendSms.' },
  { name: 'SMS_TENCENT_SECRET_KEY', required: true, secret: true, about: 'Its SecretKey.' },
  { name: 'SMS_TENCENT_SDK_APP_ID', required: true, secret: false, about: 'SdkAppId of the text message application.' },
  { name: 'SMS_TENCENT_SIGN_NAME', required: true, secret: false, about: 'The approved signature, without 【】.' },
  { name: 'SMS_TENCENT_TEMPLATES', required: true, secret: false, about: 'The approved templates, one line of JSON (README.md).' },
  { name: 'SMS_TENCENT_HOOK_KEY', required: true, secret: true, about: `Secret in the addresses that reports and replies are pushed to, ${SECRET_MIN_CHARS} or more letters, digits, - and _.` },
  { name: 'SMS_TENCENT_HOOK_ALLOW', required: false, secret: false, about: 'Addresses and networks that pushes may come from, comma separated; empty: anywhere.' },
  { name: 'SMS_TENCENT_REGION', required: false, secret: false, about: 'Region of the API; ap-guangzhou unless told.' },
  { name: 'SMS_TENCENT_API_BASE', required: false, secret: false, about: 'Address of the API; for stand-ins and special regions.' },
];

/** @throws AppError `settings.invalid`, which names the variables and never a value */
export function readConfig(env: Env, production: boolean): TencentConfig | { readonly missing: readonly string[] } {
  const region = reader(env)('SMS_TENCENT_REGION');
  if (region !== '' && !/^[a-z]{2}-[a-z0-9-]{2,30}$/.test(region)) throw new AppError('settings.invalid', 'settings have faults:\n  SMS_TENCENT_REGION: must be a region such as ap-guangzhou', { status: 500 });
  const read = readSms(env, { prefix: 'SMS_TENCENT_', required: ['SECRET_ID', 'SECRET_KEY', 'SDK_APP_ID'], defaultBase: 'https://sms.tencentcloudapi.com', production });
  if ('missing' in read) return read;
  return { ...read.settings, secretId: read.values['SECRET_ID'] ?? '', secretKey: read.values['SECRET_KEY'] ?? '', sdkAppId: read.values['SDK_APP_ID'] ?? '', region: region === '' ? 'ap-guangzhou' : region };
}
