import type { EpochMs } from '../domain/activity.ts';
import type { MeasureName, MeasureSource } from '../measures/catalogue.ts';
import type { Storm, Supervision } from '../store/contract.ts';
import type { Compared, Period } from './period.ts';
import type { TopicsFound } from './topics/types.ts';

/** What a report is written from: everything that was read, nothing that is worded. */

export interface Scope {
  readonly kind: 'city' | 'item' | 'town' | 'storm';
  /** '' for the city. */
  readonly id: string;
  readonly name: string;
  /** Items meant: the one named and all below it. Empty: not narrowed by items. */
  readonly itemCodes: readonly string[];
}

export interface Amount {
  readonly amount: number;
  readonly sum: number;
}
export type Amounts = Readonly<Record<string, Amount | undefined>>;
/** By key: town id, item code, department id …; `''`: has none. */
export type ByKey = ReadonlyMap<string, Amounts>;

/** What tickets of one department (or of all) came to, counted from the tickets themselves: `[part, whole]`. */
export interface Cohort {
  readonly tickets: number;
  readonly dispatched: number;
  readonly signed: readonly [onTime: number, of: number];
  readonly closed: readonly [onTime: number, of: number];
  readonly returned: number;
  readonly redone: number;
  readonly satisfied: readonly [satisfied: number, rated: number];
  readonly vetoed: number;
  readonly finished: number;
  readonly handlingMs: number;
  readonly overdue: number;
}

export interface SupervisedTicket {
  readonly supervision: Supervision;
  readonly number: string;
  readonly title: string;
  readonly itemCode: string | null;
}

/** Amounts of Beijing days, by their midnight, by key. */
export type DaysByKey = ReadonlyMap<string, ReadonlyMap<EpochMs, number>>;

export interface Spans<Each> {
  readonly now: Each;
  /** Null: there was nothing to count from yet, or only for a part of it. */
  readonly past: Each | null;
}

export interface Facts {
  readonly period: Period;
  readonly now: Compared;
  readonly past: Compared;
  readonly whole: boolean;
  readonly madeAt: EpochMs;
  readonly scope: Scope;
  /** Was anything of this source ever counted before the end of the span? Where not, its figures are not known. */
  readonly known: Spans<Readonly<Record<MeasureSource, boolean>>>;
  /** Counting beforehand is complete up to here; null: it never began. */
  readonly countedUntil: EpochMs | null;
  /** What is asked of a rate, 0 to 1, by its name. */
  readonly targets: Readonly<Record<string, number>>;
  /** When the first ticket of all was opened; null: there is none. */
  readonly firstTicketAt: EpochMs | null;
  /** Which measures there are for this scope; a storm has none. */
  readonly counted: Spans<Amounts>;
  readonly opened: { readonly item: Spans<ReadonlyMap<string, number>>; readonly town: Spans<ReadonlyMap<string, number>>; readonly channel: Spans<ReadonlyMap<string, number>>; readonly kind: Spans<ReadonlyMap<string, number>> };
  /** Opened by key on each of the days before the period (eight weeks), for the weekdays' means; null: not counted for this scope. */
  readonly before: { readonly from: EpochMs; readonly item: DaysByKey | null; readonly town: DaysByKey | null };
  /** Opened and closed by day, or by hour of a day. */
  readonly flow: { readonly grain: 'hour' | 'day'; readonly points: readonly { readonly at: EpochMs; readonly opened: number; readonly closed: number | null; readonly before: number | null }[] };
  readonly departments: { readonly counted: Spans<ByKey> } | { readonly cohorts: ReadonlyMap<string, Cohort> };
  /** Tickets of the scope, from the tickets themselves; null where rollups serve. */
  readonly cohort: Cohort | null;
  readonly supervisions: readonly SupervisedTicket[];
  /** Beyond a limit the list is cut. */
  readonly supervisionsInAll: number;
  readonly openSupervisions: number;
  readonly topics: TopicsFound;
  readonly storm: Storm | null;
  readonly quality: QualityFacts | null;
}

/** What quality inspection brought, if it is there. */
export interface QualityFacts {
  readonly inspected: number;
  /** Of 100. */
  readonly score: number | null;
  readonly previousInspected: number | null;
  readonly previousScore: number | null;
  readonly rules: readonly { readonly name: string; readonly hits: number }[];
  readonly appeals: number | null;
  readonly source: string;
}

export const amountOf = (amounts: Amounts | null, measure: MeasureName): number | null => (amounts === null ? null : (amounts[measure]?.amount ?? 0));
