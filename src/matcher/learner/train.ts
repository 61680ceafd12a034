import type { Analyzer } from '../segment.ts';
import { bestTwo, calibrate, type Calibration, type Opinion, opinionOf, type Unseen, winnerScore } from './calibrate.ts';
import type { ItemModelData } from './model.ts';
import { generator, trainMachine } from './svm.ts';
import type { Trained } from './trained.ts';
import { BLOCKS, readTerms, wordHash } from './terms.ts';
import { BLOCK_LENGTHS, type Corpus, createCorpus, learnSpace, type SparseRows, type TermSpace, toRows } from './vectors.ts';

/** Trains the model from labelled texts: one machine a label on everything, and its calibration on folds held out. */

export interface LabelledText {
  readonly text: string;
  readonly item: string;
}

export interface TrainReport extends Trained {
  readonly terms: number;
}

export interface TrainOptions {
  readonly folds?: number;
  /** Share of errors allowed where an item is filled in without a person. */
  readonly mostErrors?: number;
  /** What labels are called: a name is one more text of its label. Without one the label itself, where it is Chinese. */
  readonly names?: ReadonlyMap<string, string>;
  /** What stands above a label; labels under the same learn it together. Without one: what a dotted or a Chinese label begins with. */
  readonly parents?: ReadonlyMap<string, string>;
  /** The first so many rows are the base that later trainings share: told apart in the report. */
  readonly base?: number;
  readonly onProgress?: (done: number, of: number) => void;
}

const FOLDS = 4;
const MOST_ERRORS = 0.005;
const HAN = /\p{Script=Han}/u;
/** Names of Chinese offices that begin alike (台北市政府社会局…) are of one house. */
const SAME_BEGINNING = 6;
/** How much the machine of what stands above counts beside a label's own. */
const PARENT_SHARE = 0.1;
/** With fewer rows each fold gets the same number of them; with more a row's fold goes by its text, whatever rows are added. */
const FOLD_BY_TEXT = 200;
/** Weights kept at most; the smallest go first. */
const MOST_WEIGHTS = 2_500_000;

/** @throws RangeError for less than two labels, or a label of one text only when there are no others to learn from */
export function trainItems(rows: readonly LabelledText[], analyzer: Analyzer, options: TrainOptions = {}): { readonly model: ItemModelData; readonly report: TrainReport } {
  const labels = [...new Set(rows.map(({ item }) => item))].sort();
  if (labels.length < 2) throw new RangeError('at least two different items are needed');
  const folds = Math.min(options.folds ?? FOLDS, rows.length);
  const numbers = new Map(labels.map((label, number) => [label, number]));
  const families = familiesOf(labels, options.parents);
  const steps = (labels.length + families.length) * (folds + 1);
  let done = 0;
  const tick = (): void => options.onProgress?.((done += 1), steps);

  const names = labels.flatMap((label, number) => {
    const name = options.names?.get(label) ?? label;
    return HAN.test(name) ? [{ name, number }] : [];
  });
  const corpus = createCorpus([...rows.map(({ text }) => readTerms(text, analyzer)), ...names.map(({ name }) => readTerms(name, analyzer))]);
  const truth = [...rows.map(({ item }) => numbers.get(item) ?? 0), ...names.map(({ number }) => number)];
  const named = names.map((_, at) => rows.length + at);

  const foldOf = assign(rows, folds);
  const unseen: Unseen[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const [inside, outside]: [number[], number[]] = [[], []];
    foldOf.forEach((of, row) => (of === fold ? outside : inside).push(row));
    const { space, machines } = learn(corpus, [...inside, ...named], truth, labels.length, families, tick);
    const held = toRows(corpus, outside, space);
    outside.forEach((row, at) => {
      unseen[row] = { ...judge(held, at, machines), truth: truth[row] ?? 0 };
    });
  }
  const calibration = calibrate(unseen, options.mostErrors ?? MOST_ERRORS);
  const { space, machines } = learn(corpus, [...rows.keys(), ...named], truth, labels.length, families, tick);
  const model = pack(labels, space, machines, calibration);
  const base = Math.min(options.base ?? 0, rows.length);
  const trained: Trained = { texts: rows.length, labels: labels.length, ...measure(unseen, calibration), base, baseAccuracy: base === 0 ? 0 : measure(unseen.slice(0, base), calibration).accuracy };
  return { model: { ...model, trained }, report: { ...trained, terms: model.terms.length } };
}

/** Numbers of labels that have something above them in common, two at least. */
function familiesOf(labels: readonly string[], parents: ReadonlyMap<string, string> | undefined): readonly (readonly number[])[] {
  const byParent = new Map<string, number[]>();
  labels.forEach((label, number) => {
    const dot = label.indexOf('.');
    const parent = parents?.get(label) ?? (dot > 0 ? label.slice(0, dot) : HAN.test(label) ? label.slice(0, SAME_BEGINNING) : null);
    if (parent === null) return;
    const family = byParent.get(parent);
    if (family === undefined) byParent.set(parent, [number]);
    else family.push(number);
  });
  // One that holds all tells nothing.
  return [...byParent.values()].filter((family) => family.length > 1 && family.length < labels.length);
}

