import { CHEAP, compareTexts, FEATURES } from './features.ts';
import { minimise } from './minimise.ts';
import { type QuestionFacts, SIGNALS, writeSignals } from './signals.ts';
import { TRAITS } from './traits.ts';

/**
 * Learns the ranking from questions whose right entries are known: which candidate (softmax over the list, maximum likelihood of a
 * right one), by the features of the terms for the sieve and by all for those that it lets through; and whether the winner is right
 * (logistic). The weights of all move linearly with the traits of the knowledge base. No randomness: the same lists give the
 * same numbers.
 */

/** The candidates of one question in one index. */
export interface TrainingList {
  readonly set: number;
  /** Number of the question within its set: decides the fold. */
  readonly question: number;
  readonly traits: Float64Array;
  readonly count: number;
  /** Candidates that the first ranking had found. */
  readonly found: number;
  /** Rows of `FEATURES`. */
  readonly rows: Float32Array;
  /** By place: 1 for a right one. */
  readonly right: Uint8Array;
  readonly twins: Uint8Array;
  readonly facts: QuestionFacts;
  /** False: the right entry was taken out of the knowledge base. */
  readonly answerable: boolean;
  /** Does not teach how sure to be. */
  readonly rankOnly: boolean;
}

export interface LearnOptions {
  /** Punishment of large weights, of the common ones and of those that move with the traits. */
  readonly common: number;
  readonly moved: number;
  readonly iterations: number;
  readonly onIteration?: (done: number) => void;
}

/** Rows of `TRAITS`, columns of features or signals. */
export type Weights = readonly Float64Array[];

const split = (x: Float64Array, width: number): Float64Array[] => TRAITS.map((_, trait) => x.slice(trait * width, (trait + 1) * width));

/** The weights of one knowledge base. */
export function weightsFor(weights: Weights, traits: ArrayLike<number>): Float64Array {
  const sum = new Float64Array(weights[0]?.length ?? 0);
  weights.forEach((row, trait) => {
    const share = traits[trait] ?? 0;
    if (share !== 0) for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] ?? 0) + share * (row[i] ?? 0);
  });
  return sum;
}

/** Standard deviation of each column over rows of several lists; 1 for a column that never moves. */
function spreads(width: number, rows: Iterable<ArrayLike<number>>): Float64Array {
  const [sum, square] = [new Float64Array(width), new Float64Array(width)];
  let count = 0;
  for (const row of rows) {
    for (let at = 0; at < row.length; at += 1) {
      const value = row[at] ?? 0;
      const column = at % width;
      sum[column] = (sum[column] ?? 0) + value;
      square[column] = (square[column] ?? 0) + value * value;
    }
    count += row.length / width;
  }
  return sum.map((total, column) => {
    const variance = count === 0 ? 0 : (square[column] ?? 0) / count - (total / count) ** 2;
    return variance > 1e-8 ? Math.sqrt(variance) : 1;
  });
}

/** What each list of a set weighs: large sets count more, but not in proportion. */
function setWeights(lists: readonly TrainingList[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { set } of lists) counts.set(set, (counts.get(set) ?? 0) + 1);
  let all = 0;
  for (const count of counts.values()) all += Math.sqrt(count);
  return new Map(Array.from(counts, ([set, count]) => [set, 1 / (Math.sqrt(count) * all)]));
}

