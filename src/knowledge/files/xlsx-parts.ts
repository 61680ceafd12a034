import { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import { fileError, type FileLimits } from './limits.ts';

/**
 * The parts of an XLSX file that hold a table, unpacked under limits and handed on as a plain (stored) archive in reading
 * order. The library's own way through the archive trusts local headers, looks for ends by a signature that data may
 * contain, keeps sheets that come before the strings in temporary files, has no limit to what it unpacks, and decodes piece
 * by piece, so that a character on the seam of two pieces is lost (exceljs 4.4.0, utils/parse-sax.js); none of this can
 * happen with what it gets from here.
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.3 (headers and central directory)
 */

interface Part {
  readonly name: string;
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  /** Offset of its local header. */
  readonly at: number;
}

const LOCAL = 0x0403_4b50;
const CENTRAL = 0x0201_4b50;
const END = 0x0605_4b50;
const MOST_PARTS = 5_000;
const SMALL_BYTES = 16 * 1024 * 1024;

const BROKEN = '文件打不开：不是完整的 XLSX，请用 Excel 或 WPS 重新另存为 .xlsx';
const TOO_LARGE = '表格太大：请拆成几个文件，或用 CSV、JSONL 导入';

/** @throws AppError `knowledge.bad_xlsx`, `knowledge.file_too_large` */
export function xlsxStream(bytes: Buffer, limits: FileLimits, onRead: (share: number) => void): Readable {
  const parts = new Map(directory(bytes).map((part) => [part.name, part]));
  const small = ['xl/_rels/workbook.xml.rels', 'xl/workbook.xml', 'xl/styles.xml'].map((name) => ({ part: parts.get(name), limit: SMALL_BYTES }));
  const strings = { part: parts.get('xl/sharedStrings.xml'), limit: limits.stringsBytes };
  const sheets = [...parts.values()].filter(({ name }) => /^xl\/worksheets\/sheet\d+\.xml$/.test(name)).sort((a, b) => a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
  if (small[0]?.part === undefined || small[1]?.part === undefined || sheets.length === 0) throw fileError('bad_xlsx', BROKEN);
  const wanted = [...small, strings, ...sheets.map((part) => ({ part, limit: limits.sheetBytes }))];
  for (const { part, limit } of wanted) if (part !== undefined && part.size > limit) throw fileError('file_too_large', TOO_LARGE, { bytes: part.size, limit });
  const total = wanted.reduce((sum, { part }) => sum + (part?.size ?? 0), 0);
  if (total > limits.sheetBytes + limits.stringsBytes) throw fileError('file_too_large', TOO_LARGE, { bytes: total, limit: limits.sheetBytes + limits.stringsBytes });
  return Readable.from(stored(bytes, wanted.flatMap(({ part }) => (part === undefined || part.size === 0 ? [] : [part])), strings.part === undefined, (done) => onRead(total === 0 ? 1 : done / total)), { objectMode: false });
}

const NO_STRINGS = Buffer.from('<?xml version="1.0" encoding="UTF-8"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>');

async function* stored(bytes: Buffer, parts: readonly Part[], withoutStrings: boolean, onRead: (done: number) => void): AsyncGenerator<Buffer> {
  let done = 0;
  // Without a table of strings the library would set every sheet aside first.
  if (withoutStrings) yield Buffer.concat([localHeader('xl/sharedStrings.xml', NO_STRINGS.length), NO_STRINGS]);
  for (const part of parts) {
    yield localHeader(part.name, part.size);
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of withoutReadings(unpack(bytes, part))) {
      const whole = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const cut = endOfCharacters(whole);
      rest = whole.subarray(cut);
      done += cut;
      onRead(done);
      if (cut > 0) yield whole.subarray(0, cut);
    }
    if (rest.length > 0) yield rest;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END, 0);
  yield end;
}

const READING = Buffer.from('<rPh');
const READING_END = Buffer.from('</rPh>');

/**
 * Readings that are shown above characters (pinyin, furigana) as comments of the same length: the library would take them for
 * the text.
 * @see ECMA-376 part 1, 18.4.6 rPh (Phonetic Run)
 */
async function* withoutReadings(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let inside = false;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    rest = Buffer.alloc(0);
    while (data.length > 0) {
      const mark = inside ? READING_END : READING;
      const found = data.indexOf(mark);
      // A mark may lie across the seam of two pieces.
      const clear = found === -1 ? Math.max(0, data.length - mark.length + 1) : found;
      if (clear > 0) yield inside ? Buffer.alloc(clear, ' ') : data.subarray(0, clear);
      if (found === -1) {
        rest = data.subarray(clear);
        break;
      }
      yield Buffer.from(inside ? '   -->' : '<!--');
      data = data.subarray(found + mark.length);
      inside = !inside;
    }
  }
  if (rest.length > 0) yield inside ? Buffer.alloc(rest.length, ' ') : rest;
}

