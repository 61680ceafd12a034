import { median } from './statistics.ts';
import type { Budget, Figure } from './types.ts';

/** Figures as a table of plain text: median, spread over the rounds, budget. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [figure.what, `${shown(median(figure.rounds))} ${figure.unit}`, spreadOf(figure), budgetOf(figure), figure.note ?? '']);
  const table = [['', 'median', 'spread', 'budget', ''], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => widthOf(row[column] ?? '')))) ?? [];
  return table.map((row) => `  ${row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell))).join('  ').trimEnd()}\n`).join('');
}

export function isMet({ rounds }: Pick<Figure, 'rounds'>, { limit, kind }: Budget): boolean {
  return kind === 'least' ? median(rounds) >= limit : median(rounds) <= limit;
}

function spreadOf({ rounds }: Figure): string {
  return rounds.length < 2 ? '' : `${shown(Math.min(...rounds))}–${shown(Math.max(...rounds))}`;
}

function budgetOf(figure: Figure): string {
  const { budget } = figure;
  if (budget === undefined) return '';
  return `${budget.kind === 'least' ? '≥' : '≤'} ${shown(budget.limit)} ${isMet(figure, budget) ? 'met' : 'MISSED'}`;
}

/** Three figures that count. */
function shown(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

/** Columns on a terminal: Chinese characters take two. */
function widthOf(text: string): number {
  return [...text].reduce((width, char) => width + (/[\u1100-\uffdc]/.test(char) && !/[\u2000-\u2bff]/.test(char) ? 2 : 1), 0);
}
