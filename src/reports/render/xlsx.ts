import type { Cell, Column, Report, Table, Unit } from '../document.ts';
import { BEIJING_OFFSET, DAY } from '../../domain/clock.ts';

/** A report as an Excel file: numbers as numbers, shares in per cent, times as times, each table's head in sight. */

/** Days from 1899-12-30 (Excel's day 0 after its leap year of 1900) to 1970-01-01. */
const EXCEL_EPOCH = 25_569;
const FORMATS: Readonly<Record<Column['kind'], string>> = { text: '@', count: '#,##0', share: '0.0%', 'signed-share': '+0.0%;-0.0%;0.0%', number: '0.0', time: 'yyyy-mm-dd hh:mm', ticket: '@' };
const UNIT_FORMATS: Readonly<Record<Unit, string>> = { count: '#,##0', share: '0.0%', seconds: '0.0" 秒"', minutes: '0.0" 分钟"', hours: '0.0" 小时"', days: '0.0" 天"', points: '0.0" 分"' };
const HEAD = 'FFDCE6F1';

// A text that looks like one of Excel's escapes (_x000D_) is kept from being read as one; a formula cannot come of a text cell.
const escaped = (text: string): string => text.replace(/_x(?=[0-9A-Fa-f]{4}_)/g, '_x005F_x');

const cellOf = (cell: Cell, { kind }: Column): Cell => {
  if (typeof cell === 'string') return escaped(kind === 'ticket' ? cell.slice(cell.indexOf(' ') + 1) : cell);
  return cell !== null && kind === 'time' ? (cell + BEIJING_OFFSET) / DAY + EXCEL_EPOCH : cell;
};

interface Sheet {
  readonly name: string;
  readonly columns: readonly { readonly label: string; readonly width: number; readonly format?: string }[];
  readonly rows: readonly { readonly cells: readonly Cell[]; readonly formats?: readonly (string | undefined)[]; readonly isHead?: true }[];
}

export async function writeXlsx(report: Report): Promise<Buffer> {
  const { default: exceljs } = await import('exceljs');
  const book = new exceljs.Workbook();
  book.created = new Date(report.madeAt);
  book.title = report.title;
  for (const { name, columns, rows } of sheetsOf(report)) {
    const sheet = book.addWorksheet(name, { views: [{ state: 'frozen', xSplit: 0, ySplit: 1 }], pageSetup: { paperSize: 9, orientation: 'landscape', fitToPage: true, fitToWidth: 1, fitToHeight: 0 } });
    sheet.columns = columns.map(({ width, format }) => ({ width, style: { alignment: { vertical: 'top', wrapText: true }, ...(format === undefined ? {} : { numFmt: format }) } }));
    headed(sheet.addRow(columns.map(({ label }) => label)));
    for (const { cells, formats, isHead } of rows) {
      const row = sheet.addRow([...cells]);
      if (isHead === true) headed(row);
      formats?.forEach((format, at) => {
        if (format !== undefined) row.getCell(at + 1).numFmt = format;
      });
    }
  }
  return Buffer.from(await book.xlsx.writeBuffer());

  function headed(row: ReturnType<ReturnType<typeof book.addWorksheet>['addRow']>): void {
    row.font = { bold: true };
    row.eachCell((cell) => {
      cell.fill = { type: 'pattern', pattern: 'solid', fgColor: { argb: HEAD } };
    });
  }
}

const text = (label: string, width: number) => ({ label, width });

