import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dateTime } from '../../../../shared/format.ts';
import type { TrialView, VerdictView } from '../../../../shared/rules-types.ts';
import { Chip, Empty } from '../../../ui/bits.tsx';
import { useDesk } from '../../../ui/context.ts';
import type { City } from './use-city.ts';
import { versionName } from './labels.ts';
import { TRIAL as w, PROBLEMS_WORDS } from './words.ts';
import { COMMON as common } from '../../../words.ts';

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
    const timer = setInterval(() => void desk.api.rules.trial(version).then(setTrial, (error: unknown) => setFault(error instanceof Error ? error.message : common.couldNotBeRead)), LOOK_MS);
    return () => clearInterval(timer);
  }, [running, version]);
  const begin = (): void => {
    setFault('');
    desk.api.rules.beginTrial(version, days).then(setTrial, (error: unknown) => setFault(error instanceof Error ? error.message : w.couldNotBegin));
  };
  const nameOf = (id: string | null): string => (id === null ? w.waitsForAPerson : (city.departments.find((department) => department.id === id)?.name ?? id));
  const report = trial?.report ?? null;
  return (
    <details class="panel" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{w.tryOnPastTickets(versionName(version))}</summary>
      <div class="find">
        <label>
          {w.last}
          <input type="number" min={1} max={366} value={days} onInput={(event) => { const read = event.currentTarget.valueAsNumber; if (Number.isInteger(read)) setDays(Math.min(366, Math.max(1, read))); }} />{w.days}
        </label>
        <button type="button" disabled={running} onClick={begin}>
          {running ? w.trying : w.try}
        </button>
        {unsaved ? <span class="dim">{w.whatWasSavedLast}</span> : null}
        {running ? (
          <span role="status">
            {w.ticketSeen(trial.tickets)}<progress aria-label={w.progressOfTheTry} />
          </span>
        ) : null}
      </div>
      {fault === '' ? null : (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {trial?.state === 'failed' ? <p class="fault">{w.notFinishedPleaseTry(trial.code ?? w.unknown)}</p> : null}
      {report === null || trial === null ? null : report.tickets === 0 ? (
        <Empty>{w.noTicketsInThe(trial.days)}</Empty>
      ) : (
        <div class="report">
          <p>
            {w.triedTicketOfThe(dateTime(trial.startedAt), trial.days, report.tickets, report.complete ? '' : w.tooManyTheNewest)}<b>{report.elsewhere}</b>{w.wouldGoToAnother(report.assistedOtherwise, report.before.waiting, report.after.waiting, report.before.asToday, report.after.asToday)}
          </p>
          {report.unreached.length === 0 ? null : <p class="banner">{w.rulesThatNoTicket(report.unreached.join(common.comma))}</p>}
          <div class="table">
            <table class="rules-table">
              <caption>{w.ticketsByRule}</caption>
              <thead>
                <tr>
                  <th scope="col">{common.rules}</th>
                  <th scope="col">{w.now}</th>
                  <th scope="col">{w.try}</th>
                </tr>
              </thead>
              <tbody>
                {report.rules.map(({ id, before, after }) => (
                  <tr key={id}>
                    <td class="code">{id}</td>
                    <td>{before ?? w.new}</td>
                    <td>{after}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {report.examples.length === 0 ? null : (
            <>
              <h3>{w.examplesOfWhatWould}</h3>
              <ul class="lines">
                {report.examples.map(({ ticketId, number, before, after }) => (
                  <li key={ticketId}>
                    <a href={`#/tickets/${ticketId}`}>{number}</a>{w.text(nameOf(before.departmentId), before.routeId ?? w.noRule, nameOf(after.departmentId), after.routeId ?? w.noRule)}
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

const PROBLEMS: Readonly<Record<string, string>> = PROBLEMS_WORDS;

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
      if (found === undefined) setFault(w.noSuchTicket);
      else setVerdicts(await desk.api.rules.explain(version, found.id));
    } catch (error) {
      setFault(error instanceof Error ? error.message : common.couldNotBeRead);
    }
  };
  return (
    <details class="panel">
      <summary>{w.whyATicketGoes}</summary>
      <form
        class="find"
        onSubmit={(event) => {
          event.preventDefault();
          void explain();
        }}
      >
        <input aria-label={w.ticketNumber} placeholder={w.ticketNumber} value={number} onInput={(event) => setNumber(event.currentTarget.value)} inputMode="numeric" />
        <button type="submit" disabled={number.trim() === ''}>
          {w.explain}
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
              <Chip tone={fits ? 'good' : 'plain'}>{fits ? w.thisOne : w.notMet}</Chip> <span class="code">{routeId}</span>
              {problem === null ? null : <span>{w.allConditionsAreMet(PROBLEMS[problem] ?? problem)}</span>}
              <ul>
                {conditions.map(({ name, met, text }) => (
                  <li key={name} class={met ? 'met' : 'unmet'}>
                    {met ? w.yes : w.no} {text}
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ol>
      )}
      {verdicts !== null && !verdicts.some(({ fits }) => fits) ? <p>{w.noRuleTakesThis}</p> : null}
    </details>
  );
}
