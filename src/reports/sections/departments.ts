import { DAY } from '../../domain/clock.ts';
import type { MeasureName, RateName } from '../../measures/catalogue.ts';
import { rateFrom, rateOf } from '../../measures/catalogue.ts';
import { changeOfShare } from '../compare.ts';
import { type Cell, type Column, emptySection, type Section } from '../document.ts';
import type { Amounts, Cohort, Facts } from '../facts.ts';
import type { Names } from '../names.ts';
import { countText, listText, percent } from '../words.ts';

/** The departments' table. It is not a ranking: departments have different matters. Ordered by how much they were sent. */

interface Share {
  readonly part: number;
  readonly whole: number;
}

interface DepartmentRow {
  readonly id: string;
  readonly dispatched: number;
  readonly closed: number;
  readonly signed: Share | null;
  readonly onTime: Share | null;
  readonly returned: Share | null;
  readonly redone: Share | null;
  readonly satisfied: Share | null;
  readonly vetoed: Share | null;
  readonly days: number | null;
  readonly overdue: number;
}

const COLUMNS: readonly Column[] = [
  { id: 'name', label: '承办单位', kind: 'text', width: 20 }, { id: 'dispatched', label: '派单', kind: 'count', width: 8 }, { id: 'closed', label: '办结', kind: 'count', width: 8 }, { id: 'signed', label: '按时签收率', kind: 'share', width: 11 },
  { id: 'onTime', label: '按时办结率', kind: 'share', width: 11 }, { id: 'overdue', label: '超期', kind: 'count', width: 7 }, { id: 'days', label: '平均天数', kind: 'number', width: 9 }, { id: 'returned', label: '退单率', kind: 'share', width: 9 },
  { id: 'redone', label: '重办率', kind: 'share', width: 9 }, { id: 'satisfied', label: '满意率', kind: 'share', width: 9 }, { id: 'rated', label: '评分数', kind: 'count', width: 8 }, { id: 'vetoed', label: '虚假办结率', kind: 'share', width: 11 },
];
const RATE_NAMES = ['signed_on_time', 'closed_on_time', 'returned', 'redone', 'satisfied', 'false_closure'] as const satisfies readonly RateName[];

export function departmentsSection(facts: Facts, names: Names): Section {
  const base = emptySection('departments', '承办单位办理情况');
  if ('counted' in facts.departments && !facts.known.now.tickets) return { ...base, text: ['本期没有承办单位的统计数据。'] };
  const rows = rowsOf(facts).filter(({ id, dispatched, closed, overdue, returned, satisfied }) => id !== '' && dispatched + closed + overdue + (returned?.part ?? 0) + (satisfied?.whole ?? 0) > 0);
  if (rows.length === 0) return { ...base, text: ['本期没有派往承办单位的工单。'] };
  const counted = 'counted' in facts.departments;
  return {
    ...base,
    text: textOf(rows, names),
    tables: [{ id: 'departments', title: '承办单位', columns: [...COLUMNS], rows: rows.map((row) => cellsOf(row, names)), note: '按派单量排列，不作名次。空格表示没有可计算的基数。' }],
    notes: [
      counted
        ? `公式：${RATE_NAMES.map((name) => `${rateOf(name).zh}＝${rateOf(name).formula}`).join('；')}。各项按事情发生的时间计入本期。来源：工单及其办理过程。`
        : '本报告限定了范围，按本期登记、由该单位主办的工单截至成稿时的状态统计：按时签收率以有签收时限且已签收或已超时的为基数，按时办结率、虚假办结率以已办结的为基数，退单率、重办率以已派单的为基数。来源：工单及其时限。',
    ],
  };
}

function rowsOf({ departments }: Facts): readonly DepartmentRow[] {
  const rows = 'counted' in departments ? [...departments.counted.now].map(([id, amounts]) => fromAmounts(id, amounts)) : [...departments.cohorts].map(([id, cohort]) => fromCohort(id, cohort));
  return rows.sort((a, b) => b.dispatched - a.dispatched || b.closed - a.closed || (a.id < b.id ? -1 : 1));
}

