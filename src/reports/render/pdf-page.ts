/** The page that everything of a PDF is drawn on. */

export type Sheet = PDFKit.PDFDocument;

export const MARGIN = 48;
export const INK = '#1a1a1a';
export const DIM = '#666666';
export const ACCENT = '#1f5fa8';
export const LINE = '#c9ced6';

export const widthOf = (doc: Sheet): number => doc.page.width - MARGIN * 2;
export const bottomOf = (doc: Sheet): number => doc.page.height - doc.page.margins.bottom;

/** A new page unless so much room is left. */
export function needRoom(doc: Sheet, height: number): void {
  if (doc.y + height > bottomOf(doc)) doc.addPage();
}

export function paragraph(doc: Sheet, text: string, { size = 10.5, color = INK, font = 'regular', indent = 0, after = 5 }: { readonly size?: number; readonly color?: string; readonly font?: 'regular' | 'bold'; readonly indent?: number; readonly after?: number } = {}): void {
  if (text === '') return;
  doc.font(font).fontSize(size).fillColor(color);
  const width = widthOf(doc) - indent;
  needRoom(doc, Math.min(doc.heightOfString(text, { width, lineGap: 3 }), 60));
  doc.text(text, MARGIN + indent, doc.y, { width, lineGap: 3, align: 'left' });
  doc.y += after;
}
