import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { KnowledgeRevisionView } from '../../../shared/api-types.ts';
import { Field } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';
import { REVIEW_ACTIONS as w, TITLES_WORDS } from './work-words.ts';
import { COMMON as common } from '../../words.ts';

type Asking = 'return' | 'approve' | 'drop' | 'publish' | 'roll-back';
type When = 'now' | 'at' | 'later';
const TITLES: Readonly<Record<Asking, string>> = TITLES_WORDS;

/** What the state allows; the server decides. `others`: somebody else wrote it, so this seat may review it. */
export function ReviewActions({ revision, others, done }: { readonly revision: KnowledgeRevisionView; readonly others: boolean; readonly done: () => void }): JSX.Element {
  const [asking, setAsking] = useState<Asking | null>(null);
  const { state, wish } = revision;
  const offered: readonly (readonly [Asking, string, string?])[] = [
    ...(state === 'review' || state === 'approved' || state === 'draft' || state === 'returned' ? ([['drop', w.drop]] as const) : []),
    ...(state === 'review' && others ? ([['return', w.return], ['approve', w.approve, 'primary']] as const) : []),
    ...(state === 'approved' ? ([['return', w.return], ['publish', wish === 'retire' ? w.retire : w.publish, 'primary']] as const) : []),
    ...((state === 'replaced' || state === 'published') && wish === 'publish' ? ([['roll-back', w.goBackToThis]] as const) : []),
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
      desk.alerts.say('info', w.draftedFromThisVersion);
      location.hash = `#/knowledge/revision/${encodeURIComponent(draft.id)}`;
      return;
    } else await calls.approve(id, version, said === '' ? null : said, when === 'now' ? desk.now.value : when === 'at' ? new Date(at).getTime() : null);
    done();
  };

  return (
    <DialogForm title={TITLES[asking]} action={asking === 'roll-back' ? w.draft : TITLES[asking]} danger={asking === 'drop'} onClose={onClose} run={run}>
      <p>{revision.entry.question}</p>
      {asking === 'drop' ? <p class="dim">{w.aDroppedVersionCannot}</p> : null}
      {asking === 'roll-back' ? <p class="dim">{w.draftsANewVersion(revision.number)}</p> : null}
      {asking === 'return' || asking === 'approve' ? (
        <Field label={w.comment} hint={asking === 'approve' ? w.optional : undefined}>
          <textarea rows={3} value={text} onInput={(event) => setText(event.currentTarget.value)} required={asking === 'return'} minLength={2} maxLength={1000} />
        </Field>
      ) : null}
      {asking === 'approve' ? (
        <fieldset class="kinds">
          <legend>{wish === 'retire' ? w.retireWhen : w.publishWhen}</legend>
          {([['now', w.atOnce], ['at', w.atATime], ['later', w.laterByHand]] as const).map(([value, label]) => (
            <label key={value}>
              <input type="radio" name="when" checked={when === value} onChange={() => setWhen(value)} />
              {label}
            </label>
          ))}
        </fieldset>
      ) : null}
      {asking === 'approve' && when === 'at' ? (
        <Field label={common.time}>
          <input type="datetime-local" value={at} onInput={(event) => setAt(event.currentTarget.value)} required />
        </Field>
      ) : null}
    </DialogForm>
  );
}
