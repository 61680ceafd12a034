import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dateTime } from '../../shared/format.ts';
import type { TrailCheckView, TrailRow } from '../../shared/rules-types.ts';
import type { TrailSearch } from '../api/rules.ts';
import { ACTION_NAMES, actionLabel, subjectLabel, purposeLabel } from '../labels.ts';
import { Empty, Field } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { useLoaded } from '../ui/use-loaded.ts';
import '../styles/rules.css';
import { TRAIL_PAGE as w } from './house-words.ts';
import { COMMON as common } from '../words.ts';

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
      desk.alerts.say('error', error instanceof Error ? error.message : common.couldNotBeRead);
    }
    setBusy(false);
  };
  const actions = form.action !== '' && !ACTION_NAMES.includes(form.action) ? [form.action, ...ACTION_NAMES] : ACTION_NAMES;

  return (
    <div class="page rules-page">
      <section aria-label={w.trail}>
        <header class="head">
          <div class="title">
            <h2>{w.trail}</h2>
            <p class="dim">{w.whoDidWhatAnd}</p>
          </div>
          <button type="button" onClick={first.reload}>
            {common.reload}
          </button>
          {seat.role === 'administrator' ? (
            form.from === '' ? (
              <span class="dim">{w.chooseAFirstDay}</span>
            ) : (
              <a class="button" href={desk.api.rules.trailFile(search)} download>
                {w.exportCsv}
              </a>
            )
          ) : null}
        </header>
        <Chain initial={first.value?.check ?? null} />
        <form class="fields trail-search" role="search" aria-label={w.searchTheTrail} onSubmit={(event) => event.preventDefault()}>
          <Field label={w.who}>
            <select value={form.actor} onChange={(event) => set('actor', event.currentTarget.value)}>
              <option value="">{w.everybody}</option>
              <option value="system">{w.system}</option>
              {seats.value?.map(({ id, displayName, username }) => (
                <option key={id} value={`seat:${id}`}>
                  {common.bracketed(displayName, username)}
                </option>
              ))}
            </select>
          </Field>
          <Field label={common.actions}>
            <select value={form.action} onChange={(event) => set('action', event.currentTarget.value)}>
              <option value="">{w.allActions}</option>
              {actions.map((action) => (
                <option key={action} value={action}>
                  {action.split(',').map(actionLabel).join(common.comma)}
                </option>
              ))}
            </select>
          </Field>
          <Field label={w.subject} hint={w.suchAsTicketId}>
            <input value={form.subject} maxLength={200} onChange={(event) => set('subject', event.currentTarget.value)} />
          </Field>
          <Field label={w.purposeContains}>
            <input value={form.purpose} maxLength={100} onChange={(event) => set('purpose', event.currentTarget.value)} />
          </Field>
          <Field label={w.from}>
            <input type="date" value={form.from} onChange={(event) => set('from', event.currentTarget.value)} />
          </Field>
          <Field label={w.to}>
            <input type="date" value={form.to} onChange={(event) => set('to', event.currentTarget.value)} />
          </Field>
          {key === '{}' ? null : (
            <a class="button" href="#/trail">
              {w.clear}
            </a>
          )}
        </form>
        {first.fault === '' ? null : (
          <p class="fault" role="alert">
            {first.fault}
          </p>
        )}
        {rows.length === 0 && !first.loading ? <Empty>{key === '{}' ? w.nothingRecordedYet : next === null ? w.noMatchingEntries : w.noMatchingEntriesIn}</Empty> : null}
        {rows.length === 0 ? null : (
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">{w.no}</th>
                  <th scope="col">{common.time}</th>
                  <th scope="col">{w.who}</th>
                  <th scope="col">{common.actions}</th>
                  <th scope="col">{w.subject}</th>
                  <th scope="col">{common.purpose}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((entry) => (
                  <tr key={entry.seq}>
                    <td>{entry.seq}</td>
                    <td>{dateTime(entry.at)}</td>
                    <td>
                      <button type="button" class="link" title={w.onlyThisPerson} onClick={() => set('actor', entry.actor)}>
                        {entry.actorName}
                      </button>
                    </td>
                    <td>{actionLabel(entry.action)}</td>
                    <td>
                      {subjectLabel(entry.subject).kind}{' '}
                      <button type="button" class="link code" title={w.onlyThisSubject} onClick={() => set('subject', entry.subject)}>
                        {subjectLabel(entry.subject).id}
                      </button>
                    </td>
                    <td>{purposeLabel(entry.purpose ?? '')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {next === null ? null : (
          <button type="button" class="more" disabled={busy} onClick={() => void older()}>
            {w.furtherBack}
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
  const ask = (wanted: Promise<TrailCheckView>): void => void wanted.then(setCheck, (error: unknown) => setFault(error instanceof Error ? error.message : common.couldNotBeRead));
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
          ? w.notCheckedYet
          : shown.brokenAt !== null
            ? w.theChainBreaksAt(shown.brokenAt, dateTime(shown.updatedAt))
            : shown.state === 'done'
              ? w.theChainIsWhole(shown.upTo, dateTime(shown.updatedAt))
              : running
                ? w.checkingOf(shown.upTo, shown.total)
                : w.theLastCheckWas(dateTime(shown.updatedAt))}
      </span>
      {running && shown !== null ? <progress max={Math.max(1, shown.total)} value={shown.upTo} aria-label={w.progressOfTheCheck} /> : null}
      <button type="button" disabled={running} onClick={() => { setFault(''); ask(desk.api.rules.beginCheck()); }}>
        {w.check}
      </button>
      {fault === '' ? null : <span class="fault">{fault}</span>}
    </div>
  );
}
