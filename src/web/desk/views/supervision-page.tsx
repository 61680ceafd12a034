import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dateTime } from '../../shared/format.ts';
import { monthFile, SUPERVISION_PAGE, type SupervisionView } from '../api/ticket-work.ts';
import { causeLabel } from '../labels.ts';
import { Chip, Empty } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { useLoaded } from '../ui/use-loaded.ts';
import { EndDialog, TimeLeft } from './ticket-work.tsx';

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
      desk.alerts.say('error', error instanceof Error ? error.message : '没有读到');
    }
  };
  const done = (): void => {
    open.reload();
    monthly.reload();
  };

  return (
    <div class="page">
      <section aria-label="进行中的督办">
        <header class="head">
          <h2>进行中的督办{open.value === null ? '' : `（${open.value.length}）`}</h2>
          <button type="button" onClick={done}>
            刷新
          </button>
        </header>
        {open.fault === '' ? null : <p class="fault">{open.fault}</p>}
        {open.value?.length === 0 ? <Empty>没有进行中的督办。在工单页可以发出督办</Empty> : null}
        <Rows rows={open.value ?? []} end={setEnding} />
      </section>
      <section aria-label="月度督办清单">
        <header class="head">
          <h2>月度督办清单</h2>
          <select class="short" aria-label="月份" value={month} onChange={(event) => setMonth(event.currentTarget.value)}>
            {months.map((one) => (
              <option key={one} value={one}>
                {one.slice(0, 4)}年{Number(one.slice(5))}月
              </option>
            ))}
          </select>
          <a class="button" href={monthFile(month, 'csv')} download={`supervisions-${month}.csv`}>
            下载 CSV
          </a>
          <a class="button" href={monthFile(month, 'xlsx')} download={`supervisions-${month}.xlsx`}>
            下载 XLSX
          </a>
        </header>
        {monthly.fault === '' ? null : <p class="fault">{monthly.fault}</p>}
        {!monthly.loading && monthly.fault === '' && rows.length === 0 ? <Empty>这个月没有督办</Empty> : null}
        <Rows rows={rows} end={setEnding} />
        {rows.length >= SUPERVISION_PAGE && !ended ? (
          <button type="button" class="more" onClick={() => void more()}>
            更早的督办
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
    <div class="table">
      <table class="stacking">
        <thead>
          <tr>
            <th scope="col">级别</th>
            <th scope="col">工单</th>
            <th scope="col">责任单位、责任人</th>
            <th scope="col">督办意见</th>
            <th scope="col">报告时间</th>
            <th scope="col">结果</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.id}>
              <td data-label="级别">
                <Chip tone={one.endedAt === null ? 'bad' : 'plain'}>{one.levelName}</Chip>
                <br />
                <small class="dim">
                  {causeLabel(one.cause)}
                  <br />
                  {dateTime(one.createdAt)}
                </small>
              </td>
              <td data-label="工单">
                <a href={`#/tickets/${one.ticketId}`}>{one.title}</a>
                <br />
                <small class="dim">
                  {one.number} · {one.ticketState}
                </small>
              </td>
              <td data-label="责任">
                {one.departmentName ?? '未派单'}
                {one.person === null ? null : (
                  <>
                    <br />
                    <small class="dim">{one.person}</small>
                  </>
                )}
              </td>
              <td data-label="意见" class="text">
                {one.words}
                {'\n'}
                <small class="dim">{one.createdBy}</small>
              </td>
              <td data-label="报告时间">
                {one.dueAt === null ? '不限' : dateTime(one.dueAt)}
                <br />
                {one.endedAt === null && one.dueAt !== null ? <TimeLeft at={one.dueAt} words="" /> : null}
                {one.endedAt !== null && one.late ? <Chip tone="bad">逾期</Chip> : null}
              </td>
              <td data-label="结果" class="text">
                {one.endedAt === null ? (
                  <button type="button" aria-label={`结束督办 ${one.number}`} onClick={() => end(one)}>
                    结束督办
                  </button>
                ) : (
                  <>
                    {one.outcome ?? ''}
                    {'\n'}
                    <small class="dim">{dateTime(one.endedAt)} 结束</small>
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** This month (Beijing's) and those before, newest first. */
function monthsBefore(now: number): readonly string[] {
  const today = new Date(now + BEIJING_OFFSET);
  return Array.from({ length: MONTHS }, (_, back) => new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - back, 1)).toISOString().slice(0, 7));
}
