import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { QualityMove, QualityRuleView } from '../../../shared/quality-types.ts';
import type { InspectionDetail } from '../../api/quality.ts';
import { Field } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';
import { MOVES } from './labels.ts';
import { JUDGE_FORM as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

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
    if (judges && rule !== '' && added.length === 0) throw new Error(w.anAddedFindingNeeds);
    await desk.api.quality.move(inspection.id, move, {
      version: inspection.version,
      ...(note.trim() === '' ? {} : { note: note.trim() }),
      ...(judges ? { verdicts: findings.map(({ number }) => ({ number, stands: stands[number] !== false })), added } : {}),
    });
    onDone();
  };
  const needsWords = move === 'appeal' || move === 'rejudge';
  return (
    <DialogForm title={w.text(MOVES[move], inspection.seatName ?? common.seat, inspection.score)} action={MOVES[move]} onClose={onClose} run={run}>
      {move === 'sample' ? <p>{w.itIsListedFor}</p> : null}
      {move === 'accept' ? <p>{w.acceptsThisResultThere}</p> : null}
      {!judges || findings.length === 0 ? null : (
        <fieldset class="judge-findings">
          <legend>{w.tickedFindingsAreUpheld}</legend>
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
      {!judges || findings.length > 0 ? null : <p class="dim">{w.theRulesFoundNothing}</p>}
      {!judges ? null : (
        <fieldset class="judge-add">
          <legend>{w.addAFindingOptional}</legend>
          <select aria-label={w.ruleToAdd} value={rule} onChange={(event) => setRule(event.currentTarget.value)}>
            <option value="">{w.none}</option>
            {rules.map(({ id, name, points }) => (
              <option key={id} value={id}>
                {name} -{points}
              </option>
            ))}
          </select>
          {rule === '' ? null : (
            <>
              <select aria-label={w.whichSentence} value={seq} onChange={(event) => setSeq(event.currentTarget.value)}>
                <option value="">{w.chooseASentenceOf}</option>
                {lines.map((line) => (
                  <option key={line.seq} value={line.seq}>
                    {line.text.slice(0, LINE_CHARS)}
                  </option>
                ))}
              </select>
              <input aria-label={w.reasonForAdding} placeholder={w.whyPointsAreTaken} value={why} maxLength={300} onInput={(event) => setWhy(event.currentTarget.value)} />
            </>
          )}
        </fieldset>
      )}
      {move === 'sample' || move === 'accept' ? null : (
        <Field label={move === 'appeal' ? w.reasonForTheAppeal : move === 'rejudge' ? w.decision : w.comment} hint={needsWords ? undefined : w.optionalTheSeatSees}>
          <textarea rows={3} value={note} maxLength={1000} required={needsWords} onInput={(event) => setNote(event.currentTarget.value)} />
        </Field>
      )}
    </DialogForm>
  );
}
