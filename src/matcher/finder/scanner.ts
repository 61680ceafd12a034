import { isLatin, isLetter, LINE_END, SKIP, type Alphabet } from './alphabet.ts';
import type { FoundIn, TextRange } from './types.ts';

/**
 * Looks for one word in a text, one step a unit: a unit is met by itself, or, where it is a Chinese character, by the
 * beginning of one of its readings; what is skipped (blanks, punctuation) stands in nobody's way. 居zhu, juzhu, jz all
 * find 居住. A word of letters begins where a word of the text begins. States are the bits of one integer: bit i means
 * that the first i units of the word are met.
 */
export interface Scanner {
  /** Best place in a head (`question \n wordings … \n keywords`), the first that ends, packed (see `fieldOf` …); -1 when it is not there. */
  find(head: string, questionEnd: number, wordingsEnd: number): number;
  /** Where the word stands in an encoded text, one after the other. */
  ranges(text: string): readonly TextRange[];
}

/** A place in one number, for it is made a hundred thousand times a search: `end * 16 + field * 4 + prefix * 2 + whole`. */
const pack = (end: number, field: number, prefix: boolean, whole: boolean): number => end * 16 + field * 4 + (prefix ? 2 : 0) + (whole ? 1 : 0);
const FIELDS = ['question', 'wording', 'keyword'] as const;
export const fieldOf = (place: number): Exclude<FoundIn, 'answer'> => FIELDS[(place >> 2) & 3] ?? 'keyword';
/** It begins with the question; it is the whole question. */
export const isPrefix = (place: number): boolean => (place & 2) !== 0;
export const isWhole = (place: number): boolean => (place & 1) !== 0;
/** Last unit. */
export const endOf = (place: number): number => place >> 4;

/** @param word encoded */
export function createScanner(word: string, alphabet: Alphabet): Scanner {
  const length = word.length;
  const done = 1 << length;
  const size = alphabet.size();
  /** By state: the states that each number leads to. Made when a text first comes so far; the first state is always needed. */
  const tables: (Uint32Array | undefined)[] = [tableOf(word, 0, alphabet)];
  const first = tables[0] ?? new Uint32Array(size);
  const later = (state: number): Uint32Array => (tables[state] ??= tableOf(word, state, alphabet));

  const step = (states: number, number: number): number => {
    let next = (states & 1) === 0 ? 0 : (first[number] ?? 0);
    for (let rest = states & ~1; rest !== 0; rest &= rest - 1) next |= later(31 - Math.clz32(rest & -rest))[number] ?? 0;
    return next;
  };

  return {
    find: (head, questionEnd, wordingsEnd) => {
      let states = 0;
      let before = SKIP;
      for (let at = 0; at < head.length; at += 1) {
        const number = head.charCodeAt(at);
        if (number === SKIP) {
          before = SKIP;
          continue;
        }
        if (states === 0) {
          // Most of the way: nothing is begun.
          states = isLatin(number) && isLatin(before) ? 0 : (first[number] ?? 0);
        } else if (number === LINE_END) {
          states = 0;
        } else {
          states = step(isLatin(number) && isLatin(before) ? states : states | 1, number);
        }
        before = number;
        if ((states & done) === 0) continue;
        if (at >= questionEnd) return pack(at, at < wordingsEnd ? 1 : 2, false, false);
        const stood = endFrom(head, 0, questionEnd);
        return pack(at, 0, stood >= 0, stood >= 0 && isRestSkipped(head, stood + 1, questionEnd));
      }
      return -1;
    },
    ranges: (text) => {
      const found: TextRange[] = [];
      for (let at = 0; at < text.length; at += 1) {
        const number = text.charCodeAt(at);
        if (number === SKIP || (isLatin(number) && at > 0 && isLatin(text.charCodeAt(at - 1)))) continue;
        const end = endFrom(text, at, text.length);
        if (end < 0) continue;
        found.push([at, end + 1]);
        at = end;
      }
      return found;
    },
  };

  /** Last unit of the word when it begins exactly here; -1 when it does not. */
  function endFrom(text: string, from: number, to: number): number {
    let states = 1;
    for (let at = from; at < to && states !== 0; at += 1) {
      const number = text.charCodeAt(at);
      if (number === SKIP) continue;
      states = step(states, number);
      if ((states & done) !== 0) return at;
    }
    return -1;
  }
}

/** States that each number leads to from a state: one on by itself, and as far as a reading's beginning and the word agree. */
function tableOf(word: string, state: number, alphabet: Alphabet): Uint32Array {
  const table = new Uint32Array(alphabet.size());
  const own = word.charCodeAt(state);
  if (isLetter(own)) {
    for (const { readings, numbers } of alphabet.sounds()) {
      let next = 0;
      for (const reading of readings) for (let i = 0; i < reading.length && reading.charCodeAt(i) === word.charCodeAt(state + i); i += 1) next |= 1 << (state + i + 1);
      if (next !== 0) for (const number of numbers) table[number] = next;
    }
  }
  table[own] = (table[own] ?? 0) | (1 << (state + 1));
  return table;
}

function isRestSkipped(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (text.charCodeAt(at) !== SKIP) return false;
  return true;
}
