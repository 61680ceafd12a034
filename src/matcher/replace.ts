/**
 * Leftmost-longest replacement of words in a text that remembers where each output unit came from. Used for synonyms and
 * dialect words, before segmentation, on both sides of the index.
 */
export interface Replacer {
  replace(text: string): Replaced;
}

export interface Replaced {
  readonly text: string;
  /** For each UTF-16 unit of the output: where its source begins and ends in the input. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

export function createReplacer(pairs: ReadonlyMap<string, string>): Replacer {
  const byFirst = new Map<string, string[]>();
  for (const word of pairs.keys()) {
    const first = word.charAt(0);
    const list = byFirst.get(first);
    if (list === undefined) byFirst.set(first, [word]);
    else list.push(word);
  }
  for (const list of byFirst.values()) list.sort((a, b) => b.length - a.length);

  return {
    replace: (text) => {
      let out = '';
      const starts: number[] = [];
      const ends: number[] = [];
      for (let at = 0; at < text.length; ) {
        const word = byFirst.get(text.charAt(at))?.find((each) => text.startsWith(each, at));
        if (word === undefined) {
          out += text.charAt(at);
          starts.push(at);
          at += 1;
          ends.push(at);
          continue;
        }
        const target = pairs.get(word) ?? word;
        for (let i = 0; i < target.length; i += 1) {
          starts.push(at);
          ends.push(at + word.length);
        }
        out += target;
        at += word.length;
      }
      return { text: out, starts: Uint32Array.from(starts), ends: Uint32Array.from(ends) };
    },
  };
}
