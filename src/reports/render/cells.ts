import { BEIJING_OFFSET } from '../../domain/clock.ts';
import type { Cell, Column } from '../document.ts';
import { countText, percent, signedPercent } from '../words.ts';

/** `2026-11-22 18:00`, Beijing. */
export function timeText(at: number): string {
  return new Date(at + BEIJING_OFFSET).toISOString().slice(0, 16).replace('T', ' ');
}

/** A cell in words; what is not known is empty. */
export function cellText(cell: Cell, { kind }: Pick<Column, 'kind'>): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return kind === 'ticket' ? cell.slice(cell.indexOf(' ') + 1) : cell;
  switch (kind) {
    case 'count':
      return countText(cell);
    case 'share':
      return percent(cell);
    case 'signed-share':
      return signedPercent(cell);
    case 'time':
      return timeText(cell);
    case 'number':
      return cell.toFixed(1);
    default:
      return String(cell);
  }
}

export const isNumeric = ({ kind }: Pick<Column, 'kind'>): boolean => kind === 'count' || kind === 'share' || kind === 'signed-share' || kind === 'number';