/** Learns which candidate is right by all features, or by those of the terms alone, from the lists that hold a right one. */
export function learnRank(lists: readonly TrainingList[], { common, moved, iterations, onIteration }: LearnOptions, features: 'all' | 'terms' = 'all'): Weights {
  const width = features === 'all' ? FEATURES.length : CHEAP.length;
  const stride = FEATURES.length;
  const usable = lists.filter(({ right }) => right.includes(1));
  const weighs = setWeights(usable);
  const places = Math.max(1, ...usable.map(({ count }) => count));
  const [values, slopes] = [new Float64Array(places), new Float64Array(places)];
  const value = (x: Float64Array, gradient: Float64Array): number => {
    let loss = 0;
    const parts = split(x, width);
    const known = new Map<Float64Array, { readonly weights: Float64Array; readonly gradient: Float64Array }>();
    for (const { rows, count, right, traits, set } of usable) {
      let own = known.get(traits);
      if (own === undefined) {
        own = { weights: weightsFor(parts, traits), gradient: new Float64Array(width) };
        known.set(traits, own);
      }
      const weigh = weighs.get(set) ?? 0;
      let top = Number.NEGATIVE_INFINITY;
      for (let place = 0; place < count; place += 1) {
        let sum = 0;
        const from = place * stride;
        for (let i = 0; i < width; i += 1) sum += (own.weights[i] ?? 0) * (rows[from + i] ?? 0);
        values[place] = sum;
        if (sum > top) top = sum;
      }
      let [all, good] = [0, 0];
      for (let place = 0; place < count; place += 1) {
        const share = Math.exp((values[place] ?? 0) - top);
        values[place] = share;
        all += share;
        if (right[place] === 1) good += share;
      }
      loss -= weigh * Math.log(Math.max(1e-300, good / all));
      for (let place = 0; place < count; place += 1) {
        const share = values[place] ?? 0;
        slopes[place] = weigh * (share / all - (right[place] === 1 ? share / Math.max(1e-300, good) : 0));
      }
      for (let place = 0; place < count; place += 1) {
        const slope = slopes[place] ?? 0;
        if (Math.abs(slope) < 1e-12) continue;
        const from = place * stride;
        for (let i = 0; i < width; i += 1) own.gradient[i] = (own.gradient[i] ?? 0) + slope * (rows[from + i] ?? 0);
      }
    }
    // Features are shares from 0 to 1 already: one that hardly moves should not be blown up.
    for (const [traits, own] of known) spreadGradient(gradient, own.gradient, null, traits);
    return loss + punish(x, gradient, width, common, moved);
  };
  const x = minimise(width * TRAITS.length, value, { iterations, ...(onIteration === undefined ? {} : { onIteration }) });
  return split(x, width);
}

function spreadGradient(gradient: Float64Array, own: Float64Array, scale: Float64Array | null, traits: ArrayLike<number>): void {
  const width = own.length;
  for (let trait = 0; trait < TRAITS.length; trait += 1) {
    const share = traits[trait] ?? 0;
    if (share === 0) continue;
    for (let i = 0; i < width; i += 1) gradient[trait * width + i] = (gradient[trait * width + i] ?? 0) + (share * (own[i] ?? 0)) / (scale?.[i] ?? 1);
  }
}

function punish(x: Float64Array, gradient: Float64Array, width: number, common: number, moved: number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i += 1) {
    const strength = i < width ? common : moved;
    const each = x[i] ?? 0;
    sum += strength * each * each;
    gradient[i] = (gradient[i] ?? 0) + 2 * strength * each;
  }
  return sum;
}

/** The list of those that a sieve lets through, best first; `weights` are those of its knowledge base. */
export function sieve(list: TrainingList, weights: Float64Array, most: number): TrainingList {
  const stride = FEATURES.length;
  const values = new Float64Array(list.count);
  for (let place = 0; place < list.count; place += 1) {
    let sum = 0;
    for (let i = 0; i < weights.length; i += 1) sum += (weights[i] ?? 0) * (list.rows[place * stride + i] ?? 0);
    values[place] = sum;
  }
  const places = Uint8Array.from(values, (_, place) => place).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b).slice(0, most);
  const rows = new Float32Array(places.length * stride);
  places.forEach((place, i) => rows.set(list.rows.subarray(place * stride, (place + 1) * stride), i * stride));
  compareTexts(rows, Uint8Array.from(places, (_, i) => i), places.length);
  return { ...list, count: places.length, rows, right: places.map((place) => list.right[place] ?? 0), twins: places.map((place) => list.twins[place] ?? 0) };
}

/** A list as a ranking sees it: places best first, and whether the winner is right. */
export interface Standing {
  readonly order: Uint8Array;
  readonly signals: Float64Array;
  readonly right: boolean;
  readonly shares: Float64Array;
}

