import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { asideOf } from '../config/aside.ts';
import type { CityData } from '../config/city.ts';
import type { EpochMs } from '../domain/activity.ts';
import { BEIJING_OFFSET, HOUR } from '../domain/clock.ts';
import { AppError, codeOf } from '../domain/errors.ts';
import type { Log } from '../intake/context.ts';
import { everyMs, type Every } from '../store/follow.ts';
import { readModel, writeModel } from '../matcher/learner/model.ts';
import { learnerAnalyzer } from '../matcher/learner/terms.ts';
import { trainItems, type LabelledText, type TrainReport } from '../matcher/learner/train.ts';
import { isNoWorse, type Trained } from '../matcher/learner/trained.ts';
import type { AnalyzerOptions } from '../matcher/segment.ts';
import type { Store } from '../store/contract.ts';
import { deskCorrections, trainingRows, type TrainingRows } from '../tickets/catalogue/training.ts';
import { MODEL_FILE } from './item-suggester.ts';

/** Learns the item model anew at night from what the desk put right, in a thread of its own: citizens' turns go on meanwhile. */

/** Filed messages that every training begins with: what `yihu items train --keep-data` leaves in DATA_DIR. */
export const DATA_FILE = 'items.jsonl';

const Labelled = Type.Object({ text: Type.String({ minLength: 1 }), item: Type.String({ minLength: 1 }) });

interface Task {
  readonly task: typeof TASK;
  readonly rows: readonly LabelledText[];
  readonly base: number;
  readonly names: ReadonlyMap<string, string>;
  readonly parents: ReadonlyMap<string, string>;
  readonly words: readonly string[];
}
const TASK = 'yihu.items.train';

export interface Made {
  readonly file: Uint8Array;
  readonly report: TrainReport;
}

/** @throws AppError `items.too_little` for less than two items */
export function trainHere({ rows, base, names, parents }: Pick<TrainingRows, 'rows' | 'base' | 'names' | 'parents'>, words: AnalyzerOptions, onProgress?: (done: number, of: number) => void): Made {
  try {
    const { model, report } = trainItems(rows, learnerAnalyzer(words), { base, names, parents, ...(onProgress === undefined ? {} : { onProgress }) });
    return { file: writeModel(model), report };
  } catch (error) {
    if (error instanceof RangeError) throw new AppError('items.too_little', '来件太少：至少要有两个不同的事项', { cause: error });
    throw error;
  }
}

/** The same in a thread; in a checkout that runs from its sources, which threads cannot load, right here: there nobody calls at night. */
export async function trainInThread(given: TrainingRows, words: AnalyzerOptions): Promise<Made> {
  if (import.meta.url.endsWith('.ts')) return trainHere(given, words);
  const task: Task = { task: TASK, rows: given.rows, base: given.base, names: given.names, parents: given.parents, words: [...(words.words ?? [])] };
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: task });
    worker.once('message', (made: Made) => resolve(made));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new AppError('items.training_failed', `the training ended with ${code}`, { status: 500 })));
  });
}

/** Of the model that is there; null: there is none, or it is unreadable or older than these figures. */
export async function trainedBefore(path: string): Promise<Trained | null> {
  try {
    return readModel(await readFile(path)).trained ?? null;
  } catch {
    return null;
  }
}

/** Whole or not at all: a node that looks at this moment reads the old one. */
export async function keepModel(path: string, file: Uint8Array): Promise<void> {
  const aside = await asideOf(path);
  await writeFile(aside, file);
  await rename(aside, path);
}

/** Night in Beijing, when few call. */
const NIGHT = { from: 3 * HOUR, to: 5 * HOUR };
const LOOK_MS = 10 * 60_000;
/** Fewer new corrections are not worth a training. */
const LEAST_NEW = 10;

export interface RetrainingGiven {
  readonly store: Store;
  readonly city: Pick<CityData, 'items'>;
  readonly dataDir: string;
  readonly words: AnalyzerOptions;
  readonly now: () => EpochMs;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** True: not now, the next look asks again. */
  readonly holds?: () => boolean;
  readonly every?: Every;
  readonly train?: (given: TrainingRows, words: AnalyzerOptions) => Promise<Made>;
}

export interface Retraining {
  /** Does what is to be done at this moment; `idle`: it is day, there is no model, or too little is new. Never rejects. */
  tick(): Promise<'idle' | 'taken' | 'kept_old' | 'failed'>;
  stop(): Promise<void>;
}

/** Every node has its model in its own DATA_DIR, and learns the same from the same corrections. */
export function tendItemModel({ store, city, dataDir, words, now, log, holds = () => false, every = everyMs, train = trainInThread }: RetrainingGiven): Retraining {
  const path = join(dataDir, MODEL_FILE);
  let known: number | null = null;
  let working: Promise<'idle' | 'taken' | 'kept_old' | 'failed'> | null = null;

  async function work(): Promise<'idle' | 'taken' | 'kept_old' | 'failed'> {
    const ofDay = (now() + BEIJING_OFFSET) % (24 * HOUR);
    // Whoever never trained a model does not get one overnight.
    if (ofDay < NIGHT.from || ofDay >= NIGHT.to || !existsSync(path) || holds()) return 'idle';
    const old = await trainedBefore(path);
    const given = trainingRows(await baseRows(join(dataDir, DATA_FILE)), city.items, await deskCorrections(store));
    // What the last model had seen; after a refused training, what that one had.
    if (given.rows.length - (known ?? old?.texts ?? 0) < LEAST_NEW) return 'idle';
    known = given.rows.length;
    const { file, report } = await train(given, words);
    const facts = { texts: report.texts, corrections: given.corrections, accuracy: report.accuracy, before: old?.accuracy ?? null, covered: report.covered };
    if (!isNoWorse(old, report)) {
      log.warn(facts, 'the item model learned anew is less accurate: the old one stays');
      return 'kept_old';
    }
    await keepModel(path, file);
    log.info(facts, 'item model learned anew');
    return 'taken';
  }

  const tick: Retraining['tick'] = () => {
    working ??= work()
      .catch((error: unknown) => {
        log.warn({ code: codeOf(error) }, 'the item model could not be learned anew');
        return 'failed' as const;
      })
      .finally(() => {
        working = null;
      });
    return working;
  };
  const stop = every(LOOK_MS, () => void tick());
  return {
    tick,
    stop: async () => {
      stop();
      // A training under way is not waited for: the process may end, nothing is half written.
    },
  };
}

/** Lines of the file that are filed messages; none when there is no file. */
export async function baseRows(path: string): Promise<readonly LabelledText[]> {
  if (!existsSync(path)) return [];
  return (await readFile(path, 'utf8')).split('\n').flatMap((line) => {
    if (line.trim() === '') return [];
    const row: unknown = JSON.parse(line);
    return Value.Check(Labelled, row) ? [{ text: row.text, item: row.item }] : [];
  });
}

function isTask(value: unknown): value is Task {
  return typeof value === 'object' && value !== null && 'task' in value && value.task === TASK;
}

if (!isMainThread && isTask(workerData)) {
  const made = trainHere(workerData, { words: workerData.words });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(made);
}
