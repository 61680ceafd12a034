import { isLatin, isLetter, LINE_END, LONGEST_READING, prefixNumber, SKIP, type Alphabet } from './alphabet.ts';
import { BLOCK_WORDS, type Signatures } from './signatures.ts';

/**
 * Features of an entry's head (question, wordings, keywords) and body (answer and what belongs to it), and the same seen
 * from a word: which slots can hold it. A head says its characters, their neighbours, the beginnings of their readings,
 * and the first letters of two and of three that follow each other; a body says neighbours only. Texts are encoded.
 */
const UNIT = 1;
const PAIR = 2;
const SOUND = 3;
const LETTERS = 4;
/** Digits count as beginnings of themselves, numbered after the letters. */
const DIGIT_BASE = 0x4000_0000;

/** Rows of a body that pairs of letters and digits share: few bodies have any, so these stay nearly empty. */
const LATIN_ROWS = 128;

export function writeHead(signatures: Signatures, slot: number, head: string, alphabet: Alphabet): void {
  /** Character before; 0: none. And the first letters of the two units before. */
  let before = 0;
  let firsts: Uint8Array = NONE;
  let firstsBefore: Uint8Array = NONE;
  for (let at = 0; at < head.length; at += 1) {
    const number = head.charCodeAt(at);
    if (number === SKIP) continue;
    if (number === LINE_END) {
      before = 0;
      firsts = NONE;
      firstsBefore = NONE;
      continue;
    }
    let own: Uint8Array;
    if (isLatin(number)) {
      signatures.set(slot, signatures.row(SOUND, ownNumber(number), 0));
      own = Uint8Array.of(number);
      before = 0;
    } else {
      signatures.set(slot, signatures.row(UNIT, number, 0));
      if (before !== 0) signatures.set(slot, signatures.row(PAIR, before, number));
      before = number;
      for (const prefix of alphabet.prefixes(number)) signatures.set(slot, signatures.row(SOUND, prefix, 0));
      own = alphabet.initials(number);
    }
    for (const two of firsts) {
      for (const three of own) {
        signatures.set(slot, signatures.row(LETTERS, two, three));
        for (const one of firstsBefore) signatures.set(slot, signatures.row(LETTERS, one * 256 + two, three));
      }
    }
    firstsBefore = firsts;
    firsts = own;
  }
}

export function writeBody(signatures: Signatures, slot: number, body: string, rows: number): void {
  let before = 0;
  for (let at = 0; at < body.length; at += 1) {
    const number = body.charCodeAt(at);
    if (number === SKIP) {
      before = 0;
      continue;
    }
    if (before !== 0) signatures.set(slot, bodyRow(signatures, before, number, rows));
    before = number;
  }
}

function bodyRow(signatures: Signatures, one: number, two: number, rows: number): number {
  const row = signatures.row(PAIR, one, two);
  return isLatin(one) && isLatin(two) ? row % LATIN_ROWS : LATIN_ROWS + (row % (rows - LATIN_ROWS));
}

/** Slots of a block that may hold a word. */
export interface WordFilter {
  /** Writes 32 words to `into`. */
  head(block: number, into: Int32Array): void;
  body(block: number, into: Int32Array): void;
  /** False: bodies are not asked for this word. */
  readonly inBodies: boolean;
}

interface Way {
  /** Rows that must all be set, and the state that follows. */
  readonly rows: readonly number[];
  readonly to: number;
}

/** @param word encoded */
export function createWordFilter(word: string, alphabet: Alphabet, heads: Signatures, bodies: Signatures, bodyRows: number): WordFilter {
  const ways = waysOf(word, alphabet, heads);
  const states = new Int32Array((word.length + 1) * BLOCK_WORDS);
  states.fill(-1, word.length * BLOCK_WORDS);
  const inBodies = word.length > 1;
  const pairs = inBodies ? Array.from({ length: word.length - 1 }, (_, at) => bodyRow(bodies, word.charCodeAt(at), word.charCodeAt(at + 1), bodyRows)) : [];
  return {
    inBodies,
    head: (number, into) => {
      const block = heads.block(number);
      for (let state = word.length - 1; state >= 0; state -= 1) {
        const own = state * BLOCK_WORDS;
        states.fill(0, own, own + BLOCK_WORDS);
        for (const { rows, to } of ways[state] ?? []) {
          const next = to * BLOCK_WORDS;
          const [first = 0, second = first, third = first] = rows;
          for (let i = 0; i < BLOCK_WORDS; i += 1) {
            const bits = (states[next + i] ?? 0) & (block[first * BLOCK_WORDS + i] ?? 0) & (block[second * BLOCK_WORDS + i] ?? 0) & (block[third * BLOCK_WORDS + i] ?? 0);
            states[own + i] = (states[own + i] ?? 0) | bits;
          }
        }
      }
      for (let i = 0; i < BLOCK_WORDS; i += 1) into[i] = states[i] ?? 0;
    },
    body: (number, into) => {
      const block = bodies.block(number);
      into.fill(-1);
      for (const row of pairs) for (let i = 0; i < BLOCK_WORDS; i += 1) into[i] = (into[i] ?? 0) & (block[row * BLOCK_WORDS + i] ?? 0);
    },
  };
}

/** How a word may go on from each of its places: a character by itself, letters as the beginning of a reading. */
function waysOf(word: string, alphabet: Alphabet, signatures: Signatures): readonly (readonly Way[])[] {
  const latinAt = (at: number): boolean => at < word.length && isLatin(word.charCodeAt(at));
  return Array.from({ length: word.length }, (_, at): readonly Way[] => {
    const unit = word.charCodeAt(at);
    if (!isLatin(unit)) {
      const next = at + 1 < word.length && !latinAt(at + 1) ? [signatures.row(PAIR, unit, word.charCodeAt(at + 1))] : [];
      return [{ rows: [signatures.row(UNIT, unit, 0), ...next], to: at + 1 }];
    }
    return stepsFrom(word, at, alphabet).flatMap((to): Way[] => {
      const number = to === at + 1 ? ownNumber(unit) : prefixNumber(word, at, to);
      const sound = signatures.row(SOUND, number, 0);
      if (!latinAt(to)) return [{ rows: [sound], to }];
      const second = word.charCodeAt(to);
      const two = signatures.row(LETTERS, unit, second);
      // The third letter depends on how far the second unit goes; where the word ends or a character follows, there is none to ask for.
      return stepsFrom(word, to, alphabet).map((after): Way => ({ rows: latinAt(after) ? [sound, two, signatures.row(LETTERS, unit * 256 + second, word.charCodeAt(after))] : [sound, two], to }));
    });
  });
}

/** Where a unit that begins with this letter or digit may end in the word. */
function stepsFrom(word: string, at: number, alphabet: Alphabet): readonly number[] {
  const steps = [at + 1];
  for (let to = at + 2; to <= Math.min(word.length, at + LONGEST_READING) && isLetter(word.charCodeAt(at)) && isLetter(word.charCodeAt(to - 1)); to += 1) if (alphabet.isPrefix(prefixNumber(word, at, to))) steps.push(to);
  return steps;
}

function ownNumber(unit: number): number {
  return isLetter(unit) ? prefixNumber(String.fromCharCode(unit), 0, 1) : DIGIT_BASE + unit;
}

const NONE = new Uint8Array(0);
