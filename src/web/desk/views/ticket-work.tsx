import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TicketView } from '../../shared/api-types.ts';
import { dateTime } from '../../shared/format.ts';
import { waited } from '../ui/times.ts';
import type { ClockView, FileView, PrecedentsView, RequestView, SupervisionView, TicketWork } from '../api/ticket-work.ts';
import { causeLabel, filePurposeLabel, REQUESTS, requestStateLabel, supervisionLevels, stageLabel } from '../labels.ts';
import { Chip, Field, type Tone } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { useLoaded } from '../ui/use-loaded.ts';
import { TICKET_WORK as w } from './ticket-words.ts';
import { COMMON as common } from '../words.ts';

/** What hangs on a ticket: its clocks in words, requests and verdicts, supervisions, files, numbers of other platforms. */

export function TicketWorkPanels({ ticket, work, changed }: { readonly ticket: TicketView; readonly work: TicketWork; readonly changed: () => void }): JSX.Element {
  const seat = useSeat();
  return (
    <>
      <Clocks id={ticket.id} version={ticket.version} />
      {work.requests.length === 0 ? null : (
        <section aria-label={w.requests}>
          <h3>{w.requests}</h3>
          <ul class="work">
            {work.requests.map((request) => (
              <li key={request.id}>
                <RequestWords request={request} files={work.files} />
                {request.state === 'asked' && work.precedents !== null ? <Precedents of={work.precedents} /> : null}
              </li>
            ))}
          </ul>
        </section>
      )}
      {work.supervisions.length === 0 ? null : (
        <section aria-label={w.supervision}>
          <h3>{w.supervision}</h3>
          <ul class="work">
            {work.supervisions.map((one) => (
              <li key={one.id}>
                <SupervisionWords one={one} changed={changed} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {work.files.length === 0 ? null : (
        <section aria-label={w.material}>
          <h3>{w.material}</h3>
          <ul class="work">
            {work.files.map((file) => (
              <li key={file.id}>
                <FileLink file={file} />{' '}
                <small class="dim">
                  {filePurposeLabel(file.purpose)} · {dateTime(file.at)}
                </small>
              </li>
            ))}
          </ul>
        </section>
      )}
      {seat.role === 'department' ? null : <Numbers ticket={ticket} />}
    </>
  );
}

/** Until when, and how long that is from now. */
export function TimeLeft({ at, words }: { readonly at: number; readonly words: string }): JSX.Element {
  const left = at - useDesk().now.value;
  const tone: Tone = left <= 0 ? 'bad' : left < 4 * 3_600_000 ? 'warn' : 'plain';
  return <Chip tone={tone}>{left <= 0 ? w.late(words, brief(-left)) : w.left(words, brief(left))}</Chip>;
}

/** Seconds would only make it flicker. */
const brief = (ms: number): string => (ms < 60_000 ? w.lessThan1Min : ms < 3_600_000 ? w.min(Math.floor(ms / 60_000)) : waited(ms));

function Clocks({ id, version }: { readonly id: string; readonly version: number }): JSX.Element | null {
  const desk = useDesk();
  const clocks = useLoaded(() => desk.api.ticketWork.clocks(id), `${id} ${version}`);
  if (clocks.value === null) return clocks.fault === '' ? null : <p class="fault">{w.deadlinesCouldNotBe(clocks.fault)}</p>;
  if (clocks.value.length === 0) return null;
  return (
    <section aria-label={common.deadlines}>
      <h3>{common.deadlines}</h3>
      <ul class="work">
        {clocks.value.map((clock) => (
          <li key={`${clock.stage} ${clock.run}`}>
            <details>
              <summary>
                <b>{stageLabel(clock)}</b>
                {clock.run > 1 ? w.round(clock.run) : ''} <span class="dim">{clock.rule}</span> <ClockState clock={clock} />
              </summary>
              <ol class="lines">
                {clock.lines.map((line, at) => (
                  <li key={at}>{line}</li>
                ))}
              </ol>
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ClockState({ clock }: { readonly clock: ClockView }): JSX.Element {
  if (clock.endedAt !== null) return <Chip tone={clock.overdue ? 'bad' : 'good'}>{clock.overdue ? w.doneLate : common.ended}</Chip>;
  if (clock.dueAt === null) return <Chip>{w.paused}</Chip>;
  return (
    <>
      <span>{w.due(dateTime(clock.dueAt))}</span> <TimeLeft at={clock.dueAt} words="" />
    </>
  );
}

/** A request with its reason, what it asks for, its evidence and its verdict. */
export function RequestWords({ request, files }: { readonly request: RequestView; readonly files: readonly FileView[] }): JSX.Element {
  const tone: Tone = request.state === 'asked' ? 'warn' : request.state === 'upheld' ? 'good' : 'plain';
  const evidence = request.evidence.flatMap((id) => files.filter((file) => file.id === id));
  return (
    <>
      <p class="line wrap">
        <b>{w.askedFor(REQUESTS[request.kind])}</b>
        <Chip tone={tone}>{requestStateLabel(request.state)}</Chip>
        <span>{request.reasonLabel}</span>
        {request.amount === null ? null : <span>{w.longerInTheUnit(request.amount)}</span>}
        {request.until === null ? null : <span>{w.until(dateTime(request.until))}</span>}
        <small class="dim">
          {request.departmentName ?? ''} {dateTime(request.askedAt)}
        </small>
      </p>
      <p class="text">{request.reason}</p>
      {request.evidence.length === 0 ? null : (
        <p class="line wrap">
          <span class="dim">{w.evidence}</span>
          {evidence.map((file) => (
            <FileLink key={file.id} file={file} />
          ))}
          {evidence.length < request.evidence.length ? <span class="dim">{w.inAll(request.evidence.length)}</span> : null}
        </p>
      )}
      {request.judgedAt === null || request.state === 'withdrawn' ? null : (
        <p>
          <span class="dim">
            {w.judge(dateTime(request.judgedAt), request.late ? w.pastTheTimeTo : '')}
          </span>
          {(request.verdict ?? '') === '' ? '' : common.afterColon(request.verdict ?? '')}
        </p>
      )}
    </>
  );
}

/** How the same was judged before: counts, and the last few with their reasons. */
export function Precedents({ of }: { readonly of: PrecedentsView }): JSX.Element {
  if (of.upheld + of.refused === 0) return <p class="dim">{w.noSuchRequestOf}</p>;
  return (
    <details class="precedents">
      <summary>
        {w.beforeGrantedRefused(of.upheld, of.refused)}
      </summary>
      <ul>
        {of.last.map((one) => (
          <li key={one.id}>
            <Chip tone={one.state === 'upheld' ? 'good' : 'plain'}>{requestStateLabel(one.state)}</Chip> <a href={`#/tickets/${one.ticketId}`}>{one.reasonLabel}</a>{' '}
            <small class="dim">{one.judgedAt === null ? '' : dateTime(one.judgedAt)}</small>
            <p class="text">{(one.verdict ?? '') === '' ? one.reason : one.verdict}</p>
          </li>
        ))}
      </ul>
    </details>
  );
}

export function FileLink({ file }: { readonly file: FileView }): JSX.Element {
  return (
    <a class="file" href={file.url} download={file.name ?? ''} target="_blank" rel="noopener noreferrer">
      {file.name ?? w.unnamedFile}
    </a>
  );
}

/** One supervision on its ticket's page; leaders end it here too. */
function SupervisionWords({ one, changed }: { readonly one: SupervisionView; readonly changed: () => void }): JSX.Element {
  const leads = useLeads();
  const [ending, setEnding] = useState(false);
  return (
    <>
      <p class="line wrap">
        <Chip tone={one.endedAt === null ? 'bad' : 'plain'}>{one.levelName}</Chip>
        <span>{causeLabel(one.cause)}</span>
        <span>{[one.departmentName, one.person].filter((name) => name !== null).join(' · ')}</span>
        <small class="dim">
          {one.createdBy} {dateTime(one.createdAt)}
        </small>
        {one.endedAt === null && one.dueAt !== null ? <TimeLeft at={one.dueAt} words={w.report} /> : null}
        {one.endedAt === null && leads ? (
          <button type="button" onClick={() => setEnding(true)}>
            {w.endSupervision}
          </button>
        ) : null}
      </p>
      <p class="text">{one.words}</p>
      {one.endedAt === null ? null : (
        <p>
          <span class="dim">
            {w.ended(dateTime(one.endedAt), one.late ? w.late2 : '')}
          </span>
          {one.outcome === null ? '' : common.afterColon(one.outcome)}
        </p>
      )}
      {ending ? <EndDialog one={one} onClose={() => setEnding(false)} done={changed} /> : null}
    </>
  );
}

function Numbers({ ticket }: { readonly ticket: TicketView }): JSX.Element | null {
  const desk = useDesk();
  const numbers = useLoaded(() => desk.api.ticketWork.numbers(ticket.id), ticket.id);
  if (numbers.value === null || numbers.value.length === 0) return null;
  return (
    <section aria-label={w.externalNumbers}>
      <h3>{w.externalNumbers}</h3>
      <ul class="work">
        {numbers.value.map((one) => (
          <li key={`${one.partnerId} ${one.number ?? ''}`}>
            {w.colon(one.partnerName)}{one.number === null ? <span class="dim">{w.ownNumberOfThis}</span> : <span class="code">{one.number}</span>} <small class="dim">{dateTime(one.at)}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function useLeads(): boolean {
  const { role } = useSeat();
  return role === 'supervisor' || role === 'administrator';
}

export function EndDialog({ one, onClose, done }: { readonly one: SupervisionView; readonly onClose: () => void; readonly done: () => void }): JSX.Element {
  const desk = useDesk();
  const [outcome, setOutcome] = useState('');
  const run = async (): Promise<void> => {
    await desk.api.ticketWork.endSupervision(one.id, outcome.trim());
    done();
  };
  return (
    <DialogForm title={w.endSupervision2(one.number)} action={w.endSupervision} onClose={onClose} run={run}>
      <Field label={w.resultOfSupervision} hint={w.staysWithTheTicket}>
        <textarea rows={4} value={outcome} onInput={(event) => setOutcome(event.currentTarget.value)} required minLength={2} maxLength={1000} />
      </Field>
    </DialogForm>
  );
}

export function SuperviseDialog({ ticket, onClose, done }: { readonly ticket: TicketView; readonly onClose: () => void; readonly done: () => void }): JSX.Element {
  const desk = useDesk();
  const [level, setLevel] = useState<1 | 2 | 3>(1);
  const [words, setWords] = useState('');
  const [person, setPerson] = useState('');
  const run = async (): Promise<void> => {
    await desk.api.ticketWork.supervise(ticket.id, { level, words: words.trim(), ...(person.trim() === '' ? {} : { person: person.trim() }) });
    done();
  };
  return (
    <DialogForm title={w.supervision2(ticket.number)} action={w.beginSupervision} onClose={onClose} run={run}>
      <Field label={w.severity}>
        <select value={level} onChange={(event) => setLevel(supervisionLevels().find(([one]) => String(one) === event.currentTarget.value)?.[0] ?? 1)}>
          {supervisionLevels().map(([one, label]) => (
            <option key={one} value={one}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      <Field label={w.wordsOfSupervision}>
        <textarea rows={4} value={words} onInput={(event) => setWords(event.currentTarget.value)} required minLength={2} maxLength={1000} />
      </Field>
      <Field label={w.responsiblePerson} hint={w.thePostNoName}>
        <input value={person} onInput={(event) => setPerson(event.currentTarget.value)} maxLength={60} />
      </Field>
    </DialogForm>
  );
}
