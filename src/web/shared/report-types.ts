/** Reports, as the desk's API answers (src/http/zones/desk/reports.ts; the document is src/reports/document.ts). */

export type ReportKind = 'day' | 'week' | 'month' | 'special';
export type ReportScopeKind = 'city' | 'item' | 'town' | 'storm';

export interface ReportRow {
  readonly id: string;
  readonly kind: ReportKind;
  readonly period: string;
  readonly scopeKind: ReportScopeKind;
  readonly scopeId: string;
  readonly title: string;
  readonly version: number;
  readonly state: 'asked' | 'making' | 'ready' | 'failed';
  /** 0 to 100. */
  readonly progress: number;
  readonly madeByName: string;
  readonly askedAt: number;
  readonly madeAt: number | null;
  readonly until: number | null;
  readonly failure: string | null;
  readonly bytes: number;
}

export interface ReportSchedule {
  readonly id: string;
  readonly name: string;
  readonly cron: string;
  readonly nextAt: number | null;
}

export type ReportUnit = 'count' | 'share' | 'seconds' | 'minutes' | 'hours' | 'days' | 'points';

export interface ReportFigure {
  readonly id: string;
  readonly name: string;
  readonly unit: ReportUnit;
  readonly value: number | null;
  readonly previous: number | null;
  readonly part: number | null;
  readonly whole: number | null;
  readonly change: string;
  readonly goal: string | null;
  readonly goalMet: boolean | null;
  readonly formula: string;
  readonly source: string;
}

export type ReportColumnKind = 'text' | 'count' | 'share' | 'signed-share' | 'number' | 'time' | 'ticket';
export type ReportCell = string | number | null;

export interface ReportTable {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly { readonly id: string; readonly label: string; readonly kind: ReportColumnKind }[];
  readonly rows: readonly (readonly ReportCell[])[];
  readonly note: string;
}

export interface ReportChart {
  readonly id: string;
  readonly title: string;
  readonly kind: 'bars' | 'lines';
  readonly labels: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  readonly said: string;
}

export interface ReportNamed {
  readonly id: string;
  readonly name: string;
  readonly count: number;
}

export interface ReportTopic {
  readonly title: string;
  readonly count: number;
  readonly closeness: number;
  readonly towns: readonly ReportNamed[];
  readonly departments: readonly ReportNamed[];
  readonly items: readonly ReportNamed[];
  readonly trend: readonly number[];
  readonly said: string;
  readonly voices: readonly { readonly ticketId: string; readonly number: string; readonly town: string | null; readonly text: string }[];
  readonly tickets: readonly { readonly id: string; readonly number: string; readonly title: string }[];
}

export interface ReportSection {
  readonly id: string;
  readonly title: string;
  readonly text: readonly string[];
  readonly figures: readonly ReportFigure[];
  readonly charts: readonly ReportChart[];
  readonly tables: readonly ReportTable[];
  readonly topics: readonly ReportTopic[];
  readonly notes: readonly string[];
}

export interface ReportDocument {
  readonly title: string;
  readonly madeAt: number;
  readonly until: number;
  readonly basis: readonly string[];
  readonly summary: readonly string[];
  readonly sections: readonly ReportSection[];
}
