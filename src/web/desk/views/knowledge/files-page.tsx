import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { ImportReport, ImportRow } from '../../../shared/api-types.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk, useSeat } from '../../ui/context.ts';
import { MODULE_LIST, MODULES } from './labels.ts';
import { FILES_PAGE as w, OUTCOMES_WORDS } from './work-words.ts';
import { COMMON as common } from '../../words.ts';

const statuses = () => ({ new: [common.added, 'good'], changed: [common.change, 'info'], same: [w.same, 'plain'], refused: [w.refused, 'bad'] } as const);
const OUTCOMES = OUTCOMES_WORDS;
/** Rows shown at once; faults first. */
const SHOWN = 300;
const FORMATS = ['xlsx', 'csv', 'jsonl'] as const;

/** Knowledge out of files and into them. A file is looked through first; writing is a second step. */
export function FilesPage(): JSX.Element {
  const [module, setModule] = useState('');
  return (
    <>
      <Import />
      <section aria-label={w.export}>
        <header class="head">
          <h2>{w.export}</h2>
          <select aria-label={w.moduleToExport} value={module} onChange={(event) => setModule(event.currentTarget.value)}>
            <option value="">{w.allModules}</option>
            {MODULE_LIST.map((each) => (
              <option key={each} value={each}>
                {MODULES[each]}
              </option>
            ))}
          </select>
          {FORMATS.map((format) => (
            <a key={format} class="button" href={`/api/knowledge/export?format=${format}${module === '' ? '' : `&module=${module}`}`} download={`knowledge.${format}`}>
              {format.toUpperCase()}
            </a>
          ))}
        </header>
        <p class="dim note-line">{w.publishedKnowledgeAfterChanges}</p>
      </section>
    </>
  );
}

function Import(): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [skipBad, setSkipBad] = useState(false);
  const [publish, setPublish] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState('');

  const run = async (chosen: File, write: boolean): Promise<void> => {
    setBusy(true);
    setFault('');
    try {
      setReport(await desk.api.knowledge.importFile(chosen, { write, skipBad, publish: write && publish }));
    } catch (error) {
      setFault(error instanceof Error ? error.message : common.thatDidNotWork);
    }
    setBusy(false);
  };
  const choose = (chosen: File | null): void => {
    setFile(chosen);
    setReport(null);
    if (chosen !== null) void run(chosen, false);
  };
  const todo = report === null ? 0 : report.counts.new + report.counts.changed;
  const writable = report?.outcome === 'checked' && todo > 0 && (report.counts.refused === 0 || skipBad);

  return (
    <section aria-label={w.import}>
      <header class="head">
        <h2>{w.import}</h2>
        <input ref={input} class="visually-hidden" type="file" accept=".xlsx,.csv,.jsonl" aria-label={w.chooseAKnowledgeFile} tabIndex={-1} onChange={(event) => choose(event.currentTarget.files?.[0] ?? null)} />
        <button type="button" disabled={busy} onClick={() => input.current?.click()}>
          {w.chooseAFile}
        </button>
        <span class="dim">{file === null ? w.xlsxCsvOrJsonl : file.name}</span>
      </header>
      {busy ? (
        <p class="summary-line" role="status">
          {w.workingOn}<progress aria-label={w.working} />
        </p>
      ) : null}
      {fault === '' ? null : (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {report === null ? null : (
        <>
          <p class="summary-line" role="status">
            {w.newChangedSameRefused(OUTCOMES[report.outcome], report.counts.new, report.counts.changed, report.counts.same, report.counts.refused, report.written > 0 ? w.written(report.written) : '')}
          </p>
          {report.outcome === 'checked' ? (
            <div class="summary-line acts">
              {report.counts.refused > 0 ? (
                <label class="check">
                  <input type="checkbox" checked={skipBad} onChange={(event) => setSkipBad(event.currentTarget.checked)} />
                  {w.leaveRefusedRowsOut}
                </label>
              ) : null}
              {seat.role === 'administrator' ? (
                <label class="check">
                  <input type="checkbox" checked={publish} onChange={(event) => setPublish(event.currentTarget.checked)} />
                  {w.publishWithoutReview}
                </label>
              ) : null}
              <button type="button" class="primary" disabled={busy || !writable || file === null} onClick={() => file !== null && void run(file, true)}>
                {publish ? w.publishEntry(todo) : w.sendEntryForReview(todo)}
              </button>
            </div>
          ) : null}
          <Rows rows={report.rows} />
        </>
      )}
    </section>
  );
}

function Rows({ rows }: { readonly rows: readonly ImportRow[] }): JSX.Element {
  if (rows.length === 0) return <Empty>{w.noKnowledgeInThe}</Empty>;
  const shown = [...rows].sort((a, b) => Number(b.status === 'refused') - Number(a.status === 'refused') || a.row - b.row).slice(0, SHOWN);
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            <th scope="col">{w.row}</th>
            <th scope="col">{common.result}</th>
            <th scope="col">{common.id}</th>
            <th scope="col">{w.reason}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.row}>
              <td>{row.line}</td>
              <td>
                <Chip tone={statuses()[row.status][1]}>{statuses()[row.status][0]}</Chip>
              </td>
              <td class="code">{row.id ?? ''}</td>
              <td>{row.faults.map(({ text }) => text).join(common.semicolon)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > SHOWN ? <p class="dim note-line">{w.onlyTheFirstRows(SHOWN)}</p> : null}
    </div>
  );
}
