import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { EntryFaultView } from '../../../shared/api-types.ts';
import { useDesk, useSeat } from '../../ui/context.ts';
import { EntryEditor } from './editor.tsx';
import { emptyForm, entryOf, type EntryForm } from './form.ts';
import { holdEnter, showFaults, useLeaveWarning } from './revision-page.tsx';
import { NEW_PAGE as w } from './words.ts';

/** What each seat of this window has begun. */
const begun = new Map<string, EntryForm>();

/** A new entry, until its first draft is kept. */
export function NewPage(): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const [form, setForm] = useState<EntryForm>(() => begun.get(seat.id) ?? emptyForm(beijingDay(desk.now.value)));
  const [touched, setTouched] = useState(() => begun.has(seat.id));
  const [faults, setFaults] = useState<readonly EntryFaultView[]>([]);
  const [busy, setBusy] = useState(false);
  useLeaveWarning(touched);
  const save = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    try {
      const draft = await desk.api.knowledge.draftNew(entryOf(form), null);
      begun.delete(seat.id);
      location.hash = `#/knowledge/revision/${encodeURIComponent(draft.id)}`;
    } catch (error) {
      showFaults(error, setFaults, (text) => desk.alerts.say('error', text));
      setBusy(false);
    }
  };
  return (
    <section class="revision" aria-label={w.newEntry}>
      <header class="head">
        <a class="button" href="#/knowledge">
          {w.list}
        </a>
        <h2>{w.newEntry}</h2>
      </header>
      <form
        class="writing"
        onKeyDown={holdEnter}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <EntryEditor
          form={form}
          change={(next) => {
            setForm(next);
            setTouched(true);
            begun.set(seat.id, next);
          }}
          faults={faults}
          isNew
        />
        <div class="buttons sticky">
          <button type="submit" class="primary" disabled={busy}>
            {w.saveDraft}
          </button>
        </div>
      </form>
    </section>
  );
}

/** The day in Beijing, whatever the browser's clock is set to. */
function beijingDay(now: number): string {
  return new Date(now + 8 * 3_600_000).toISOString().slice(0, 10);
}
