import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ReportKind } from '../../../shared/report-types.ts';
import { dateTime } from '../../../shared/format.ts';
import { Field } from '../../ui/bits.tsx';
import { Combobox } from '../../ui/combobox.tsx';
import { useDesk } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';
import type { ReportWish } from '../../api/reports.ts';

/** What is wanted: a day, a week, a month, or some days of one item, town or storm. */

const KINDS: readonly (readonly [ReportKind, string])[] = [['day', '日报'], ['week', '周报'], ['month', '月报'], ['special', '专报']];
const DAY_MS = 86_400_000;

export function AskForm({ onClose, onAsked }: { readonly onClose: () => void; readonly onAsked: (id: string) => void }): JSX.Element {
  const desk = useDesk();
  const today = desk.now.peek();
  const day = (back: number): string => dateTime(today - back * DAY_MS).slice(0, 10);
  const [kind, setKind] = useState<ReportKind>('month');
  const [periods, setPeriods] = useState({ day: day(1), week: '', month: day(Number(day(0).slice(8))).slice(0, 7) });
  const [from, setFrom] = useState(day(30));
  const [to, setTo] = useState(day(1));
  const [scope, setScope] = useState<'city' | 'item' | 'town' | 'storm'>('city');
  const [chosen, setChosen] = useState('');
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
    <DialogForm title="生成报表" action="生成" onClose={onClose} run={run}>
      <Field label="种类">
        <select value={kind} onChange={(event) => setKind(KINDS.find(([one]) => one === event.currentTarget.value)?.[0] ?? 'month')}>
          {KINDS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      {kind === 'special' ? (
        <>
          <Field label="从">
            <input type="date" required value={from} max={to} onInput={(event) => setFrom(event.currentTarget.value)} />
          </Field>
          <Field label="到（含）">
            <input type="date" required value={to} min={from} onInput={(event) => setTo(event.currentTarget.value)} />
          </Field>
          <Field label="范围">
            <select
              value={scope}
              onChange={(event) => {
                const { value } = event.currentTarget;
                setScope(value === 'item' || value === 'town' || value === 'storm' ? value : 'city');
                setChosen('');
              }}
            >
              <option value="city">全市</option>
              <option value="item">一个事项</option>
              <option value="town">一个镇街</option>
              <option value="storm">一次集中诉求</option>
            </select>
          </Field>
          {scope === 'city' ? null : scope === 'storm' ? (
            <Field label="集中诉求编号" hint="集中诉求的编号">
              <input required value={chosen} onInput={(event) => setChosen(event.currentTarget.value)} />
            </Field>
          ) : (
            <Combobox key={scope} label={scope === 'item' ? '事项' : '镇街'} options={options} value={chosen} onChange={setChosen} placeholder="输入名称查找" />
          )}
        </>
      ) : (
        <Field label="时段" hint={kind === 'week' ? '例如 2026-W45' : undefined}>
          {kind === 'week' ? (
            <input required pattern="\d{4}-W\d{2}" placeholder="2026-W45" value={periods.week} onInput={(event) => setPeriods({ ...periods, week: event.currentTarget.value })} />
          ) : (
            <input type={kind === 'day' ? 'date' : 'month'} required value={periods[kind]} onInput={(event) => setPeriods({ ...periods, [kind]: event.currentTarget.value })} />
          )}
        </Field>
      )}
      <p class="dim">同一时段已有的报表会保留，新做的是下一版。</p>
    </DialogForm>
  );
}
