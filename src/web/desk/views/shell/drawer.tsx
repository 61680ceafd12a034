import type { JSX } from 'preact';
import { PAGE_GROUPS, type Page } from '../../pages.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { GroupIcon, type GroupOfPages } from './rail.tsx';

/** Every page in one list, for narrow screens. */
export function Drawer({ groups, current, onClose }: { readonly groups: readonly GroupOfPages[]; readonly current: Page | undefined; readonly onClose: () => void }): JSX.Element {
  return (
    <Dialog title="全部页面" onClose={onClose} className="drawer">
      <nav aria-label="全部页面">
        {groups.map(({ group, pages }) => (
          <section key={group}>
            <h3>
              <GroupIcon group={group} />
              {PAGE_GROUPS[group]}
            </h3>
            <ul>
              {pages.map((page) => (
                <li key={page.path}>
                  <a href={`#/${page.path}`} aria-current={page === current ? 'page' : undefined} onClick={onClose}>
                    {page.label}
                  </a>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </nav>
      <button type="button" onClick={onClose}>
        关闭
      </button>
    </Dialog>
  );
}
