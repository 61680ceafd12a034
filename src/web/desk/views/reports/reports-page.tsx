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
import { REPORTS_PAGE as w, KINDS_WORDS } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** 报表: the list, what is being made with its progress, and a report to read, print and download. */

const LOOK_MS = 2_000;
const states = (): Readonly<Record<ReportRow['state'], readonly [string, Tone]>> => ({ asked: [w.waiting, 'info'], making: [w.beingMade, 'info'], ready: [w.ready, 'good'], failed: [w.failed, 'bad'] });
const KINDS: Readonly<Record<ReportRow['kind'], string>> = KINDS_WORDS;

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
      if (next.reports.length === 0) desk.alerts.say('info', w.noEarlierReports);
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : common.couldNotBeRead);
    }
  };
  return (
    <div class={rest === '' ? 'page split reports' : 'page split reports chosen'}>
      <section class="list" aria-label={w.reports}>
        <header class="head">
          <h2>{w.reports2}</h2>
          {list.value?.mayMake === true ? (
            <button type="button" class="primary" onClick={() => setAsking(true)}>
              {w.makeAReport}
            </button>
          ) : null}
        </header>
        {list.fault === '' ? null : <p class="fault">{list.fault}</p>}
        {list.value !== null && rows.length === 0 ? <Empty>{w.noReportsYet}</Empty> : null}
        <ul class="link-list">
          {rows.map((row) => (
            <li key={row.id}>
              <a href={`#/reports/${row.id}`} aria-current={row.id === rest ? 'true' : undefined}>
                <strong>{row.title}</strong>
                <span class="dim">
                  {w.text(KINDS[row.kind], row.version > 1 ? w.version(row.version) : '', row.madeByName, dateTime(row.madeAt ?? row.askedAt), row.bytes === 0 ? '' : w.afterClause(fileSize(row.bytes)))}
                </span>
                {row.state === 'ready' ? null : <Chip tone={states()[row.state][1]}>{states()[row.state][0]}</Chip>}
                {row.state === 'making' || row.state === 'asked' ? (
                  <progress max={100} value={row.progress} aria-label={w.progress(row.progress)}>
                    {row.progress}%
                  </progress>
                ) : null}
              </a>
            </li>
          ))}
        </ul>
        {rows.length >= 50 ? (
          <button type="button" onClick={() => void more()}>
            {w.earlierReports}
          </button>
        ) : null}
        {(list.value?.schedules.length ?? 0) === 0 ? null : (
          <p class="dim schedules">{w.madeByItself}{list.value?.schedules.map(({ name, nextAt }) => `${name}${nextAt === null ? '' : w.next(dateTime(nextAt))}`).join(common.clause)}</p>
        )}
      </section>
      <section class="detail" aria-label={w.report}>
        {rest === '' ? <Empty>{w.chooseAReportTo}</Empty> : <Reading key={rest} id={rest} state={rows.find(({ id }) => id === rest)?.state ?? ''} progress={rows.find(({ id }) => id === rest)?.progress ?? 0} />}
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
  if (loaded.value === null) return <Empty>{w.readingTheReport}</Empty>;
  const { report, document } = loaded.value;
  if (document === null) return <Empty>{report.state === 'failed' ? w.thisReportCouldNot : w.beingMadeDone(progress)}</Empty>;
  return (
    <>
      <div class="report-keys">
        <a class="button back" href="#/reports">
          {w.backToTheList}
        </a>
        <a class="button" href={desk.api.reports.fileUrl(id, 'pdf')} download>
          {w.downloadPdf}
        </a>
        <a class="button" href={desk.api.reports.fileUrl(id, 'xlsx')} download>
          {w.downloadExcel}
        </a>
        <a class="button" href={desk.api.reports.fileUrl(id, 'html')} download>
          {w.downloadWebPage}
        </a>
        <button type="button" onClick={() => print()}>
          {w.print}
        </button>
      </div>
      <DocumentView document={document} />
    </>
  );
}
