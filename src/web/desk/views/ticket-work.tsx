import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TicketView } from '../../shared/api-types.ts';
import { dateTime, waited } from '../../shared/format.ts';
import type { ClockView, FileView, PrecedentsView, RequestView, SupervisionView, TicketWork } from '../api/ticket-work.ts';
import { causeLabel, filePurposeLabel, REQUESTS, requestStateLabel, SUPERVISION_LEVELS } from '../labels.ts';
import { Chip, Field, type Tone } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { useLoaded } from '../ui/use-loaded.ts';

/** What hangs on a ticket: its clocks in words, requests and verdicts, supervisions, files, numbers of other platforms. */

export function TicketWorkPanels({ ticket, work, changed }: { readonly ticket: TicketView; readonly work: TicketWork; readonly changed: () => void }): JSX.Element {
  const seat = useSeat();
  return (
    <>
      <Clocks id={ticket.id} version={ticket.version} />
      {work.requests.length === 0 ? null : (
        <section aria-label="申请">
          <h3>申请</h3>
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
        <section aria-label="督办">
          <h3>督办</h3>
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
        <section aria-label="材料">
          <h3>材料</h3>
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
  return <Chip tone={tone}>{left <= 0 ? `${words}已过 ${brief(-left)}` : `${words}还剩 ${brief(left)}`}</Chip>;
}

/** Seconds would only make it flicker. */
const brief = (ms: number): string => (ms < 60_000 ? '不到1分钟' : ms < 3_600_000 ? `${Math.floor(ms / 60_000)}分钟` : waited(ms));

function Clocks({ id, version }: { readonly id: string; readonly version: number }): JSX.Element | null {
  const desk = useDesk();
  const clocks = useLoaded(() => desk.api.ticketWork.clocks(id), `${id} ${version}`);
  if (clocks.value === null) return clocks.fault === '' ? null : <p class="fault">时限没有读到：{clocks.fault}</p>;
  if (clocks.value.length === 0) return null;
  return (
    <section aria-label="时限">
      <h3>时限</h3>
      <ul class="work">
        {clocks.value.map((clock) => (
          <li key={`${clock.stage} ${clock.run}`}>
            <details>
              <summary>
                <b>{clock.label}</b>
                {clock.run > 1 ? `（第 ${clock.run} 次）` : ''} <span class="dim">{clock.rule}</span> <ClockState clock={clock} />
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
  if (clock.endedAt !== null) return <Chip tone={clock.overdue ? 'bad' : 'good'}>{clock.overdue ? '超期完成' : '已结束'}</Chip>;
  if (clock.dueAt === null) return <Chip>暂停</Chip>;
  return (
    <>
      <span>{dateTime(clock.dueAt)} 前</span> <TimeLeft at={clock.dueAt} words="" />
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
        <b>申请{REQUESTS[request.kind]}</b>
        <Chip tone={tone}>{requestStateLabel(request.state)}</Chip>
        <span>{request.reasonLabel}</span>
        {request.amount === null ? null : <span>延长 {request.amount}（按时限规则的单位）</span>}
        {request.until === null ? null : <span>到 {dateTime(request.until)}</span>}
        <small class="dim">
          {request.departmentName ?? ''} {dateTime(request.askedAt)}
        </small>
      </p>
      <p class="text">{request.reason}</p>
      {request.evidence.length === 0 ? null : (
        <p class="line wrap">
          <span class="dim">证明材料</span>
          {evidence.map((file) => (
            <FileLink key={file.id} file={file} />
          ))}
          {evidence.length < request.evidence.length ? <span class="dim">共 {request.evidence.length} 个</span> : null}
        </p>
      )}
      {request.judgedAt === null || request.state === 'withdrawn' ? null : (
        <p>
          <span class="dim">
            审核 {dateTime(request.judgedAt)}
            {request.late ? '（超过审核时限）' : ''}
          </span>
          {(request.verdict ?? '') === '' ? '' : `：${request.verdict ?? ''}`}
        </p>
      )}
    </>
  );
}

/** How the same was judged before: counts, and the last few with their reasons. */
export function Precedents({ of }: { readonly of: PrecedentsView }): JSX.Element {
  if (of.upheld + of.refused === 0) return <p class="dim">同事项、同单位以前没有审过这类申请</p>;
  return (
    <details class="precedents">
      <summary>
        先例：同意 {of.upheld} 次，驳回 {of.refused} 次
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
      {file.name ?? '未命名文件'}
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
        {one.endedAt === null && one.dueAt !== null ? <TimeLeft at={one.dueAt} words="报告" /> : null}
        {one.endedAt === null && leads ? (
          <button type="button" onClick={() => setEnding(true)}>
            结束督办
          </button>
        ) : null}
      </p>
      <p class="text">{one.words}</p>
      {one.endedAt === null ? null : (
        <p>
          <span class="dim">
            {dateTime(one.endedAt)} 结束{one.late ? '（逾期）' : ''}
          </span>
          {one.outcome === null ? '' : `：${one.outcome}`}
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
    <section aria-label="外部编号">
      <h3>外部编号</h3>
      <ul class="work">
        {numbers.value.map((one) => (
          <li key={`${one.partnerId} ${one.number ?? ''}`}>
            {one.partnerName}：{one.number === null ? <span class="dim">使用本平台编号</span> : <span class="code">{one.number}</span>} <small class="dim">{dateTime(one.at)}</small>
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
    <DialogForm title={`结束督办 · ${one.number}`} action="结束督办" onClose={onClose} run={run}>
      <Field label="督办结果" hint="留在工单上，并列入月度清单">
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
    <DialogForm title={`督办 · ${ticket.number}`} action="发出督办" onClose={onClose} run={run}>
      <Field label="级别">
        <select value={level} onChange={(event) => setLevel(SUPERVISION_LEVELS.find(([one]) => String(one) === event.currentTarget.value)?.[0] ?? 1)}>
          {SUPERVISION_LEVELS.map(([one, label]) => (
            <option key={one} value={one}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      <Field label="督办意见">
        <textarea rows={4} value={words} onInput={(event) => setWords(event.currentTarget.value)} required minLength={2} maxLength={1000} />
      </Field>
      <Field label="责任人" hint="写职务，不写姓名和电话；可不填">
        <input value={person} onInput={(event) => setPerson(event.currentTarget.value)} maxLength={60} />
      </Field>
    </DialogForm>
  );
}
