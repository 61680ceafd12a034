import { digitView, hasDigits } from './digits.ts';
import { isTicketNumber } from './ticket-number.ts';
import { toHalfWidth } from './text.ts';

/**
 * Personal data in free text. Pure. Digits are replaced one by one, so a masked text has the length of its original
 * and blanks or dashes inside a number stay where they were. Public numbers (12345, 110, 400-…), dates and our own
 * ticket numbers are left alone; number plates too (they are what a complaint is about).
 */

export type PhoneKind = 'mobile' | 'landline' | 'international';

export interface NormalPhone {
  /** Mainland: digits only, area code with its 0 (13800138000, 076922222222, 4008123123); else E.164 with `+`. */
  readonly phone: string;
  readonly kind: PhoneKind;
}

/** Units between two digits of one number, at most. */
const APART = 2;
/** Between digits of one number people write up to so many of these; a comma or a line end parts two numbers. */
const S = `[ \\t\\u00a0().·•‐-―_-]{0,${APART}}`;
const repeat = (digit: string, count: string): string => `(?:${S}${digit}){${count}}`;
const START = '(?<![\\d*])';
const END = '(?![\\d*])';

/** Area codes: 010, 02x with 8 digits; 03xx-09xx with 7 or 8 (工业和信息化部《电信网编号计划》). */
const LANDLINE_BODY = `0${S}(?:1${S}0|2${S}\\d|[3-9]${S}\\d${S}\\d)${S}[2-9]${repeat('\\d', '6,7')}`;

/** Twilio writes withheld caller ids as the keypad digits of a word: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE (docs: “Caller ID values”). */
const WITHHELD = new Set(['+266696687', '+7378742833', '+2562533', '+8656696', '+86282452253']);

/**
 * One phone number in any usual spelling → its canonical form, or null when it is none (withheld, too short, a name).
 * Accepts +86, 0086 and 86 before a mainland number, blanks, dashes, brackets, a leading `tel:`.
 */
export function normalizePhone(raw: string): NormalPhone | null {
  const compact = toHalfWidth(raw).trim().replace(/^tel:/i, '').replace(/[\s().·•‐-―/-]/g, '');
  if (!/^\+?\d{5,18}$/.test(compact) || WITHHELD.has(compact)) return null;
  const abroad = compact.startsWith('00') ? `+${compact.slice(2)}` : compact;
  const local = abroad.startsWith('+86') ? abroad.slice(3) : abroad;
  const bare = /^861[3-9]\d{9}$/.test(local) ? local.slice(2) : local;
  if (/^1[3-9]\d{9}$/.test(bare)) return { phone: bare, kind: 'mobile' };
  if (/^[48]00\d{7}$/.test(bare)) return { phone: bare, kind: 'landline' };
  const landline = abroad.startsWith('+86') && !bare.startsWith('0') ? `0${bare}` : bare;
  if (/^0(?:10|2\d)[2-9]\d{7}$|^0[3-9]\d{2}[2-9]\d{6,7}$/.test(landline)) return { phone: landline, kind: 'landline' };
  if (/^\+(?!86)[1-9]\d{6,14}$/.test(abroad)) return { phone: abroad, kind: 'international' };
  return null;
}

/** 138****8000; shorter or stranger numbers keep at most their last four digits. */
export function maskPhone(phone: string): string {
  const total = phone.replace(/\D/g, '').length;
  const head = total >= 11 ? 3 : 0;
  const tail = total >= 8 ? 4 : Math.min(2, Math.max(0, total - 4));
  let seen = 0;
  return phone.replace(/\d/g, (digit) => {
    seen += 1;
    return seen <= head || seen > total - tail ? digit : '*';
  });
}

/** 张**: the first character and a fixed number of stars, so that the length tells nothing. */
export function maskName(name: string): string {
  const [first] = [...name.trim()];
  return first === undefined ? '' : `${first}**`;
}

