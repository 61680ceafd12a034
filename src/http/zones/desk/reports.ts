import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import { ReportSchema } from '../../../reports/document.ts';
import { askReport, notFound, readKept } from '../../../reports/keep.ts';
import { periodOf } from '../../../reports/period.ts';
import { fileName, REPORT_TYPES } from '../../../reports/render/file.ts';
import { nextAt, type Schedule } from '../../../reports/schedule.ts';
import type { KeptReport } from '../../../store/contract.ts';
import type { Signed } from './auth.ts';
import type { DeskDeps } from './index.ts';
import { Counter, IdParams } from './schemas.ts';

/** Reports: leaders have them made, editors read those that are meant for them. Making and downloading leave a row in the trail. */

export interface ReportDesk {
  readonly schedules: readonly Schedule[];
  /** Something was asked for, and that is committed. Must not throw. */
  wake(): void;
}

const shape = { additionalProperties: false };
const Text = Type.Union([Type.String(), Type.Null()]);
const Time = Type.Union([Type.Number(), Type.Null()]);
const Kind = Type.Union([Type.Literal('day'), Type.Literal('week'), Type.Literal('month'), Type.Literal('special')]);
const ScopeKind = Type.Union([Type.Literal('city'), Type.Literal('item'), Type.Literal('town'), Type.Literal('storm')]);
const Format = Type.Union([Type.Literal('xlsx'), Type.Literal('pdf'), Type.Literal('html'), Type.Literal('json')]);

const ReportView = Type.Object({
  id: Type.String(), kind: Kind, period: Type.String(), scopeKind: ScopeKind, scopeId: Type.String(), title: Type.String(), version: Type.Number(), state: Type.Union([Type.Literal('asked'), Type.Literal('making'), Type.Literal('ready'), Type.Literal('failed')]),
  progress: Type.Number(), madeBy: Type.String(), madeByName: Type.String(), askedAt: Type.Number(), madeAt: Time, until: Time, failure: Text, bytes: Type.Number(),
});
type ReportViewShape = Static<typeof ReportView>;
const ScheduleView = Type.Object({ id: Type.String(), name: Type.String(), kind: Kind, cron: Type.String(), roles: Type.Array(Type.String()), nextAt: Time });
const AskBody = Type.Object({ kind: Kind, period: Type.String({ minLength: 4, maxLength: 40 }), scope: Type.Optional(Type.Object({ kind: ScopeKind, id: Type.String({ maxLength: 200 }) }, shape)) }, shape);
const ListQuery = Type.Object({ kind: Type.Optional(Kind), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })), before: Type.Optional(Counter), beforeId: Type.Optional(Type.String({ maxLength: 100 })) });

const LEADERS: readonly string[] = ['supervisor', 'administrator'];
const SHOWN = 50;

