import { createSecretKey, type KeyObject } from 'node:crypto';
import type { ChannelModule } from '../../src/channel/contract.ts';
import { AppError } from '../../src/domain/errors.ts';

export interface JambonzConfig {
  /** Key of every signature: the account's webhook secret. */
  readonly signingKey: KeyObject;
  /** When set, calls of another account are refused. */
  readonly accountSid: string | null;
  /** PUBLIC_URL without a slash at its end: hooks of calls that we place are absolute. */
  readonly publicUrl: string;
  /** Path prefix of PUBLIC_URL ('' or '/prefix'): jambonz resolves relative hooks against the origin alone. */
  readonly pathPrefix: string;
  /** Speech vendor and voices as the jambonz portal names them; null: what the application there has. */
  readonly tts: { readonly vendor: string; readonly voice: string | null; readonly voiceCantonese: string | null; readonly voiceEnglish: string | null } | null;
  readonly sttVendor: string | null;
  /** Words the recognition should expect. */
  readonly hints: readonly string[];
  /** A telephone that rings when a caller waits for a person; null: callers wait for the desk only. */
  readonly seatNumber: string | null;
  /** Placing calls; null: no API key or no caller number is set. */
  readonly caller: Caller | null;
}

export interface Caller {
  /** What the citizen's telephone shows, as the trunk wants it. */
  readonly number: string;
  /** Without a slash at its end. */
  readonly apiBase: string;
  readonly accountSid: string;
  readonly apiKey: string;
  /** Vendors of a call without an application, as the API names them; null: what the account has. */
  readonly speech: Readonly<Record<string, string>> | null;
}

export const settings: ChannelModule['settings'] = [
  { name: 'JAMBONZ_WEBHOOK_SECRET', required: true, secret: true, about: 'Webhook secret of the jambonz account; signs every hook. Without it this telephone is off.' },
  { name: 'JAMBONZ_ACCOUNT_SID', required: false, secret: false, about: 'Account SID (a UUID). When set, calls of another account are refused.' },
  { name: 'JAMBONZ_TTS_VENDOR', required: false, secret: false, about: 'Speech vendor for reading aloud, as the portal names it; empty: that of the application.' },
  { name: 'JAMBONZ_VOICE', required: false, secret: false, about: 'Mandarin voice of that vendor; empty: its own choice.' },
  { name: 'JAMBONZ_VOICE_HK', required: false, secret: false, about: 'Cantonese voice of that vendor; empty: its own choice.' },
  { name: 'JAMBONZ_VOICE_EN', required: false, secret: false, about: 'English voice of that vendor; empty: its own choice.' },
  { name: 'JAMBONZ_STT_VENDOR', required: false, secret: false, about: 'Vendor of the recognition, as the portal names it; empty: that of the application.' },
  { name: 'JAMBONZ_HINTS', required: false, secret: false, about: 'Words the recognition should expect, comma separated (place names).' },
  { name: 'JAMBONZ_SEAT_NUMBER', required: false, secret: false, about: 'Telephone number (E.164) that rings when a caller waits for a person; empty: the caller waits for the desk.' },
  { name: 'JAMBONZ_CALLER_NUMBER', required: false, secret: false, about: 'Our number that calls of ours show, as the trunk wants it; with JAMBONZ_API_KEY, JAMBONZ_API_BASE and JAMBONZ_ACCOUNT_SID it lets the house place calls (智能外呼).' },
  { name: 'JAMBONZ_API_KEY', required: false, secret: true, about: 'API key of the account; orders calls.' },
  { name: 'JAMBONZ_API_BASE', required: false, secret: false, about: 'Address of the jambonz API server, before /v1.' },
];

const HINTS_MAX = 500;
const HINT_MAX_CHARS = 100;

