import type { EpochMs } from './activity.ts';
import type { Calendar, DeadlineRule } from './config-files.ts';

/**
 * The legal clock, first version: pure arithmetic over the calendar data. Beijing time is UTC+8 all year (no daylight
 * saving since 1991), so local wall time is the epoch shifted by eight hours.
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const BEIJING_OFFSET = 8 * HOUR;
/** Longest search for working time: a deadline further away than this means that the calendar is broken. */
const MAX_DAYS = 800;

/** `YYYY-MM-DD` of the Beijing day that holds this moment. */
export function beijingDay(at: EpochMs): string {
  return new Date(at + BEIJING_OFFSET).toISOString().slice(0, 10);
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

/** Epoch of the midnight that begins a Beijing day. */
function startOfDay(at: EpochMs): EpochMs {
  return Math.floor((at + BEIJING_OFFSET) / DAY) * DAY - BEIJING_OFFSET;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** `HH:MM` (24:00 allowed) to milliseconds after midnight. */
function parseClock(text: string): number {
  const match = /^(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))$/.exec(text);
  if (match === null) throw new RangeError('a time of day must be HH:MM');
  return Number(match[1] ?? match[3]) * HOUR + Number(match[2] ?? match[4]) * MINUTE;
}

function spans(hours: readonly { readonly from: string; readonly to: string }[]): Span[] {
  return hours.map((span) => ({ from: parseClock(span.from), to: parseClock(span.to) })).sort((a, b) => a.from - b.from);
}

/** A compiled calendar: made once, asked often. */
export interface LegalClock {
  /** Is this moment's Beijing day a workday (holidays off, 调休 make-up days on)? */
  isWorkday(at: EpochMs): boolean;
  /** Inside the departments' office hours of a workday? */
  isOfficeOpen(at: EpochMs): boolean;
  /** Inside the hours in which seats are staffed (any day)? */
  isSeatOpen(at: EpochMs): boolean;
  /**
   * When a rule that starts now runs out. `hours` and `days` run round the clock. `workhours` counts office hours
   * only. `workdays`: the starting day does not count; due when the office closes on the last one.
   */
  due(start: EpochMs, rule: DeadlineRule): EpochMs;
  /** Years the calendar covers for sure; a due date outside is computed with plain weekends. */
  coversYear(year: number): boolean;
}

export function createLegalClock(calendar: Calendar): LegalClock {
  const holidays = new Set(calendar.years.flatMap((year) => year.holidays));
  const makeUps = new Set(calendar.years.flatMap((year) => year.makeUpWorkdays));
  const covered = new Set(calendar.years.filter((year) => !year.provisional).map((year) => year.year));
  const office = spans(calendar.officeHours);
  const seats = spans(calendar.seatHours);
  const officeClose = office.at(-1)?.to ?? DAY;

  const isWorkday = (at: EpochMs): boolean => {
    const day = beijingDay(at);
    if (holidays.has(day)) return false;
    if (makeUps.has(day)) return true;
    const weekday = new Date(at + BEIJING_OFFSET).getUTCDay();
    return weekday !== 0 && weekday !== 6;
  };

  const within = (at: EpochMs, list: readonly Span[]): boolean => {
    const time = at - startOfDay(at);
    return list.some((span) => time >= span.from && time < span.to);
  };

  const afterWorkdays = (start: EpochMs, amount: number): EpochMs => {
    let day = startOfDay(start);
    let left = amount;
    for (let step = 0; step < MAX_DAYS; step += 1) {
      day += DAY;
      if (isWorkday(day)) left -= 1;
      if (left === 0) return day + officeClose;
    }
    throw new RangeError('no workday found: is the calendar all holidays?');
  };

  const afterWorkhours = (start: EpochMs, amount: number): EpochMs => {
    let left = amount * HOUR;
    let day = startOfDay(start);
    for (let step = 0; step < MAX_DAYS; step += 1, day += DAY) {
      if (!isWorkday(day)) continue;
      for (const span of office) {
        const from = Math.max(day + span.from, start);
        const free = day + span.to - from;
        if (free <= 0) continue;
        if (left <= free) return from + left;
        left -= free;
      }
    }
    throw new RangeError('no working hours found: is the calendar all holidays?');
  };

  return {
    isWorkday,
    isOfficeOpen: (at) => isWorkday(at) && within(at, office),
    isSeatOpen: (at) => within(at, seats),
    due: (start, rule) => {
      switch (rule.unit) {
        case 'hours':
          return start + rule.amount * HOUR;
        case 'days':
          return start + rule.amount * DAY;
        case 'workdays':
          return afterWorkdays(start, rule.amount);
        case 'workhours':
          return afterWorkhours(start, rule.amount);
      }
    },
    coversYear: (year) => covered.has(year),
  };
}
