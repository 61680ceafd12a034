import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import { findRoot } from '../config/root.ts';
import { beijingText } from '../domain/clock.ts';
import { AppError } from '../domain/errors.ts';
import { createLegalClock } from '../domain/legal-clock.ts';
import { type LinkageContext, openLinkageHouse, requireEndpoint } from '../linkage/context.ts';
import { loadLinkage } from '../linkage/profile.ts';
import { dayBefore, makeReconciliation, type Reconciliation } from '../linkage/reconcile.ts';
import { COUNT_NAMES, kindName, RECONCILE_TYPES, type ReconcileFormat, reconcileFileName, stateName, writeReconciliation } from '../linkage/render.ts';
import { replayMessage } from '../linkage/replay.ts';
import { transferTicket } from '../linkage/transfer.ts';
import type { Store } from '../store/contract.ts';
import type { TicketUnit } from '../tickets/context.ts';
import { DATABASE_OPTIONS, type DatabaseCommand, runDatabaseCommand, UsageError } from './database.ts';
import { catalogueInForce } from './items-files.ts';
import { withOptions, withStore } from './kb-files.ts';

/** `yihu linkage …`: shared matters from the command line. What is sent is written down here and carried by the running gateway. */

const HELP = `用法: npm run --silent yihu -- linkage 命令 [选项]

命令:
  lint             检查 config/linkage.yaml 和环境变量
  list             看联动事项和它们的往来记录
  send             把工单转给一个联动单位，或重发一条记录
  reconcile        做一天的对账

每个命令都有 --help。退出码：0 成功，1 没有做成（对账有差异也是 1），2 用法不对。
`;

const LIST_HELP = `用法: yihu linkage list [选项]

  --profile 标识     只看一个联动单位（例如 police-110）
  --ticket 编号      只看一张工单，连同往来记录
  --late             只看逾期的
  --limit 数字       最多多少条（默认 50）
${DATABASE_OPTIONS}`;

const SEND_HELP = `用法: yihu linkage send --profile 标识 --ticket 编号 [选项]
      yihu linkage send --record 记录编号

写进数据库，由正在运行的网关发出；网关没有运行时，等它启动后发出。

  --profile 标识     转给谁
  --ticket 编号      哪张工单
  --note 文字        移交说明
  --record 记录编号  重发这条记录（编号见 list --ticket 的输出），版本不变
${DATABASE_OPTIONS}`;

const RECONCILE_HELP = `用法: yihu linkage reconcile [选项]

  --date 日期        哪一天（例如 2026-11-22；默认昨天，北京时间）
  --profile 标识     只对一个联动单位（默认全部已接通的）
  --format 格式      xlsx、csv 或 json：另写成文件
  --out 文件         写到哪里（只对一个单位时）
${DATABASE_OPTIONS}`;

/** @returns the exit code; 2 for an unknown command */
export async function runLinkage(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === 'lint') return runLint();
  if (name === 'list') return runList(rest);
  if (name === 'send') return runSend(rest);
  if (name === 'reconcile') return runReconcile(rest);
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  process.stderr.write(`${name === undefined ? '缺少命令' : `没有命令 ${name}`}\n\n${HELP}`);
  return 2;
}

