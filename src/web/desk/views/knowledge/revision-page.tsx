import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { EntryFaultView, KnowledgeRevisionView } from '../../../shared/api-types.ts';
import { dateTime } from '../../../shared/format.ts';
import { ApiError } from '../../api/client.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk, useSeat } from '../../ui/context.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import { DiffList } from './diff.tsx';
import { EntryEditor } from './editor.tsx';
import { Effect } from './effect.tsx';
import { EntryBody } from './entry-body.tsx';
import { entryOf, formOf, type EntryForm } from './form.ts';
import { ReviewActions } from './review-actions.tsx';
import { REVISION_TONES } from './labels.ts';
import { REVISION_PAGE as w } from './work-words.ts';
import { COMMON as common } from '../../words.ts';

/** One revision: written, compared, reviewed. */
export function RevisionPage({ id, canEdit }: { readonly id: string; readonly canEdit: boolean }): JSX.Element {
  const desk = useDesk();
  const loaded = useLoaded(() => desk.api.knowledge.revision(id), `revision ${id}`);
  if (loaded.fault !== '') return <p class="fault">{loaded.fault}</p>;
  if (loaded.value === null) return <Empty>{common.reading}</Empty>;
  return <Revision key={`${id} ${loaded.value.version}`} revision={loaded.value} reload={loaded.reload} canEdit={canEdit} />;
}

function Revision({ revision, reload, canEdit }: { readonly revision: KnowledgeRevisionView; readonly reload: () => void; readonly canEdit: boolean }): JSX.Element {
  const seat = useSeat();
  const writable = canEdit && revision.wish === 'publish' && (revision.state === 'draft' || revision.state === 'returned');
  const others = seat.id !== revision.author && seat.id !== revision.editedBy;
  return (
    <section class="revision" aria-label={w.versions}>
      <header class="head">
        <a class="button" href={`#/knowledge/entry/${encodeURIComponent(revision.entryId)}`}>
          {w.entry}
        </a>
        <div class="title">
          <h2>{revision.entry.question}</h2>
          <p>
            <Chip tone={REVISION_TONES[revision.state]}>{revision.stateName}</Chip>
            {revision.wish === 'retire' ? <Chip tone="bad">{w.askToRetire}</Chip> : null}
            <span class="dim">
              {w.version(revision.number, revision.authorName, dateTime(revision.updatedAt))}
              {revision.publishAt === null ? '' : w.toBePublished(dateTime(revision.publishAt))}
            </span>
          </p>
        </div>
        {canEdit ? <ReviewActions revision={revision} others={others} done={reload} /> : null}
      </header>
      {revision.note === null ? null : <p class="banner">{w.note(revision.note)}</p>}
      {revision.verdict === null ? null : (
        <p class="banner">
          {w.commentBy(revision.reviewerName ?? w.reviewer, revision.verdict)}
        </p>
      )}
      {canEdit && revision.state === 'review' && !others ? <p class="banner">{w.youWroteThisVersion}</p> : null}
      {writable ? <Writing revision={revision} reload={reload} /> : <Reading revision={revision} />}
    </section>
  );
}

function Reading({ revision }: { readonly revision: KnowledgeRevisionView }): JSX.Element {
  const [whole, setWhole] = useState(false);
  return (
    <>
      <div class="switch" role="group" aria-label={w.show}>
        <button type="button" aria-pressed={!whole} onClick={() => setWhole(false)}>
          {w.differences}
        </button>
        <button type="button" aria-pressed={whole} onClick={() => setWhole(true)}>
          {w.fullText}
        </button>
      </div>
      {whole ? <EntryBody entry={revision.entry} related={[]} /> : <Differences revision={revision} />}
      {revision.state === 'review' || revision.state === 'approved' ? <Effect revisionId={revision.id} /> : null}
    </>
  );
}

/** Against what is published, or any other revision of the entry. */
function Differences({ revision }: { readonly revision: KnowledgeRevisionView }): JSX.Element {
  const desk = useDesk();
  const [against, setAgainst] = useState('');
  const others = useLoaded(() => desk.api.knowledge.revisionsOf(revision.entryId), `others ${revision.entryId}`);
  const diff = useLoaded(() => desk.api.knowledge.diff(revision.id, against === '' ? undefined : against), `diff ${revision.id} ${revision.version} ${against}`);
  return (
    <div class="differences">
      <label class="field inline">
        <span>{w.compareWith}</span>
        <select value={against} onChange={(event) => setAgainst(event.currentTarget.value)}>
          <option value="">{w.whatIsPublished}</option>
          {others.value
            ?.filter((other) => other.id !== revision.id)
            .map((other) => (
              <option key={other.id} value={other.id}>
                {w.version2(other.number, other.stateName)}
              </option>
            ))}
        </select>
      </label>
      {diff.fault === '' ? null : <p class="fault">{diff.fault}</p>}
      {diff.value === null ? <Empty>{w.comparing}</Empty> : <DiffList {...diff.value} />}
    </div>
  );
}

