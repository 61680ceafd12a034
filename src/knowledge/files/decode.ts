import { fileError } from './limits.ts';

/** The character set of a text file, by its marks and then by trying: UTF-8, else GB18030 (what Excel in China writes as CSV). */

export interface Decoded {
  readonly encoding: 'utf-8' | 'gb18030' | 'utf-16le';
  /** The text in pieces, without its byte order mark. */
  readonly chunks: () => Generator<string>;
}

/** Bytes that are decoded at a time. */
const PIECE = 256 * 1024;

export function decodeText(bytes: Buffer): Decoded {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decoded(bytes, 'utf-16le');
  for (const encoding of ['utf-8', 'gb18030'] as const) if (fits(bytes, encoding)) return decoded(bytes, encoding);
  throw fileError('bad_encoding', '文件的编码认不出来：请另存为 UTF-8 或 GB18030（简体中文）');
}

function decoded(bytes: Buffer, encoding: Decoded['encoding']): Decoded {
  return {
    encoding,
    *chunks() {
      const decoder = new TextDecoder(encoding);
      for (let at = 0; at < bytes.length; at += PIECE) yield decoder.decode(bytes.subarray(at, at + PIECE), { stream: true });
      yield decoder.decode();
    },
  };
}

function fits(bytes: Buffer, encoding: string): boolean {
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    for (let at = 0; at < bytes.length; at += PIECE) decoder.decode(bytes.subarray(at, at + PIECE), { stream: true });
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}
