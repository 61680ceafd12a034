/**
 * From machines' margins to probabilities, learned on rows that the machines had not seen: a softmax whose sharpness fits
 * best, and for the winner a logistic model of how far it stands before the others.
 */

export interface Calibration {
  /** Margins are multiplied by it before the softmax. */
  readonly sharpness: number;
  /** Weights of `winnerFeatures`, and the bias last. */
  readonly winner: readonly number[];
  /** A winner's score from which errors stayed below the wanted rate; above 1: none. */
  readonly sure: number;
}

/** What the machines say of one text, one margin a label. */
export interface Opinion {
  readonly margins: Float64Array;
  /** The winner's lead in the block of terms that speaks least for it; below 0: that block alone would have chosen another. */
  readonly leastLead: number;
}

/** Of a row that the machines had not seen. */
export interface Unseen extends Opinion {
  readonly truth: number;
}

/** @param parts margins by block; they are added up */
export function opinionOf(parts: readonly Float64Array[]): Opinion {
  const margins = new Float64Array(parts[0]?.length ?? 0);
  for (const part of parts) for (let label = 0; label < margins.length; label += 1) margins[label] = (margins[label] ?? 0) + (part[label] ?? 0);
  const [winner] = bestTwo(margins);
  let leastLead = Number.POSITIVE_INFINITY;
  for (const part of parts) {
    const [first, second] = bestTwo(part);
    const rival = first === winner ? second : first;
    if (rival >= 0) leastLead = Math.min(leastLead, (part[winner] ?? 0) - (part[rival] ?? 0));
  }
  return { margins, leastLead: Number.isFinite(leastLead) ? leastLead : 0 };
}

const STEPS = 60;
const FITTING = 400;
const RATE = 0.5;
/** Keeps weights small where there is little to learn from. */
const RIDGE = 1e-3;

export function softmax(margins: Float64Array, sharpness: number): Float64Array {
  let highest = Number.NEGATIVE_INFINITY;
  for (const margin of margins) highest = Math.max(highest, margin);
  const shares = margins.map((margin) => Math.exp((margin - highest) * sharpness));
  let total = 0;
  for (const share of shares) total += share;
  return shares.map((share) => share / total);
}

/** The two best places, best first; the second is -1 when there is one label only. */
export function bestTwo(values: Float64Array): readonly [number, number] {
  let first = 0;
  let second = -1;
  for (let at = 1; at < values.length; at += 1) {
    if ((values[at] ?? 0) > (values[first] ?? 0)) {
      second = first;
      first = at;
    } else if (second < 0 || (values[at] ?? 0) > (values[second] ?? 0)) second = at;
  }
  return [first, second];
}

function winnerFeatures({ margins, leastLead }: Opinion, sharpness: number): readonly number[] {
  const [first, second] = bestTwo(margins);
  const best = margins[first] ?? 0;
  const gap = second < 0 ? 2 : best - (margins[second] ?? 0);
  const share = softmax(margins, sharpness)[first] ?? 0;
  return [Math.log((share + 1e-6) / (1 - share + 1e-6)), gap, best, leastLead];
}

/** Probability that the winner is right. */
export function winnerScore(opinion: Opinion, { sharpness, winner }: Pick<Calibration, 'sharpness' | 'winner'>): number {
  const features = winnerFeatures(opinion, sharpness);
  return sigmoid(features.reduce((sum, value, at) => sum + value * (winner[at] ?? 0), winner[features.length] ?? 0));
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** @param mostErrors share of errors that is allowed where nobody looks again */
export function calibrate(unseen: readonly Unseen[], mostErrors: number): Calibration {
  const sharpness = fitSharpness(unseen);
  const right = unseen.map(({ margins, truth }) => (bestTwo(margins)[0] === truth ? 1 : 0));
  const winner = fitWinner(unseen.map((opinion) => winnerFeatures(opinion, sharpness)), right);
  const scored = unseen.map((opinion, at) => ({ score: winnerScore(opinion, { sharpness, winner }), right: right[at] ?? 0 }));
  return { sharpness, winner, sure: sureFrom(scored, mostErrors) };
}

/** Golden section search for the sharpness under which the truth is least surprising. */
function fitSharpness(unseen: readonly Unseen[]): number {
  const surprise = (sharpness: number): number => unseen.reduce((sum, { margins, truth }) => sum - Math.log((softmax(margins, sharpness)[truth] ?? 0) + 1e-9), 0);
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [0.2, 12];
  for (let step = 0; step < STEPS && high - low > 0.01; step += 1) {
    const left = high - ratio * (high - low);
    const right = low + ratio * (high - low);
    if (surprise(left) < surprise(right)) high = right;
    else low = left;
  }
  return (low + high) / 2;
}

/** Logistic regression by gradient descent on features of unit spread. */
function fitWinner(rows: readonly (readonly number[])[], right: readonly number[]): number[] {
  const width = rows[0]?.length ?? 0;
  const means = Array.from({ length: width }, (_, at) => rows.reduce((sum, row) => sum + (row[at] ?? 0), 0) / rows.length);
  const spreads = means.map((mean, at) => Math.sqrt(rows.reduce((sum, row) => sum + ((row[at] ?? 0) - mean) ** 2, 0) / rows.length) || 1);
  const scaled = rows.map((row) => row.map((value, at) => (value - (means[at] ?? 0)) / (spreads[at] ?? 1)));
  const weights = new Float64Array(width + 1);
  for (let step = 0; step < FITTING; step += 1) {
    const slope = new Float64Array(width + 1);
    scaled.forEach((row, i) => {
      const miss = sigmoid(row.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), weights[width] ?? 0)) - (right[i] ?? 0);
      row.forEach((value, at) => {
        slope[at] = (slope[at] ?? 0) + miss * value;
      });
      slope[width] = (slope[width] ?? 0) + miss;
    });
    for (let at = 0; at <= width; at += 1) weights[at] = (weights[at] ?? 0) - RATE * ((slope[at] ?? 0) / rows.length + (at < width ? RIDGE * (weights[at] ?? 0) : 0));
  }
  const plain = means.map((_, at) => (weights[at] ?? 0) / (spreads[at] ?? 1));
  return [...plain, (weights[width] ?? 0) - plain.reduce((sum, weight, at) => sum + weight * (means[at] ?? 0), 0)];
}

/** The lowest score from which on the errors stay within the rate, 19 times out of 20: few rows prove little. */
function sureFrom(rows: readonly { readonly score: number; readonly right: number }[], mostErrors: number): number {
  let errors = 0;
  let sure = 2;
  rows.toSorted((a, b) => b.score - a.score).forEach(({ score, right }, place) => {
    errors += 1 - right;
    if (mostLikely(errors) / (place + 1) <= mostErrors) sure = score;
  });
  return sure;
}

/** Errors to be expected at most where so many were seen: near the one-sided 95 % bound of a Poisson count (3.0 for none, 17.0 for ten). */
const mostLikely = (errors: number): number => errors + 1.35 + 1.65 * Math.sqrt(errors + 1);
