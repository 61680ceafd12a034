/** What a table cell may hold, and how it is read. Pure. */

/** A cell of CSV is text; one of Excel also a number, a date, a yes or no. */
export type Cell = string | number | boolean | Date | null;

/** Text of a cell; a number as Excel shows it in an unformatted cell. */
export function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (cell instanceof Date) return dayOf(cell) ?? '';
  if (typeof cell === 'boolean') return cell ? '是' : '否';
  // 0.1 + 0.2 as a person sees it, not as a computer keeps it.
  return typeof cell === 'number' ? String(Number(cell.toPrecision(15))) : cell;
}

/** First and last day that Excel's serial numbers are read as: 1950-01-01 and 2199-12-31. */
const SERIALS = { from: 18_264, to: 109_574 };

/**
 * A calendar day as `YYYY-MM-DD`: from a date cell, an Excel serial number (1900 system, as WPS and Excel write it), or text
 * such as 2026-01-05, 2026/1/5, 2026.1.5, 2026年1月5日, 20260105, with or without a time behind it. Null when it is no day.
 */
export function cellDay(cell: Cell): string | null {
  if (cell instanceof Date) return dayOf(cell);
  if (typeof cell === 'number') return fromSerial(cell);
  if (typeof cell !== 'string') return null;
  const text = cell.trim().replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0));
  const match = /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?$/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (match !== null) return realDay(Number(match[1]), Number(match[2]), Number(match[3]));
  return /^\d{5,6}(?:\.\d+)?$/.test(text) ? fromSerial(Number(text)) : null;
}

// Excel keeps wall time without a zone, and the reader hands it out as UTC.
function dayOf(date: Date): string | null {
  return Number.isNaN(date.getTime()) ? null : realDay(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
}

function fromSerial(serial: number): string | null {
  if (!(serial >= SERIALS.from && serial < SERIALS.to + 1)) return null;
  return dayOf(new Date((Math.floor(serial) - 25_569) * 86_400_000));
}

function realDay(year: number, month: number, day: number): string | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  if (year < 1900 || year > 2199 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return date.toISOString().slice(0, 10);
}

/** Is it a day of the calendar, written `YYYY-MM-DD`? */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && cellDay(text) === text;
}
