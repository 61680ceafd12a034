import { BEIJING_OFFSET, DAY, HOUR, startOfDay } from '../domain/clock.ts';
import type { EpochMs } from '../domain/activity.ts';
import { AppError } from '../domain/errors.ts';

/** The stretch of time that a report is about, in Beijing days. */

export const REPORT_KINDS = ['day', 'week', 'month', 'special'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

export interface Period {
  readonly kind: ReportKind;
  /** `2026-11-22`, `2026-W45`, `2026-10`, `2026-10-01..2026-10-15`. */
  readonly key: string;
  /** `2026年10月`. */
  readonly label: string;
  readonly from: EpochMs;
  /** Exclusive. */
  readonly to: EpochMs;
}

/** A special report's longest stretch: more is no event any more, and its texts no longer fit a minute's work. */
const MOST_DAYS = 366;

/**
 * @param key what `Period.key` holds
 * @throws AppError `report.bad_period`
 */
export function periodOf(kind: ReportKind, key: string): Period {
  switch (kind) {
    case 'day': {
      const from = dayStart(key);
      return { kind, key, label: dayLabel(from), from, to: from + DAY };
    }
    case 'week': {
      const [, year = '', week = ''] = /^(\d{4})-W(\d{2})$/.exec(key) ?? [];
      const from = weekStart(Number(year), Number(week));
      if (year === '' || weekKey(from) !== key) throw badPeriod(key);
      return { kind, key, label: `${year}年第${Number(week)}周（${shortDay(from)}至${shortDay(from + 6 * DAY)}）`, from, to: from + 7 * DAY };
    }
    case 'month': {
      const [, year = '', month = ''] = /^(\d{4})-(\d{2})$/.exec(key) ?? [];
      if (year === '' || Number(month) < 1 || Number(month) > 12) throw badPeriod(key);
      return { kind, key, label: `${year}年${Number(month)}月`, from: monthStart(Number(year), Number(month)), to: monthStart(Number(year), Number(month) + 1) };
    }
    case 'special': {
      const [first = '', last = '', ...more] = key.split('..');
      if (more.length > 0) throw badPeriod(key);
      const from = dayStart(first);
      const to = dayStart(last) + DAY;
      if (to <= from || to - from > MOST_DAYS * DAY) throw badPeriod(key);
      return { kind, key, label: first === last ? dayLabel(from) : `${dayLabel(from)}至${dayLabel(to - DAY)}`, from, to };
    }
  }
}

/** Days from the one to the other, both in; cut to what a special report may span. */
export function specialPeriod(first: EpochMs, last: EpochMs): Period {
  return periodOf('special', `${dayKey(first)}..${dayKey(Math.max(first, Math.min(last, first + (MOST_DAYS - 2) * DAY)))}`);
}

/** The whole period that ended last before this moment: what a schedule makes. */
export function lastEnded(kind: Exclude<ReportKind, 'special'>, now: EpochMs): Period {
  const today = startOfDay(now);
  switch (kind) {
    case 'day':
      return periodOf('day', dayKey(today - DAY));
    case 'week':
      return periodOf('week', weekKey(today - 7 * DAY));
    case 'month': {
      const first = monthStartOf(today);
      return periodOf('month', dayKey(first - DAY).slice(0, 7));
    }
  }
}

/** The one before, of the same kind; before a special one the same number of days. */
export function previousOf(period: Period): Period {
  switch (period.kind) {
    case 'day':
      return periodOf('day', dayKey(period.from - DAY));
    case 'week':
      return periodOf('week', weekKey(period.from - 7 * DAY));
    case 'month':
      return periodOf('month', dayKey(period.from - DAY).slice(0, 7));
    case 'special':
      return periodOf('special', `${dayKey(period.from - (period.to - period.from))}..${dayKey(period.from - DAY)}`);
  }
}

export interface Compared {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly label: string;
}

/**
 * What of the period there is so far, and what of the one before it is held against. Of a period that is not over only whole days count (of a
 * day whole hours), and they are held against the same first part of the one before. A month's last days may have no counterpart in February.
 * @throws AppError `report.not_begun`: nothing of it is over
 */
export function comparedWith(period: Period, now: EpochMs): { readonly now: Compared; readonly past: Compared; readonly whole: boolean } {
  const before = previousOf(period);
  const whole = now >= period.to;
  const end = whole ? period.to : period.kind === 'day' ? Math.floor(now / HOUR) * HOUR : startOfDay(now);
  if (end <= period.from) throw new AppError('report.not_begun', `nothing of ${period.key} is over`, { status: 409, details: { period: period.key }, citizenText: '这段时间还没有过去，至少要满一天（日报满一小时）才有数据。' });
  return {
    now: { from: period.from, to: end, label: period.label },
    past: { from: before.from, to: whole ? before.to : Math.min(before.to, before.from + (end - period.from)), label: whole ? before.label : `${before.label}同期` },
    whole,
  };
}

export function dayKey(at: EpochMs): string {
  return new Date(at + BEIJING_OFFSET).toISOString().slice(0, 10);
}

/** ISO 8601: a week belongs to the year that its Thursday lies in. */
export function weekKey(at: EpochMs): string {
  const thursday = startOfDay(at) + (4 - weekday(at)) * DAY;
  const year = Number(dayKey(thursday).slice(0, 4));
  const week = 1 + Math.round((thursday - weekStart(year, 1) - 3 * DAY) / (7 * DAY));
  return `${year}-W${String(week).padStart(2, '0')}`;
}

/** 1 Monday to 7 Sunday. */
export function weekday(at: EpochMs): number {
  return new Date(at + BEIJING_OFFSET).getUTCDay() || 7;
}

export function dayLabel(at: EpochMs): string {
  const [year, month, day] = dayKey(at).split('-').map(Number);
  return `${year}年${month}月${day}日`;
}

export function shortDay(at: EpochMs): string {
  const [, month, day] = dayKey(at).split('-').map(Number);
  return `${month}月${day}日`;
}

function dayStart(key: string): EpochMs {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(key) ? Date.parse(`${key}T00:00:00Z`) : Number.NaN;
  // Date.parse takes 2026-02-30 for none, and some engines for the second of March.
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== key) throw badPeriod(key);
  return at - BEIJING_OFFSET;
}

/** Monday of an ISO week. */
function weekStart(year: number, week: number): EpochMs {
  const fourth = Date.UTC(year, 0, 4) - BEIJING_OFFSET;
  return fourth - (weekday(fourth) - 1) * DAY + (week - 1) * 7 * DAY;
}

const monthStart = (year: number, month: number): EpochMs => Date.UTC(year, month - 1, 1) - BEIJING_OFFSET;
const monthStartOf = (at: EpochMs): EpochMs => dayStart(`${dayKey(at).slice(0, 7)}-01`);

function badPeriod(key: string): AppError {
  return new AppError('report.bad_period', `no such period: ${key}`, { status: 400, details: { period: key }, citizenText: '时间写得不对：日报写 2026-11-22，周报写 2026-W45，月报写 2026-10，专报写起止日期（至多 366 天）。' });
}