/** Last four digits of a number, or an empty string when it has fewer. */
export function last4(phone: string): string {
  const digits = phone.replace(/\D/g, '');
  return digits.length < 4 ? '' : digits.slice(-4);
}

/** How many digits stay at either end of a masked number. */
interface Rule {
  readonly pattern: RegExp;
  readonly keepHead: number;
  readonly keepTail: number;
  /** Looks at the bare digits (and X) and at the text before the match. */
  readonly accept?: (digits: string, before: string) => boolean;
}

const IDENTITY = new RegExp(`${START}[1-9]${repeat('\\d', '16')}${S}[\\dXx]${END}`, 'g');
const MOBILE = new RegExp(`(?:${START}(?:\\+|00)?86${S}|${START}\\+?)1${S}[3-9]${repeat('\\d', '9')}${END}`, 'g');
const LANDLINE = new RegExp(`${START}(?:(?:\\+|00)86${S})?${LANDLINE_BODY}${END}`, 'g');
const ABROAD = new RegExp(`(?<![\\d*+])(?:\\+|00)[1-9]${repeat('\\d', '7,14')}${END}`, 'g');
const SERVICE = new RegExp(`${START}[48]${S}0${S}0${repeat('\\d', '7')}${END}`, 'g');

const RULES: readonly Rule[] = [
  { pattern: IDENTITY, keepHead: 3, keepTail: 2, accept: (digits) => plausibleDay(digits.slice(6, 14)) },
  { pattern: MOBILE, keepHead: 3, keepTail: 4 },
  { pattern: new RegExp(`${START}[1-8]${repeat('\\d', '14')}${END}`, 'g'), keepHead: 3, keepTail: 2, accept: (digits) => plausibleDay(`19${digits.slice(6, 12)}`) || luhn(digits) },
  { pattern: new RegExp(`${START}[3-69]${repeat('\\d', '12,18')}${END}`, 'g'), keepHead: 0, keepTail: 4, accept: (digits, before) => luhn(digits) || /(?:卡|账号|帐号|账户)[^\n]{0,6}$/.test(before) },
  { pattern: LANDLINE, keepHead: 4, keepTail: 2 },
  { pattern: ABROAD, keepHead: 0, keepTail: 4 },
  { pattern: new RegExp(`${START}[2-8]${repeat('\\d', '6,7')}${END}`, 'g'), keepHead: 0, keepTail: 2, accept: (digits, before) => /(?:电话|座机|固话|号码|联系|打|拨|tel|phone|call)[^\d\n]{0,6}$/i.test(before) && !plausibleDay(digits) },
  // Numbers run together (two mobiles, a date and a mobile): no rule above may claim them, yet one would leak.
  { pattern: new RegExp(`${START}\\d{12,}${END}`, 'g'), keepHead: 0, keepTail: 2, accept: (digits) => digits.length >= 20 || /^1[3-9]\d{9}|1[3-9]\d{9}$/.test(digits) },
];

const EMAIL = /[\w.+%-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}/gi;

/** Eight digits that are a calendar day of 1900 to 2099. */
function plausibleDay(digits: string): boolean {
  const match = /^(19|20)(\d\d)(\d\d)(\d\d)$/.exec(digits);
  if (match === null) return false;
  const month = Number(match[3]);
  const day = Number(match[4]);
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/** ISO/IEC 7812-1 check digit. */
function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0 && !/^0+$/.test(digits);
}

// Fourteen digits first, so that a number behind it is not swallowed (the sequence of a very busy day has six or seven).
const TICKETS = ['12', '13', '14'].map((more) => new RegExp(`${START}20(?:[\\s_-]{0,${APART}}\\d){${more}}${END}`, 'g'));
const DATE = /(?<![\d*])(?:19|20)\d\d[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}(?!\d)/g;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Our ticket numbers in a digit view. */
function ticketSpans(view: string): Span[] {
  const spans: Span[] = [];
  for (const pattern of TICKETS) {
    for (const match of view.matchAll(pattern)) {
      const [start, end] = [match.index, match.index + match[0].length];
      if (isTicketNumber(match[0].replace(/\D/g, '')) && spans.every((span) => end <= span.start || start >= span.end)) spans.push({ start, end });
    }
  }
  return spans;
}

