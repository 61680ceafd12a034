import { stringify as writeCsv } from 'csv-stringify/sync';
import { beijingText } from '../domain/clock.ts';
import type { Reconciliation } from './reconcile.ts';

/** A reconciliation as a file: JSON for programs, CSV and Excel for people. */

export const RECONCILE_TYPES = { json: 'application/json; charset=utf-8', csv: 'text/csv; charset=utf-8', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' } as const;
export type ReconcileFormat = keyof typeof RECONCILE_TYPES;

type Cell = string | number;

export const COUNT_NAMES: Readonly<Record<keyof Reconciliation['counts'], string>> = {
  sent: '发出', acknowledged: '已回执', refusedByThem: '对方退回', unacknowledged: '待回执', waiting: '待发送', dead: '未送达（死信）', received: '收到', applied: '已处理', refusedByUs: '我方拒收', held: '等待缺号', repeated: '重复收到', outOfOrder: '乱序到达', missing: '缺号', overdue: '逾期未反馈',
};
const STATES: Readonly<Record<string, string>> = { waiting: '待发送', sent: '待回执', acknowledged: '已回执', refused: '被拒', dead: '死信', held: '等待缺号', applied: '已处理' };
const KINDS: Readonly<Record<string, string>> = { dispatch: '派转', acceptance: '接收', refusal: '不予接收', progress: '进展', feedback: '反馈', result: '结果', supplement: '补充', urge: '催办', withdraw: '撤回' };
export const kindName = (kind: string): string => KINDS[kind] ?? kind;
export const stateName = (state: string): string => STATES[state] ?? state;

/** Section, then its columns: what, direction, number, version, more. */
export function rowsOf(report: Reconciliation): readonly (readonly Cell[])[] {
  const side = (direction: 'in' | 'out'): string => (direction === 'in' ? '来' : '去');
  const line = (section: string) => (one: Reconciliation['open'][number]): readonly Cell[] => [section, side(one.direction), one.number, one.version, kindName(one.kind), stateName(one.state), one.code ?? '', beijingText(one.at)];
  const named = (section: string, direction: '来' | '去') => ({ number, version }: { readonly number: string; readonly version: number }): readonly Cell[] => [section, direction, number, version, '', '', '', ''];
  return [
    ...Object.entries(COUNT_NAMES).map(([name, label]): readonly Cell[] => ['汇总', '', label, countOf(report, name), '', '', '', '']),
    ...report.open.map(line('待处理')), ...report.outOfOrder.map(line('乱序到达')),
    ...report.missing.map(({ number, from, to, since }): readonly Cell[] => ['缺号', '来', number, from, to === from ? '' : `至 ${to}`, '', '', beijingText(since)]),
    ...report.overdue.map(({ direction, externalNo, linkId, owes, dueAt }): readonly Cell[] => ['逾期', side(direction), externalNo ?? linkId, '', owes === 'acceptance' ? '答复是否接收' : '反馈结果', '', '', dueAt === null ? '' : beijingText(dueAt)]),
    ...(report.list === null ? [] : [...report.list.notHere.map(named('对方已发，我方未收', '来')), ...report.list.notTheirs.map(named('我方已收，对方清单没有', '来')), ...report.list.notThere.map(named('我方已发，对方未收', '去')), ...report.list.notOurs.map(named('对方已收，我方当日未发', '去'))]),
  ];
}

function countOf(report: Reconciliation, name: string): number {
  return Object.entries(report.counts).find(([key]) => key === name)?.[1] ?? 0;
}

export const HEAD = ['类别', '方向', '编号', '数量或版本', '内容', '状态', '回执码', '时间'] as const;

/** A text that a spreadsheet would take for a formula stays a text: numbers come from other platforms. */
const harmless = (cell: Cell): Cell => (typeof cell === 'string' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell);

export async function writeReconciliation(report: Reconciliation, format: ReconcileFormat): Promise<Buffer> {
  if (format === 'json') return Buffer.from(`${JSON.stringify(report, null, 2)}\n`);
  const rows = rowsOf(report);
  if (format === 'csv') return Buffer.from(writeCsv([[...HEAD], ...rows.map((row) => row.map(harmless))], { bom: true, record_delimiter: '\r\n' }));
  const { default: exceljs } = await import('exceljs');
  const book = new exceljs.Workbook();
  book.created = new Date(report.madeAt);
  const sheet = book.addWorksheet('对账', { views: [{ state: 'frozen', xSplit: 0, ySplit: 2 }] });
  sheet.addRow([`${report.name} ${report.day} 联动对账：${report.agrees ? '相符' : '有差异'}（${beijingText(report.madeAt)} 生成${report.list === null ? '，对方未提供清单' : ''}）`]).font = { bold: true };
  sheet.addRow([...HEAD]).font = { bold: true };
  for (const row of rows) sheet.addRow([...row]);
  [22, 8, 30, 12, 16, 14, 22, 22].forEach((width, at) => {
    const column = sheet.getColumn(at + 1);
    column.width = width;
    if (at !== 3) column.numFmt = '@';
  });
  return Buffer.from(await book.xlsx.writeBuffer());
}

export const reconcileFileName = ({ name, day }: Pick<Reconciliation, 'name' | 'day'>, format: ReconcileFormat): string => `联动对账-${name}-${day}.${format}`;
