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

/** One revision: written, compared, reviewed. */
export function RevisionPage({ id, canEdit }: { readonly id: string; readonly canEdit: boolean }): JSX.Element {
  const desk = useDesk();
  const loaded = useLoaded(() => desk.api.knowledge.revision(id), `revision ${id}`);
  if (loaded.fault !== '') return <p class="fault">{loaded.fault}</p>;
  if (loaded.value === null) return <Empty>正在读取</Empty>;
  return <Revision key={`${id} ${loaded.value.version}`} revision={loaded.value} reload={loaded.reload} canEdit={canEdit} />;
}

function Revision({ revision, reload, canEdit }: { readonly revision: KnowledgeRevisionView; readonly reload: () => void; readonly canEdit: boolean }): JSX.Element {
  const seat = useSeat();
  const writable = canEdit && revision.wish === 'publish' && (revision.state === 'draft' || revision.state === 'returned');
  const others = seat.id !== revision.author && seat.id !== revision.editedBy;
  return (
    <section class="revision" aria-label="版本">
      <header class="head">
        <a class="button" href={`#/knowledge/entry/${encodeURIComponent(revision.entryId)}`}>
          ← 词条
        </a>
        <div class="title">
          <h2>{revision.entry.question}</h2>
          <p>
            <Chip tone={REVISION_TONES[revision.state]}>{revision.stateName}</Chip>
            {revision.wish === 'retire' ? <Chip tone="bad">申请下架</Chip> : null}
            <span class="dim">
              第 {revision.number} 版 · {revision.authorName} · {dateTime(revision.updatedAt)}
              {revision.publishAt === null ? '' : ` · 定于 ${dateTime(revision.publishAt)} 发布`}
            </span>
          </p>
        </div>
        {canEdit ? <ReviewActions revision={revision} others={others} done={reload} /> : null}
      </header>
      {revision.note === null ? null : <p class="banner">说明：{revision.note}</p>}
      {revision.verdict === null ? null : (
        <p class="banner">
          {revision.reviewerName ?? '审核人'}的意见：{revision.verdict}
        </p>
      )}
      {canEdit && revision.state === 'review' && !others ? <p class="banner">这一版是您写的，须由其他编辑审核。</p> : null}
      {writable ? <Writing revision={revision} reload={reload} /> : <Reading revision={revision} />}
    </section>
  );
}

function Reading({ revision }: { readonly revision: KnowledgeRevisionView }): JSX.Element {
  const [whole, setWhole] = useState(false);
  return (
    <>
      <div class="switch" role="group" aria-label="显示">
        <button type="button" aria-pressed={!whole} onClick={() => setWhole(false)}>
          差别
        </button>
        <button type="button" aria-pressed={whole} onClick={() => setWhole(true)}>
          全文
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
        <span>比较对象</span>
        <select value={against} onChange={(event) => setAgainst(event.currentTarget.value)}>
          <option value="">当前发布的内容</option>
          {others.value
            ?.filter((other) => other.id !== revision.id)
            .map((other) => (
              <option key={other.id} value={other.id}>
                第 {other.number} 版（{other.stateName}）
              </option>
            ))}
        </select>
      </label>
      {diff.fault === '' ? null : <p class="fault">{diff.fault}</p>}
      {diff.value === null ? <Empty>正在比较</Empty> : <DiffList {...diff.value} />}
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
      desk.alerts.say('info', submit ? '已送审' : '已存草稿');
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
          修改说明<small>改了什么，为什么</small>
        </span>
        <input value={note} maxLength={1000} onInput={(event) => setNote(event.currentTarget.value)} />
      </label>
      <div class="buttons sticky">
        <span class="dim">{changed ? '有未保存的修改' : '已保存'} · Ctrl+S 存草稿</span>
        <button type="button" disabled={busy || !changed} onClick={() => void run(false)}>
          存草稿
        </button>
        <button type="submit" class="primary" disabled={busy}>
          送审
        </button>
      </div>
      <h3>与当前发布内容的差别</h3>
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
  say(faults.length > 0 ? `有 ${faults.length} 处需要修改` : error instanceof Error ? error.message : '没有成功');
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
