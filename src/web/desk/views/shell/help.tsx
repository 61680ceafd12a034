import type { JSX } from 'preact';
import type { Page } from '../../pages.tsx';
import { ACTIONS, type ActionGroup, type ActionSpec } from '../../state/keys.ts';
import { Dialog } from '../../ui/dialog.tsx';

const GROUPS: readonly ActionGroup[] = ['会话', '列表', '回复', '会话信息', '坐席', '通用'];

/** Every key there is. */
export function Help({ pages, letters, onClose }: { readonly pages: readonly Page[]; readonly letters: ReadonlyMap<string, string>; readonly onClose: () => void }): JSX.Element {
  const all: readonly ActionSpec[] = Object.values(ACTIONS);
  return (
    <Dialog title="快捷键" onClose={onClose} className="help">
      <p class="dim">带 Alt 和 Ctrl 的键随时可用；单独的键在输入文字时不起作用。</p>
      <div class="key-groups" tabIndex={0} role="group" aria-label="快捷键一览">
        <div>
          {GROUPS.map((group) => (
            <section key={group}>
              <h3>{group}</h3>
              <dl>
                {all.filter((spec) => spec.group === group).map((spec) => (
                  <Key key={spec.key} shown={spec.shown} label={spec.label} />
                ))}
                {group === '回复' ? <Key shown="@" label="备注里提到同事" /> : null}
                {group === '通用' ? <Key shown="Esc" label="关闭弹出的内容" /> : null}
              </dl>
            </section>
          ))}
          <section>
            <h3>打开页面</h3>
            <dl>
              {pages.filter((page) => letters.has(page.path)).map((page) => (
                <Key key={page.path} shown={`G ${(letters.get(page.path) ?? '').toUpperCase()}`} label={page.label} />
              ))}
            </dl>
          </section>
        </div>
      </div>
      <div class="buttons">
        <button type="button" onClick={onClose}>
          关闭
        </button>
      </div>
    </Dialog>
  );
}

function Key({ shown, label }: { readonly shown: string; readonly label: string }): JSX.Element {
  return (
    <div>
      <dt>
        <kbd>{shown}</kbd>
      </dt>
      <dd>{label}</dd>
    </div>
  );
}
