import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { AppError } from '../domain/errors.ts';
import type { TrainingList } from '../matcher/learn.ts';
import { writeModel } from '../matcher/model.ts';
import { askedBy, type Figures, figuresOf, learn, listsOf, type Practice } from '../matcher/practice.ts';
import { createAnalyzer } from '../matcher/segment.ts';
import { UsageError } from './database.ts';
import { type Bar, cityWords, createBar, readEntries, readQueries, runTold } from './kb-lines.ts';

/** `yihu kb train`: learns the matcher's ranking from questions whose right entries are known. */

const HELP = `用法: yihu kb train --data 目录 [--data 目录 …] --out 模型.json [选项]

每个目录是一个知识库：entries.jsonl（同 kb eval）和 queries.jsonl 或 queries.dev.jsonl（{"id", "query", "entryIds"}，
entryIds 是答案，空着表示库里没有）。问题不会进索引。成绩用交叉验证得出：每题由没见过它的模型来判。

选项:
  --data 目录      可以写几次
  --own 目录       把条目自己的说法当作问题：每个说法先从索引里去掉，再拿来问；目录里有 queries 时一并使用
  --folds 数       交叉验证分几份（默认 4）
  --iterations 数  每次训练最多几步（默认 80）
  --rank 数        对排序权重的惩罚（默认 0.0001）
  --relevance 数   对概率权重的惩罚（默认 0.005）
  --absent 数      库里没有答案的问题算多重（默认 0.5）
  --seed 数        把问题分到各份的种子（默认 1）
  --json           结果输出成一行 JSON，给程序看
  --help           显示这段说明

退出码：0 成功，1 没有做成，2 用法不对。
`;

/** @returns the exit code */
export async function runKbTrain(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(HELP);
    return 0;
  }
  const json = argv.includes('--json');
  return runTold(HELP, json, async () => {
    const order = parse(argv);
    const practices: Practice[] = [];
    for (const folder of order.data) practices.push(await readPractice(folder, false, order.seed));
    for (const folder of order.own) practices.push(await readPractice(folder, true, order.seed));
    if (practices.every(({ questions }) => questions.length === 0)) throw new AppError('kb.nothing_to_learn', '没有带答案的问题');
    const bar = createBar(json);
    try {
      const lists = ask(practices, bar);
      const strength = (punishment: number) => ({ common: punishment, moved: punishment, iterations: order.iterations });
      bar.start(order.folds * 2 + 2, '次训练');
      const { rank, sureness, predictions } = learn(lists, { folds: order.folds, rank: strength(order.rank), relevance: strength(order.relevance), absent: order.absent, onLesson: bar.tick });
      const figures = practices.map(({ name }, set) => ({ name, ...figuresOf(predictions.filter(({ list }) => list.set === set)) }));
      try {
        writeFileSync(order.out, `${JSON.stringify({ ...writeModel({ rank, sureness }), figures })}\n`);
      } catch (error) {
        throw new AppError('kb.file_failed', `写不了文件 ${order.out}`, { details: { file: order.out }, cause: error });
      }
      return { facts: { out: order.out, figures }, text: `${figures.map(told).join('\n')}\n模型在 ${order.out}` };
    } finally {
      bar.stop();
    }
  });
}

function ask(practices: readonly Practice[], bar: Bar): TrainingList[] {
  const analyzer = createAnalyzer(cityWords());
  const lists: TrainingList[] = [];
  for (const [set, practice] of practices.entries()) {
    let asked = 0;
    bar.start(askedBy(practice), practice.name);
    for (const list of listsOf(practice, set, analyzer, () => bar.tick((asked += 1)))) lists.push(list);
    bar.stop();
  }
  return lists;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function told({ name, questions, first, listed, covered, area, calibration }: Figures & { readonly name: string }): string {
  return `${name}：${questions} 题，第一条就对 ${percent(first)}（候选里有 ${percent(listed)}），95 % 准确时可作答 ${percent(covered)}，曲线下面积（去掉答案）${area.toFixed(3)}，校准误差 ${calibration.toFixed(3)}`;
}

async function readPractice(folder: string, own: boolean, seed: number): Promise<Practice> {
  const entries = await readEntries(join(folder, 'entries.jsonl'));
  const file = ['queries.jsonl', 'queries.dev.jsonl'].map((name) => join(folder, name)).find(existsSync);
  if (file === undefined && !own) throw new AppError('kb.file_failed', `目录 ${folder} 里没有 queries.jsonl`, { details: { file: folder } });
  const asked = (file === undefined ? [] : await readQueries(file)).map(({ id, query, entryIds }) => ({ id, query, entryIds: entryIds ?? [] }));
  const wordings = new Map<string, { readonly id: string; readonly query: string; readonly entryIds: readonly string[] }>();
  // Stored questions in a citizen's dress: what is asked nearly as it is stored must not be missed either.
  if (own) entries.forEach(({ id, question }, at) => question !== '' && wordings.set(dressed(question, at), { id: `${id}#`, query: dressed(question, at), entryIds: [id] }));
  if (own) for (const { id, variants = [] } of entries) variants.forEach((query, at) => wordings.set(query, { id: `${id}#${at}`, query, entryIds: [id] }));
  return { name: folder, entries, questions: shuffled([...wordings.values(), ...asked], seed), ownWordings: own };
}

const dressed = (question: string, at: number): string => [`请问${question}`, `你好，${question}谢谢`, `${question}呢`, `我想问一下${question}`][at % 4] ?? question;

/** The same order for the same seed: folds go by place. */
function shuffled<Each>(list: readonly Each[], seed: number): Each[] {
  const mixed = [...list];
  let state = seed >>> 0;
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    // A linear congruential generator (Numerical Recipes) is enough to deal cards.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (at + 1));
    const [a, b] = [mixed[at], mixed[other]];
    if (a !== undefined && b !== undefined) [mixed[at], mixed[other]] = [b, a];
  }
  return mixed;
}

function parse(argv: readonly string[]) {
  const { data = [], own = [], out, ...rest } = options(argv);
  if (out === undefined || data.length + own.length === 0) throw new UsageError('要写 --data（或 --own）和 --out');
  return {
    data, own, out,
    folds: number('folds', rest.folds, 4, 2), iterations: number('iterations', rest.iterations, 80, 1), seed: number('seed', rest.seed, 1, 0),
    rank: number('rank', rest.rank, 1e-4, 0), relevance: number('relevance', rest.relevance, 5e-3, 0), absent: number('absent', rest.absent, 0.5, 0),
  };
}

function number(name: string, said: string | undefined, otherwise: number, least: number): number {
  if (said === undefined) return otherwise;
  const value = Number(said);
  if (said.trim() === '' || !Number.isFinite(value) || value < least) throw new UsageError(`--${name} 要写一个不小于 ${least} 的数`);
  return value;
}

function options(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  const many = { type: 'string', multiple: true } as const;
  try {
    return parseArgs({ args: [...argv], options: { data: many, own: many, out: text, folds: text, iterations: text, rank: text, relevance: text, absent: text, seed: text, json: { type: 'boolean' } } }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runKbTrain(process.argv.slice(2));
