import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dateTime } from '../../shared/format.ts';
import type { StormView } from '../api/alike.ts';
import { Chip, Empty, Field } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { useLoaded } from '../ui/use-loaded.ts';
import { AskForm } from './reports/ask-form.tsx';
import { StormPanel } from './storm-panel.tsx';
import { ALIKE_STORMS_PAGE as w, STATES_WORDS, KEYS_WORDS } from './ticket-words.ts';
import { COMMON as common } from '../words.ts';

/** 集中诉求: many tickets of one matter in a short time. Leaders merge all, answer once and end it. */

const LOOK_MS = 10_000;
const STATES: Readonly<Record<string, string>> = STATES_WORDS;
type Key = 'merge' | 'answer' | 'end';
const KEYS: Readonly<Record<Key, string>> = KEYS_WORDS;

export function StormsPage(): JSX.Element {
  const desk = useDesk();
  const leads = ['supervisor', 'administrator'].includes(useSeat().role);
  const loaded = useLoaded(() => desk.api.alike.storms(), 'storms');
  const reports = ['editor', 'supervisor', 'administrator'].includes(useSeat().role);
  const [told, setTold] = useState<StormView | null>(null);
  const [asked, setAsked] = useState<{ readonly storm: StormView; readonly does: Key } | null>(null);
  const { reload } = loaded;
  useEffect(() => {
    const timer = setInterval(reload, LOOK_MS);
    return () => clearInterval(timer);
  }, [reload]);
  return (
    <div class="page">
      <StormPanel />
      <section>
        <header class="head">
          <h2>{w.storms}</h2>
          <button type="button" onClick={reload}>
            {common.reload}
          </button>
        </header>
        {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
        {loaded.value?.length === 0 ? <Empty>{w.noStormsEverythingIs}</Empty> : null}
        {loaded.value?.map((storm) => (
          <article key={storm.id} aria-label={storm.title}>
            <h3>
              {storm.title} <Chip tone={storm.state === 'open' ? 'bad' : 'good'}>{STATES[storm.state] ?? storm.state}</Chip>
            </h3>
            <dl class="facts">
              <Fact name={common.tickets} value={w.ticket(storm.count)} />
              <Fact name={common.items} value={storm.itemName ?? w.notSettled} />
              <Fact name={common.towns} value={storm.towns.length === 0 ? w.unknown : storm.towns.join(common.comma)} />
              <Fact name={common.time} value={w.span(dateTime(storm.firstAt), dateTime(storm.lastAt))} />
              <Fact name={w.leadingTicket} value={storm.leading === null ? w.notSettled : common.bracketed(storm.leading.number, storm.leading.state)} />
            </dl>
            {storm.live === null ? <p class="dim">{w.nothingNewInThe}</p> : <Series live={storm.live} />}
            {storm.answer === null ? null : <p class="text">{w.answerToAll(storm.answer)}</p>}
            {!reports ? null : (
              <p>
                <button type="button" onClick={() => setTold(storm)}>
                  {w.report}
                </button>
                {(leads ? (['merge', 'answer', 'end'] as const) : []).map((key) => (
                  <button key={key} type="button" onClick={() => setAsked({ storm, does: key })}>
                    {KEYS[key]}
                  </button>
                ))}
              </p>
            )}
          </article>
        ))}
      </section>
      {told === null ? null : <AskForm storm={told} onClose={() => setTold(null)} onAsked={(id) => { location.hash = `#/reports/${id}`; }} />}
      {asked === null ? null : <StormForm storm={asked.storm} does={asked.does} onClose={() => { setAsked(null); reload(); }} />}
    </div>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** The last hour in parts of five minutes, beside what is usual; in words for whoever does not see the picture. */
function Series({ live: { series, questions, usual } }: { readonly live: NonNullable<StormView['live']> }): JSX.Element {
  const most = Math.max(1, ...series);
  const sum = series.reduce((total, count) => total + count, 0);
  const said = w.inTheLastHour(sum, questions, Math.max(1, Math.round(usual)));
  return (
    <figure>
      <svg role="img" aria-label={w.everyFiveMinutes(said, series.join(common.comma))} viewBox={`0 0 ${series.length * 10} 40`} width={series.length * 14} height="56">
        {series.map((count, at) => (
          <rect key={at} x={at * 10 + 1} width="8" y={40 - (count / most) * 38} height={(count / most) * 38} fill="currentColor" />
        ))}
      </svg>
      <figcaption class="dim">{said}</figcaption>
    </figure>
  );
}

function StormForm({ storm, does, onClose }: { readonly storm: StormView; readonly does: Key; readonly onClose: () => void }): JSX.Element {
  const desk = useDesk();
  const [answer, setAnswer] = useState(storm.answer ?? '');
  const run = (): Promise<void> => {
    switch (does) {
      case 'merge':
        return desk.api.alike.mergeStorm(storm.id);
      case 'answer':
        return desk.api.alike.answerStorm(storm.id, answer.trim());
      case 'end':
        return desk.api.alike.endStorm(storm.id);
    }
  };
  return (
    <DialogForm title={`${KEYS[does]} · ${storm.title}`} action={KEYS[does]} onClose={onClose} run={run}>
      {does === 'merge' ? <p>{w.everyTicketThatCan(storm.leading?.number ?? w.notSettled2)}</p> : null}
      {does === 'end' ? <p>{w.noNewTicketsAre}</p> : null}
      {does !== 'answer' ? null : (
        <Field label={w.answer} hint={w.everyCitizenNowAnd}>
          <textarea rows={4} value={answer} onInput={(event) => setAnswer(event.currentTarget.value)} required minLength={2} maxLength={2000} />
        </Field>
      )}
    </DialogForm>
  );
}
