import type { EpochMs } from './activity.ts';
import { beijingDay, BEIJING_OFFSET, DAY, HOUR, MINUTE, startOfDay } from './clock.ts';
import type { Calendar, DeadlineRule } from './config-files.ts';

/**
 * The legal clock: which time counts. Pure arithmetic over the calendar data. `minutes`, `hours` and `days` run round the
 * clock; `workhours` counts the departments' office hours of workdays; `workdays` counts the closings of the office: the
 * starting day does not count, and a workday counts once its office closes with the clock running.
 */

/** An approved 挂起: the clock stands from `from` up to `to`; null: still held. */
export interface Hold {
  readonly from: EpochMs;
  readonly to: EpochMs | null;
  /** Not held by anybody: it followed another ticket (并单). */
  readonly merged?: boolean;
}

/** What a stretch of time was for a clock. */
export type SpanReason = 'counted' | 'startDay' | 'weekend' | 'holiday' | 'closed' | 'held';

/** One stretch, in order and without holes; `amount` is what it counted, in the rule's unit. */
export interface ClockSpan {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly reason: SpanReason;
  readonly amount: number;
  /** The day is a Saturday or Sunday that is worked (调休). */
  readonly makeUp: boolean;
}

export type DeadlineUnit = DeadlineRule['unit'];

/** A compiled calendar: made once, asked often. */
export interface LegalClock {
  /** Is this moment's Beijing day a workday (holidays off, 调休 make-up days on)? */
  isWorkday(at: EpochMs): boolean;
  /** Inside the departments' office hours of a workday? */
  isOfficeOpen(at: EpochMs): boolean;
  /** Inside the hours in which seats are staffed (any day)? */
  isSeatOpen(at: EpochMs): boolean;
  /** When a rule that starts now runs out. Holds must have ended; @throws RangeError for one that has not. */
  due(start: EpochMs, rule: DeadlineRule, holds?: readonly Hold[]): EpochMs;
  /** As `due`, but null when a hold that has not ended stands before it. */
  dueUnlessHeld(start: EpochMs, rule: DeadlineRule, holds: readonly Hold[]): EpochMs | null;
  /** The moment from which the rule would run out at `end`: for warnings. The latest one; holds do not count. */
  before(end: EpochMs, rule: DeadlineRule): EpochMs;
  /** How much has counted between two moments, in the unit; whole numbers for `workdays`. 0 when `end` is not after `start`. */
  elapsed(start: EpochMs, end: EpochMs, unit: DeadlineUnit, holds?: readonly Hold[]): number;
  /** Every stretch between two moments and what it was. */
  spans(start: EpochMs, end: EpochMs, unit: DeadlineUnit, holds?: readonly Hold[]): readonly ClockSpan[];
  /** Years the calendar covers for sure; a due date outside is computed with plain weekends. */
  coversYear(year: number): boolean;
}

/** A clock that always counts by the calendar in force. @param calendar the same object as long as it holds */
export function followCalendar(calendar: () => Calendar): LegalClock {
  let held = calendar();
  let clock = createLegalClock(held);
  const now = (): LegalClock => {
    const found = calendar();
    if (found !== held) {
      clock = createLegalClock(found);
      held = found;
    }
    return clock;
  };
  return {
    isWorkday: (at) => now().isWorkday(at),
    isOfficeOpen: (at) => now().isOfficeOpen(at),
    isSeatOpen: (at) => now().isSeatOpen(at),
    due: (start, rule, holds) => now().due(start, rule, holds),
    dueUnlessHeld: (start, rule, holds) => now().dueUnlessHeld(start, rule, holds),
    before: (end, rule) => now().before(end, rule),
    elapsed: (start, end, unit, holds) => now().elapsed(start, end, unit, holds),
    spans: (start, end, unit, holds) => now().spans(start, end, unit, holds),
    coversYear: (year) => now().coversYear(year),
  };
}

/** Longest search for working time: a deadline further away than this means that the calendar is broken. */
const MAX_DAYS = 800;
const UNIT_MS = { minutes: MINUTE, hours: HOUR, days: DAY, workhours: HOUR } as const;

interface Hours {
  readonly from: number;
  readonly to: number;
}
/** Time in which the clock runs, or a tick at `to` for workdays. */
interface Running extends Hours {}

type DayKind = 'work' | 'makeUp' | 'weekend' | 'holiday';

