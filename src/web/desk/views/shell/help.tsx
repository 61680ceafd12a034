import type { JSX } from 'preact';
import { pageName, type Page } from '../../pages.tsx';
import { ACTION_IDS, ACTIONS, actionName, groupName, type ActionGroup } from '../../state/keys.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { HELP as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

const GROUPS: readonly ActionGroup[] = ['conversation', 'list', 'reply', 'details', 'seat', 'general'];

/** Every key there is. */
export function Help({ pages, letters, onClose }: { readonly pages: readonly Page[]; readonly letters: ReadonlyMap<string, string>; readonly onClose: () => void }): JSX.Element {
  return (
    <Dialog title={w.shortcuts} onClose={onClose} className="help">
      <p class="dim">{w.keysWithAltAnd}</p>
      <div class="key-groups" tabIndex={0} role="group" aria-label={w.keyboardShortcuts}>
        <div>
          {GROUPS.map((group) => (
            <section key={group}>
              <h3>{groupName(group)}</h3>
              <dl>
                {ACTION_IDS.filter((id) => ACTIONS[id].group === group).map((id) => (
                  <Key key={id} shown={ACTIONS[id].shown} label={actionName(id)} />
                ))}
                {group === 'reply' ? <Key shown="@" label={w.mentionAColleagueIn} /> : null}
                {group === 'general' ? <Key shown="Esc" label={w.closeWhatPoppedUp} /> : null}
              </dl>
            </section>
          ))}
          <section>
            <h3>{w.openAPage}</h3>
            <dl>
              {pages.filter((page) => letters.has(page.path)).map((page) => (
                <Key key={page.path} shown={`G ${(letters.get(page.path) ?? '').toUpperCase()}`} label={pageName(page)} />
              ))}
            </dl>
          </section>
        </div>
      </div>
      <div class="buttons">
        <button type="button" onClick={onClose}>
          {common.close}
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
