import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Calendar } from '../../../../domain/config-files.ts';
import { Chip } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { CataloguePage, type Editing } from './parts/catalogue-page.tsx';
import { Faults, TextField } from './parts/fields.tsx';
import { CALENDAR_PAGE as w, NAMES_WORDS, MARKS_WORDS } from './words.ts';
import { COMMON as common } from '../../words.ts';

const week = () => ([w.mon, w.tue, w.wed, w.thu, w.fri, w.sat, w.sun] as const);
const DAY_MS = 86_400_000;
type Year = Calendar['years'][number];
/** The mark stands there by style: it would not be part of what the day is called. */
type DayKind = 'work' | 'weekend' | 'holiday' | 'makeUp';
const NAMES: Readonly<Record<DayKind, string>> = NAMES_WORDS;
const MARKS: Readonly<Record<DayKind, string>> = MARKS_WORDS;

/** The calendar: `#/calendar`, `#/calendar/VERSION`. */
export function CalendarPage({ rest }: { readonly rest: string }): JSX.Element {
  return (
    <CataloguePage kind="calendar" title={w.calendar} about={w.holidaysAndMadeUp} rest={rest}>
      {(editing) => <Body {...editing} />}
    </CataloguePage>
  );
}

const text = (at: number): string => new Date(at).toISOString().slice(0, 10);
const weekday = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
const kindOf = (year: Year, day: string): DayKind => (year.holidays.includes(day) ? 'holiday' : year.makeUpWorkdays.includes(day) ? 'makeUp' : weekday(day) > 5 ? 'weekend' : 'work');

/** A weekday is worked or off, a day of the weekend off or worked. */
function turned(year: Year, day: string): Year {
  const toggled = (days: readonly string[]): string[] => (days.includes(day) ? days.filter((one) => one !== day) : [...days, day].toSorted());
  const kind = kindOf(year, day);
  if (kind === 'holiday' || kind === 'work') return { ...year, holidays: toggled(year.holidays) };
  return { ...year, makeUpWorkdays: toggled(year.makeUpWorkdays) };
}

function Body({ body, change, at }: Editing<'calendar'>): JSX.Element {
  const desk = useDesk();
  const thisYear = Number(text(desk.now.value + 8 * 3_600_000).slice(0, 4));
  const [wanted, setWanted] = useState(thisYear);
  const years = [...body.years].toSorted((a, b) => a.year - b.year);
  const shown = years.find(({ year }) => year === wanted) ?? years.at(-1);
  const index = shown === undefined ? -1 : body.years.indexOf(shown);
  const set = change === null || shown === undefined ? null : (next: Year) => change({ ...body, years: body.years.map((year) => (year === shown ? next : year)) });
  const addYear = (): void => {
    const year = Math.max(thisYear - 1, ...body.years.map((one) => one.year)) + 1;
    change?.({ ...body, years: [...body.years, { year, provisional: true, source: w.waitingForTheState, holidays: [], makeUpWorkdays: [] }] });
    setWanted(year);
  };
  return (
    <div class="calendar">
      <div class="years" role="group" aria-label={w.years}>
        {years.map(({ year, provisional }) => (
          <button key={year} type="button" aria-pressed={year === shown?.year} onClick={() => setWanted(year)}>
            {w.year(year, provisional ? w.assumed : '')}
          </button>
        ))}
        {change === null ? null : (
          <button type="button" onClick={addYear}>
            {w.addAYear}
          </button>
        )}
        <span class="legend" aria-hidden="true">
          <i class="day holiday">{w.h}</i>{w.holiday}<i class="day makeUp">{w.w}</i>{w.madeUpWorkingDay}<i class="day weekend" />{w.weekend}
        </span>
      </div>
      <Faults list={at('/years').filter(({ pointer }) => pointer === '/years')} />
      {shown === undefined ? null : (
        <>
          <div class="fields">
            <TextField label={w.ground} value={shown.source} change={set === null ? null : (source) => set({ ...shown, source })} wide max={200} />
            <div class="field">
              {set === null ? (
                <p>{shown.provisional ? <Chip tone="warn">{w.assumedWaitingForThe}</Chip> : <Chip tone="good">{w.checkedAgainstTheAnnouncement}</Chip>}</p>
              ) : (
                <label class="check">
                  <input type="checkbox" checked={shown.provisional} onChange={(event) => set({ ...shown, provisional: event.currentTarget.checked })} />{w.isStillAssumedNot}
                </label>
              )}
            </div>
          </div>
          <Faults list={at(`/years/${index}`)} />
          <p class="dim" role="status">
            {w.holidayWithoutWeekendsMade(shown.holidays.length, shown.makeUpWorkdays.length)}{set === null ? '' : w.clickADayOr}
          </p>
          <YearGrid year={shown} turn={set === null ? null : (day) => set(turned(shown, day))} faulty={new Set(at(`/years/${index}`).map(({ pointer }) => dayAt(shown, pointer)))} />
        </>
      )}
      <div class="hours">
        <Hours label={w.officeHours} hint={w.workingHoursAndDays} value={body.officeHours} change={change === null ? null : (officeHours) => change({ ...body, officeHours })} />
        <Faults list={at('/officeHours')} />
        <Hours label={w.seatHours} hint={w.theBotTellsBy} value={body.seatHours} change={change === null ? null : (seatHours) => change({ ...body, seatHours })} />
        <Faults list={at('/seatHours')} />
      </div>
    </div>
  );
}

