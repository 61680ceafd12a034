import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AssistDraft, AssistView } from '../../../shared/assist-types.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { Part } from './parts.tsx';

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
      desk.alerts.say('error', error instanceof Error ? error.message : '没有成功');
    }
    setBusy(false);
  };
  return (
    <Part
      title="交接摘要"
      aside={
        view.drafts ? (
          <button type="button" class="small" disabled={busy} title="脱敏后的对话会发给配置的模型" onClick={() => void ask()}>
            {busy ? '正在起草' : '请模型起草'}
          </button>
        ) : null
      }
    >
      {view.summary.length === 0 ? <Empty>还没有可摘的内容</Empty> : null}
      <dl class="assist-facts">
        {view.summary.map((line) => (
          <div key={line.label}>
            <dt>{line.label}</dt>
            <dd>
              {line.text}
              {line.seqs[0] === undefined ? null : (
                <button type="button" class="word" onClick={() => show(line.seqs[0] ?? 0)}>
                  看原话
                </button>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {draft === null ? null : (
        <div class="drafted" role="status">
          <p>
            <Chip tone="warn">{draft.by === 'model' ? '草稿' : '原话摘取'}</Chip> <small class="dim">{draft.note ?? `由模型 ${draft.model ?? ''} 起草，未经核实，请看过再用`}</small>
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
