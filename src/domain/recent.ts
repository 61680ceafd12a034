/** What was set last, up to a number; what is forgotten can be found again elsewhere. */
export interface Recent<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/**
 * Keeps the newest `most` at the utmost, and half of them at least. Two generations instead of a list by age: a Map that loses its oldest key at
 * each set has to step over all those it lost before, which at some thousand keys costs more than what is remembered.
 */
export function createRecent<Value>(most: number): Recent<Value> {
  const each = Math.max(1, Math.floor(most / 2));
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  return {
    get: (key) => young.get(key) ?? old.get(key),
    set: (key, value) => {
      if (young.size >= each && !young.has(key)) {
        old = young;
        young = new Map();
      }
      young.set(key, value);
    },
  };
}
