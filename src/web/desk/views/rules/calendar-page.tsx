import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Calendar } from '../../../../domain/config-files.ts';
import { Chip } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { CataloguePage, type Editing } from './parts/catalogue-page.tsx';
import { Faults, TextField } from './parts/fields.tsx';

const WEEK = ['一', '二', '三', '四', '五', '六', '日'] as const;
const DAY_MS = 86_400_000;
type Year = Calendar['years'][number];
/** The mark stands there by style: it would not be part of what the day is called. */
type DayKind = 'work' | 'weekend' | 'holiday' | 'makeUp';
const NAMES: Readonly<Record<DayKind, string>> = { work: '工作日', weekend: '周末', holiday: '放假', makeUp: '调休上班' };
const MARKS: Readonly<Record<DayKind, string>> = { work: '', weekend: '', holiday: '休', makeUp: '班' };

/** The calendar: `#/calendar`, `#/calendar/VERSION`. */
export function CalendarPage({ rest }: { readonly rest: string }): JSX.Element {
  return (
    <CataloguePage kind="calendar" title="日历" about="国务院办公厅公布的放假和调休，加上办公时间和坐席时间。发布后，正在走的时限按新日历重算（已超期的不动），工单上会写明。" rest={rest}>
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
    change?.({ ...body, years: [...body.years, { year, provisional: true, source: '待国务院办公厅通知', holidays: [], makeUpWorkdays: [] }] });
    setWanted(year);
  };
  return (
    <div class="calendar">
      <div class="years" role="group" aria-label="年份">
        {years.map(({ year, provisional }) => (
          <button key={year} type="button" aria-pressed={year === shown?.year} onClick={() => setWanted(year)}>
            {year} 年{provisional ? '（推算）' : ''}
          </button>
        ))}
        {change === null ? null : (
          <button type="button" onClick={addYear}>
            加一年
          </button>
        )}
        <span class="legend" aria-hidden="true">
          <i class="day holiday">休</i> 放假 <i class="day makeUp">班</i> 调休上班 <i class="day weekend" /> 周末
        </span>
      </div>
      <Faults list={at('/years').filter(({ pointer }) => pointer === '/years')} />
      {shown === undefined ? null : (
        <>
          <div class="fields">
            <TextField label="依据" value={shown.source} change={set === null ? null : (source) => set({ ...shown, source })} wide max={200} />
            <div class="field">
              {set === null ? (
                <p>{shown.provisional ? <Chip tone="warn">推算：等国务院办公厅通知</Chip> : <Chip tone="good">已按通知核定</Chip>}</p>
              ) : (
                <label class="check">
                  <input type="checkbox" checked={shown.provisional} onChange={(event) => set({ ...shown, provisional: event.currentTarget.checked })} /> 还是推算的（通知没有下来）
                </label>
              )}
            </div>
          </div>
          <Faults list={at(`/years/${index}`)} />
          <p class="dim" role="status">
            放假 {shown.holidays.length} 天（不算周末），调休上班 {shown.makeUpWorkdays.length} 天{set === null ? '' : '。点一天，或用方向键走到再按空格：工作日↔放假，周末↔调休上班'}
          </p>
          <YearGrid year={shown} turn={set === null ? null : (day) => set(turned(shown, day))} faulty={new Set(at(`/years/${index}`).map(({ pointer }) => dayAt(shown, pointer)))} />
        </>
      )}
      <div class="hours">
        <Hours label="办公时间" hint="工作时、工作日按它计" value={body.officeHours} change={change === null ? null : (officeHours) => change({ ...body, officeHours })} />
        <Faults list={at('/officeHours')} />
        <Hours label="坐席时间" hint="机器人按它说有没有人工" value={body.seatHours} change={change === null ? null : (seatHours) => change({ ...body, seatHours })} />
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
          <section key={month} class="month" aria-label={`${year.year} 年 ${month + 1} 月`}>
            <h3>{month + 1} 月</h3>
            <div class="grid">
              {WEEK.map((name) => (
                <span key={name} class="dim" aria-hidden="true">
                  {name}
                </span>
              ))}
              {Array.from({ length: lead }, (_empty, place) => (
                <span key={`lead ${place}`} />
              ))}
              {own.map((day) => {
                const kind = kindOf(year, day);
                const label = `${Number(day.slice(5, 7))}月${Number(day.slice(8))}日，周${WEEK[weekday(day) - 1] ?? ''}，${NAMES[kind]}`;
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
  if (change === null) return <p><span class="dim">{label}</span> {value.map(({ from, to }) => `${from}–${to}`).join('、')}</p>;
  const set = (at: number, next: Hour): void => change(value.map((hour, index) => (index === at ? next : hour)));
  return (
    <fieldset class="rule-row">
      <legend>
        {label}
        <small>{hint}</small>
      </legend>
      {value.map((hour, index) => (
        <span key={index} class="span">
          <input aria-label={`${label}第 ${index + 1} 段，从`} value={hour.from} maxLength={5} pattern="[0-2][0-9]:[0-5][0-9]" onInput={(event) => set(index, { ...hour, from: event.currentTarget.value })} />
          到
          <input aria-label={`${label}第 ${index + 1} 段，到`} value={hour.to} maxLength={5} pattern="[0-2][0-9]:[0-5][0-9]" onInput={(event) => set(index, { ...hour, to: event.currentTarget.value })} />
          <button type="button" class="plain" aria-label={`去掉${label}第 ${index + 1} 段`} onClick={() => change(value.filter((_hour, place) => place !== index))}>
            ×
          </button>
        </span>
      ))}
      <button type="button" onClick={() => change([...value, { from: value.at(-1)?.to ?? '08:30', to: '24:00' }])}>
        加一段
      </button>
    </fieldset>
  );
}
