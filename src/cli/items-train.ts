import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { AppError } from '../domain/errors.ts';
import { createLearnedSuggester, readModel, writeModel } from '../matcher/learner/model.ts';
import { type LabelledText, trainItems } from '../matcher/learner/train.ts';
import { learnerAnalyzer } from '../matcher/learner/terms.ts';
import { UsageError } from './database.ts';
import { readLabelled } from './items-lines.ts';
import { cityWords, createBar, runTold } from './kb-lines.ts';

/** `yihu items train`: learns from labelled messages which item a message is about. */

const HELP = `用法: yihu items train --data 来件.jsonl --out 模型 [选项]

从标注过的来件训练事项模型。来件每行 {"text", "item"}；正文第一行是标题时请用换行隔开。别的字段不看。
训练时留出四分之一轮流检验，报告准确率，和错误率低于 0.5% 时可以免人工填写的比例。

选项:
  --json           结果输出成一行 JSON，给程序看
  --help           显示这段说明

退出码：0 成功，1 没有做成，2 用法不对。
`;

/** @returns the exit code */
export async function runItemsTrain(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(HELP);
    return 0;
  }
  const json = argv.includes('--json');
  return runTold(HELP, json, async () => {
    const { data, out } = parse(argv);
    const rows = await readLabelled(data);
    const bar = createBar(json);
    const began = process.hrtime.bigint();
    let started = false;
    const onProgress = (done: number, of: number): void => {
      if (!started) bar.start(of, '步');
      started = true;
      bar.tick(done);
    };
    try {
      const { model, report } = train(rows, onProgress);
      const file = writeModel(model);
      await writeFile(out, file);
      // What was written is what will be read.
      createLearnedSuggester(readModel(await readFile(out)), learnerAnalyzer(cityWords()));
      const seconds = Number((process.hrtime.bigint() - began) / 1_000_000n) / 1000;
      return {
        facts: { ...report, bytes: file.length, seconds, out },
        text: `${report.texts} 件，${report.labels} 个事项：留出检验准确率 ${percent(report.accuracy)}，可免人工填写 ${percent(report.covered)}；模型 ${(file.length / 1e6).toFixed(1)} MB，用时 ${seconds.toFixed(1)} 秒。写到 ${out}`,
      };
    } finally {
      bar.stop();
    }
  });
}

function train(rows: readonly LabelledText[], onProgress: (done: number, of: number) => void) {
  try {
    return trainItems(rows, learnerAnalyzer(cityWords()), { onProgress });
  } catch (error) {
    if (error instanceof RangeError) throw new AppError('items.too_little', '来件太少：至少要有两个不同的事项', { cause: error });
    throw error;
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

function parse(argv: readonly string[]): { readonly data: string; readonly out: string } {
  const { data, out } = options(argv);
  if (data === undefined || out === undefined) throw new UsageError('要写 --data 和 --out');
  return { data, out };
}

function options(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: { data: { type: 'string' }, out: { type: 'string' }, json: { type: 'boolean' } } }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : '用法不对');
  }
}
