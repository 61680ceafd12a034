/** Many short texts in one array of UTF-16 units: no header and no object each, and read without making a string. */
export interface TextStore {
  readonly units: Uint16Array;
  /** One more than texts. */
  readonly offsets: Uint32Array;
}

export interface TextStoreBuilder {
  /** Adds the next text, cut to `limit` units. */
  add(text: string, limit?: number): void;
  build(): TextStore;
}

export function createTextStoreBuilder(): TextStoreBuilder {
  let units = new Uint16Array(1 << 12);
  let used = 0;
  const offsets = [0];
  return {
    add: (text, limit = text.length) => {
      const length = Math.min(text.length, limit);
      if (used + length > units.length) {
        const next = new Uint16Array(Math.max(used + length, units.length * 2));
        next.set(units.subarray(0, used));
        units = next;
      }
      for (let i = 0; i < length; i += 1) units[used + i] = text.charCodeAt(i);
      used += length;
      offsets.push(used);
    },
    build: () => ({ units: units.slice(0, used), offsets: Uint32Array.from(offsets) }),
  };
}
