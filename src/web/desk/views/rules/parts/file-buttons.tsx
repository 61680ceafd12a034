import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { ImportView } from '../../../../shared/rules-types.ts';
import { Chip } from '../../../ui/bits.tsx';
import { useDesk } from '../../../ui/context.ts';
import { Dialog } from '../../../ui/dialog.tsx';
import { FILE_BUTTONS as w } from './words.ts';
import { COMMON as common } from '../../../words.ts';

const statuses = () => ({ new: [common.added, 'good'], changed: [w.changed, 'warn'], same: [w.same, 'plain'], refused: [w.unusable, 'bad'] } as const);
const statusOf = (status: string): readonly [string, 'good' | 'warn' | 'plain' | 'bad'] => (status === 'new' || status === 'changed' || status === 'same' || status === 'refused' ? statuses()[status] : [status, 'plain']);
const SHOWN = 200;

/** A version as a file; a file looked through row by row before it becomes a draft. */
export function FileButtons({ kind, version }: { readonly kind: 'items' | 'departments'; readonly version: number }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {w.import}
      </button>
      <a class="button" href={`/api/catalogues/${kind}/${version}/export?format=xlsx`} download>
        {w.exportExcel}
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
        desk.alerts.say('info', w.becameDraftVersion(answer.version));
        onClose();
        location.hash = `#/${kind}/${answer.version}`;
      }
    } catch (error) {
      setFault(error instanceof Error ? error.message : w.theFileCouldNot);
    }
    setBusy(false);
  };
  const told = report?.rows.filter(({ status }) => status !== 'same') ?? [];
  return (
    <Dialog title={kind === 'items' ? w.importItems : w.importDepartments} onClose={onClose}>
      <p class="dim">{w.theFileIsThe}</p>
      <input type="file" aria-label={w.fileToImport} accept=".xlsx,.csv,.jsonl" onChange={(event) => { picked.current = event.currentTarget.files?.[0] ?? null; void look(false); }} />
      {busy ? <p role="status">{w.checking}</p> : null}
      {fault === '' ? null : (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {report === null ? null : (
        <div class="import-report" aria-live="polite">
          <p>
            {w.newChangedSameUnusable(report.counts.new, report.counts.changed, report.counts.same, report.counts.refused, report.gone.length, report.ignored.length === 0 ? '' : w.columnsNotUsed(report.ignored.join(common.comma)))}
          </p>
          {report.gone.length === 0 ? null : <p class="banner">{w.notInTheFile(report.gone.slice(0, 30).join(common.comma), report.gone.length > 30 ? w.andMore(report.gone.length) : '')}</p>}
          <ul class="rows-report">
            {told.slice(0, SHOWN).map(({ line, code, status, reasons }) => (
              <li key={line}>
                {w.row(line)}<Chip tone={statusOf(status)[1]}>{statusOf(status)[0]}</Chip> <span class="code">{code ?? ''}</span> {reasons.join(common.semicolon)}
              </li>
            ))}
          </ul>
          {told.length > SHOWN ? <p class="dim">{w.moreRows(told.length - SHOWN)}</p> : null}
        </div>
      )}
      <div class="buttons">
        <button type="button" onClick={onClose}>
          {common.cancel}
        </button>
        <button type="button" class="primary" disabled={busy || report === null || report.counts.refused > 0} onClick={() => void look(true)}>
          {w.makeItADraft}
        </button>
      </div>
    </Dialog>
  );
}
