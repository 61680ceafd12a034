import { dateTime } from '../../../shared/format.ts';
import type { ReportCell, ReportColumnKind, ReportFigure, ReportUnit } from '../../../shared/report-types.ts';
import { LABELS as w, UNITS_WORDS } from './words.ts';

/** Numbers of a report in words, as src/reports/words.ts has them for files. */

const whole = new Intl.NumberFormat('zh-CN', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('zh-CN', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const UNITS: Readonly<Record<ReportUnit, string>> = UNITS_WORDS;

export const countText = (count: number): string => whole.format(count);

/** Never 100% or 0% for what is not all or none. */
export function percentText(share: number): string {
  const shown = tenth.format(share * 100);
  if (share < 1 && shown === '100.0') return '99.9%';
  if (share > 0 && shown === '0.0') return '<0.1%';
  return `${shown.replace(/\.0$/, '')}%`;
}

export function valueText(value: number | null, unit: ReportUnit): string {
  if (value === null) return w.noDataYet;
  if (unit === 'count') return countText(value);
  return unit === 'share' ? percentText(value) : `${tenth.format(value)}${UNITS[unit]}`;
}

export function figureText({ value, unit, part, whole: of }: ReportFigure): string {
  return value === null || part === null || of === null ? valueText(value, unit) : w.ratio(valueText(value, unit), countText(part), countText(of));
}

export function cellText(cell: ReportCell, kind: ReportColumnKind): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return cell;
  if (kind === 'count') return countText(cell);
  if (kind === 'share') return percentText(cell);
  if (kind === 'signed-share') return `${cell > 0 ? '+' : cell < 0 ? '−' : ''}${tenth.format(Math.abs(cell) * 100)}%`;
  if (kind === 'time') return dateTime(cell);
  return kind === 'number' ? tenth.format(cell) : String(cell);
}

export const isNumeric = (kind: ReportColumnKind): boolean => kind === 'count' || kind === 'share' || kind === 'signed-share' || kind === 'number';

/** Rows by one column; what is not known comes last either way. */
export function sorted(rows: readonly (readonly ReportCell[])[], column: number, up: boolean): readonly (readonly ReportCell[])[] {
  return rows.toSorted((a, b) => {
    const [left, right] = [a[column] ?? null, b[column] ?? null];
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    const order = typeof left === 'number' && typeof right === 'number' ? left - right : String(left).localeCompare(String(right), 'zh-CN');
    return up ? order : -order;
  });
}
