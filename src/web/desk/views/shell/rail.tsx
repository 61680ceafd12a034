import type { JSX } from 'preact';
import { GROUPS, groupName, pageName, type Page, type PageGroup } from '../../pages.tsx';
import { useDesk } from '../../ui/context.ts';
import { RAIL as w } from './words.ts';

/** Lines of 20×20 drawings, one a group. */
const DRAWINGS: Readonly<Record<PageGroup, string>> = {
  work: 'M3 5.5A1.5 1.5 0 0 1 4.5 4h11A1.5 1.5 0 0 1 17 5.500v7a1.5 1.5 0 0 1-1.5 1.500H8l-4 3v-3H4.500A1.5 1.5 0 0 1 3 12.500zM7 8h6M7 11h4',
  tickets: 'M5 3h10v14l-2.5-1.500L10 17l-2.5-1.500L5 17zM8 7h4M8 10h4',
  knowledge: 'M10 5c-2-1.5-4.5-1.5-7-1v11c2.5-.5 5-.5 7 1 2-1.5 4.5-1.5 7-1V4c-2.5-.5-5-.5-7 1zM10 5v11',
  quality: 'M4 16V9M8.5 16V5M13 16v-5M17 16V7M2.5 17.500h15',
  rules: 'M3 5h8M15 5h2M3 10h2M9 10h8M3 15h8M15 15h2M13 3.500v3M7 8.500v3M13 13.500v3',
  house: 'M10 6.800a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.400zM10 2.500v2M10 15.500v2M2.5 10h2M15.5 10h2M4.7 4.700l1.4 1.400M13.9 13.900l1.4 1.400M4.7 15.300l1.4-1.400M13.9 6.100l1.4-1.4',
};

export interface GroupOfPages {
  readonly group: PageGroup;
  readonly pages: readonly Page[];
}

/** The pages that somebody sees, by heading, in the order of GROUPS. */
export function groupsOf(pages: readonly Page[]): readonly GroupOfPages[] {
  return GROUPS.map((group) => ({ group, pages: pages.filter((page) => page.group === group) })).filter((one) => one.pages.length > 0);
}

/** Where a group was left, so that its button goes back there. */
const left = new Map<PageGroup, string>();

export function GroupIcon({ group }: { readonly group: PageGroup }): JSX.Element {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">
      <path d={DRAWINGS[group]} />
    </svg>
  );
}

/** One link a group; the pages of the group that is open stand in the bar. */
export function Rail({ groups, current }: { readonly groups: readonly GroupOfPages[]; readonly current: Page | undefined }): JSX.Element {
  if (current !== undefined) left.set(current.group, current.path);
  return (
    <nav class="rail" aria-label={w.pages}>
      {groups.map(({ group, pages }) => {
        const path = pages.find((page) => page.path === left.get(group))?.path ?? pages[0]?.path ?? '';
        const label = pages.length === 1 && groups.length === 1 ? (pages[0] === undefined ? '' : pageName(pages[0])) : groupName(group);
        return (
          <a key={group} href={`#/${path}`} aria-current={current?.group === group ? 'true' : undefined}>
            <GroupIcon group={group} />
            <span>{label}</span>
            {group === 'work' ? <WorkCount /> : null}
          </a>
        );
      })}
    </nav>
  );
}

function WorkCount(): JSX.Element | null {
  const { waiting } = useDesk().state.value.counts;
  return waiting === 0 ? null : (
    <b class="count warn" title={w.waiting}>
      {waiting > 99 ? '99+' : waiting}
      <span class="unseen">{w.waiting2}</span>
    </b>
  );
}

/** The pages of the open group. */
export function GroupPages({ pages, current }: { readonly pages: readonly Page[]; readonly current: Page | undefined }): JSX.Element | null {
  if (pages.length < 2) return <b class="page-title">{current === undefined ? '' : pageName(current)}</b>;
  return (
    <nav class="pages" aria-label={w.pagesOfThisGroup}>
      {pages.map((page) => (
        <a key={page.path} href={`#/${page.path}`} aria-current={page === current ? 'page' : undefined}>
          {pageName(page)}
        </a>
      ))}
    </nav>
  );
}
