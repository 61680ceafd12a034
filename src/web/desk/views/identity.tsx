import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { CitizenView, UnmaskedView } from '../../shared/api-types.ts';
import { Field } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';

/** Longest time an identity stays on the screen, whatever the server says. */
const SHOWN_MS = 60_000;

/**
 * Masked until somebody gives a purpose, then shown for a minute. The clear values live in this component only: they go
 * with it, with the minute, and with a window that is hidden.
 */
export function Identity({ citizen, reveal }: { /** What may be shown as it is; null: not told here. */ readonly citizen: Pick<CitizenView, 'nameMasked' | 'phoneMasked'> | null; readonly reveal: (purpose: string, note: string) => Promise<UnmaskedView> }): JSX.Element {
  const desk = useDesk();
  const [asking, setAsking] = useState(false);
  const [clear, setClear] = useState<UnmaskedView | null>(null);
  const left = clear === null ? 0 : Math.min(SHOWN_MS, clear.shownUntil - desk.now.value);

  useEffect(() => {
    if (clear !== null && left <= 0) setClear(null);
  }, [left <= 0]);
  useEffect(() => {
    const onHide = (): void => {
      if (document.visibilityState === 'hidden') setClear(null);
    };
    document.addEventListener('visibilitychange', onHide);
    return () => document.removeEventListener('visibilitychange', onHide);
  }, []);

  const shown = clear !== null && left > 0 ? clear : null;
  return (
    <div class="identity">
      <dl class="slots">
        <div>
          <dt>姓名</dt>
          <dd>{shown === null ? (citizen === null ? '已遮蔽' : (citizen.nameMasked ?? '未登记')) : (shown.name ?? '未登记')}</dd>
        </div>
        <div>
          <dt>电话</dt>
          <dd>{shown === null ? (citizen === null ? '已遮蔽' : (citizen.phoneMasked ?? '未登记')) : (shown.phone ?? '未登记')}</dd>
        </div>
      </dl>
      {shown === null ? (
        <button type="button" onClick={() => setAsking(true)} disabled={citizen !== null && citizen.nameMasked === null && citizen.phoneMasked === null}>
          查看
        </button>
      ) : (
        <p class="dim" role="status">
          {Math.ceil(left / 1000)} 秒后恢复遮蔽 ·{' '}
          <button type="button" class="link" onClick={() => setClear(null)}>
            立即遮蔽
          </button>
        </p>
      )}
      {asking ? <AskPurpose reveal={reveal} onClose={() => setAsking(false)} onShown={setClear} /> : null}
    </div>
  );
}

function AskPurpose({ reveal, onClose, onShown }: { readonly reveal: (purpose: string, note: string) => Promise<UnmaskedView>; readonly onClose: () => void; readonly onShown: (shown: UnmaskedView) => void }): JSX.Element {
  const desk = useDesk();
  const purposes = desk.catalog.value?.purposes ?? [];
  const [purpose, setPurpose] = useState('');
  const [note, setNote] = useState('');
  return (
    <DialogForm title="查看市民身份" action="查看 60 秒" onClose={onClose} run={async () => onShown(await reveal(purpose, note.trim()))}>
      <p class="dim">每次查看都会记入审计，包括您的姓名、时间和用途。</p>
      <Field label="用途">
        <select value={purpose} onChange={(event) => setPurpose(event.currentTarget.value)} required>
          <option value="">请选择</option>
          {purposes.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </Field>
      <Field label="说明">
        <input value={note} onInput={(event) => setNote(event.currentTarget.value)} maxLength={200} required={purpose === '其他'} placeholder="例如：核对回拨号码" />
      </Field>
    </DialogForm>
  );
}
