/**
 * Sums up what speaks for a ticket: one number for each ticket in a table, and a list of those that have one. Nothing is
 * allocated for an ask, and only the few best are put in order.
 */
export interface Tally {
  /** `weight`: more than 0. */
  add(ticket: number, weight: number): void;
  /** At most `most` tickets but `except`, the best first, of equal ones those found first (lists are read newest first); empty again after that. */
  take(most: number, except: number): readonly number[];
}

const LEAST_ROOM = 1024;

export function createTally(): Tally {
  let sums = new Float64Array(LEAST_ROOM);
  let found = new Int32Array(LEAST_ROOM);
  let count = 0;

  /** Is the one that was found as `a`th worse than the `b`th? */
  const isWorse = (a: number, b: number): boolean => {
    const x = sumOf(a);
    const y = sumOf(b);
    return x === y ? a > b : x < y;
  };
  const sumOf = (at: number): number => sums[found[at] ?? 0] ?? 0;

  /** Lets the root of the heap (the worst above) sink to its place. */
  const sink = (heap: number[]): void => {
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let worst = at;
      for (const child of [left, right]) if (child < heap.length && isWorse(heap[child] ?? 0, heap[worst] ?? 0)) worst = child;
      if (worst === at) return;
      [heap[at], heap[worst]] = [heap[worst] ?? 0, heap[at] ?? 0];
      at = worst;
    }
  };

  return {
    add: (ticket, weight) => {
      if (ticket >= sums.length) {
        const wider = new Float64Array(Math.max(ticket + 1, sums.length * 2));
        wider.set(sums);
        sums = wider;
      }
      const before = sums[ticket] ?? 0;
      sums[ticket] = before + weight;
      if (before !== 0) return;
      if (count === found.length) {
        const longer = new Int32Array(found.length * 2);
        longer.set(found);
        found = longer;
      }
      found[count] = ticket;
      count += 1;
    },
    take: (most, except) => {
      let kept: number[] = [];
      let worst = 0;
      let replaced = false;
      for (let at = 0; at < count; at += 1) {
        if (found[at] === except) continue;
        if (kept.length < most) {
          kept.push(at);
          if (kept.length < most) continue;
          // The worst first is a heap already.
          kept = kept.sort((a, b) => (isWorse(a, b) ? -1 : 1));
        } else {
          // Of equal ones the one found first stays.
          if (sumOf(at) <= worst) continue;
          kept[0] = at;
          sink(kept);
          replaced = true;
        }
        worst = sumOf(kept[0] ?? 0);
      }
      // Where nobody came in later, as among copies, they still lie the worst first.
      const best = (kept.length === most && !replaced ? kept.toReversed() : kept.sort((a, b) => (isWorse(a, b) ? 1 : -1))).map((at) => found[at] ?? 0);
      for (let at = 0; at < count; at += 1) sums[found[at] ?? 0] = 0;
      count = 0;
      return best;
    },
  };
}
