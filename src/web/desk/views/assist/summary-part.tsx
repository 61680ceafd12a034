import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AssistDraft, AssistView } from '../../../shared/assist-types.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { Part } from './parts.tsx';
import { SUMMARY_PART as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** The hand-over in five lines, cut out of the talk; a model's draft only when a seat asks for one, and marked as such. */
export function SummaryPart({ view, show }: { readonly view: AssistView; readonly show: (seq: number) => void }): JSX.Element {
  const desk = useDesk();
  const [draft, setDraft] = useState<AssistDraft | null>(null);
  const [busy, setBusy] = useState(false);
  const ask = async (): Promise<void> => {
    setBusy(true);
    try {
      setDraft(await desk.api.assist.draft(view.conversationId));
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : common.thatDidNotWork);
    }
    setBusy(false);
  };
  return (
    <Part
      title={w.summaryForTheHand}
      aside={
        view.drafts ? (
          <button type="button" class="small" disabled={busy} title={w.maskedTextGoesTo} onClick={() => void ask()}>
            {busy ? w.drafting : w.draftByTheModel}
          </button>
        ) : null
      }
    >
      {view.summary.length === 0 ? <Empty>{w.nothingToSummarizeYet}</Empty> : null}
      <dl class="assist-facts">
        {view.summary.map((line) => (
          <div key={line.label}>
            <dt>{line.label}</dt>
            <dd>
              {line.text}
              {line.seqs[0] === undefined ? null : (
                <button type="button" class="word" onClick={() => show(line.seqs[0] ?? 0)}>
                  {w.showWhatWasSaid}
                </button>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {draft === null ? null : (
        <div class="drafted" role="status">
          <p>
            <Chip tone="warn">{draft.by === 'model' ? w.draft : w.takenFromWhatWas}</Chip> <small class="dim">{draft.note ?? w.draftedByModelNot(draft.model ?? '')}</small>
          </p>
          <dl class="assist-facts">
            {draft.lines.map((line, at) => (
              <div key={`${at} ${line.label}`}>
                <dt>{line.label}</dt>
                <dd>{line.text}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </Part>
  );
}
