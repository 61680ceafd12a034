import { DAY } from '../domain/clock.ts';
import { codeOf, isAppError } from '../domain/errors.ts';
import type { KeptReport } from '../store/contract.ts';
import { askReport, documentOf, type KeepContext } from './keep.ts';
import { makeReport } from './make.ts';
import { periodOf } from './period.ts';
import type { ReadContext } from './read.ts';
import { lastDue, type Schedule } from './schedule.ts';

/**
 * Makes what is asked for, on one node at a time: rows drive it. Whoever makes one renews a lease with its progress; when he goes silent another
 * node begins it anew, and what the first one writes late is refused.
 */
export interface MakerContext extends KeepContext, ReadContext {
  readonly schedules: readonly Schedule[];
  /** This node. */
  readonly holder: string;
  /** Moments of schedules that were seen to be asked for; this node's own memory. */
  readonly seen: Set<string>;
  readonly log: { info(facts: object, text: string): void; warn(facts: object, text: string): void };
}

const LEASE_MS = 90_000;
/** Between two words of progress to the store. */
const TELL_MS = 2_000;
const TRIES = 3;
/** A report that a schedule asked for while the house was closed is made up for so long. */
const LATE_MS = 40 * DAY;

/** Asks for what the schedules want, then makes one report. False: there was nothing to make. */
export async function workOnce(context: MakerContext): Promise<boolean> {
  await askScheduled(context);
  const row = await context.write((repos) => repos.reports.claim({ holder: context.holder, now: context.now(), leaseMs: LEASE_MS }));
  if (row === null) return false;
  await make(context, row);
  return true;
}

export async function askScheduled(context: MakerContext): Promise<number> {
  const now = context.now();
  const due = lastDue(context.schedules, now).filter(({ period, onceKey }) => !context.seen.has(onceKey) && now - period.to < LATE_MS);
  if (due.length === 0) return 0;
  const firstAt = await context.read((repos) => repos.reportTickets.firstAt());
  let asked = 0;
  for (const { schedule, period, onceKey } of due) {
    // A house that had nothing by then has nothing to report.
    if (firstAt === null || firstAt >= period.to) continue;
    try {
      if ((await askReport(context, { period, scope: schedule.scope ?? { kind: 'city', id: '' }, by: `schedule:${schedule.id}`, roles: schedule.roles, onceKey })) !== null) asked += 1;
      context.seen.add(onceKey);
    } catch (error) {
      // A scope that is gone from the catalogue holds up no other schedule.
      if (!isAppError(error) || error.code !== 'report.no_scope') throw error;
      context.seen.add(onceKey);
      context.log.warn({ code: error.code, schedule: schedule.id }, 'a scheduled report cannot be made: its item or town is gone');
    }
  }
  return asked;
}

async function make(context: MakerContext, row: KeptReport): Promise<void> {
  const { holder, log } = context;
  let told = context.now();
  let telling: Promise<void> = Promise.resolve();
  let lost = false;
  const progress = (share: number): void => {
    const now = context.now();
    if (now - told < TELL_MS) return;
    told = now;
    telling = tell(telling, now, Math.round(share * 100));
  };
  const tell = async (before: Promise<void>, now: number, percent: number): Promise<void> => {
    await before;
    try {
      if (!(await context.write((repos) => repos.reports.renew(row.id, { holder, leaseUntil: now + LEASE_MS, progress: percent })))) lost = true;
    } catch (error) {
      log.warn({ code: codeOf(error), report: row.id }, 'progress of a report could not be kept');
    }
  };
  try {
    const report = await makeReport(context, { period: periodOf(row.kind, row.period), scope: { kind: row.scopeKind, id: row.scopeId } }, progress);
    await telling;
    const done = !lost && (await context.write((repos) => repos.reports.finish(row.id, { holder, ...documentOf(report), title: report.title, madeAt: report.madeAt, until: report.until })));
    if (done) log.info({ report: row.id, kind: row.kind, period: row.period, version: row.version }, 'report made');
    else log.warn({ report: row.id }, 'a report was taken over by another node');
  } catch (error) {
    await telling;
    const again = row.attempts < TRIES && !(isAppError(error) && (error.code === 'report.no_scope' || error.code === 'report.bad_period' || error.code === 'report.not_begun'));
    log.warn({ code: codeOf(error), report: row.id, again }, 'a report could not be made');
    await context.write((repos) => repos.reports.giveUp(row.id, { holder, failure: codeOf(error), again }));
  }
}