export function createLegalClock(calendar: Calendar): LegalClock {
  const holidays = new Set(calendar.years.flatMap((year) => year.holidays));
  const makeUps = new Set(calendar.years.flatMap((year) => year.makeUpWorkdays));
  const covered = new Set(calendar.years.filter((year) => !year.provisional).map((year) => year.year));
  const office = readHours(calendar.officeHours);
  const seats = readHours(calendar.seatHours);
  const close = office.at(-1)?.to ?? DAY;

  const kindOf = (at: EpochMs): DayKind => {
    const day = beijingDay(at);
    if (holidays.has(day)) return 'holiday';
    if (makeUps.has(day)) return 'makeUp';
    const weekday = new Date(at + BEIJING_OFFSET).getUTCDay();
    return weekday === 0 || weekday === 6 ? 'weekend' : 'work';
  };
  /** By number of the day: the clocks of a ticket walk over the same days again and again. */
  const kinds = new Map<number, DayKind>();
  const dayKind = (at: EpochMs): DayKind => {
    const day = Math.floor((at + BEIJING_OFFSET) / DAY);
    let kind = kinds.get(day);
    if (kind === undefined) kinds.set(day, (kind = kindOf(at)));
    return kind;
  };
  const isWorkday = (at: EpochMs): boolean => {
    const kind = dayKind(at);
    return kind === 'work' || kind === 'makeUp';
  };
  const within = (at: EpochMs, list: readonly Hours[]): boolean => {
    const time = at - startOfDay(at);
    return list.some((span) => time >= span.from && time < span.to);
  };
  /** Office spans of the day that begins at `day`, from `start` on. */
  const officeSpans = (day: EpochMs, start: EpochMs): Running[] =>
    isWorkday(day) ? office.map(({ from, to }) => ({ from: Math.max(day + from, start), to: day + to })).filter(({ from, to }) => to > from) : [];

  const dueUnlessHeld = (start: EpochMs, rule: DeadlineRule, holds: readonly Hold[]): EpochMs | null => {
    const held = settle(holds);
    if (rule.unit === 'workdays') {
      let left = rule.amount;
      let day = startOfDay(start);
      for (let step = 0; step < MAX_DAYS; step += 1) {
        day += DAY;
        const tick = day + close;
        if (heldForGood(held, tick)) return null;
        if (isWorkday(day) && !isHeld(held, tick)) left -= 1;
        if (left === 0) return tick;
      }
      throw new RangeError('no workday found: is the calendar all holidays?');
    }
    let left = rule.amount * UNIT_MS[rule.unit];
    let day = startOfDay(start);
    for (let step = 0; step < MAX_DAYS; step += 1, day += DAY) {
      const running = rule.unit === 'workhours' ? officeSpans(day, start) : [{ from: Math.max(day, start), to: day + DAY }];
      for (const span of running.flatMap((whole) => without(whole, held))) {
        if (left <= span.to - span.from) return span.from + left;
        left -= span.to - span.from;
      }
      if (heldForGood(held, day + DAY)) return null;
    }
    throw new RangeError('no working hours found: is the calendar all holidays?');
  };

  const before = (end: EpochMs, rule: DeadlineRule): EpochMs => {
    if (rule.unit === 'workdays') {
      let left = rule.amount;
      let at = end;
      for (let step = 0; step < MAX_DAYS; step += 1) {
        at -= DAY;
        if (isWorkday(at)) left -= 1;
        if (left === 0) return at;
      }
      throw new RangeError('no workday found: is the calendar all holidays?');
    }
    if (rule.unit !== 'workhours') return end - rule.amount * UNIT_MS[rule.unit];
    let left = rule.amount * HOUR;
    let day = startOfDay(end);
    for (let step = 0; step < MAX_DAYS; step += 1, day -= DAY) {
      for (const { from, to } of officeSpans(day, day).toReversed()) {
        const last = Math.min(to, end);
        if (last <= from) continue;
        if (left <= last - from) return last - left;
        left -= last - from;
      }
    }
    throw new RangeError('no working hours found: is the calendar all holidays?');
  };

  const spans: LegalClock['spans'] = (start, end, unit, holds = []) => {
    const found: ClockSpan[] = [];
    const held = settle(holds);
    const add = (from: EpochMs, to: EpochMs, reason: SpanReason, amount: number, makeUp: boolean): void => {
      if (to > from) found.push({ from, to, reason, amount, makeUp });
    };
    for (let day = startOfDay(start); day < end; day += DAY) {
      const from = Math.max(day, start);
      const to = Math.min(day + DAY, end);
      const kind = dayKind(day);
      const makeUp = kind === 'makeUp';
      const off: SpanReason | null = kind === 'weekend' || kind === 'holiday' ? kind : null;
      if (unit === 'workdays') {
        const tick = day + close;
        const first = day === startOfDay(start);
        const reason = off ?? (first ? 'startDay' : isHeld(held, tick) ? 'held' : tick <= end ? 'counted' : 'closed');
        add(from, to, reason, reason === 'counted' ? 1 : 0, makeUp);
        continue;
      }
      const running = unit === 'workhours' ? officeSpans(day, from).map((span) => ({ from: span.from, to: Math.min(span.to, to) })).filter((span) => span.to > span.from) : [{ from, to }];
      if (running.length === 0) add(from, to, off ?? 'closed', 0, makeUp);
      let at = from;
      for (const span of running) {
        add(at, span.from, 'closed', 0, makeUp);
        at = span.from;
        for (const free of without(span, held)) {
          add(at, free.from, 'held', 0, makeUp);
          add(free.from, free.to, 'counted', (free.to - free.from) / UNIT_MS[unit], makeUp);
          at = free.to;
        }
        add(at, span.to, 'held', 0, makeUp);
        at = span.to;
      }
      if (running.length > 0) add(at, to, 'closed', 0, makeUp);
    }
    return found;
  };

  const elapsed: LegalClock['elapsed'] = (start, end, unit, holds = []) => {
    const list = spans(start, end, unit, holds);
    if (unit === 'workdays') return list.reduce((sum, span) => sum + span.amount, 0);
    // Summed in milliseconds: parts of an hour do not add up exactly.
    return list.reduce((sum, span) => sum + (span.reason === 'counted' ? span.to - span.from : 0), 0) / UNIT_MS[unit];
  };

  return {
    isWorkday, before, spans, elapsed, dueUnlessHeld,
    isOfficeOpen: (at) => isWorkday(at) && within(at, office),
    isSeatOpen: (at) => within(at, seats),
    due: (start, rule, holds = []) => {
      const due = dueUnlessHeld(start, rule, holds);
      if (due === null) throw new RangeError('a clock that is held has no due time');
      return due;
    },
    coversYear: (year) => covered.has(year),
  };
}

