import type { JSX } from 'preact';
import type { KnowledgeRevisionView, RevisionState } from '../../../shared/api-types.ts';
import { dateTime } from '../../../shared/format.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk, useSeat } from '../../ui/context.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import { moduleLabel, REVISION_TONES } from './labels.ts';

/** What waits for this editor: own drafts, others' texts to review, what is to be published. */
export function WorkPage(): JSX.Element {
  const seat = useSeat();
  return (
    <>
      <Queue title="我的草稿" states={['draft', 'returned', 'review']} mine none="没有草稿" keep={() => true} />
      <Queue title="待我审核" states={['review']} none="没有待审核的版本" keep={(revision) => revision.author !== seat.id && revision.editedBy !== seat.id} />
      <Queue title="待发布" states={['approved']} none="没有定时或待手动发布的版本" keep={() => true} />
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
              {revision.wish === 'retire' ? <Chip tone="bad">申请下架</Chip> : null}
              <time>{dateTime(revision.publishAt ?? revision.updatedAt).slice(5)}</time>
            </span>
            <span class="line">
              <span class="preview">
                {moduleLabel(revision.entry.module)} · 第 {revision.number} 版 · {revision.authorName}
                {revision.verdict === null ? '' : ` · ${revision.reviewerName ?? '审核'}：${revision.verdict}`}
              </span>
            </span>
          </a>
        ))}
      </div>
    </section>
  );
}
