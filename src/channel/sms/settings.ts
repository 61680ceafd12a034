import { AppError } from '../../domain/errors.ts';
import { createGuard, SECRET_MIN_CHARS, type Guard } from '../guard.ts';
import { readTemplates, type SmsTemplates } from './templates.ts';

/** What the channels of text messages read alike. */

export interface SmsSettings {
  readonly sign: string;
  readonly templates: SmsTemplates;
  readonly guard: Guard;
  /** Keys the addresses of conversations too. */
  readonly hookKey: string;
  readonly base: string;
}

export type Env = Readonly<Record<string, string | undefined>>;
/** Each setting is read once, blanks at its ends off. */
export const reader = (env: Env) => (name: string): string => env[name]?.trim() ?? '';

export interface Names {
  readonly prefix: 'SMS_ALIYUN_' | 'SMS_TENCENT_';
  /** Credentials, which must be there. */
  readonly required: readonly string[];
  readonly defaultBase: string;
  readonly production: boolean;
}

/** @throws AppError `settings.invalid`, which names the variables and never a value */
export function readSms(env: Env, { prefix, required, defaultBase, production }: Names): { readonly settings: SmsSettings; readonly values: Readonly<Record<string, string>> } | { readonly missing: readonly string[] } {
  const read = reader(env);
  const [hookKey, allow, sign, templates, base] = [read(`${prefix}HOOK_KEY`), read(`${prefix}HOOK_ALLOW`), read(`${prefix}SIGN_NAME`), read(`${prefix}TEMPLATES`), read(`${prefix}API_BASE`)];
  const values = Object.fromEntries(required.map((name) => [name, read(`${prefix}${name}`)]));
  const faults: string[] = [];
  const guard = createGuard({ secret: hookKey === '' ? 'x'.repeat(SECRET_MIN_CHARS) : hookKey, allow });
  if ('faults' in guard) {
    if (guard.faults.includes('secret')) faults.push(`${prefix}HOOK_KEY: ${SECRET_MIN_CHARS} to 200 letters, digits, - and _`);
    if (guard.faults.includes('allow')) faults.push(`${prefix}HOOK_ALLOW: addresses and networks such as 10.0.0.0/8, 192.0.2.7, parted by commas`);
  }
  const found = templates === '' ? { templates: {} } : readTemplates(templates);
  if ('fault' in found) faults.push(`${prefix}TEMPLATES: ${found.fault}`);
  if (sign !== '' && !/^[^\p{Cc}]{2,32}$/u.test(sign)) faults.push(`${prefix}SIGN_NAME: 2 to 32 signs, without 【】`);
  if (!/^https?:\/\/[^/?#\s]+$/.test(base === '' ? defaultBase : base.replace(/\/+$/, ''))) faults.push(`${prefix}API_BASE: must be http(s)://host, without a path`);
  else if (production && base.startsWith('http://')) faults.push(`${prefix}API_BASE: must be https in production`);
  if (faults.length > 0 || 'faults' in guard || 'fault' in found) throw new AppError('settings.invalid', `settings have faults:\n  ${faults.join('\n  ')}`, { status: 500 });
  const missing = [...required, 'SIGN_NAME', 'TEMPLATES', 'HOOK_KEY'].filter((name) => read(`${prefix}${name}`) === '').map((name) => `${prefix}${name}`);
  if (missing.length > 0) return { missing };
  return { settings: { sign, templates: found.templates, guard, hookKey, base: (base === '' ? defaultBase : base).replace(/\/+$/, '') }, values };
}
