/**
 * Limited-memory BFGS with backtracking: the least of a smooth function of many numbers. Deterministic.
 * Nocedal, Wright: Numerical Optimization, algorithm 7.5.
 */
export interface MinimiseOptions {
  /** 120 unless told. */
  readonly iterations?: number;
  /** Ends when the value falls by less than this part of itself; 1e-7 unless told. */
  readonly tolerance?: number;
  readonly onIteration?: (done: number) => void;
}

const MEMORY = 8;
const SHORTEST_STEP = 1e-10;

/** @param value returns the function at `x` and writes its gradient */
export function minimise(size: number, value: (x: Float64Array, gradient: Float64Array) => number, { iterations = 120, tolerance = 1e-7, onIteration }: MinimiseOptions = {}): Float64Array {
  let x = new Float64Array(size);
  let gradient = new Float64Array(size);
  let now = value(x, gradient);
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  for (let done = 0; done < iterations; done += 1) {
    let direction = towards(gradient, steps, changes);
    let slope = dot(direction, gradient);
    if (slope >= 0) {
      // What was remembered misleads here: start again downhill.
      steps.length = 0;
      changes.length = 0;
      direction = gradient.map((each) => -each);
      slope = dot(direction, gradient);
    }
    if (slope === 0) break;
    let step = steps.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    let [nextX, nextGradient, next] = [x, gradient, Number.POSITIVE_INFINITY];
    for (; step > SHORTEST_STEP; step /= 2) {
      nextX = x.map((each, at) => each + step * (direction[at] ?? 0));
      nextGradient = new Float64Array(size);
      next = value(nextX, nextGradient);
      if (next <= now + 1e-4 * step * slope) break;
    }
    if (!(next < now)) break;
    const moved = nextX.map((each, at) => each - (x[at] ?? 0));
    const changed = nextGradient.map((each, at) => each - (gradient[at] ?? 0));
    if (dot(moved, changed) > 1e-14) {
      steps.push(moved);
      changes.push(changed);
      if (steps.length > MEMORY) {
        steps.shift();
        changes.shift();
      }
    }
    const fallen = now - next;
    x = nextX;
    gradient = nextGradient;
    now = next;
    onIteration?.(done + 1);
    if (fallen < tolerance * Math.abs(now)) break;
  }
  return x;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** The direction of the two loops. */
function towards(gradient: Float64Array, steps: readonly Float64Array[], changes: readonly Float64Array[]): Float64Array {
  const direction = gradient.map((each) => -each);
  const shares: number[] = [];
  for (let i = steps.length - 1; i >= 0; i -= 1) {
    const [step, change] = [steps[i] ?? gradient, changes[i] ?? gradient];
    const share = dot(step, direction) / dot(step, change);
    shares[i] = share;
    for (let at = 0; at < direction.length; at += 1) direction[at] = (direction[at] ?? 0) - share * (change[at] ?? 0);
  }
  const [lastStep, lastChange] = [steps.at(-1), changes.at(-1)];
  if (lastStep !== undefined && lastChange !== undefined) {
    const scale = dot(lastStep, lastChange) / dot(lastChange, lastChange);
    for (let at = 0; at < direction.length; at += 1) direction[at] = (direction[at] ?? 0) * scale;
  }
  for (let i = 0; i < steps.length; i += 1) {
    const [step, change] = [steps[i] ?? gradient, changes[i] ?? gradient];
    const share = (shares[i] ?? 0) - dot(change, direction) / dot(step, change);
    for (let at = 0; at < direction.length; at += 1) direction[at] = (direction[at] ?? 0) + share * (step[at] ?? 0);
  }
  return direction;
}
