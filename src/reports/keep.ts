import { AppError } from '../domain/errors.ts';
import type { JsonValue } from '../domain/json.ts';
import type { KeptReport, Repositories, ReportRepository } from '../store/contract.ts';
import { readReport, type Report } from './document.ts';
import { titleOf } from './make.ts';
import { comparedWith } from './period.ts';
import { type Asked, type ReadContext, scopeOf } from './read.ts';

/** Reports in the store: asked for by somebody or by a schedule, made by a node that carries work (work.ts), kept with every version. */

export interface KeepContext extends Pick<ReadContext, 'read' | 'city' | 'now'> {
  write<Result>(fn: (repos: Repositories) => Promise<Result>): Promise<Result>;
  readonly newId: () => string;
}

export interface AskGiven extends Asked {
  /** `seat:<id>`, `schedule:<id>`, `cli`. */
  readonly by: string;
  readonly roles: readonly string[];
  readonly onceKey: string | null;
}

/**
 * Null: a schedule's moment was asked for before. The trail says who wanted it.
 * @throws AppError `report.bad_period`, `report.not_begun`, `report.no_scope`
 */
export async function askReport(context: KeepContext, { period, scope: asked, by, roles, onceKey }: AskGiven): Promise<KeptReport | null> {
  const now = context.now();
  comparedWith(period, now);
  const { scope } = await scopeOf(context, asked);
  return context.write(async (repos) => {
    const row = await repos.reports.ask({ id: context.newId(), kind: period.kind, period: period.key, scopeKind: scope.kind, scopeId: scope.id, title: titleOf({ period, scope }), madeBy: by, roles, askedAt: now, onceKey });
    if (row !== null) await repos.trail.append({ at: now, actor: by, action: 'report.made', subject: `report:${row.id}`, purpose: `${row.title}（第 ${row.version} 版）` });
    return row;
  });
}

/** @throws AppError `report.not_found`, `report.not_ready`, `report.unreadable` */
export async function readKept(repos: { readonly reports: Pick<ReportRepository, 'get' | 'document'> }, id: string): Promise<{ readonly row: KeptReport; readonly report: Report }> {
  const row = await repos.reports.get(id);
  if (row === null) throw notFound();
  if (row.state !== 'ready') throw new AppError('report.not_ready', 'the report is not made yet', { status: 409, retry: 'later', citizenText: row.state === 'failed' ? '这份报表没有做成，请重新生成。' : '这份报表还在生成。' });
  const report = readReport(await repos.reports.document(id));
  if (report === null) throw new AppError('report.unreadable', 'the document is of another version of this program', { status: 500, citizenText: '这份报表由其他版本的程序生成，读不出来，请重新生成。' });
  return { row, report };
}

export function notFound(): AppError {
  return new AppError('report.not_found', 'no such report', { status: 404, citizenText: '没有找到这份报表。' });
}

/** As the store takes it. */
export function documentOf(report: Report): { readonly document: JsonValue; readonly bytes: number } {
  const text = JSON.stringify(report);
  const document: JsonValue = JSON.parse(text);
  return { document, bytes: Buffer.byteLength(text) };
}
