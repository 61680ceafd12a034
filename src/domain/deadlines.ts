import type { EpochMs } from './activity.ts';
import { beijingDay, beijingDayText, beijingText, beijingTimeText } from './clock.ts';
import type { DeadlineProfile, DeadlineRule, Urgency } from './config-files.ts';
import type { ClockSpan, Hold, LegalClock } from './legal-clock.ts';

/** Which deadline holds (a profile of config/deadlines.yaml), and the clock in words. Pure. */

export type Stage = keyof DeadlineProfile['stages'];

/** The class of item that the clock goes by: for life and safety `life`, whatever the item; without an item `general`. */
export function deadlineClass(profile: DeadlineProfile, itemClass: string | null, urgency: Urgency): string {
  return urgency === 'emergency' && Object.hasOwn(profile.stages.handle, 'life') ? 'life' : (itemClass ?? 'general');
}

/** The rule of a stage for a class of item, else its `default`; null: this profile sets none. */
export function stageRule(profile: DeadlineProfile, stage: Stage, itemClass: string): DeadlineRule | null {
  const rules = profile.stages[stage];
  if (rules === undefined) return null;
  return (Object.hasOwn(rules, itemClass) ? rules[itemClass] : undefined) ?? (Object.hasOwn(rules, 'default') ? rules['default'] : undefined) ?? null;
}

const UNITS: Readonly<Record<DeadlineRule['unit'], string>> = { minutes: '分钟', hours: '小时', workhours: '个工作小时', workdays: '个工作日', days: '天' };

/** `5个工作日`. */
export function ruleText(rule: DeadlineRule): string {
  return `${rule.amount}${UNITS[rule.unit]}`;
}

export interface ClockGiven {
  readonly start: EpochMs;
  readonly rule: DeadlineRule;
  readonly holds: readonly Hold[];
  /** Granted 延期, in their order: each counts from where the one before ended. */
  readonly extensions?: readonly DeadlineRule[];
  /** When the stage ended, or the moment of asking. */
  readonly until: EpochMs;
}

export interface ClockExplained {
  /** Null while the clock is held. */
  readonly dueAt: EpochMs | null;
  /** What has counted, in the rule's unit. */
  readonly used: number;
  /** Past its due time at `until`. */
  readonly overdue: boolean;
  /** One sentence a stretch, in order, for people. */
  readonly lines: readonly string[];
}

/** Replays every interval from the start to the due time, holds and extensions included; to `until` where a hold leaves no due time. */
export function explainClock(clock: LegalClock, { start, rule, holds, extensions = [], until }: ClockGiven): ClockExplained {
  const lines = [`${beijingText(start)} 起算，时限${ruleText(rule)}。`];
  const say = (from: EpochMs, end: EpochMs, unit: DeadlineRule['unit']): void => {
    for (const run of runsOf(clock.spans(from, end, unit, holds), unit)) lines.push(sayRun(run, unit));
  };
  let dueAt = clock.dueUnlessHeld(start, rule, holds);
  say(start, dueAt ?? until, rule.unit);
  for (const extension of extensions) {
    if (dueAt === null) break;
    lines.push(`批准延期${ruleText(extension)}，自${beijingText(dueAt)}接续计算。`);
    const next: EpochMs | null = clock.dueUnlessHeld(dueAt, extension, holds);
    say(dueAt, next ?? until, extension.unit);
    dueAt = next;
  }
  lines.push(dueAt === null ? '正在挂起，恢复后继续计时。' : `到期时间：${beijingText(dueAt)}。`);
  const used = clock.elapsed(start, until, rule.unit, holds);
  const overdue = dueAt !== null && until > dueAt;
  lines.push(overdue ? `截至${beijingText(until)}，已超期。` : `截至${beijingText(until)}，${progress(rule, extensions, used)}。`);
  return { dueAt, used, overdue, lines };
}

/** What has counted and what is left; extensions in another unit cannot be added up. */
function progress(rule: DeadlineRule, extensions: readonly DeadlineRule[], used: number): string {
  const unit = UNITS[rule.unit];
  if (extensions.some((extension) => extension.unit !== rule.unit)) return '尚未到期';
  const whole = extensions.reduce((sum, { amount }) => sum + amount, rule.amount);
  return `已计${number(used)}${unit}，还剩${number(Math.max(0, whole - used))}${unit}`;
}

/** Neighbouring days of one kind. */
interface Run {
  readonly reason: ClockSpan['reason'];
  readonly from: EpochMs;
  to: EpochMs;
  amount: number;
  readonly makeUps: EpochMs[];
}

function runsOf(spans: readonly ClockSpan[], unit: DeadlineRule['unit']): Run[] {
  const runs: Run[] = [];
  for (const span of spans) {
    const last = runs.at(-1);
    // In a count of hours the end of an office day is no news; it joins what stands before it.
    if (last !== undefined && (span.reason === last.reason || (unit === 'workhours' && span.reason === 'closed' && last.reason === 'counted'))) {
      if (span.reason !== 'closed' || last.reason === 'closed') last.to = span.to;
      last.amount += span.amount;
      if (span.makeUp && last.makeUps.at(-1) !== startOf(span)) last.makeUps.push(startOf(span));
      continue;
    }
    runs.push({ reason: span.reason, from: span.from, to: span.to, amount: span.amount, makeUps: span.makeUp ? [startOf(span)] : [] });
  }
  return runs;
}

/** One value a day, to tell days apart. */
const startOf = (span: ClockSpan): EpochMs => Date.parse(`${beijingDay(span.from)}T00:00:00Z`);

const REASONS: Readonly<Record<Exclude<ClockSpan['reason'], 'counted'>, string>> = {
  startDay: '起算当日，不计', weekend: '周末，不计', holiday: '法定节假日，不计', closed: '非办公时间，不计', held: '挂起，不计',
};

function sayRun(run: Run, unit: DeadlineRule['unit']): string {
  const days = unit === 'workdays';
  const exact = !days || run.reason === 'held';
  const from = exact ? `${beijingDayText(run.from)}${beijingTimeText(run.from)}` : beijingDayText(run.from);
  const last = run.to - 1;
  const to = exact ? `${beijingDayText(last)}${beijingTimeText(run.to)}` : beijingDayText(last);
  const when = !exact && beijingDay(run.from) === beijingDay(last) ? from : `${from}至${to}`;
  if (run.reason !== 'counted') return `${when}：${REASONS[run.reason]}。`;
  const makeUp = run.makeUps.length === 0 ? '' : `，其中${run.makeUps.map((day) => beijingDayText(day - 8 * 3_600_000)).join('、')}为调休上班`;
  return `${when}：计${number(run.amount)}${UNITS[unit]}${makeUp}。`;
}

/** At most two decimals, none where there are none. */
function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}
