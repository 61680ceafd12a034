import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import '../../styles/canned.css';
import type { CannedView } from '../../../shared/desk-work-types.ts';
import { dateTime } from '../../../shared/format.ts';
import { VARIABLES } from '../../state/canned.ts';
import { finds } from '../../state/pinyin.ts';
import { Chip, Empty, Field } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import { refreshCanned } from '../canned-shelf.ts';

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
          <h2>常用语</h2>
          <input type="search" aria-label="查找常用语" placeholder="标题、快捷码、内容，可用拼音首字母" value={query} onInput={(event) => setQuery(event.currentTarget.value)} />
          <button type="button" class="primary" onClick={() => setAsking({ what: 'add' })}>
            新建
          </button>
        </header>
        {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
        {loaded.value !== null && shown.length === 0 ? <Empty>没有找到常用语</Empty> : null}
        {folders.map((folder) => (
          <section key={folder} class="folder" aria-label={folder}>
            <h3>{folder}</h3>
            <ul>
              {shown.filter((answer) => answer.folder === folder).map((answer) => (
                <li key={answer.id}>
                  <p>
                    <b>{answer.title}</b>
                    {answer.shortcut === null ? null : <kbd>/{answer.shortcut}</kbd>}
                    {answer.shared ? null : <Chip tone="info">仅自己</Chip>}
                    {answer.texts.en === undefined ? null : <Chip>中英</Chip>}
                    <small class="dim">{dateTime(answer.updatedAt)}</small>
                  </p>
                  <p class="text">{answer.texts['zh-CN']}</p>
                  {answer.shared && !editsShared ? null : (
                    <span class="buttons">
                      <button type="button" aria-label={`修改 ${answer.title}`} onClick={() => setAsking({ what: 'edit', answer })}>
                        修改
                      </button>
                      <button type="button" aria-label={`删除 ${answer.title}`} onClick={() => setAsking({ what: 'remove', answer })}>
                        删除
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
          title={`删除「${asking.answer.title}」`}
          action="删除"
          danger
          onClose={() => setAsking(null)}
          run={async () => {
            await desk.api.deskWork.removeCanned(asking.answer.id);
            changed();
          }}
        >
          <p>{asking.answer.shared ? '所有坐席都将不再看到这条常用语。' : '这条常用语只有您能看到。'}</p>
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
    <DialogForm title={answer === null ? '新建常用语' : '修改常用语'} action="保存" onClose={onClose} run={run}>
      {answer === null && editsShared ? (
        <label class="check">
          <input type="checkbox" checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />
          所有坐席可用
        </label>
      ) : null}
      <div class="two">
        <Field label="分组">
          <input value={folder} onInput={(event) => setFolder(event.currentTarget.value)} list="canned-folders" required maxLength={40} />
        </Field>
        <Field label="快捷码" hint="字母数字，可不填">
          <input value={shortcut} onInput={(event) => setShortcut(event.currentTarget.value)} pattern="[a-zA-Z0-9]{1,12}" maxLength={12} autocapitalize="off" />
        </Field>
      </div>
      <datalist id="canned-folders">
        {folders.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <Field label="标题">
        <input value={title} onInput={(event) => setTitle(event.currentTarget.value)} required maxLength={60} />
      </Field>
      <Field label="内容">
        <textarea rows={4} value={text} onInput={(event) => setText(event.currentTarget.value)} required maxLength={2000} />
      </Field>
      <Field label="英文内容" hint="市民使用英文时用，可不填">
        <textarea rows={2} value={en} onInput={(event) => setEn(event.currentTarget.value)} maxLength={2000} lang="en" />
      </Field>
      <details>
        <summary>可用变量</summary>
        <dl class="slots">
          {VARIABLES.map(([name, about]) => (
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
