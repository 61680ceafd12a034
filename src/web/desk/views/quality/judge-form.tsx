import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { QualityMove, QualityRuleView } from '../../../shared/quality-types.ts';
import type { InspectionDetail } from '../../api/quality.ts';
import { Field } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';
import { MOVES } from './labels.ts';

interface Added {
  readonly rule: string;
  readonly seq: number;
  readonly why: string;
}

const LINE_CHARS = 24;

/** What a person does with an inspection. Judging goes through the findings: a tick lets one stand. */
export function JudgeForm({ move, detail, rules, onClose, onDone }: { readonly move: QualityMove; readonly detail: InspectionDetail; readonly rules: readonly QualityRuleView[]; readonly onClose: () => void; readonly onDone: () => void }): JSX.Element {
  const desk = useDesk();
  const { inspection, findings, activities } = detail;
  const judges = move === 'judge' || move === 'rejudge';
  const [note, setNote] = useState('');
  const [stands, setStands] = useState<Readonly<Record<number, boolean>>>(() => Object.fromEntries(findings.map(({ number, verdict }) => [number, verdict !== 'dropped'])));
  const [rule, setRule] = useState('');
  const [seq, setSeq] = useState('');
  const [why, setWhy] = useState('');
  const lines = activities.filter(({ role }) => role === 'seat').flatMap((one) => (one.content.type === 'message' && one.content.text !== '' ? [{ seq: one.seq, text: one.content.text }] : []));
  const added: readonly Added[] = rule === '' || seq === '' || why.trim().length < 2 ? [] : [{ rule, seq: Number(seq), why: why.trim() }];
  const run = async (): Promise<void> => {
    if (judges && rule !== '' && added.length === 0) throw new Error('补充的扣分项要选哪一句，并写明原因');
    await desk.api.quality.move(inspection.id, move, {
      version: inspection.version,
      ...(note.trim() === '' ? {} : { note: note.trim() }),
      ...(judges ? { verdicts: findings.map(({ number }) => ({ number, stands: stands[number] !== false })), added } : {}),
    });
    onDone();
  };
  const needsWords = move === 'appeal' || move === 'rejudge';
  return (
    <DialogForm title={`${MOVES[move]} · ${inspection.seatName ?? '坐席'} ${inspection.score} 分`} action={MOVES[move]} onClose={onClose} run={run}>
      {move === 'sample' ? <p>列入待复核，由质检员复核后告知坐席。</p> : null}
      {move === 'accept' ? <p>认可这个结果，之后不能再申诉。</p> : null}
      {!judges || findings.length === 0 ? null : (
        <fieldset class="judge-findings">
          <legend>打勾的扣分项成立</legend>
          {findings.map((one) => (
            <label key={one.number} class="judge-finding">
              <input type="checkbox" checked={stands[one.number] !== false} onChange={(event) => setStands({ ...stands, [one.number]: event.currentTarget.checked })} />
              <span>
                {one.number}. <b>{one.ruleName}</b> -{one.points}
                <small>{one.why}</small>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      {!judges || findings.length > 0 ? null : <p class="dim">规则没有扣分项。</p>}
      {!judges ? null : (
        <fieldset class="judge-add">
          <legend>补充扣分项（可不填）</legend>
          <select aria-label="补充的规则" value={rule} onChange={(event) => setRule(event.currentTarget.value)}>
            <option value="">不补充</option>
            {rules.map(({ id, name, points }) => (
              <option key={id} value={id}>
                {name} -{points}
              </option>
            ))}
          </select>
          {rule === '' ? null : (
            <>
              <select aria-label="哪一句" value={seq} onChange={(event) => setSeq(event.currentTarget.value)}>
                <option value="">选坐席的一句话</option>
                {lines.map((line) => (
                  <option key={line.seq} value={line.seq}>
                    {line.text.slice(0, LINE_CHARS)}
                  </option>
                ))}
              </select>
              <input aria-label="补充的原因" placeholder="为什么扣分" value={why} maxLength={300} onInput={(event) => setWhy(event.currentTarget.value)} />
            </>
          )}
        </fieldset>
      )}
      {move === 'sample' || move === 'accept' ? null : (
        <Field label={move === 'appeal' ? '申诉理由' : move === 'rejudge' ? '裁定意见' : '复核意见'} hint={needsWords ? undefined : '可不填，坐席看得到'}>
          <textarea rows={3} value={note} maxLength={1000} required={needsWords} onInput={(event) => setNote(event.currentTarget.value)} />
        </Field>
      )}
    </DialogForm>
  );
}
