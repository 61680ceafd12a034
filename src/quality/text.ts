import { foldText } from '../domain/text.ts';

/** Reading of what was said for the checks: folding that keeps offsets, sentences, quotation, phrases of the rules. Pure. */

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Piece extends Span {
  readonly text: string;
}

/** Half width, simplified, lower case, 您 as 你; same length as the input. */
export function plain(text: string): string {
  return foldText(text).replaceAll('您', '你');
}

/** Longest gap that … of a phrase may stand for; within one clause. */
const GAP = 8;
const GAPS = `[^,。!?;…\\n]{0,${GAP}}`;

/**
 * Compiles phrases of a rule: words as they are said, `…` for a few characters of the same clause. 您 and 你 are the same. A rule's words never
 * become a pattern of their own.
 */
export function phrases(list: readonly string[]): RegExp {
  const one = (phrase: string): string => plain(phrase).split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join(GAPS);
  // Longest first, so that the evidence is the whole of it.
  return new RegExp([...list].sort((a, b) => b.length - a.length).map(one).join('|') || '(?!)', 'g');
}

/** Where phrases stand; never overlapping. */
export function findAll(text: string, pattern: RegExp): Span[] {
  const found: Span[] = [];
  for (const match of text.matchAll(pattern)) if (match[0] !== '') found.push({ start: match.index, end: match.index + match[0].length });
  return found;
}

export const has = (text: string, pattern: RegExp): boolean => text.search(pattern) >= 0;

/** Sentences, with their end marks, in a plain text. */
export function sentences(text: string): Piece[] {
  return pieces(text, /[^。!?;\n]*[。!?;\n]*/g);
}

/** Parts between any marks, without the marks. */
export function clauses(text: string): Piece[] {
  return pieces(text, /[^。!?;,、~…\n]+/g);
}

function pieces(text: string, pattern: RegExp): Piece[] {
  const found: Piece[] = [];
  for (const match of text.matchAll(pattern)) if (match[0].trim() !== '') found.push({ start: match.index, end: match.index + match[0].length, text: match[0] });
  return found;
}

const QUOTED = /“[^”]*”|"[^"]*"|‘[^’]*’|「[^」]*」|『[^』]*』|《[^》]*》/g;

/** What is quoted is blanked: somebody else's words, or a name. Same length. */
export function unquoted(text: string): string {
  return text.replace(QUOTED, (quoted) => ' '.repeat(quoted.length));
}

/** Does the sentence ask? By its mark, or by a particle at its end. */
export function asks(sentence: string): boolean {
  return /[?]\s*$/.test(sentence) || /(?:吗|么|呢)[。!~\s]*$/.test(sentence);
}
