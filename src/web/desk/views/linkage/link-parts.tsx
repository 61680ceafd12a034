import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import '../../styles/linkage.css';
import { dateTime } from '../../../shared/format.ts';
import type { AnswerKind, LinkRow } from '../../api/linkage.ts';
import { Chip, Field, type Tone } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';
import { LINK_STATES, LINKAGE as w, RECORD_KINDS } from './words.ts';

const TONES: Readonly<Record<LinkRow['state'], Tone>> = { open: 'warn', accepted: 'info', refused: 'bad', done: 'good', withdrawn: 'plain' };
const ANSWERS: readonly AnswerKind[] = ['acceptance', 'refusal', 'progress', 'feedback', 'result'];

/** How a link stands, in chips. */
export function LinkChips({ link }: { readonly link: LinkRow }): JSX.Element {
  return (
    <span class="linkage-chips">
      <Chip>{link.direction === 'in' ? w.cameIn : w.wentOut}</Chip>
      <Chip tone={TONES[link.state]}>{LINK_STATES[link.state]}</Chip>
      {link.emergency ? <Chip tone="bad">{w.emergency}</Chip> : null}
      {link.threeParty ? <Chip>{w.threeParty}</Chip> : link.mode === 'phone' ? <Chip>{w.byPhone}</Chip> : null}
      {link.overdueAt !== null && link.owes !== null ? <Chip tone="bad">{w.late}</Chip> : null}
    </span>
  );
}

/** What is owed, and until when; empty: nothing. */
export function dueText({ owes, dueAt }: LinkRow): string {
  if (owes === null || dueAt === null) return '';
  return owes === 'acceptance' ? w.owesAcceptance(dateTime(dueAt)) : w.owesFeedback(dateTime(dueAt));
}

/** What the other side said on the telephone. */
export function AnswerDialog({ link, onClose, done }: { readonly link: LinkRow; readonly onClose: () => void; readonly done: () => void }): JSX.Element {
  const desk = useDesk();
  const [kind, setKind] = useState<AnswerKind>(link.state === 'open' ? 'acceptance' : 'result');
  const [text, setText] = useState('');
  const [incidentNo, setIncidentNo] = useState('');
  const run = async (): Promise<void> => {
    await desk.api.linkage.answer(link.id, { kind, text: text.trim(), ...(incidentNo.trim() === '' ? {} : { incidentNo: incidentNo.trim() }) });
    done();
  };
  return (
    <DialogForm title={w.noteAnswer} action={w.save} onClose={onClose} run={run}>
      <fieldset class="kinds">
        <legend>{link.profileName}</legend>
        {ANSWERS.map((one) => (
          <label key={one}>
            <input type="radio" name="linkage-answer" checked={kind === one} onChange={() => setKind(one)} />
            {RECORD_KINDS[one]}
          </label>
        ))}
      </fieldset>
      <Field label={w.theySaid}>
        <textarea rows={3} value={text} maxLength={2000} required={kind !== 'acceptance'} onInput={(event) => setText(event.currentTarget.value)} />
      </Field>
      <Field label={w.theirNumber}>
        <input value={incidentNo} maxLength={64} onInput={(event) => setIncidentNo(event.currentTarget.value)} />
      </Field>
    </DialogForm>
  );
}
