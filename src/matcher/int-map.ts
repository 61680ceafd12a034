/**
 * A growing hash table from a 32-bit key to a small integer, open addressing in typed arrays: a tenth of the memory of a
 * Map with boxed keys, which matters with a million character pairs.
 */
export interface IntMap {
  /** The key's number, or -1. */
  get(key: number): number;
  /** The key's number; a new key gets the next free one (0, 1, 2 …), or the one given. */
  intern(key: number, fresh?: number): number;
  readonly size: () => number;
  /** Every key with its number, in no order. */
  each(visit: (key: number, value: number) => void): void;
  /** As it lies in memory: key and value of a place belong together; a value is the number plus one, 0: free. */
  tables(): { readonly keys: Uint32Array; readonly values: Uint32Array };
}

export function createIntMap(expected = 1024): IntMap {
  let capacity = 1024;
  while (capacity < expected * 2) capacity *= 2;
  return openIntMap(new Uint32Array(capacity), new Uint32Array(capacity), 0);
}

/** Over the tables of an earlier map, which are not copied; their length is a power of two. */
export function openIntMap(givenKeys: Uint32Array, givenValues: Uint32Array, held: number): IntMap {
  let keys = givenKeys;
  let values = givenValues;
  let size = held;

  const slot = (table: Uint32Array, filled: Uint32Array, key: number): number => {
    const mask = table.length - 1;
    // Fibonacci hashing spreads neighbouring code points.
    let at = (Math.imul(key, 0x9e3779b1) >>> 0) & mask;
    while (filled[at] !== 0 && table[at] !== key) at = (at + 1) & mask;
    return at;
  };

  const grow = (): void => {
    const nextKeys = new Uint32Array(keys.length * 2);
    const nextValues = new Uint32Array(keys.length * 2);
    for (let at = 0; at < keys.length; at += 1) {
      const value = values[at] ?? 0;
      if (value === 0) continue;
      const key = keys[at] ?? 0;
      const to = slot(nextKeys, nextValues, key);
      nextKeys[to] = key;
      nextValues[to] = value;
    }
    keys = nextKeys;
    values = nextValues;
  };

  return {
    get: (key) => (values[slot(keys, values, key >>> 0)] ?? 0) - 1,
    intern: (raw, fresh = size) => {
      const key = raw >>> 0;
      const at = slot(keys, values, key);
      const known = values[at] ?? 0;
      if (known !== 0) return known - 1;
      keys[at] = key;
      values[at] = fresh + 1;
      size += 1;
      if (size * 2 > keys.length) grow();
      return fresh;
    },
    size: () => size,
    each: (visit) => {
      for (let at = 0; at < keys.length; at += 1) {
        const value = values[at] ?? 0;
        if (value !== 0) visit(keys[at] ?? 0, value - 1);
      }
    },
    tables: () => ({ keys, values }),
  };
}
