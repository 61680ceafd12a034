import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * A report as it is kept, shown and written to files: plain data, nothing to be computed any more. What is not known is null and says so;
 * 0 is only ever a number that was counted.
 */

const Nullable = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Movement = Type.Union([Type.Literal('up'), Type.Literal('down'), Type.Literal('steady'), Type.Literal('few'), Type.Literal('unknown')]);

/** `count`: whole numbers; `share`: 0 to 1, shown in per cent; `seconds`, `minutes`, `hours`, `days`; `points`: of 100. */
export const UNITS = ['count', 'share', 'seconds', 'minutes', 'hours', 'days', 'points'] as const;
const UnitSchema = Type.Union([Type.Literal('count'), Type.Literal('share'), Type.Literal('seconds'), Type.Literal('minutes'), Type.Literal('hours'), Type.Literal('days'), Type.Literal('points')]);
export type Unit = Static<typeof UnitSchema>;

export const FigureSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  unit: UnitSchema,
  value: Nullable(Type.Number()),
  previous: Nullable(Type.Number()),
  /** Of a share or a mean: what it is made of. */
  part: Nullable(Type.Number()),
  whole: Nullable(Type.Number()),
  movement: Movement,
  /** `比上期多 120 件（+15.2%），超出偶然波动`. */
  change: Type.String(),
  /** `≥ 95%`, and whether it is met; null: there is none, or nothing to hold against it. */
  goal: Nullable(Type.String()),
  goalMet: Nullable(Type.Boolean()),
  formula: Type.String(),
  source: Type.String(),
});
export type Figure = Static<typeof FigureSchema>;

export const ColumnSchema = Type.Object({
  id: Type.String(),
  label: Type.String(),
  kind: Type.Union([Type.Literal('text'), Type.Literal('count'), Type.Literal('share'), Type.Literal('signed-share'), Type.Literal('number'), Type.Literal('time'), Type.Literal('ticket')]),
  /** Of Latin letters; a Han character takes two. */
  width: Type.Number(),
});
export type Column = Static<typeof ColumnSchema>;

const CellSchema = Type.Union([Type.String(), Type.Number(), Type.Null()]);
export type Cell = Static<typeof CellSchema>;

export const TableSchema = Type.Object({
  id: Type.String(),
  title: Type.String(),
  columns: Type.Array(ColumnSchema),
  /** Null: not known, or nothing to divide by. Times are epoch ms, shares 0 to 1; a ticket is `id number`. */
  rows: Type.Array(Type.Array(CellSchema)),
  note: Type.String(),
});
export type Table = Static<typeof TableSchema>;

export const ChartSchema = Type.Object({
  id: Type.String(),
  title: Type.String(),
  kind: Type.Union([Type.Literal('bars'), Type.Literal('lines')]),
  unit: UnitSchema,
  labels: Type.Array(Type.String()),
  series: Type.Array(Type.Object({ name: Type.String(), values: Type.Array(Nullable(Type.Number())) })),
  /** The picture in words. */
  said: Type.String(),
});
export type Chart = Static<typeof ChartSchema>;

const NamedCount = Type.Object({ id: Type.String(), name: Type.String(), count: Type.Number() });
export const TopicSchema = Type.Object({
  title: Type.String(),
  place: Nullable(Type.String()),
  words: Type.Array(Type.String()),
  count: Type.Number(),
  closeness: Type.Number(),
  firstAt: Type.Number(),
  lastAt: Type.Number(),
  towns: Type.Array(NamedCount),
  departments: Type.Array(NamedCount),
  items: Type.Array(NamedCount),
  trend: Type.Array(Type.Number()),
  /** The trend in a sentence. */
  said: Type.String(),
  voices: Type.Array(Type.Object({ ticketId: Type.String(), number: Type.String(), at: Type.Number(), town: Nullable(Type.String()), text: Type.String() })),
  tickets: Type.Array(Type.Object({ id: Type.String(), number: Type.String(), title: Type.String() })),
});
export type Topic = Static<typeof TopicSchema>;

export const SectionSchema = Type.Object({
  id: Type.String(),
  title: Type.String(),
  /** Sentences, in order. */
  text: Type.Array(Type.String()),
  figures: Type.Array(FigureSchema),
  charts: Type.Array(ChartSchema),
  tables: Type.Array(TableSchema),
  topics: Type.Array(TopicSchema),
  /** How it was reckoned and what it does not cover. */
  notes: Type.Array(Type.String()),
});
export type Section = Static<typeof SectionSchema>;

export const ReportSchema = Type.Object({
  format: Type.Literal(1),
  title: Type.String(),
  kind: Type.Union([Type.Literal('day'), Type.Literal('week'), Type.Literal('month'), Type.Literal('special')]),
  period: Type.Object({ key: Type.String(), label: Type.String(), from: Type.Number(), to: Type.Number() }),
  previous: Type.Object({ label: Type.String(), from: Type.Number(), to: Type.Number() }),
  scope: Type.Object({ kind: Type.Union([Type.Literal('city'), Type.Literal('item'), Type.Literal('town'), Type.Literal('storm')]), id: Nullable(Type.String()), name: Type.String() }),
  madeAt: Type.Number(),
  /** What happened until here is in it. */
  until: Type.Number(),
  /** False: the period was not over. */
  whole: Type.Boolean(),
  /** What it rests on: `工单表：2026年11月1日 00:00 前开立的 1,203 张`. */
  basis: Type.Array(Type.String()),
  summary: Type.Array(Type.String()),
  sections: Type.Array(SectionSchema),
});
export type Report = Static<typeof ReportSchema>;

const compiled = Compile(ReportSchema);

/** A kept document, read back; null: it is none of this program's. */
export function readReport(value: unknown): Report | null {
  return compiled.Check(value) ? value : null;
}

/** Titles as files carry them: `月报-2026-10`. */
export function fileStem({ kind, period, scope }: Pick<Report, 'kind' | 'period' | 'scope'>): string {
  const name = { day: '日报', week: '周报', month: '月报', special: '专报' }[kind];
  return [name, ...(scope.kind === 'city' ? [] : [scope.name.replaceAll(/[^\p{L}\p{N}-]+/gu, '').slice(0, 30)]), period.key.replace('..', '至')].join('-');
}

export function emptySection(id: string, title: string): Section {
  return { id, title, text: [], figures: [], charts: [], tables: [], topics: [], notes: [] };
}
