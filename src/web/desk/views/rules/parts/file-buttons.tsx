import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { ImportView } from '../../../../shared/rules-types.ts';
import { Chip } from '../../../ui/bits.tsx';
import { useDesk } from '../../../ui/context.ts';
import { Dialog } from '../../../ui/dialog.tsx';

const STATUS = { new: ['新增', 'good'], changed: ['改动', 'warn'], same: ['相同', 'plain'], refused: ['不能用', 'bad'] } as const;
const statusOf = (status: string): readonly [string, 'good' | 'warn' | 'plain' | 'bad'] => (status === 'new' || status === 'changed' || status === 'same' || status === 'refused' ? STATUS[status] : [status, 'plain']);
const SHOWN = 200;

/** A version as a file; a file looked through row by row before it becomes a draft. */
export function FileButtons({ kind, version }: { readonly kind: 'items' | 'departments'; readonly version: number }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        导入
      </button>
      <a class="button" href={`/api/catalogues/${kind}/${version}/export?format=xlsx`} download>
        导出 Excel
      </a>
      <a class="button" href={`/api/catalogues/${kind}/${version}/export?format=csv`} download>
        CSV
      </a>
      {open ? <ImportDialog kind={kind} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function ImportDialog({ kind, onClose }: { readonly kind: 'items' | 'departments'; readonly onClose: () => void }): JSX.Element {
  const desk = useDesk();
  const picked = useRef<File | null>(null);
  const [report, setReport] = useState<ImportView | null>(null);
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const look = async (apply: boolean): Promise<void> => {
    const file = picked.current;
    if (file === null || busy) return;
    setBusy(true);
    setFault('');
    try {
      const answer = await desk.api.rules.importFile(kind, file, apply);
      setReport(answer);
      if (answer.version !== null) {
        desk.alerts.say('info', `已成为第 ${answer.version} 版草稿`);
        onClose();
        location.hash = `#/${kind}/${answer.version}`;
      }
    } catch (error) {
      setFault(error instanceof Error ? error.message : '没有读到文件');
    }
    setBusy(false);
  };
  const told = report?.rows.filter(({ status }) => status !== 'same') ?? [];
  return (
    <Dialog title={kind === 'items' ? '导入事项' : '导入承办单位'} onClose={onClose}>
      <p class="dim">文件是整份目录：文件里没有的就是删去。先逐行检查，不改任何东西；没有错误才能成为草稿。可用 XLSX、CSV（UTF-8 或 GB18030）、JSONL。</p>
      <input type="file" aria-label="要导入的文件" accept=".xlsx,.csv,.jsonl" onChange={(event) => { picked.current = event.currentTarget.files?.[0] ?? null; void look(false); }} />
      {busy ? <p role="status">正在检查</p> : null}
      {fault === '' ? null : (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {report === null ? null : (
        <div class="import-report" aria-live="polite">
          <p>
            新增 {report.counts.new}，改动 {report.counts.changed}，相同 {report.counts.same}，不能用 {report.counts.refused}，删去 {report.gone.length}
            {report.ignored.length === 0 ? '' : `；没有用到的列：${report.ignored.join('、')}`}
          </p>
          {report.gone.length === 0 ? null : <p class="banner">文件里没有、将删去：{report.gone.slice(0, 30).join('、')}{report.gone.length > 30 ? `等 ${report.gone.length} 个` : ''}</p>}
          <ul class="rows-report">
            {told.slice(0, SHOWN).map(({ line, code, status, reasons }) => (
              <li key={line}>
                第 {line} 行 <Chip tone={statusOf(status)[1]}>{statusOf(status)[0]}</Chip> <span class="code">{code ?? ''}</span> {reasons.join('；')}
              </li>
            ))}
          </ul>
          {told.length > SHOWN ? <p class="dim">另有 {told.length - SHOWN} 行</p> : null}
        </div>
      )}
      <div class="buttons">
        <button type="button" onClick={onClose}>
          取消
        </button>
        <button type="button" class="primary" disabled={busy || report === null || report.counts.refused > 0} onClick={() => void look(true)}>
          成为草稿
        </button>
      </div>
    </Dialog>
  );
}