/**
 * Reads the channel's settings.
 * @returns the configuration, or the names of the missing settings
 * @throws AppError `settings.invalid` naming every wrong variable; values are never repeated
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, publicUrl: string): JambonzConfig | { readonly missing: readonly string[] } {
  const read = (name: string): string => env[name]?.trim() ?? '';
  const orNull = (name: string): string | null => (read(name) === '' ? null : read(name));
  const accountSid = orNull('JAMBONZ_ACCOUNT_SID');
  const vendor = orNull('JAMBONZ_TTS_VENDOR');
  const seatNumber = read('JAMBONZ_SEAT_NUMBER').replace(/[\s-]/g, '');

  const callerNumber = read('JAMBONZ_CALLER_NUMBER').replace(/[\s-]/g, '');
  const [apiKey, apiBase] = [read('JAMBONZ_API_KEY'), read('JAMBONZ_API_BASE').replace(/\/+$/, '').replace(/\/v1$/, '')];

  const faults: string[] = [];
  if (callerNumber !== '' && !/^\+?\d{3,15}$/.test(callerNumber)) faults.push('JAMBONZ_CALLER_NUMBER: must be a telephone number of 3 to 15 digits, with or without +');
  if (callerNumber !== '' && (apiKey === '' || apiBase === '' || accountSid === null)) faults.push('JAMBONZ_CALLER_NUMBER: needs JAMBONZ_API_KEY, JAMBONZ_API_BASE and JAMBONZ_ACCOUNT_SID, by which calls are ordered');
  if (apiBase !== '' && !/^https?:\/\/[^/?#@]+(\/[^?#]*)?$/i.test(apiBase)) faults.push('JAMBONZ_API_BASE: must be an http(s) address without a query');
  if (accountSid !== null && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(accountSid)) faults.push('JAMBONZ_ACCOUNT_SID: must be a UUID');
  if (vendor === null && (orNull('JAMBONZ_VOICE') ?? orNull('JAMBONZ_VOICE_HK') ?? orNull('JAMBONZ_VOICE_EN')) !== null) faults.push('JAMBONZ_VOICE, JAMBONZ_VOICE_HK, JAMBONZ_VOICE_EN: a voice is a vendor’s; set JAMBONZ_TTS_VENDOR too');
  if (seatNumber !== '' && !/^\+?\d{3,15}$/.test(seatNumber)) faults.push('JAMBONZ_SEAT_NUMBER: must be a telephone number of 3 to 15 digits, with or without +');
  if (faults.length > 0) throw new AppError('settings.invalid', `settings have faults:\n  ${faults.join('\n  ')}`, { status: 500 });
  const secret = read('JAMBONZ_WEBHOOK_SECRET');
  if (secret === '') return { missing: ['JAMBONZ_WEBHOOK_SECRET'] };

  return {
    signingKey: createSecretKey(secret, 'utf8'),
    accountSid,
    publicUrl: publicUrl.replace(/\/+$/, ''),
    pathPrefix: /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(\/[^?#]*?)?\/*$/i.exec(publicUrl)?.[1] ?? '',
    tts: vendor === null ? null : { vendor, voice: orNull('JAMBONZ_VOICE'), voiceCantonese: orNull('JAMBONZ_VOICE_HK'), voiceEnglish: orNull('JAMBONZ_VOICE_EN') },
    sttVendor: orNull('JAMBONZ_STT_VENDOR'),
    hints: [...new Set(read('JAMBONZ_HINTS').split(/[,，、\n]/).map((hint) => hint.replace(/[\p{C}\s]+/gu, ' ').trim().slice(0, HINT_MAX_CHARS)).filter((hint) => hint !== ''))].slice(0, HINTS_MAX),
    seatNumber: seatNumber === '' ? null : seatNumber,
    caller: callerNumber === '' || accountSid === null ? null : { number: callerNumber, apiBase, accountSid, apiKey, speech: speechOf(vendor, orNull('JAMBONZ_VOICE'), orNull('JAMBONZ_STT_VENDOR')) },
  };
}

/** Names of jambonz' API for calls that come without an application. */
function speechOf(vendor: string | null, voice: string | null, recognizer: string | null): Readonly<Record<string, string>> | null {
  if (vendor === null && recognizer === null) return null;
  return {
    ...(vendor === null ? {} : { speech_synthesis_vendor: vendor, speech_synthesis_language: 'zh-CN', ...(voice === null ? {} : { speech_synthesis_voice: voice }) }),
    ...(recognizer === null ? {} : { speech_recognizer_vendor: recognizer, speech_recognizer_language: 'zh-CN' }),
  };
}
