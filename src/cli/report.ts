import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import { findRoot } from '../config/root.ts';
import { AppError } from '../domain/errors.ts';
import { loadMeasureSettings } from '../measures/settings.ts';
import { openQuality } from '../wiring/quality.ts';
import { reportQuality } from '../wiring/report-quality.ts';
import { createLegalClock } from '../domain/legal-clock.ts';
import { makeReport } from '../reports/make.ts';
import { type Period, periodOf, specialPeriod } from '../reports/period.ts';
import { fileName, REPORT_FORMATS, type ReportFormat, writeFileHere } from '../reports/render/file.ts';
import type { Asked, ReadContext } from '../reports/read.ts';
import { openTopics } from '../reports/topics/thread.ts';
import type { Store } from '../store/contract.ts';
import { matcherWords } from '../wiring/knowledge.ts';
import { DATABASE_OPTIONS, runDatabaseCommand, UsageError } from './database.ts';
import { catalogueInForce } from './items-files.ts';
import { withOptions, withStore } from './kb-files.ts';
import { createBar } from './kb-lines.ts';

/** `yihu report`: a report straight from the database into a file, whether the gateway runs or not. What is kept at the desk is not touched. */

const HELP = `用法: yihu report 时段 [选项]

从数据库做一份报表，写成文件；网关可以继续运行。报表页里保存的报表不受影响，审计里留一行。

时段（写一个）:
  --day 2026-11-22      日报
  --week 2026-W45       周报
  --month 2026-10       月报
  --from 日期 --to 日期   专报，两天都算在内

专报的范围（不写是全市）:
  --item 编码           一个事项，或一类（例如 env）
  --town 镇街           一个镇街或园区（例如 humen）
  --storm 编号          一次集中诉求；不写起止日期时，从第一件到最后一件

选项:
  --format 格式         xlsx、pdf、html 或 json（默认看 --out 的扩展名，再默认 pdf）
  --out 文件            写到哪里（默认当前目录，例如 月报-2026-10.pdf）
${DATABASE_OPTIONS}`;

const OPTIONS = { day: { type: 'string' }, week: { type: 'string' }, month: { type: 'string' }, from: { type: 'string' }, to: { type: 'string' }, item: { type: 'string' }, town: { type: 'string' }, storm: { type: 'string' }, format: { type: 'string' }, out: { type: 'string' } } as const;
type Given = { readonly [Name in keyof typeof OPTIONS]?: string | undefined };

/** @returns the exit code */
export function runReport(argv: readonly string[]): Promise<number> {
  return withOptions(argv, HELP, OPTIONS, (given, rest) =>
    runDatabaseCommand(rest, HELP, async (command) => {
      if (command.rest.length > 0) throw new UsageError(`不认识的参数 ${command.rest[0] ?? ''}`);
      const scope = scopeGiven(given);
      const format = formatGiven(given);
      const period = periodGiven(given, scope);
      return withStore(command, async (store) => {
        const asked: Asked = { period: period ?? (await stormPeriod(store, scope.id)), scope };
        const bar = createBar(command.json);
        bar.start(100, '读取和归集');
        try {
          const report = await makeReport(await contextOf(store), asked, (share) => bar.tick(Math.round(share * 100)));
          bar.stop();
          const file = given.out ?? fileName(report, format);
          const bytes = await writeFileHere(report, format);
          await writeFile(file, bytes).catch((error: unknown) => {
            throw new AppError('report.file_failed', `写不了文件 ${file}`, { details: { file }, cause: error });
          });
          await store.write((repos) => repos.trail.append({ at: Date.now(), actor: 'cli', action: 'report.made', subject: `report:${asked.period.key}`, purpose: `${report.title}，${format}` }));
          return { facts: { file, bytes: bytes.length, format, title: report.title, period: asked.period.key, scope: report.scope, until: report.until, whole: report.whole, summary: report.summary }, text: [...report.summary, `写在 ${file}（${Math.ceil(bytes.length / 1024)} KB）`].join('\n') };
        } finally {
          bar.stop();
        }
      });
    }));
}

async function contextOf(store: Store): Promise<ReadContext> {
  const root = findRoot(import.meta.url);
  const { city } = await catalogueInForce(store);
  const { words = [] } = matcherWords(city);
  const quality = openQuality(root, { now: Date.now, newId: uuidv7, clock: createLegalClock(city.calendar) });
  return { read: (fn) => store.read(fn), city, now: Date.now, targets: loadMeasureSettings(root).targets, openTopics: (options) => openTopics(options, words), quality: reportQuality(store, quality) };
}

function scopeGiven({ item, town, storm }: Given): Asked['scope'] {
  const scopes = [item === undefined ? null : ({ kind: 'item', id: item } as const), town === undefined ? null : ({ kind: 'town', id: town } as const), storm === undefined ? null : ({ kind: 'storm', id: storm } as const)].filter((scope) => scope !== null);
  if (scopes.length > 1) throw new UsageError('--item、--town、--storm 只能写一个');
  return scopes[0] ?? { kind: 'city', id: '' };
}

/** Null: as long as the storm lasted. */
function periodGiven({ day, week, month, from, to }: Given, scope: Asked['scope']): Period | null {
  const periods = [day, week, month, from ?? to].filter((period) => period !== undefined);
  if (periods.length > 1) throw new UsageError('时段只能写一个');
  if (scope.kind !== 'city' && (day ?? week ?? month) !== undefined) throw new UsageError('事项、镇街和集中诉求要写 --from 和 --to');
  if (day !== undefined) return periodOf('day', day);
  if (week !== undefined) return periodOf('week', week);
  if (month !== undefined) return periodOf('month', month);
  if (from !== undefined && to !== undefined) return periodOf('special', `${from}..${to}`);
  if (scope.kind === 'storm' && from === undefined && to === undefined) return null;
  throw new UsageError(from === undefined && to === undefined ? '要写时段' : '--from 和 --to 要一起写');
}

async function stormPeriod(store: Store, id: string): Promise<Period> {
  const storm = await store.read((repos) => repos.storms.get(id));
  if (storm === null) throw new AppError('report.no_scope', `没有这次集中诉求：${id}`);
  return specialPeriod(storm.firstAt, storm.lastAt);
}

function formatGiven({ format, out }: Given): ReportFormat {
  const wanted = format ?? /\.([a-z]+)$/i.exec(out ?? '')?.[1]?.toLowerCase() ?? 'pdf';
  const found = REPORT_FORMATS.find((one) => one === wanted);
  if (found === undefined) throw new UsageError(`不认识的格式 ${wanted}：要写 ${REPORT_FORMATS.join('、')}`);
  return found;
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runReport(process.argv.slice(2));
