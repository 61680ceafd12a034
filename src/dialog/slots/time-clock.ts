import { parseChineseNumber } from '../../domain/digits.ts';
import { byFirstChar } from './first-chars.ts';

/** A part of the day; hours after midnight of its day, above 24 in the next one. */
export interface PartRead {
  readonly name: 'small-hours' | 'early' | 'morning' | 'noon' | 'afternoon' | 'dusk' | 'evening' | 'midnight';
  readonly fromHour: number;
  readonly toHour: number;
  readonly end: number;
}

const PARTS: readonly (readonly [RegExp, PartRead['name'], number, number])[] = [
  [/三更半夜|大半夜|半夜三更|下半夜|后半夜|半夜|深夜|午夜/y, 'midnight', 23, 29],
  [/凌晨/y, 'small-hours', 0, 6],
  [/清晨|大清早|清早|一大早|一早|早晨|(?<=今)晨/y, 'early', 5, 9],
  [/早上|早间|朝早|(?<=[今昨明])早|(?<=[天日])早(?!就|已)/y, 'early', 6, 10],
  [/上午|上昼/y, 'morning', 8, 12],
  [/中午|正午|午间|晏昼/y, 'noon', 11, 14],
  [/下午|午后|下昼/y, 'afternoon', 12, 18],
  [/傍晚|黄昏|天黑前/y, 'dusk', 17, 19],
  [/晚上|晚间|夜里|夜间|夜晚|当晚|夜深|(?<=[今昨明天日前每那寻琴])[晚夜](?!了|会|归|于)/y, 'evening', 18, 24],
];

const PARTS_AT = byFirstChar(PARTS, ([re]) => re);

/** Reads a part of the day that begins at `at`. Greetings (早上好) are none. */
export function readPart(text: string, at: number): PartRead | null {
  for (const [re, name, fromHour, toHour] of PARTS_AT.get(text.charCodeAt(at)) ?? []) {
    re.lastIndex = at;
    const match = re.exec(text);
    if (match === null) continue;
    const end = at + match[0].length;
    if (text.charAt(end) === '好' && !text.startsWith('好几', end)) return null;
    return { name, fromHour, toHour, end };
  }
  return null;
}

export interface ClockRead {
  /** 0 to 24 as said. */
  readonly hour: number;
  readonly minute: number;
  readonly grain: 'minute' | 'hour';
  readonly end: number;
  /** 左右, 多: not to the minute. */
  readonly vague: boolean;
  /** More than a bare N点: cannot be 一点 (a little) or 三点 (three points). */
  readonly firm: boolean;
  readonly pm: boolean | null;
  /** Written with a leading zero (08:30): the 24-hour clock. */
  readonly padded: boolean;
}

const N = '\\d{1,2}|[零〇一二两三四五六七八九十]{1,3}';
const COLON = /(\d{1,2}):(\d{2})(?::\d{2})?\s?(am|pm)?(?!\d)/y;
const AMPM = /(\d{1,2})\s?(am|pm)\b/y;
const SPOKEN = new RegExp(
  `(${N})(点钟|点整|点|时整|时(?![候间段不而常代刻效机]))(?:(半)|(一|三|1|3)刻|零(${N})分?|过?(\\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九](?=分))分?(?![\\d个天元万条]))?(来)?(钟)?(多|左右|前后|许|上下)?`,
  'y',
);

const CLOCKS_AT = byFirstChar([COLON, AMPM, SPOKEN], (re) => re);

/** Can a part of the day or a time of day begin with this UTF-16 unit? */
export const beginsClock = (unit: number): boolean => PARTS_AT.has(unit) || CLOCKS_AT.has(unit);

/** Reads a time of day that begins at `at`. */
export function readClock(text: string, at: number): ClockRead | null {
  if (!CLOCKS_AT.has(text.charCodeAt(at))) return null;
  // The middle of a longer number is no clock time.
  if (/[\d零〇一二三四五六七八九十.:第几]/.test(text.charAt(at - 1))) return null;
  COLON.lastIndex = at;
  const colon = COLON.exec(text);
  if (colon !== null) return make(Number(colon[1]), Number(colon[2]), at + colon[0].length, 'minute', true, false, colon[3] === undefined ? null : colon[3] === 'pm', (colon[1] ?? '').startsWith('0'));
  AMPM.lastIndex = at;
  const ampm = AMPM.exec(text);
  if (ampm !== null) return make(Number(ampm[1]), 0, at + ampm[0].length, 'hour', true, false, ampm[2] === 'pm');
  SPOKEN.lastIndex = at;
  const match = SPOKEN.exec(text);
  if (match === null) return null;
  const [whole, hourText = '', unit = '', half, quarter, zeroMinute, plainMinute, about1, clockWord, about2] = match;
  const end = at + whole.length;
  const minuteText = zeroMinute ?? plainMinute;
  // 三点五公里: a decimal fraction.
  if (minuteText === undefined && half === undefined && quarter === undefined && unit === '点' && /[零〇一二三四五六七八九\d]/.test(text.charAt(end))) return null;
  const hour = parseChineseNumber(hourText);
  const minute = half !== undefined ? 30 : quarter !== undefined ? (quarter === '一' || quarter === '1' ? 15 : 45) : minuteText === undefined ? 0 : parseChineseNumber(minuteText);
  if (hour === null || minute === null) return null;
  const exact = half !== undefined || quarter !== undefined || minuteText !== undefined;
  const firm = exact || unit !== '点' || clockWord !== undefined || about2 !== undefined;
  return make(hour, minute, end, exact || unit.endsWith('整') ? 'minute' : 'hour', firm, about1 !== undefined || about2 !== undefined, null);
}

function make(hour: number, minute: number, end: number, grain: 'minute' | 'hour', firm: boolean, vague: boolean, pm: boolean | null, padded = false): ClockRead | null {
  if (hour > 24 || minute > 59 || (hour === 24 && minute > 0)) return null;
  return { hour, minute, grain, end, firm, vague, pm, padded };
}

/** Hours after midnight of the day that is meant, above 24 in the next one; the part of the day decides. */
export function hourIn(part: PartRead['name'], hour: number): number {
  if (hour > 12) return hour;
  switch (part) {
    case 'afternoon':
    case 'dusk':
      return hour < 12 ? hour + 12 : hour;
    case 'noon':
      return hour <= 3 ? hour + 12 : hour;
    case 'evening':
      return hour === 12 || hour < 5 ? (hour === 12 ? 24 : hour + 24) : hour + 12;
    case 'midnight':
      return hour >= 9 ? hour + 12 : hour + 24;
    case 'small-hours':
      return hour === 12 ? 0 : hour;
    case 'early':
    case 'morning':
      return hour;
  }
}