function learn(corpus: Corpus, rows: readonly number[], truth: readonly number[], labels: number, families: readonly (readonly number[])[], tick: () => void) {
  const space = learnSpace(corpus, rows, truth, labels);
  const vectors = toRows(corpus, rows, space);
  const machines: Float32Array[] = [];
  for (let label = 0; label < labels; label += 1) {
    machines.push(trainMachine(vectors, Uint8Array.from(rows, (row) => (truth[row] === label ? 1 : 0))));
    tick();
  }
  // Margins are linear in the weights: what stands above is added to the labels' own machines and costs nothing afterwards. A label
  // without a family gets its own once more, so that all stay on one scale.
  const alone = new Set(machines.keys());
  for (const family of families) {
    const members = new Set(family);
    const above = trainMachine(vectors, Uint8Array.from(rows, (row) => (members.has(truth[row] ?? -1) ? 1 : 0)));
    for (const label of family) {
      alone.delete(label);
      machines[label]?.forEach((weight, place, machine) => {
        machine[place] = weight + PARENT_SHARE * (above[place] ?? 0);
      });
    }
    tick();
  }
  if (families.length > 0) for (const label of alone) machines[label]?.forEach((weight, place, machine) => void (machine[place] = weight * (1 + PARENT_SHARE)));
  return { space, machines };
}

/** Each row's fold, in an order that does not follow the file's. */
function assign(rows: readonly LabelledText[], folds: number): Uint8Array {
  if (rows.length >= FOLD_BY_TEXT) return Uint8Array.from(rows, ({ text }) => wordHash(text) % folds);
  const order = Array.from({ length: rows.length }, (_, row) => row);
  const random = generator(7);
  for (let i = rows.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const kept = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = kept;
  }
  const foldOf = new Uint8Array(rows.length);
  order.forEach((row, place) => {
    foldOf[row] = place % folds;
  });
  return foldOf;
}

function judge({ ends, offsets, places, values, width }: SparseRows, row: number, machines: readonly Float32Array[]): Opinion {
  let from = offsets[row] ?? 0;
  return opinionOf(BLOCK_LENGTHS.map((_, block) => {
    const begin = from;
    const to = ends[row * BLOCKS + block] ?? 0;
    from = to;
    return Float64Array.from(machines, (weights) => {
      let margin = (weights[width] ?? 0) / BLOCKS;
      for (let at = begin; at < to; at += 1) margin += (weights[places[at] ?? 0] ?? 0) * (values[at] ?? 0);
      return margin;
    });
  }));
}

function measure(unseen: readonly Unseen[], calibration: Calibration): { accuracy: number; covered: number } {
  let right = 0;
  let covered = 0;
  for (const opinion of unseen) {
    if (bestTwo(opinion.margins)[0] === opinion.truth) right += 1;
    if (winnerScore(opinion, calibration) >= calibration.sure) covered += 1;
  }
  return { accuracy: right / unseen.length, covered: covered / unseen.length };
}

/** Only the weights that matter, in 16 bits. */
function pack(labels: readonly string[], { hashes, worth }: TermSpace, machines: readonly Float32Array[], calibration: Calibration): ItemModelData {
  const width = worth.length;
  const least = leastKept(machines, width);
  let highest = 0;
  for (const weights of machines) for (let place = 0; place < width; place += 1) highest = Math.max(highest, Math.abs(weights[place] ?? 0));
  const scale = highest === 0 ? 1 : highest / 32_767;
  // Terms without a weight stay: they count in the length of a text.
  const offsets = new Uint32Array(width + 1);
  const weightLabels: number[] = [];
  const weights: number[] = [];
  for (let place = 0; place < width; place += 1) {
    machines.forEach((machine, label) => {
      const weight = machine[place] ?? 0;
      const coded = Math.round(weight / scale);
      if (coded === 0 || Math.abs(weight) < least) return;
      weightLabels.push(label);
      weights.push(coded);
    });
    offsets[place + 1] = weights.length;
  }
  return {
    labels, scale, calibration,
    terms: hashes, worth, offsets, weightLabels: Uint16Array.from(weightLabels), weights: Int16Array.from(weights),
    biases: Float32Array.from(machines, (machine) => machine[width] ?? 0),
  };
}

/** The size below which weights are left out, so that at most `MOST_WEIGHTS` stay; a histogram is near enough. */
function leastKept(machines: readonly Float32Array[], width: number): number {
  const bins = new Float64Array(20_000);
  const step = 1e-4;
  for (const weights of machines) {
    for (let place = 0; place < width; place += 1) {
      const bin = Math.min(bins.length - 1, Math.floor(Math.abs(weights[place] ?? 0) / step));
      if (bin > 0 || weights[place] !== 0) bins[bin] = (bins[bin] ?? 0) + 1;
    }
  }
  let kept = 0;
  for (let bin = bins.length - 1; bin >= 0; bin -= 1) {
    kept += bins[bin] ?? 0;
    if (kept > MOST_WEIGHTS) return (bin + 1) * step;
  }
  return 0;
}
