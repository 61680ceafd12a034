import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { EffectFigures, EffectView } from '../../../shared/api-types.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';

const DECISIONS = { answer: '直接回答', choices: '给出选项', clarify: '追问', abstain: '不回答' } as const;
const VERDICTS = { better: ['变好', 'good'], worse: ['变差', 'bad'], other: ['不同', 'plain'] } as const;

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
      setFault(error instanceof Error ? error.message : '没有成功');
    }
    setBusy(false);
  };
  return (
    <section class="effect" aria-label="发布的影响">
      <header class="line">
        <h3>发布的影响</h3>
        <button type="button" disabled={busy} onClick={() => void look()}>
          {busy ? '正在评测' : '用评测集试一试'}
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
    ['首位命中率', ({ recallAt1 }) => `${(recallAt1 * 100).toFixed(1)}%`],
    ['答错', ({ wrongAnswers }) => String(wrongAnswers)],
    ['直接回答', ({ answered }) => String(answered)],
    ['正确拒答', ({ refused }) => String(refused)],
  ];
  return (
    <>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">
                {effect.questions.answerable} 个可答问题，{effect.questions.unanswerable} 个应拒答
              </th>
              <th scope="col">现在</th>
              <th scope="col">发布后</th>
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
      {effect.changed.length === 0 ? <Empty>没有问题的结果会改变</Empty> : null}
      <ul class="tasks">
        {effect.changed.map((row) => (
          <li key={row.q}>
            <p class="line">
              <Chip tone={VERDICTS[row.verdict][1]}>{VERDICTS[row.verdict][0]}</Chip>
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
