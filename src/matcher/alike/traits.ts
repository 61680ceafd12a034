import { foldText } from '../../domain/text.ts';
import { charWeight } from '../weak-chars.ts';

/**
 * What a text is compared by: pairs of Han characters, and whole words of other scripts, each a 32-bit key with a weight.
 * A trait of the title counts double: it names the matter.
 */

/** Of long texts the beginning counts: the matter is said there, and work stays bounded. UTF-16 units. */
export const TEXT_LIMIT = 1500;
const TITLE_LIMIT = 200;
const TITLE_TIMES = 2;

export interface Traits {
  readonly keys: Uint32Array;
  /** By place in `keys`: 1 + ln(times said), doubled in the title, less for pairs that build any sentence. */
  readonly weights: Float32Array;
}

/** Reads each stretch of the text that is one trait: `visit(key, start, end)`, offsets in the folded text. */
export function eachTrait(folded: string, visit: (key: number, start: number, end: number) => void): void {
  let wordFrom = -1;
  let hash = 0;
  let before = 0;
  for (let at = 0; at <= folded.length; at += 1) {
    const code = at < folded.length ? folded.charCodeAt(at) : 0;
    if (isWordUnit(code)) {
      if (wordFrom < 0) {
        wordFrom = at;
        hash = 0x811c9dc5;
      }
      hash = Math.imul(hash ^ code, 0x01000193) >>> 0;
    } else if (wordFrom >= 0) {
      // Single letters and digits say nothing; the lowest bits keep a word apart from a pair of characters.
      if (at - wordFrom > 1) visit((hash | 1) >>> 0, wordFrom, at);
      wordFrom = -1;
    }
    const han = isHan(code) ? code : 0;
    if (han !== 0 && before !== 0) visit(((before << 16) | han) >>> 0, at - 1, at + 1);
    before = han;
  }
}

const isHan = (code: number): boolean => (code >= 0x3400 && code <= 0x9fff) || (code >= 0xf900 && code <= 0xfaff);
const isWordUnit = (code: number): boolean => (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code >= 0xc0 && code <= 0x24f);

/** Title and beginning of the content, folded. */
export function foldedTexts(ticket: { readonly title: string; readonly content: string }): { readonly title: string; readonly content: string } {
  return { title: foldText(ticket.title.slice(0, TITLE_LIMIT)).toLowerCase(), content: foldText(ticket.content.slice(0, TEXT_LIMIT)).toLowerCase() };
}

export function traitsOf(texts: { readonly title: string; readonly content: string }): Traits {
  const counts = new Map<number, number>();
  const count = (key: number): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  eachTrait(texts.content, count);
  const titled = new Set<number>();
  eachTrait(texts.title, (key) => {
    count(key);
    titled.add(key);
  });
  const keys = new Uint32Array(counts.size);
  const weights = new Float32Array(counts.size);
  let at = 0;
  for (const [key, times] of counts) {
    keys[at] = key;
    weights[at] = (1 + Math.log(times)) * (titled.has(key) ? TITLE_TIMES : 1) * charWeight(key);
    at += 1;
  }
  return { keys, weights };
}
