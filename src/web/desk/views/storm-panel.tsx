import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dateTime } from '../../shared/format.ts';
import type { StormShown } from '../../shared/storm-types.ts';
import { Chip, Field } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { useLoaded } from '../ui/use-loaded.ts';
import { COMMON as common } from '../words.ts';
import { STORM as w, STORM_GIVEN_UP, STORM_SIGNALS } from './storm-words.ts';

/** 高峰模式: how it stands, why, what is given up, what citizens hear of each gathered matter; a supervisor's hand on it. */

const LOOK_MS = 10_000;
const SHOWN = 8;
const GIVEN_UP: Readonly<Record<string, string>> = STORM_GIVEN_UP;
const SIGNALS: Readonly<Record<string, string>> = STORM_SIGNALS;
const times = (load: number): string => String(Math.round(load * 10) / 10);

export function StormPanel(): JSX.Element | null {
  const desk = useDesk();
  const leads = ['supervisor', 'administrator'].includes(useSeat().role);
  const { value, reload } = useLoaded(() => desk.api.storm.shown(), 'storm');
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    const timer = setInterval(reload, LOOK_MS);
    return () => clearInterval(timer);
  }, [reload]);
  if (value === null) return null;
  const { storm, history } = value;
  const { level, levels, name, since, load, perFive, normal, learned, givesUp, cause, pinned, waitMs, groups } = storm;
  return (
    <section class="storm-mode" aria-label={w.mode}>
      <header class="head">
        <h2>
          {w.mode} <Chip tone={level === 0 ? 'good' : 'bad'}>{level === 0 ? w.calm : w.level(level, levels, name ?? '')}</Chip>
        </h2>
        {!leads ? null : (
          <button type="button" onClick={() => setAsking(true)}>
            {w.byHand}
          </button>
        )}
        {!leads || pinned === null ? null : (
          <button type="button" onClick={() => void desk.api.storm.unpin().then(reload, reload)}>
            {w.release}
          </button>
        )}
      </header>
      <dl class="facts">
        <Fact name={w.load} value={`${w.loadText(Math.round(perFive), Math.round(normal), times(load))}${learned ? '' : w.normalSet}`} />
        {level === 0 ? null : <Fact name={w.since} value={`${dateTime(since)}${cause === null ? '' : ` · ${SIGNALS[cause.signal] ?? cause.signal}`}`} />}
        {level === 0 ? null : <Fact name={w.givenUp} value={givesUp.length === 0 ? w.nothing : givesUp.map((one) => GIVEN_UP[one] ?? one).join(common.comma)} />}
        {level === 0 ? null : <Fact name={w.wait} value={waitMs === null ? w.noWait : w.minutes(Math.max(1, Math.ceil(waitMs / 60_000)))} />}
      </dl>
      {pinned === null ? null : <p class="dim">{w.byHandUntil(dateTime(pinned.until))}</p>}
      {groups.length === 0 ? null : (
        <>
          <h3>{w.gathered}</h3>
          <ul>
            {groups.map((group) => (
              <li key={group.id}>
                <b>{group.title}</b> · {w.people(group.count)} · {group.towns.join(common.comma)}
                <br />
                <span class="dim">{w.reply(group.reply)}{group.answer === null ? w.standard : ''}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <Changes history={history} />
      {asking ? <PinForm levels={levels} level={level} onClose={() => { setAsking(false); reload(); }} /> : null}
    </section>
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

function Changes({ history }: Pick<StormShown, 'history'>): JSX.Element | null {
  if (history.length === 0) return null;
  return (
    <details>
      <summary>{w.changes}</summary>
      <ol reversed>
        {history.slice(-SHOWN).toReversed().map(({ at, from, to, load, cause }) => (
          <li key={`${at} ${to}`}>
            {dateTime(at)} · {w.change(from, to)} · {times(load)} × {cause === null ? '' : `· ${SIGNALS[cause.signal] ?? cause.signal}`}
          </li>
        ))}
      </ol>
    </details>
  );
}

function PinForm({ levels, level, onClose }: { readonly levels: number; readonly level: number; readonly onClose: () => void }): JSX.Element {
  const desk = useDesk();
  const [wanted, setWanted] = useState(String(level));
  const [minutes, setMinutes] = useState('60');
  return (
    <DialogForm title={w.byHand} action={common.save} onClose={onClose} run={() => desk.api.storm.pin(Number(wanted), Number(minutes)).then(() => undefined)}>
      <Field label={w.setLevel}>
        <select value={wanted} onChange={(event) => setWanted(event.currentTarget.value)}>
          {Array.from({ length: levels + 1 }, (_, at) => (
            <option key={at} value={String(at)}>{at === 0 ? w.calm : String(at)}</option>
          ))}
        </select>
      </Field>
      <Field label={w.forMinutes}>
        <input type="number" min={1} max={1440} required value={minutes} onInput={(event) => setMinutes(event.currentTarget.value)} />
      </Field>
    </DialogForm>
  );
}
