import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readFile } from 'node:fs/promises';
import { AppError } from '../domain/errors.ts';
import { createLearnedSuggester, readModel } from '../matcher/learner/model.ts';
import { learnerAnalyzer } from '../matcher/learner/terms.ts';
import { isNoWorse } from '../matcher/learner/trained.ts';
import { deskCorrections, trainingRows, type TrainingRows } from '../tickets/catalogue/training.ts';
import { MODEL_FILE } from '../wiring/item-suggester.ts';
import { DATA_FILE, keepModel, trainedBefore, trainHere } from '../wiring/item-trainer.ts';
import { DATABASE_OPTIONS, runDatabaseCommand, UsageError, type DatabaseCommand } from './database.ts';
import { catalogueInForce } from './items-files.ts';
import { readLabelled } from './items-lines.ts';
import { withOptions, withStore } from './kb-files.ts';
import { cityWords, createBar } from './kb-lines.ts';

/** `yihu items train`: learns from labelled messages which item a message is about. */

const HELP = `用法: yihu items train --data 来件.jsonl --out 模型 [选项]
      yihu items train --from-desk [--data 来件.jsonl] [选项]

从标注过的来件训练事项模型。来件每行 {"text", "item"}；正文第一行是标题时请用换行隔开。别的字段不看。
训练时轮流留出四分之一检验，报告准确率，和错误率低于 0.5% 时可以免人工填写的比例。

选项:
  --from-desk        加上现行事项目录的例句和坐席更正过的事项；--out 默认是数据目录里的 ${MODEL_FILE}，网关几秒内换用新模型；
                     --data 默认是数据目录里的 ${DATA_FILE}（没有也可以）
  --keep-data        把 --data 的文件留在数据目录里（${DATA_FILE}），网关夜里用它和新的更正重新训练
  --unless-worse     新模型留出检验的准确率比原来的低时，保留原来的（夜里的训练总是这样）
${DATABASE_OPTIONS}`;

/** @returns the exit code */
export async function runItemsTrain(argv: readonly string[]): Promise<number> {
  return withOptions(argv, HELP, { data: { type: 'string' }, out: { type: 'string' }, 'from-desk': { type: 'boolean' }, 'keep-data': { type: 'boolean' }, 'unless-worse': { type: 'boolean' } }, ({ data, out, 'from-desk': fromDesk = false, 'keep-data': keepData = false, 'unless-worse': unlessWorse = false }, rest) =>
    runDatabaseCommand(rest, HELP, async (command) => {
      if (command.rest.length > 0) throw new UsageError('不认识的参数');
      if (!fromDesk && (data === undefined || out === undefined)) throw new UsageError('要写 --data 和 --out，或 --from-desk');
      if (keepData && data === undefined) throw new UsageError('--keep-data 要和 --data 一起用');
      const folder = command.settings.DATA_DIR;
      const target = out ?? join(folder, MODEL_FILE);
      const kept = join(folder, DATA_FILE);
      const file = data ?? (existsSync(kept) ? kept : null);
      const base = file === null ? [] : await readLabelled(file);
      const given = fromDesk ? await withDesk(command, base) : trainingRows(base, null, []);
      const bar = createBar(command.json);
      const began = process.hrtime.bigint();
      let started = false;
      try {
        const words = cityWords();
        const made = trainHere(given, words, (done, of) => {
          if (!started) bar.start(of, '步');
          started = true;
          bar.tick(done);
        });
        const { report } = made;
        const old = unlessWorse ? await trainedBefore(target) : null;
        const taken = isNoWorse(old, report);
        if (taken) {
          await writeTo(target, made.file);
          // What was written is what will be read.
          createLearnedSuggester(readModel(await readFile(target)), learnerAnalyzer(words));
        }
        if (keepData && data !== undefined && resolve(data) !== resolve(kept)) {
          mkdirSync(folder, { recursive: true });
          copyFileSync(data, kept);
        }
        const seconds = Number((process.hrtime.bigint() - began) / 1_000_000n) / 1000;
        const outcome = taken ? `写到 ${target}` : `准确率比原来的（${percent(old?.accuracy ?? 0)}）低，保留原来的模型`;
        return {
          facts: { ...report, corrections: given.corrections, taken, bytes: made.file.length, seconds, out: target },
          text: `${report.texts} 件${fromDesk ? `（其中坐席更正 ${given.corrections} 件）` : ''}，${report.labels} 个事项：留出检验准确率 ${percent(report.accuracy)}，可免人工填写 ${percent(report.covered)}；模型 ${(made.file.length / 1e6).toFixed(1)} MB，用时 ${seconds.toFixed(1)} 秒。${outcome}`,
        };
      } finally {
        bar.stop();
      }
    }),
  );
}

async function withDesk(command: DatabaseCommand, base: Awaited<ReturnType<typeof readLabelled>>): Promise<TrainingRows> {
  return withStore(command, async (store) => trainingRows(base, (await catalogueInForce(store)).city.items, await deskCorrections(store)));
}

async function writeTo(path: string, file: Uint8Array): Promise<void> {
  try {
    mkdirSync(dirname(path), { recursive: true });
    await keepModel(path, file);
  } catch (error) {
    throw new AppError('items.file_failed', `写不了文件 ${path}`, { details: { file: path }, cause: error });
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;
