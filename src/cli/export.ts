import { pathToFileURL } from 'node:url';
import { exportStore } from '../store/transfer/export.ts';
import { DATABASE_OPTIONS, progressBar, runDatabaseCommand, UsageError, vaultOf } from './database.ts';

/** `yihu export FILE`: all tables, as they are at one moment, into a file that `yihu import` reads. */

const HELP = `用法: yihu export 文件 [选项]

把数据库（SQLite 或 PostgreSQL）某一时刻的全部内容写进一个文件；网关可以继续运行。文件名以 .gz 结尾时压缩。
封存的内容（电话、姓名、对话原文）保持封存：导入时要用同一把 VAULT_KEY。

选项:
${DATABASE_OPTIONS}`;

/** @returns the exit code */
export function runExport(argv: readonly string[]): Promise<number> {
  return runDatabaseCommand(argv, HELP, async ({ settings, place, rest, json }) => {
    const [file, ...more] = rest;
    if (file === undefined || more.length > 0) throw new UsageError('要写一个文件名');
    const bar = progressBar(json);
    try {
      const report = await exportStore({ place, vault: vaultOf(settings), file, now: Date.now, onProgress: bar.onProgress });
      return { facts: { ...report, file }, text: `导出了 ${Object.keys(report.tables).length} 张表，${report.rows} 行：${file}` };
    } finally {
      bar.stop();
    }
  });
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runExport(process.argv.slice(2));
