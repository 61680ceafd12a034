/**
 * With which characters can a match of a pattern begin? Read off its source, so that a reader tries only those of its
 * patterns that can begin at a place of the text, without a list beside the patterns that somebody would have to keep.
 */

interface Heads {
  readonly chars: Set<string>;
  /** It may match nothing, so that what follows it can come first. */
  readonly empty: boolean;
}

interface Cursor {
  readonly source: string;
  at: number;
}

/**
 * @param pattern without flag `i`; classes must list their members (`\d` and ranges are fine, `.`, `\s` and `[^…]` only
 *   where a match cannot begin with them)
 * @throws RangeError when the first character cannot be told
 */
export function firstChars(pattern: RegExp): ReadonlySet<string> {
  const { chars, empty } = alternatives({ source: pattern.source, at: 0 });
  if (empty || chars.has(ANY)) throw new RangeError(`a match of ${pattern.source} may begin with anything`);
  return chars;
}

const ANY = 'any';

function alternatives(cursor: Cursor): Heads {
  const chars = new Set<string>();
  let empty = false;
  for (;;) {
    const branch = sequence(cursor);
    for (const char of branch.chars) chars.add(char);
    empty ||= branch.empty;
    if (cursor.source[cursor.at] !== '|') return { chars, empty };
    cursor.at += 1;
  }
}

function sequence(cursor: Cursor): Heads {
  const chars = new Set<string>();
  let empty = true;
  while (cursor.at < cursor.source.length && !'|)'.includes(cursor.source.charAt(cursor.at))) {
    const atom = readAtom(cursor);
    const optional = quantifier(cursor);
    if (empty) for (const char of atom.chars) chars.add(char);
    empty &&= atom.empty || optional;
  }
  return { chars, empty };
}

function readAtom(cursor: Cursor): Heads {
  const { source } = cursor;
  const group = /^\((\?<?[=!]|\?:|\?<\w+>)?/.exec(source.slice(cursor.at, cursor.at + 40));
  if (group !== null) {
    cursor.at += group[0].length;
    const inner = alternatives(cursor);
    cursor.at += 1;
    // Looking around takes no character.
    return /^\?<?[=!]$/.test(group[1] ?? '') ? { chars: new Set(), empty: true } : inner;
  }
  const set = /^\[(\^?)((?:\\.|[^\]\\])+)\]/.exec(source.slice(cursor.at));
  if (set !== null) {
    cursor.at += set[0].length;
    return { chars: set[1] === '^' ? new Set([ANY]) : members(set[2] ?? ''), empty: false };
  }
  const escaped = source[cursor.at] === '\\';
  const char = source.charAt(cursor.at + (escaped ? 1 : 0));
  cursor.at += escaped ? 2 : 1;
  if (!escaped) return char === '^' || char === '$' ? { chars: new Set(), empty: true } : { chars: new Set([char === '.' ? ANY : char]), empty: false };
  if (char === 'b') return { chars: new Set(), empty: true };
  return { chars: escape(char), empty: false };
}

/** Reads a quantifier; true when it allows none. */
function quantifier(cursor: Cursor): boolean {
  const found = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(cursor.source.slice(cursor.at, cursor.at + 12));
  if (found === null) return false;
  cursor.at += found[0].length;
  return '*?'.includes(found[0].charAt(0)) || found[1] === '0';
}

const escape = (char: string): Set<string> => (char === 'd' ? new Set('0123456789') : new Set([/\w/.test(char) ? ANY : char]));

function members(body: string): Set<string> {
  const chars = new Set<string>();
  for (const [, escaped, from = '', to = from] of body.matchAll(/\\(.)|([^\\])(?:-([^\\]))?/gs)) {
    if (escaped !== undefined) for (const char of escape(escaped)) chars.add(char);
    else for (let unit = from.charCodeAt(0); unit <= to.charCodeAt(0); unit += 1) chars.add(String.fromCharCode(unit));
  }
  return chars;
}

/** Entries by the characters (UTF-16 units) with which one of their patterns can begin, in the order given. */
export function byFirstChar<Entry>(entries: readonly Entry[], patternOf: (entry: Entry) => RegExp): ReadonlyMap<number, readonly Entry[]> {
  const index = new Map<number, Entry[]>();
  for (const entry of entries) {
    for (const char of firstChars(patternOf(entry))) {
      const list = index.get(char.charCodeAt(0));
      if (list === undefined) index.set(char.charCodeAt(0), [entry]);
      else list.push(entry);
    }
  }
  return index;
}
