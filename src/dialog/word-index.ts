/**
 * Many words, one walk over a text: what may begin at a place is looked up by its first character, instead of searching
 * the whole text for each word in turn. Built once a list; lists are part of a program and live as long as it does.
 */

/** Entries by the first UTF-16 unit of their word, in the order given. */
export type ByFirst<Entry> = ReadonlyMap<number, readonly Entry[]>;

export function byFirst<Entry>(entries: readonly Entry[], wordOf: (entry: Entry) => string): ByFirst<Entry> {
  const index = new Map<number, Entry[]>();
  for (const entry of entries) {
    const first = wordOf(entry).charCodeAt(0);
    const list = index.get(first);
    if (list === undefined) index.set(first, [entry]);
    else list.push(entry);
  }
  return index;
}

/** A value that belongs to an immutable object and is made when it is first asked for. */
export function onceFor<Owner extends object, Value>(make: (owner: Owner) => Value): (owner: Owner) => Value {
  const made = new WeakMap<Owner, { readonly value: Value }>();
  return (owner) => {
    const known = made.get(owner);
    if (known !== undefined) return known.value;
    const value = make(owner);
    made.set(owner, { value });
    return value;
  };
}

interface Word {
  readonly word: string;
  /** Latin only: it counts as a whole word, so that “hi” is not in “this”. */
  readonly latin: boolean;
}

/** Finds which words occur in a text, just as `hasWord` would say of each. */
export interface Vocabulary {
  occurring(text: string): ReadonlySet<string>;
}

export function createVocabulary(words: Iterable<string>): Vocabulary {
  const entries = [...new Set(words)].filter((word) => word !== '').map((word): Word => ({ word, latin: isLatin(word) }));
  const index = byFirst(entries, ({ word }) => word);
  return {
    occurring(text) {
      const found = new Set<string>();
      for (let at = 0; at < text.length; at += 1) {
        const here = index.get(text.charCodeAt(at));
        if (here === undefined) continue;
        for (const { word, latin } of here) if (text.startsWith(word, at) && (!latin || standsAlone(text, at, word))) found.add(word);
      }
      return found;
    },
  };
}

function isLatin(word: string): boolean {
  for (let i = 0; i < word.length; i += 1) if (word.charCodeAt(i) > 0x7f) return false;
  return true;
}

const isAlphanumeric = (unit: number): boolean => (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39);

/** No lower-case letter or digit on either side. Beyond the ends `charCodeAt` gives NaN, which is neither. */
const standsAlone = (text: string, at: number, word: string): boolean => !isAlphanumeric(text.charCodeAt(at - 1)) && !isAlphanumeric(text.charCodeAt(at + word.length));

/** Does a word (lower case, as the compiler leaves them) occur? Latin words only as whole words, so that “hi” is not in “this”. */
export function hasWord(text: string, word: string): boolean {
  const first = text.indexOf(word);
  if (first < 0) return false;
  if (word === '' || !isLatin(word)) return true;
  for (let at = first; at >= 0; at = text.indexOf(word, at + 1)) if (standsAlone(text, at, word)) return true;
  return false;
}
