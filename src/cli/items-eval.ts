import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { AppError } from '../domain/errors.ts';
import { createLearnedSuggester, readModel, type LearnedSuggester } from '../matcher/learner/model.ts';
import { learnerAnalyzer } from '../matcher/learner/terms.ts';
import { UsageError } from './database.ts';
import { readAsked } from './items-lines.ts';
import { writeEvalLines } from './eval-lines.ts';
import { cityWords, runTold } from './kb-lines.ts';

/** `yihu items eval`: what a model makes of a list of messages, for measuring it. */

const HELP = `用法: yihu items eval --model 模型 --data 来件.jsonl --out 结果.jsonl [选项]

逐件推荐事项，每件写一行 {"id", "ranked": [{"label", "score"}…], "sure"}：score 是推荐正确的概率，最多 10 个；
sure 为真表示按模型的检验可以免人工填写。来件每行 {"id", "text"}，别的字段不看。

选项:
  --json           结果输出成一行 JSON，给程序看
  --help           显示这段说明

退出码：0 成功，1 没有做成，2 用法不对。
`;

const SHOWN = 10;

/** @returns the exit code */
export async function runItemsEval(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(HELP);
    return 0;
  }
  const json = argv.includes('--json');
  return runTold(HELP, json, async () => {
    const { model, data, out } = parse(argv);
    const suggester = await open(model);
    const rows = await readAsked(data);
    let sure = 0;
    const microseconds = await writeEvalLines({
      out, rows, json, unit: '件', code: 'items.file_failed',
      lineOf: ({ id, text }) => {
        const ranked = suggester.suggest(text, SHOWN);
        const isSure = (ranked[0]?.score ?? 0) >= suggester.sure;
        if (isSure) sure += 1;
        return { id, ranked: ranked.map(({ label, score }) => ({ label, score })), sure: isSure };
      },
    });
    return {
      facts: { texts: rows.length, sure, microsecondsPerText: microseconds, out },
      text: `${rows.length} 件：可免人工填写 ${sure} 件；每件 ${microseconds} 微秒（处理器时间）。结果在 ${out}`,
    };
  });
}

async function open(file: string): Promise<LearnedSuggester> {
  try {
    return createLearnedSuggester(readModel(await readFile(file)), learnerAnalyzer(cityWords()));
  } catch (error) {
    throw new AppError('items.bad_model', `读不了模型 ${file}：${error instanceof RangeError ? error.message : '文件打不开'}`, { details: { file }, cause: error });
  }
}

function parse(argv: readonly string[]): { readonly model: string; readonly data: string; readonly out: string } {
  const { model, data, out } = options(argv);
  if (model === undefined || data === undefined || out === undefined) throw new UsageError('要写 --model、--data 和 --out');
  return { model, data, out };
}

function options(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: { model: { type: 'string' }, data: { type: 'string' }, out: { type: 'string' }, json: { type: 'boolean' } } }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : '用法不对');
  }
}
