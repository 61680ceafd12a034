import type { EpochMs } from '../domain/activity.ts';
import type { Repositories } from '../store/contract.ts';

/** Measures of quality inspection, for the desk's page and for reports. Formulas stand beside the fields. */

export interface RuleCount {
  readonly rule: string;
  /** Findings that stand. */
  readonly findings: number;
  /** Of the findings that a person judged, the share that stands; null: none was judged. 质检准确率. */
  readonly right: number | null;
}

export interface SeatFigures {
  readonly seatId: string;
  readonly inspections: number;
  /** Sum of scores ÷ inspections. */
  readonly score: number;
  readonly fatal: number;
  /** Findings that stand, by rule. */
  readonly findings: Readonly<Record<string, number>>;
}

export interface QualityFigures {
  /** Services that ended in the range and were inspected. */
  readonly inspections: number;
  /** Sum of scores ÷ inspections; null: none. */
  readonly score: number | null;
  /** With a fatal finding. */
  readonly fatal: number;
  /** Looked at by a person; appealed by the seat; with another score than the rules gave. */
  readonly looked: number;
  readonly appealed: number;
  readonly changed: number;
  readonly rules: readonly RuleCount[];
  /** Fewest points first. */
  readonly seats: readonly SeatFigures[];
}

/** @param range of the ends of services, `to` exclusive; `seatId`: only theirs */
export async function qualityFigures(repos: Pick<Repositories, 'quality'>, range: { readonly from: EpochMs; readonly to: EpochMs; readonly seatId?: string }): Promise<QualityFigures> {
  const [scores, counts] = [await repos.quality.scores(range), await repos.quality.findingCounts(range)];
  const total = (pick: (row: (typeof scores)[number]) => number): number => scores.reduce((sum, row) => sum + pick(row), 0);
  const inspections = total((row) => row.inspections);
  const rules = [...new Set(counts.map(({ rule }) => rule))].map((rule) => {
    const rows = counts.filter((row) => row.rule === rule);
    const add = (pick: (row: (typeof counts)[number]) => number): number => rows.reduce((sum, row) => sum + pick(row), 0);
    const judged = add((row) => row.judged);
    return { rule, findings: add((row) => row.findings), right: judged === 0 ? null : 1 - add((row) => row.dropped) / judged };
  });
  const seats = [...new Set(scores.map(({ seatId }) => seatId))].map((seatId) => {
    const rows = scores.filter((row) => row.seatId === seatId);
    const amount = rows.reduce((sum, row) => sum + row.inspections, 0);
    return {
      seatId,
      inspections: amount,
      score: amount === 0 ? 0 : rows.reduce((sum, row) => sum + row.points, 0) / amount,
      fatal: rows.reduce((sum, row) => sum + row.fatal, 0),
      findings: Object.fromEntries(counts.filter((row) => row.seatId === seatId && row.findings > 0).map(({ rule, findings }) => [rule, findings])),
    };
  });
  return {
    inspections,
    score: inspections === 0 ? null : total((row) => row.points) / inspections,
    fatal: total((row) => row.fatal),
    looked: total((row) => row.looked),
    appealed: total((row) => row.appealed),
    changed: total((row) => row.changed),
    rules: rules.sort((a, b) => b.findings - a.findings || (a.rule < b.rule ? -1 : 1)),
    seats: seats.sort((a, b) => a.score - b.score || (a.seatId < b.seatId ? -1 : 1)),
  };
}
