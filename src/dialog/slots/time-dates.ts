import type { EpochMs } from '../../domain/activity.ts';
import { parseChineseNumber } from '../../domain/digits.ts';
import { civilOf, DAY, dayAt, dayOf, FESTIVALS, HOUR, isRealDay, MINUTE } from './calendar-days.ts';
import { byFirstChar } from './first-chars.ts';
import type { SpokenTime } from '../slots-types.ts';

/** A stretch of days (or a moment, `to` null) read at one place of the text. */
export interface DateRead {
  readonly from: EpochMs;
  readonly to: EpochMs | null;
  readonly grain: SpokenTime['grain'];
  readonly end: number;
  readonly confidence: number;
  /** One calendar day that a part of the day or a clock time may refine. */
  readonly oneDay: boolean;
  readonly recurring: boolean;
}

type Grain = SpokenTime['grain'];
type Made = Omit<DateRead, 'end'> | null;
interface DatePattern {
  readonly re: RegExp;
  readonly make: (groups: readonly (string | undefined)[], now: EpochMs) => Made;
}

const N = '(\\d{1,2}|[一二两三四五六七八九十廿]{1,3})';
const sticky = (source: string): RegExp => new RegExp(source, 'y');
const number = (text: string | undefined): number => parseChineseNumber(text ?? '') ?? Number.NaN;

function days(from: EpochMs, count: number, grain: Grain, confidence: number, recurring = false): Made {
  return { from, to: from + count * DAY, grain, confidence, oneDay: count === 1, recurring };
}

function span(from: EpochMs, to: EpochMs, grain: Grain, confidence: number): Made {
  return { from, to, grain, confidence, oneDay: false, recurring: false };
}

function realDay(year: number, month: number, day: number, confidence: number): Made {
  return isRealDay(year, month, day) ? days(dayAt(year, month, day), 1, 'day', confidence) : null;
}

/** A month and day without a year: the latest one that is not after today. */
function pastDay(month: number, day: number, now: EpochMs): Made {
  const { year } = civilOf(now);
  for (let back = 0; back < 9; back += 1) {
    if (!isRealDay(year - back, month, day)) continue;
    const at = dayAt(year - back, month, day);
    // A date some weeks ahead may well be meant as the future: still read as past, but less sure.
    if (at <= now) return days(at, 1, 'day', now - at > 270 * DAY ? 0.6 : 0.95);
  }
  return null;
}

const YEAR_WORD: Readonly<Record<string, number>> = { 大前年: -3, 前年: -2, 去年: -1, 旧年: -1, 今年: 0, 明年: 1, 后年: 2 };
const DAY_WORD: Readonly<Record<string, number>> = {
  大前天: -3, 大前日: -3, 前天: -2, 前日: -2, 前: -2, 昨天: -1, 昨日: -1, 昨儿: -1, 寻日: -1, 琴日: -1, 寻: -1, 琴: -1, 昨: -1,
  今天: 0, 今日: 0, 今儿: 0, 今: 0, 明天: 1, 明日: 1, 明儿: 1, 听日: 1, 明: 1, 后天: 2, 后日: 2, 大后天: 3,
};
const STEP: Readonly<Record<string, number>> = { 上上: -2, 上: -1, 这: 0, 本: 0, 当: 0, 下: 1, 下下: 2 };
const WEEKDAY: Readonly<Record<string, number>> = { 一: 1, 二: 2, 三: 3, 四: 4, 五: 5, 六: 6, 日: 7, 天: 7 };

function step(word: string | undefined): number {
  return STEP[(word ?? '').replace(/个$/, '')] ?? 0;
}

function weekday(text: string): number {
  return WEEKDAY[text] ?? Number(text);
}

/** Part of a month: 初 the first ten days, 中 the middle, 底 the last ten. */
function monthPart(year: number, month: number, part: string | undefined, confidence: number): Made {
  const first = dayAt(year, month, 1);
  const next = dayAt(year, month + 1, 1);
  if (part === undefined) return span(first, next, 'month', confidence);
  if (part === '初' || part === '上旬') return span(first, first + 10 * DAY, 'week', confidence - 0.1);
  if (part.startsWith('中')) return span(first + 10 * DAY, first + 20 * DAY, 'week', confidence - 0.1);
  return span(first + 20 * DAY, next, 'week', confidence - 0.1);
}

