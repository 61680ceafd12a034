import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { AppError, isAppError } from '../domain/errors.ts';
import type { KnowledgeEntry } from '../domain/knowledge.ts';
import { createNames } from '../knowledge/files/names.ts';
import { publishedPages, type ExportFilter } from '../knowledge/files/plan.ts';
import type { FileFormat } from '../knowledge/files/raw.ts';
import { writeEntries } from '../knowledge/files/write.ts';
import { DATABASE_OPTIONS, runDatabaseCommand, UsageError } from './database.ts';
import { cityOfCheckout, phaseBar, readModule, withOptions, withStore } from './kb-files.ts';

/** `yihu kb export FILE`: the knowledge base, or a part of it, into a file that `kb import` reads back unchanged. */

const HELP = `用法: yihu kb export 文件 [选项]

把已发布的知识导出成 XLSX、CSV 或 JSONL（按文件名结尾），改好后可以再用 kb import 导入。

选项:
  --module 模块      只导出一个模块：duties 问政清单、desk 业务指引、faq 常见问题、terms 专业名词、guides 办事指南
  --department 编号  只导出一个承办单位的
  --state 状态       published 已发布（默认）或 retired 已撤下
  --format 格式      xlsx、csv、jsonl；不写则看文件名
  --force            文件已经存在时覆盖它
${DATABASE_OPTIONS}`;

/** @returns the exit code */
export function runKbExport(argv: readonly string[]): Promise<number> {
  const own = { module: { type: 'string' }, department: { type: 'string' }, state: { type: 'string' }, format: { type: 'string' }, force: { type: 'boolean' } } as const;
  return withOptions(argv, HELP, own, ({ module, department, state, format: wanted, force = false }, rest) =>
    runDatabaseCommand(rest, HELP, async (command) => {
      const [path, ...more] = command.rest;
      if (path === undefined || more.length > 0) throw new UsageError('要写一个文件名');
      const format = readFormat(wanted ?? /\.([a-z]+)$/i.exec(path)?.[1] ?? '');
      const city = cityOfCheckout();
      const found = department === undefined ? undefined : createNames(city).departments.find(department);
      if (found !== undefined && !('id' in found)) throw new UsageError(`没有承办单位 ${department ?? ''}`);
      const filter: ExportFilter = { ...(module === undefined ? {} : { module: readModule(module) }), ...(found === undefined ? {} : { department: found.id }), ...(state === undefined ? {} : { state: readState(state) }) };
      if (existsSync(path) && !force) throw new AppError('knowledge.file_exists', `文件 ${path} 已经存在；要覆盖它请加 --force`);
      const bar = phaseBar(command.json);
      try {
        const entries = await withStore(command, async (store) => {
          const counts = await store.read((repos) => repos.knowledge.counts());
          const total = filter.module === undefined ? Object.values(counts).reduce((sum, count) => sum + count, 0) : counts[filter.module];
          let done = 0;
          const pages = async function* (): AsyncGenerator<readonly KnowledgeEntry[]> {
            for await (const page of publishedPages(store, filter)) {
              yield page;
              done += page.length;
              bar.show('导出', Math.min(1, done / Math.max(1, total)));
            }
          };
          // Beside it first: a full disk must not leave half a file under the name.
          const draft = `${path}.part`;
          try {
            await pipeline(writeEntries(format, pages(), createNames(city)), createWriteStream(draft, { mode: 0o600 }));
            await rename(draft, path);
          } catch (error) {
            await rm(draft, { force: true });
            throw isAppError(error) || !isFileFailure(error) ? error : new AppError('knowledge.file_failed', '文件写不进去，请检查路径、权限和磁盘空间');
          }
          return done;
        });
        return { facts: { entries, format, file: path }, text: `导出了 ${entries} 条知识：${path}` };
      } finally {
        bar.stop();
      }
    }),
  );
}

function readFormat(text: string): FileFormat {
  const format = text.toLowerCase();
  if (format === 'xlsx' || format === 'csv' || format === 'jsonl') return format;
  throw new UsageError('文件名要以 .xlsx、.csv 或 .jsonl 结尾，或者写 --format');
}

function readState(text: string): 'published' | 'retired' {
  if (text === 'published' || text === 'retired') return text;
  throw new UsageError('--state 只能是 published 或 retired');
}

const isFileFailure = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runKbExport(process.argv.slice(2));
