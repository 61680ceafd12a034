import type { Chart } from '../document.ts';
import { countText } from '../words.ts';
import { ACCENT, DIM, INK, LINE, MARGIN, type Sheet, widthOf } from './pdf-page.ts';
import { everyLabel, marksOf } from './scale.ts';

/** Lines and bars as vectors. Series differ by dashes too: the page may be printed in grey. */

const HEIGHT = 110;
const LEFT = 38;
const STYLES = [{ color: ACCENT, dash: null }, { color: '#2e8b57', dash: [5, 2] }, { color: '#8a8f98', dash: [1.5, 2] }] as const;
const MOST_BARS = 12;
const BAR = 15;

export function drawChart(doc: Sheet, chart: Chart): void {
  if (chart.kind === 'lines') drawLines(doc, chart);
  else drawBars(doc, chart);
  doc.x = MARGIN;
}

function drawLines(doc: Sheet, { labels, series }: Chart): void {
  const top = doc.y + 14;
  const left = MARGIN + LEFT;
  const width = widthOf(doc) - LEFT - 6;
  const marks = marksOf(Math.max(0, ...series.flatMap(({ values }) => values.flatMap((value) => value ?? []))));
  const most = marks.at(-1) ?? 1;
  const x = (at: number): number => left + (labels.length < 2 ? width / 2 : (at / (labels.length - 1)) * width);
  const y = (value: number): number => top + HEIGHT - (value / most) * HEIGHT;
  for (const mark of marks) {
    doc.moveTo(left, y(mark)).lineTo(left + width, y(mark)).lineWidth(0.4).strokeColor(LINE).stroke();
    doc.font('regular').fontSize(7).fillColor(DIM).text(countText(mark), MARGIN, y(mark) - 4, { width: LEFT - 5, align: 'right', lineBreak: false });
  }
  series.forEach(({ name, values }, index) => {
    const style = STYLES[index % STYLES.length] ?? STYLES[0];
    doc.save().lineWidth(1.3).strokeColor(style.color);
    if (style.dash !== null) doc.dash(style.dash[0], { space: style.dash[1] });
    let drawing = false;
    values.forEach((value, at) => {
      if (value === null) drawing = false;
      else if (drawing) doc.lineTo(x(at), y(value));
      else {
        doc.moveTo(x(at), y(value));
        drawing = true;
      }
    });
    doc.stroke().undash().restore();
    const keyX = left + index * 90;
    doc.save().lineWidth(1.3).strokeColor(style.color);
    if (style.dash !== null) doc.dash(style.dash[0], { space: style.dash[1] });
    doc.moveTo(keyX, top - 9).lineTo(keyX + 20, top - 9).stroke().undash().restore();
    doc.font('regular').fontSize(8).fillColor(INK).text(name, keyX + 24, top - 14, { width: 64, lineBreak: false });
  });
  const every = everyLabel(labels.length, 12);
  labels.forEach((label, at) => {
    if (at % every === 0) doc.font('regular').fontSize(7).fillColor(DIM).text(label, x(at) - 24, top + HEIGHT + 3, { width: 48, align: 'center', lineBreak: false });
  });
  doc.y = top + HEIGHT + 16;
}

function drawBars(doc: Sheet, { labels, series }: Chart): void {
  const values = (series[0]?.values ?? []).slice(0, MOST_BARS);
  const most = Math.max(1, ...values.map((value) => value ?? 0));
  const left = MARGIN + 70;
  const width = widthOf(doc) - 70 - 50;
  const top = doc.y;
  values.forEach((value, at) => {
    const y = top + at * BAR;
    doc.font('regular').fontSize(8).fillColor(INK).text(labels[at] ?? '', MARGIN, y + 1, { width: 64, align: 'right', lineBreak: false });
    doc.rect(left, y + 1, Math.max(0.5, ((value ?? 0) / most) * width), BAR - 5).fill(ACCENT);
    doc.fillColor(DIM).text(value === null ? '' : countText(value), left + ((value ?? 0) / most) * width + 4, y + 1, { width: 46, lineBreak: false });
  });
  doc.y = top + values.length * BAR + 4;
}
