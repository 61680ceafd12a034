import { Converter, Locale } from 'opencc-js/t2cn';

/**
 * Text folding shared by the slot readers, masking and the matcher. Pure. `foldText` keeps every offset, so a reader
 * may search the folded text and cut the original one.
 */

const convert = Converter({ from: 't', to: 'cn' });

/** Anything that a simplified-only text cannot contain is outside this range test: skips the converter for ASCII. */
const HAS_HAN = /[\u3400-\u9fff\uf900-\ufaff]/u;

/** Simplified 坏 (broken) is also an old spelling of 坯 (blank); a lamp that was 打坏了 is broken, whatever the dictionary says. */
const BROKEN = '坏';

const TRADITIONAL = 1;
const WIDE = 2;
const UPPER = 4;

/**
 * What folding may do to a UTF-16 unit; 0 for all of an ordinary simplified text, which is then handed back as it is. A
 * message is folded a dozen times a turn, so one look at each unit has to be enough.
 */
const FOLDS = foldsOf();

function foldsOf(): Uint8Array {
  const folds = new Uint8Array(0x1_0000);
  const dictionaries: readonly (readonly (string | readonly (readonly string[])[])[])[] = Locale.to['cn'] ?? [];
  const pairs = dictionaries.flat().flatMap((dictionary) => (typeof dictionary === 'string' ? dictionary.split('|').map((entry) => entry.split(' ')) : dictionary));
  const changing = pairs.flatMap(([from = '', to = '']) => (from === to ? [] : [{ from: [...from], to: [...to] }]));
  const mark = (char: string): void => {
    if (char.length === 1) folds[char.charCodeAt(0)] = TRADITIONAL;
  };
  for (const { from } of changing) if (from.length === 1) mark(from[0] ?? '');
  // A phrase is noticed by its traditional characters; 瞭解 or 答覆 have none that changes by itself, so what the phrase changes is marked.
  for (const { from, to } of changing) if (from.every((char) => folds[char.charCodeAt(0)] !== TRADITIONAL)) for (const [index, char] of from.entries()) if (char !== to[index] && char !== BROKEN) mark(char);
  // Compatibility ideographs, and characters beyond the first plane by their first half: all left to the converter.
  folds.fill(TRADITIONAL, 0xf900, 0xfb00);
  folds.fill(TRADITIONAL, 0xd800, 0xdc00);
  folds.fill(WIDE, 0xff01, 0xff5f);
  folds[0x3000] = WIDE;
  folds.fill(UPPER, 0x41, 0x5b);
  return folds;
}

/** All that folding may do to a text, as bits. */
function foldsIn(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i += 1) bits |= FOLDS[text.charCodeAt(i)] ?? 0;
  return bits;
}

/**
 * Traditional → simplified (OpenCC's dictionaries), UTF-16 length kept: where a phrase would change length the
 * characters are converted one by one.
 */
export function toSimplified(text: string): string {
  return (foldsIn(text) & TRADITIONAL) === 0 ? text : simplify(text);
}

function simplify(text: string): string {
  if (!HAS_HAN.test(text)) return text;
  const whole = convert(text);
  if (whole.length === text.length) return text.includes(BROKEN) ? keepBroken(text, whole) : whole;
  let out = '';
  for (const char of text) {
    const one = convert(char);
    out += one.length === char.length ? one : char;
  }
  return out;
}

function keepBroken(text: string, converted: string): string {
  let out = '';
  for (let i = 0; i < text.length; i += 1) out += text[i] === BROKEN ? BROKEN : converted.charAt(i);
  return out;
}

const WIDE_FORMS = /[\uff01-\uff5e\u3000]/g;
const narrow = (char: string): string => (char === '\u3000' ? ' ' : String.fromCharCode(char.charCodeAt(0) - 0xfee0));

/** Full-width ASCII forms (U+FF01…U+FF5E) and the ideographic space → ASCII, one unit to one unit. */
export function toHalfWidth(text: string): string {
  return (foldsIn(text) & WIDE) === 0 ? text : text.replace(WIDE_FORMS, narrow);
}

/** Half width, simplified, lower case (ASCII only). Same UTF-16 length as the input. */
export function foldText(text: string): string {
  const bits = foldsIn(text);
  if (bits === 0) return text;
  const half = (bits & WIDE) === 0 ? text : text.replace(WIDE_FORMS, narrow);
  const simplified = (bits & TRADITIONAL) === 0 ? half : simplify(half);
  // Letters that were full width are capitals only now.
  return (bits & (WIDE | UPPER)) === 0 ? simplified : simplified.replace(/[A-Z]/g, (char) => char.toLowerCase());
}

// C0/C1 controls except tab and line ends, zero-width characters, bidi controls, byte order mark, soft hyphen.
const INVISIBLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]/g;

/** Removes control and invisible characters; tabs and line ends stay. */
export function dropInvisible(text: string): string {
  return text.replace(INVISIBLE, '');
}
