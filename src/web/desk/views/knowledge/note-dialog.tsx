import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { NoteKind } from '../../../shared/api-types.ts';
import { Field } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';
import { newClientId, NOTE_KINDS, TASK_KINDS } from './labels.ts';
import { NOTE_DIALOG as w } from './work-words.ts';
import { COMMON as common } from '../../words.ts';

/** A seat tells the editors what is wrong with an entry; it becomes their task. */
export function NoteDialog({ entry, conversationId, onClose }: { readonly entry: { readonly id: string; readonly question: string }; readonly conversationId: string | null; readonly onClose: () => void }): JSX.Element {
  const desk = useDesk();
  const [kind, setKind] = useState<NoteKind>('wrong');
  const [text, setText] = useState('');
  const [clientId] = useState(newClientId);
  const run = async (): Promise<void> => {
    await desk.api.knowledge.note(entry.id, { kind, text: text.trim(), conversationId, clientId });
    desk.alerts.say('info', w.passedOnToThe);
  };
  return (
    <DialogForm title={w.feedbackOnThisEntry} action={w.send} onClose={onClose} run={run}>
      <p class="dim">{entry.question}</p>
      <fieldset class="kinds">
        <legend>{w.question}</legend>
        {NOTE_KINDS.map((each) => (
          <label key={each}>
            <input type="radio" name="note-kind" checked={kind === each} onChange={() => setKind(each)} />
            {TASK_KINDS[each]}
          </label>
        ))}
      </fieldset>
      <Field label={common.note} hint={w.pleaseNoPersonalData}>
        <textarea rows={4} value={text} onInput={(event) => setText(event.currentTarget.value)} required minLength={2} maxLength={1000} />
      </Field>
    </DialogForm>
  );
}
