import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dateTime } from '../../../../shared/format.ts';
import type { TrialView, VerdictView } from '../../../../shared/rules-types.ts';
import { Chip, Empty } from '../../../ui/bits.tsx';
import { useDesk } from '../../../ui/context.ts';
import type { City } from './use-city.ts';
import { versionName } from './labels.ts';

const LOOK_MS = 1_000;

/** A version tried on the tickets of the last days: what would go elsewhere. */
export function Trial({ version, unsaved, city }: { readonly version: number; readonly unsaved: boolean; readonly city: City }): JSX.Element {
  const desk = useDesk();
  const [days, setDays] = useState(30);
  const [trial, setTrial] = useState<TrialView | null>(null);
  const [fault, setFault] = useState('');
  const running = trial?.state === 'running';
  const [open, setOpen] = useState(false);
  // An answer of “never tried” is no fault.
  useEffect(() => {
    setTrial(null);
    if (open) void desk.api.rules.trial(version).then(setTrial, () => setTrial(null));
  }, [version, open]);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => void desk.api.rules.trial(version).then(setTrial, (error: unknown) => setFault(error instanceof Error ? error.message : '没有读到')), LOOK_MS);
    return () => clearInterval(timer);
  }, [running, version]);
  const begin = (): void => {
    setFault('');
    desk.api.rules.beginTrial(version, days).then(setTrial, (error: unknown) => setFault(error instanceof Error ? error.message : '没有开始'));
  };
  const nameOf = (id: string | null): string => (id === null ? '等人工派单' : (city.departments.find((department) => department.id === id)?.name ?? id));
  const report = trial?.report ?? null;
  return (
    <details class="panel" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>用过去的工单试跑{versionName(version)}</summary>
      <div class="find">
        <label>
          最近
          <input type="number" min={1} max={366} value={days} onInput={(event) => { const read = event.currentTarget.valueAsNumber; if (Number.isInteger(read)) setDays(Math.min(366, Math.max(1, read))); }} />天
        </label>
        <button type="button" disabled={running} onClick={begin}>
          {running ? '正在试跑' : '试跑'}
        </button>
        {unsaved ? <span class="dim">试跑的是上次保存的内容</span> : null}
        {running ? (
          <span role="status">
            已看 {trial.tickets} 件 <progress aria-label="试跑进度" />
          </span>
        ) : null}
      </div>
      {fault === '' ? null : (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {trial?.state === 'failed' ? <p class="fault">没有跑完（{trial.code ?? '未知'}），请再试一次</p> : null}
      {report === null || trial === null ? null : report.tickets === 0 ? (
        <Empty>最近 {trial.days} 天没有工单</Empty>
      ) : (
        <div class="report">
          <p>
            {dateTime(trial.startedAt)} 试跑，最近 {trial.days} 天的 {report.tickets} 件{report.complete ? '' : '（太多，只看了最新的）'}：<b>{report.elsewhere}</b> 件会派到别的单位，{report.assistedOtherwise} 件协办不同；等人工派单 {report.before.waiting} → {report.after.waiting} 件；与今天的承办单位一致 {report.before.asToday} →{' '}
            {report.after.asToday} 件。
          </p>
          {report.unreached.length === 0 ? null : <p class="banner">没有一件工单用到的规则：{report.unreached.join('、')}</p>}
          <div class="table">
            <table class="rules-table">
              <caption>各条规则接到多少件</caption>
              <thead>
                <tr>
                  <th scope="col">规则</th>
                  <th scope="col">现在</th>
                  <th scope="col">试跑</th>
                </tr>
              </thead>
              <tbody>
                {report.rules.map(({ id, before, after }) => (
                  <tr key={id}>
                    <td class="code">{id}</td>
                    <td>{before ?? '（新）'}</td>
                    <td>{after}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {report.examples.length === 0 ? null : (
            <>
              <h3>会改派的例子</h3>
              <ul class="lines">
                {report.examples.map(({ ticketId, number, before, after }) => (
                  <li key={ticketId}>
                    <a href={`#/tickets/${ticketId}`}>{number}</a>：{nameOf(before.departmentId)}（{before.routeId ?? '没有规则'}）→ {nameOf(after.departmentId)}（{after.routeId ?? '没有规则'}）
                  </li>
                ))}
              </ul>
            </>
          )}
        </div>
      )}
    </details>
  );
}

const PROBLEMS: Readonly<Record<string, string>> = { no_item: '工单没有事项', no_town: '工单没有镇街', unknown_department: '没有这个单位' };

/** What each rule says of one ticket, up to the one that takes it. */
export function Explain({ version }: { readonly version: number }): JSX.Element {
  const desk = useDesk();
  const [number, setNumber] = useState('');
  const [verdicts, setVerdicts] = useState<readonly VerdictView[] | null>(null);
  const [fault, setFault] = useState('');
  useEffect(() => setVerdicts(null), [version]);
  const explain = async (): Promise<void> => {
    setFault('');
    setVerdicts(null);
    try {
      const wanted = number.replace(/\s+/g, '');
      const found = (await desk.api.tickets({ q: wanted })).find((ticket) => ticket.number === wanted || ticket.id === wanted);
      if (found === undefined) setFault('没有找到这张工单');
      else setVerdicts(await desk.api.rules.explain(version, found.id));
    } catch (error) {
      setFault(error instanceof Error ? error.message : '没有读到');
    }
  };
  return (
    <details class="panel">
      <summary>一张工单为什么这样派</summary>
      <form
        class="find"
        onSubmit={(event) => {
          event.preventDefault();
          void explain();
        }}
      >
        <input aria-label="工单号" placeholder="工单号" value={number} onInput={(event) => setNumber(event.currentTarget.value)} inputMode="numeric" />
        <button type="submit" disabled={number.trim() === ''}>
          说明
        </button>
      </form>
      {fault === '' ? null : (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {verdicts === null ? null : (
        <ol class="verdicts">
          {verdicts.map(({ routeId, fits, problem, conditions }) => (
            <li key={routeId}>
              <Chip tone={fits ? 'good' : 'plain'}>{fits ? '就是这条' : '不符合'}</Chip> <span class="code">{routeId}</span>
              {problem === null ? null : <span>：条件都符合，但{PROBLEMS[problem] ?? problem}</span>}
              <ul>
                {conditions.map(({ name, met, text }) => (
                  <li key={name} class={met ? 'met' : 'unmet'}>
                    {met ? '✓ 是' : '✗ 否'} {text}
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ol>
      )}
      {verdicts !== null && !verdicts.some(({ fits }) => fits) ? <p>没有一条规则接这张工单，等人工派单。</p> : null}
    </details>
  );
}
