import type { DeadlineProfile, DeadlineRule, Item } from '../domain/config-files.ts';
import type { EpochMs } from '../domain/activity.ts';
import { deadlineClass, stageRule, type Stage } from '../domain/deadlines.ts';
import type { Hold, LegalClock } from '../domain/legal-clock.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { Rung } from '../domain/ticket-rules.ts';
import type { ClockStage, TicketClock } from '../store/contract.ts';
import type { TicketsContext, TicketUnit } from './context.ts';

/** The clocks of one ticket: rows that start, stand, run again and end with its moves. What is due is read by their index. */

/** The profile that a ticket was opened under; the one in force when that is gone from the files. */
export function profileOf({ city }: Pick<TicketsContext, 'city'>, ticket: Pick<Ticket, 'profileId' | 'enterpriseId'>): DeadlineProfile {
  const known = [city.deadlines, city.enterpriseDeadlines, ...city.profiles].find((profile) => profile.id === ticket.profileId);
  return known ?? (ticket.enterpriseId === null ? city.deadlines : city.enterpriseDeadlines);
}

/** Class of deadline of a ticket, and the rule of a stage for it; null: its profile sets none. */
export function ruleOf(context: Pick<TicketsContext, 'city'>, ticket: Pick<Ticket, 'profileId' | 'enterpriseId' | 'itemCode' | 'urgency'>, stage: Stage): { readonly name: string; readonly rule: DeadlineRule } | null {
  const profile = profileOf(context, ticket);
  const name = deadlineClass(profile, itemOf(context, ticket.itemCode)?.deadlineClass ?? null, ticket.urgency);
  const rule = stageRule(profile, stage, name);
  return rule === null ? null : { name: `${profile.id}/${name}`, rule };
}

export function itemOf({ city }: Pick<TicketsContext, 'city'>, code: string | null): Item | null {
  return code === null ? null : (city.items.find((item) => item.code === code) ?? null);
}

/**
 * When something is next to be done about a clock: its warnings, its mark, then the ladder's rungs, which wait as long as the ticket was
 * held; null: nothing. The time for a return just lapses. Pure.
 */
export function nextOf(clock: LegalClock, row: TicketClock, warnings: readonly DeadlineRule[], ladder: readonly Rung[], holds: readonly Hold[]): EpochMs | null {
  if (row.endedAt !== null || row.dueAt === null || row.stage === 'return') return null;
  const { dueAt } = row;
  const warning = warningTimes(clock, dueAt, warnings)[row.warned];
  if (warning !== undefined && row.overdueAt === null) return Math.min(warning, dueAt);
  if (row.overdueAt === null) return dueAt;
  const rung = ladder[row.rung];
  return rung === undefined ? null : clock.dueUnlessHeld(dueAt, rung.after, holds);
}

/** Moments of the warnings, first one first. */
export function warningTimes(clock: LegalClock, dueAt: EpochMs, warnings: readonly DeadlineRule[]): readonly EpochMs[] {
  return warnings.map((rule) => clock.before(dueAt, rule)).toSorted((left, right) => left - right);
}

export function warningsOf(context: Pick<TicketsContext, 'city'>, ticket: Pick<Ticket, 'profileId' | 'enterpriseId'>, stage: ClockStage): readonly DeadlineRule[] {
  return profileOf(context, ticket).warnings?.[stage] ?? [];
}

export function ladderOf({ city }: Pick<TicketsContext, 'city'>, stage: ClockStage): readonly Rung[] {
  return city.ticketRules.ladder[stage] ?? [];
}

/** The row with what is next to be done about it. */
export function withNext(context: Pick<TicketsContext, 'city' | 'clock'>, ticket: Pick<Ticket, 'profileId' | 'enterpriseId' | 'holds'>, row: TicketClock): TicketClock {
  return { ...row, nextAt: nextOf(context.clock, row, warningsOf(context, ticket, row.stage), ladderOf(context, row.stage), ticket.holds) };
}

