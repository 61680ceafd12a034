import type { JSX } from 'preact';
import type { SeatRole } from '../../../shared/api-types.ts';
import { Empty } from '../../ui/bits.tsx';
import { useSeat } from '../../ui/context.ts';
import { EntryList } from './entry-list.tsx';
import { EntryView } from './entry-view.tsx';
import { FilesPage } from './files-page.tsx';
import { GapsPage } from './gaps-page.tsx';
import { NewPage } from './new-page.tsx';
import { RevisionPage } from './revision-page.tsx';
import { TasksPage } from './tasks-page.tsx';
import { WorkPage } from './work-page.tsx';
import { KNOWLEDGE_PAGE as w } from './words.ts';

const EDITORS: readonly SeatRole[] = ['editor', 'supervisor', 'administrator'];
const parts = () => ([['', w.search], ['work', w.toDo], ['tasks', w.tasks], ['gaps', w.gaps], ['files', w.importAndExport]] as const);

/** The knowledge base: `#/knowledge/entry/ID`, `/revision/ID`, `/new`, `/work`, `/tasks`, `/gaps`, `/files`. Seats read; editors do the rest. */
export function KnowledgePage({ rest }: { readonly rest: string }): JSX.Element {
  const seat = useSeat();
  const canEdit = EDITORS.includes(seat.role);
  const [part = '', ...more] = rest.split('/');
  const id = decoded(more.join('/'));
  const current = part === 'entry' || part === 'new' ? '' : part === 'revision' ? 'work' : part;
  return (
    <div class="knowledge-page">
      {canEdit ? (
        <nav class="subnav" aria-label={w.knowledgeBase}>
          {parts().map(([path, label]) => (
            <a key={path} href={path === '' ? '#/knowledge' : `#/knowledge/${path}`} aria-current={path === current ? 'page' : undefined}>
              {label}
            </a>
          ))}
          <a class="button primary" href="#/knowledge/new">
            {w.newEntry}
          </a>
        </nav>
      ) : null}
      {!canEdit || part === '' || part === 'entry' ? (
        <div class={part === 'entry' && id !== '' ? 'page split chosen' : 'page split'}>
          <EntryList chosen={part === 'entry' ? id : ''} />
          <section class="detail" aria-label={w.knowledgeEntry}>
            {part === 'entry' && id !== '' ? <EntryView key={id} id={id} canEdit={canEdit} /> : <Empty>{w.chooseAnEntryOn}</Empty>}
          </section>
        </div>
      ) : (
        <div class="page">
          {part === 'new' ? <NewPage /> : null}
          {part === 'revision' ? <RevisionPage key={id} id={id} canEdit={canEdit} /> : null}
          {part === 'work' ? <WorkPage /> : null}
          {part === 'tasks' ? <TasksPage key={id} entryId={id} /> : null}
          {part === 'gaps' ? <GapsPage /> : null}
          {part === 'files' ? <FilesPage /> : null}
        </div>
      )}
    </div>
  );
}

/** An address that somebody mistyped is no id. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
