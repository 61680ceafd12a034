import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { KnowledgeEntryAnswer, KnowledgeRevisionView } from '../../../shared/api-types.ts';
import { dateTime } from '../../../shared/format.ts';
import { Chip, Empty, Field } from '../../ui/bits.tsx';
import { useDesk, useSeat } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import { EntryBody } from './entry-body.tsx';
import { NoteDialog } from './note-dialog.tsx';
import { MODULES, REVISION_TONES } from './labels.ts';
import { ENTRY_VIEW as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** One entry with its history and what can be done with it. */
export function EntryView({ id, canEdit }: { readonly id: string; readonly canEdit: boolean }): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const shown = useLoaded(() => desk.api.knowledge.entry(id), `entry ${id} ${seat.id}`);
  const history = useLoaded(() => desk.api.knowledge.revisionsOf(id), `history ${id}`);
  const [asking, setAsking] = useState<'note' | 'retire' | null>(null);
  if (shown.fault !== '') return <p class="fault">{shown.fault}</p>;
  if (shown.value === null) return <Empty>{common.reading}</Empty>;
  const { entry, row, open, related, pinned, openTasks } = shown.value;

  const pin = async (): Promise<void> => {
    try {
      await desk.api.knowledge.pin(id, !pinned);
      shown.reload();
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : common.thatDidNotWork);
    }
  };
  const edit = async (): Promise<void> => {
    try {
      const draft = open ?? (await desk.api.knowledge.draftOf(id));
      location.hash = `#/knowledge/revision/${encodeURIComponent(draft.id)}`;
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : common.thatDidNotWork);
    }
  };

  return (
    <article class="entry">
      <header class="head">
        <a class="button back" href="#/knowledge">
          {w.list}
        </a>
        <div class="title">
          <h2>{entry.question}</h2>
          <p>
            <Chip>{MODULES[entry.module]}</Chip>
            {row === null ? <Chip tone="warn">{w.notPublished}</Chip> : row.state === 'retired' ? <Chip>{w.retired}</Chip> : <Chip tone="good">{w.version(row.revision)}</Chip>}
            {entry.audience === 'desk' ? <Chip tone="warn">{w.internal}</Chip> : null}
            {openTasks === 0 ? null : <a href={`#/knowledge/tasks/${encodeURIComponent(id)}`}>{w.toDo(openTasks)}</a>}
          </p>
        </div>
        {row === null || row.state === 'retired' ? null : (
          <>
            <button type="button" aria-pressed={pinned} onClick={() => void pin()}>
              {pinned ? w.unpin : w.pin}
            </button>
            <button type="button" onClick={() => setAsking('note')}>
              {w.feedback}
            </button>
          </>
        )}
        {canEdit ? (
          <>
            {row?.state === 'published' && open === null ? (
              <button type="button" onClick={() => setAsking('retire')}>
                {w.retire}
              </button>
            ) : null}
            {open === null ? (
              <button type="button" class="primary" onClick={() => void edit()}>
                {row?.state === 'retired' ? w.draftAgain : common.change}
              </button>
            ) : null}
          </>
        ) : null}
      </header>
      {open === null ? null : <OpenRevision open={open} />}
      <EntryBody entry={entry} related={related} />
      <History entry={shown.value} revisions={history.value ?? []} fault={history.fault} />
      {asking === 'note' ? <NoteDialog entry={entry} conversationId={null} onClose={() => setAsking(null)} /> : null}
      {asking === 'retire' ? (
        <RetireDialog
          id={id}
          question={entry.question}
          onClose={() => setAsking(null)}
          done={() => {
            shown.reload();
            history.reload();
          }}
        />
      ) : null}
    </article>
  );
}

function OpenRevision({ open }: { readonly open: KnowledgeRevisionView }): JSX.Element {
  return (
    <p class="banner">
      <Chip tone={REVISION_TONES[open.state]}>{open.stateName}</Chip>
      <span>
        {w.versionBy(open.authorName, open.number, open.wish === 'retire' ? w.toRetire : '')}
        {open.publishAt === null ? '' : w.toBePublished(dateTime(open.publishAt))}
      </span>
      <a href={`#/knowledge/revision/${encodeURIComponent(open.id)}`}>{common.show}</a>
    </p>
  );
}

function History({ entry: { row }, revisions, fault }: { readonly entry: KnowledgeEntryAnswer; readonly revisions: readonly KnowledgeRevisionView[]; readonly fault: string }): JSX.Element {
  return (
    <div class="block history">
      <h4>{w.history}</h4>
      {fault === '' ? null : <p class="fault">{fault}</p>}
      {revisions.length === 0 ? <p class="dim">{row === null ? w.noVersionsYet : w.publishedFromTheConfiguration}</p> : null}
      <ol>
        {revisions.map((revision) => (
          <li key={revision.id}>
            <a href={`#/knowledge/revision/${encodeURIComponent(revision.id)}`}>{w.version(revision.number)}</a>
            <Chip tone={REVISION_TONES[revision.state]}>{revision.stateName}</Chip>
            <span class="dim">
              {revision.authorName} · {dateTime(revision.updatedAt)}
              {revision.note === null ? '' : ` · ${revision.note}`}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function RetireDialog({ id, question, onClose, done }: { readonly id: string; readonly question: string; readonly onClose: () => void; readonly done: () => void }): JSX.Element {
  const desk = useDesk();
  const [note, setNote] = useState('');
  const run = async (): Promise<void> => {
    await desk.api.knowledge.retire(id, note.trim());
    desk.alerts.say('info', w.sentForReviewRetired);
    done();
  };
  return (
    <DialogForm title={w.askToRetire} action={w.sendForReview} danger onClose={onClose} run={run}>
      <p>{question}</p>
      <Field label={common.reason}>
        <textarea rows={3} value={note} onInput={(event) => setNote(event.currentTarget.value)} required minLength={2} maxLength={1000} />
      </Field>
    </DialogForm>
  );
}