/** `HH:MM` (24:00 allowed) to milliseconds after midnight. */
function parseClock(text: string): number {
  const match = /^(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))$/.exec(text);
  if (match === null) throw new RangeError('a time of day must be HH:MM');
  return Number(match[1] ?? match[3]) * HOUR + Number(match[2] ?? match[4]) * MINUTE;
}

function readHours(hours: readonly { readonly from: string; readonly to: string }[]): Hours[] {
  return hours.map((span) => ({ from: parseClock(span.from), to: parseClock(span.to) })).sort((a, b) => a.from - b.from);
}

/** Holds in order, overlapping ones joined; an end of Infinity: still held. */
function settle(holds: readonly Hold[]): Running[] {
  const sorted = holds.map(({ from, to }) => ({ from, to: to ?? Number.POSITIVE_INFINITY })).filter(({ from, to }) => to > from).sort((a, b) => a.from - b.from);
  const joined: { from: number; to: number }[] = [];
  for (const hold of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && hold.from <= last.to) last.to = Math.max(last.to, hold.to);
    else joined.push({ ...hold });
  }
  return joined;
}

function isHeld(holds: readonly Running[], at: EpochMs): boolean {
  return holds.some(({ from, to }) => at > from && at <= to);
}

function heldForGood(holds: readonly Running[], at: EpochMs): boolean {
  const last = holds.at(-1);
  return last !== undefined && last.to === Number.POSITIVE_INFINITY && at > last.from;
}

/** The parts of a span that are not held. */
function without(span: Running, holds: readonly Running[]): Running[] {
  const free: Running[] = [];
  let from = span.from;
  for (const hold of holds) {
    if (hold.to <= from || hold.from >= span.to) continue;
    if (hold.from > from) free.push({ from, to: hold.from });
    from = Math.max(from, hold.to);
  }
  if (from < span.to) free.push({ from, to: span.to });
  return free;
}
