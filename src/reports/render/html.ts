import type { Chart, Figure, Report, Section, Table, Topic } from '../document.ts';
import { figureText } from '../figures.ts';
import { countText, valueText } from '../words.ts';
import { cellText, isNumeric, timeText } from './cells.ts';
import { everyLabel, marksOf } from './scale.ts';

/** A report as one file that any browser opens and prints: no script, nothing is fetched. */
export function writeHtml(report: Report): string {
  const { title, until, madeAt, summary, sections, basis } = report;
  const figures = sections.flatMap((section) => section.figures);
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${safe(title)}</title><style>${STYLE}</style></head><body><main>
<h1>${safe(title)}</h1><p class="dim">数据截至 ${timeText(until)}，成稿 ${timeText(madeAt)}（北京时间）</p>
<div class="summary">${summary.map((line) => `<p>${safe(line)}</p>`).join('')}</div>
${sections.map(sectionOf).join('\n')}
<section><h2>数据说明与公式</h2>${basis.map((line) => `<p>${safe(line)}</p>`).join('')}${figures.length === 0 ? '' : `<table><thead><tr><th scope="col">指标</th><th scope="col">公式</th><th scope="col">来源</th></tr></thead><tbody>${figures.map(({ name, formula, source }) => `<tr><th scope="row">${safe(name)}</th><td>${safe(formula)}</td><td>${safe(source)}</td></tr>`).join('')}</tbody></table>`}</section>
</main></body></html>
`;
}

const STYLE = `body{margin:0;color:#1a1a1a;background:#fff;font:15px/1.7 "Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}main{max-width:960px;margin:0 auto;padding:24px}h1{text-align:center;margin:0}h2{color:#1f5fa8;border-bottom:1px solid #c9ced6;padding-bottom:4px;margin-top:32px}.dim{color:#5a6069;font-size:13px}h1+.dim{text-align:center}.summary{border-left:4px solid #1f5fa8;background:#f3f6fa;padding:4px 16px}table{border-collapse:collapse;width:100%;font-size:13px;margin:8px 0 16px}th,td{border-bottom:1px solid #dde1e7;padding:4px 8px;text-align:left;vertical-align:top}thead th{background:#e8eef6}th[scope=row]{font-weight:normal}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}blockquote{margin:4px 0 4px 16px}svg{max-width:100%;height:auto}@media print{main{max-width:none;padding:0}thead{display:table-header-group}tr,svg,article{break-inside:avoid}}`;

export const safe = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function sectionOf({ title, text, figures, charts, tables, topics, notes }: Section): string {
  return `<section><h2>${safe(title)}</h2>${text.map((line) => `<p>${safe(line)}</p>`).join('')}${figures.length === 0 ? '' : figureTable(figures)}${charts.map(chartOf).join('')}${tables.map(tableOf).join('')}${topics.map(topicOf).join('')}${notes.map((line) => `<p class="dim">${safe(line)}</p>`).join('')}</section>`;
}

function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => `<tr><th scope="row">${safe(figure.name)}</th><td>${safe(figureText(figure))}</td><td class="n">${figure.previous === null ? '—' : safe(valueText(figure.previous, figure.unit))}</td><td>${figure.value === null ? '' : safe(figure.change)}</td><td>${figure.goal === null ? '' : safe(`${figure.goal}${figure.goalMet === null ? '' : figure.goalMet ? ' 达到' : ' 未达'}`)}</td></tr>`);
  return `<table><thead><tr><th scope="col">指标</th><th scope="col">本期</th><th scope="col" class="n">对比</th><th scope="col">变化</th><th scope="col">目标</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function tableOf({ title, columns, rows, note }: Table): string {
  const head = columns.map((column) => `<th scope="col"${isNumeric(column) ? ' class="n"' : ''}>${safe(column.label)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell, at) => `<td${columns[at] !== undefined && isNumeric(columns[at]) ? ' class="n"' : ''}>${columns[at] === undefined ? '' : safe(cellText(cell, columns[at]))}</td>`).join('')}</tr>`).join('');
  return `<h3>${safe(title)}</h3><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>${note === '' ? '' : `<p class="dim">${safe(note)}</p>`}`;
}

function topicOf({ title, count, said, towns, departments, items, voices }: Topic): string {
  const listed = (named: readonly { readonly name: string; readonly count: number }[]): string => named.map((one) => `${one.name} ${countText(one.count)}`).join('、');
  return `<article><h3>${safe(title)}（${countText(count)} 件）</h3><p class="dim">${safe([said, `镇街：${listed(towns)}`, `承办：${listed(departments)}`, `事项：${listed(items)}`].filter((text) => text !== '').join('；'))}</p>${voices.map(({ text, town, number }) => `<blockquote>“${safe(text)}”<span class="dim">（${safe([town, number].filter((one) => one !== null && one !== '').join('，'))}）</span></blockquote>`).join('')}</article>`;
}

const COLORS = ['#1f5fa8', '#2e8b57', '#8a8f98'] as const;
const DASHES = ['', ' stroke-dasharray="7 3"', ' stroke-dasharray="2 3"'] as const;

function chartOf(chart: Chart): string {
  return `<figure><figcaption>${safe(chart.title)}</figcaption>${chart.kind === 'lines' ? linesOf(chart) : barsOf(chart)}<p class="dim">${safe(chart.said)}</p></figure>`;
}

function linesOf({ title, labels, series, said }: Chart): string {
  const [width, height, left, top] = [760, 180, 46, 24];
  const marks = marksOf(Math.max(0, ...series.flatMap(({ values }) => values.flatMap((value) => value ?? []))));
  const most = marks.at(-1) ?? 1;
  const x = (at: number): number => Math.round(left + (labels.length < 2 ? width / 2 : (at / (labels.length - 1)) * width));
  const y = (value: number): number => Math.round(top + height - (value / most) * height);
  const lines = series.map(({ values }, at) => `<polyline fill="none" stroke="${COLORS[at % 3] ?? ''}" stroke-width="2"${DASHES[at % 3] ?? ''} points="${values.flatMap((value, index) => (value === null ? [] : [`${x(index)},${y(value)}`])).join(' ')}"/><text x="${left + at * 110 + 28}" y="14" font-size="12">${safe(series[at]?.name ?? '')}</text><line x1="${left + at * 110}" x2="${left + at * 110 + 24}" y1="10" y2="10" stroke="${COLORS[at % 3] ?? ''}" stroke-width="2"${DASHES[at % 3] ?? ''}/>`);
  const every = everyLabel(labels.length, 14);
  return `<svg role="img" aria-label="${safe(`${title}：${said}`)}" viewBox="0 0 ${left + width + 20} ${top + height + 26}" width="${left + width + 20}" height="${top + height + 26}">${marks.map((mark) => `<line x1="${left}" x2="${left + width}" y1="${y(mark)}" y2="${y(mark)}" stroke="#dde1e7"/><text x="${left - 6}" y="${y(mark) + 4}" font-size="11" text-anchor="end">${countText(mark)}</text>`).join('')}${lines.join('')}${labels.map((label, at) => (at % every === 0 ? `<text x="${x(at)}" y="${top + height + 18}" font-size="11" text-anchor="middle">${safe(label)}</text>` : '')).join('')}</svg>`;
}

function barsOf({ title, labels, series, said }: Chart): string {
  const values = series[0]?.values ?? [];
  const most = Math.max(1, ...values.map((value) => value ?? 0));
  return `<svg role="img" aria-label="${safe(`${title}：${said}`)}" viewBox="0 0 760 ${values.length * 22 + 4}" width="760" height="${values.length * 22 + 4}">${values.map((value, at) => `<text x="110" y="${at * 22 + 15}" font-size="12" text-anchor="end">${safe(labels[at] ?? '')}</text><rect x="118" y="${at * 22 + 4}" width="${Math.max(1, Math.round(((value ?? 0) / most) * 540))}" height="14" fill="#1f5fa8"/><text x="${126 + Math.round(((value ?? 0) / most) * 540)}" y="${at * 22 + 15}" font-size="12">${value === null ? '' : countText(value)}</text>`).join('')}</svg>`;
}
