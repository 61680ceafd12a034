import type { EpochMs } from '../../domain/activity.ts';
import { DAY, HOUR } from '../../domain/clock.ts';
import type { Repositories } from '../../store/contract.ts';
import type { StormSettings } from './settings.ts';

/** How many messages citizens send in five minutes at this hour, usually. */
export interface Normal {
  readonly perFive: number;
  /** From weeks before; else it is set. */
  readonly learned: boolean;
}

const FIVES = 12;
/** One week alone may have been the odd one. */
const LEAST_WEEKS = 2;

/** The middle of the same hour of the same day of the weeks before, so that a storm of last week is not this week's usual. */
export async function readNormal({ rollups }: Pick<Repositories, 'rollups'>, { normal }: Pick<StormSettings, 'normal'>, now: EpochMs): Promise<Normal> {
  const hour = Math.floor(now / HOUR) * HOUR;
  const counted: number[] = [];
  for (let week = 1; week <= normal.weeks; week += 1) {
    const from = hour - week * 7 * DAY;
    const amount = (await rollups.sums({ from, to: from + HOUR, by: 'all', measures: ['message.received'] })).reduce((sum, row) => sum + row.amount, 0);
    if (amount > 0) counted.push(amount / FIVES);
  }
  const learned = counted.length >= LEAST_WEEKS;
  return { perFive: Math.max(normal.least, learned ? middleOf(counted) : normal.set), learned };
}

function middleOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