/** Every rule wants at least so many digits; the shortest is a landline without its area code. */
const LEAST = 7;

/** One pass: the offsets to blank out. */
function secretOffsets(view: string): Set<number> {
  const hidden = new Set<number>();
  const spared = new Set<number>();
  const protect = (from: number, to: number): void => {
    for (let i = from; i < to; i += 1) spared.add(i);
  };
  for (const span of ticketSpans(view)) protect(span.start, span.end);
  for (const match of view.matchAll(DATE)) protect(match.index, match.index + match[0].length);
  for (const match of view.matchAll(EMAIL)) {
    const local = match[0].indexOf('@');
    for (let i = match.index + (local > 2 ? 1 : 0); i < match.index + local; i += 1) if (view[i] !== '*') hidden.add(i);
  }
  for (const rule of RULES) {
    for (const match of view.matchAll(rule.pattern)) {
      const from = match.index;
      const offsets: number[] = [];
      for (let i = from; i < from + match[0].length; i += 1) if (/[\dXx]/.test(view[i] ?? '')) offsets.push(i);
      if (offsets.some((offset) => spared.has(offset))) continue;
      const digits = offsets.map((offset) => view[offset]).join('');
      if (rule.accept !== undefined && !rule.accept(digits, view.slice(Math.max(0, from - 14), from))) continue;
      // Country code in front: the kept head is the subscriber's, so that 86 138**** keeps its shape.
      const prefix = /^(?:00)?86(?=1[3-9]\d{9}$)/.exec(digits)?.[0].length ?? 0;
      for (const offset of offsets.slice(prefix + rule.keepHead, offsets.length - rule.keepTail)) hidden.add(offset);
      protect(from, from + match[0].length);
    }
  }
  return hidden;
}

/**
 * Masks phones, landlines, identity card and bank card numbers and e-mail addresses. `found` tells whether anything was
 * masked. Digits may be ASCII, full width or spoken (幺三八…). Same length as the input; a second call changes nothing.
 */
export function maskText(text: string): { readonly text: string; readonly found: boolean } {
  if (!hasDigits(text, LEAST, APART) && !/[@＠]/.test(text)) return { text, found: false };
  let current = text;
  let found = false;
  // What stays of one number may complete a pattern with its neighbour, so passes run until nothing changes.
  for (let pass = 0; pass < 8; pass += 1) {
    const hidden = secretOffsets(digitView(current));
    if (hidden.size === 0) break;
    found = true;
    let next = '';
    for (let i = 0; i < current.length; i += 1) next += hidden.has(i) ? '*' : current.charAt(i);
    current = next;
  }
  return { text: current, found };
}

export type NumberSpan = NormalPhone & Span;

/** Every phone number in a text with its span, in order; ticket, identity card and bank card numbers are none. */
export function scanPhones(text: string): NumberSpan[] {
  if (!hasDigits(text, LEAST, APART)) return [];
  const view = digitView(text);
  const taken = ticketSpans(view);
  const free = (start: number, end: number): boolean => taken.every((span) => end <= span.start || start >= span.end);
  for (const match of view.matchAll(IDENTITY)) if (plausibleDay(match[0].replace(/[^\dXx]/g, '').slice(6, 14))) taken.push({ start: match.index, end: match.index + match[0].length });
  const found: NumberSpan[] = [];
  for (const pattern of [MOBILE, LANDLINE, SERVICE, ABROAD]) {
    for (const match of view.matchAll(pattern)) {
      const start = match.index;
      const end = start + match[0].length;
      const phone = normalizePhone(match[0]);
      if (phone === null || !free(start, end)) continue;
      taken.push({ start, end });
      found.push({ ...phone, start, end });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}
