import type { JSX } from 'preact';
import { groupName, pageName, type Page } from '../../pages.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { GroupIcon, type GroupOfPages } from './rail.tsx';
import { DRAWER as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** Every page in one list, for narrow screens. */
export function Drawer({ groups, current, onClose }: { readonly groups: readonly GroupOfPages[]; readonly current: Page | undefined; readonly onClose: () => void }): JSX.Element {
  return (
    <Dialog title={w.allPages} onClose={onClose} className="drawer">
      <nav aria-label={w.allPages}>
        {groups.map(({ group, pages }) => (
          <section key={group}>
            <h3>
              <GroupIcon group={group} />
              {groupName(group)}
            </h3>
            <ul>
              {pages.map((page) => (
                <li key={page.path}>
                  <a href={`#/${page.path}`} aria-current={page === current ? 'page' : undefined} onClick={onClose}>
                    {pageName(page)}
                  </a>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </nav>
      <button type="button" onClick={onClose}>
        {common.close}
      </button>
    </Dialog>
  );
}
