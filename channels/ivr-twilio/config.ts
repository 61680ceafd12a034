import type { KeyObject } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import type { ChannelModule } from '../../src/channel/contract.ts';
import { AppError } from '../../src/domain/errors.ts';
import { signingKey } from './verify.ts';

/** Mandarin voices of `<Say>`, from the typings of twilio 6.2.0. An unknown name breaks the call, so it is refused at start. */
const ChineseVoiceSchema = Type.Union([
  Type.Literal('Polly.Zhiyu'), Type.Literal('Polly.Zhiyu-Neural'),
  Type.Literal('Google.cmn-CN-Standard-A'), Type.Literal('Google.cmn-CN-Standard-B'), Type.Literal('Google.cmn-CN-Standard-C'), Type.Literal('Google.cmn-CN-Standard-D'),
  Type.Literal('Google.cmn-CN-Wavenet-A'), Type.Literal('Google.cmn-CN-Wavenet-B'), Type.Literal('Google.cmn-CN-Wavenet-C'), Type.Literal('Google.cmn-CN-Wavenet-D'),
  Type.Literal('Google.cmn-CN-Chirp3-HD-Aoede'), Type.Literal('Google.cmn-CN-Chirp3-HD-Charon'), Type.Literal('Google.cmn-CN-Chirp3-HD-Fenrir'),
  Type.Literal('Google.cmn-CN-Chirp3-HD-Kore'), Type.Literal('Google.cmn-CN-Chirp3-HD-Leda'), Type.Literal('Google.cmn-CN-Chirp3-HD-Orus'),
  Type.Literal('Google.cmn-CN-Chirp3-HD-Puck'), Type.Literal('Google.cmn-CN-Chirp3-HD-Zephyr'),
]);
export type ChineseVoice = Static<typeof ChineseVoiceSchema>;

/** Cantonese voices, from the same typings. */
const CantoneseVoiceSchema = Type.Union([
  Type.Literal('Google.yue-HK-Standard-A'), Type.Literal('Google.yue-HK-Standard-B'), Type.Literal('Google.yue-HK-Standard-C'), Type.Literal('Google.yue-HK-Standard-D'),
  Type.Literal('Polly.Hiujin-Neural'),
]);
export type CantoneseVoice = Static<typeof CantoneseVoiceSchema>;

const EnglishVoiceSchema = Type.Union([
  Type.Literal('Polly.Joanna'), Type.Literal('Polly.Joanna-Neural'), Type.Literal('Polly.Matthew'), Type.Literal('Polly.Matthew-Neural'),
  Type.Literal('Polly.Amy'), Type.Literal('Polly.Amy-Neural'), Type.Literal('Polly.Brian'), Type.Literal('Polly.Brian-Neural'),
]);
export type EnglishVoice = Static<typeof EnglishVoiceSchema>;

/** Speech recognition hints: at most 500 phrases of 100 characters (Twilio, `<Gather>` reference). */
const HINTS_MAX = 500;
const HINT_MAX_CHARS = 100;

/** What a caller of a 12345 line is likely to say; a city adds its own place names by TWILIO_HINTS. */
const DEFAULT_HINTS = [
  '人工', '转人工', '人工服务', '投诉', '举报', '咨询', '建议', '求助', '表扬', '查进度', '工单', '工单编号', '催办', '补充',
  '噪音扰民', '施工噪音', '油烟', '路灯不亮', '井盖', '积水', '垃圾', '违章停车', '停水', '停电', '拖欠工资', '社保', '公积金', '居住证', '物业',
];

export interface TwilioConfig {
  /** Key of every signature: the auth token. */
  readonly signingKey: KeyObject;
  /** When set, requests of another account are refused. */
  readonly accountSid: string | null;
  /** PUBLIC_URL without a trailing slash: what Twilio was told, hence what it signs. */
  readonly publicUrl: string;
  /** Path prefix of PUBLIC_URL ('' or '/prefix'), put before the paths in TwiML. */
  readonly pathPrefix: string;
  readonly voice: ChineseVoice;
  readonly voiceCantonese: CantoneseVoice;
  readonly voiceEnglish: EnglishVoice;
  /** Words the recognition should expect, as Twilio takes them: comma separated. */
  readonly hints: string;
  /** A telephone that rings when a caller waits for a person; null: callers wait for the desk only. */
  readonly seatNumber: string | null;
  /** Placing calls; null: no caller number is set. */
  readonly caller: Caller | null;
}

export interface Caller {
  /** E.164; what the citizen's telephone shows. */
  readonly number: string;
  /** Without a slash at its end. */
  readonly apiBase: string;
  readonly accountSid: string;
  readonly authToken: string;
}

