import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../domain/errors.ts';
import type { Disk } from './contract.ts';
import { encodeFrame, frameBytes, readFrames } from './frames.ts';
import { setAside, syncFolder } from './files.ts';

/** Records that can be replayed now. `done`: the store has all of them. */
export interface Chunk {
  readonly payloads: readonly Buffer[];
  readonly damaged: number;
  done(): Promise<void>;
}

/** The log that this process writes. */
export interface OwnLog {
  /** Resolves once the payload survives a power cut. Many at once share one sync. */
  append(payload: Buffer): Promise<void>;
  /** The oldest that are not done; null when there are none. One chunk is out at a time. */
  chunk(): Promise<Chunk | null>;
  readonly syncs: () => number;
  /** Files that could not be written in advance at the start, as on a full disk; later ones are tried when needed. */
  readonly unprepared: number;
  /** Waits for what is being written. `remove`: nothing is left in it. */
  close(remove: boolean): Promise<void>;
}

export interface OwnLogOptions {
  readonly folder: string;
  /** Where a file goes that could not be read as a whole. */
  readonly damagedFolder: string;
  readonly segmentBytes: number;
  readonly reserveSegments: number;
  readonly disk?: Disk;
}

interface Segment {
  readonly path: string;
  readonly handle: FileHandle;
  readonly size: number;
  /** Everything before it is synced. */
  end: number;
  /** Everything before it is done. */
  from: number;
  /** A write or sync failed: what lies behind `end` is not to be trusted, so nothing more is written here. */
  broken: boolean;
  /** Something in it could not be read back. */
  damaged: boolean;
}

const ZEROS = Buffer.alloc(1 << 20);

