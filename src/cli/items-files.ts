import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../domain/errors.ts';
import { readItemFile, writeItemFile } from '../http/zones/desk/item-file.ts';
import { FILE_LIMITS } from '../knowledge/files/limits.ts';
import type { FileFormat } from '../knowledge/files/raw.ts';
import type { Store } from '../store/contract.ts';
import { readItemsBody } from '../tickets/catalogue/body.ts';
import { openLiveCatalogues, type LiveCatalogues } from '../tickets/catalogue/live.ts';
import type { ItemImport } from '../tickets/catalogue/table.ts';
import { DRAFTING_ROLES, draftCatalogue, getCatalogue, reviewCatalogue } from '../tickets/catalogue/work.ts';
import { DATABASE_OPTIONS, runDatabaseCommand, UsageError } from './database.ts';
import { cityOfCheckout, readFile, withOptions, withStore } from './kb-files.ts';

/** `yihu items import FILE` and `yihu items export FILE`: the item tree as a table or JSONL. */

const IMPORT_HELP = `用法: yihu items import 文件 [选项]

读入整棵事项树（XLSX、CSV、JSONL），逐行报告新增、修改、不变还是被拒绝，以及文件里没有而现行目录里有的事项。
默认只检查，什么也不改。列名和写法见 docs/items.md。

选项:
  --apply            全部行都没有问题时，写成一份草稿；由另一位班长或管理员在坐席台发布
  --as 用户名        以这位编辑的名义起草；不写则记为系统
  --scheme 名称      编码方案的名称（默认：现行目录的）
  --edition 数字     编码方案的版次（默认：现行目录的）
${DATABASE_OPTIONS}`;

const EXPORT_HELP = `用法: yihu items export 文件 [选项]

把事项目录写进文件；格式看文件名：.xlsx、.csv 或 .jsonl。写出的文件可以再导入。

选项:
  --version 数字     哪个版本（默认：现行版本；0 是 config/items.yaml）
${DATABASE_OPTIONS}`;

/** Rows that are listed for people; a program gets all by --json. */
const LISTED = 50;

/** The catalogues in force of a database, over config/ of this checkout. */
export const catalogueInForce = (store: Store): Promise<LiveCatalogues> => openLiveCatalogues({ store, files: cityOfCheckout(), log: { warn: (_facts, text) => process.stderr.write(`${text}\n`) }, every: () => () => {} });

/** @returns the exit code: 1 when rows were refused */
export function runItemsImport(argv: readonly string[]): Promise<number> {
  return withOptions(argv, IMPORT_HELP, { apply: { type: 'boolean' }, as: { type: 'string' }, scheme: { type: 'string' }, edition: { type: 'string' } }, ({ apply = false, as, scheme, edition }, rest) =>
    runDatabaseCommand(rest, IMPORT_HELP, async (command) => {
      const [path, ...more] = command.rest;
      if (path === undefined || more.length > 0) throw new UsageError('要写一个文件名');
      if (edition !== undefined && !/^\d{1,9}$/.test(edition)) throw new UsageError('--edition 要写数字');
      const file = readFile(path);
      return withStore(command, async (store) => {
        const { city } = await catalogueInForce(store);
        const { file: facts, result } = await readItemFile(file, FILE_LIMITS, city, { scheme: scheme ?? city.itemScheme.scheme, version: edition === undefined ? city.itemScheme.version : Number(edition) });
        const { catalogue } = result;
        const warnings = catalogue === null ? [] : (await reviewCatalogue({ store, city }, 'items', JSON.parse(JSON.stringify(catalogue)))).filter(({ pointer }) => pointer === '/items').map(({ text }) => text);
        const draft = apply && catalogue !== null ? await draftCatalogue({ store, city, files: cityOfCheckout(), now: Date.now, announce: () => {} }, 'items', { body: catalogue, note: `导入 ${file.name}`.slice(0, 200) }, { id: await editor(store, as ?? null), role: 'system' }) : null;
        const { counts, rows, gone } = result;
        return { ok: catalogue !== null, facts: { file: facts, counts, rows, gone, warnings, version: draft?.version ?? null }, text: textOf(result, [...facts.ignored], warnings, draft?.version ?? null, apply) };
      });
    }),
  );
}

