import { isUtf8 } from 'node:buffer';

/** Parameters by name; a repeated name keeps all its values in the order received. */
export type Params = ReadonlyMap<string, readonly string[]>;

/** More pairs than any webhook has; a longer list is not Twilio's. */
const PAIRS_MAX = 500;

/**
 * `application/x-www-form-urlencoded`, strictly: bytes that are not UTF-8 and broken percent escapes are refused
 * instead of being replaced, because the signature is over the decoded text and a repaired text is another text.
 * Blank values stay, nothing is trimmed, repeated names keep every value.
 *
 * @returns null when the bytes are not a valid form
 */
export function parseForm(body: Uint8Array): Params | null {
  // Escapes are undone into one buffer that keeps the separators: being ASCII they part what is no UTF-8 from its neighbours,
  // so one check of the whole answers for every name and value.
  const bytes = Buffer.allocUnsafe(body.length);
  const params = new Map<string, string[]>();
  const pairs: Pair[] = [];
  let length = 0;
  let start = 0;
  let equals = -1;
  let ascii = true;
  for (let i = 0; i <= body.length; i += 1) {
    const byte = i === body.length ? AMPERSAND : (body[i] ?? 0);
    if (byte === AMPERSAND) {
      if (length > start) pairs.push({ start, equals: equals === -1 ? length : equals, end: length, ascii });
      if (pairs.length > PAIRS_MAX) return null;
      if (i < body.length) bytes[length] = byte;
      length += 1;
      start = length;
      equals = -1;
      ascii = true;
      continue;
    }
    let decoded = byte;
    if (byte === EQUALS && equals === -1) equals = length;
    else if (byte === PLUS) decoded = BLANK;
    else if (byte === PERCENT) {
      const high = hexValue(body[i + 1]);
      const low = hexValue(body[i + 2]);
      if (high === null || low === null) return null;
      decoded = high * 16 + low;
      i += 2;
    }
    if (decoded >= 0x80) ascii = false;
    bytes[length] = decoded;
    length += 1;
  }
  const whole = bytes.subarray(0, length - 1);
  if (!isUtf8(whole)) return null;
  // Where all is ASCII, positions are the same in bytes and characters, and cutting is cheap.
  const latin1 = whole.toString('latin1');
  for (const { start: from, equals: middle, end, ascii: cheap } of pairs) {
    const name = cheap ? latin1.slice(from, middle) : whole.toString('utf8', from, middle);
    // Without a `=` this begins behind the end, and is empty.
    const value = cheap ? latin1.slice(middle + 1, end) : whole.toString('utf8', middle + 1, end);
    const values = params.get(name);
    if (values === undefined) params.set(name, [value]);
    else values.push(value);
  }
  return params;
}

const AMPERSAND = 0x26;
const EQUALS = 0x3d;
const PLUS = 0x2b;
const PERCENT = 0x25;
const BLANK = 0x20;

/** Where a pair lies in the decoded bytes. Without a `=` it ends where that would stand. */
interface Pair {
  readonly start: number;
  readonly equals: number;
  readonly end: number;
  readonly ascii: boolean;
}

function hexValue(byte: number | undefined): number | null {
  if (byte === undefined) return null;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : null;
}

/** First value of a name; an empty string when it is absent. */
export function param(params: Params, name: string): string {
  return params.get(name)?.[0] ?? '';
}
