/** Keeps the best of many: a heap whose top is the worst that is kept. `before` breaks ties and is asked only then. */
export interface Best {
  offer(slot: number, score: number): void;
  /** Best first. */
  list(): readonly { readonly slot: number; readonly score: number }[];
}

export function createBest(most: number, before: (one: number, other: number) => boolean): Best {
  const slots: number[] = [];
  const scores: number[] = [];
  /** Is the one at i worse than the one at j? */
  const worse = (i: number, j: number): boolean => {
    const [a = 0, b = 0] = [scores[i], scores[j]];
    return a !== b ? a < b : before(slots[j] ?? 0, slots[i] ?? 0);
  };
  const swap = (i: number, j: number): void => {
    [slots[i], slots[j]] = [slots[j] ?? 0, slots[i] ?? 0];
    [scores[i], scores[j]] = [scores[j] ?? 0, scores[i] ?? 0];
  };
  const sink = (from: number): void => {
    for (let at = from; ; ) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < slots.length && worse(child, worst)) worst = child;
      if (worst === at) return;
      swap(at, worst);
      at = worst;
    }
  };
  return {
    offer: (slot, score) => {
      if (slots.length < most) {
        slots.push(slot);
        scores.push(score);
        for (let at = slots.length - 1; at > 0; ) {
          const parent = (at - 1) >> 1;
          if (!worse(at, parent)) return;
          swap(at, parent);
          at = parent;
        }
        return;
      }
      const top = scores[0] ?? 0;
      if (score < top || (score === top && !before(slot, slots[0] ?? 0))) return;
      slots[0] = slot;
      scores[0] = score;
      sink(0);
    },
    list: () => slots.map((slot, at) => ({ slot, score: scores[at] ?? 0 })).sort((a, b) => (a.score !== b.score ? b.score - a.score : before(a.slot, b.slot) ? -1 : 1)),
  };
}
