import { pathToFileURL } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import { findRoot } from '../config/root.ts';
import type { KnowledgeEntry } from '../domain/knowledge.ts';
import { faultText, fieldText } from '../knowledge/files/faults.ts';
import { FILE_LIMITS } from '../knowledge/files/limits.ts';
import { createNames } from '../knowledge/files/names.ts';
import { openFile } from '../knowledge/files/open.ts';
import { existingOf, planRows, publishedPages } from '../knowledge/files/plan.ts';
import { countFindings, lintSteps, sortFindings, type Finding } from '../knowledge/lint/index.ts';
import { checkLinks } from '../knowledge/lint/links.ts';
import { beijingDay, lintFacts, loadReplacedSources } from '../knowledge/lint/sources.ts';
import { addLintTasks } from '../knowledge/lint/tasks.ts';
import { DATABASE_OPTIONS, runDatabaseCommand, UsageError, type DatabaseCommand } from './database.ts';
import { cityOfCheckout, phaseBar, readFile, withOptions, withStore, type PhaseBar } from './kb-files.ts';

/** `yihu kb lint`: what is wrong with the knowledge base, a file, or the files of config/knowledge. */

const HELP = `用法: yihu kb lint [文件] [选项]

检查知识：两条知识对同一问法说法不同、来源过期、口播超过三句或念不出来、个人信息、失效的引用、承诺的口气……
不写文件时检查数据库里已发布的知识；写文件（XLSX、CSV、JSONL）时检查文件，不写入。

选项:
  --config           检查 config/knowledge 里的文件，不看数据库
  --links            逐个打开链接，看是不是还在（要能上网；不访问内部网络）
  --tasks            把错误和警告记成编辑的待办（只对数据库）
  --strict           有警告时退出码也是 1
  --quiet            不列提示，只列错误和警告
${DATABASE_OPTIONS}`;

interface Base {
  readonly entries: readonly KnowledgeEntry[];
  /** Rows of a file that are no entries. */
  readonly refused: readonly Finding[];
}

/** @returns the exit code: 1 when there are errors (with --strict: or warnings) */
export function runKbLint(argv: readonly string[]): Promise<number> {
  const own = { config: { type: 'boolean' }, links: { type: 'boolean' }, tasks: { type: 'boolean' }, strict: { type: 'boolean' }, quiet: { type: 'boolean' } } as const;
  return withOptions(argv, HELP, own, ({ config = false, links = false, tasks = false, strict = false, quiet = false }, rest) =>
    runDatabaseCommand(rest, HELP, async (command) => {
      const [path, ...more] = command.rest;
      if (more.length > 0 || (path !== undefined && config)) throw new UsageError('写一个文件，或者 --config，或者都不写');
      if (tasks && (path !== undefined || config)) throw new UsageError('--tasks 只对数据库里的知识');
      const bar = phaseBar(command.json);
      try {
        const city = cityOfCheckout();
        const base = config ? { entries: city.knowledge, refused: [] } : path === undefined ? await ofDatabase(command) : await ofFile(path, city, bar);
        // A file may be a part of the base: what it refers to may be in the files that ship.
        const others = path === undefined ? undefined : new Set(city.knowledge.map(({ id }) => id));
        const facts = lintFacts(city, beijingDay(Date.now()), loadReplacedSources(findRoot(import.meta.url)), others);
        const found: Finding[] = [...base.refused];
        for (const finding of lintSteps(base.entries, facts)) if (finding !== null) found.push(finding);
        if (links) found.push(...(await checkLinks(base.entries, { onProgress: (share) => bar.show('链接', share) })));
        const findings = sortFindings(found);
        const added = tasks ? await withStore(command, (store) => addLintTasks({ store, now: Date.now, newId: uuidv7 }, findings, base.entries, 'system')) : null;
        const counts = countFindings(findings);
        const shown = quiet ? findings.filter(({ severity }) => severity !== 'hint') : findings;
        const total = `检查了 ${base.entries.length} 条知识：错误 ${counts.error}，警告 ${counts.warning}，提示 ${counts.hint}${added === null ? '' : `；新增待办 ${added} 项`}`;
        return {
          ok: counts.error === 0 && !(strict && counts.warning > 0),
          facts: { entries: base.entries.length, counts, ...(added === null ? {} : { tasks: added }), findings: shown }, text: [...shown.map(lineOf), total].join('\n'),
        };
      } finally {
        bar.stop();
      }
    }),
  );
}

async function ofDatabase(command: DatabaseCommand): Promise<Base> {
  return withStore(command, async (store) => {
    const entries: KnowledgeEntry[] = [];
    for await (const page of publishedPages(store, {})) entries.push(...page);
    return { entries, refused: [] };
  });
}

async function ofFile(path: string, city: Parameters<typeof createNames>[0], bar: PhaseBar): Promise<Base> {
  const entries: KnowledgeEntry[] = [];
  const refused: Finding[] = [];
  const file = await openFile(readFile(path), FILE_LIMITS);
  for await (const { report, entry } of planRows(file, { names: createNames(city), existing: existingOf([]), limits: FILE_LIMITS })) {
    if (entry !== null) entries.push(entry);
    for (const fault of report.faults) refused.push({ rule: 'row.refused', severity: 'error', entryIds: [report.id ?? `第 ${report.line} 行`], field: fault.field, text: `第 ${report.line} 行 ${faultText(fault)}`, mend: '改正后重新导入' });
    if (report.row % 50 === 0) bar.show('读取', file.read());
  }
  return { entries, refused };
}

const SEVERITIES: Readonly<Record<Finding['severity'], string>> = { error: '错误', warning: '警告', hint: '提示' };

function lineOf({ severity, rule, entryIds, field, text, mend }: Finding): string {
  return `${SEVERITIES[severity]} ${entryIds.join(' ')} [${field === null ? '' : `${fieldText(field)} `}${rule}] ${text}。${mend}。`;
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runKbLint(process.argv.slice(2));
