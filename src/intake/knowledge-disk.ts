import { open, readFile, rename, rm } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { asideOf } from '../config/aside.ts';
import { createShelf, type Shelf } from './knowledge-shelf.ts';
import type { KnowledgeEntry } from '../domain/knowledge.ts';

/**
 * The knowledge base of this node on its own disk, so that a start need not read and index it anew.
 *
 *   {"format":2,"key":…,"seq":…,"entries":n,"indexBytes":n}\n
 *   id \t from \t until \t open \t {entry}\n            one line an entry
 *   index bytes
 *   crc32 of all that, 8 hexadecimal digits
 *
 * Nothing is lost with it: whatever does not fit (another lexicon, another database, a damaged file) is made anew.
 */

/** 2: the index holds no departments. */
const FORMAT = 2;
const HeaderCheck = Compile(Type.Object({ format: Type.Literal(FORMAT), key: Type.String(), seq: Type.Integer({ minimum: 0 }), entries: Type.Integer({ minimum: 0 }), indexBytes: Type.Integer({ minimum: 0 }) }));
/** Lines written before other work gets a turn. */
const LINES_AT_ONCE = 200;
const BYTES_AT_ONCE = 1024 * 1024;
const TAIL = 8;
const NEWLINE = 10;
const TAB = 9;

export interface SavedKnowledge {
  /** changeSeq up to which it holds the store's rows. */
  readonly seq: number;
  readonly shelf: Shelf;
  readonly index: Uint8Array;
}

/** Writes the file beside its place and moves it there: a crash leaves the old one. Gives other work its turn between lines. */
export async function saveKnowledge(path: string, key: string, saved: SavedKnowledge): Promise<void> {
  const { seq, index } = saved;
  const texts = saved.shelf.texts();
  const aside = await asideOf(path);
  const file = await open(aside, 'w');
  let sum = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    sum = crc32(bytes, sum);
    // A write may take less than it was given.
    for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
  };
  try {
    await write(Buffer.from(`${JSON.stringify({ format: FORMAT, key, seq, entries: texts.length, indexBytes: index.length })}\n`));
    for (let at = 0; at < texts.length; at += LINES_AT_ONCE) {
      const parts: Uint8Array[] = [];
      for (const { id, shelved, text } of texts.slice(at, at + LINES_AT_ONCE)) parts.push(Buffer.from(`${id}\t${shelved.from}\t${shelved.until ?? ''}\t${shelved.open ? '1' : ''}\t`), text(), Buffer.from('\n'));
      await write(Buffer.concat(parts));
      await nextTurn();
    }
    for (let at = 0; at < index.length; at += BYTES_AT_ONCE) {
      await write(index.subarray(at, at + BYTES_AT_ONCE));
      await nextTurn();
    }
    await file.write(Buffer.from(sum.toString(16).padStart(TAIL, '0')));
    await file.sync();
    await file.close();
    await rename(aside, path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(aside, { force: true });
    throw error;
  }
}

/** Null when there is none, or none that fits `key`. */
export async function loadKnowledge(path: string, key: string, read: (text: string) => KnowledgeEntry): Promise<SavedKnowledge | null> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch {
    return null;
  }
  const end = bytes.length - TAIL;
  if (end <= 0 || crc32(bytes.subarray(0, end)).toString(16).padStart(TAIL, '0') !== bytes.toString('latin1', end)) return null;
  const headEnd = bytes.indexOf(NEWLINE);
  const header = headerOf(bytes.toString('utf8', 0, Math.max(0, headEnd)));
  if (header === null || header.key !== key) return null;
  const shelf = createShelf(read);
  let at = headEnd + 1;
  for (let count = 0; count < header.entries; count += 1) {
    const fields: string[] = [];
    for (let field = 0; field < 4; field += 1) {
      const stop = bytes.indexOf(TAB, at);
      fields.push(bytes.toString('utf8', at, stop));
      at = stop + 1;
    }
    const stop = bytes.indexOf(NEWLINE, at);
    const [id = '', from = '', until = '', open = ''] = fields;
    shelf.putText(id, { from, until: until === '' ? null : until, open: open !== '' }, bytes, at, stop);
    at = stop + 1;
  }
  if (at + header.indexBytes !== end) return null;
  // A copy of its own: an index reads numbers, and those want to stand at whole addresses.
  return { seq: header.seq, shelf, index: new Uint8Array(bytes.subarray(at, end)) };
}

function headerOf(line: string): { readonly key: string; readonly seq: number; readonly entries: number; readonly indexBytes: number } | null {
  try {
    const value: unknown = JSON.parse(line);
    return HeaderCheck.Check(value) ? value : null;
  } catch {
    return null;
  }
}
