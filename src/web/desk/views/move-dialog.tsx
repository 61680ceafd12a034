import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { MoveNeed, MoveView, TicketView } from '../../shared/api-types.ts';
import type { MoveArguments } from '../api/client.ts';
import { NEEDS, moveLabel } from '../labels.ts';
import { Field } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { MOVE_DIALOG as w } from './ticket-words.ts';
import { COMMON as common } from '../words.ts';

type Given = Omit<MoveArguments, 'version'>;
type Typed = Readonly<Partial<Record<MoveNeed, string>>>;

/** Asks for what a move needs; what it may take is offered too and can stay empty. Chosen files are stored with the ticket first. */
export function MoveDialog({ move, ticket, elsewhere = '', onClose, run }: { readonly move: MoveView; readonly ticket: TicketView; /** A result to start from. */ readonly elsewhere?: string; readonly onClose: () => void; readonly run: (given: Given) => Promise<void> }): JSX.Element {
  const desk = useDesk();
  const [typed, setTyped] = useState<Typed>({ departmentId: move.needs.includes('departmentId') ? (ticket.departmentId ?? '') : '', solved: move.name === 'veto' ? 'no' : 'yes', result: elsewhere });
  const [files, setFiles] = useState<readonly File[]>([]);
  const asked = new Set<MoveNeed>([...move.needs, ...(move.takes ?? [])]);
  const of = (need: MoveNeed): string => typed[need] ?? '';
  const required = (need: MoveNeed): boolean => move.needs.includes(need);
  const set = (need: MoveNeed) => (event: { readonly currentTarget: { readonly value: string } }): void => setTyped({ ...typed, [need]: event.currentTarget.value });

  const send = async (): Promise<void> => {
    const evidence: string[] = [];
    for (const file of files) evidence.push(await desk.api.addTicketFile(ticket.id, file));
    await run({ ...givenOf(asked, typed), ...(evidence.length === 0 ? {} : { evidence }) });
  };

  return (
    <DialogForm title={`${moveLabel(move)} · ${ticket.number}`} action={moveLabel(move)} onClose={onClose} run={send}>
      {asked.has('departmentId') ? (
        <Field label={NEEDS.departmentId}>
          <select value={of('departmentId')} onChange={set('departmentId')} required={required('departmentId')}>
            <option value="">{required('departmentId') ? common.pleaseChoose : w.unchanged}</option>
            {desk.catalog.value?.departments.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </Field>
      ) : null}
      {asked.has('reasonCode') ? (
        <Field label={NEEDS.reasonCode}>
          <select value={of('reasonCode')} onChange={set('reasonCode')} required={required('reasonCode')}>
            <option value="">{common.pleaseChoose}</option>
            {move.reasons?.map(({ code, label, evidence }) => (
              <option key={code} value={code}>
                {evidence ? w.withEvidence(label) : label}
              </option>
            ))}
          </select>
        </Field>
      ) : null}
      {asked.has('amount') ? (
        <Field label={NEEDS.amount}>
          <input type="number" min={1} max={1000} value={of('amount')} onInput={set('amount')} required={required('amount')} />
        </Field>
      ) : null}
      {asked.has('until') ? (
        <Field label={NEEDS.until}>
          <input type="datetime-local" value={of('until')} onInput={set('until')} required={required('until')} />
        </Field>
      ) : null}
      {asked.has('person') ? (
        <Field label={NEEDS.person} hint={w.thePostNoName}>
          <input value={of('person')} onInput={set('person')} required={required('person')} maxLength={60} />
        </Field>
      ) : null}
      {asked.has('process') ? (
        <Field label={NEEDS.process}>
          <select value={of('process')} onChange={set('process')} required={required('process')}>
            <option value="">{common.pleaseChoose}</option>
            {[w.n5VerySatisfied, w.n4Satisfied, w.n3Fair, w.n2Dissatisfied, w.n1VeryDissatisfied].map((label) => (
              <option key={label} value={label.slice(0, 1)}>
                {label.slice(2)}
              </option>
            ))}
          </select>
        </Field>
      ) : null}
      {asked.has('solved') ? (
        <Field label={NEEDS.solved}>
          <select value={of('solved')} onChange={set('solved')} required={required('solved')}>
            <option value="yes">{w.solved}</option>
            <option value="no">{w.notSolved}</option>
          </select>
        </Field>
      ) : null}
      {asked.has('result') ? (
        <Field label={NEEDS.result} hint={elsewhere === '' ? undefined : w.saidElsewhere}>
          <textarea rows={5} value={of('result')} onInput={set('result')} required={required('result')} maxLength={5000} />
        </Field>
      ) : null}
      {asked.has('evidence') ? (
        <Field label={NEEDS.evidence} hint={w.atMost10Mb}>
          <input type="file" multiple required={required('evidence')} onChange={(event) => setFiles([...(event.currentTarget.files ?? [])])} />
        </Field>
      ) : null}
      {asked.has('reason') ? (
        <Field label={NEEDS.reason}>
          <textarea rows={3} value={of('reason')} onInput={set('reason')} required={required('reason')} maxLength={1000} />
        </Field>
      ) : null}
    </DialogForm>
  );
}

/** Only what was asked for and filled in. */
function givenOf(asked: ReadonlySet<MoveNeed>, typed: Typed): Given {
  const text = (need: MoveNeed): string => (asked.has(need) ? (typed[need] ?? '').trim() : '');
  return {
    ...(text('departmentId') === '' ? {} : { departmentId: text('departmentId') }),
    ...(text('reasonCode') === '' ? {} : { reasonCode: text('reasonCode') }),
    ...(text('result') === '' ? {} : { result: text('result') }),
    ...(text('reason') === '' ? {} : { reason: text('reason') }),
    ...(text('person') === '' ? {} : { person: text('person') }),
    ...(text('amount') === '' ? {} : { amount: Number(text('amount')) }),
    ...(text('until') === '' ? {} : { until: Date.parse(`${text('until')}:00+08:00`) }),
    ...(text('process') === '' ? {} : { process: Number(text('process')) }),
    ...(asked.has('solved') ? { solved: typed.solved === 'yes' } : {}),
  };
}
