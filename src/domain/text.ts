import { Converter } from 'opencc-js/t2cn';

/**
 * Text folding shared by the slot readers, masking and the matcher. Pure. `foldText` keeps every offset, so a reader
 * may search the folded text and cut the original one.
 */

const convert = Converter({ from: 't', to: 'cn' });

/** Anything that a simplified-only text cannot contain is outside this range test: skips the converter for ASCII. */
const HAS_HAN = /[\u3400-\u9fff\uf900-\ufaff]/u;

/**
 * Traditional → simplified (OpenCC's dictionaries), UTF-16 length kept: where a phrase would change length the
 * characters are converted one by one.
 */
export function toSimplified(text: string): string {
  if (!HAS_HAN.test(text)) return text;
  const whole = convert(text);
  if (whole.length === text.length) return whole;
  let out = '';
  for (const char of text) {
    const one = convert(char);
    out += one.length === char.length ? one : char;
  }
  return out;
}

/** Full-width ASCII forms (U+FF01…U+FF5E) and the ideographic space → ASCII, one unit to one unit. */
export function toHalfWidth(text: string): string {
  return text.replace(/[\uff01-\uff5e\u3000]/g, (char) => (char === '\u3000' ? ' ' : String.fromCharCode(char.charCodeAt(0) - 0xfee0)));
}

/** Half width, simplified, lower case (ASCII only). Same UTF-16 length as the input. */
export function foldText(text: string): string {
  return toSimplified(toHalfWidth(text)).replace(/[A-Z]/g, (char) => char.toLowerCase());
}

// C0/C1 controls except tab and line ends, zero-width characters, bidi controls, byte order mark, soft hyphen.
const INVISIBLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]/g;

/** Removes control and invisible characters; tabs and line ends stay. */
export function dropInvisible(text: string): string {
  return text.replace(INVISIBLE, '');
}
