import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { KnowledgeRevisionView } from '../../../shared/api-types.ts';
import { Field } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';

type Asking = 'return' | 'approve' | 'drop' | 'publish' | 'roll-back';
type When = 'now' | 'at' | 'later';
const TITLES: Readonly<Record<Asking, string>> = { return: '退回修改', approve: '审核通过', drop: '作废这一版', publish: '发布', 'roll-back': '回滚到这一版' };

/** What the state allows; the server decides. `others`: somebody else wrote it, so this seat may review it. */
export function ReviewActions({ revision, others, done }: { readonly revision: KnowledgeRevisionView; readonly others: boolean; readonly done: () => void }): JSX.Element {
  const [asking, setAsking] = useState<Asking | null>(null);
  const { state, wish } = revision;
  const offered: readonly (readonly [Asking, string, string?])[] = [
    ...(state === 'review' || state === 'approved' || state === 'draft' || state === 'returned' ? ([['drop', '作废']] as const) : []),
    ...(state === 'review' && others ? ([['return', '退回'], ['approve', '通过', 'primary']] as const) : []),
    ...(state === 'approved' ? ([['return', '退回'], ['publish', wish === 'retire' ? '下架' : '发布', 'primary']] as const) : []),
    ...((state === 'replaced' || state === 'published') && wish === 'publish' ? ([['roll-back', '回滚到这一版']] as const) : []),
  ];
  return (
    <>
      {offered.map(([name, label, look]) => (
        <button key={name} type="button" class={look} onClick={() => setAsking(name)}>
          {label}
        </button>
      ))}
      {asking === null ? null : <ActionDialog asking={asking} revision={revision} onClose={() => setAsking(null)} done={done} />}
    </>
  );
}

function ActionDialog({ asking, revision, onClose, done }: { readonly asking: Asking; readonly revision: KnowledgeRevisionView; readonly onClose: () => void; readonly done: () => void }): JSX.Element {
  const desk = useDesk();
  const [text, setText] = useState('');
  const [when, setWhen] = useState<When>('now');
  const [at, setAt] = useState('');
  const { id, version, wish } = revision;
  const calls = desk.api.knowledge;

  const run = async (): Promise<void> => {
    const said = text.trim();
    if (asking === 'return') await calls.sendBack(id, version, said);
    else if (asking === 'drop') await calls.drop(id, version);
    else if (asking === 'publish') await calls.publish(id, version);
    else if (asking === 'roll-back') {
      const draft = await calls.rollBack(id);
      desk.alerts.say('info', '已按这一版起草，送审通过后发布');
      location.hash = `#/knowledge/revision/${encodeURIComponent(draft.id)}`;
      return;
    } else await calls.approve(id, version, said === '' ? null : said, when === 'now' ? desk.now.value : when === 'at' ? new Date(at).getTime() : null);
    done();
  };

  return (
    <DialogForm title={TITLES[asking]} action={asking === 'roll-back' ? '起草' : TITLES[asking]} danger={asking === 'drop'} onClose={onClose} run={run}>
      <p>{revision.entry.question}</p>
      {asking === 'drop' ? <p class="dim">作废后不能恢复，当前发布的内容不受影响。</p> : null}
      {asking === 'roll-back' ? <p class="dim">以第 {revision.number} 版的内容起草新版本，审核通过后替换当前发布的内容。</p> : null}
      {asking === 'return' || asking === 'approve' ? (
        <Field label="审核意见" hint={asking === 'approve' ? '选填' : undefined}>
          <textarea rows={3} value={text} onInput={(event) => setText(event.currentTarget.value)} required={asking === 'return'} minLength={2} maxLength={1000} />
        </Field>
      ) : null}
      {asking === 'approve' ? (
        <fieldset class="kinds">
          <legend>{wish === 'retire' ? '何时下架' : '何时发布'}</legend>
          {([['now', '立即'], ['at', '定时'], ['later', '以后手动']] as const).map(([value, label]) => (
            <label key={value}>
              <input type="radio" name="when" checked={when === value} onChange={() => setWhen(value)} />
              {label}
            </label>
          ))}
        </fieldset>
      ) : null}
      {asking === 'approve' && when === 'at' ? (
        <Field label="时间">
          <input type="datetime-local" value={at} onInput={(event) => setAt(event.currentTarget.value)} required />
        </Field>
      ) : null}
    </DialogForm>
  );
}
