import { arrayOf, isBoolean, isNumber, isString, isUnknown, keepValid, nullable, object, oneOf, type Guard } from '../../shared/guards.ts';
import type { ReportCell, ReportChart, ReportDocument, ReportFigure, ReportKind, ReportNamed, ReportRow, ReportSchedule, ReportScopeKind, ReportSection, ReportTable, ReportTopic } from '../../shared/report-types.ts';
import type { Calls } from './knowledge.ts';

/** Reports: lists, documents, and having one made. */

const text = nullable(isString);
const amount = nullable(isNumber);
const isRow: Guard<ReportRow> = object({
  id: isString, kind: oneOf('day', 'week', 'month', 'special'), period: isString, scopeKind: oneOf('city', 'item', 'town', 'storm'), scopeId: isString, title: isString, version: isNumber, state: oneOf('asked', 'making', 'ready', 'failed'), progress: isNumber,
  madeByName: isString, askedAt: isNumber, madeAt: amount, until: amount, failure: text, bytes: isNumber,
});
const isSchedule: Guard<ReportSchedule> = object({ id: isString, name: isString, cron: isString, nextAt: amount });
const isFigure: Guard<ReportFigure> = object({
  id: isString, name: isString, unit: oneOf('count', 'share', 'seconds', 'minutes', 'hours', 'days', 'points'), value: amount, previous: amount, part: amount, whole: amount, change: isString, goal: text, goalMet: nullable(isBoolean), formula: isString, source: isString,
});
const isCell: Guard<ReportCell> = (value): value is ReportCell => value === null || isString(value) || isNumber(value);
const isTable: Guard<ReportTable> = object({
  id: isString, title: isString, columns: arrayOf(object({ id: isString, label: isString, kind: oneOf('text', 'count', 'share', 'signed-share', 'number', 'time', 'ticket') })), rows: arrayOf(arrayOf(isCell)), note: isString,
});
const isChart: Guard<ReportChart> = object({ id: isString, title: isString, kind: oneOf('bars', 'lines'), labels: arrayOf(isString), series: arrayOf(object({ name: isString, values: arrayOf(amount) })), said: isString });
const isNamed: Guard<ReportNamed> = object({ id: isString, name: isString, count: isNumber });
const isTopic: Guard<ReportTopic> = object({
  title: isString, count: isNumber, closeness: isNumber, towns: arrayOf(isNamed), departments: arrayOf(isNamed), items: arrayOf(isNamed), trend: arrayOf(isNumber), said: isString,
  voices: arrayOf(object({ ticketId: isString, number: isString, town: text, text: isString })), tickets: arrayOf(object({ id: isString, number: isString, title: isString })),
});
const isSection: Guard<ReportSection> = object({ id: isString, title: isString, text: arrayOf(isString), figures: arrayOf(isFigure), charts: arrayOf(isChart), tables: arrayOf(isTable), topics: arrayOf(isTopic), notes: arrayOf(isString) });
const isDocument: Guard<ReportDocument> = object({ title: isString, madeAt: isNumber, until: isNumber, basis: arrayOf(isString), summary: arrayOf(isString), sections: arrayOf(isSection) });

export interface ReportWish {
  readonly kind: ReportKind;
  readonly period: string;
  readonly scope?: { readonly kind: ReportScopeKind; readonly id: string };
}

export interface ReportList {
  readonly reports: readonly ReportRow[];
  readonly schedules: readonly ReportSchedule[];
  readonly mayMake: boolean;
}

export function createReportsApi({ read }: Calls) {
  const id = encodeURIComponent;
  return {
    async list(before?: ReportRow): Promise<ReportList> {
      const answer = await read(object({ reports: arrayOf(isUnknown), schedules: arrayOf(isUnknown), mayMake: isBoolean }), 'GET', `/api/reports${before === undefined ? '' : `?before=${before.askedAt}&beforeId=${id(before.id)}`}`);
      return { reports: keepValid(answer.reports, isRow), schedules: keepValid(answer.schedules, isSchedule), mayMake: answer.mayMake };
    },
    async ask(wish: ReportWish): Promise<ReportRow> {
      return (await read(object({ report: isRow }), 'POST', '/api/reports', wish)).report;
    },
    one: (reportId: string): Promise<{ readonly report: ReportRow; readonly document: ReportDocument | null }> => read(object({ report: isRow, document: nullable(isDocument) }), 'GET', `/api/reports/${id(reportId)}`),
    fileUrl: (reportId: string, format: 'xlsx' | 'pdf' | 'html' | 'json'): string => `/api/reports/${id(reportId)}/file?format=${format}`,
  };
}
