import { bottomOf, INK, LINE, MARGIN, type Sheet, widthOf } from './pdf-page.ts';

export interface PdfTable {
  /** `share` of the width. */
  readonly columns: readonly { readonly label: string; readonly share: number; readonly right?: boolean }[];
  readonly rows: readonly (readonly string[])[];
}

const SIZE = 8.5;
const PAD = 4;
const HEAD_FILL = '#e8eef6';
const STRIPE = '#f6f8fb';

/** Rows go over to the next page whole, and the head goes with them. */
export function drawTable(doc: Sheet, { columns, rows }: PdfTable): void {
  const total = columns.reduce((sum, { share }) => sum + share, 0);
  const widths = columns.map(({ share }) => (share / total) * widthOf(doc));
  const heightOf = (cells: readonly string[], font: 'regular' | 'bold'): number => {
    doc.font(font).fontSize(SIZE);
    return Math.max(...cells.map((cell, at) => doc.heightOfString(cell === '' ? ' ' : cell, { width: (widths[at] ?? 0) - PAD * 2, lineGap: 1.5 }))) + PAD * 2;
  };
  const drawRow = (cells: readonly string[], font: 'regular' | 'bold', fill: string | null): void => {
    const height = heightOf(cells, font);
    const y = doc.y;
    if (fill !== null) doc.rect(MARGIN, y, widthOf(doc), height).fill(fill);
    let x = MARGIN;
    cells.forEach((cell, at) => {
      const width = widths[at] ?? 0;
      doc.font(font).fontSize(SIZE).fillColor(INK).text(cell, x + PAD, y + PAD, { width: width - PAD * 2, lineGap: 1.5, align: columns[at]?.right === true ? 'right' : 'left' });
      x += width;
    });
    doc.moveTo(MARGIN, y + height).lineTo(MARGIN + widthOf(doc), y + height).lineWidth(0.5).strokeColor(LINE).stroke();
    doc.y = y + height;
  };
  const head = columns.map(({ label }) => label);
  const drawHead = (): void => drawRow(head, 'bold', HEAD_FILL);
  const first = rows[0];
  if (doc.y + heightOf(head, 'bold') + (first === undefined ? 0 : heightOf(first, 'regular')) > bottomOf(doc)) doc.addPage();
  drawHead();
  rows.forEach((row, at) => {
    if (doc.y + heightOf(row, 'regular') > bottomOf(doc)) {
      doc.addPage();
      drawHead();
    }
    drawRow(row, 'regular', at % 2 === 1 ? STRIPE : null);
  });
  doc.x = MARGIN;
  doc.y += 8;
}
