import type { EpochMs } from './activity.ts';

/**
 * Beijing time, in words. It is UTC+8 all year (no daylight saving since 1991), so local wall time is the epoch shifted
 * by eight hours. Which time counts for a deadline: legal-clock.ts.
 */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const BEIJING_OFFSET = 8 * HOUR;

const WEEKDAYS = ['周日', '周一', '周二', '周三', '周四', '周五', '周六'] as const;

/** The day that was asked for last: nearly always it is today. */
let last = { day: NaN, text: '' };

/** `YYYY-MM-DD` of the Beijing day that holds this moment. */
export function beijingDay(at: EpochMs): string {
  const day = Math.floor((at + BEIJING_OFFSET) / DAY);
  if (day !== last.day) last = { day, text: new Date(at + BEIJING_OFFSET).toISOString().slice(0, 10) };
  return last.text;
}

/** `YYYYMMDD`, the day part of a ticket number. */
export function beijingDayDigits(at: EpochMs): string {
  return beijingDay(at).replaceAll('-', '');
}

/** `2026年11月22日 18:00`, for people. */
export function beijingText(at: EpochMs): string {
  const iso = new Date(at + BEIJING_OFFSET).toISOString();
  return `${Number(iso.slice(0, 4))}年${Number(iso.slice(5, 7))}月${Number(iso.slice(8, 10))}日 ${iso.slice(11, 16)}`;
}

/** `11月22日（周日）`, for people. */
export function beijingDayText(at: EpochMs): string {
  const local = new Date(at + BEIJING_OFFSET);
  return `${local.getUTCMonth() + 1}月${local.getUTCDate()}日（${WEEKDAYS[local.getUTCDay()] ?? ''}）`;
}

/** `18:00`. */
export function beijingTimeText(at: EpochMs): string {
  return new Date(at + BEIJING_OFFSET).toISOString().slice(11, 16);
}

/** Epoch of the midnight that begins a Beijing day. */
export function startOfDay(at: EpochMs): EpochMs {
  return Math.floor((at + BEIJING_OFFSET) / DAY) * DAY - BEIJING_OFFSET;
}
