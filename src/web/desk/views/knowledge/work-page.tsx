import type { JSX } from 'preact';
import type { KnowledgeRevisionView, RevisionState } from '../../../shared/api-types.ts';
import { dateTime } from '../../../shared/format.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk, useSeat } from '../../ui/context.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import { moduleLabel, REVISION_TONES } from './labels.ts';
import { WORK_PAGE as w } from './work-words.ts';

/** What waits for this editor: own drafts, others' texts to review, what is to be published. */
export function WorkPage(): JSX.Element {
  const seat = useSeat();
  return (
    <>
      <Queue title={w.myDrafts} states={['draft', 'returned', 'review']} mine none={w.noDrafts} keep={() => true} />
      <Queue title={w.forMyReview} states={['review']} none={w.nothingToReview} keep={(revision) => revision.author !== seat.id && revision.editedBy !== seat.id} />
      <Queue title={w.toBePublished} states={['approved']} none={w.nothingWaitsForA} keep={() => true} />
    </>
  );
}

function Queue({ title, states, mine = false, none, keep }: { readonly title: string; readonly states: readonly RevisionState[]; readonly mine?: boolean; readonly none: string; readonly keep: (revision: KnowledgeRevisionView) => boolean }): JSX.Element {
  const desk = useDesk();
  const loaded = useLoaded(() => desk.api.knowledge.revisions(states, mine), title);
  const rows = loaded.value?.filter(keep) ?? [];
  return (
    <section aria-label={title}>
      <header class="head">
        <h2>{title}</h2>
        {rows.length === 0 ? null : <span class="count">{rows.length}</span>}
      </header>
      {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
      {loaded.value !== null && rows.length === 0 ? <Empty>{none}</Empty> : null}
      <div class="rows-plain">
        {rows.map((revision) => (
          <a key={revision.id} class="row" href={`#/knowledge/revision/${encodeURIComponent(revision.id)}`}>
            <span class="line">
              <Chip tone={REVISION_TONES[revision.state]}>{revision.stateName}</Chip>
              <b class="who">{revision.entry.question}</b>
              {revision.wish === 'retire' ? <Chip tone="bad">{w.askToRetire}</Chip> : null}
              <time>{dateTime(revision.publishAt ?? revision.updatedAt).slice(5)}</time>
            </span>
            <span class="line">
              <span class="preview">
                {w.version(moduleLabel(revision.entry.module), revision.number, revision.authorName)}
                {revision.verdict === null ? '' : w.text(revision.reviewerName ?? w.review, revision.verdict)}
              </span>
            </span>
          </a>
        ))}
      </div>
    </section>
  );
}