/** Ranks a list; `weights` are those of its knowledge base. */
export function stand(list: TrainingList, weights: Float64Array): Standing {
  const { count, found, rows, twins, facts, right } = list;
  const width = FEATURES.length;
  const values = new Float64Array(count);
  for (let place = 0; place < count; place += 1) {
    let sum = 0;
    for (let i = 0; i < width; i += 1) sum += (weights[i] ?? 0) * (rows[place * width + i] ?? 0);
    values[place] = sum;
  }
  const order = Uint8Array.from({ length: count }, (_, place) => place).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
  const shares = sharesOf(values);
  const signals = new Float64Array(SIGNALS.length);
  if (count > 0) writeSignals(signals, order, values, shares, rows, (order[0] ?? 0) * width, twins, facts, found);
  return { order, signals, shares, right: count > 0 && right[order[0] ?? 0] === 1 };
}

export function sharesOf(values: Float64Array): Float64Array {
  let top = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > top) top = value;
  let all = 0;
  const shares = values.map((value) => Math.exp(value - top));
  for (const share of shares) all += share;
  return shares.map((share) => share / all);
}

/** Weights and bias by trait: the probability that a winner is right. */
export interface Relevance {
  readonly weights: Weights;
  readonly bias: Float64Array;
}

export function biasFor({ bias }: Relevance, traits: ArrayLike<number>): number {
  return bias.reduce((sum, each, trait) => sum + each * (traits[trait] ?? 0), 0);
}

/** The logistic of a weighted sum. */
export function chance(weights: Float64Array, bias: number, signals: Float64Array): number {
  let sum = bias;
  for (let i = 0; i < signals.length; i += 1) sum += (weights[i] ?? 0) * (signals[i] ?? 0);
  return 1 / (1 + Math.exp(-sum));
}

export interface Judged {
  readonly set: number;
  readonly traits: Float64Array;
  readonly signals: Float64Array;
  readonly right: boolean;
  readonly answerable: boolean;
}

/** Learns whether a winner is right. A question without a right entry weighs `absent`, one with it 1. */
export function learnRelevance(judged: readonly Judged[], absent: number, { common, moved, iterations, onIteration }: LearnOptions): Relevance {
  const width = SIGNALS.length + 1;
  const raw = spreads(SIGNALS.length, judged.map(({ signals }) => signals));
  const scale = Float64Array.of(...raw, 1);
  const counts = new Map<number, number>();
  for (const { set, answerable } of judged) counts.set(set, (counts.get(set) ?? 0) + (answerable ? 1 : absent));
  let all = 0;
  for (const count of counts.values()) all += Math.sqrt(count);
  const value = (x: Float64Array, gradient: Float64Array): number => {
    let loss = 0;
    const parts = split(x, width);
    const known = new Map<Float64Array, { readonly weights: Float64Array; readonly gradient: Float64Array }>();
    for (const { set, traits, signals, right, answerable } of judged) {
      let own = known.get(traits);
      if (own === undefined) {
        own = { weights: weightsFor(parts, traits).map((each, at) => each / (scale[at] ?? 1)), gradient: new Float64Array(width) };
        known.set(traits, own);
      }
      const weigh = (answerable ? 1 : absent) / (Math.sqrt(counts.get(set) ?? 1) * all);
      let sum = own.weights[width - 1] ?? 0;
      for (let i = 0; i < signals.length; i += 1) sum += (own.weights[i] ?? 0) * (signals[i] ?? 0);
      loss += weigh * Math.log1p(Math.exp(right ? -sum : sum));
      const slope = weigh * (1 / (1 + Math.exp(-sum)) - (right ? 1 : 0));
      for (let i = 0; i < signals.length; i += 1) own.gradient[i] = (own.gradient[i] ?? 0) + slope * (signals[i] ?? 0);
      own.gradient[width - 1] = (own.gradient[width - 1] ?? 0) + slope;
    }
    for (const [traits, own] of known) spreadGradient(gradient, own.gradient, scale, traits);
    return loss + punish(x, gradient, width, common, moved);
  };
  const x = minimise(width * TRAITS.length, value, { iterations, ...(onIteration === undefined ? {} : { onIteration }) });
  const rows = split(x, width);
  return { weights: rows.map((row) => row.slice(0, width - 1).map((each, at) => each / (scale[at] ?? 1))), bias: Float64Array.from(rows, (row) => row[width - 1] ?? 0) };
}
