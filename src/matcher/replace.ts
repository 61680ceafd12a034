/**
 * Leftmost-longest replacement of words in a text that remembers where each output unit came from. Used for synonyms and
 * dialect words, before segmentation, on both sides of the index.
 */
export interface Replacer {
  replace(text: string): Replaced;
}

export interface Replaced {
  readonly text: string;
  /** For each UTF-16 unit of the output: where its source begins and ends in the input. Not to be written to. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** 0, 1, 2 …: the places of a text in which nothing was replaced are views of it. */
let counting = Uint32Array.from({ length: 1025 }, (_, at) => at);

function untouched(text: string): Replaced {
  if (counting.length <= text.length) counting = Uint32Array.from({ length: text.length * 2 }, (_, at) => at);
  return { text, starts: counting.subarray(0, text.length), ends: counting.subarray(1, text.length + 1) };
}

export function createReplacer(pairs: ReadonlyMap<string, string>): Replacer {
  /** Words by their first unit, longest first. */
  const lists: string[][] = [];
  /** Number of the list of a first unit plus one; 0: no word begins so. */
  const listOf = new Uint16Array(0x10000);
  for (const word of pairs.keys()) {
    if (word === '') continue;
    const first = word.charCodeAt(0);
    const list = lists[(listOf[first] ?? 0) - 1];
    if (list === undefined) listOf[first] = lists.push([word]);
    else list.push(word);
  }
  for (const list of lists) list.sort((a, b) => b.length - a.length);

  /** The longest word that stands at a place; '' when none does. */
  const wordAt = (text: string, at: number): string => {
    const number = listOf[text.charCodeAt(at)] ?? 0;
    if (number === 0) return '';
    for (const word of lists[number - 1] ?? []) if (text.startsWith(word, at)) return word;
    return '';
  };

  return {
    replace: (text) => {
      let out = '';
      let starts: number[] | null = null;
      const ends: number[] = [];
      /** Up to where the input has been written to the output. */
      let done = 0;
      for (let at = 0; at < text.length; ) {
        const word = wordAt(text, at);
        if (word === '') {
          at += 1;
          continue;
        }
        // A standard word stands for itself, but is passed as a whole, and so are its places.
        const target = pairs.get(word) ?? word;
        starts ??= [];
        out += text.slice(done, at) + target;
        for (let unit = done; unit < at; unit += 1) {
          starts.push(unit);
          ends.push(unit + 1);
        }
        for (let i = 0; i < target.length; i += 1) {
          starts.push(at);
          ends.push(at + word.length);
        }
        done = at + word.length;
        at += word.length;
      }
      if (starts === null) return untouched(text);
      for (let unit = done; unit < text.length; unit += 1) {
        starts.push(unit);
        ends.push(unit + 1);
      }
      return { text: out + text.slice(done), starts: Uint32Array.from(starts), ends: Uint32Array.from(ends) };
    },
  };
}
