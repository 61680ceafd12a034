/**
 * Counts 32-bit keys and gives them back in the order of their first use; one table is used again and again, so that
 * counting a question's characters allocates nothing but the result.
 */
export interface Counter {
  add(key: number): void;
  /** Each key once with its count; the counter is empty afterwards. */
  take(): { readonly keys: Uint32Array; readonly counts: Uint32Array };
}

export function createCounter(): Counter {
  let keys = new Uint32Array(512);
  let counts = new Uint32Array(512);
  let used = 0;
  /** Open addressing: place in `keys` plus one; 0: free. Twice as long as `keys`. */
  let slots = new Uint32Array(1024);

  const slotOf = (key: number): number => {
    const mask = slots.length - 1;
    let at = (Math.imul(key, 0x9e3779b1) >>> 12) & mask;
    for (let place = slots[at] ?? 0; place !== 0 && keys[place - 1] !== key; place = slots[at] ?? 0) at = (at + 1) & mask;
    return at;
  };

  const grow = (): void => {
    const [oldKeys, oldCounts] = [keys, counts];
    keys = new Uint32Array(oldKeys.length * 2);
    counts = new Uint32Array(oldKeys.length * 2);
    keys.set(oldKeys);
    counts.set(oldCounts);
    slots = new Uint32Array(keys.length * 2);
    for (let place = 0; place < used; place += 1) slots[slotOf(keys[place] ?? 0)] = place + 1;
  };

  return {
    add: (raw) => {
      const key = raw >>> 0;
      const at = slotOf(key);
      const place = slots[at] ?? 0;
      if (place !== 0) {
        counts[place - 1] = (counts[place - 1] ?? 0) + 1;
        return;
      }
      keys[used] = key;
      counts[used] = 1;
      used += 1;
      slots[at] = used;
      if (used === keys.length) grow();
    },
    take: () => {
      const result = { keys: keys.slice(0, used), counts: counts.slice(0, used) };
      if (used * 8 > slots.length) slots.fill(0);
      // A few keys in a large table: their slots are wiped one by one, backwards, so that each is still found.
      else for (let place = used - 1; place >= 0; place -= 1) slots[slotOf(keys[place] ?? 0)] = 0;
      used = 0;
      return result;
    },
  };
}
