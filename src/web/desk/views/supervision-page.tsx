import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dateTime } from '../../shared/format.ts';
import { monthFile, SUPERVISION_PAGE, type SupervisionView } from '../api/ticket-work.ts';
import { causeLabel } from '../labels.ts';
import { Chip, Empty } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { Table } from '../ui/table.tsx';
import { useLoaded } from '../ui/use-loaded.ts';
import { EndDialog, TimeLeft } from './ticket-work.tsx';
import { SUPERVISION_PAGE as w } from './ticket-words.ts';
import { COMMON as common } from '../words.ts';

const BEIJING_OFFSET = 8 * 3_600_000;
/** How far back the month can be chosen. */
const MONTHS = 24;

/** 督办: what runs, first due first, and the list of a month. */
export function SupervisionPage(): JSX.Element {
  const desk = useDesk();
  const open = useLoaded(() => desk.api.ticketWork.openSupervisions(), 'open');
  const [months] = useState(() => monthsBefore(desk.now.peek()));
  const [month, setMonth] = useState(months[0] ?? '');
  const [older, setOlder] = useState<readonly SupervisionView[]>([]);
  const [ended, setEnded] = useState(false);
  const monthly = useLoaded(async () => {
    setOlder([]);
    setEnded(false);
    return desk.api.ticketWork.supervisionsOf(month);
  }, month);
  const [ending, setEnding] = useState<SupervisionView | null>(null);
  const rows = [...(monthly.value ?? []), ...older];

  const more = async (): Promise<void> => {
    const last = rows.at(-1);
    if (last === undefined) return;
    try {
      const next = await desk.api.ticketWork.supervisionsOf(month, last);
      setOlder([...older, ...next]);
      setEnded(next.length < SUPERVISION_PAGE);
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : common.couldNotBeRead);
    }
  };
  const done = (): void => {
    open.reload();
    monthly.reload();
  };

  return (
    <div class="page">
      <section aria-label={w.supervisionGoingOn}>
        <header class="head">
          <h2>{w.supervisionGoingOn}{open.value === null ? '' : common.inBrackets(open.value.length)}</h2>
          <button type="button" onClick={done}>
            {common.reload}
          </button>
        </header>
        {open.fault === '' ? null : <p class="fault">{open.fault}</p>}
        {open.value?.length === 0 ? <Empty>{w.noSupervisionGoingOn}</Empty> : null}
        <Rows rows={open.value ?? []} end={setEnding} />
      </section>
      <section aria-label={w.supervisionOfTheMonth}>
        <header class="head">
          <h2>{w.supervisionOfTheMonth}</h2>
          <select class="short" aria-label={w.month} value={month} onChange={(event) => setMonth(event.currentTarget.value)}>
            {months.map((one) => (
              <option key={one} value={one}>
                {w.text(one.slice(0, 4), Number(one.slice(5)))}
              </option>
            ))}
          </select>
          <a class="button" href={monthFile(month, 'csv')} download={`supervisions-${month}.csv`}>
            {w.downloadCsv}
          </a>
          <a class="button" href={monthFile(month, 'xlsx')} download={`supervisions-${month}.xlsx`}>
            {w.downloadXlsx}
          </a>
        </header>
        {monthly.fault === '' ? null : <p class="fault">{monthly.fault}</p>}
        {!monthly.loading && monthly.fault === '' && rows.length === 0 ? <Empty>{w.noSupervisionThisMonth}</Empty> : null}
        <Rows rows={rows} end={setEnding} />
        {rows.length >= SUPERVISION_PAGE && !ended ? (
          <button type="button" class="more" onClick={() => void more()}>
            {w.earlierOnes}
          </button>
        ) : null}
      </section>
      {ending === null ? null : <EndDialog one={ending} onClose={() => setEnding(null)} done={done} />}
    </div>
  );
}

function Rows({ rows, end }: { readonly rows: readonly SupervisionView[]; readonly end: (one: SupervisionView) => void }): JSX.Element | null {
  if (rows.length === 0) return null;
  return (
    <Table heads={[w.severity, common.tickets, w.responsibleDepartmentPerson, w.wordsOfSupervision, w.reportBy, common.result]}>
      {rows.map((one) => (
        <tr key={one.id}>
          <td data-label={w.severity}>
            <Chip tone={one.endedAt === null ? 'bad' : 'plain'}>{one.levelName}</Chip>
            <br />
            <small class="dim">
              {causeLabel(one.cause)}
              <br />
              {dateTime(one.createdAt)}
            </small>
          </td>
          <td data-label={common.tickets}>
            <a href={`#/tickets/${one.ticketId}`}>{one.title}</a>
            <br />
            <small class="dim">
              {one.number} · {one.ticketState}
            </small>
          </td>
          <td data-label={w.responsible}>
            {one.departmentName ?? w.notDispatched}
            {one.person === null ? null : (
              <>
                <br />
                <small class="dim">{one.person}</small>
              </>
            )}
          </td>
          <td data-label={w.words} class="text">
            {one.words}
            {'\n'}
            <small class="dim">{one.createdBy}</small>
          </td>
          <td data-label={w.reportBy}>
            {one.dueAt === null ? w.noEnd : dateTime(one.dueAt)}
            <br />
            {one.endedAt === null && one.dueAt !== null ? <TimeLeft at={one.dueAt} words="" /> : null}
            {one.endedAt !== null && one.late ? <Chip tone="bad">{w.late}</Chip> : null}
          </td>
          <td data-label={common.result} class="text">
            {one.endedAt === null ? (
              <button type="button" aria-label={w.endSupervisionOf(one.number)} onClick={() => end(one)}>
                {w.endSupervision}
              </button>
            ) : (
              <>
                {one.outcome ?? ''}
                {'\n'}
                <small class="dim">{w.ended(dateTime(one.endedAt))}</small>
              </>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** This month (Beijing's) and those before, newest first. */
function monthsBefore(now: number): readonly string[] {
  const today = new Date(now + BEIJING_OFFSET);
  return Array.from({ length: MONTHS }, (_, back) => new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - back, 1)).toISOString().slice(0, 7));
}