/** A due time that was moved is warned of anew, unless the time for that is past. */
export function movedTo(context: Pick<TicketsContext, 'city' | 'clock'>, ticket: Pick<Ticket, 'profileId' | 'enterpriseId'>, row: TicketClock, dueAt: EpochMs, now: EpochMs): TicketClock {
  return { ...row, dueAt, warned: warningTimes(context.clock, dueAt, warningsOf(context, ticket, row.stage)).filter((at) => at <= now).length };
}

/** A clock that starts now; null when the profile sets no rule for the stage. `runs`: how many of this stage there have been. */
export function startedClock(context: Pick<TicketsContext, 'city' | 'clock'>, ticket: Ticket, stage: Stage, at: EpochMs, runs: number): TicketClock | null {
  const found = ruleOf(context, ticket, stage);
  if (found === null) return null;
  return fixedClock(context, ticket, stage, at, context.clock.due(at, found.rule), found.rule, runs);
}

/** A clock with a due time of its own. Warnings whose time is past when it starts are not given. */
export function fixedClock(context: Pick<TicketsContext, 'city' | 'clock'>, ticket: Ticket, stage: ClockStage, startedAt: EpochMs, dueAt: EpochMs, rule: DeadlineRule, runs: number): TicketClock {
  const warned = warningTimes(context.clock, dueAt, warningsOf(context, ticket, stage)).filter((at) => at <= startedAt).length;
  return withNext(context, ticket, { ticketId: ticket.id, stage, run: runs + 1, rule, startedAt, dueAt, endedAt: null, warned, overdueAt: null, rung: 0, nextAt: null });
}

/** The clocks of a ticket while a move is made: changes are collected and written once. */
export interface ClockBook {
  readonly rows: readonly TicketClock[];
  running(stage: ClockStage): TicketClock | null;
  /** The latest run, ended or not. */
  last(stage: ClockStage): TicketClock | null;
  start(stage: Stage, at: EpochMs): TicketClock | null;
  startFixed(stage: ClockStage, at: EpochMs, dueAt: EpochMs, rule: DeadlineRule): TicketClock;
  end(stages: readonly ClockStage[], at: EpochMs): void;
  /** `holds`: those of the ticket after the move, when the move changes them. */
  change(row: TicketClock, holds?: readonly Hold[]): TicketClock;
  /** Writes what was changed. */
  save(): Promise<void>;
}

/** Opens the book of a stored ticket. */
export async function openClocks(context: TicketsContext, unit: TicketUnit, ticket: Ticket): Promise<ClockBook> {
  const rows = new Map((await unit.repos.clocks.of(ticket.id)).map((row) => [keyOf(row), row]));
  const changed = new Set<string>();
  const change = (row: TicketClock, holds = ticket.holds): TicketClock => {
    const next = withNext(context, { ...ticket, holds }, row);
    rows.set(keyOf(next), next);
    changed.add(keyOf(next));
    return next;
  };
  const runs = (stage: ClockStage): number => [...rows.values()].filter((row) => row.stage === stage).length;
  const running = (stage: ClockStage): TicketClock | null => [...rows.values()].find((row) => row.stage === stage && row.endedAt === null) ?? null;
  const last = (stage: ClockStage): TicketClock | null => [...rows.values()].filter((row) => row.stage === stage).toSorted((left, right) => left.run - right.run).at(-1) ?? null;
  return {
    last,
    get rows() {
      return [...rows.values()];
    },
    running,
    change,
    start(stage, at) {
      const row = startedClock(context, ticket, stage, at, runs(stage));
      return row === null ? null : change(row);
    },
    startFixed: (stage, at, dueAt, rule) => change(fixedClock(context, ticket, stage, at, dueAt, rule, runs(stage))),
    end(stages, at) {
      for (const stage of stages) {
        const row = running(stage);
        if (row !== null) change({ ...row, endedAt: at });
      }
    },
    async save() {
      await unit.repos.clocks.put([...changed].flatMap((key) => rows.get(key) ?? []));
      changed.clear();
    },
  };
}

const keyOf = (row: TicketClock): string => `${row.stage} ${row.run}`;
