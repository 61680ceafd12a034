import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { AppError, isAppError } from '../domain/errors.ts';
import { createMatcher, type MatcherModel, readModel } from '../matcher/index.ts';
import { UsageError } from './database.ts';
import { writeEvalLines } from './eval-lines.ts';
import { cityWords, readEntries, readQueries, runTold } from './kb-lines.ts';

/** `yihu kb eval`: what the matcher makes of a list of questions, for measuring it. */

const HELP = `用法: yihu kb eval --entries 条目.jsonl --queries 问题.jsonl --out 结果.jsonl [选项]

用条目建一个索引，逐题检索，每题写一行 {"id", "ranked": [{"id", "score"}…], "decision"}。
ranked 最多 20 条，score 是答对的概率；decision 是 answer、choices、clarify 或 abstain。

条目每行 {"id", "question", "variants"?, "answer"?, "category"?, "department"?, "keywords"?}，问题每行 {"id", "query"}；别的字段不看。

选项:
  --model 文件     用 yihu kb train 训练的模型，不写则用自带的
  --json           结果输出成一行 JSON，给程序看
  --help           显示这段说明

退出码：0 成功，1 没有做成，2 用法不对。
`;

const SHOWN = 20;

/** @returns the exit code */
export async function runKbEval(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(HELP);
    return 0;
  }
  const json = argv.includes('--json');
  return runTold(HELP, json, async () => {
    const { entries: entriesFile, queries: queriesFile, out, model } = parse(argv);
    const entries = await readEntries(entriesFile);
    const queries = await readQueries(queriesFile);
    const matcher = createMatcher(entries, { ...cityWords(), ...(model === undefined ? {} : { model: loadModel(model) }) });
    const decisions = { answer: 0, choices: 0, clarify: 0, abstain: 0 };
    const microseconds = await writeEvalLines({
      out, rows: queries, json, unit: '题', code: 'kb.file_failed',
      lineOf: ({ id, query }) => {
        const { ranked, decision } = matcher.match(query, { limit: SHOWN });
        decisions[decision.kind] += 1;
        return { id, ranked: ranked.map((hit) => ({ id: hit.id, score: hit.score })), decision: decision.kind };
      },
    });
    return {
      facts: { entries: entries.length, queries: queries.length, decisions, microsecondsPerQuery: microseconds, out },
      text: `${entries.length} 条，${queries.length} 题：作答 ${decisions.answer}，给选项 ${decisions.choices}，追问 ${decisions.clarify}，不作答 ${decisions.abstain}；每题 ${microseconds} 微秒（处理器时间）。结果在 ${out}`,
    };
  });
}

function loadModel(file: string): MatcherModel {
  try {
    return readModel(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (isAppError(error)) throw error;
    throw new AppError('kb.bad_model', `读不了模型 ${file}`, { details: { file }, cause: error });
  }
}

function parse(argv: readonly string[]) {
  const { entries, queries, out, model } = options(argv);
  if (entries === undefined || queries === undefined || out === undefined) throw new UsageError('要写 --entries、--queries 和 --out');
  return { entries, queries, out, model };
}

function options(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: { entries: { type: 'string' }, queries: { type: 'string' }, out: { type: 'string' }, model: { type: 'string' }, json: { type: 'boolean' } } }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runKbEval(process.argv.slice(2));
