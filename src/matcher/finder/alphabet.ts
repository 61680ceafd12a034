import { pinyin } from 'pinyin-pro';
import { foldText } from '../../domain/text.ts';

/**
 * Texts as the finder reads them: folded, each UTF-16 unit replaced by a small number, so that what a query does with a
 * unit is one look into a short table. Blanks and punctuation are all one number, letters and digits keep their codes,
 * every other character gets the next number when it is first met, with its readings.
 *
 * A character counts with every reading it has. Reading whole entries for the one reading that fits (pinyin-pro does
 * 140,000 characters a second) would take three quarters of a minute at 100,000 entries, and who types the other
 * reading should find it too.
 */
export interface Alphabet {
  /** The text in numbers, as long as before. */
  encode(text: string): string;
  /** Readings of a number, lower-case ASCII, ü written v; none for what has no sound. */
  readings(number: number): readonly string[];
  /** Sound numbers of the beginnings of its readings, and the letters they begin with. */
  prefixes(number: number): Uint32Array;
  initials(number: number): Uint8Array;
  /** Short number (0, 1, 2 …) of a letter, a digit or a reading's beginning; -1 when no reading met so far begins so. */
  soundNumber(prefix: number): number;
  /** One more than the greatest number. */
  readonly size: () => number;
  /** Numbers of the characters that sound alike, by sound. */
  readonly sounds: () => Iterable<{ readonly readings: readonly string[]; readonly numbers: readonly number[] }>;
}

/** Parts the texts of a head; never within a text. */
export const LINE_END = 10;
export const SKIP = 32;
/** Characters are numbered from here; below are letters and digits by their codes. */
const CHARACTERS = 128;
/** Longest reading without tone: zhuang, chuang, shuang. */
export const LONGEST_READING = 6;
const A = 0x61;

export const isLetter = (number: number): boolean => number >= A && number <= 0x7a;
/** Letter or digit of folded text. */
export const isLatin = (number: number): boolean => number < CHARACTERS && number > SKIP;

/** Letters a–z as a number of base 27; unique up to six letters. */
export function prefixNumber(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at += 1) number = number * 27 + (text.charCodeAt(at) - A + 1);
  return number;
}

/** A letter or digit as the beginning of itself; digits after all that letters can be. */
export function latinPrefix(unit: number): number {
  return isLetter(unit) ? unit - A + 1 : DIGITS + unit;
}
const DIGITS = 0x4000_0000;

interface Sound {
  readonly readings: readonly string[];
  readonly prefixes: Uint32Array;
  readonly initials: Uint8Array;
  readonly numbers: number[];
}

export function createAlphabet(): Alphabet {
  /** Number of a unit; 0: not met yet. */
  const numbers = new Uint16Array(0x1_0000);
  const sounds = new Map<string, Sound>();
  /** Of numbers from CHARACTERS on. */
  const soundOf: Sound[] = [];
  const soundNumbers = new Map<number, number>();
  const soundNumber = (prefix: number): number => {
    const known = soundNumbers.get(prefix) ?? soundNumbers.size;
    soundNumbers.set(prefix, known);
    return known;
  };
  for (const char of 'abcdefghijklmnopqrstuvwxyz0123456789') soundNumber(latinPrefix(char.charCodeAt(0)));

  const meet = (code: number): number => {
    const char = String.fromCharCode(code);
    if (/[a-z0-9]/.test(char)) return code;
    // A half of a surrogate pair is neither letter nor number by itself, yet belongs to a character.
    if (!/[\p{L}\p{N}\p{M}]/u.test(char) && (code < 0xd800 || code > 0xdfff)) return SKIP;
    const readings = /\p{Script=Han}/u.test(char) ? readingsOf(char) : [];
    const key = readings.join(' ');
    let sound = sounds.get(key);
    if (sound === undefined) {
      const prefixes = new Set(readings.flatMap((reading) => [...reading].map((_, at) => prefixNumber(reading, 0, at + 1))));
      sound = { readings, prefixes: Uint32Array.from(prefixes, soundNumber), initials: Uint8Array.from(new Set(readings.map((reading) => reading.charCodeAt(0)))), numbers: [] };
      sounds.set(key, sound);
    }
    const number = CHARACTERS + soundOf.push(sound) - 1;
    sound.numbers.push(number);
    return number;
  };

  return {
    encode: (text) => {
      const folded = foldText(text);
      const codes = new Uint16Array(folded.length);
      for (let at = 0; at < folded.length; at += 1) {
        const code = folded.charCodeAt(at);
        let number = numbers[code] ?? 0;
        if (number === 0) {
          number = meet(code);
          numbers[code] = number;
        }
        codes[at] = number;
      }
      return decodeUnits(codes);
    },
    readings: (number) => soundOf[number - CHARACTERS]?.readings ?? [],
    prefixes: (number) => soundOf[number - CHARACTERS]?.prefixes ?? NO_PREFIXES,
    initials: (number) => soundOf[number - CHARACTERS]?.initials ?? NO_INITIALS,
    soundNumber: (prefix) => soundNumbers.get(prefix) ?? -1,
    size: () => CHARACTERS + soundOf.length,
    sounds: () => sounds.values(),
  };
}

const NO_PREFIXES = new Uint32Array(0);
const NO_INITIALS = new Uint8Array(0);
/** Arguments of one call are limited. */
const UNITS_AT_ONCE = 4096;

function decodeUnits(codes: Uint16Array): string {
  if (codes.length <= UNITS_AT_ONCE) return String.fromCharCode(...codes);
  let text = '';
  for (let at = 0; at < codes.length; at += UNITS_AT_ONCE) text += String.fromCharCode(...codes.subarray(at, at + UNITS_AT_ONCE));
  return text;
}

function readingsOf(char: string): readonly string[] {
  const found = pinyin(char, { toneType: 'none', type: 'array', v: true, multiple: true });
  return [...new Set(found)].filter((reading) => /^[a-z]{1,6}$/.test(reading)).sort();
}
