import { createHmac } from 'node:crypto';
import type { EpochMs } from '../domain/activity.ts';
import { BEIJING_OFFSET, DAY } from '../domain/clock.ts';
import type { SamplingPlan } from './rules.ts';

/** Whose inspection a person looks at. The draw is a keyed hash: the same plan draws the same ones, on any node, at any time. */

export type SampleReason = 'fatal' | 'dissatisfied' | 'below' | 'new-seat' | 'share' | 'by-hand';

export interface SampleFacts {
  /** Of the inspection: what is drawn. */
  readonly key: string;
  readonly channel: string;
  readonly groupId: string | null;
  readonly username: string | null;
  readonly seatSince: EpochMs | null;
  readonly endedAt: EpochMs;
  readonly score: number;
  readonly fatal: boolean;
  readonly dissatisfied: boolean;
}

/** Why it is looked at; null: it is not. */
export function drawn(plan: SamplingPlan, facts: SampleFacts): SampleReason | null {
  if (plan.fatal && facts.fatal) return 'fatal';
  if (plan.dissatisfied && facts.dissatisfied) return 'dissatisfied';
  if (facts.score < plan.below) return 'below';
  const lot = lotOf(plan.key, facts.key);
  if (lot < shareOf(plan, facts)) return 'share';
  const isNew = facts.seatSince !== null && facts.endedAt - facts.seatSince < plan.newSeats.days * DAY;
  return isNew && lot < plan.newSeats.share ? 'new-seat' : null;
}

/** The largest share that applies. */
export function shareOf(plan: SamplingPlan, { channel, groupId, username, endedAt }: Pick<SampleFacts, 'channel' | 'groupId' | 'username' | 'endedAt'>): number {
  const weekday = ((Math.floor((endedAt + BEIJING_OFFSET) / DAY) + 3) % 7) + 1; // 1970-01-01 was a Thursday
  const fits = plan.shares.filter(
    ({ channels, groups, seats, weekdays }) =>
      channels?.includes(channel) !== false && (groups === undefined || (groupId !== null && groups.includes(groupId))) && (seats === undefined || (username !== null && seats.includes(username))) && weekdays?.includes(weekday) !== false,
  );
  return Math.max(plan.share, ...fits.map(({ share }) => share));
}

/** From 0 up to 1, evenly. */
export function lotOf(key: string, subject: string): number {
  return createHmac('sha256', key).update(subject).digest().readUIntBE(0, 6) / 2 ** 48;
}