const UNIT_MS: Readonly<Record<string, number>> = { 分钟: MINUTE, 分: MINUTE, 小时: HOUR, 钟头: HOUR, 钟: HOUR, 天: DAY, 日: DAY, 晚: DAY, 星期: 7 * DAY, 周: 7 * DAY, 礼拜: 7 * DAY };
const UNIT_GRAIN: Readonly<Record<string, Grain>> = { 分钟: 'minute', 分: 'minute', 小时: 'hour', 钟头: 'hour', 钟: 'hour', 天: 'day', 日: 'day', 晚: 'day', 星期: 'week', 周: 'week', 礼拜: 'week', 月: 'month', 年: 'month' };
const AMOUNT = '(\\d{1,3}|[一二两三四五六七八九十]{1,3}|好?几|[一二两三四五六七八九]{2}|半)(来|多)?个?(半)?(多)?(分钟|小时|钟头|钟|天|晚|日|星期|周|礼拜|月|年)(半)?(多)?';

interface Length {
  readonly start: EpochMs;
  readonly grain: Grain;
  readonly sure: number;
}

/** When a stretch of the given groups of AMOUNT began, counted back from now. */
function back(groups: readonly (string | undefined)[], now: EpochMs): Length | null {
  const [amountText = '', more1, half1, more2, unit = '', half2, more3] = groups;
  const vague = amountText.includes('几') || /^[一二两三四五六七八九]{2}$/.test(amountText);
  // 两三天 is read as three, 几天 as three: the round-up covers what is meant.
  const base = amountText === '半' ? 0.5 : amountText.includes('几') ? 3 : vague ? number(amountText.slice(-1)) : number(amountText);
  if (Number.isNaN(base)) return null;
  const amount = base + (half1 !== undefined || half2 !== undefined ? 0.5 : 0);
  const sure = vague ? 0.6 : more1 !== undefined || more2 !== undefined || more3 !== undefined ? 0.75 : 0.9;
  const grain = UNIT_GRAIN[unit] ?? 'day';
  const ms = UNIT_MS[unit];
  if (ms !== undefined) return { start: now - amount * ms, grain: amount % 1 === 0 || unit !== '小时' ? grain : 'minute', sure };
  const { year, month, day } = civilOf(now);
  const months = amount * (unit === '年' ? 12 : 1);
  const whole = Math.trunc(months);
  const lastDay = civilOf(dayAt(year, month - whole + 1, 1) - DAY).day;
  return { start: dayAt(year, month - whole, Math.min(day, lastDay)) - Math.round((months - whole) * 30) * DAY + (now - dayOf(now)), grain, sure };
}

const festivalNames = FESTIVALS.flatMap((festival) => festival.names).sort((a, b) => b.length - a.length);

function festival(name: string, yearWord: string | undefined, tail: string, now: EpochMs): Made {
  const found = FESTIVALS.find((each) => each.names.includes(name));
  if (found === undefined) return null;
  const { year } = civilOf(now);
  const candidates = yearWord === undefined ? [year, year - 1] : [year + (YEAR_WORD[yearWord] ?? 0)];
  for (const each of candidates) {
    const first = found.first(each);
    if (first === null || (yearWord === undefined && first > now)) continue;
    return /期间|假|放/.test(tail) && found.days > 1 ? span(first, first + found.days * DAY, 'day', 0.85) : days(first, 1, 'day', 0.9);
  }
  return null;
}

const NOT_A_DATE = '(?![楼线院门房店车铺馆栋机路桥幢梯口出公仓码位厂桌柜])';

