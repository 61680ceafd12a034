import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { CitizenView, UnmaskedView } from '../../shared/api-types.ts';
import { Field } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { IDENTITY as w } from './conversation-words.ts';
import { COMMON as common } from '../words.ts';
import { purposeLabel } from '../labels.ts';

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
          <dt>{w.name}</dt>
          <dd>{shown === null ? (citizen === null ? w.masked : (citizen.nameMasked ?? w.notOnRecord)) : (shown.name ?? w.notOnRecord)}</dd>
        </div>
        <div>
          <dt>{w.phone}</dt>
          <dd>{shown === null ? (citizen === null ? w.masked : (citizen.phoneMasked ?? w.notOnRecord)) : (shown.phone ?? w.notOnRecord)}</dd>
        </div>
      </dl>
      {shown === null ? (
        <button type="button" onClick={() => setAsking(true)} disabled={citizen !== null && citizen.nameMasked === null && citizen.phoneMasked === null}>
          {common.show}
        </button>
      ) : (
        <p class="dim" role="status">
          {w.maskedAgainInS(Math.ceil(left / 1000))}
          <button type="button" class="link" onClick={() => setClear(null)}>
            {w.maskNow}
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
    <DialogForm title={w.showTheCitizensIdentity} action={w.showFor60S} onClose={onClose} run={async () => onShown(await reveal(purpose, note.trim()))}>
      <p class="dim">{w.everyLookGoesInto}</p>
      <Field label={common.purpose}>
        <select value={purpose} onChange={(event) => setPurpose(event.currentTarget.value)} required>
          <option value="">{common.pleaseChoose}</option>
          {purposes.map((name) => (
            <option key={name} value={name}>
              {purposeLabel(name)}
            </option>
          ))}
        </select>
      </Field>
      <Field label={common.note}>
        <input value={note} onInput={(event) => setNote(event.currentTarget.value)} maxLength={200} required={purpose === '其他'} placeholder={w.forExampleCheckThe} />
      </Field>
    </DialogForm>
  );
}
