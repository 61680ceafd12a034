import { decodeText } from './decode.ts';
import { fileError, type FileLimits } from './limits.ts';
import type { OpenFile, RawRow } from './raw.ts';

/** JSON Lines: one entry a line, in the shape of the entries of config/knowledge. */

export function openJsonl<Key extends string>(bytes: Buffer, limits: FileLimits): OpenFile<Key> {
  const text = decodeText(bytes);
  let taken = 0;
  return {
    facts: { format: 'jsonl', encoding: text.encoding, delimiter: null, sheet: null, ignored: [] },
    read: () => Math.min(1, (taken * 2.2) / Math.max(1, bytes.length)),
    rows: (async function* () {
      let line = 0;
      for (const content of lines(text.chunks(), limits.recordChars, (length) => (taken += length))) {
        line += 1;
        if (content === null) yield { line, kind: 'fault', fault: { field: 'row', rule: 'row_too_long' } };
        else if (content.trim() !== '') yield readLine(content, line);
      }
    })(),
  };
}

function readLine<Key extends string>(content: string, line: number): RawRow<Key> {
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { line, kind: 'object', value } : { line, kind: 'fault', fault: { field: 'row', rule: 'not_an_object' } };
  } catch {
    if (line === 1 && /^\s*[[{]\s*$/.test(content)) throw fileError('not_jsonl', '这是 JSON，不是 JSONL：要一行一条知识');
    return { line, kind: 'fault', fault: { field: 'row', rule: 'not_json' } };
  }
}

/** Lines of a text in pieces; null for one that is longer than allowed, which is not kept. */
function* lines(chunks: Iterable<string>, longest: number, taken: (length: number) => void): Generator<string | null> {
  let rest = '';
  let tooLong = false;
  for (const chunk of chunks) {
    taken(chunk.length);
    const parts = chunk.split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) {
      const line = rest + part;
      yield tooLong || line.length > longest ? null : line;
      rest = '';
      tooLong = false;
    }
    rest += last;
    if (rest.length > longest) {
      rest = '';
      tooLong = true;
    }
  }
  if (tooLong) yield null;
  else if (rest !== '') yield rest;
}
