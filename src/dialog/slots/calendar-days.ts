import type { EpochMs } from '../../domain/activity.ts';

/** Civil days in Beijing (UTC+8, no daylight saving since 1991). Pure arithmetic. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const OFFSET = 8 * HOUR;

export interface Civil {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** 1 Monday to 7 Sunday. */
  readonly weekday: number;
}

export function civilOf(at: EpochMs): Civil {
  const date = new Date(at + OFFSET);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday: ((date.getUTCDay() + 6) % 7) + 1 };
}

/** Midnight that begins the day; month and day overflow like Date.UTC (month 13 is January next year). */
export function dayAt(year: number, month: number, day: number): EpochMs {
  return Date.UTC(year, month - 1, day) - OFFSET;
}

/** Midnight that begins the day of this moment. */
export function dayOf(at: EpochMs): EpochMs {
  return Math.floor((at + OFFSET) / DAY) * DAY - OFFSET;
}

/** Is there such a day (no 30 February)? */
export function isRealDay(year: number, month: number, day: number): boolean {
  const civil = civilOf(dayAt(year, month, day));
  return civil.year === year && civil.month === month && civil.day === day;
}

const LUNAR = new Intl.DateTimeFormat('en-US-u-ca-chinese', { timeZone: 'UTC', month: 'numeric', day: 'numeric' });

/** The Gregorian day of a lunar month and day (no leap months) that falls into this Gregorian year, or null. */
function lunarDay(year: number, month: number, day: number): EpochMs | null {
  // Lunar months begin 20 to 51 days after the Gregorian month of the same number does.
  const guess = Date.UTC(year, month - 1, day) + 18 * DAY;
  for (let step = 0; step < 45; step += 1) {
    const at = guess + step * DAY;
    const parts = LUNAR.formatToParts(at);
    // Twelve months and leap months: ICU writes a leap month as `6bis`.
    const lunarMonth = parts.find((part) => part.type === 'month')?.value;
    const lunarDate = parts.find((part) => part.type === 'day')?.value;
    if (lunarMonth === String(month) && lunarDate === String(day)) return at - OFFSET;
  }
  return null;
}

export interface Festival {
  readonly names: readonly string[];
  readonly first: (year: number) => EpochMs | null;
  /** Days of the public holiday around it, for 期间. */
  readonly days: number;
}

const fixed = (month: number, day: number) => (year: number): EpochMs => dayAt(year, month, day);

/** Festivals people date things by. Longer names first within one festival. */
export const FESTIVALS: readonly Festival[] = [
  { names: ['元旦节', '元旦'], first: fixed(1, 1), days: 3 },
  { names: ['春节', '大年初一', '年初一', '过年', '农历新年'], first: (year) => lunarDay(year, 1, 1), days: 7 },
  { names: ['大年初二', '年初二'], first: (year) => shifted(lunarDay(year, 1, 1), 1), days: 1 },
  { names: ['大年初三', '年初三'], first: (year) => shifted(lunarDay(year, 1, 1), 2), days: 1 },
  { names: ['除夕夜', '除夕', '大年三十', '年三十'], first: (year) => shifted(lunarDay(year, 1, 1), -1), days: 1 },
  { names: ['元宵节', '元宵'], first: (year) => lunarDay(year, 1, 15), days: 1 },
  { names: ['三八妇女节', '妇女节'], first: fixed(3, 8), days: 1 },
  // 清明: day of the solar term by the usual century formula (2000 to 2099).
  { names: ['清明节', '清明'], first: (year) => dayAt(year, 4, Math.floor((year % 100) * 0.2422 + 4.81) - Math.floor((year % 100) / 4)), days: 3 },
  { names: ['五一劳动节', '五一假期', '劳动节', '五一'], first: fixed(5, 1), days: 5 },
  { names: ['六一儿童节', '儿童节', '六一'], first: fixed(6, 1), days: 1 },
  { names: ['端午节', '端午'], first: (year) => lunarDay(year, 5, 5), days: 3 },
  { names: ['中秋节', '中秋'], first: (year) => lunarDay(year, 8, 15), days: 3 },
  { names: ['国庆节', '国庆', '十一黄金周', '十一长假', '十一假期'], first: fixed(10, 1), days: 7 },
  { names: ['重阳节', '重阳'], first: (year) => lunarDay(year, 9, 9), days: 1 },
  { names: ['双十一', '双11'], first: fixed(11, 11), days: 1 },
  { names: ['平安夜'], first: fixed(12, 24), days: 1 },
  { names: ['圣诞节', '圣诞'], first: fixed(12, 25), days: 1 },
];

function shifted(at: EpochMs | null, days: number): EpochMs | null {
  return at === null ? null : at + days * DAY;
}
