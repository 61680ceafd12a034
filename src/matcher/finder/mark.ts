import { foldText } from '../../domain/text.ts';
import type { Scanner } from './scanner.ts';
import type { MarkedText, TextRange } from './types.ts';

/** Marks what was found, so that a seat sees at a glance why a line is there. */

const SNIPPET_CHARS = 72;
/** Shown before the first mark. */
const LEAD_CHARS = 14;
const LATIN = /[a-z0-9]/;

/** Places of all words in a folded text, ordered, those that touch made one. */
export function markAll(scanners: readonly Scanner[], text: string): readonly TextRange[] {
  return joined(scanners.flatMap((scanner) => scanner.ranges(text)));
}

/**
 * Where a folded word stands in a text as it is, from a place on; -1 when nowhere. A word that begins with a letter or
 * digit begins where a word of the text does.
 */
export function placeOf(word: string, text: string, from: number): number {
  // Folding costs a copy; a word without letters and digits needs none.
  const folded = /^[^a-z0-9]*$/.test(word) ? text : foldText(text);
  for (let at = folded.indexOf(word, from); at >= 0; at = folded.indexOf(word, at + 1)) {
    if (at === 0 || !LATIN.test(word[0] ?? '') || !LATIN.test(folded[at - 1] ?? '')) return at;
  }
  return -1;
}

/** A line or two of the body around the first word that stands there; else its beginning. */
export function snippetOf(answer: string, body: string, words: readonly string[]): MarkedText {
  const places = words.filter((word) => word.length > 1).flatMap((word) => {
    const at = placeOf(word, body, 0);
    return at < 0 ? [] : [at];
  });
  const first = places.length === 0 ? 0 : Math.min(...places);
  const whole = body.length === answer.length ? answer : body;
  const from = first <= LEAD_CHARS * 2 ? 0 : beginningBefore(whole, first);
  let to = Math.min(whole.length, from + SNIPPET_CHARS);
  // Never through the middle of a pair.
  if (to < whole.length && isLow(whole.charCodeAt(to))) to -= 1;
  const cut = whole.slice(from, to).replaceAll('\n', ' ');
  const head = from === 0 ? '' : '…';
  const text = `${head}${cut}${to < whole.length ? '…' : ''}`;
  const folded = foldText(text);
  const ranges = words.filter((word) => word.length > 1).flatMap((word): TextRange[] => {
    const found: TextRange[] = [];
    for (let at = placeOf(word, folded, 0); at >= 0; at = placeOf(word, folded, at + word.length)) found.push([at, at + word.length]);
    return found;
  });
  return { text, ranges: joined(ranges) };
}

/** The sentence's beginning when it is near, else a little before. */
function beginningBefore(text: string, at: number): number {
  const floor = Math.max(0, at - LEAD_CHARS * 2);
  for (let from = at; from > floor; from -= 1) if ('。！？；\n'.includes(text[from - 1] ?? '')) return from;
  const from = Math.max(0, at - LEAD_CHARS);
  return isLow(text.charCodeAt(from)) ? from + 1 : from;
}

const isLow = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;

function joined(ranges: readonly TextRange[]): readonly TextRange[] {
  const out: [number, number][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = out.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}