/** Tried in order at one offset; the first that makes sense wins. */
const PATTERNS: readonly DatePattern[] = [
  { re: sticky(`(\\d{4}|[一二三四五六七八九〇零]{4})年${N}月${N}[日号]?`), make: ([y, m, d]) => realDay(number(y), number(m), number(d), 0.98) },
  { re: sticky('((?:19|20)\\d\\d)[-/.](\\d{1,2})[-/.](\\d{1,2})(?!\\d)'), make: ([y, m, d]) => realDay(number(y), number(m), number(d), 0.98) },
  { re: sticky('(\\d{4}|[一二三四五六七八九〇零]{4})年' + N + '月份?(初|中旬|中|上旬|下旬|底|末)?'), make: ([y, m, part]) => (number(m) <= 12 ? monthPart(number(y), number(m), part, 0.95) : null) },
  { re: sticky(`(去年|前年|大前年|今年|明年)的?${N}月${N}[日号]?`), make: ([y, m, d], now) => realDay(civilOf(now).year + (YEAR_WORD[y ?? ''] ?? 0), number(m), number(d), 0.97) },
  { re: sticky(`${N}月${N}[日号]`), make: ([m, d], now) => pastDay(number(m), number(d), now) },
  { re: sticky('(\\d{1,2})月(\\d{1,2})(?![\\d万千百元个月点:份年%.])'), make: ([m, d], now) => pastDay(number(m), number(d), now) },
  { re: sticky('(?<![\\d/.])(\\d{1,2})/(\\d{1,2})(?![\\d/.%])'), make: ([m, d], now) => { const made = pastDay(number(m), number(d), now); return made === null ? null : { ...made, confidence: 0.5 }; } },
  {
    re: sticky(`(上上|上|这|本|当|下)个?月的?${N}[日号]`),
    make: ([word, d], now) => { const { year, month } = civilOf(now); const first = civilOf(dayAt(year, month + step(word), 1)); return realDay(first.year, first.month, number(d), 0.95); },
  },
  {
    re: sticky('(上上|上|这|本|下)个?月份?(初|中旬|中|上旬|下旬|底|末)?'),
    make: ([word, part], now) => { const { year, month } = civilOf(now); return monthPart(year, month + step(word), part, 0.9); },
  },
  {
    re: sticky(`(去年|前年|今年|明年)的?${N}月份?(初|中旬|中|上旬|下旬|底|末)?`),
    make: ([y, m, part], now) => (number(m) <= 12 ? monthPart(civilOf(now).year + (YEAR_WORD[y ?? ''] ?? 0), number(m), part, 0.95) : null),
  },
  {
    re: sticky('(?<![\\d个近前后第每零〇两几十])(\\d{1,2}|十[一二]?|[一二三四五六七八九])月份?(初|中旬|中|上旬|下旬|底|末)?(?![\\d亮饼嫂经子])'),
    make: ([m, part], now) => {
      const month = number(m);
      if (month < 1 || month > 12) return null;
      const { year, month: current } = civilOf(now);
      return monthPart(month <= current ? year : year - 1, month, part, 0.8);
    },
  },
  { re: sticky(`(?:(大?前年|去年|今年|明年)的?)?(${festivalNames.join('|')})(那几天|那天|当天|当日|那晚|期间|假期|长假|放假|节)?`), make: ([y, name = '', tail = ''], now) => (/^(五一|六一)$/.test(name) && tail === '' && y === undefined ? null : festival(name, y, tail, now)) },
  {
    re: sticky('(去年|前年|今年|明年)(初|底|年初|年底|上半年|下半年)?(?!纪)'),
    make: ([y, part], now) => {
      const year = civilOf(now).year + (YEAR_WORD[y ?? ''] ?? 0);
      if (part?.endsWith('初')) return span(dayAt(year, 1, 1), dayAt(year, 3, 1), 'month', 0.7);
      if (part?.endsWith('底')) return span(dayAt(year, 11, 1), dayAt(year + 1, 1, 1), 'month', 0.7);
      if (part === '上半年') return span(dayAt(year, 1, 1), dayAt(year, 7, 1), 'month', 0.8);
      if (part === '下半年') return span(dayAt(year, 7, 1), dayAt(year + 1, 1, 1), 'month', 0.8);
      return span(dayAt(year, 1, 1), dayAt(year + 1, 1, 1), 'month', 0.6);
    },
  },
  { re: sticky('(大前[天日]|前[天日]|昨[天日儿]|寻日|琴日|今[天日儿]|大后天|后[天日]|明[天日儿]|听日)'), make: ([word = ''], now) => days(dayOf(now) + (DAY_WORD[word] ?? 0) * DAY, 1, 'day', 0.95) },
  { re: sticky('(昨|今|明|寻|琴|(?<![以之目从])前)(?=[晚早夜晨])'), make: ([word = ''], now) => days(dayOf(now) + (DAY_WORD[word] ?? 0) * DAY, 1, 'day', 0.95) },
  {
    re: sticky('(上上|上|这|本|下下|下)个?(?:周|星期|礼拜)([一二三四五六日天1-7])(?!\\d)'),
    make: ([word, d = ''], now) => days(dayOf(now) + (step(word) * 7 + weekday(d) - civilOf(now).weekday) * DAY, 1, 'day', 0.95),
  },
  {
    re: sticky('(上上|上|这|本|下下|下)个?(?:周|星期|礼拜)(末)?'),
    make: ([word, end], now) => { const monday = dayOf(now) + (step(word) * 7 + 1 - civilOf(now).weekday) * DAY; return end === undefined ? days(monday, 7, 'week', 0.85) : span(monday + 5 * DAY, monday + 7 * DAY, 'day', 0.85); },
  },
  {
    re: sticky('(?<![一二三四五六七八九十两几半\\d])(?:周|星期|礼拜)([一二三四五六日天1-7])(?![\\d至年])'),
    make: ([d = ''], now) => days(dayOf(now) - ((civilOf(now).weekday - weekday(d) + 7) % 7) * DAY, 1, 'day', 0.85),
  },
  { re: sticky('(?<![一二两三])周末'), make: (_groups, now) => { const saturday = dayOf(now) - ((civilOf(now).weekday + 1) % 7) * DAY; return span(saturday, saturday + 2 * DAY, 'day', 0.7); } },
  {
    re: sticky(`${AMOUNT}(?:之前|以前|前)`),
    make: (groups, now) => {
      const length = back(groups, now);
      if (length === null) return null;
      if (length.grain === 'minute' || length.grain === 'hour') return { from: length.start, to: null, grain: length.grain, confidence: length.sure, oneDay: false, recurring: false };
      const from = dayOf(length.start);
      return { from, to: from + DAY, grain: length.grain, confidence: length.sure, oneDay: length.grain === 'day', recurring: false };
    },
  },
  {
    re: sticky(`(?:已经|连续|持续|整整|都)(?:有|快|了|是|大概|差不多|将近|超过)?${AMOUNT}了?`),
    make: (groups, now) => { const length = back(groups, now); return length === null ? null : { from: length.start, to: now, grain: length.grain, confidence: length.sure, oneDay: false, recurring: false }; },
  },
  {
    re: sticky(`${AMOUNT}了(?!解)`),
    make: (groups, now) => { const length = back(groups, now); return length === null ? null : { from: length.start, to: now, grain: length.grain, confidence: length.sure - 0.05, oneDay: false, recurring: false }; },
  },
  {
    re: sticky(`(?:最近|近|这|过去)${AMOUNT}`),
    make: (groups, now) => { const length = back(groups, now); return length === null ? null : { from: length.start, to: now, grain: length.grain, confidence: length.sure - 0.15, oneDay: false, recurring: false }; },
  },
  { re: sticky('前(?:几|两|些)[天日]'), make: (_groups, now) => span(dayOf(now) - 3 * DAY, dayOf(now), 'day', 0.6) },
  { re: sticky('(?:刚刚|刚才|方才|啱啱|头先|正在|现在|此刻|眼下|而家|这会儿?)'), make: (_groups, now) => ({ from: now, to: null, grain: 'minute', confidence: 0.85, oneDay: false, recurring: false }) },
  { re: sticky('(?:最近|近期|近日|这段时间|这阵子|这些天|前阵子|前段时间)'), make: (_groups, now) => span(dayOf(now) - 14 * DAY, now, 'week', 0.5) },
  {
    re: sticky(`(?<![第路街道巷里村座栋幢楼层室a-z0-9一二三四五六七八九十])${N}号${NOT_A_DATE}`),
    make: ([d], now) => {
      const day = number(d);
      const { year, month } = civilOf(now);
      for (let ago = 0; ago < 3; ago += 1) {
        const first = civilOf(dayAt(year, month - ago, 1));
        if (isRealDay(first.year, first.month, day) && dayAt(first.year, first.month, day) <= now) return days(dayAt(first.year, first.month, day), 1, 'day', 0.75);
      }
      return null;
    },
  },
];

const AT = byFirstChar(PATTERNS, ({ re }) => re);

/** Can a date begin with this UTF-16 unit? */
export const beginsDate = (unit: number): boolean => AT.has(unit);

/** Reads a date that begins at `at`, or null. */
export function readDate(text: string, at: number, now: EpochMs): DateRead | null {
  for (const { re, make } of AT.get(text.charCodeAt(at)) ?? []) {
    re.lastIndex = at;
    const match = re.exec(text);
    if (match === null) continue;
    const made = make(match.slice(1), now);
    if (made !== null) return { ...made, end: at + match[0].length };
  }
  return null;
}
