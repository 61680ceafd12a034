import { createHash } from 'node:crypto';
import { createReadStream, existsSync, rmSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { PassThrough, type Readable } from 'node:stream';
import { AppError } from '../../domain/errors.ts';
import { damaged } from './format.ts';

const isPacked = (path: string): boolean => path.endsWith('.gz');
/** Text is handed on in pieces of about this many characters. */
const PIECE = 64 * 1024;

/**
 * Writes lines to a file that has its name only once it is whole and on the disk; readable by its owner only.
 * @throws AppError `transfer.exists`, `transfer.file_failed`, and what `lines` throws
 */
export async function writeLines(path: string, lines: AsyncIterable<string>): Promise<void> {
  if (existsSync(path)) throw new AppError('transfer.exists', `there is a file ${path} already`, { status: 409 });
  const draft = `${path}.part`;
  try {
    // Opened before anything can fail: a stream that opens its file by itself may do so after the failed draft was removed.
    const out = (await open(draft, 'w', 0o600)).createWriteStream();
    if (isPacked(path)) await pipeline(pieces(lines), createGzip({ level: 5 }), out);
    else await pipeline(pieces(lines), out);
    const handle = await open(draft, 'r');
    await handle.sync().finally(() => handle.close());
    await rename(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw fileError(error, 'written');
  }
}

async function* pieces(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = '';
  for await (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

/**
 * The lines of a file, each with the SHA-256 of everything before it asked for when needed.
 * @throws AppError `transfer.damaged` when the file ends within a line or its packing is broken, `transfer.file_failed`
 */
export async function* readLines(path: string): AsyncGenerator<{ readonly text: string; hashBefore(): string }> {
  const hash = createHash('sha256');
  let rest: Buffer[] = [];
  const bytes = readBytes(path);
  try {
    for await (const chunk of bytes) {
      if (!Buffer.isBuffer(chunk)) throw damaged();
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        const line = Buffer.concat([...rest, chunk.subarray(start, end)]);
        rest = [];
        start = end + 1;
        yield { text: line.toString('utf8'), hashBefore: () => hash.copy().digest('hex') };
        hash.update(line).update('\n');
      }
      if (start < chunk.length) rest.push(chunk.subarray(start));
    }
  } catch (error) {
    // zlib: an unexpected end, a wrong header, a wrong check.
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')) throw damaged();
    throw fileError(error, 'read');
  } finally {
    bytes.destroy();
  }
  if (rest.length > 0) throw damaged();
}

function readBytes(path: string): Readable {
  const source = createReadStream(path, { highWaterMark: PIECE });
  const out = isPacked(path) ? createGunzip() : new PassThrough();
  source.on('error', (error) => out.destroy(error));
  out.on('close', () => source.destroy());
  return source.pipe(out);
}

/** What the file system says; anything else goes on as it is. */
function fileError(error: unknown, done: 'read' | 'written'): unknown {
  const code: unknown = error instanceof Error && 'code' in error && 'syscall' in error ? error.code : null;
  return typeof code === 'string' ? new AppError('transfer.file_failed', `the file cannot be ${done} (${code})`, { details: { code } }) : error;
}
