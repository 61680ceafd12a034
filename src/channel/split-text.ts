/**
 * Cuts a long text into pieces that a channel can carry. Pure. Never cuts a surrogate pair, and a grapheme cluster
 * (an emoji family, a letter with its accents) only when the cluster alone is longer than the limit.
 */

export interface TextLimit {
  readonly limit: number;
  /** `chars`: UTF-16 code units; `bytes`: UTF-8. */
  readonly unit: 'chars' | 'bytes';
}

/** A piece of the text: `text.slice(start, end)`, white space at its ends left out. */
export interface Piece {
  readonly start: number;
  readonly end: number;
}

/** How long a text is in the unit of the limit. */
export function sizeOf(text: string, unit: TextLimit['unit']): number {
  return unit === 'bytes' ? Buffer.byteLength(text, 'utf8') : text.length;
}

const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' });

/**
 * Where a cut is welcome, best first. A cut lies after the match. The ASCII full stop needs white space behind it, so
 * that 3.5 and host names stay whole.
 */
const CUTS: readonly RegExp[] = [
  /\n/g,
  /[。！？!?…]+[”’」』）)\]】]*|[.](?=\s)/g,
  /[；;]+/g,
  /[，,、：:](?!\d|\/\/)/g,
  /\s+/g,
];

const URL_IN_TEXT = /https?:\/\/[!-~]+/g;

/** Cuts at the last sentence end that fits, else at ever weaker places, else between graphemes. */
export function splitText(text: string, limit: TextLimit): Piece[] {
  const pieces: Piece[] = [];
  let start = skipSpace(text, 0);
  while (start < text.length) {
    // What fits is one piece, whatever its clusters are: most texts never meet the segmenter.
    const reach = sizeOf(start === 0 ? text : text.slice(start), limit.unit) <= limit.limit ? text.length : reachOf(text, start, limit);
    const end = reach >= text.length ? text.length : bestCut(text, start, reach);
    const trimmed = trimEnd(text, start, end);
    if (trimmed > start) pieces.push({ start, end: trimmed });
    start = skipSpace(text, end);
  }
  return pieces;
}

/**
 * Chinese, its punctuation, ASCII and line ends: each is a grapheme of its own beside any other of them (Unicode Standard Annex
 * 29, rules GB4, GB5 and GB999). Left out: marks that combine (302A–302F, 3099–309A, FF9E–FF9F), joiners, the carriage return.
 */
const NOT_PLAIN = /[^\t\n\x20-\x7e\u2010-\u2027\u3000-\u3029\u3031-\u3098\u309b-\u9fff\uff01-\uff60]/g;

/** The same as the segmenter finds, for plain text: by counting. Null when something else comes before the limit is reached. */
function reachOfPlain(text: string, start: number, { limit, unit }: TextLimit): number | null {
  NOT_PLAIN.lastIndex = start;
  const other = NOT_PLAIN.exec(text)?.index ?? text.length;
  let size = 0;
  for (let at = start; at < other; at += 1) {
    const code = text.charCodeAt(at);
    size += unit === 'chars' || code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
    if (size > limit) return Math.max(at, start + 1);
  }
  return null;
}

/** The farthest grapheme boundary within the limit; at least one code point on, so that the loop always ends. */
function reachOf(text: string, start: number, { limit, unit }: TextLimit): number {
  const plain = reachOfPlain(text, start, { limit, unit });
  if (plain !== null) return plain;
  let size = 0;
  let at = start;
  // A window, so that a long text is not segmented anew for each piece: no piece has more code units than the limit.
  const window = text.slice(start, start + limit + 64);
  for (const { segment } of graphemes.segment(window)) {
    const next = size + sizeOf(segment, unit);
    if (next > limit) {
      if (at > start) return at;
      return start + codePointsWithin(segment, limit, unit);
    }
    size = next;
    at += segment.length;
    if (at - start >= limit && at < text.length) return at;
  }
  return at;
}

function codePointsWithin(cluster: string, limit: number, unit: TextLimit['unit']): number {
  let size = 0;
  let length = 0;
  for (const char of cluster) {
    const next = size + sizeOf(char, unit);
    if (length > 0 && next > limit) break;
    size = next;
    length += char.length;
  }
  return length;
}

/** The best cut in (start, reach]; a sentence end in the last two thirds is preferred over a fuller piece. */
function bestCut(text: string, start: number, reach: number): number {
  const part = text.slice(start, reach);
  const links = [...text.slice(start).matchAll(URL_IN_TEXT)].map((match) => ({ from: match.index, to: match.index + match[0].length }));
  const inLink = (at: number): boolean => links.some((link) => at > link.from && at < link.to);
  for (const cut of CUTS) {
    let best = 0;
    for (const match of part.matchAll(cut)) {
      const at = match.index + match[0].length;
      if (at > best && !inLink(at)) best = at;
    }
    if (best > part.length / 3) return start + best;
  }
  const link = links.find((candidate) => part.length > candidate.from && part.length < candidate.to);
  return link !== undefined && link.from > 0 ? start + link.from : reach;
}

function skipSpace(text: string, at: number): number {
  let next = at;
  while (next < text.length && /\s/.test(text.charAt(next))) next += 1;
  return next;
}

function trimEnd(text: string, start: number, end: number): number {
  let last = end;
  while (last > start && /\s/.test(text.charAt(last - 1))) last -= 1;
  return last;
}
