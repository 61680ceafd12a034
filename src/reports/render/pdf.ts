import { once } from 'node:events';
import type { Chart, Figure, Report, Section, Table, Topic } from '../document.ts';
import { figureText } from '../figures.ts';
import { countText, valueText } from '../words.ts';
import { cellText, timeText } from './cells.ts';
import { drawChart } from './pdf-chart.ts';
import { readFonts } from './pdf-fonts.ts';
import { ACCENT, DIM, INK, MARGIN, needRoom, paragraph, type Sheet, widthOf } from './pdf-page.ts';
import { drawTable } from './pdf-table.ts';

/** A report on A4: title, numbered pages, tables that go over pages with their head, charts as vectors. The fonts are cut to the characters used. */

const FOOT = 34;

export async function writePdf(report: Report): Promise<Buffer> {
  const [{ default: Document }, fonts] = await Promise.all([import('pdfkit'), readFonts()]);
  const doc: Sheet = new Document({ size: 'A4', margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: MARGIN + 8 }, bufferPages: true, autoFirstPage: false, lang: 'zh-CN', displayTitle: true, info: { Title: report.title, CreationDate: new Date(report.madeAt), Producer: 'Yihu', Creator: 'Yihu' } });
  doc.registerFont('regular', fonts.regular);
  doc.registerFont('bold', fonts.bold);
  const parts: Buffer[] = [];
  doc.on('data', (part: Buffer) => parts.push(part));
  const ended = once(doc, 'end');
  doc.font('regular');
  doc.addPage();
  writeHead(doc, report);
  report.sections.forEach((section, at) => writeSection(doc, section, `${NUMBERS[at] ?? at + 1}、${section.title}`));
  writeBasis(doc, report);
  numberPages(doc, report.title);
  doc.end();
  await ended;
  return Buffer.concat(parts);
}

const NUMBERS = '一二三四五六七八九十';

function writeHead(doc: Sheet, { title, madeAt, until, summary }: Report): void {
  doc.font('bold').fontSize(20).fillColor(INK).text(title, MARGIN, MARGIN + 6, { width: widthOf(doc), align: 'center' });
  doc.y += 4;
  doc.font('regular').fontSize(9).fillColor(DIM).text(`数据截至 ${timeText(until)}　成稿 ${timeText(madeAt)}（北京时间）`, MARGIN, doc.y, { width: widthOf(doc), align: 'center' });
  doc.y += 8;
  doc.moveTo(MARGIN, doc.y).lineTo(MARGIN + widthOf(doc), doc.y).lineWidth(1.2).strokeColor(ACCENT).stroke();
  doc.y += 12;
  for (const line of summary) paragraph(doc, line, { size: 11.5, after: 6 });
}

function writeSection(doc: Sheet, { text, figures, charts, tables, topics, notes }: Section, title: string): void {
  doc.y += 8;
  needRoom(doc, 70);
  doc.font('bold').fontSize(14).fillColor(ACCENT).text(title, MARGIN, doc.y, { width: widthOf(doc) });
  doc.y += 6;
  for (const line of text) paragraph(doc, line);
  if (figures.length > 0) drawTable(doc, figureTable(figures));
  for (const chart of charts) writeChart(doc, chart);
  for (const table of tables) writeTable(doc, table);
  topics.forEach((topic, at) => writeTopic(doc, topic, at + 1));
  for (const note of notes) paragraph(doc, note, { size: 8.5, color: DIM });
}

/** Formulas and sources stand at the end once (basis), values here. */
function figureTable(figures: readonly Figure[]) {
  return {
    columns: [{ label: '指标', share: 0.2 }, { label: '本期', share: 0.26 }, { label: '对比', share: 0.13, right: true }, { label: '变化', share: 0.31 }, { label: '要求', share: 0.1 }],
    rows: figures.map((figure) => [figure.name, figureText(figure), figure.previous === null ? '—' : valueText(figure.previous, figure.unit), figure.value === null ? '' : figure.change, figure.goal === null ? '' : `${figure.goal}${figure.goalMet === null ? '' : figure.goalMet ? ' 达到' : ' 未达'}`]),
  };
}

function writeTable(doc: Sheet, { title, columns, rows, note }: Table): void {
  needRoom(doc, 60);
  paragraph(doc, title, { font: 'bold', size: 11, after: 3 });
  const total = columns.reduce((sum, { width }) => sum + width, 0);
  drawTable(doc, { columns: columns.map((column) => ({ label: column.label, share: column.width / total, right: column.kind !== 'text' && column.kind !== 'ticket' && column.kind !== 'time' })), rows: rows.map((row) => row.map((cell, at) => (columns[at] === undefined ? '' : cellText(cell, columns[at])))) });
  paragraph(doc, note, { size: 8.5, color: DIM });
}

function writeChart(doc: Sheet, chart: Chart): void {
  needRoom(doc, 170);
  paragraph(doc, chart.title, { font: 'bold', size: 11, after: 3 });
  drawChart(doc, chart);
  paragraph(doc, chart.said, { size: 9, color: DIM });
}

const listed = (named: readonly { readonly name: string; readonly count: number }[]): string => named.map(({ name, count }) => `${name} ${countText(count)}`).join('、');

function writeTopic(doc: Sheet, topic: Topic, number: number): void {
  needRoom(doc, 96);
  paragraph(doc, `${number}. ${topic.title}　${countText(topic.count)} 件`, { font: 'bold', size: 11, after: 2 });
  paragraph(doc, [topic.said, `镇街：${listed(topic.towns)}`, `承办：${listed(topic.departments)}`, `事项：${listed(topic.items)}`].filter((text) => text !== '').join('；'), { size: 9, color: DIM, indent: 12, after: 2 });
  for (const { text, number: ticket, town } of topic.voices) paragraph(doc, `“${text}”（${[town, ticket].filter((one) => one !== null && one !== '').join('，')}）`, { size: 9.5, indent: 12, after: 2 });
  doc.y += 4;
}

function writeBasis(doc: Sheet, { basis, sections }: Report): void {
  doc.y += 8;
  needRoom(doc, 70);
  doc.font('bold').fontSize(14).fillColor(ACCENT).text('附：数据说明与公式', MARGIN, doc.y, { width: widthOf(doc) });
  doc.y += 6;
  for (const line of basis) paragraph(doc, line, { size: 9.5 });
  const figures = sections.flatMap((section) => section.figures);
  if (figures.length > 0) drawTable(doc, { columns: [{ label: '指标', share: 0.18 }, { label: '公式', share: 0.46 }, { label: '来源', share: 0.36 }], rows: figures.map(({ name, formula, source }) => [name, formula, source]) });
}

function numberPages(doc: Sheet, title: string): void {
  const { start, count } = doc.bufferedPageRange();
  for (let page = start; page < start + count; page += 1) {
    doc.switchToPage(page);
    // The foot lies in the margin, where a text would begin a new page.
    doc.page.margins.bottom = 0;
    const y = doc.page.height - FOOT;
    doc.font('regular').fontSize(8).fillColor(DIM);
    doc.text(title, MARGIN, y, { width: widthOf(doc) / 2, lineBreak: false });
    doc.text(`第 ${page - start + 1} 页，共 ${count} 页`, MARGIN + widthOf(doc) / 2, y, { width: widthOf(doc) / 2, align: 'right', lineBreak: false });
  }
}