/** Offset after the last whole UTF-8 character. */
function endOfCharacters(bytes: Buffer): number {
  for (let at = bytes.length - 1; at >= 0 && at >= bytes.length - 4; at -= 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x80 && byte < 0xc0) continue;
    const length = byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return at + length <= bytes.length ? bytes.length : at;
  }
  return bytes.length;
}

function localHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(LOCAL, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt32LE(size, 18);
  header.writeUInt32LE(size, 22);
  header.writeUInt16LE(Buffer.byteLength(name), 26);
  return Buffer.concat([header, Buffer.from(name)]);
}

/** The part's content; what is longer or shorter than the directory says breaks off. */
async function* unpack(bytes: Buffer, part: Part): AsyncGenerator<Buffer> {
  if (part.at + 30 > bytes.length || bytes.readUInt32LE(part.at) !== LOCAL) throw fileError('bad_xlsx', BROKEN);
  const start = part.at + 30 + bytes.readUInt16LE(part.at + 26) + bytes.readUInt16LE(part.at + 28);
  if (start + part.packed > bytes.length) throw fileError('bad_xlsx', BROKEN);
  const packed = bytes.subarray(start, start + part.packed);
  if (part.method === 0) {
    if (packed.length !== part.size) throw fileError('bad_xlsx', BROKEN);
    yield packed;
    return;
  }
  const inflate = createInflateRaw();
  inflate.end(packed);
  let size = 0;
  try {
    for await (const given of inflate) {
      const chunk: unknown = given;
      if (!Buffer.isBuffer(chunk)) continue;
      size += chunk.length;
      if (size > part.size) throw fileError('bad_xlsx', BROKEN);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof Error && 'code' in error && String(error.code).startsWith('Z_') ? fileError('bad_xlsx', BROKEN) : error;
  } finally {
    inflate.destroy();
  }
  if (size !== part.size) throw fileError('bad_xlsx', BROKEN);
}

function directory(bytes: Buffer): Part[] {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end === -1 || end + 22 > bytes.length) throw fileError('bad_xlsx', BROKEN);
  const count = bytes.readUInt16LE(end + 10);
  if (count > MOST_PARTS) throw fileError('file_too_large', TOO_LARGE, { parts: count, limit: MOST_PARTS });
  const parts: Part[] = [];
  for (let index = 0, at = bytes.readUInt32LE(end + 16); index < count; index += 1) {
    if (at + 46 > end || bytes.readUInt32LE(at) !== CENTRAL) throw fileError('bad_xlsx', BROKEN);
    const [flags, method] = [bytes.readUInt16LE(at + 8), bytes.readUInt16LE(at + 10)];
    const [nameLength, extraLength, remarkLength] = [bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32)];
    // Locked files, other methods than deflate, files of more than 4 GB (sizes of all ones): nothing that a table needs.
    if ((flags & 1) === 1 || (method !== 0 && method !== 8)) throw fileError('bad_xlsx', BROKEN);
    parts.push({ name: bytes.toString('utf8', at + 46, at + 46 + nameLength), method, packed: bytes.readUInt32LE(at + 20), size: bytes.readUInt32LE(at + 24), at: bytes.readUInt32LE(at + 42) });
    at += 46 + nameLength + extraLength + remarkLength;
  }
  return parts;
}