export const realDisk: Disk = {
  async write(handle, bytes, position) {
    for (let written = 0; written < bytes.length; ) {
      written += (await handle.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
    }
  },
  sync: (handle) => handle.datasync(),
};

/**
 * Files of a fixed size that are filled with zeros before they are needed: on a full disk, the commonest way for SQLite to
 * fail, there is still room to write in; and a sync has no metadata to write.
 */
export async function openOwnLog({ folder, damagedFolder, segmentBytes, reserveSegments, disk = realDisk }: OwnLogOptions): Promise<OwnLog> {
  const segments: Segment[] = [];
  const queue: { readonly frame: Buffer; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  let number = 0;
  /** Index of the segment that is written. Those behind it are prepared. */
  let current = 0;
  let syncs = 0;
  let flushing = false;
  /** Files are changed by one at a time: the writer, or who clears up. */
  let turn: Promise<unknown> = Promise.resolve();

  const alone = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const mine = turn.then(work, work);
    turn = mine.catch(() => {});
    return mine;
  };
  const nextPath = (): string => join(folder, `${String((number += 1)).padStart(8, '0')}.spool`);

  async function prepare(size: number): Promise<void> {
    const path = nextPath();
    const handle = await open(path, 'wx+', 0o600);
    try {
      await fillWithZeros(handle, size);
      await syncFolder(folder);
    } catch (error) {
      await handle.close();
      await rm(path, { force: true });
      throw error;
    }
    segments.push({ path, handle, size, end: 0, from: 0, broken: false, damaged: false });
  }

  async function fillWithZeros(handle: FileHandle, size: number): Promise<void> {
    for (let at = 0; at < size; at += ZEROS.length) await disk.write(handle, ZEROS.subarray(0, Math.min(ZEROS.length, size - at)), at);
    await disk.sync(handle);
  }

  /** The segment that has room for this many bytes; the next one when the current is full. */
  async function roomFor(bytes: number): Promise<Segment> {
    for (;;) {
      const segment = segments[current];
      if (segment !== undefined && !segment.broken && segment.end + bytes <= segment.size) return segment;
      // A prepared one that is too small for a giant is passed over; it is empty and will be used up as done.
      if (segment !== undefined) current += 1;
      if (segments[current] === undefined) await prepare(Math.max(segmentBytes, bytes));
    }
  }

  /** What waits, as far as it fits, in one write and one sync. */
  async function flush(): Promise<void> {
    const batch: typeof queue = [];
    try {
      const segment = await roomFor(queue[0]?.frame.length ?? 0);
      let bytes = 0;
      for (let head = queue[0]; head !== undefined && segment.end + bytes + head.frame.length <= segment.size; head = queue[0]) {
        bytes += head.frame.length;
        batch.push(head);
        queue.shift();
      }
      try {
        await disk.write(segment.handle, Buffer.concat(batch.map(({ frame }) => frame)), segment.end);
        await disk.sync(segment.handle);
        syncs += 1;
      } catch (error) {
        // After a failed sync the system may have thrown the pages away: never trust a second one (fsyncgate).
        segment.broken = true;
        throw error;
      }
      segment.end += bytes;
      for (const { resolve } of batch) resolve();
    } catch (error) {
      const refusal = spoolFailure(error);
      for (const { reject } of batch.length > 0 ? batch : queue.splice(0)) reject(refusal);
    }
  }

  /** One batch after the other, and between them whoever clears up: else a storm of writers would hold up the replay for as long as it lasts. */
  function wakeWriter(): void {
    if (flushing) return;
    flushing = true;
    void alone(flush).finally(() => {
      flushing = false;
      if (queue.length > 0) wakeWriter();
    });
  }

  /** A segment whose records are all done is used again, or removed when enough are prepared. */
  async function retire(segment: Segment): Promise<void> {
    const index = segments.indexOf(segment);
    if (index === -1) return;
    segments.splice(index, 1);
    if (index < current) current -= 1;
    const prepared = segments.filter(({ end, broken }) => end === 0 && !broken).length;
    try {
      if (!segment.broken && !segment.damaged && segment.size === segmentBytes && prepared < reserveSegments) {
        await fillWithZeros(segment.handle, segment.end);
        const path = nextPath();
        await rename(segment.path, path);
        await syncFolder(folder);
        segments.push({ ...segment, path, end: 0, from: 0 });
        return;
      }
    } catch {
      // It cannot be used again, then it goes.
    }
    await segment.handle.close();
    if (segment.damaged) await setAside(segment.path, damagedFolder);
    else await rm(segment.path, { force: true });
  }

  await mkdir(folder, { recursive: true });
  let unprepared = 0;
  for (let made = 0; made < reserveSegments && unprepared === 0; made += 1) {
    // A gateway that starts on a full disk is better than none.
    await prepare(segmentBytes).catch(() => {
      unprepared = reserveSegments - made;
    });
  }

  return {
    unprepared,
    append: (payload) =>
      new Promise<void>((resolve, reject) => {
        queue.push({ frame: encodeFrame(payload), resolve, reject });
        wakeWriter();
      }),
    async chunk() {
      const segment = segments.find(({ from, end }) => from < end);
      if (segment === undefined) return null;
      const { from, end } = segment;
      const bytes = Buffer.alloc(end - from);
      await segment.handle.read(bytes, 0, bytes.length, from);
      const { payloads, damaged } = readFrames(bytes);
      const whole = payloads.reduce((sum, payload) => sum + frameBytes(payload), 0) === bytes.length;
      if (!whole) segment.damaged = true;
      return {
        payloads,
        damaged: whole ? 0 : Math.max(1, damaged),
        done: () =>
          alone(async () => {
            segment.from = end;
            if (segment.from === segment.end) await retire(segment);
          }),
      };
    },
    syncs: () => syncs,
    close: (remove) =>
      alone(async () => {
        for (const segment of segments.splice(0)) {
          await segment.handle.close();
          if (remove || segment.end === 0 || segment.from === segment.end) await rm(segment.path, { force: true });
        }
      }),
  };
}

function spoolFailure(error: unknown): AppError {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new AppError(full ? 'spool.full' : 'spool.failed', `the spool could not keep a webhook (${code})`, { retry: 'later', status: 503, details: { code } });
}
