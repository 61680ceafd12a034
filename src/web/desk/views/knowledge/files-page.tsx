import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { ImportReport, ImportRow } from '../../../shared/api-types.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk, useSeat } from '../../ui/context.ts';
import { MODULE_LIST, MODULES } from './labels.ts';

const STATUSES = { new: ['新增', 'good'], changed: ['修改', 'info'], same: ['相同', 'plain'], refused: ['拒绝', 'bad'] } as const;
const OUTCOMES = { checked: '检查完毕，尚未写入', refused: '有行被拒绝，什么都没有写入', handed_in: '已送审', published: '已发布' } as const;
/** Rows shown at once; faults first. */
const SHOWN = 300;
const FORMATS = ['xlsx', 'csv', 'jsonl'] as const;

/** Knowledge out of files and into them. A file is looked through first; writing is a second step. */
export function FilesPage(): JSX.Element {
  const [module, setModule] = useState('');
  return (
    <>
      <Import />
      <section aria-label="导出">
        <header class="head">
          <h2>导出</h2>
          <select aria-label="导出的模块" value={module} onChange={(event) => setModule(event.currentTarget.value)}>
            <option value="">全部模块</option>
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
        <p class="dim note-line">已发布的知识；改过之后可以原样导入，编号相同的更新，没有编号的新增。</p>
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
      setFault(error instanceof Error ? error.message : '没有成功');
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
    <section aria-label="导入">
      <header class="head">
        <h2>导入</h2>
        <input ref={input} class="visually-hidden" type="file" accept=".xlsx,.csv,.jsonl" aria-label="选择知识文件" tabIndex={-1} onChange={(event) => choose(event.currentTarget.files?.[0] ?? null)} />
        <button type="button" disabled={busy} onClick={() => input.current?.click()}>
          选择文件
        </button>
        <span class="dim">{file === null ? 'XLSX、CSV 或 JSONL，先检查再写入' : file.name}</span>
      </header>
      {busy ? (
        <p class="summary-line" role="status">
          正在处理 <progress aria-label="正在处理" />
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
            {OUTCOMES[report.outcome]}：新增 {report.counts.new}，修改 {report.counts.changed}，相同 {report.counts.same}，拒绝 {report.counts.refused}
            {report.written > 0 ? `；写入 ${report.written} 条` : ''}
          </p>
          {report.outcome === 'checked' ? (
            <div class="summary-line acts">
              {report.counts.refused > 0 ? (
                <label class="check">
                  <input type="checkbox" checked={skipBad} onChange={(event) => setSkipBad(event.currentTarget.checked)} />
                  跳过被拒绝的行
                </label>
              ) : null}
              {seat.role === 'administrator' ? (
                <label class="check">
                  <input type="checkbox" checked={publish} onChange={(event) => setPublish(event.currentTarget.checked)} />
                  不经审核直接发布
                </label>
              ) : null}
              <button type="button" class="primary" disabled={busy || !writable || file === null} onClick={() => file !== null && void run(file, true)}>
                {publish ? `发布 ${todo} 条` : `送审 ${todo} 条`}
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
  if (rows.length === 0) return <Empty>文件里没有知识</Empty>;
  const shown = [...rows].sort((a, b) => Number(b.status === 'refused') - Number(a.status === 'refused') || a.row - b.row).slice(0, SHOWN);
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            <th scope="col">行</th>
            <th scope="col">结果</th>
            <th scope="col">编号</th>
            <th scope="col">原因</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.row}>
              <td>{row.line}</td>
              <td>
                <Chip tone={STATUSES[row.status][1]}>{STATUSES[row.status][0]}</Chip>
              </td>
              <td class="code">{row.id ?? ''}</td>
              <td>{row.faults.map(({ text }) => text).join('；')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > SHOWN ? <p class="dim note-line">只列出前 {SHOWN} 行，被拒绝的在前</p> : null}
    </div>
  );
}
