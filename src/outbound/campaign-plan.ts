import type { EpochMs } from '../domain/activity.ts';
import { DAY, HOUR, MINUTE, startOfDay } from '../domain/clock.ts';
import { AppError } from '../domain/errors.ts';
import type { Campaign, CampaignTarget, ReachState } from '../store/contract.ts';

/** When a campaign may call, and what follows from how a call went. Pure: the calendar and the time are passed in. */

/** Of a day, ms after its Beijing midnight. */
interface Window {
  readonly from: number;
  readonly to: number;
}

export type CallTimes = Pick<Campaign, 'hours' | 'workdaysOnly'>;

/** Longest search for a day on which calls may be made; holidays are shorter. */
const MAX_DAYS = 40;

/** @throws AppError `campaign.bad_hours` unless each is `HH:MM-HH:MM`, begins before it ends, and none overlaps another */
export function parseHours(hours: readonly string[]): readonly Window[] {
  const windows = hours.map((text): Window => {
    const match = /^([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/.exec(text);
    if (match === null) throw badHours(text);
    const from = Number(match[1]) * HOUR + Number(match[2]) * MINUTE;
    const to = match[3] === undefined ? DAY : Number(match[3]) * HOUR + Number(match[4]) * MINUTE;
    if (from >= to) throw badHours(text);
    return { from, to };
  }).sort((left, right) => left.from - right.from);
  if (windows.length === 0 || windows.some((window, at) => at > 0 && window.from < (windows[at - 1]?.to ?? 0))) throw badHours(hours.join(' '));
  return windows;
}

function badHours(text: string): AppError {
  return new AppError('campaign.bad_hours', 'hours are written HH:MM-HH:MM', { status: 400, citizenText: `外呼时段要写成 09:00-12:00 这样，且不能重叠：${text}` });
}

/** The first moment from `at` on at which a call may be begun: `at` itself when it may be now. Null: no such day in sight, the calendar is broken. */
export function nextCallTime(times: CallTimes, isWorkday: (at: EpochMs) => boolean, at: EpochMs): EpochMs | null {
  const windows = parseHours(times.hours);
  const today = startOfDay(at);
  for (let day = 0; day < MAX_DAYS; day += 1) {
    const midnight = today + day * DAY;
    // Noon, so that nobody wonders to which day midnight belongs.
    if (times.workdaysOnly && !isWorkday(midnight + 12 * HOUR)) continue;
    const window = windows.find(({ to }) => midnight + to > at);
    if (window !== undefined) return Math.max(at, midnight + window.from);
  }
  return null;
}

/** What the flow made of a call. `reached`: what was wanted was done; `later`: not now; `other`: the line is somebody else's; `silent`: nobody spoke. */
export type CallOutcome = 'reached' | 'refused' | 'later' | 'other' | 'silent';
export const CALL_OUTCOMES: readonly CallOutcome[] = ['reached', 'refused', 'later', 'other', 'silent'];

/** What a target becomes after an attempt. */
export type After = Pick<CampaignTarget, 'state' | 'code' | 'nextAt' | 'endedAt'>;

export interface Attempted {
  /** How the call ended, by the peer. */
  readonly call: ReachState;
  readonly outcome: CallOutcome | null;
  /** This one included. */
  readonly attempts: number;
  readonly now: EpochMs;
}

/**
 * Only what the citizen did ends a target well. A call that was answered and brought nothing (silence, hung up, a machine that went unnoticed)
 * is an attempt like one that nobody took: no answer is never satisfaction.
 */
export function afterAttempt(campaign: Pick<Campaign, 'attempts' | 'retryAfterMinutes'> & CallTimes, isWorkday: (at: EpochMs) => boolean, { call, outcome, attempts, now }: Attempted): After {
  const ended = (state: CampaignTarget['state'], code: string | null): After => ({ state, code, nextAt: null, endedAt: now });
  if (outcome === 'reached') return ended('reached', null);
  if (outcome === 'refused') return ended('refused', 'opted_out');
  // Whoever lives behind this number is not called again about somebody else's matter.
  if (outcome === 'other') return ended('unreached', 'other_person');
  const code = outcome ?? call;
  const nextAt = attempts >= campaign.attempts ? null : nextCallTime(campaign, isWorkday, now + campaign.retryAfterMinutes * MINUTE);
  return nextAt === null ? ended('unreached', code) : { state: 'waiting', code, nextAt, endedAt: null };
}

/** How many more may be called at one moment. `lines`: of the house, all campaigns together. */
export function freeLines(campaign: Pick<Campaign, 'concurrency'>, calling: { readonly here: number; readonly everywhere: number }, lines: number): number {
  return Math.max(0, Math.min(campaign.concurrency - calling.here, lines - calling.everywhere));
}
