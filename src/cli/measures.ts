import { v7 as uuidv7 } from 'uuid';
import { findRoot } from '../config/root.ts';
import { BEIJING_OFFSET, beijingDay, DAY } from '../domain/clock.ts';
import { AppError } from '../domain/errors.ts';
import { recount } from '../measures/recount.ts';
import { loadMeasureSettings } from '../measures/settings.ts';
import { DATABASE_OPTIONS, runDatabaseCommand, UsageError } from './database.ts';
import { phaseBar, withOptions, withStore } from './kb-files.ts';

/** `yihu measures …`: the figures of walls and reports from the command line. */

const HELP = `用法: npm run --silent yihu -- measures 命令 [选项]

命令:
  rebuild          从原始记录重新统计若干天的指标

每个命令都有 --help。退出码：0 成功，1 没有做成，2 用法不对。
`;

const REBUILD_HELP = `用法: yihu measures rebuild --from 日期 --to 日期 [选项]

从消息、服务时段和工单事件重新统计这些天的指标（北京时间，含首尾两天），用在改了 config/board.yaml 的计数规则、
或者手工改过数据库以后。网关可以开着：统计到哪里就重算到哪里，之后的照常继续。

选项:
  --from 日期        第一天，如 2026-11-01
  --to 日期          最后一天
${DATABASE_OPTIONS}`;

const MAX_DAYS = 3_660;

/** @returns the exit code; 2 for an unknown command */
export async function runMeasures(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === 'rebuild') return runRebuild(rest);
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  process.stderr.write(`${name === undefined ? '缺少命令' : `没有命令 ${name}`}\n\n${HELP}`);
  return 2;
}

function runRebuild(argv: readonly string[]): Promise<number> {
  return withOptions(argv, REBUILD_HELP, { from: { type: 'string' }, to: { type: 'string' } }, ({ from, to }, rest) =>
    runDatabaseCommand(rest, REBUILD_HELP, async (command) => {
      if (command.rest.length > 0) throw new UsageError(`不认识的参数 ${command.rest.join(' ')}`);
      if (from === undefined || to === undefined) throw new UsageError('要写 --from 和 --to');
      const [first, last] = [midnight(from), midnight(to)];
      if (last < first) throw new UsageError('--to 不能早于 --from');
      if ((last - first) / DAY >= MAX_DAYS) throw new UsageError('一次最多重算十年');
      const { limits } = loadMeasureSettings(findRoot(import.meta.url));
      return withStore(command, async (store) => {
        const bar = phaseBar(command.json);
        const all = (last - first) / DAY + 1;
        try {
          const days = await recount({ store, holder: uuidv7(), limits, now: Date.now, from: first, to: last + DAY, onDay: (day) => bar.show(beijingDay(day), ((day - first) / DAY + 1) / all) });
          return { facts: { from, to, days }, text: `重新统计了 ${days} 天的指标（${from} 至 ${to}）` };
        } catch (error) {
          if (error instanceof AppError && error.code === 'measures.busy') throw new AppError(error.code, '另一个进程一直在统计，请稍后再试', { retry: 'later' });
          throw error;
        } finally {
          bar.stop();
        }
      });
    }),
  );
}

/** @throws UsageError for what is no day */
function midnight(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at) || beijingDay(at - BEIJING_OFFSET) !== text) throw new UsageError(`日期要写成 2026-11-01 这样：${text}`);
  return at - BEIJING_OFFSET;
}