export const settings: ChannelModule['settings'] = [
  { name: 'TWILIO_AUTH_TOKEN', required: true, secret: true, about: 'Auth Token of the Twilio account; signs every webhook. Without it the phone is off.' },
  { name: 'TWILIO_ACCOUNT_SID', required: false, secret: false, about: 'Account SID (AC…). When set, requests of another account are refused.' },
  { name: 'TWILIO_VOICE', required: false, secret: false, about: 'Mandarin voice of <Say>; Polly.Zhiyu unless told.' },
  { name: 'TWILIO_VOICE_HK', required: false, secret: false, about: 'Cantonese voice of <Say>; Google.yue-HK-Standard-A unless told.' },
  { name: 'TWILIO_VOICE_EN', required: false, secret: false, about: 'English voice of <Say>; Polly.Joanna unless told.' },
  { name: 'TWILIO_HINTS', required: false, secret: false, about: 'Words the speech recognition should expect, comma separated (place names); added to the built-in ones.' },
  { name: 'TWILIO_SEAT_NUMBER', required: false, secret: false, about: 'Telephone number (E.164) that rings when a caller waits for a person; empty: the caller waits for the desk.' },
  { name: 'TWILIO_CALLER_NUMBER', required: false, secret: false, about: 'Our number (E.164) that calls of ours show; with TWILIO_ACCOUNT_SID it lets the house place calls (智能外呼). Empty: no calls are placed.' },
  { name: 'TWILIO_API_BASE', required: false, secret: false, about: 'Where calls are ordered; https://api.twilio.com unless told (a region, a stand-in).' },
];

/**
 * Reads the channel's settings.
 * @returns the configuration, or the names of the missing settings
 * @throws AppError `settings.invalid` naming every wrong variable; values are never repeated
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, publicUrl: string): TwilioConfig | { readonly missing: readonly string[] } {
  const read = (name: string): string => env[name]?.trim() ?? '';
  const authToken = read('TWILIO_AUTH_TOKEN');
  const accountSid = read('TWILIO_ACCOUNT_SID');
  const voice = read('TWILIO_VOICE') || 'Polly.Zhiyu';
  const voiceCantonese = read('TWILIO_VOICE_HK') || 'Google.yue-HK-Standard-A';
  const voiceEnglish = read('TWILIO_VOICE_EN') || 'Polly.Joanna';
  const hints = read('TWILIO_HINTS');
  const seatNumber = read('TWILIO_SEAT_NUMBER').replace(/[\s-]/g, '');

  const callerNumber = read('TWILIO_CALLER_NUMBER').replace(/[\s-]/g, '');
  const apiBase = (read('TWILIO_API_BASE') || 'https://api.twilio.com').replace(/\/+$/, '');

  const faults: string[] = [];
  const voiceOk = Value.Check(ChineseVoiceSchema, voice);
  const cantoneseOk = Value.Check(CantoneseVoiceSchema, voiceCantonese);
  const englishOk = Value.Check(EnglishVoiceSchema, voiceEnglish);
  if (!voiceOk) faults.push('TWILIO_VOICE: not a Mandarin voice of Twilio (Polly.Zhiyu, Polly.Zhiyu-Neural, Google.cmn-CN-…)');
  if (!cantoneseOk) faults.push('TWILIO_VOICE_HK: not a Cantonese voice of Twilio (Google.yue-HK-Standard-A to -D, Polly.Hiujin-Neural)');
  if (!englishOk) faults.push('TWILIO_VOICE_EN: not an English voice this channel knows (Polly.Joanna, Polly.Matthew, Polly.Amy, Polly.Brian, each also -Neural)');
  if (accountSid !== '' && !/^AC[0-9a-fA-F]{32}$/.test(accountSid)) faults.push('TWILIO_ACCOUNT_SID: must be AC and 32 hexadecimal digits');
  if (seatNumber !== '' && !/^\+?\d{3,15}$/.test(seatNumber)) faults.push('TWILIO_SEAT_NUMBER: must be a telephone number of 3 to 15 digits, with or without +');
  if (callerNumber !== '' && !/^\+\d{5,15}$/.test(callerNumber)) faults.push('TWILIO_CALLER_NUMBER: must be a telephone number with + and 5 to 15 digits');
  if (callerNumber !== '' && accountSid === '') faults.push('TWILIO_CALLER_NUMBER: needs TWILIO_ACCOUNT_SID, as calls are ordered in its name');
  if (!/^https?:\/\/[^/?#@]+(\/[^?#]*)?$/i.test(apiBase)) faults.push('TWILIO_API_BASE: must be an http(s) address without a query');
  if (faults.length > 0 || !voiceOk || !cantoneseOk || !englishOk) throw new AppError('settings.invalid', `settings have faults:\n  ${faults.join('\n  ')}`, { status: 500 });
  if (authToken === '') return { missing: ['TWILIO_AUTH_TOKEN'] };

  const base = publicUrl.replace(/\/+$/, '');
  return {
    signingKey: signingKey(authToken),
    accountSid: accountSid === '' ? null : accountSid,
    publicUrl: base,
    pathPrefix: /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(\/[^?#]*)?/i.exec(base)?.[1] ?? '',
    voice,
    voiceCantonese,
    voiceEnglish,
    hints: cleanHints([...DEFAULT_HINTS, ...hints.split(/[,，、\n]/)]).join(','),
    seatNumber: seatNumber === '' ? null : seatNumber,
    caller: callerNumber === '' ? null : { number: callerNumber, apiBase, accountSid, authToken },
  };
}

/** Hints travel in an XML attribute, so control characters are taken out here, once. */
function cleanHints(raw: readonly string[]): readonly string[] {
  const clean = raw.map((hint) => hint.replace(/[\p{C}\s]+/gu, ' ').trim().slice(0, HINT_MAX_CHARS).replace(/\p{Cs}/gu, ''));
  return [...new Set(clean.filter((hint) => hint !== ''))].slice(0, HINTS_MAX);
}
