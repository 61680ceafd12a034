import type { JSX } from 'preact';
import type { SeatRole } from '../shared/api-types.ts';
import { StormsPage } from './views/alike-storms-page.tsx';
import { AssistPage } from './views/assist/assist-page.tsx';
import { CannedPage } from './views/canned/canned-page.tsx';
import { KnowledgePage } from './views/knowledge/knowledge-page.tsx';
import { LinkagePage } from './views/linkage/linkage-page.tsx';
import { OutboundPage } from './views/outbound/outbound-page.tsx';
import { PartnersPage } from './views/partners-page.tsx';
import { QualityPage } from './views/quality/quality-page.tsx';
import { ReportsPage } from './views/reports/reports-page.tsx';
import { CalendarPage } from './views/rules/calendar-page.tsx';
import { ChannelsPage } from './views/rules/channels-page.tsx';
import { DeadLettersPage } from './views/rules/dead-letters-page.tsx';
import { DeadlinesPage } from './views/rules/deadlines-page.tsx';
import { DepartmentsPage } from './views/rules/departments-page.tsx';
import { DispatchPage } from './views/rules/dispatch-page.tsx';
import { FlowsPage } from './views/rules/flows-page.tsx';
import { ItemsPage } from './views/rules/items-page.tsx';
import { TownsPage } from './views/rules/towns-page.tsx';
import { RequestsPage } from './views/requests-page.tsx';
import { SeatsPage } from './views/seats-page.tsx';
import { SupervisionPage } from './views/supervision-page.tsx';
import { TeamPage } from './views/team/team-page.tsx';
import { TicketsPage } from './views/tickets-page.tsx';
import { TrailPage } from './views/trail-page.tsx';
import { Workbench } from './views/workbench.tsx';
import { PAGE_GROUPS, PAGE_NAMES } from './page-words.ts';

/** Every page of the desk, who sees it, and under which heading the navigation shows it. A new page is a line here. */

export interface Page {
  /** First part of the address' fragment. */
  readonly path: PagePath;
  readonly group: PageGroup;
  readonly roles: readonly SeatRole[];
  readonly View: (props: { readonly rest: string }) => JSX.Element;
}

export type PageGroup = keyof typeof PAGE_GROUPS;
export type PagePath = keyof typeof PAGE_NAMES;
/** What the page is called. */
export const pageName = (page: Page): string => PAGE_NAMES[page.path];
export const groupName = (group: PageGroup): string => PAGE_GROUPS[group];
export const GROUPS: readonly PageGroup[] = ['work', 'tickets', 'knowledge', 'quality', 'rules', 'house'];

const EVERYBODY: readonly SeatRole[] = ['seat', 'editor', 'supervisor', 'administrator'];
const EDITORS: readonly SeatRole[] = ['editor', 'supervisor', 'administrator'];
const LEADERS: readonly SeatRole[] = ['supervisor', 'administrator'];

export const PAGES: readonly Page[] = [
  { path: 'conversations', group: 'work', roles: EVERYBODY, View: Workbench },
  { path: 'assist', group: 'work', roles: EVERYBODY, View: AssistPage },
  { path: 'canned', group: 'work', roles: EVERYBODY, View: CannedPage },
  { path: 'team', group: 'work', roles: LEADERS, View: TeamPage },
  { path: 'tickets', group: 'tickets', roles: [...EVERYBODY, 'department'], View: TicketsPage },
  { path: 'requests', group: 'tickets', roles: LEADERS, View: RequestsPage },
  { path: 'supervision', group: 'tickets', roles: LEADERS, View: SupervisionPage },
  { path: 'outbound', group: 'tickets', roles: LEADERS, View: OutboundPage },
  { path: 'storms', group: 'tickets', roles: EVERYBODY, View: StormsPage },
  { path: 'linkage', group: 'tickets', roles: EVERYBODY, View: LinkagePage },
  { path: 'knowledge', group: 'knowledge', roles: EVERYBODY, View: KnowledgePage },
  { path: 'quality', group: 'quality', roles: EVERYBODY, View: QualityPage },
  { path: 'reports', group: 'quality', roles: EDITORS, View: ReportsPage },
  { path: 'items', group: 'rules', roles: EDITORS, View: ItemsPage },
  { path: 'dispatch', group: 'rules', roles: EDITORS, View: DispatchPage },
  { path: 'departments', group: 'rules', roles: EDITORS, View: DepartmentsPage },
  { path: 'towns', group: 'rules', roles: EDITORS, View: TownsPage },
  { path: 'calendar', group: 'rules', roles: EDITORS, View: CalendarPage },
  { path: 'deadlines', group: 'rules', roles: EDITORS, View: DeadlinesPage },
  { path: 'flows', group: 'rules', roles: EDITORS, View: FlowsPage },
  { path: 'channels', group: 'house', roles: LEADERS, View: ChannelsPage },
  { path: 'dead-letters', group: 'house', roles: LEADERS, View: DeadLettersPage },
  { path: 'seats', group: 'house', roles: ['administrator'], View: SeatsPage },
  { path: 'partners', group: 'house', roles: LEADERS, View: PartnersPage },
  { path: 'trail', group: 'house', roles: LEADERS, View: TrailPage },
];
