import { AppError } from '../../domain/errors.ts';
import type { ChannelModule } from '../contract.ts';
import { AES_KEY_CHARS, parseAesKey, type AesKey } from './crypto.ts';
import { readTemplates, type WechatTemplates } from './templates.ts';

/**
 * Settings of a WeChat account, read once from the environment and checked with plain words. Each account has its own credentials
 * (`WECHAT_…` the mini-program's, `WECHAT_MP_…` the official account's); how the API is spoken to is one for all.
 */

export const DEFAULT_API_BASE = 'https://api.weixin.qq.com';
/** Hosts that WeChat serves citizens' pictures from [K]; a PicUrl elsewhere is not fetched. */
const DEFAULT_PIC_HOSTS = 'qpic.cn,qlogo.cn,weixin.qq.com';

export type SettingPrefix = 'WECHAT_' | 'WECHAT_MP_';

type Declared = ChannelModule['settings'][number];

/** What every WeChat account needs. `account`: what it is called in the console. */
export function accountSettings(prefix: SettingPrefix, account: string): readonly Declared[] {
  return [
    { name: `${prefix}APPID`, required: true, secret: false, about: `AppID of the ${account} (wx…).` },
    { name: `${prefix}SECRET`, required: true, secret: true, about: 'AppSecret; fetches the access token.' },
    { name: `${prefix}TOKEN`, required: true, secret: true, about: 'Token of the message push settings; signs every push.' },
    { name: `${prefix}AES_KEY`, required: true, secret: true, about: 'EncodingAESKey of the message push settings, exactly 43 characters.' },
    { name: `${prefix}AES_KEY_PREVIOUS`, required: false, secret: true, about: 'The EncodingAESKey before the last change; tried second. Remove it a day after the change.' },
    ...COMMON,
  ];
}

const COMMON: readonly Declared[] = [
  { name: 'WECHAT_API_BASE', required: false, secret: false, about: `Base URL of the WeChat API; ${DEFAULT_API_BASE} unless a proxy or a simulator stands in.` },
  { name: 'WECHAT_ALLOW_PLAIN', required: false, secret: false, about: 'true accepts unencrypted pushes, for development; production refuses them whatever is set.' },
  { name: 'WECHAT_PUSH_WINDOW_SECONDS', required: false, secret: false, about: 'How far the timestamp of a push may be from our clock; 300.' },
  { name: 'WECHAT_TEXT_LIMIT_BYTES', required: false, secret: false, about: 'Longest text of one send in UTF-8 bytes; 2048.' },
  { name: 'WECHAT_TYPING', required: false, secret: false, about: 'false keeps the "is typing" command from being sent.' },
  { name: 'WECHAT_TIMEOUT_MS', required: false, secret: false, about: 'Longest wait for an answer of the WeChat API in milliseconds; 5000.' },
  { name: 'WECHAT_MEDIA_MAX_BYTES', required: false, secret: false, about: 'Largest picture that is fetched or uploaded, in bytes; 10485760.' },
  { name: 'WECHAT_PIC_HOSTS', required: false, secret: false, about: `Host suffixes that a PicUrl may have, comma list; ${DEFAULT_PIC_HOSTS}.` },
];

export interface Settings {
  readonly appId: string;
  readonly secret: string;
  readonly token: string;
  /** Current key first, then the previous one. Never empty. */
  readonly aesKeys: readonly AesKey[];
  /** Without a trailing slash. */
  readonly apiBase: string;
  readonly allowPlain: boolean;
  readonly windowMs: number;
  readonly textLimitBytes: number;
  readonly typing: boolean;
  readonly timeoutMs: number;
  readonly mediaMaxBytes: number;
  /** Lower-case host suffixes. */
  readonly picHosts: readonly string[];
}

export type Configuration = { readonly state: 'on'; readonly settings: Settings } | { readonly state: 'off'; readonly missing: readonly string[] };

export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks the settings of an account. `off` lists what is missing; a value that is present but wrong throws
 * `settings.invalid` and names the variable, never its value.
 */