export function reportRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context, reports } = deps;
  const tags = ['reports'];
  const { store } = context;

  const requireReader = ({ seat }: Signed): void => {
    if (seat.role !== 'editor' && !LEADERS.includes(seat.role)) throw forbidden('editors and leaders read reports');
  };
  const requireMaker = ({ seat }: Signed): void => {
    if (!LEADERS.includes(seat.role)) throw forbidden('leaders have reports made');
  };
  /** Leaders see all; editors what is meant for them. */
  const isFor = ({ seat }: Signed, row: KeptReport): boolean => LEADERS.includes(seat.role) || row.roles.includes(seat.role);

  async function viewsOf(rows: readonly KeptReport[]): Promise<ReportViewShape[]> {
    const names = new Map((await store.read((repos) => repos.seats.list())).map((seat): [string, string] => [`seat:${seat.id}`, seat.displayName]));
    const nameOf = (by: string): string => (by === 'cli' ? '命令行' : by.startsWith('schedule:') ? `定时（${reports?.schedules.find(({ id }) => `schedule:${id}` === by)?.name ?? by.slice(9)}）` : (names.get(by) ?? by));
    return rows.map(({ id, kind, period, scopeKind, scopeId, title, version, state, progress, madeBy, askedAt, madeAt, until, failure, bytes }) => ({ id, kind, period, scopeKind, scopeId, title, version, state, progress, madeBy, madeByName: nameOf(madeBy), askedAt, madeAt, until, failure, bytes }));
  }
  async function oneView(row: KeptReport): Promise<ReportViewShape> {
    const [view] = await viewsOf([row]);
    if (view === undefined) throw new RangeError('a view is missing');
    return view;
  }

  return async (app) => {
    app.get('/api/reports', { schema: { tags, summary: 'Reports, newest first, and what is made by itself', querystring: ListQuery, response: { 200: Type.Object({ reports: Type.Array(ReportView), schedules: Type.Array(ScheduleView), mayMake: Type.Boolean() }) } } }, async (request) => {
      const signed = deps.signed(request);
      requireReader(signed);
      const { kind, limit = SHOWN, before, beforeId } = request.query;
      const rows = await store.read((repos) => repos.reports.list({ limit, ...(kind === undefined ? {} : { kind }), ...(before === undefined || beforeId === undefined ? {} : { before: { askedAt: before, id: beforeId } }) }));
      const schedules = (reports?.schedules ?? []).map((schedule) => ({ id: schedule.id, name: schedule.name, kind: schedule.kind, cron: schedule.cron, roles: [...schedule.roles], nextAt: nextAt(schedule, context.now()) }));
      return { reports: await viewsOf(rows.filter((row) => isFor(signed, row))), schedules, mayMake: LEADERS.includes(signed.seat.role) };
    });

    app.post('/api/reports', { schema: { tags, summary: 'Have a report made; one of the same period and scope becomes its next version', body: AskBody, response: { 202: Type.Object({ report: ReportView }) } } }, async (request, reply) => {
      const signed = deps.signed(request);
      requireMaker(signed);
      const { kind, period, scope = { kind: 'city' as const, id: '' } } = request.body;
      if (scope.kind !== 'city' && kind !== 'special') throw new AppError('report.scope_needs_special', 'an item, town or storm has a special report', { status: 400, citizenText: '事项、镇街、集中诉求用专报，并写起止日期。' });
      const row = await askReport(
        { read: (fn) => store.read(fn), write: (fn) => store.write(fn), city: context.city, now: context.now, newId: context.newId },
        { period: periodOf(kind, period), scope, by: `seat:${signed.seat.id}`, roles: ['editor', ...LEADERS], onceKey: null },
      );
      if (row === null) throw new RangeError('only a schedule is refused');
      reports?.wake();
      return reply.code(202).send({ report: await oneView(row) });
    });

    app.get('/api/reports/:id', { schema: { tags, summary: 'A report; its document once it is made', params: IdParams, response: { 200: Type.Object({ report: ReportView, document: Type.Union([ReportSchema, Type.Null()]) }) } } }, async (request) => {
      const signed = deps.signed(request);
      requireReader(signed);
      const { id } = request.params;
      const row = await store.read((repos) => repos.reports.get(id));
      if (row === null || !isFor(signed, row)) throw notFound();
      if (row.state !== 'ready') return { report: await oneView(row), document: null };
      return { report: await oneView(row), document: (await store.read((repos) => readKept(repos, id))).report };
    });

    app.get('/api/reports/:id/file', { schema: { tags, summary: 'A report as a file: Excel, PDF, a web page or JSON', params: IdParams, querystring: Type.Object({ format: Format }) } }, async (request, reply) => {
      const signed = deps.signed(request);
      requireReader(signed);
      const { format } = request.query;
      const { row, report } = await store.read((repos) => readKept(repos, request.params.id));
      if (!isFor(signed, row)) throw notFound();
      const { writeReportFile } = await import('../../../reports/render/thread.ts');
      const bytes = await writeReportFile(report, format);
      await store.write((repos) => repos.trail.append({ at: context.now(), actor: `seat:${signed.seat.id}`, action: 'report.downloaded', subject: `report:${row.id}`, purpose: format }));
      const name = fileName(report, format);
      return reply
        .header('content-type', REPORT_TYPES[format])
        // RFC 6266: the plain name for those that read no other.
        .header('content-disposition', `attachment; filename="report-${row.period.replace('..', '-')}.${format}"; filename*=UTF-8''${encodeURIComponent(name)}`)
        .header('cache-control', 'no-store')
        .send(bytes);
    });
  };
}

function forbidden(message: string): AppError {
  return new AppError('desk.forbidden', message, { status: 403, citizenText: '您的账号没有这项权限。' });
}
