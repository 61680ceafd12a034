import { pathToFileURL } from 'node:url';
import { importStore } from '../store/transfer/import.ts';
import { DATABASE_OPTIONS, progressBar, runDatabaseCommand, UsageError, vaultOf } from './database.ts';

/** `yihu import FILE`: a file of `yihu export` into an empty database. */

const HELP = `用法: yihu import 文件 [选项]

把 yihu export 写的文件导入一个空的数据库（SQLite 或 PostgreSQL），要用同一把 VAULT_KEY，网关要停着。
写完后全部读回，逐表核对行数和内容，一致才生效；中途失败，目标仍然是空的。

选项:
${DATABASE_OPTIONS}`;

/** @returns the exit code; 1 as well when the trail's chain is broken */
export function runImport(argv: readonly string[]): Promise<number> {
  return runDatabaseCommand(argv, HELP, async ({ settings, place, rest, json }) => {
    const [file, ...more] = rest;
    if (file === undefined || more.length > 0) throw new UsageError('要写一个文件名');
    const bar = progressBar(json);
    try {
      const report = await importStore({ place, vault: vaultOf(settings), file, onProgress: bar.onProgress });
      const whole = report.trailBrokenAt === null;
      const trail = whole ? '操作记录的链条完整' : `操作记录从第 ${report.trailBrokenAt} 条起对不上（导出前就是这样）`;
      return { ok: whole, facts: { ...report, file }, text: `导入了 ${Object.keys(report.tables).length} 张表，${report.rows} 行，行数和内容都已核对；${trail}` };
    } finally {
      bar.stop();
    }
  });
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runImport(process.argv.slice(2));
