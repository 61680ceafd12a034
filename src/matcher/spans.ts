import type { TextSpan } from './live/text-store.ts';
import { isWeak } from './weak-chars.ts';

/** Small questions about a question and a text as it lies in the index. */

/** Whether the text is the very same. */
export function isSame(plain: string, { units, from, to }: TextSpan): boolean {
  return to > from && to - from === plain.length && standsAt(plain, units, from);
}

function standsAt(text: string, units: Uint16Array, from: number): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) !== units[from + i]) return false;
  return true;
}

/** Whether the text stands in the span; a number never as part of a longer one. */
export function stands(text: string, { units, from, to }: TextSpan): boolean {
  if (text === '') return false;
  const first = text.charCodeAt(0);
  const digit = isDigit(first);
  for (let at = from; at + text.length <= to; at += 1) {
    if (units[at] !== first || !standsAt(text, units, at)) continue;
    if (!digit || ((at === from || !isDigit(units[at - 1] ?? 0)) && !isDigit(units[at + text.length] ?? 0))) return true;
  }
  return false;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

export function hasNumber({ units, from, to }: TextSpan): boolean {
  for (let at = from; at < to; at += 1) if (isDigit(units[at] ?? 0)) return true;
  return false;
}

/** Numbers that a question says, at most eight. */
export function numbersIn(plain: string): readonly string[] {
  return (plain.match(/\d+/g) ?? NONE).slice(0, 8);
}

const NONE: readonly string[] = [];

/** The first and the last two characters of a question that name something. */
export function endsOf(plain: string): readonly [string, string] {
  let from = 0;
  let to = Math.min(plain.length, 400);
  while (from < to && isWeak(plain.charCodeAt(from))) from += 1;
  while (to > from && isWeak(plain.charCodeAt(to - 1))) to -= 1;
  return to - from < 2 ? ['', ''] : [plain.slice(from, from + 2), plain.slice(to - 2, to)];
}

/** Characters of either text that are compared in order: the cost is the product of both lengths. */
const COMPARED = 40;
const lengths = new Uint8Array(COMPARED + 1);
const codes = new Uint16Array(COMPARED);

/** Characters that both texts have in the same order (longest common subsequence): what is left when characters are missing or swapped. */
export function commonOf(plain: string, { units, from, to }: TextSpan): number {
  const width = Math.min(plain.length, COMPARED);
  const end = Math.min(to, from + COMPARED);
  for (let place = 0; place < width; place += 1) codes[place] = plain.charCodeAt(place);
  lengths.fill(0, 0, width + 1);
  for (let at = from; at < end; at += 1) {
    const code = units[at] ?? 0;
    let diagonal = 0;
    for (let place = 1; place <= width; place += 1) {
      const above = lengths[place] ?? 0;
      if (codes[place - 1] === code) lengths[place] = diagonal + 1;
      else if ((lengths[place - 1] ?? 0) > above) lengths[place] = lengths[place - 1] ?? 0;
      diagonal = above;
    }
  }
  return lengths[width] ?? 0;
}
