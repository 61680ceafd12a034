import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findRoot } from '../config/root.ts';
import { isAppError } from '../domain/errors.ts';
import { evaluate, type RuleFigures } from '../quality/evaluate.ts';
import { loadQuality, versionOf } from '../quality/file.ts';
import { createInspector } from '../quality/inspect.ts';
import { loadLabelled } from '../quality/labelled.ts';

/** `yihu qa eval`: how right the rules are, by conversations that people have labelled. */

const HELP = `用法: yihu qa eval [选项]

逐条规则评测：判对的会话占多少，查准率、查全率、证据落在标注的那句话上的占多少，错的是哪些、为什么。
标注会话分两份：tune（写规则时看过）和 hold（没有看过），分别报告。

选项:
  --transcripts 目录   标注会话，默认 quality/transcripts
  --rules 文件         规则，默认 config/quality.yaml
  --split 名字         只评 tune 或 hold
  --floor 数           每条规则判对的比例要达到多少，默认 0.9；达不到退出码为 1
  --json               结果输出成一行 JSON，给程序看
  --help               显示这段说明

退出码：0 都达到要求，1 有规则达不到或没有做成，2 用法不对。
`;

const SPLITS = ['tune', 'hold'] as const;
const FLOOR = 0.9;

/** @returns the exit code */
export async function runQaEval(argv: readonly string[]): Promise<number> {
  let options;
  try {
    options = parseArgs({ args: [...argv], options: { transcripts: { type: 'string' }, rules: { type: 'string' }, split: { type: 'string' }, floor: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
  if (options.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const floor = options.floor === undefined ? FLOOR : Number(options.floor);
  const splits = SPLITS.filter((split) => options.split === undefined || split === options.split);
  if (!(floor >= 0 && floor <= 1) || splits.length === 0) {
    process.stderr.write(`--floor 要在 0 和 1 之间，--split 是 tune 或 hold\n\n${HELP}`);
    return 2;
  }
  const root = findRoot(import.meta.url);
  try {
    const rules = options.rules === undefined ? loadQuality(root) : loadQuality(root, resolve(options.rules));
    const cases = loadLabelled(resolve(options.transcripts ?? join(root, 'quality', 'transcripts')), new Set(rules.rules.map(({ id }) => id)));
    const inspector = createInspector(rules);
    const results = splits.map((split) => ({ split, rules: evaluate(inspector, cases.filter((one) => one.split === split)) })).filter(({ rules: rows }) => rows.some(({ n }) => n > 0));
    const ok = results.length > 0 && results.every(({ rules: rows }) => rows.every(({ right }) => right >= floor));
    if (options.json === true) process.stdout.write(`${JSON.stringify({ ok, floor, version: versionOf(rules), results })}\n`);
    else process.stdout.write(`${results.map(({ split, rules: rows }) => tableOf(split, rows, floor)).join('\n\n')}\n${ok ? '每条规则都达到要求' : results.length === 0 ? '没有可评的会话' : '有规则没有达到要求'}（${percent(floor)}）\n`);
    return ok ? 0 : 1;
  } catch (error) {
    if (!isAppError(error)) throw error;
    if (options.json === true) process.stdout.write(`${JSON.stringify({ ok: false, code: error.code, message: error.message })}\n`);
    else process.stderr.write(`没有做成：${error.message}\n`);
    return 1;
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

function tableOf(split: string, rows: readonly RuleFigures[], floor: number): string {
  const head = `${split === 'tune' ? '调优用 tune' : '留出用 hold'}：${rows[0]?.n ?? 0} 个会话`;
  const lines = rows.flatMap(({ rule, name, labelled, found, right, precision, recall, place, wrong }) => [
    `  ${right >= floor ? ' ' : '!'} ${name}（${rule}）  标注 ${labelled} 查出 ${found}  判对 ${percent(right)}  查准 ${percent(precision)}  查全 ${percent(recall)}  证据对 ${percent(place)}`,
    ...wrong.map(({ id, kind, lines: at, why }) => `      ${kind === 'missed' ? '漏' : '误'} ${id} 第 ${at.join('、')} 句：${why}`),
  ]);
  return [head, ...lines].join('\n');
}
