import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import '../../styles/reports.css';
import { dateTime, fileSize } from '../../../shared/format.ts';
import type { ReportRow } from '../../../shared/report-types.ts';
import { Chip, Empty, type Tone } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import { AskForm } from './ask-form.tsx';
import { DocumentView } from './report-document.tsx';

/** 报表: the list, what is being made with its progress, and a report to read, print and download. */

const LOOK_MS = 2_000;
const STATES: Readonly<Record<ReportRow['state'], readonly [string, Tone]>> = { asked: ['等待生成', 'info'], making: ['生成中', 'info'], ready: ['已生成', 'good'], failed: ['没有做成', 'bad'] };
const KINDS: Readonly<Record<ReportRow['kind'], string>> = { day: '日报', week: '周报', month: '月报', special: '专报' };

export function ReportsPage({ rest }: { readonly rest: string }): JSX.Element {
  const desk = useDesk();
  const [asking, setAsking] = useState(false);
  const [older, setOlder] = useState<readonly ReportRow[]>([]);
  const list = useLoaded(() => desk.api.reports.list(), 'reports');
  const { reload } = list;
  const rows = [...(list.value?.reports ?? []), ...older];
  const busy = rows.some(({ state }) => state === 'asked' || state === 'making');
  useEffect(() => {
    if (!busy) return undefined;
    const timer = setInterval(reload, LOOK_MS);
    return () => clearInterval(timer);
  }, [busy, reload]);
  const more = async (): Promise<void> => {
    try {
      const next = await desk.api.reports.list(rows.at(-1));
      setOlder([...older, ...next.reports]);
      if (next.reports.length === 0) desk.alerts.say('info', '没有更早的报表');
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : '没有读到');
    }
  };
  return (
    <div class={rest === '' ? 'page split reports' : 'page split reports chosen'}>
      <section class="list" aria-label="报表列表">
        <header class="head">
          <h2>报表</h2>
          {list.value?.mayMake === true ? (
            <button type="button" class="primary" onClick={() => setAsking(true)}>
              生成报表
            </button>
          ) : null}
        </header>
        {list.fault === '' ? null : <p class="fault">{list.fault}</p>}
        {list.value !== null && rows.length === 0 ? <Empty>还没有报表</Empty> : null}
        <ul class="report-list">
          {rows.map((row) => (
            <li key={row.id}>
              <a href={`#/reports/${row.id}`} aria-current={row.id === rest ? 'true' : undefined}>
                <strong>{row.title}</strong>
                <span class="dim">
                  {KINDS[row.kind]}
                  {row.version > 1 ? `，第 ${row.version} 版` : ''}，{row.madeByName}，{dateTime(row.madeAt ?? row.askedAt)}
                  {row.bytes === 0 ? '' : `，${fileSize(row.bytes)}`}
                </span>
                {row.state === 'ready' ? null : <Chip tone={STATES[row.state][1]}>{STATES[row.state][0]}</Chip>}
                {row.state === 'making' || row.state === 'asked' ? (
                  <progress max={100} value={row.progress} aria-label={`生成进度 ${row.progress}%`}>
                    {row.progress}%
                  </progress>
                ) : null}
              </a>
            </li>
          ))}
        </ul>
        {rows.length >= 50 ? (
          <button type="button" onClick={() => void more()}>
            更早的报表
          </button>
        ) : null}
        {(list.value?.schedules.length ?? 0) === 0 ? null : (
          <p class="dim schedules">自动生成：{list.value?.schedules.map(({ name, nextAt }) => `${name}${nextAt === null ? '' : `（下次 ${dateTime(nextAt)}）`}`).join('，')}</p>
        )}
      </section>
      <section class="detail" aria-label="报表内容">
        {rest === '' ? <Empty>选一份报表来看</Empty> : <Reading key={rest} id={rest} state={rows.find(({ id }) => id === rest)?.state ?? ''} progress={rows.find(({ id }) => id === rest)?.progress ?? 0} />}
      </section>
      {asking ? (
        <AskForm
          onClose={() => setAsking(false)}
          onAsked={(id) => {
            reload();
            location.hash = `#/reports/${id}`;
          }}
        />
      ) : null}
    </div>
  );
}

function Reading({ id, state, progress }: { readonly id: string; readonly state: string; readonly progress: number }): JSX.Element {
  const desk = useDesk();
  const loaded = useLoaded(() => desk.api.reports.one(id), `${id} ${state}`);
  if (loaded.fault !== '') return <p class="fault">{loaded.fault}</p>;
  if (loaded.value === null) return <Empty>正在读取报表</Empty>;
  const { report, document } = loaded.value;
  if (document === null) return <Empty>{report.state === 'failed' ? '这份报表没有做成，可以重新生成。' : `正在生成，已完成 ${progress}%`}</Empty>;
  return (
    <>
      <div class="report-keys">
        <a class="button back" href="#/reports">
          返回列表
        </a>
        <a class="button" href={desk.api.reports.fileUrl(id, 'pdf')} download>
          下载 PDF
        </a>
        <a class="button" href={desk.api.reports.fileUrl(id, 'xlsx')} download>
          下载 Excel
        </a>
        <a class="button" href={desk.api.reports.fileUrl(id, 'html')} download>
          下载网页
        </a>
        <button type="button" onClick={() => print()}>
          打印
        </button>
      </div>
      <DocumentView document={document} />
    </>
  );
}
