import { isLatin, isLetter, latinPrefix, LINE_END, LONGEST_READING, prefixNumber, SKIP, type Alphabet } from './alphabet.ts';
import { BLOCK_WORDS, hashed, type Signatures } from './signatures.ts';

/**
 * Features of an entry's head (question, wordings, keywords) and body (answer and what belongs to it), and the same seen
 * from a word: which slots can hold it. A head says its characters, their neighbours, the beginnings of their readings,
 * and the first letters of two and of three that follow each other; a body says neighbours only. Texts are encoded.
 */
const UNIT = 1;
const PAIR = 2;
const THREE_LETTERS = 3;
const OTHER_SOUND = 4;
const OTHER_LETTERS = 5;

/**
 * Rows of heads. Beginnings of readings and pairs of first letters are few and stand in many entries, so each has a row of
 * its own; all else shares rows by hash. An entry of the usual length fills a tenth of those.
 */
const SOUND_ROWS = 640;
const LETTER_ROWS = 26 * 26;
const SHARED_ROWS = 1756;
export const HEAD_ROWS = SOUND_ROWS + LETTER_ROWS + SHARED_ROWS;
/** Rows of bodies. Few bodies have pairs of letters and digits, so the rows that these share stay nearly empty. */
const LATIN_ROWS = 128;
const BODY_SHARED = 896;
export const BODY_ROWS = LATIN_ROWS + BODY_SHARED;

const sharedRow = (kind: number, a: number, b: number): number => SOUND_ROWS + LETTER_ROWS + hashed(kind, a, b, SHARED_ROWS);
const soundRow = (sound: number): number => (sound >= 0 && sound < SOUND_ROWS ? sound : sharedRow(OTHER_SOUND, sound, 0));
const lettersRow = (one: number, two: number): number => (isLetter(one) && isLetter(two) ? SOUND_ROWS + (one - A) * 26 + two - A : sharedRow(OTHER_LETTERS, one, two));
const threeRow = (one: number, two: number, three: number): number => sharedRow(THREE_LETTERS, one * 256 + two, three);
const A = 0x61;

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
      signatures.set(slot, soundRow(alphabet.soundNumber(latinPrefix(number))));
      own = Uint8Array.of(number);
      before = 0;
    } else {
      signatures.set(slot, sharedRow(UNIT, number, 0));
      if (before !== 0) signatures.set(slot, sharedRow(PAIR, before, number));
      before = number;
      for (const prefix of alphabet.prefixes(number)) signatures.set(slot, soundRow(prefix));
      own = alphabet.initials(number);
    }
    for (const two of firsts) {
      for (const three of own) {
        signatures.set(slot, lettersRow(two, three));
        for (const one of firstsBefore) signatures.set(slot, threeRow(one, two, three));
      }
    }
    firstsBefore = firsts;
    firsts = own;
  }
}

export function writeBody(signatures: Signatures, slot: number, body: string): void {
  let before = 0;
  for (let at = 0; at < body.length; at += 1) {
    const number = body.charCodeAt(at);
    if (number === SKIP) {
      before = 0;
      continue;
    }
    if (before !== 0) signatures.set(slot, bodyRow(before, number));
    before = number;
  }
}

function bodyRow(one: number, two: number): number {
  return isLatin(one) && isLatin(two) ? hashed(PAIR, one, two, LATIN_ROWS) : LATIN_ROWS + hashed(PAIR, one, two, BODY_SHARED);
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
export function createWordFilter(word: string, alphabet: Alphabet, heads: Signatures, bodies: Signatures): WordFilter {
  const ways = waysOf(word, alphabet);
  const states = new Int32Array((word.length + 1) * BLOCK_WORDS);
  states.fill(-1, word.length * BLOCK_WORDS);
  const inBodies = word.length > 1;
  const pairs = inBodies ? Array.from({ length: word.length - 1 }, (_, at) => bodyRow(word.charCodeAt(at), word.charCodeAt(at + 1))) : [];
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
function waysOf(word: string, alphabet: Alphabet): readonly (readonly Way[])[] {
  const latinAt = (at: number): boolean => at < word.length && isLatin(word.charCodeAt(at));
  return Array.from({ length: word.length }, (_, at): readonly Way[] => {
    const unit = word.charCodeAt(at);
    if (!isLatin(unit)) {
      const next = at + 1 < word.length && !latinAt(at + 1) ? [sharedRow(PAIR, unit, word.charCodeAt(at + 1))] : [];
      return [{ rows: [sharedRow(UNIT, unit, 0), ...next], to: at + 1 }];
    }
    return stepsFrom(word, at, alphabet).flatMap((to): Way[] => {
      const sound = soundRow(alphabet.soundNumber(to === at + 1 ? latinPrefix(unit) : prefixNumber(word, at, to)));
      if (!latinAt(to)) return [{ rows: [sound], to }];
      const second = word.charCodeAt(to);
      const two = lettersRow(unit, second);
      // The third letter depends on how far the second unit goes; where the word ends or a character follows, there is none to ask for.
      return stepsFrom(word, to, alphabet).map((after): Way => ({ rows: latinAt(after) ? [sound, two, threeRow(unit, second, word.charCodeAt(after))] : [sound, two], to }));
    });
  });
}

/** Where a unit that begins with this letter or digit may end in the word. */
function stepsFrom(word: string, at: number, alphabet: Alphabet): readonly number[] {
  const steps = [at + 1];
  for (let to = at + 2; to <= Math.min(word.length, at + LONGEST_READING) && isLetter(word.charCodeAt(at)) && isLetter(word.charCodeAt(to - 1)); to += 1) if (alphabet.soundNumber(prefixNumber(word, at, to)) >= 0) steps.push(to);
  return steps;
}

const NONE = new Uint8Array(0);