export function sheetsOf(report: Report): readonly Sheet[] {
  const said: Sheet = {
    name: '概要', columns: [text(report.title, 110)],
    rows: [
      ...report.summary.map((line) => ({ cells: [escaped(line)] })), { cells: ['说明'], isHead: true as const }, ...report.basis.map((line) => ({ cells: [escaped(line)] })),
      ...report.sections.flatMap(({ title, text: lines, notes }) => [{ cells: [title], isHead: true as const }, ...[...lines, ...notes].map((line) => ({ cells: [escaped(line)] }))]),
    ],
  };
  const figures: Sheet = {
    name: '指标', columns: [text('板块', 14), text('指标', 18), text('本期', 14), text(`对比（${report.previous.label}）`, 20), text('分子', 11), text('分母', 11), text('变化', 34), text('要求', 9), text('是否达到', 10), text('公式', 46), text('来源', 40)],
    rows: report.sections.flatMap(({ title, figures: all }) =>
      all.map((figure) => ({
        cells: [title, figure.name, figure.value ?? '暂无数据', figure.previous ?? '暂无数据', figure.part, figure.whole, figure.change, figure.goal, figure.goalMet === null ? null : figure.goalMet ? '是' : '否', figure.formula, figure.source],
        formats: [undefined, undefined, UNIT_FORMATS[figure.unit], UNIT_FORMATS[figure.unit], '#,##0', '#,##0'],
      }))),
  };
  return [said, figures, ...tableSheets(report), ...chartSheet(report), ...topicSheets(report)].filter(({ rows }) => rows.length > 0);
}

const SHEET_NAMES: Readonly<Record<string, string>> = { fields: '领域', items: '事项', towns: '镇街', departments: '承办单位', supervision: '督办', quality: '质检' };

function tableSheets({ sections }: Report): readonly Sheet[] {
  return sections.flatMap(({ tables }) => tables.map((table) => ({ name: SHEET_NAMES[table.id] ?? sheetName(table.title), ...tableRows(table) })));
}

function tableRows({ columns, rows }: Table): Pick<Sheet, 'columns' | 'rows'> {
  return { columns: columns.map(({ label, width, kind }) => ({ label, width: width + 2, format: FORMATS[kind] })), rows: rows.map((cells) => ({ cells: cells.map((cell, at) => (columns[at] === undefined ? null : cellOf(cell, columns[at]))) })) };
}

function chartSheet({ sections }: Report): readonly Sheet[] {
  const charts = sections.flatMap(({ charts: all }) => all);
  const columns = Math.max(2, ...charts.map(({ series }) => series.length + 1));
  return [{
    name: '趋势与分布', columns: Array.from({ length: columns }, (_none, at) => text(at === 0 ? '图' : '', at === 0 ? 22 : 14)),
    rows: charts.flatMap(({ title, labels, series }) => [{ cells: [title, ...series.map(({ name }) => name)], isHead: true as const }, ...labels.map((label, at) => ({ cells: [label, ...series.map(({ values }) => values[at] ?? null)], formats: [undefined, ...series.map(() => '#,##0')] }))]),
  }];
}

function topicSheets({ sections }: Report): readonly Sheet[] {
  const topics = sections.flatMap(({ topics: all }) => all);
  const list = (named: readonly { readonly name: string; readonly count: number }[]): string => named.map(({ name, count }) => `${name} ${count}`).join('、');
  return [
    {
      name: '热点话题', columns: [text('话题', 34), { ...text('件数', 8), format: '#,##0' }, { ...text('集中度', 8), format: '0.00' }, text('镇街', 30), text('承办单位', 30), text('事项', 34), text('走势', 30), text('例句一', 46), text('例句二', 46), text('例句三', 46)],
      rows: topics.map((topic) => ({ cells: [topic.title, topic.count, topic.closeness, list(topic.towns), list(topic.departments), list(topic.items), topic.said, ...[0, 1, 2].map((at) => escaped(topic.voices[at]?.text ?? ''))] })),
    },
    { name: '话题工单', columns: [text('话题', 34), text('工单编号', 20), text('标题', 50)], rows: topics.flatMap(({ title, tickets }) => tickets.map((ticket) => ({ cells: [title, ticket.number, escaped(ticket.title)] }))) },
  ];
}

/** Excel takes 31 characters and none of these. */
const sheetName = (title: string): string => title.replaceAll(/[\\/?*[\]:]/g, ' ').slice(0, 31);
