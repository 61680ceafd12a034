import { fileStem, type Report } from '../document.ts';

/** A report as a file. What writes Excel and PDF is loaded when one is wanted. */

export const REPORT_FORMATS = ['xlsx', 'pdf', 'html', 'json'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];
export const REPORT_TYPES: Readonly<Record<ReportFormat, string>> = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', pdf: 'application/pdf', html: 'text/html; charset=utf-8', json: 'application/json; charset=utf-8',
};

/** `月报-2026-10.pdf`. */
export const fileName = (report: Report, format: ReportFormat): string => `${fileStem(report)}.${format}`;

export async function writeFileHere(report: Report, format: ReportFormat): Promise<Buffer> {
  switch (format) {
    case 'json':
      return Buffer.from(`${JSON.stringify(report, null, 2)}\n`);
    case 'html':
      return Buffer.from((await import('./html.ts')).writeHtml(report));
    case 'xlsx':
      return (await import('./xlsx.ts')).writeXlsx(report);
    case 'pdf':
      return (await import('./pdf.ts')).writePdf(report);
  }
}
