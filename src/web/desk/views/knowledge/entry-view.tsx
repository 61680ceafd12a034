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

/** One entry with its history and what can be done with it. */
export function EntryView({ id, canEdit }: { readonly id: string; readonly canEdit: boolean }): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const shown = useLoaded(() => desk.api.knowledge.entry(id), `entry ${id} ${seat.id}`);
  const history = useLoaded(() => desk.api.knowledge.revisionsOf(id), `history ${id}`);
  const [asking, setAsking] = useState<'note' | 'retire' | null>(null);
  if (shown.fault !== '') return <p class="fault">{shown.fault}</p>;
  if (shown.value === null) return <Empty>正在读取</Empty>;
  const { entry, row, open, related, pinned, openTasks } = shown.value;

  const pin = async (): Promise<void> => {
    try {
      await desk.api.knowledge.pin(id, !pinned);
      shown.reload();
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : '没有成功');
    }
  };
  const edit = async (): Promise<void> => {
    try {
      const draft = open ?? (await desk.api.knowledge.draftOf(id));
      location.hash = `#/knowledge/revision/${encodeURIComponent(draft.id)}`;
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : '没有成功');
    }
  };

  return (
    <article class="entry">
      <header class="head">
        <a class="button back" href="#/knowledge">
          ← 列表
        </a>
        <div class="title">
          <h2>{entry.question}</h2>
          <p>
            <Chip>{MODULES[entry.module]}</Chip>
            {row === null ? <Chip tone="warn">未发布</Chip> : row.state === 'retired' ? <Chip>已下架</Chip> : <Chip tone="good">第 {row.revision} 版</Chip>}
            {entry.audience === 'desk' ? <Chip tone="warn">仅内部</Chip> : null}
            {openTasks === 0 ? null : <a href={`#/knowledge/tasks/${encodeURIComponent(id)}`}>{openTasks} 项待办</a>}
          </p>
        </div>
        {row === null || row.state === 'retired' ? null : (
          <>
            <button type="button" aria-pressed={pinned} onClick={() => void pin()}>
              {pinned ? '★ 取消置顶' : '☆ 置顶'}
            </button>
            <button type="button" onClick={() => setAsking('note')}>
              反馈
            </button>
          </>
        )}
        {canEdit ? (
          <>
            {row?.state === 'published' && open === null ? (
              <button type="button" onClick={() => setAsking('retire')}>
                下架
              </button>
            ) : null}
            {open === null ? (
              <button type="button" class="primary" onClick={() => void edit()}>
                {row?.state === 'retired' ? '重新起草' : '修改'}
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
        {open.authorName} 的第 {open.number} 版{open.wish === 'retire' ? '（申请下架）' : ''}
        {open.publishAt === null ? '' : `，定于 ${dateTime(open.publishAt)} 发布`}
      </span>
      <a href={`#/knowledge/revision/${encodeURIComponent(open.id)}`}>查看</a>
    </p>
  );
}

function History({ entry: { row }, revisions, fault }: { readonly entry: KnowledgeEntryAnswer; readonly revisions: readonly KnowledgeRevisionView[]; readonly fault: string }): JSX.Element {
  return (
    <div class="block history">
      <h4>历史</h4>
      {fault === '' ? null : <p class="fault">{fault}</p>}
      {revisions.length === 0 ? <p class="dim">{row === null ? '还没有版本' : '由配置文件发布，没有修改记录'}</p> : null}
      <ol>
        {revisions.map((revision) => (
          <li key={revision.id}>
            <a href={`#/knowledge/revision/${encodeURIComponent(revision.id)}`}>第 {revision.number} 版</a>
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
    desk.alerts.say('info', '已送审，他人通过后下架');
    done();
  };
  return (
    <DialogForm title="申请下架" action="送审" danger onClose={onClose} run={run}>
      <p>{question}</p>
      <Field label="理由">
        <textarea rows={3} value={note} onInput={(event) => setNote(event.currentTarget.value)} required minLength={2} maxLength={1000} />
      </Field>
    </DialogForm>
  );
}
