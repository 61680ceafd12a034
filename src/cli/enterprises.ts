import { pathToFileURL } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../domain/errors.ts';
import { cellText } from '../knowledge/files/cells.ts';
import { headersOf, layoutOf } from '../knowledge/files/columns.ts';
import { faultText } from '../knowledge/files/faults.ts';
import { FILE_LIMITS } from '../knowledge/files/limits.ts';
import { openTable } from '../knowledge/files/open.ts';
import type { RawRow } from '../knowledge/files/raw.ts';
import { ENTERPRISE_COLUMNS, importEnterprises, type EnterpriseColumn, type EnterpriseRow, type RegisterImport } from '../tickets/enterprise/register.ts';
import { DATABASE_OPTIONS, runDatabaseCommand, UsageError } from './database.ts';
import { cityOfCheckout, readFile, withOptions, withStore } from './kb-files.ts';

/** `yihu enterprises import FILE`: the register of 企业直通车. */

const HELP = `用法: yihu enterprises import 文件 [选项]

把 XLSX、CSV（UTF-8 或 GB18030）、JSONL 的企业名册导入企业直通车。默认只检查：逐行报告会新增、修改还是被拒绝，什么也不写。
列：企业名称、统一社会信用代码、登记电话（几个用顿号隔开）、所在镇街、专员（坐席的用户名或姓名）、是否有效。
同一信用代码的企业整行更新，电话以新的为准；电话只存加密索引，存下后读不出来。

选项:
  --write            写入；只要有一行被拒绝，就一行也不写
${DATABASE_OPTIONS}`;

const LISTED = 50;
const LAYOUT = layoutOf(headersOf(ENTERPRISE_COLUMNS), 'creditCode', '“企业名称”“统一社会信用代码”');

/** @returns the exit code: 1 when rows were refused */
export function runEnterprises(argv: readonly string[]): Promise<number> {
  const [name, ...args] = argv;
  if (name !== 'import') {
    const help = name === '--help' || name === '-h';
    (help ? process.stdout : process.stderr).write(`${help || name === undefined ? '' : `没有命令 enterprises ${name}\n\n`}${HELP}`);
    return Promise.resolve(help ? 0 : 2);
  }
  return withOptions(args, HELP, { write: { type: 'boolean' } }, ({ write = false }, rest) =>
    runDatabaseCommand(rest, HELP, async (command) => {
      const [path, ...more] = command.rest;
      if (path === undefined || more.length > 0) throw new UsageError('要写一个文件名');
      const opened = await openTable(readFile(path), FILE_LIMITS, LAYOUT);
      // Read before the transaction begins: a writer waits for nothing but the store.
      const rows: EnterpriseRow[] = [];
      for await (const row of opened.rows) rows.push(rowOf(row));
      const report = await withStore(command, (store) => store.write((repos) => importEnterprises(repos, { rows: each(rows), towns: cityOfCheckout().towns, write, now: Date.now(), newId: uuidv7 })));
      return { ok: report.counts.refused === 0, facts: report, text: textOf(report, write) };
    }),
  );
}

async function* each(rows: readonly EnterpriseRow[]): AsyncGenerator<EnterpriseRow> {
  yield* rows;
}

/** JSONL carries the same fields under the same keys; phones may be a list. */
function rowOf(row: RawRow<EnterpriseColumn>): EnterpriseRow {
  const { line } = row;
  if (row.kind === 'fault') return { line, fault: faultText(row.fault) };
  if (row.kind === 'cells') return { line, cells: Object.fromEntries(Object.entries(row.cells).map(([key, cell]) => [key, cellText(cell)])) };
  const { value } = row;
  if (typeof value !== 'object' || value === null) return { line, fault: '不是一个对象' };
  const given = new Map(Object.entries(value));
  const cells = ENTERPRISE_COLUMNS.map(({ key }) => [key, Array.isArray(given.get(key)) ? given.get(key).join('、') : String(given.get(key) ?? '')]);
  return { line, cells: Object.fromEntries(cells) };
}

function textOf({ rows, counts, written }: RegisterImport, write: boolean): string {
  const refused = rows.filter(({ status }) => status === 'refused');
  const lines = refused.slice(0, LISTED).map(({ line, reasons }) => `第 ${line} 行 ${reasons.join('；')}`);
  if (refused.length > LISTED) lines.push(`……还有 ${refused.length - LISTED} 行，用 --json 看全部`);
  const outcome = written > 0 ? `已写入 ${written} 家` : counts.refused > 0 && write ? '有行被拒绝，一行也没有写入' : '只检查，没有写入；加 --write 写入';
  return [...lines, `新增 ${counts.new}，修改 ${counts.changed}，拒绝 ${counts.refused}；${outcome}`].join('\n');
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) {
  process.exitCode = await runEnterprises(process.argv.slice(2)).catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  });
}