function dayAt(year: Year, pointer: string): string {
  const [, , , list, place] = pointer.split('/');
  return (list === 'holidays' || list === 'makeUpWorkdays' ? year[list][Number(place)] : undefined) ?? '';
}

/** Twelve months; one day at a time is in the order of Tab, the arrows move it. */
function YearGrid({ year, turn, faulty }: { readonly year: Year; readonly turn: ((day: string) => void) | null; readonly faulty: ReadonlySet<string> }): JSX.Element {
  const first = Date.UTC(year.year, 0, 1);
  const count = (Date.UTC(year.year + 1, 0, 1) - first) / DAY_MS;
  const days = Array.from({ length: count }, (_one, index) => text(first + index * DAY_MS));
  const [current, setCurrent] = useState(`${year.year}-01-01`);
  const at = days.includes(current) ? current : (days[0] ?? '');
  const move = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    const next = by === undefined ? undefined : days[days.indexOf(at) + by];
    if (next === undefined) return;
    event.preventDefault();
    setCurrent(next);
    const grid = event.currentTarget;
    if (grid instanceof HTMLElement) grid.querySelector<HTMLElement>(`[data-day="${next}"]`)?.focus();
  };
  return (
    <div class="year" onKeyDown={move}>
      {Array.from({ length: 12 }, (_one, month) => {
        const own = days.filter((day) => Number(day.slice(5, 7)) === month + 1);
        const lead = weekday(own[0] ?? `${year.year}-01-01`) - 1;
        return (
          <section key={month} class="month" aria-label={w.text(year.year, month + 1)}>
            <h3>{w.month(month + 1)}</h3>
            <div class="grid">
              {week().map((name) => (
                <span key={name} class="dim" aria-hidden="true">
                  {name}
                </span>
              ))}
              {Array.from({ length: lead }, (_empty, place) => (
                <span key={`lead ${place}`} />
              ))}
              {own.map((day) => {
                const kind = kindOf(year, day);
                const label = w.monthDay(Number(day.slice(5, 7)), Number(day.slice(8)), week()[weekday(day) - 1] ?? '', NAMES[kind]);
                return turn === null ? (
                  <span key={day} class={`day ${kind}`} data-mark={MARKS[kind]} title={label} role="img" aria-label={label}>
                    {Number(day.slice(8))}
                  </span>
                ) : (
                  <button key={day} type="button" data-day={day} data-mark={MARKS[kind]} class={`day ${kind}${faulty.has(day) ? ' wrong' : ''}`} aria-label={label} aria-pressed={kind === 'holiday' || kind === 'makeUp'} tabIndex={day === at ? 0 : -1} onFocus={() => setCurrent(day)} onClick={() => turn(day)}>
                    {Number(day.slice(8))}
                  </button>
                );
              })}
            </div>
          </section>
        );
      })}
    </div>
  );
}

type Hour = Calendar['officeHours'][number];

function Hours({ label, hint, value, change }: { readonly label: string; readonly hint: string; readonly value: readonly Hour[]; readonly change: ((value: Hour[]) => void) | null }): JSX.Element {
  if (change === null) return <p><span class="dim">{label}</span> {value.map(({ from, to }) => `${from}–${to}`).join(common.comma)}</p>;
  const set = (at: number, next: Hour): void => change(value.map((hour, index) => (index === at ? next : hour)));
  return (
    <fieldset class="rule-row">
      <legend>
        {label}
        <small>{hint}</small>
      </legend>
      {value.map((hour, index) => (
        <span key={index} class="span">
          <input aria-label={w.spanFrom(label, index + 1)} value={hour.from} maxLength={5} pattern="[0-2][0-9]:[0-5][0-9]" onInput={(event) => set(index, { ...hour, from: event.currentTarget.value })} />
          {w.to}
          <input aria-label={w.spanTo(label, index + 1)} value={hour.to} maxLength={5} pattern="[0-2][0-9]:[0-5][0-9]" onInput={(event) => set(index, { ...hour, to: event.currentTarget.value })} />
          <button type="button" class="plain" aria-label={w.removeSpan(label, index + 1)} onClick={() => change(value.filter((_hour, place) => place !== index))}>
            ×
          </button>
        </span>
      ))}
      <button type="button" onClick={() => change([...value, { from: value.at(-1)?.to ?? '08:30', to: '24:00' }])}>
        {w.addASpan}
      </button>
    </fieldset>
  );
}
