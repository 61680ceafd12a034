import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { AppError } from '../domain/errors.ts';
import { toMatchEntry } from '../intake/knowledge.ts';
import { createDealer, crowded, inAHurry, ownQuestions } from '../matcher/hurry.ts';
import type { TrainingList } from '../matcher/learn.ts';
import { type ModelFile, writeModel } from '../matcher/model.ts';
import { askedBy, type Figures, figuresOf, learn, lessonsOf, listsOf, type Practice } from '../matcher/practice.ts';
import { createAnalyzer } from '../matcher/segment.ts';
import { UsageError } from './database.ts';
import { cityOfCheckout } from './kb-files.ts';
import { type Bar, cityWords, createBar, readEntries, readQueries, runTold } from './kb-lines.ts';

/** `yihu kb train`: learns the matcher's ranking from questions whose right entries are known. */

const HELP = `用法: yihu kb train --data 目录 [--data 目录 …] [--city] --out 模型.json [选项]

--out 以 .ts 结尾时写成自带的模型（src/matcher/shipped-model.ts）。每个目录是一个知识库：entries.jsonl（同 kb eval）和 queries.jsonl 或 queries.dev.jsonl（{"id", "query", "entryIds"}，
entryIds 是答案，空着表示库里没有）。问题不会进索引。成绩用交叉验证得出：每题由没见过它的模型来判。

选项:
  --data 目录      可以写几次
  --own 目录       把条目自己的说法当作问题：每个说法先从索引里去掉，再拿来问，有的问得匆忙或只问一半；
                   标准问题加上客套话来问；目录里有 queries 时一并使用
  --city           对 config/knowledge 做同样的事，条目和网关索引的一样
  --hurried 数     --data 的每个知识库再拿出最多这么多条，标准问题少打、打反几个字来问（默认 0）
  --folds 数       交叉验证分几份（默认 4）
  --iterations 数  每次训练最多几步（默认 80）
  --rank 数        对排序权重的惩罚（默认 0.0001）
  --moved 数       对随知识库特点变化的排序权重的惩罚（默认 0.0003）
  --relevance 数   对概率权重的惩罚（默认 0.01）
  --absent 数      库里没有答案的问题算多重（默认 0.4）
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
    for (const folder of order.data) {
      const practice = await readPractice(folder, false, order.seed);
      practices.push(practice);
      const hurried = hurriedOf(practice, order.hurried, order.seed);
      if (hurried.questions.length > 0) practices.push(hurried);
    }
    for (const folder of order.own) practices.push(await readPractice(folder, true, order.seed));
    if (order.city) practices.push(...cityPractices(order.seed));
    if (practices.every(({ questions }) => questions.length === 0)) throw new AppError('kb.nothing_to_learn', '没有带答案的问题');
    const bar = createBar(json);
    try {
      const lists = ask(practices, bar);
      const { iterations } = order;
      bar.start(lessonsOf(order.folds), '次训练');
      const { sieve, rank, sureness, predictions } = learn(lists, { folds: order.folds, rank: { common: order.rank, moved: order.moved, iterations }, relevance: { common: order.relevance, moved: order.relevance, iterations }, absent: order.absent, onLesson: bar.tick });
      const figures = practices.map(({ name }, set) => ({ name, ...figuresOf(predictions.filter(({ list }) => list.set === set)) }));
      try {
        const model = writeModel({ sieve, rank, sureness });
        writeFileSync(order.out, order.out.endsWith('.ts') ? sourceOf(model) : `${JSON.stringify({ ...model, figures })}\n`);
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
  return `${name}：${questions} 题，第一条就对 ${percent(first)}（候选里有 ${percent(listed)}），95 % 准确时可作答 ${percent(covered)}，${area === 0 ? '' : `曲线下面积（去掉答案）${area.toFixed(3)}，`}校准误差 ${calibration.toFixed(3)}`;
}

async function readPractice(folder: string, own: boolean, seed: number): Promise<Practice> {
  const entries = await readEntries(join(folder, 'entries.jsonl'));
  const file = ['queries.jsonl', 'queries.dev.jsonl'].map((name) => join(folder, name)).find(existsSync);
  if (file === undefined && !own) throw new AppError('kb.file_failed', `目录 ${folder} 里没有 queries.jsonl`, { details: { file: folder } });
  const asked = (file === undefined ? [] : await readQueries(file)).map(({ id, query, entryIds }) => ({ id, query, entryIds: entryIds ?? [] }));
  return { name: folder, entries, questions: shuffled([...(own ? ownQuestions(entries, seed) : []), ...asked], seed) };
}

/** What the gateway tells citizens, as it indexes it, asked in its own wordings; half of them with departments, which other cities may index; and a crowd made of it, asked in a hurry. */
function cityPractices(seed: number): Practice[] {
  const open = cityOfCheckout().knowledge.filter(({ audience }) => audience !== 'desk');
  const entries = open.map(toMatchEntry);
  const whole = open.map((entry) => ({ ...toMatchEntry(entry), department: entry.department }));
  const crowd = crowded(entries, CROWD.entries, seed + 2);
  return [
    { name: 'config/knowledge', entries, questions: shuffled(ownQuestions(entries, seed), seed) },
    { name: 'config/knowledge（带承办单位）', entries: whole, questions: shuffled(ownQuestions(whole, seed + 1).filter((_, at) => at % 2 === 0), seed + 1) },
    { ...hurriedOf({ name: 'config/knowledge（拼成一大库）', entries: crowd, questions: [] }, CROWD.questions, seed + 3), rankOnly: true },
  ];
}

const CROWD = { entries: 3000, questions: 600 };

/** Some stored questions of a knowledge base, typed in a hurry. */
function hurriedOf({ name, entries }: Practice, most: number, seed: number): Practice {
  const some = shuffled(entries.filter(({ question }) => question !== ''), seed).slice(0, most);
  return { name: `${name}（匆忙）`, entries, questions: shuffled(inAHurry(some, createDealer(seed)), seed) };
}

/** The same order for the same seed: folds go by place. */
function shuffled<Each>(list: readonly Each[], seed: number): Each[] {
  const mixed = [...list];
  const deal = createDealer(seed);
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = Math.floor(deal() * (at + 1));
    const [a, b] = [mixed[at], mixed[other]];
    if (a !== undefined && b !== undefined) [mixed[at], mixed[other]] = [b, a];
  }
  return mixed;
}

const LINE = 180;

/** The model as the source that ships with the project. */
function sourceOf({ sieve, rank, known, right }: ModelFile): string {
  const lines = ['/**', ' * The numbers of the shipped ranking, written by `yihu kb train` (docs/matcher.md says from what and how well they do): a row', ' * for each trait, in it a number for each feature or signal (the bias behind them), in the order of `TRAITS`, `FEATURES` and `SIGNALS`.', ' */', 'export const SHIPPED = {'];
  for (const [name, rows] of Object.entries({ sieve, rank, known, right })) {
    lines.push(`  ${name}: [`);
    for (const row of rows) {
      lines.push('  [');
      let line = '   ';
      for (const value of row) {
        if (line.length + String(value).length > LINE) {
          lines.push(line);
          line = '   ';
        }
        line += ` ${value},`;
      }
      lines.push(line, '  ],');
    }
    lines.push('  ],');
  }
  return [...lines, '};', ''].join('\n');
}

function parse(argv: readonly string[]) {
  const { data = [], own = [], city = false, out, ...rest } = options(argv);
  if (out === undefined || (data.length + own.length === 0 && !city)) throw new UsageError('要写 --data（或 --own、--city）和 --out');
  return {
    data, own, city, out, hurried: number('hurried', rest.hurried, 0, 0),
    folds: number('folds', rest.folds, 4, 2), iterations: number('iterations', rest.iterations, 80, 1), seed: number('seed', rest.seed, 1, 0),
    rank: number('rank', rest.rank, 1e-4, 0), moved: number('moved', rest.moved, 3e-4, 0), relevance: number('relevance', rest.relevance, 1e-2, 0), absent: number('absent', rest.absent, 0.4, 0),
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
    return parseArgs({ args: [...argv], options: { data: many, own: many, city: { type: 'boolean' }, hurried: text, out: text, folds: text, iterations: text, rank: text, moved: text, relevance: text, absent: text, seed: text, json: { type: 'boolean' } } }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runKbTrain(process.argv.slice(2));
