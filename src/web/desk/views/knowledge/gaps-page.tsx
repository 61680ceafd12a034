import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { GapView, KnowledgeHit } from '../../../shared/api-types.ts';
import { dateTime } from '../../../shared/format.ts';
import { Chip, Empty, Field } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import { useRun } from '../../ui/use-run.ts';
import { Found } from './parts.tsx';
import { useSearch } from './use-search.ts';
import { GAPS_PAGE as w, STATES_WORDS } from './work-words.ts';
import { COMMON as common } from '../../words.ts';

const STATES = STATES_WORDS;

/** What citizens asked in vain. ↓ ↑ through the list; D drafts an entry, W adds a wording to one, X puts it aside. */
export function GapsPage(): JSX.Element {
  const desk = useDesk();
  const [state, setState] = useState<GapView['state']>('open');
  const gaps = useLoaded(() => desk.api.knowledge.gaps(state), `gaps ${state}`);
  const [wording, setWording] = useState<GapView | null>(null);
  const { busy, run } = useRun(gaps.reload);
  const list = useRef<HTMLOListElement>(null);

  const draft = (gap: GapView): Promise<void> =>
    run(async () => {
      const revision = await desk.api.knowledge.draftGap(gap.id);
      location.hash = `#/knowledge/revision/${encodeURIComponent(revision.id)}`;
    });
  const dismiss = (gap: GapView): Promise<void> => run(() => desk.api.knowledge.dismissGap(gap.id));
  const onKey = (event: KeyboardEvent, gap: GapView, at: number): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    const rows = list.current?.querySelectorAll<HTMLElement>(':scope > li') ?? [];
    const key = event.key.toLowerCase();
    if (event.key === 'ArrowDown') rows[at + 1]?.focus();
    else if (event.key === 'ArrowUp') rows[at - 1]?.focus();
    else if (gap.state !== 'open') return;
    else if (key === 'd') void draft(gap);
    else if (key === 'w') setWording(gap);
    else if (key === 'x') void dismiss(gap);
    else return;
    event.preventDefault();
  };

  return (
    <section aria-label={w.gaps}>
      <header class="head">
        <h2>{w.gaps}</h2>
        <select aria-label={common.state} value={state} onChange={(event) => setState(event.currentTarget.value === 'drafted' ? 'drafted' : event.currentTarget.value === 'added' ? 'added' : event.currentTarget.value === 'dismissed' ? 'dismissed' : 'open')}>
          {(['open', 'drafted', 'added', 'dismissed'] as const).map((each) => (
            <option key={each} value={each}>
              {STATES[each]}
            </option>
          ))}
        </select>
        <button type="button" disabled={busy} onClick={() => void run(() => desk.api.knowledge.gatherGaps())}>
          {w.gatherNow}
        </button>
      </header>
      <p class="dim note-line">{w.questionsOfCitizensThat}</p>
      {gaps.fault === '' ? null : <p class="fault">{gaps.fault}</p>}
      {gaps.value?.length === 0 ? <Empty>{state === 'open' ? w.noOpenGaps : w.none}</Empty> : null}
      <ol class="gaps" ref={list}>
        {gaps.value?.map((gap, at) => (
          // A row takes the keys; its buttons do the same by mouse.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          <li key={gap.id} tabIndex={0} onKeyDown={(event) => onKey(event, gap, at)} aria-label={w.time(gap.title, gap.count)}>
            <p class="line">
              <b class="who">{gap.title}</b>
              <Chip tone="warn">{w.time2(gap.count)}</Chip>
              {gap.unhelpful === 0 ? null : <Chip tone="bad">{w.notHelped(gap.unhelpful)}</Chip>}
              <time>{dateTime(gap.lastAt).slice(5)}</time>
            </p>
            <p class="samples">{gap.samples.filter((sample) => sample !== gap.title).slice(0, 4).join(' / ')}</p>
            {gap.best === null ? null : (
              <p class="dim">
                {w.closest}<a href={`#/knowledge/entry/${encodeURIComponent(gap.best.id)}`}>{gap.best.question ?? gap.best.id}</a>{w.percentInBrackets(Math.round(gap.best.score * 100))}
              </p>
            )}
            {gap.state === 'open' ? (
              <div class="acts">
                <button type="button" disabled={busy} onClick={() => void draft(gap)}>
                  {w.draft}<kbd>D</kbd>
                </button>
                <button type="button" disabled={busy} onClick={() => setWording(gap)}>
                  {w.addWording}<kbd>W</kbd>
                </button>
                <button type="button" disabled={busy} onClick={() => void dismiss(gap)}>
                  {w.setAside}<kbd>X</kbd>
                </button>
              </div>
            ) : gap.entryId === null ? null : (
              <a href={`#/knowledge/entry/${encodeURIComponent(gap.entryId)}`}>{gap.entryId}</a>
            )}
          </li>
        ))}
      </ol>
      {wording === null ? null : <WordingDialog gap={wording} onClose={() => setWording(null)} />}
    </section>
  );
}

function WordingDialog({ gap, onClose }: { readonly gap: GapView; readonly onClose: () => void }): JSX.Element {
  const desk = useDesk();
  const [text, setText] = useState(() => [...gap.title].slice(0, 80).join(''));
  const [query, setQuery] = useState(gap.best?.question ?? gap.title);
  const [chosen, setChosen] = useState(gap.best?.id ?? '');
  const { found } = useSearch({ q: query.trim(), limit: 8 });
  const first = found?.hits[0]?.id;
  useEffect(() => {
    if (chosen === '' && first !== undefined) setChosen(first);
  }, [first]);
  const run = async (): Promise<void> => {
    if (chosen === '') throw new Error(w.pleaseChooseAnEntry);
    const revision = await desk.api.knowledge.wordGap(gap.id, chosen, text.trim());
    location.hash = `#/knowledge/revision/${encodeURIComponent(revision.id)}`;
  };
  const shown: readonly Pick<KnowledgeHit, 'id' | 'question' | 'ranges'>[] = found?.hits ?? [];
  return (
    <DialogForm title={w.addAWording} action={w.draft2} onClose={onClose} run={run}>
      <Field label={w.wording}>
        <input value={text} maxLength={80} minLength={2} required onInput={(event) => setText(event.currentTarget.value)} />
      </Field>
      <Field label={w.whichEntryItBelongs}>
        <input type="search" value={query} maxLength={200} placeholder={w.charactersPinyinOrInitials} onInput={(event) => setQuery(event.currentTarget.value)} />
      </Field>
      <fieldset class="choices">
        <legend class="visually-hidden">{w.knowledge}</legend>
        {shown.map((hit) => (
          <label key={hit.id}>
            <input type="radio" name="gap-entry" checked={chosen === hit.id} onChange={() => setChosen(hit.id)} />
            <span>
              <Found text={hit.question} ranges={hit.ranges} />
            </span>
          </label>
        ))}
      </fieldset>
    </DialogForm>
  );
}
