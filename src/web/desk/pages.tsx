import type { JSX } from 'preact';
import type { SeatRole } from '../shared/api-types.ts';
import { StormsPage } from './views/alike-storms-page.tsx';
import { AssistPage } from './views/assist/assist-page.tsx';
import { CannedPage } from './views/canned/canned-page.tsx';
import { KnowledgePage } from './views/knowledge/knowledge-page.tsx';
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

/** Every page of the desk, who sees it, and under which heading the navigation shows it. A new page is a line here. */

export interface Page {
  /** First part of the address' fragment. */
  readonly path: string;
  readonly label: string;
  readonly group: PageGroup;
  readonly roles: readonly SeatRole[];
  readonly View: (props: { readonly rest: string }) => JSX.Element;
}

export const PAGE_GROUPS = { work: '接待', tickets: '工单', knowledge: '知识', quality: '质检与报表', rules: '规则', house: '运行' } as const;
export type PageGroup = keyof typeof PAGE_GROUPS;

const EVERYBODY: readonly SeatRole[] = ['seat', 'editor', 'supervisor', 'administrator'];
const EDITORS: readonly SeatRole[] = ['editor', 'supervisor', 'administrator'];
const LEADERS: readonly SeatRole[] = ['supervisor', 'administrator'];

export const PAGES: readonly Page[] = [
  { path: 'conversations', label: '会话', group: 'work', roles: EVERYBODY, View: Workbench },
  { path: 'assist', label: '辅助', group: 'work', roles: EVERYBODY, View: AssistPage },
  { path: 'canned', label: '常用语', group: 'work', roles: EVERYBODY, View: CannedPage },
  { path: 'team', label: '班组', group: 'work', roles: LEADERS, View: TeamPage },
  { path: 'tickets', label: '工单', group: 'tickets', roles: [...EVERYBODY, 'department'], View: TicketsPage },
  { path: 'requests', label: '待审', group: 'tickets', roles: LEADERS, View: RequestsPage },
  { path: 'supervision', label: '督办', group: 'tickets', roles: LEADERS, View: SupervisionPage },
  { path: 'storms', label: '集中诉求', group: 'tickets', roles: EVERYBODY, View: StormsPage },
  { path: 'knowledge', label: '知识库', group: 'knowledge', roles: EVERYBODY, View: KnowledgePage },
  { path: 'quality', label: '质检', group: 'quality', roles: EVERYBODY, View: QualityPage },
  { path: 'reports', label: '报表', group: 'quality', roles: EDITORS, View: ReportsPage },
  { path: 'items', label: '事项', group: 'rules', roles: EDITORS, View: ItemsPage },
  { path: 'dispatch', label: '派单', group: 'rules', roles: EDITORS, View: DispatchPage },
  { path: 'departments', label: '部门', group: 'rules', roles: EDITORS, View: DepartmentsPage },
  { path: 'towns', label: '镇街', group: 'rules', roles: EDITORS, View: TownsPage },
  { path: 'calendar', label: '日历', group: 'rules', roles: EDITORS, View: CalendarPage },
  { path: 'deadlines', label: '时限', group: 'rules', roles: EDITORS, View: DeadlinesPage },
  { path: 'flows', label: '流程', group: 'rules', roles: EDITORS, View: FlowsPage },
  { path: 'channels', label: '渠道', group: 'house', roles: LEADERS, View: ChannelsPage },
  { path: 'dead-letters', label: '死信', group: 'house', roles: LEADERS, View: DeadLettersPage },
  { path: 'seats', label: '坐席', group: 'house', roles: ['administrator'], View: SeatsPage },
  { path: 'partners', label: '合作平台', group: 'house', roles: LEADERS, View: PartnersPage },
  { path: 'trail', label: '审计', group: 'house', roles: LEADERS, View: TrailPage },
];