/** @returns the exit code */
export function runItemsExport(argv: readonly string[]): Promise<number> {
  return withOptions(argv, EXPORT_HELP, { version: { type: 'string' } }, ({ version }, rest) =>
    runDatabaseCommand(rest, EXPORT_HELP, async (command) => {
      const [path, ...more] = command.rest;
      if (path === undefined || more.length > 0) throw new UsageError('要写一个文件名');
      if (version !== undefined && !/^\d{1,9}$/.test(version)) throw new UsageError('--version 要写数字');
      const format = formatOf(path);
      return withStore(command, async (store) => {
        const live = await catalogueInForce(store);
        const wanted = version === undefined ? live.versions().items : Number(version);
        const catalogue = readItemsBody((await getCatalogue({ store, files: cityOfCheckout() }, 'items', wanted)).body);
        try {
          await pipeline(writeItemFile(format, catalogue, live.city.departments), createWriteStream(path));
        } catch (error) {
          throw new AppError('items.file_failed', `写不了文件 ${path}`, { details: { file: path }, cause: error });
        }
        const groups = catalogue.groups?.length ?? 0;
        return { facts: { version: wanted, items: catalogue.items.length, groups, file: path }, text: `第 ${wanted} 版：${catalogue.items.length} 个事项、${groups} 个类目，写到 ${path}` };
      });
    }),
  );
}

function formatOf(path: string): FileFormat {
  const ending = /\.(xlsx|csv|jsonl)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === 'xlsx' || ending === 'csv' || ending === 'jsonl') return ending;
  throw new UsageError('文件名要以 .xlsx、.csv 或 .jsonl 结尾');
}

/** Seat id of somebody who may draft. */
async function editor(store: Store, username: string | null): Promise<string> {
  if (username === null) return 'system';
  const found = await store.read((repos) => repos.seats.findByUsername(username));
  if (found === null || !found.seat.active || !DRAFTING_ROLES.includes(found.seat.role)) throw new AppError('catalogue.no_editor', '没有这位编辑，或者这位用户不能起草目录');
  return found.seat.id;
}

const STATUS: Readonly<Record<ItemImport['rows'][number]['status'], string>> = { new: '新增', changed: '修改', same: '不变', refused: '拒绝' };

function textOf({ rows, counts, gone }: ItemImport, ignored: readonly string[], warnings: readonly string[], version: number | null, apply: boolean): string {
  const told = rows.filter(({ reasons }) => reasons.length > 0);
  const lines = told.slice(0, LISTED).map(({ line, code, status, reasons }) => `第 ${line} 行${code === null || code === '' ? '' : `（${code}）`} ${STATUS[status]}：${reasons.join('；')}`);
  if (told.length > LISTED) lines.push(`……还有 ${told.length - LISTED} 行，用 --json 看全部`);
  if (ignored.length > 0) lines.push(`不认识或重复的列，没有读：${ignored.join('、')}`);
  if (gone.length > 0) lines.push(`文件里没有、现行目录里有的：${gone.slice(0, 20).join('、')}${gone.length > 20 ? ` 等 ${gone.length} 个` : ''}`);
  lines.push(...warnings);
  const outcome = version !== null ? `已写成草稿第 ${version} 版，等待另一人发布` : counts.refused > 0 || rows.length === 0 ? '有行被拒绝，什么也没有改' : apply ? '没有可写的内容' : '只检查，什么也没有改；加 --apply 写成草稿';
  lines.push(`新增 ${counts.new}，修改 ${counts.changed}，不变 ${counts.same}，拒绝 ${counts.refused}；${outcome}`);
  return lines.join('\n');
}