export function readAccount(env: Env, production: boolean, prefix: SettingPrefix): Configuration {
  const given = (name: string): string => env[name]?.trim() ?? '';
  const own = (name: string): string => given(`${prefix}${name}`);
  const missing = ['APPID', 'SECRET', 'TOKEN', 'AES_KEY'].filter((name) => own(name) === '').map((name) => `${prefix}${name}`);
  if (missing.length > 0) return { state: 'off', missing };
  const aesKeys = [aesKey(`${prefix}AES_KEY`, own('AES_KEY'))];
  const previous = own('AES_KEY_PREVIOUS');
  if (previous !== '') aesKeys.push(aesKey(`${prefix}AES_KEY_PREVIOUS`, previous));
  return {
    state: 'on',
    settings: {
      appId: own('APPID'),
      secret: own('SECRET'),
      token: own('TOKEN'),
      aesKeys,
      apiBase: httpUrl('WECHAT_API_BASE', given('WECHAT_API_BASE') || DEFAULT_API_BASE),
      allowPlain: flag('WECHAT_ALLOW_PLAIN', given('WECHAT_ALLOW_PLAIN'), false) && !production,
      windowMs: integer('WECHAT_PUSH_WINDOW_SECONDS', given('WECHAT_PUSH_WINDOW_SECONDS'), 300, 30, 86_400) * 1000,
      // Below 300 bytes a single answer would eat the citizen's five sends.
      textLimitBytes: integer('WECHAT_TEXT_LIMIT_BYTES', given('WECHAT_TEXT_LIMIT_BYTES'), 2048, 300, 8192),
      typing: flag('WECHAT_TYPING', given('WECHAT_TYPING'), true),
      timeoutMs: integer('WECHAT_TIMEOUT_MS', given('WECHAT_TIMEOUT_MS'), 5000, 50, 60_000),
      mediaMaxBytes: integer('WECHAT_MEDIA_MAX_BYTES', given('WECHAT_MEDIA_MAX_BYTES'), 10 * 1024 * 1024, 1024, 64 * 1024 * 1024),
      picHosts: (given('WECHAT_PIC_HOSTS') || DEFAULT_PIC_HOSTS).split(',').map((host) => host.trim().toLowerCase()).filter((host) => host !== ''),
    },
  };
}

/** A setting that is present but wrong: stops the start with a sentence that names the variable. */
export function invalid(name: string, rule: string): AppError {
  return new AppError('settings.invalid', `${name} ${rule}`, { status: 500, details: { setting: name } });
}

function aesKey(name: string, value: string): AesKey {
  const parsed = parseAesKey(value);
  if (parsed === null) throw invalid(name, `must be exactly ${AES_KEY_CHARS} letters and digits (A-Z a-z 0-9), as shown in the message push settings; it has ${value.length} characters.`);
  return parsed;
}

function httpUrl(name: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.search !== '' || url.hash !== '') {
    throw invalid(name, 'must be an http or https URL without query.');
  }
  return url.href.replace(/\/+$/, '');
}

function flag(name: string, value: string, otherwise: boolean): boolean {
  if (value === '') return otherwise;
  if (value === 'true' || value === 'false') return value === 'true';
  throw invalid(name, 'must be true or false.');
}

function integer(name: string, value: string, otherwise: number, least: number, most: number): number {
  if (value === '') return otherwise;
  const parsed = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (!(parsed >= least && parsed <= most)) throw invalid(name, `must be a whole number from ${least} to ${most}.`);
  return parsed;
}

/** The setting that names an account's approved templates. */
export function templateSetting(prefix: SettingPrefix): Declared {
  return { name: `${prefix}TEMPLATES`, required: false, secret: false, about: 'The approved templates of notifications, one line of JSON (README.md).' };
}

/** @throws AppError `settings.invalid` */
export function readTemplateSetting(env: Env, prefix: SettingPrefix): WechatTemplates {
  const read = readTemplates(env[`${prefix}TEMPLATES`]?.trim() ?? '');
  if ('fault' in read) throw invalid(`${prefix}TEMPLATES`, read.fault);
  return read.templates;
}

/** One of a few words. @throws AppError `settings.invalid` */
export function readWord<const Word extends string>(env: Env, name: string, words: readonly [Word, ...Word[]]): Word {
  const given = env[name]?.trim() ?? '';
  const found = given === '' ? words[0] : words.find((word) => word === given);
  if (found === undefined) throw invalid(name, `must be one of ${words.join(', ')}.`);
  return found;
}
