import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dateTime } from '../../shared/format.ts';
import type { TrailCheckView, TrailRow } from '../../shared/rules-types.ts';
import type { TrailSearch } from '../api/rules.ts';
import { ACTION_NAMES, actionLabel, subjectLabel } from '../labels.ts';
import { Empty, Field } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { useLoaded } from '../ui/use-loaded.ts';
import '../styles/rules.css';

const PAGE = 100;
const LOOK_MS = 1_000;
const SHANGHAI_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;
const FIELDS = ['actor', 'action', 'subject', 'purpose', 'from', 'to'] as const;
type Form = Readonly<Record<(typeof FIELDS)[number], string>>;

/** The first moment of a day in Beijing; undefined: no day. */
const startOf = (day: string): number | undefined => (/^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) - SHANGHAI_MS : undefined);

function searchOf({ actor, action, subject, purpose, from, to }: Form): TrailSearch {
  const end = startOf(to);
  return { actor: actor || undefined, action: action || undefined, subject: subject.trim() || undefined, purpose: purpose.trim() || undefined, from: startOf(from), to: end === undefined ? undefined : end + DAY_MS };
}

/** Who did what: `#/trail`, or with a filter as in a query string. The address is the search: it can be kept and sent. */
export function TrailPage({ rest }: { readonly rest: string }): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const given = new URLSearchParams(rest);
  const form: Form = { actor: given.get('actor') ?? '', action: given.get('action') ?? '', subject: given.get('subject') ?? '', purpose: given.get('purpose') ?? '', from: given.get('from') ?? '', to: given.get('to') ?? '' };
  const set = (name: keyof Form, value: string): void => {
    const made = new URLSearchParams();
    for (const field of FIELDS) {
      const now = field === name ? value : form[field];
      if (now !== '') made.set(field, now);
    }
    const text = made.toString();
    // Typing is no step of the browser's history.
    history.replaceState(null, '', text === '' ? '#/trail' : `#/trail/${text}`);
    dispatchEvent(new HashChangeEvent('hashchange'));
  };
  const search = searchOf(form);
  const key = JSON.stringify(search);
  const seats = useLoaded(() => desk.api.seats(), 'seats');
  const first = useLoaded(() => desk.api.rules.trail({ ...search, limit: PAGE }), `trail ${key}`);
  const [rows, setRows] = useState<readonly TrailRow[]>([]);
  const [next, setNext] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (first.value === null) return;
    setRows(first.value.entries);
    setNext(first.value.next);
  }, [first.value]);
  const older = async (): Promise<void> => {
    if (next === null || busy) return;
    setBusy(true);
    try {
      const page = await desk.api.rules.trail({ ...search, limit: PAGE, before: next });
      setRows([...rows, ...page.entries]);
      setNext(page.next);
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : '没有读到');
    }
    setBusy(false);
  };
  const actions = form.action !== '' && !ACTION_NAMES.includes(form.action) ? [form.action, ...ACTION_NAMES] : ACTION_NAMES;

  return (
    <div class="page rules-page">
      <section aria-label="审计">
        <header class="head">
          <div class="title">
            <h2>审计</h2>
            <p class="dim">谁在什么时候做了什么。每条记录与前一条相扣，改动、删除都会在校验时断开。</p>
          </div>
          <button type="button" onClick={first.reload}>
            刷新
          </button>
          {seat.role === 'administrator' ? (
            form.from === '' ? (
              <span class="dim">选起始日期后可导出</span>
            ) : (
              <a class="button" href={desk.api.rules.trailFile(search)} download>
                导出 CSV
              </a>
            )
          ) : null}
        </header>
        <Chain initial={first.value?.check ?? null} />
        <form class="fields trail-search" role="search" aria-label="检索审计" onSubmit={(event) => event.preventDefault()}>
          <Field label="操作人">
            <select value={form.actor} onChange={(event) => set('actor', event.currentTarget.value)}>
              <option value="">所有人</option>
              <option value="system">系统</option>
              {seats.value?.map(({ id, displayName, username }) => (
                <option key={id} value={`seat:${id}`}>
                  {displayName}（{username}）
                </option>
              ))}
            </select>
          </Field>
          <Field label="操作">
            <select value={form.action} onChange={(event) => set('action', event.currentTarget.value)}>
              <option value="">所有操作</option>
              {actions.map((action) => (
                <option key={action} value={action}>
                  {action.split(',').map(actionLabel).join('、')}
                </option>
              ))}
            </select>
          </Field>
          <Field label="对象" hint="如 ticket:编号、catalogue:*">
            <input value={form.subject} maxLength={200} onChange={(event) => set('subject', event.currentTarget.value)} />
          </Field>
          <Field label="用途含有">
            <input value={form.purpose} maxLength={100} onChange={(event) => set('purpose', event.currentTarget.value)} />
          </Field>
          <Field label="从">
            <input type="date" value={form.from} onChange={(event) => set('from', event.currentTarget.value)} />
          </Field>
          <Field label="到">
            <input type="date" value={form.to} onChange={(event) => set('to', event.currentTarget.value)} />
          </Field>
          {key === '{}' ? null : (
            <a class="button" href="#/trail">
              清除条件
            </a>
          )}
        </form>
        {first.fault === '' ? null : (
          <p class="fault" role="alert">
            {first.fault}
          </p>
        )}
        {rows.length === 0 && !first.loading ? <Empty>{key === '{}' ? '还没有记录' : next === null ? '没有匹配的记录' : '最近的一段里没有匹配的记录，可以再往前找'}</Empty> : null}
        {rows.length === 0 ? null : (
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">序号</th>
                  <th scope="col">时间</th>
                  <th scope="col">操作人</th>
                  <th scope="col">操作</th>
                  <th scope="col">对象</th>
                  <th scope="col">用途</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((entry) => (
                  <tr key={entry.seq}>
                    <td>{entry.seq}</td>
                    <td>{dateTime(entry.at)}</td>
                    <td>
                      <button type="button" class="link" title="只看这个人的" onClick={() => set('actor', entry.actor)}>
                        {entry.actorName}
                      </button>
                    </td>
                    <td>{actionLabel(entry.action)}</td>
                    <td>
                      {subjectLabel(entry.subject).kind}{' '}
                      <button type="button" class="link code" title="只看这个对象的" onClick={() => set('subject', entry.subject)}>
                        {subjectLabel(entry.subject).id}
                      </button>
                    </td>
                    <td>{entry.purpose ?? ''}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {next === null ? null : (
          <button type="button" class="more" disabled={busy} onClick={() => void older()}>
            再往前找
          </button>
        )}
      </section>
    </div>
  );
}

/** What the last check found, and a new one on wish; a break is the first thing to be seen. */
function Chain({ initial }: { readonly initial: TrailCheckView | null }): JSX.Element {
  const desk = useDesk();
  const [check, setCheck] = useState<TrailCheckView | null>(null);
  const [fault, setFault] = useState('');
  const shown = check ?? initial;
  const running = shown?.state === 'running';
  const ask = (wanted: Promise<TrailCheckView>): void => void wanted.then(setCheck, (error: unknown) => setFault(error instanceof Error ? error.message : '没有读到'));
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => ask(desk.api.rules.check()), LOOK_MS);
    return () => clearInterval(timer);
  }, [running]);
  const bad = shown !== null && shown.brokenAt !== null;
  return (
    <div class={bad ? 'chain bad' : shown?.state === 'done' ? 'chain good' : 'chain'} role={bad ? 'alert' : 'status'}>
      <span>
        {shown === null
          ? '还没有校验过'
          : shown.brokenAt !== null
            ? `记录链在第 ${shown.brokenAt} 条断开：有记录被改动或删除（${dateTime(shown.updatedAt)} 校验）`
            : shown.state === 'done'
              ? `记录链完整，未被改动：${shown.upTo} 条，${dateTime(shown.updatedAt)} 校验`
              : running
                ? `正在校验：${shown.upTo} / ${shown.total} 条`
                : `上次校验没有做完（${dateTime(shown.updatedAt)}）`}
      </span>
      {running && shown !== null ? <progress max={Math.max(1, shown.total)} value={shown.upTo} aria-label="校验进度" /> : null}
      <button type="button" disabled={running} onClick={() => { setFault(''); ask(desk.api.rules.beginCheck()); }}>
        校验
      </button>
      {fault === '' ? null : <span class="fault">{fault}</span>}
    </div>
  );
}