function fromAmounts(id: string, amounts: Amounts): DepartmentRow {
  const of = (name: MeasureName): number => amounts[name]?.amount ?? 0;
  const share = (part: MeasureName, whole: MeasureName): Share | null => (of(whole) <= 0 ? null : { part: Math.min(of(part), of(whole)), whole: of(whole) });
  const handling = rateFrom('handling', amounts);
  return {
    id, dispatched: of('ticket.dispatched'), closed: of('ticket.handled'), signed: share('ticket.signed_on_time', 'ticket.signed_due'), onTime: share('ticket.closed_on_time', 'ticket.closed_due'), returned: share('ticket.returned', 'ticket.dispatched'),
    redone: share('ticket.redone', 'ticket.closed'), satisfied: share('visit.satisfied', 'visit.rated'), vetoed: share('ticket.vetoed', 'ticket.closed'), days: handling === null ? null : handling / DAY, overdue: of('ticket.overdue_handling'),
  };
}

function fromCohort(id: string, cohort: Cohort): DepartmentRow {
  const share = (part: number, whole: number): Share | null => (whole <= 0 ? null : { part, whole });
  return {
    id, dispatched: cohort.dispatched, closed: cohort.finished, signed: share(...cohort.signed), onTime: share(...cohort.closed), returned: share(cohort.returned, cohort.dispatched), redone: share(cohort.redone, cohort.dispatched),
    satisfied: share(...cohort.satisfied), vetoed: share(cohort.vetoed, cohort.finished), days: cohort.finished === 0 ? null : cohort.handlingMs / cohort.finished / DAY, overdue: cohort.overdue,
  };
}

const ratio = (share: Share | null): number | null => (share === null ? null : Math.min(1, share.part / share.whole));

function cellsOf(row: DepartmentRow, names: Names): Cell[] {
  return [names.department(row.id), row.dispatched, row.closed, ratio(row.signed), ratio(row.onTime), row.overdue, row.days === null ? null : Math.round(row.days * 10) / 10, ratio(row.returned), ratio(row.redone), ratio(row.satisfied), row.satisfied?.whole ?? 0, ratio(row.vetoed)];
}

function textOf(rows: readonly DepartmentRow[], names: Names): string[] {
  const sent = rows.reduce((sum, { dispatched }) => sum + dispatched, 0);
  const sentences = [`本期共有 ${rows.length} 个承办单位办理工单，派单 ${countText(sent)} 件次；派单最多的是${listText(rows.slice(0, 3).map(({ id, dispatched }) => `${names.department(id)}（${countText(dispatched)} 件次）`))}。`];
  sentences.push(...behind(rows, ({ onTime }) => onTime, '按时办结率明显低于其他单位平均的有', names, 'down'), ...behind(rows, ({ signed }) => signed, '按时签收率明显低于其他单位平均的有', names, 'down'), ...behind(rows, ({ satisfied }) => satisfied, '满意率明显低于其他单位平均的有', names, 'down'), ...behind(rows, ({ vetoed }) => vetoed, '虚假办结率明显高于其他单位平均的有', names, 'up'));
  return sentences;
}

/** Against all others together, beyond chance; small numbers are not told. */
function behind(rows: readonly DepartmentRow[], read: (row: DepartmentRow) => Share | null, lead: string, names: Names, wanted: 'up' | 'down'): readonly string[] {
  const known = rows.flatMap((row) => {
    const share = read(row);
    return share === null ? [] : [{ row, share }];
  });
  const whole = known.reduce((sum, { share }) => ({ part: sum.part + share.part, whole: sum.whole + share.whole }), { part: 0, whole: 0 });
  const found = known.filter(({ share }) => changeOfShare(share, { part: whole.part - share.part, whole: whole.whole - share.whole }).movement === wanted);
  if (found.length === 0) return [];
  return [`${lead}：${found.slice(0, 5).map(({ row, share }) => `${names.department(row.id)}（${percent(share.part / share.whole)}，${countText(share.part)} / ${countText(share.whole)}）`).join('、')}${found.length > 5 ? `等 ${found.length} 个单位` : ''}。`];
}
