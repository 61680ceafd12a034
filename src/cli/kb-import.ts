import { pathToFileURL } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../domain/errors.ts';
import { faultText } from '../knowledge/files/faults.ts';
import { importKnowledge, type ImportReport } from '../knowledge/files/import.ts';
import { FILE_LIMITS } from '../knowledge/files/limits.ts';
import { createNames } from '../knowledge/files/names.ts';
import { EDITING_ROLES } from '../knowledge/index.ts';
import type { Store } from '../store/index.ts';
import { DATABASE_OPTIONS, runDatabaseCommand, UsageError } from './database.ts';
import { cityOfCheckout, phaseBar, readFile, withOptions, withStore } from './kb-files.ts';

/** `yihu kb import FILE`: a table or JSONL file into the knowledge base, row by row told what it does. */

const HELP = `用法: yihu kb import 文件 [选项]

把 XLSX、CSV（UTF-8 或 GB18030）、JSONL 文件导入知识库。默认只检查：逐行报告会新增、修改、不变还是被拒绝，什么也不写。
写入的知识是“待审核”的草稿，由另一位编辑审核后发布。列名见 docs/knowledge-files.md。

选项:
  --write            写入；只要有一行被拒绝，就一行也不写
  --skip-bad         有行被拒绝时，写入其余的行
  --publish          直接发布，不经审核（第一次装载知识库时用）
  --as 用户名        以这位编辑的名义导入；不写则记为系统
${DATABASE_OPTIONS}`;

/** Refused rows that are listed for people; a program gets all by --json. */
const LISTED = 50;

/** @returns the exit code: 1 when rows were refused, unless --skip-bad wrote the others */
export function runKbImport(argv: readonly string[]): Promise<number> {
  return withOptions(argv, HELP, { write: { type: 'boolean' }, publish: { type: 'boolean' }, 'skip-bad': { type: 'boolean' }, as: { type: 'string' } }, ({ write = false, publish = false, 'skip-bad': skipBad = false, as }, rest) =>
    runDatabaseCommand(rest, HELP, async (command) => {
      const [path, ...more] = command.rest;
      if (path === undefined || more.length > 0) throw new UsageError('要写一个文件名');
      if (!write && (publish || skipBad)) throw new UsageError('--publish 和 --skip-bad 要和 --write 一起用');
      const file = readFile(path);
      const names = createNames(cityOfCheckout());
      const bar = phaseBar(command.json);
      try {
        const report = await withStore(command, async (store) =>
          importKnowledge({ store, names, now: Date.now, newId: uuidv7, announce: () => {} }, file, {
            write, publish, skipBad, by: await editor(store, as ?? null), limits: FILE_LIMITS, onProgress: (phase, share) => bar.show(phase === 'check' ? '检查' : '写入', share),
          }),
        );
        return { ok: report.counts.refused === 0 || skipBad, facts: report, text: textOf(report) };
      } finally {
        bar.stop();
      }
    }),
  );
}

/** Seat id of an editor. */
async function editor(store: Store, username: string | null): Promise<string> {
  if (username === null) return 'system';
  const found = await store.read((repos) => repos.seats.findByUsername(username));
  if (found === null || !found.seat.active || !EDITING_ROLES.includes(found.seat.role)) throw new AppError('knowledge.no_editor', '没有这位编辑，或者这位用户不能编辑知识');
  return found.seat.id;
}

const OUTCOMES: Readonly<Record<ImportReport['outcome'], string>> = {
  checked: '只检查，没有写入；加 --write 写入', refused: '有行被拒绝，一行也没有写入；改好后重来，或加 --skip-bad 写入其余的行', handed_in: '已写入，等待审核', published: '已写入并发布',
};

function textOf({ file, counts, rows, written, outcome }: ImportReport): string {
  const refused = rows.filter(({ status }) => status === 'refused');
  const lines = refused.slice(0, LISTED).map(({ line, id, faults }) => `第 ${line} 行${id === null ? '' : `（${id}）`} ${faults.map(faultText).join('；')}`);
  if (refused.length > LISTED) lines.push(`……还有 ${refused.length - LISTED} 行，用 --json 看全部`);
  const shape = [file.format.toUpperCase(), file.encoding, file.sheet === null ? null : `工作表“${file.sheet}”`].filter((part) => part !== null).join('，');
  if (file.ignored.length > 0) lines.push(`不认识或重复的列，没有读：${file.ignored.join('、')}`);
  lines.push(`${shape}：新增 ${counts.new}，修改 ${counts.changed}，不变 ${counts.same}，拒绝 ${counts.refused}；${OUTCOMES[outcome]}${written > 0 ? `（${written} 条）` : ''}`);
  return lines.join('\n');
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runKbImport(process.argv.slice(2));
