import type { Analyzer } from '../segment.ts';
import { bestTwo, calibrate, type Calibration, type Margins, winnerScore } from './calibrate.ts';
import type { ItemModelData } from './model.ts';
import { generator, trainMachine } from './svm.ts';
import { readTerms, type TermCounts } from './terms.ts';
import { learnSpace, type SparseRows, toRows } from './vectors.ts';

/** Trains the model from labelled texts: one machine a label on everything, and its calibration on folds held out. */

export interface LabelledText {
  readonly text: string;
  readonly item: string;
}

export interface TrainReport {
  readonly texts: number;
  readonly labels: number;
  readonly terms: number;
  /** On texts held out of the training, fold by fold. */
  readonly accuracy: number;
  /** Share of those texts whose first suggestion is sure. */
  readonly covered: number;
}

export interface TrainOptions {
  readonly folds?: number;
  /** Share of errors allowed where an item is filled in without a person. */
  readonly mostErrors?: number;
  readonly onProgress?: (done: number, of: number) => void;
}

const FOLDS = 4;
const MOST_ERRORS = 0.005;
/** Weights kept at most; the smallest go first. */
const MOST_WEIGHTS = 2_500_000;

/** @throws RangeError for less than two labels, or a label of one text only when there are no others to learn from */
export function trainItems(rows: readonly LabelledText[], analyzer: Analyzer, options: TrainOptions = {}): { readonly model: ItemModelData; readonly report: TrainReport } {
  const labels = [...new Set(rows.map(({ item }) => item))].sort();
  if (labels.length < 2) throw new RangeError('at least two different items are needed');
  const folds = Math.min(options.folds ?? FOLDS, rows.length);
  const numbers = new Map(labels.map((label, number) => [label, number]));
  const truth = rows.map(({ item }) => numbers.get(item) ?? 0);
  const steps = labels.length * (folds + 1);
  let done = 0;
  const tick = (): void => options.onProgress?.((done += 1), steps);

  const texts = rows.map(({ text }) => readTerms(text, analyzer));
  const foldOf = assign(rows.length, folds);
  const unseen: Margins[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const inside = rows.flatMap((_, row) => (foldOf[row] === fold ? [] : [row]));
    const outside = rows.flatMap((_, row) => (foldOf[row] === fold ? [row] : []));
    const { space, machines } = learn(pick(texts, inside), pick(truth, inside), labels.length, tick);
    const held = toRows(pick(texts, outside), space);
    outside.forEach((row, at) => {
      unseen[row] = marginsOf(held, at, machines);
    });
  }
  const calibration = calibrate(unseen, truth, options.mostErrors ?? MOST_ERRORS);
  const { space, machines } = learn(texts, truth, labels.length, tick);
  const model = pack(labels, [...space.numbers.keys()], space.idf, machines, calibration);
  return { model, report: { texts: rows.length, labels: labels.length, terms: model.terms.length, ...measure(unseen, truth, calibration) } };
}

function learn(texts: readonly TermCounts[], truth: readonly number[], labels: number, tick: () => void) {
  const space = learnSpace(texts);
  const rows = toRows(texts, space);
  const machines: Float64Array[] = [];
  for (let label = 0; label < labels; label += 1) {
    machines.push(trainMachine(rows, Uint8Array.from(truth, (right) => (right === label ? 1 : 0))));
    tick();
  }
  return { space, machines };
}

/** Each row's fold: even, in an order that does not follow the file's. */
function assign(rows: number, folds: number): Uint8Array {
  const order = Array.from({ length: rows }, (_, row) => row);
  const random = generator(7);
  for (let i = rows - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const kept = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = kept;
  }
  const foldOf = new Uint8Array(rows);
  order.forEach((row, place) => {
    foldOf[row] = place % folds;
  });
  return foldOf;
}

function pick<Member>(list: readonly Member[], places: readonly number[]): Member[] {
  return places.flatMap((place) => list.slice(place, place + 1));
}

function marginsOf({ offsets, places, values, width }: SparseRows, row: number, machines: readonly Float64Array[]): Margins {
  return Float64Array.from(machines, (weights) => {
    let margin = weights[width] ?? 0;
    for (let at = offsets[row] ?? 0, to = offsets[row + 1] ?? 0; at < to; at += 1) margin += (weights[places[at] ?? 0] ?? 0) * (values[at] ?? 0);
    return margin;
  });
}

function measure(margins: readonly Margins[], truth: readonly number[], calibration: Calibration): { accuracy: number; covered: number } {
  let right = 0;
  let covered = 0;
  margins.forEach((row, at) => {
    if (bestTwo(row)[0] === truth[at]) right += 1;
    if (winnerScore(row, calibration) >= calibration.sure) covered += 1;
  });
  return { accuracy: right / margins.length, covered: covered / margins.length };
}

/** Only the weights that matter, in 16 bits. */
function pack(labels: readonly string[], hashes: readonly number[], idf: Float32Array, machines: readonly Float64Array[], calibration: Calibration): ItemModelData {
  const width = idf.length;
  const least = leastKept(machines, width);
  let highest = 0;
  for (const weights of machines) for (let place = 0; place < width; place += 1) highest = Math.max(highest, Math.abs(weights[place] ?? 0));
  const scale = highest === 0 ? 1 : highest / 32_767;
  const terms: number[] = [];
  const keptIdf: number[] = [];
  const offsets: number[] = [0];
  const weightLabels: number[] = [];
  const weights: number[] = [];
  for (let place = 0; place < width; place += 1) {
    const before = weights.length;
    machines.forEach((machine, label) => {
      const weight = machine[place] ?? 0;
      const coded = Math.round(weight / scale);
      if (coded === 0 || Math.abs(weight) < least) return;
      weightLabels.push(label);
      weights.push(coded);
    });
    if (weights.length === before) continue;
    terms.push(hashes[place] ?? 0);
    keptIdf.push(idf[place] ?? 0);
    offsets.push(weights.length);
  }
  return {
    labels, scale, calibration,
    terms: Uint32Array.from(terms), idf: Float32Array.from(keptIdf), offsets: Uint32Array.from(offsets), weightLabels: Uint16Array.from(weightLabels), weights: Int16Array.from(weights),
    biases: Float32Array.from(machines, (machine) => machine[width] ?? 0),
  };
}

/** The size below which weights are left out, so that at most `MOST_WEIGHTS` stay; a histogram is near enough. */
function leastKept(machines: readonly Float64Array[], width: number): number {
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
