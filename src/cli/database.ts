import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import cliProgress from 'cli-progress';
import { loadSecrets } from '../config/secrets.ts';
import { readSettings, type Settings } from '../config/settings.ts';
import { AppError, isAppError } from '../domain/errors.ts';
import { createVault, type Vault } from '../store/index.ts';
import type { Place, Progress } from '../store/transfer/export.ts';

/** What migrate, export and import share: where the database is, which key, how results are told. */

export const DATABASE_OPTIONS = `  --database 地址    PostgreSQL 的地址（postgres://…）；命令行别人看得到，有密码时用环境变量 DATABASE_URL
  --data-dir 目录    数据目录：SQLite 数据库和 secrets.json 在里面（默认：环境变量 DATA_DIR，再默认 ./data）
                     只写 --data-dir 时用 SQLite
  --json             结果输出成一行 JSON，给程序看
  --help             显示这段说明

退出码：0 成功，1 没有做成，2 用法不对。
`;

export interface DatabaseCommand {
  readonly settings: Settings;
  readonly place: Place;
  /** What stands on the command line besides options. */
  readonly rest: readonly string[];
  readonly json: boolean;
}

/** A fault in how a command was called; ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Runs a command on a database and tells its result.
 * @param act returns the facts for --json and the text for people; `ok: false` for a result that is none to be content with
 * @returns the exit code
 */
export async function runDatabaseCommand(argv: readonly string[], help: string, act: (command: DatabaseCommand) => Promise<{ readonly ok?: boolean; readonly facts: object; readonly text: string }>): Promise<number> {
  let json = argv.includes('--json');
  try {
    const { values, positionals } = parse(argv);
    json = values.json === true;
    if (values.help === true) {
      process.stdout.write(help);
      return 0;
    }
    const settings = readSettings({ ...process.env, ...(values['data-dir'] === undefined ? {} : { DATA_DIR: values['data-dir'], DATABASE_URL: '' }), ...(values.database === undefined ? {} : { DATABASE_URL: values.database }) });
    const { ok = true, facts, text } = await act({ settings, place: { databaseUrl: settings.DATABASE_URL, dataDir: settings.DATA_DIR }, rest: positionals, json });
    process.stdout.write(json ? `${JSON.stringify({ ok, ...facts })}\n` : `${text}\n`);
    return ok ? 0 : 1;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n\n${help}`);
      return 2;
    }
    if (!isAppError(error)) throw error;
    if (json) process.stdout.write(`${JSON.stringify({ ok: false, code: error.code, message: error.message, details: error.details })}\n`);
    else process.stderr.write(`没有做成：${TEXTS[error.code] ?? error.message}${typeof error.details['table'] === 'string' ? `（表 ${error.details['table']}）` : ''}\n`);
    return 1;
  }
}

/** The key that the gateway runs with. Never made here: a new key opens nothing. */
export function vaultOf(settings: Settings): Vault {
  if (settings.VAULT_KEY !== '') return createVault(Buffer.from(settings.VAULT_KEY, 'base64'));
  if (!existsSync(join(settings.DATA_DIR, 'secrets.json'))) throw new AppError('transfer.no_key', 'no VAULT_KEY is set, and the data folder has no secrets.json');
  return createVault(loadSecrets(settings).vaultKey);
}

/** A bar on stderr while a person watches; otherwise nothing. */
export function progressBar(json: boolean): { readonly onProgress: Progress; stop(): void } {
  if (json || !process.stderr.isTTY) return { onProgress: () => {}, stop: () => {} };
  const bar = new cliProgress.SingleBar({ format: '{bar} {percentage}% {value}/{total} 行，还要 {eta_formatted}  {table}', stream: process.stderr, hideCursor: true, clearOnComplete: true }, cliProgress.Presets.shades_classic);
  let started = false;
  return {
    onProgress({ table, done, total }) {
      if (!started) bar.start(total, done, { table });
      else bar.update(done, { table });
      started = true;
    },
    stop: () => bar.stop(),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options: { database: { type: 'string' }, 'data-dir': { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const TEXTS: Readonly<Record<string, string>> = {
  'store.bad_url': '数据库地址要写成 postgres://…',
  'store.failed': '连不上数据库，或者数据库出错',
  'store.busy': '数据库正忙，请稍后再试',
  'report.file_failed': '写不了文件，请检查路径、权限和磁盘空间',
  'report.bad_period': '时间写得不对：日报写 2026-11-22，周报写 2026-W45，月报写 2026-10，专报的起止日期写 2026-10-01（至多 366 天）',
  'report.not_begun': '这段时间还没有过去，至少要满一天（日报满一小时）才有数据',
  'report.no_scope': '没有这个事项、镇街或集中诉求',
  'transfer.no_key': '没有密钥：请设置 VAULT_KEY，或把网关的 secrets.json 放进数据目录',
  'transfer.no_database': '数据目录里没有数据库',
  'transfer.out_of_date': '数据库的表和本版本不同：请先用本版本运行 yihu migrate',
  'transfer.exists': '文件已经存在，不会覆盖它',
  'transfer.file_failed': '文件读写失败，请检查路径、权限和磁盘空间',
  'transfer.not_an_export': '这不是 yihu export 写的文件',
  'transfer.other_version': '这个文件来自另一个版本：请用那个版本导入，再用本版本运行 yihu migrate',
  'transfer.other_key': 'VAULT_KEY 不对：这些数据是用另一把密钥封存的，没有那把密钥谁也打不开',
  'transfer.not_empty': '目标数据库不是空的：只能导入空的数据库',
  'transfer.in_use': '目标数据库正在被使用：请先停止网关',
  'transfer.damaged': '文件不完整或被改动过：请重新导出',
  'transfer.bad_row': '有一行和表的列对不上：请重新导出',
  'transfer.differs': '写入后读回的内容和文件不同，导入已撤销',
};
