import { pathToFileURL } from 'node:url';
import { migrateStore } from '../store/index.ts';
import { DATABASE_OPTIONS, runDatabaseCommand, UsageError } from './database.ts';

/** `yihu migrate`: brings the tables up to date and says what was done. The gateway does the same when it starts. */

const HELP = `用法: yihu migrate [选项]

把数据库的表更新到本版本，并说明从哪个版本到哪个版本。可以重复运行；几个进程同时运行时，一个做，其余等。

选项:
${DATABASE_OPTIONS}`;

/** @returns the exit code */
export function runMigrate(argv: readonly string[]): Promise<number> {
  return runDatabaseCommand(argv, HELP, async ({ place, rest }) => {
    if (rest.length > 0) throw new UsageError(`不认识的参数 ${rest.join(' ')}`);
    const report = await migrateStore(place);
    const name = report.dialect === 'sqlite' ? 'SQLite' : 'PostgreSQL';
    // A newer program was here: its tables must stay, and this one must not pretend to know them.
    if (report.to === 'unknown') return { ok: false, facts: report, text: `${name}：数据库已被更新的版本改过，本版本不认识它的表` };
    const text = report.ran.length === 0 ? `${name}：已经是最新（${report.to}）` : `${name}：从 ${report.from ?? '空数据库'} 到 ${report.to}，运行了 ${report.ran.join('、')}`;
    return { facts: report, text };
  });
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runMigrate(process.argv.slice(2));
