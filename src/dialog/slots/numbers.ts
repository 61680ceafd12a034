import { digitView, hasDigits, parseChineseNumber } from '../../domain/digits.ts';
import { scanPhones } from '../../domain/masking.ts';
import { foldText } from '../../domain/text.ts';
import { isTicketNumber } from '../../domain/ticket-number.ts';
import type { Finding } from '../slots-types.ts';

/**
 * Phone numbers: mainland mobiles (blanks, dashes, 幺三八…, +86), landlines with area code, 400 and 800, numbers abroad
 * with `+`. The value is canonical (see `normalizePhone`). Ticket and identity card numbers are none.
 */
export function findPhones(text: string): Finding<string>[] {
  return scanPhones(text).map(({ phone, kind, start, end }) => ({ value: phone, start, end, confidence: kind === 'mobile' ? 0.98 : kind === 'landline' ? 0.95 : 0.8 }));
}

const TICKET = /(?<!\d)20(?:[\s._-]{0,2}\d){12,14}(?!\d)/g;

/**
 * Our ticket numbers, digits only. Confidence 1 when the check digit holds; 0.4 when only the length and the day fit, so
 * that the engine can say that a digit is wrong instead of not understanding at all.
 */
export function findTicketNumbers(text: string): Finding<string>[] {
  const found: Finding<string>[] = [];
  if (!hasDigits(text, 14)) return found;
  for (const match of digitView(text).matchAll(TICKET)) {
    const value = match[0].replace(/\D/g, '');
    const sound = isTicketNumber(value);
    const month = Number(value.slice(4, 6));
    const day = Number(value.slice(6, 8));
    if (!sound && (value.length !== 14 || month < 1 || month > 12 || day < 1 || day > 31)) continue;
    found.push({ value, start: match.index, end: match.index + match[0].length, confidence: sound ? 1 : 0.4 });
  }
  return found;
}

const MEASURE = '个位名人次件起户栋层楼间张块元岁天日周年月分秒米条辆台家只头吨度口平方公里小时号项份倍趟回遍处';
const NUMBER = new RegExp(`\\d+(?:\\.\\d+)?万?|[零〇一二两三四五六七八九十百千万亿廿]{2,}|[一二两三四五六七八九十](?=[${MEASURE}])|^[零一二两三四五六七八九十]$`, 'g');

/** Plain numbers (3, 1.5, 三个, 两百零五, 3万). Single Chinese digits only before a measure word or alone. */
export function findNumbers(text: string): Finding<number>[] {
  const found: Finding<number>[] = [];
  for (const match of foldText(text).matchAll(NUMBER)) {
    const raw = match[0];
    const value = /^\d+\.\d+$/.test(raw) ? Number(raw) : parseChineseNumber(raw);
    if (value === null) continue;
    found.push({ value, start: match.index, end: match.index + raw.length, confidence: /^\d/.test(raw) ? 0.95 : 0.8 });
  }
  return found;
}
