import type { Choice, Locale, MessageContent } from '../../domain/activity.ts';
import { dropInvisible } from '../../domain/text.ts';
import { PHRASES } from './phrases.ts';

/** Text → what a synthetic voice can say: no characters XML forbids, no emoji, long numbers digit by digit. Pure. */

/** Twilio's `<Say>` takes 4,096 characters; whether characters or bytes are counted is not told, so bytes: the safe reading, for all platforms. */
export const SAY_LIMIT_BYTES = 4096;

/** Of the ordinary speed, for who asked to be spoken to slowly: slow enough to follow, not so slow that words fall apart. */
export const SLOW_PERCENT = 80;

/** Chinese when there is a Han character, English when there are only Latin words; null when the text does not tell. */
export function localeOf(text: string): Locale | null {
  if (/\p{Script=Han}/u.test(text)) return 'zh-CN';
  return /[A-Za-z]{2,}/.test(text) ? 'en' : null;
}

/** One message as it is spoken, choices included. Empty when there is nothing to say. */
export function spokenMessage(content: MessageContent, locale: Locale): string {
  const written = content.speak ?? content.text;
  const text = written.trim() === '' && (content.attachments?.length ?? 0) > 0 ? PHRASES[locale].attachment : written;
  return speakable(withChoices(text, content.choices ?? [], locale), locale);
}

/** Han, ASCII and the marks of ordinary sentences: nothing of it is left out or made something else. */
const PLAIN = /^[ -~\u2014\u2018\u2019\u201c\u201d\u2026\u3001\u3002\u3008-\u3011\u4e00-\u9fff\uff01-\uff0f\uff1a-\uff5e]*$/;

/** Characters a voice cannot say or XML cannot carry are left out; line ends become a pause; numbers are spelled. */
export function speakable(text: string, locale: Locale): string {
  if (PLAIN.test(text)) return spellNumbers(text.replace(/ {2,}/g, ' ').trim(), locale);
  const clean = dropInvisible(text)
    // Lone surrogates, characters outside XML 1.0, emoji with their modifiers and joiners.
    .replace(/\p{Cs}|[\ufffd-\uffff\u{e0000}-\u{e007f}]|\p{Variation_Selector}|\u20e3|\p{Emoji_Modifier}|\p{Extended_Pictographic}|\p{Regional_Indicator}/gu, '')
    .replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
    .replace(/([\p{L}\p{N}])[^\S\n\r]*[\n\r\u2028\u2029]\s*(?=\S)/gu, locale === 'en' ? '$1. ' : '$1。')
    .replace(/\s+/g, ' ')
    .trim();
  return spellNumbers(clean, locale);
}

/** After these a digit run is a quantity and is read as a number. */
const QUANTITY = '(?:[.．]\\d|\\s*(?:元|块|万|亿|人|户|件|家|个|次|名|字|米|公里|千米|平方|平米|吨|克|公斤|千克|升|度|年|天|小时|分钟|秒|[%％℃]|yuan|RMB|people|persons?|km|kg|met(?:er|re)s?|hours?|days?|percent)(?![A-Za-z]))';
/** Before these a digit run is a label and is read digit by digit, however short. */
const LABEL = '(?:尾[号號]|[后後][四4]位|末[四4]位|[编編][号號]|[单單][号號]|[号號][码碼]|[热熱][线線]|[拨撥]打|致[电電]|即刻打|再打|\\bending in|\\bends in|\\bnumber is|\\bdial|\\bcall)[是为係：:\\s“”"\']{0,3}';

const LONG_NUMBER = new RegExp(`(?<![\\d.])(\\d{8,}|\\d{5,7}(?!\\d|${QUANTITY}))(?!\\d)`, 'g');
const LABELLED_NUMBER = new RegExp(`(${LABEL})(\\d{2,7})(?!\\d|\\s?\\d|${QUANTITY})`, 'gi');

/**
 * Numbers that are names, not amounts, digit by digit: telephone and ticket numbers, the last four digits, hotlines.
 * A comma makes the voice pause between groups.
 */
export function spellNumbers(text: string, locale: Locale): string {
  // One digit alone is an amount.
  if (!/\d\d/.test(text)) return text;
  const comma = locale === 'en' ? ', ' : '，';
  const spell = (groups: readonly string[]): string => groups.filter((group) => group !== '').map((group) => [...group].join(' ')).join(comma);
  const tail = (digits: string, before: string): string => `${/(?:尾[号號]|[后後][四4]位|末[四4]位|ending in|ends in)[是为：:\s]{0,3}$/.test(before) ? '' : { 'zh-CN': '尾号', 'zh-HK': '尾號', en: 'number ending in ' }[locale]}${spell([digits])}`;
  return text
    // 138****8000 → the last digits only: stars cannot be said.
    .replace(/(?<![\d*])\d{0,6}\*{2,}(\d{2,4})(?![\d*])/g, (whole, digits: string, offset: number, all: string) => (/\*/.test(whole) ? tail(digits, all.slice(0, offset)) : whole))
    // Landlines and service numbers keep their groups: 0769-22831234, 400-812-3123.
    .replace(/(?<![\d.-])(?:0\d{2,3}-\d{7,8}|[48]00-\d{3,4}-\d{3,4})(?![\d-])/g, (number) => spell(number.split('-').flatMap(digitGroups)))
    // 20261122 00018 7, as tickets are written for the eye.
    .replace(/(?<![\d.])20\d{6} \d{5,} \d(?!\d)/g, (number) => spell(digitGroups(number.replace(/ /g, ''))))
    .replace(LONG_NUMBER, (number) => spell(digitGroups(number)))
    .replace(LABELLED_NUMBER, (_whole, label: string, digits: string) => label + spell([digits]))
    .replace(/(?<![\d.])(1[12]\d)(?=报警|急救|火警|救护)/g, (number) => spell([number]));
}