function runLint(): number {
  try {
    const house = openLinkageHouse(loadLinkage(findRoot(import.meta.url)), process.env, process.env['DATA_DIR'] ?? './data');
    const lines = house.endpoints.map(({ profile, on, missing, dial }) => `${profile.id}  ${profile.name}  ${on ? '已接通' : missing.length > 0 ? `缺少设置 ${missing.join(' ')}` : '未启用'}${dial === null ? '' : '，可直接转接来电'}`);
    process.stdout.write(`${lines.join('\n')}\n${house.endpoints.length} 个联动单位，${house.rules.length} 条规则，没有错误\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

async function contextOf(store: Store, command: DatabaseCommand): Promise<LinkageContext> {
  const { city } = await catalogueInForce(store);
  return {
    city, clock: createLegalClock(city.calendar), now: Date.now, newId: uuidv7, store, house: openLinkageHouse(loadLinkage(findRoot(import.meta.url)), process.env, command.settings.DATA_DIR),
    // Nobody listens here: the gateway's own bus finds what was written.
    write: (fn) => store.write((repos) => fn({ repos, after: { push: () => 0 } } satisfies TicketUnit)),
  };
}

function runList(argv: readonly string[]): Promise<number> {
  return withOptions(argv, LIST_HELP, { profile: { type: 'string' }, ticket: { type: 'string' }, late: { type: 'boolean' }, limit: { type: 'string' } }, ({ profile, ticket, late = false, limit = '50' }, rest) =>
    runDatabaseCommand(rest, LIST_HELP, async (command) => {
      if (command.rest.length > 0) throw new UsageError(`不认识的参数 ${command.rest[0] ?? ''}`);
      if (!/^[1-9]\d{0,3}$/.test(limit)) throw new UsageError('--limit 要写 1 到 9999 的数字');
      return withStore(command, async (store) => {
        const context = await contextOf(store, command);
        const nameOf = (id: string): string => context.house.endpoint(id)?.profile.name ?? id;
        return store.read(async ({ linkage, tickets }) => {
          const one = ticket === undefined ? null : await tickets.findByNumber(ticket);
          if (ticket !== undefined && one === null) throw new AppError('ticket.not_found', `没有工单 ${ticket}`);
          const links = one === null ? await linkage.links({ limit: Number(limit), ...(profile === undefined ? {} : { profile }), ...(late ? { late } : {}) }) : (await linkage.linksOfTicket(one.id)).filter((link) => profile === undefined || link.profile === profile);
          const lines: string[] = [];
          const records = [];
          for (const link of links) {
            const number = link.ticketId === null ? '尚无工单' : ((await tickets.get(link.ticketId))?.number ?? link.ticketId);
            lines.push(`${beijingText(link.createdAt)}  ${nameOf(link.profile)}  ${link.direction === 'in' ? '转入' : '转出'}  ${number}${link.externalNo === null ? '' : `  对方 ${link.externalNo}`}  ${link.state}${link.overdueAt !== null && link.owes !== null ? '  逾期' : ''}`);
            if (one === null) continue;
            for (const message of await linkage.messagesOf(link.id)) {
              records.push(message);
              lines.push(`    ${message.id}  ${message.direction === 'in' ? '来' : '去'} 第 ${message.version} 号  ${kindName(message.kind)}  ${stateName(message.state)}${message.code === null ? '' : `  ${message.code}`}`);
            }
          }
          return { facts: { links, records }, text: lines.length === 0 ? '没有联动事项' : lines.join('\n') };
        });
      });
    }));
}

function runSend(argv: readonly string[]): Promise<number> {
  return withOptions(argv, SEND_HELP, { profile: { type: 'string' }, ticket: { type: 'string' }, note: { type: 'string' }, record: { type: 'string' } }, ({ profile, ticket, note = '', record }, rest) =>
    runDatabaseCommand(rest, SEND_HELP, async (command) => {
      if (command.rest.length > 0) throw new UsageError(`不认识的参数 ${command.rest[0] ?? ''}`);
      if (record === undefined ? profile === undefined || ticket === undefined : profile !== undefined || ticket !== undefined) throw new UsageError('要写 --profile 和 --ticket，或者只写 --record');
      return withStore(command, async (store) => {
        const context = await contextOf(store, command);
        if (record !== undefined) {
          const message = await context.write((unit) => replayMessage(context, unit, record, 'cli'));
          return { facts: { record: message.id, version: message.version }, text: `已安排重发 ${message.number} 第 ${message.version} 号` };
        }
        return context.write(async (unit) => {
          const found = await unit.repos.tickets.findByNumber(ticket ?? '');
          if (found === null) throw new AppError('ticket.not_found', `没有工单 ${ticket ?? ''}`);
          const { link, sent, repeated } = await transferTicket(context, unit, found, { profile: profile ?? '', mode: 'system', threeParty: false, emergency: found.urgency === 'emergency', note, actor: { kind: 'system' } });
          const { name } = requireEndpoint(context.house, link.profile).profile;
          return { facts: { link: link.id, sent, repeated }, text: repeated ? `已经转过${name}，没有重复转办` : sent ? `已转${name}，等网关发出` : `已登记转${name}；系统通道未接通，须电话告知对方` };
        });
      });
    }));
}

function runReconcile(argv: readonly string[]): Promise<number> {
  return withOptions(argv, RECONCILE_HELP, { date: { type: 'string' }, profile: { type: 'string' }, format: { type: 'string' }, out: { type: 'string' } }, ({ date, profile, format, out }, rest) =>
    runDatabaseCommand(rest, RECONCILE_HELP, async (command) => {
      if (command.rest.length > 0) throw new UsageError(`不认识的参数 ${command.rest[0] ?? ''}`);
      if (out !== undefined && profile === undefined) throw new UsageError('--out 只在写了 --profile 时能用');
      const wanted = formatGiven(format ?? /\.([a-z]+)$/i.exec(out ?? '')?.[1]?.toLowerCase());
      return withStore(command, async (store) => {
        const context = await contextOf(store, command);
        const day = date ?? dayBefore(Date.now());
        const ids = profile === undefined ? context.house.endpoints.filter(({ on }) => on).map((endpoint) => endpoint.profile.id) : [profile];
        const reports: Reconciliation[] = [];
        const files: string[] = [];
        for (const id of ids) {
          const report = await makeReconciliation(context, id, day);
          reports.push(report);
          await store.write((repos) => repos.trail.append({ at: Date.now(), actor: 'cli', action: 'linkage.reconciled', subject: `linkage-day:${id}:${day}`, purpose: null }));
          if (wanted === null) continue;
          const file = out ?? reconcileFileName(report, wanted);
          await writeFile(file, await writeReconciliation(report, wanted)).catch((error: unknown) => {
            throw new AppError('report.file_failed', `写不了文件 ${file}`, { details: { file }, cause: error });
          });
          files.push(file);
        }
        const text = reports.length === 0 ? '没有已接通的联动单位' : [...reports.map(textOf), ...files.map((file) => `写在 ${file}`)].join('\n');
        return { ok: reports.every(({ agrees }) => agrees), facts: { day, reports, files }, text };
      });
    }));
}

function formatGiven(given: string | undefined): ReconcileFormat | null {
  if (given === undefined) return null;
  const found = (['xlsx', 'csv', 'json'] as const).find((format) => format === given && format in RECONCILE_TYPES);
  if (found === undefined) throw new UsageError(`不认识的格式 ${given}：要写 xlsx、csv 或 json`);
  return found;
}

function textOf({ name, day, counts, agrees, list }: Reconciliation): string {
  const said = Object.entries(counts).filter(([, amount]) => amount > 0).map(([key, amount]) => `${Object.entries(COUNT_NAMES).find(([known]) => known === key)?.[1] ?? key} ${amount}`);
  const compared = list === null ? '对方未提供清单' : `清单 ${list.lines} 行，对上 ${list.agreed}，我方缺 ${list.notHere.length}，对方缺 ${list.notThere.length}`;
  return `${name} ${day}：${agrees ? '相符' : '有差异'}；${said.length === 0 ? '没有往来' : said.join('，')}；${compared}`;
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runLinkage(process.argv.slice(2));
