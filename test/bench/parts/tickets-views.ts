import type { Repositories, TicketFilter } from '../../../src/store/contract.ts';

/** What a desk asks of tickets. Each run asks for another department, town, word. */
export interface View {
  readonly name: string;
  readonly of: (run: number) => Omit<TicketFilter, 'limit'>;
}

const DAY = 86_400_000;
const WORDS = ['老人', '路灯', '噪声', '停车', '燃气'];
const SUBJECTS = ['电梯故障', '广场舞噪声', '夜间施工噪声', '消防通道堵塞', '医保报销'];
const SELDOM = ['麤', '璟小', '犇小区', '垚小', '鱻'];
const of = (values: readonly string[], run: number): string => values[run % values.length] ?? '';

export function viewsAt(now: number): readonly View[] {
  const dep = (run: number): string => `dep-${(run * 7) % 83}`;
  const town = (run: number): string => `town-${(run * 3) % 35}`;
  const item = (run: number): string => `item-${(run * 7) % 90}`;
  return [
    { name: 'all', of: () => ({}) },
    { name: 'all, a page in the middle', of: (run) => ({ before: now - run * 5 * DAY, beforeId: '5' }) },
    { name: 'one state: 办理中', of: () => ({ states: ['办理中'] }) },
    { name: 'one state: 退单待审', of: () => ({ states: ['退单待审'] }) },
    { name: 'one state: 归档', of: () => ({ states: ['归档'] }) },
    { name: 'all eleven open states', of: () => ({ states: ['受理', '待派', '待签收', '办理中', '提级', '重办', '退单待审', '延期待审', '挂起', '办结待审', '回访'] }) },
    { name: 'leading department', of: (run) => ({ departmentId: dep(run) }) },
    { name: 'department’s own view (leads or assists)', of: (run) => ({ seenBy: dep(run) }) },
    { name: 'department’s own view, largest', of: () => ({ seenBy: 'dep-0' }) },
    { name: 'department’s own view, 待签收', of: (run) => ({ seenBy: dep(run), states: ['待签收'] }) },
    { name: 'department’s own view, 挂起', of: (run) => ({ seenBy: dep(run), states: ['挂起'] }) },
    { name: 'largest department’s own view, 挂起', of: () => ({ seenBy: 'dep-0', states: ['挂起'] }) },
    { name: 'department’s own view, overdue', of: (run) => ({ seenBy: dep(run), overdue: true }) },
    { name: 'department’s own view, due first', of: (run) => ({ seenBy: dep(run), order: 'due' }) },
    { name: 'department, open states', of: (run) => ({ departmentId: dep(run), states: ['受理', '待派', '待签收', '办理中'] }) },
    { name: 'department, due first', of: (run) => ({ departmentId: dep(run), order: 'due' }) },
    { name: 'item', of: (run) => ({ itemCode: item(run) }) },
    { name: 'item, 归档', of: (run) => ({ itemCode: item(run), states: ['归档'] }) },
    { name: 'item and town', of: (run) => ({ itemCode: item(run), townId: town(run) }) },
    { name: 'item, town and 办理中', of: (run) => ({ itemCode: item(run), townId: town(run), states: ['办理中'] }) },
    { name: 'town', of: (run) => ({ townId: town(run) }) },
    { name: 'kind: 表扬', of: () => ({ kind: '表扬' }) },
    { name: 'kind and department', of: (run) => ({ kind: '举报', departmentId: dep(run) }) },
    { name: 'urgency: emergency', of: () => ({ urgency: 'emergency' }) },
    { name: 'urgency: urgent, 待派', of: () => ({ urgency: 'urgent', states: ['待派'] }) },
    { name: 'channel: a seldom one', of: () => ({ channel: 'open311' }) },
    { name: 'channel, 归档', of: () => ({ channel: 'webchat', states: ['归档'] }) },
    { name: 'enterprise lane', of: () => ({ enterprise: true }) },
    { name: 'enterprise lane, 待派', of: () => ({ enterprise: true, states: ['待派'] }) },
    { name: 'citizens’ only, 待派', of: () => ({ enterprise: false, states: ['待派'] }) },
    { name: 'overdue', of: () => ({ overdue: true }) },
    { name: 'overdue, due first', of: () => ({ overdue: true, order: 'due' }) },
    { name: 'overdue in a town', of: (run) => ({ overdue: true, townId: town(run) }) },
    { name: 'due within a day', of: () => ({ dueBefore: now + DAY }) },
    { name: 'due within a day, due first', of: () => ({ dueBefore: now + DAY, order: 'due' }) },
    { name: 'due first', of: () => ({ order: 'due' }) },
    { name: 'due first, 挂起', of: () => ({ order: 'due', states: ['挂起'] }) },
    { name: 'supervised', of: () => ({ supervision: 1 }) },
    { name: 'supervised at 3 in a department', of: (run) => ({ supervision: 3, departmentId: dep(run) }) },
    { name: 'text: a common word', of: (run) => ({ text: of(WORDS, run) }) },
    { name: 'text: a matter', of: (run) => ({ text: of(SUBJECTS, run) }) },
    { name: 'text: a seldom word', of: (run) => ({ text: of(SELDOM, run) }) },
    { name: 'text: an address', of: (run) => ({ text: `解放路${100 + run}号` }) },
    { name: 'text: a number plate', of: (run) => ({ text: `苏a${10_000 + run * 997}` }) },
    { name: 'text: nothing like it', of: () => ({ text: '量子计算机' }) },
    { name: 'text: a day’s numbers', of: (run) => ({ text: `202607${String(1 + (run % 30)).padStart(2, '0')}` }) },
    { name: 'text: a whole number', of: (run) => ({ text: `202607150000${run % 10}${run % 10}` }) },
    { name: 'text in a department', of: (run) => ({ text: of(SUBJECTS, run), departmentId: dep(run) }) },
    { name: 'text in a department’s own view', of: (run) => ({ text: of(SUBJECTS, run), seenBy: dep(run) }) },
    { name: 'text, 挂起', of: (run) => ({ text: of(WORDS, run), states: ['挂起'] }) },
    { name: 'text, emergency', of: (run) => ({ text: of(WORDS, run), urgency: 'emergency' }) },
    { name: 'text, seldom, 归档', of: (run) => ({ text: of(SELDOM, run), states: ['归档'] }) },
    { name: 'text, due first', of: (run) => ({ text: of(SUBJECTS, run), order: 'due' }) },
    { name: 'text, a page in the middle', of: (run) => ({ text: of(SUBJECTS, run), before: now - run * 5 * DAY, beforeId: '5' }) },
  ];
}

/** What GET /api/tickets/:id reads. */
export async function openOne(repos: Repositories, id: string): Promise<number> {
  const ticket = await repos.tickets.get(id);
  if (ticket === null) throw new Error('a ticket is missing');
  const read = [await repos.requests.of(id), await repos.ticketFiles.of(id), await repos.supervisions.of(id), await repos.tickets.events(id), await repos.clocks.of(id)];
  return read.reduce((sum, rows) => sum + rows.length, 0);
}