/** Mobile 3-4-4; ticket number year, day, sequence, check digit; a hotline in one breath; anything else by three or four. */
function digitGroups(digits: string): readonly string[] {
  if (/^1\d{10}$/.test(digits)) return [digits.slice(0, 3), digits.slice(3, 7), digits.slice(7)];
  if (/^20\d{12,14}$/.test(digits)) return [digits.slice(0, 4), digits.slice(4, 8), digits.slice(8, -1), digits.slice(-1)];
  if (digits.length < 6) return [digits];
  if (digits.length < 8) return [digits.slice(0, 3), digits.slice(3)];
  return digits.match(/.{1,4}/g) ?? [digits];
}

const HAN_DIGITS = '零一二三四五六七八九';

/** True when the text already tells to press this key (0–9, * or #). */
export function namesKey(text: string, key: string): boolean {
  // Most texts name no key at all, which one look tells.
  return /按|press/i.test(text) && KEY_NAMES.get(key)?.test(text) === true;
}

const naming = (literal: string, han: string): RegExp => new RegExp(`按\\s*[“"]?(?:数字)?(?:${literal}|${han})(?!\\d)|press(?:ing)?\\s+(?:the\\s+)?${literal}(?!\\d)`, 'i');
const KEY_NAMES: ReadonlyMap<string, RegExp> = new Map([...[...HAN_DIGITS].map((han, digit) => [String(digit), naming(String(digit), han)] as const), ['*', naming('\\*', '星')], ['#', naming('#', '井')]]);

/** How choices are offered, in the words of each language. */
const OFFERS: Readonly<Record<Locale, { readonly press: (title: string, key: string) => string; readonly say: (titles: string) => string; readonly or: string }>> = {
  'zh-CN': { press: (title, key) => `${title}请按${key}。`, say: (titles) => `您可以说：${titles}。`, or: '，或者' },
  'zh-HK': { press: (title, key) => `${title}請按${key}。`, say: (titles) => `你可以講：${titles}。`, or: '，或者' },
  en: { press: (title, key) => `For ${title}, press ${key}.`, say: (titles) => `You can say: ${titles}.`, or: ', or ' },
};

/** Choices become “…请按1”; one without a key can be said. What the text already tells is not told twice. */
function withChoices(text: string, choices: readonly Choice[], locale: Locale): string {
  const keyed = choices.filter((choice) => choice.key !== undefined && !namesKey(text, choice.key));
  const unkeyed = choices.filter((choice) => choice.key === undefined && !text.includes(choice.title));
  const { press, say, or } = OFFERS[locale];
  const parts = [...keyed.map(({ title, key }) => press(title, keyName(key, locale))), ...(unkeyed.length === 0 ? [] : [say(unkeyed.map(({ title }) => title).join(or))])];
  if (parts.length === 0) return text;
  const start = text.trim();
  const closed = start === '' || /[\p{P}]$/u.test(start) ? start : `${start}${locale === 'en' ? '.' : '。'}`;
  return [closed, ...parts].filter((part) => part !== '').join(locale === 'en' ? ' ' : '');
}

const KEY_WORDS: Readonly<Record<Locale, Readonly<Record<string, string>>>> = {
  'zh-CN': { '#': '井号键', '*': '星号键' },
  'zh-HK': { '#': '井號鍵', '*': '星號鍵' },
  en: { '#': 'pound', '*': 'star' },
};

const keyName = (key: string | undefined, locale: Locale): string => (key === undefined ? '' : (KEY_WORDS[locale][key] ?? key));

/** Pieces of at most `limitBytes` UTF-8 bytes, cut after a sentence if possible, else after a comma or blank, never inside a character. */
export function splitForSay(text: string, limitBytes: number = SAY_LIMIT_BYTES): readonly string[] {
  const pieces: string[] = [];
  let rest = text;
  while (Buffer.byteLength(rest) > limitBytes) {
    const head = headWithin(rest, limitBytes);
    const cut = lastBreak(head, /[。！？!?；;]|\.(?=\s)/g) ?? lastBreak(head, /[，,、：:\s]/g) ?? head.length;
    pieces.push(rest.slice(0, cut).trim());
    rest = rest.slice(cut).trimStart();
  }
  return [...pieces, rest].filter((piece) => piece !== '');
}

function headWithin(text: string, limitBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > limitBytes && end > 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** Offset after the last match, if it lies in the second half (an early cut would make needless pieces). */
function lastBreak(head: string, pattern: RegExp): number | null {
  let last = -1;
  for (const match of head.matchAll(pattern)) last = match.index + match[0].length;
  return last > head.length / 2 ? last : null;
}
