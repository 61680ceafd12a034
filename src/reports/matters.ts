import { DAY } from '../domain/clock.ts';
import { BEYOND_CHANCE, type Change, changeOfCount, usualOf } from './compare.ts';
import type { DaysByKey, Facts, Spans } from './facts.ts';
import { exposureOf } from './figures.ts';
import { weekday } from './period.ts';

/** Which matters are many, and which rise or fall beyond chance: by item, field and town, against the period before and the same weekdays. */

export interface Matter {
  readonly key: string;
  readonly now: number;
  /** Null: not known. */
  readonly past: number | null;
  readonly share: number | null;
  /** Against the period before. */
  readonly change: Change;
  /** What the same weekdays of the eight weeks before would have brought; null: too little is known. */
  readonly usual: number | null;
  readonly againstUsual: Change;
  /** `up`: both say so, or the one that is known; `down` likewise. */
  readonly verdict: 'up' | 'down' | 'none';
}

/** Fewer are no matter for a report, however they rise. */
export const LEAST = 10;
/** So much more than before at least. */
const LEAST_RISE = 0.3;
/** The weekdays' mean only has to agree: it was asked second. */
const AGREES = 2;

/**
 * @param counts by key; several keys may be gathered under one (`group`)
 * @param days of the eight weeks before, by key; null: not known
 */
export function mattersOf(facts: Facts, counts: Spans<ReadonlyMap<string, number>>, days: DaysByKey | null, group: (key: string) => string = (key) => key): readonly Matter[] {
  const now = grouped(counts.now, group);
  const past = counts.past === null ? null : grouped(counts.past, group);
  const total = [...now.values()].reduce((sum, count) => sum + count, 0);
  const before = new Map<string, Map<number, number>>();
  for (const [key, points] of days ?? []) {
    const own = before.get(group(key)) ?? new Map<number, number>();
    before.set(group(key), own);
    for (const [at, amount] of points) own.set(at, (own.get(at) ?? 0) + amount);
  }
  const keys = new Set([...now.keys(), ...(past?.keys() ?? [])]);
  return [...keys]
    .map((key) => matterOf(facts, key, now.get(key) ?? 0, past === null ? null : (past.get(key) ?? 0), total, days === null ? null : (before.get(key) ?? new Map<number, number>())))
    .sort((a, b) => b.now - a.now || (b.past ?? 0) - (a.past ?? 0) || (a.key < b.key ? -1 : 1));
}

function matterOf(facts: Facts, key: string, now: number, past: number | null, total: number, days: ReadonlyMap<number, number> | null): Matter {
  const baseDays = Math.round((facts.now.from - facts.before.from) / DAY);
  const base = Array.from({ length: baseDays }, (_none, index) => {
    const at = facts.before.from + index * DAY;
    return { weekday: weekday(at), amount: days?.get(at) ?? 0 };
  });
  const wanted = Array.from({ length: Math.max(1, Math.round((facts.now.to - facts.now.from) / DAY)) }, (_none, index) => weekday(facts.now.from + index * DAY));
  // A day that is not over is not held against whole days.
  const wholeDays = (facts.now.to - facts.now.from) % DAY === 0;
  const { expected, dispersion } = wholeDays && days !== null ? usualOf(base, wanted) : { expected: null, dispersion: 1 };
  const change = changeOfCount({ now, past, exposure: exposureOf(facts), dispersion });
  const part = wanted.length / Math.max(1, baseDays);
  const againstUsual = expected === null ? changeOfCount({ now: null, past: null }) : changeOfCount({ now, past: expected / part, exposure: part, dispersion });
  return { key, now, past, share: total === 0 ? null : now / total, change, usual: expected, againstUsual, verdict: verdictOf(now, change, againstUsual) };
}

function verdictOf(now: number, change: Change, usual: Change): Matter['verdict'] {
  const known = [change, usual].filter(({ movement }) => movement !== 'unknown');
  const [leading] = known;
  if (leading === undefined || known.some(({ movement }) => movement === 'few')) return 'none';
  const agree = (sign: 1 | -1): boolean => sign * leading.z >= BEYOND_CHANCE && known.every(({ z }) => sign * z >= AGREES);
  const large = (sign: 1 | -1): boolean => known.every(({ ratio }) => ratio === null || (sign > 0 ? ratio >= LEAST_RISE : ratio <= -LEAST_RISE / (1 + LEAST_RISE)));
  if (now >= LEAST && agree(1) && large(1)) return 'up';
  return agree(-1) && large(-1) ? 'down' : 'none';
}

function grouped(counts: ReadonlyMap<string, number>, group: (key: string) => string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [key, count] of counts) found.set(group(key), (found.get(group(key)) ?? 0) + count);
  return found;
}

/** Rising or falling ones, the surest first. */
export function moving(matters: readonly Matter[], verdict: 'up' | 'down'): readonly Matter[] {
  const known = (matter: Matter): number => (matter.change.movement === 'unknown' ? matter.againstUsual.z : matter.change.z);
  return matters.filter((matter) => matter.verdict === verdict).toSorted((a, b) => Math.abs(known(b)) - Math.abs(known(a)));
}
