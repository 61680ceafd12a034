import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { loadCity, type CityData } from '../config/city.ts';
import { readFlowTexts } from '../config/flows.ts';
import { compileFlows, formatIssue, lintProgram, modalitiesOf, readTranscript, readTranscriptKnowledge, runTranscript, type Issue, type Program } from '../dialog/index.ts';
import type { Locale } from '../domain/activity.ts';
import { isAppError } from '../domain/errors.ts';
import { realKnowledge, talk } from './flow-try.ts';

/** `npm run flow -- lint|test|try`: check the flows, replay their transcripts, talk to them. */

const HELP = `用法: npm run flow -- 命令 [选项]

命令:
  lint             检查 flows/ 和 config/dialog.yaml，逐条给出文件、行、列
  test [流程…]     按文字和电话两种方式重放 flows/*/transcripts 里的对话记录
  try              在终端里和机器人说话（真实的知识库和事项目录；工单是假的，不会保存）

选项:
  --dir 目录       项目目录（默认：本项目）
  --json           lint、test：输出 JSON
  --strict         lint：提醒也算不通过
  --voice          try：按电话的方式说（#123 表示按键，空行表示没出声）
  --language 语言  try：市民说什么：zh-CN（默认）、zh-HK（粤语，和 --voice 一起用）、en
  --flow 流程      try：直接从某个流程开始
  --seats 数       try：在线坐席数（默认 1）
  --enterprise 名称 try：以名册里的企业的身份说
  --help           显示这段说明

退出码：0 没有问题，1 有问题，2 用法不对。
`;

const LANGUAGES: readonly Locale[] = ['zh-CN', 'zh-HK', 'en'];

/** Fewer recorded conversations than this leave a flow untried. */
const MIN_TRANSCRIPTS = 3;

interface Loaded {
  readonly program: Program | null;
  readonly issues: readonly Issue[];
  readonly city: CityData;
}

function load(root: string): Loaded {
  const { flows, dialog } = readFlowTexts(root);
  const city = loadCity(root);
  const { program, issues } = compileFlows({ flows, dialog, towns: city.towns, lexicon: city.lexicon });
  return { program, issues, city };
}

/** flows/<id>/transcripts/*.yaml, sorted. */
function transcriptFiles(root: string, flow: string): string[] {
  const folder = join(root, 'flows', flow, 'transcripts');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.yaml')).sort().map((name) => join(folder, name)) : [];
}

const sourceOf = (root: string, path: string): { path: string; text: string } => ({ path: relative(root, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') });

function lint(root: string): readonly Issue[] {
  const { program, issues, city } = load(root);
  if (program === null) return issues;
  const few = [...program.flows.values()].flatMap((flow): Issue[] => {
    const count = transcriptFiles(root, flow.id).length;
    return count >= MIN_TRANSCRIPTS ? [] : [{ ...flow.source.at(['id']), severity: 'error', rule: 'few-transcripts', message: `流程“${flow.id}”只有 ${count} 份对话记录，至少要 ${MIN_TRANSCRIPTS} 份` }];
  });
  return [...issues, ...lintProgram(program, { items: city.items.map((item) => item.code) }), ...few];
}

interface TestReport {
  readonly issues: readonly Issue[];
  readonly runs: number;
}

function test(root: string, wanted: readonly string[]): TestReport {
  const { program, issues } = load(root);
  const { knowledge, issues: knowledgeIssues } = readTranscriptKnowledge(sourceOf(root, join(root, 'flows', 'transcripts.yaml')));
  if (program === null || knowledge === null) return { issues: [...issues, ...knowledgeIssues], runs: 0 };
  const found: Issue[] = [];
  let runs = 0;
  for (const flow of program.flows.keys()) {
    if (wanted.length > 0 && !wanted.includes(flow)) continue;
    for (const path of transcriptFiles(root, flow)) {
      const { transcript, issues: faults } = readTranscript(sourceOf(root, path));
      found.push(...faults);
      if (transcript === null) continue;
      for (const modality of modalitiesOf(transcript)) {
        runs += 1;
        found.push(...runTranscript(program, transcript, modality, knowledge));
      }
    }
  }
  return { issues: found, runs };
}

function print(issues: readonly Issue[], json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(issues, null, 2)}\n`);
  else for (const issue of issues) process.stdout.write(`${formatIssue(issue)}\n`);
}

/** @returns the exit code */
export async function runFlow(argv: readonly string[]): Promise<number> {
  const parsed = read(argv);
  if (parsed === null) return 2;
  const { command, rest, values } = parsed;
  const root = values.dir ?? fileURLToPath(new URL('../..', import.meta.url));
  if (values.help === true || command === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  try {
    if (command === 'lint') {
      const issues = lint(root);
      print(issues, values.json === true);
      const bad = issues.filter((issue) => values.strict === true || issue.severity === 'error').length;
      if (values.json !== true) process.stdout.write(bad === 0 ? '流程检查通过\n' : `有 ${bad} 处要改\n`);
      return bad === 0 ? 0 : 1;
    }
    if (command === 'test') {
      const { issues, runs } = test(root, rest);
      print(issues, values.json === true);
      if (values.json !== true) process.stdout.write(`重放了 ${runs} 段对话，${issues.length === 0 ? '全部符合' : `${issues.length} 处不符`}\n`);
      return issues.length === 0 && runs > 0 ? 0 : 1;
    }
    if (command === 'try') return await tryOut(root, values);
  } catch (error) {
    if (!isAppError(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  process.stderr.write(`${command === undefined ? '缺少命令' : `没有命令 ${command}`}\n\n${HELP}`);
  return 2;
}

async function tryOut(root: string, values: Values): Promise<number> {
  const { program, city, issues } = load(root);
  if (program === null) {
    print(issues, false);
    return 1;
  }
  if (values.flow !== undefined && !program.flows.has(values.flow)) {
    process.stderr.write(`没有流程 ${values.flow}\n`);
    return 2;
  }
  const seats = Number(values.seats ?? '1');
  if (!Number.isInteger(seats) || seats < 0) {
    process.stderr.write('--seats 要写整数\n');
    return 2;
  }
  const locale = LANGUAGES.find((one) => one === (values.language ?? 'zh-CN'));
  if (locale === undefined) {
    process.stderr.write(`--language 要写 ${LANGUAGES.join('、')}\n`);
    return 2;
  }
  await talk(program, realKnowledge(city, values.enterprise !== undefined), { voice: values.voice === true, locale, flow: values.flow, seats, enterprise: values.enterprise ?? null });
  return 0;
}

interface Values {
  readonly dir?: string | undefined;
  readonly json?: boolean | undefined;
  readonly strict?: boolean | undefined;
  readonly voice?: boolean | undefined;
  readonly language?: string | undefined;
  readonly flow?: string | undefined;
  readonly seats?: string | undefined;
  readonly enterprise?: string | undefined;
  readonly help?: boolean | undefined;
}

function read(argv: readonly string[]): { command: string | undefined; rest: readonly string[]; values: Values } | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { dir: { type: 'string' }, json: { type: 'boolean' }, strict: { type: 'boolean' }, voice: { type: 'boolean' }, language: { type: 'string' }, flow: { type: 'string' }, seats: { type: 'string' }, enterprise: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    const [command, ...rest] = positionals;
    return { command, rest, values };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return null;
  }
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runFlow(process.argv.slice(2));
