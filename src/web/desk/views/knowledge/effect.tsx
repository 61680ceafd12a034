import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { EffectFigures, EffectView } from '../../../shared/api-types.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { EFFECT as w, DECISIONS_WORDS } from './work-words.ts';
import { COMMON as common } from '../../words.ts';

const DECISIONS = DECISIONS_WORDS;
const verdicts = () => ({ better: [w.better, 'good'], worse: [w.worse, 'bad'], other: [w.different, 'plain'] } as const);

/** What publishing would do to the evaluation set, on demand: it asks every question of the set twice. */
export function Effect({ revisionId }: { readonly revisionId: string }): JSX.Element {
  const desk = useDesk();
  const [effect, setEffect] = useState<EffectView | null>(null);
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const look = async (): Promise<void> => {
    setBusy(true);
    setFault('');
    try {
      setEffect(await desk.api.knowledge.effect(revisionId));
    } catch (error) {
      setFault(error instanceof Error ? error.message : common.thatDidNotWork);
    }
    setBusy(false);
  };
  return (
    <section class="effect" aria-label={w.whatPublishingChanges}>
      <header class="line">
        <h3>{w.whatPublishingChanges}</h3>
        <button type="button" disabled={busy} onClick={() => void look()}>
          {busy ? w.measuring : w.tryWithTheEvaluation}
        </button>
      </header>
      {fault === '' ? null : (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {effect === null ? null : <EffectTable effect={effect} />}
    </section>
  );
}

function EffectTable({ effect }: { readonly effect: EffectView }): JSX.Element {
  const rows: readonly (readonly [string, (figures: EffectFigures) => string])[] = [
    [w.firstAnswerRight, ({ recallAt1 }) => `${(recallAt1 * 100).toFixed(1)}%`],
    [w.wrongAnswers, ({ wrongAnswers }) => String(wrongAnswers)],
    [w.answered, ({ answered }) => String(answered)],
    [w.rightlyRefused, ({ refused }) => String(refused)],
  ];
  return (
    <>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">
                {w.answerableQuestionToRefuse(effect.questions.answerable, effect.questions.unanswerable)}
              </th>
              <th scope="col">{w.now}</th>
              <th scope="col">{w.oncePublished}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, of]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{of(effect.before)}</td>
                <td>{of(effect.before) === of(effect.after) ? of(effect.after) : <b>{of(effect.after)}</b>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {effect.changed.length === 0 ? <Empty>{w.noQuestionWouldBe}</Empty> : null}
      <ul class="tasks">
        {effect.changed.map((row) => (
          <li key={row.q}>
            <p class="line">
              <Chip tone={verdicts()[row.verdict][1]}>{verdicts()[row.verdict][0]}</Chip>
              <span>{row.q}</span>
            </p>
            <p class="dim">
              {DECISIONS[row.before.decision]} {row.before.top ?? ''} → {DECISIONS[row.after.decision]} {row.after.top ?? ''}
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}
