import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { CityData } from '../config/city.ts';
import type { Route } from '../domain/config-files.ts';
import { AppError } from '../domain/errors.ts';
import { DAY } from '../domain/clock.ts';
import { createLegalClock } from '../domain/legal-clock.ts';
import { checkBody, readDispatchBody } from '../tickets/catalogue/body.ts';
import { tryDispatch, type TrialReport } from '../tickets/catalogue/trial.ts';
import { getCatalogue } from '../tickets/catalogue/work.ts';
import { DATABASE_OPTIONS, runDatabaseCommand, UsageError } from './database.ts';
import { catalogueInForce } from './items-files.ts';
import { cityOfCheckout, phaseBar, withOptions, withStore } from './kb-files.ts';

/** `yihu dispatch …`: the dispatch catalogue from the command line. */

const HELP = `用法: npm run --silent yihu -- dispatch 命令 [选项]

命令:
  try              用过去的工单试跑派单规则，看有多少会派到别处

每个命令都有 --help。退出码：0 成功，1 没有做成，2 用法不对。
`;

const TRY_HELP = `用法: yihu dispatch try [选项]

用过去的工单试跑一份派单规则：有多少会派到别的单位、各条规则各接多少、哪些规则一件也没有接到。什么也不改。

选项:
  --file 文件        试这个文件里的规则（写法同 config/routing.yaml）
  --version 数字     试这个版本（0 是 config/routing.yaml）；--file 和 --version 二选一
  --days 数字        用最近多少天的工单（默认 30）
${DATABASE_OPTIONS}`;

/** @returns the exit code; 2 for an unknown command */
export async function runDispatch(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === 'try') return runTry(rest);
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  process.stderr.write(`${name === undefined ? '缺少命令' : `没有命令 ${name}`}\n\n${HELP}`);
  return 2;
}

function runTry(argv: readonly string[]): Promise<number> {
  return withOptions(argv, TRY_HELP, { file: { type: 'string' }, version: { type: 'string' }, days: { type: 'string' } }, ({ file, version, days = '30' }, rest) =>
    runDatabaseCommand(rest, TRY_HELP, async (command) => {
      if (command.rest.length > 0) throw new UsageError('不认识的参数');
      if ((file === undefined) === (version === undefined)) throw new UsageError('要写 --file 或 --version，二选一');
      if (!/^[1-9]\d{0,2}$/.test(days) || (version !== undefined && !/^\d{1,9}$/.test(version))) throw new UsageError('--days 和 --version 要写数字');
      return withStore(command, async (store) => {
        const { city } = await catalogueInForce(store);
        const routes = file === undefined ? readDispatchBody((await getCatalogue({ store, files: cityOfCheckout() }, 'dispatch', Number(version))).body).routes : readRoutes(file, city);
        const bar = phaseBar(command.json);
        const to = Date.now();
        try {
          const span = Number(days) * DAY;
          const report = await tryDispatch({ store, city, clock: createLegalClock(city.calendar) }, routes, { from: to - span, to, onPage: async (tickets) => bar.show(`试跑 ${tickets} 件`, 0) });
          return { facts: { ...report }, text: textOf(report, city) };
        } finally {
          bar.stop();
        }
      });
    }),
  );
}

/** @throws AppError `catalogue.no_file`, `catalogue.bad_body`, `catalogue.has_faults` */
function readRoutes(file: string, city: CityData): readonly Route[] {
  if (!existsSync(file)) throw new AppError('catalogue.no_file', `读不到文件 ${file}`);
  let body: unknown;
  try {
    body = parse(readFileSync(file, 'utf8'), { maxAliasCount: 100 });
  } catch (error) {
    throw new AppError('catalogue.bad_body', `${file} 不是 YAML`, { cause: error });
  }
  const { routes } = readDispatchBody(body);
  const faults = checkBody('dispatch', body, city);
  if (faults.length > 0) throw new AppError('catalogue.has_faults', faults.map(({ text }) => text).join('；'), { details: { faults: faults.length } });
  return routes;
}

function textOf({ tickets, complete, elsewhere, assistedOtherwise, before, after, rules, unreached, examples }: TrialReport, { departments }: CityData): string {
  const name = (id: string | null): string => (id === null ? '人工派单' : (departments.find((department) => department.id === id)?.short ?? id));
  const share = (count: number): string => (tickets === 0 ? '' : `（${((count / tickets) * 100).toFixed(1)}%）`);
  const lines = [
    `${tickets} 件工单${complete ? '' : '（更早的没有试）'}：${elsewhere} 件会派到别处${share(elsewhere)}，${assistedOtherwise} 件协办单位不同`,
    `没有规则可派：现行 ${before.waiting}，试跑 ${after.waiting}；与工单现在的承办单位一致：现行 ${before.asToday}${share(before.asToday)}，试跑 ${after.asToday}${share(after.asToday)}`,
    ...rules.map(({ id, before: was, after: is }) => `  ${id}  ${was === null ? '新' : was} → ${is}`),
  ];
  if (unreached.length > 0) lines.push(`一件也没有接到的规则：${unreached.join('、')}`);
  lines.push(...examples.slice(0, 10).map(({ number, before: was, after: is }) => `  例 ${number}：${name(was.departmentId)} → ${name(is.departmentId)}（${is.routeId ?? '无规则'}）`));
  return lines.join('\n');
}
