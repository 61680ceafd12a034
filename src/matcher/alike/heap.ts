/** The nearest pair of clusters next; equal ones by their numbers, so that nothing hangs on the order of pushing. */
export interface Pair {
  readonly near: number;
  readonly a: number;
  readonly b: number;
}

const before = (x: Pair, y: Pair): boolean => (x.near === y.near ? x.a < y.a || (x.a === y.a && x.b < y.b) : x.near > y.near);

export function createHeap(): { push(pair: Pair, least: number): void; pop(): Pair | null } {
  const pairs: Pair[] = [];
  const swap = (i: number, j: number): void => {
    const [x, y] = [pairs[i], pairs[j]];
    if (x !== undefined && y !== undefined) [pairs[i], pairs[j]] = [y, x];
  };
  const isBefore = (i: number, j: number): boolean => {
    const [x, y] = [pairs[i], pairs[j]];
    return x !== undefined && y !== undefined && before(x, y);
  };
  return {
    push: (pair, least) => {
      if (pair.near < least) return;
      let at = pairs.push(pair) - 1;
      for (let up = (at - 1) >> 1; at > 0 && isBefore(at, up); up = (at - 1) >> 1) {
        swap(at, up);
        at = up;
      }
    },
    pop: () => {
      swap(0, pairs.length - 1);
      const top = pairs.pop() ?? null;
      for (let at = 0; ; ) {
        let first = at;
        for (const child of [2 * at + 1, 2 * at + 2]) if (isBefore(child, first)) first = child;
        if (first === at) return top;
        swap(at, first);
        at = first;
      }
    },
  };
}
