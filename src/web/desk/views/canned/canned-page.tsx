import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import '../../styles/canned.css';
import type { CannedView } from '../../../shared/desk-work-types.ts';
import { dateTime } from '../../../shared/format.ts';
import { variables } from '../../state/canned.ts';
import { finds } from '../../state/pinyin.ts';
import { Chip, Empty, Field } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import { refreshCanned } from '../canned-shelf.ts';
import { CANNED_PAGE as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

type Asking = { readonly what: 'add' } | { readonly what: 'edit' | 'remove'; readonly answer: CannedView };

/** 常用语: everybody's and one's own, by folder. */
export function CannedPage(): JSX.Element {
  const desk = useDesk();
  const loaded = useLoaded(() => desk.api.deskWork.canned(), 'canned');
  const [query, setQuery] = useState('');
  const [asking, setAsking] = useState<Asking | null>(null);
  const editsShared = loaded.value?.editsShared ?? false;
  const shown = (loaded.value?.answers ?? []).filter((answer) => finds(query, `${answer.title} ${answer.folder} ${answer.shortcut ?? ''} ${answer.texts['zh-CN']}`));
  const folders = [...new Set(shown.map((answer) => answer.folder))];
  const changed = (): void => {
    loaded.reload();
    refreshCanned(desk).catch(() => undefined); // the box of the next conversation asks again
  };
  return (
    <div class="page canned">
      <section>
        <header class="head">
          <h2>{w.cannedAnswers}</h2>
          <input type="search" aria-label={w.findCannedAnswers} placeholder={w.titleShortcutTextOr} value={query} onInput={(event) => setQuery(event.currentTarget.value)} />
          <button type="button" class="primary" onClick={() => setAsking({ what: 'add' })}>
            {w.new}
          </button>
        </header>
        {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
        {loaded.value !== null && shown.length === 0 ? <Empty>{w.noCannedAnswersFound}</Empty> : null}
        {folders.map((folder) => (
          <section key={folder} class="folder" aria-label={folder}>
            <h3>{folder}</h3>
            <ul>
              {shown.filter((answer) => answer.folder === folder).map((answer) => (
                <li key={answer.id}>
                  <p>
                    <b>{answer.title}</b>
                    {answer.shortcut === null ? null : <kbd>/{answer.shortcut}</kbd>}
                    {answer.shared ? null : <Chip tone="info">{w.mineOnly}</Chip>}
                    {answer.texts.en === undefined ? null : <Chip>{w.chineseAndEnglish}</Chip>}
                    <small class="dim">{dateTime(answer.updatedAt)}</small>
                  </p>
                  <p class="text">{answer.texts['zh-CN']}</p>
                  {answer.shared && !editsShared ? null : (
                    <span class="buttons">
                      <button type="button" aria-label={w.change(answer.title)} onClick={() => setAsking({ what: 'edit', answer })}>
                        {common.change}
                      </button>
                      <button type="button" aria-label={w.delete(answer.title)} onClick={() => setAsking({ what: 'remove', answer })}>
                        {w.delete2}
                      </button>
                    </span>
                  )}
                </li>
              ))}
            </ul>
          </section>
        ))}
      </section>
      {asking === null ? null : asking.what === 'remove' ? (
        <DialogForm
          title={w.delete3(asking.answer.title)}
          action={w.delete2}
          danger
          onClose={() => setAsking(null)}
          run={async () => {
            await desk.api.deskWork.removeCanned(asking.answer.id);
            changed();
          }}
        >
          <p>{asking.answer.shared ? w.noSeatWillSee : w.onlyYouCanSee}</p>
        </DialogForm>
      ) : (
        <EditDialog answer={asking.what === 'edit' ? asking.answer : null} editsShared={editsShared} folders={[...new Set((loaded.value?.answers ?? []).map((answer) => answer.folder))]} onClose={() => setAsking(null)} done={changed} />
      )}
    </div>
  );
}

function EditDialog({ answer, editsShared, folders, onClose, done }: { readonly answer: CannedView | null; readonly editsShared: boolean; readonly folders: readonly string[]; readonly onClose: () => void; readonly done: () => void }): JSX.Element {
  const desk = useDesk();
  const [shared, setShared] = useState(answer?.shared ?? editsShared);
  const [folder, setFolder] = useState(answer?.folder ?? '');
  const [title, setTitle] = useState(answer?.title ?? '');
  const [shortcut, setShortcut] = useState(answer?.shortcut ?? '');
  const [text, setText] = useState(answer?.texts['zh-CN'] ?? '');
  const [en, setEn] = useState(answer?.texts.en ?? '');
  const run = async (): Promise<void> => {
    const given = { folder: folder.trim(), title: title.trim(), shortcut: shortcut.trim() === '' ? null : shortcut.trim().toLowerCase(), texts: { 'zh-CN': text, ...(en.trim() === '' ? {} : { en }) } };
    if (answer === null) await desk.api.deskWork.addCanned(shared, given);
    else await desk.api.deskWork.changeCanned(answer.id, answer.version, given);
    done();
  };
  return (
    <DialogForm title={answer === null ? w.newCannedAnswer : w.changeCannedAnswer} action={common.save} onClose={onClose} run={run}>
      {answer === null && editsShared ? (
        <label class="check">
          <input type="checkbox" checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />
          {w.forAllSeats}
        </label>
      ) : null}
      <div class="two">
        <Field label={w.folder}>
          <input value={folder} onInput={(event) => setFolder(event.currentTarget.value)} list="canned-folders" required maxLength={40} />
        </Field>
        <Field label={w.shortcut} hint={w.lettersAndDigitsOptional}>
          <input value={shortcut} onInput={(event) => setShortcut(event.currentTarget.value)} pattern="[a-zA-Z0-9]{1,12}" maxLength={12} autocapitalize="off" />
        </Field>
      </div>
      <datalist id="canned-folders">
        {folders.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <Field label={common.title}>
        <input value={title} onInput={(event) => setTitle(event.currentTarget.value)} required maxLength={60} />
      </Field>
      <Field label={common.content}>
        <textarea rows={4} value={text} onInput={(event) => setText(event.currentTarget.value)} required maxLength={2000} />
      </Field>
      <Field label={w.englishText} hint={w.usedWhenTheCitizen}>
        <textarea rows={2} value={en} onInput={(event) => setEn(event.currentTarget.value)} maxLength={2000} lang="en" />
      </Field>
      <details>
        <summary>{w.variables}</summary>
        <dl class="slots">
          {variables().map(([name, about]) => (
            <div key={name}>
              <dt class="code">{`{{${name}}}`}</dt>
              <dd>{about}</dd>
            </div>
          ))}
        </dl>
      </details>
    </DialogForm>
  );
}
