import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ReportKind } from '../../../shared/report-types.ts';
import { dateTime } from '../../../shared/format.ts';
import { Field } from '../../ui/bits.tsx';
import { Combobox } from '../../ui/combobox.tsx';
import { useDesk } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';
import type { ReportWish } from '../../api/reports.ts';
import { ASK_FORM as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** What is wanted: a day, a week, a month, or some days of one item, town or storm. */

const kinds = (): readonly (readonly [ReportKind, string])[] => [['day', w.daily], ['week', w.weekly], ['month', w.monthly], ['special', w.special]];
const DAY_MS = 86_400_000;

/** @param storm what a special report is asked for from the start, and since when it has gone on */
export function AskForm({ onClose, onAsked, storm }: { readonly onClose: () => void; readonly onAsked: (id: string) => void; readonly storm?: { readonly id: string; readonly firstAt: number } }): JSX.Element {
  const desk = useDesk();
  const today = desk.now.peek();
  const day = (back: number): string => dateTime(today - back * DAY_MS).slice(0, 10);
  const [kind, setKind] = useState<ReportKind>(storm === undefined ? 'month' : 'special');
  const [periods, setPeriods] = useState({ day: day(1), week: '', month: day(Number(day(0).slice(8))).slice(0, 7) });
  const [from, setFrom] = useState(storm === undefined ? day(30) : dateTime(storm.firstAt).slice(0, 10));
  const [to, setTo] = useState(storm === undefined ? day(1) : day(0));
  const [scope, setScope] = useState<'city' | 'item' | 'town' | 'storm'>(storm === undefined ? 'city' : 'storm');
  const [chosen, setChosen] = useState(storm?.id ?? '');
  const catalog = desk.catalog.value;
  const options =
    scope === 'item'
      ? (catalog?.items ?? []).map(({ code, name, field }) => ({ value: code, label: name, note: field }))
      : (catalog?.towns ?? []).map(({ id, name }) => ({ value: id, label: name, note: '' }));
  const run = async (): Promise<void> => {
    const wish: ReportWish = kind === 'special' ? { kind, period: `${from}..${to}`, scope: { kind: scope, id: scope === 'city' ? '' : chosen.trim() } } : { kind, period: periods[kind] };
    onAsked((await desk.api.reports.ask(wish)).id);
  };
  return (
    <DialogForm title={w.makeAReport} action={w.make} onClose={onClose} run={run}>
      <Field label={w.kind}>
        <select value={kind} onChange={(event) => setKind(kinds().find(([one]) => one === event.currentTarget.value)?.[0] ?? 'month')}>
          {kinds().map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      {kind === 'special' ? (
        <>
          <Field label={w.from}>
            <input type="date" required value={from} max={to} onInput={(event) => setFrom(event.currentTarget.value)} />
          </Field>
          <Field label={w.toWith}>
            <input type="date" required value={to} min={from} onInput={(event) => setTo(event.currentTarget.value)} />
          </Field>
          <Field label={w.where}>
            <select
              value={scope}
              onChange={(event) => {
                const { value } = event.currentTarget;
                setScope(value === 'item' || value === 'town' || value === 'storm' ? value : 'city');
                setChosen('');
              }}
            >
              <option value="city">{w.wholeCity}</option>
              <option value="item">{w.anItem}</option>
              <option value="town">{w.aTown}</option>
              <option value="storm">{w.aStorm}</option>
            </select>
          </Field>
          {scope === 'city' ? null : scope === 'storm' ? (
            <Field label={w.stormId} hint={w.idOfTheStorm}>
              <input required value={chosen} onInput={(event) => setChosen(event.currentTarget.value)} />
            </Field>
          ) : (
            <Combobox key={scope} label={scope === 'item' ? common.items : common.towns} options={options} value={chosen} onChange={setChosen} placeholder={w.typeANameTo} />
          )}
        </>
      ) : (
        <Field label={w.period} hint={kind === 'week' ? w.forExample2026W45 : undefined}>
          {kind === 'week' ? (
            <input required pattern="\d{4}-W\d{2}" placeholder="2026-W45" value={periods.week} onInput={(event) => setPeriods({ ...periods, week: event.currentTarget.value })} />
          ) : (
            <input type={kind === 'day' ? 'date' : 'month'} required value={periods[kind]} onInput={(event) => setPeriods({ ...periods, [kind]: event.currentTarget.value })} />
          )}
        </Field>
      )}
      <p class="dim">{w.reportsOfTheSame}</p>
    </DialogForm>
  );
}
