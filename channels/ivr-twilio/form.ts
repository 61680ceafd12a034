/** Parameters by name; a repeated name keeps all its values in the order received. */
export type Params = ReadonlyMap<string, readonly string[]>;

/** More pairs than any webhook has; a longer list is not Twilio's. */
const PAIRS_MAX = 500;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * `application/x-www-form-urlencoded`, strictly: bytes that are not UTF-8 and broken percent escapes are refused
 * instead of being replaced, because the signature is over the decoded text and a repaired text is another text.
 * Blank values stay, nothing is trimmed, repeated names keep every value.
 *
 * @returns null when the bytes are not a valid form
 */
export function parseForm(body: Uint8Array): Params | null {
  const params = new Map<string, string[]>();
  let pairs = 0;
  let start = 0;
  while (start <= body.length) {
    const at = body.indexOf(0x26, start);
    const end = at === -1 ? body.length : at;
    if (end > start) {
      pairs += 1;
      if (pairs > PAIRS_MAX) return null;
      const pair = body.subarray(start, end);
      const equals = pair.indexOf(0x3d);
      const name = decodePart(equals === -1 ? pair : pair.subarray(0, equals));
      const value = equals === -1 ? '' : decodePart(pair.subarray(equals + 1));
      if (name === null || value === null) return null;
      const values = params.get(name);
      if (values === undefined) params.set(name, [value]);
      else values.push(value);
    }
    start = end + 1;
  }
  return params;
}

/** `+` is a blank, `%XX` a byte, everything else itself. Null when that is not UTF-8. */
function decodePart(bytes: Uint8Array): string | null {
  const out = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte === 0x25) {
      const high = hexValue(bytes[i + 1]);
      const low = hexValue(bytes[i + 2]);
      if (high === null || low === null) return null;
      out[length] = high * 16 + low;
      i += 2;
    } else {
      out[length] = byte === 0x2b ? 0x20 : byte;
    }
    length += 1;
  }
  try {
    return decoder.decode(out.subarray(0, length));
  } catch {
    return null;
  }
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