function Writing({ revision, reload }: { readonly revision: KnowledgeRevisionView; readonly reload: () => void }): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const place = `${seat.id} ${revision.id} ${revision.version}`;
  const [form, setForm] = useState<EntryForm>(() => unsaved.get(place)?.form ?? formOf(revision.entry));
  const [note, setNote] = useState(() => unsaved.get(place)?.note ?? revision.note ?? '');
  const [faults, setFaults] = useState<readonly EntryFaultView[]>([]);
  const [busy, setBusy] = useState(false);
  const changed = JSON.stringify(entryOf(form)) !== JSON.stringify(entryOf(formOf(revision.entry))) || note.trim() !== (revision.note ?? '');
  useLeaveWarning(changed);
  useEffect(() => {
    if (changed) unsaved.set(place, { form, note });
    else unsaved.delete(place);
  }, [changed, form, note]);

  const keep = (): Promise<KnowledgeRevisionView> => desk.api.knowledge.save(revision.id, { entry: entryOf(form), note: note.trim() === '' ? null : note.trim(), version: revision.version });
  const run = async (submit: boolean): Promise<void> => {
    if (busy) return;
    setBusy(true);
    try {
      const saved = changed ? await keep() : revision;
      unsaved.delete(place);
      if (submit) await desk.api.knowledge.submit(saved.id, saved.version);
      desk.alerts.say('info', submit ? w.sentForReview : w.draftSaved);
      setFaults([]);
      reload();
    } catch (error) {
      showFaults(error, setFaults, (text) => desk.alerts.say('error', text));
    }
    setBusy(false);
  };

  return (
    <form
      class="writing"
      onSubmit={(event) => {
        event.preventDefault();
        void run(true);
      }}
      onKeyDown={(event) => {
        holdEnter(event);
        if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
        event.preventDefault();
        void run(false);
      }}
    >
      <EntryEditor form={form} change={setForm} faults={faults} isNew={false} />
      <label class="field">
        <span>
          {w.whatWasChanged}<small>{w.whatWasChangedAnd}</small>
        </span>
        <input value={note} maxLength={1000} onInput={(event) => setNote(event.currentTarget.value)} />
      </label>
      <div class="buttons sticky">
        <span class="dim">{w.ctrlSSavesThe(changed ? w.changesNotSaved : w.saved)}</span>
        <button type="button" disabled={busy || !changed} onClick={() => void run(false)}>
          {w.saveDraft}
        </button>
        <button type="submit" class="primary" disabled={busy}>
          {w.sendForReview}
        </button>
      </div>
      <h3>{w.differencesFromWhatIs}</h3>
      <Differences revision={revision} />
      <Effect revisionId={revision.id} />
    </form>
  );
}

/** What was written and not kept, for who looks something up on another page and comes back. By seat, revision and version. */
const unsaved = new Map<string, { readonly form: EntryForm; readonly note: string }>();

/** Enter in a line of text must not hand the whole form in. */
export function holdEnter(event: KeyboardEvent): void {
  if (event.key === 'Enter' && event.target instanceof HTMLInputElement) event.preventDefault();
}

/** Faults go to their fields; the page moves to the first. */
export function showFaults(error: unknown, set: (faults: readonly EntryFaultView[]) => void, say: (text: string) => void): void {
  const faults = error instanceof ApiError ? error.faults : [];
  set(faults);
  say(faults.length > 0 ? w.placeNeedsMending(faults.length) : error instanceof Error ? error.message : common.thatDidNotWork);
  if (faults.length === 0) return;
  requestAnimationFrame(() => {
    const first = document.querySelector('.editor .fault');
    const part = first?.closest('details.part');
    if (part instanceof HTMLDetailsElement) part.open = true;
    first?.scrollIntoView({ block: 'center' });
  });
}

/** The browser asks before a page with unsaved text is closed. */
export function useLeaveWarning(changed: boolean): void {
  useEffect(() => {
    if (!changed) return undefined;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [changed]);
}
