import { closeSync, fdatasync, openSync } from 'node:fs';
import { AppError, codeOf } from '../../domain/errors.ts';

/**
 * Makes commits survive a power cut without keeping the event loop from its work: SQLite writes them to the `-wal` file and goes on
 * (synchronous=NORMAL), and a thread of libuv has the system put that file on the disk. Nobody hears of a commit before that, neither who
 * wrote nor who reads. Decision: docs/adr/0029-durable-off-the-loop.md.
 */
export interface Disk {
  /** A commit was written: from now on `whenDurable` waits for it, too. */
  committed(): void;
  /**
   * Calls back when all that was committed so far is on the disk: in the order of asking, at once when it is there already.
   * `lost`: it may never be there, and nothing committed since then may be told to anybody.
   */
  whenDurable(hear: (lost: AppError | null) => void): void;
  /** Set when the disk refused. What the system's cache holds says nothing of the disk any more, so only a new process may go on. */
  readonly lost: AppError | null;
  /** When all is quiet. */
  close(): void;
}

/** A file that others write to. */
export interface SyncedFile {
  /** Has the system put on the disk what was written to it so far. */
  sync(done: (error: unknown) => void): void;
  close(): void;
}

interface Waiter {
  /** Which commit it waits for. */
  readonly commit: number;
  readonly hear: (lost: AppError | null) => void;
}

export function createDisk(file: SyncedFile): Disk {
  let written = 0;
  let durable = 0;
  let busy = false;
  let lost: AppError | null = null;
  const waiters: Waiter[] = [];

  /** One at a time: what is committed while the disk works goes together with the next. */
  function work(): void {
    if (busy || lost !== null || durable === written) return;
    busy = true;
    const upTo = written;
    file.sync((error) => {
      busy = false;
      if (error === null) durable = upTo;
      else lost = new AppError('store.disk_failed', 'the disk did not take what was written: the store is closed until the next start', { retry: 'later', status: 503, details: { code: codeOf(error) } });
      tell();
      work();
    });
  }

  function tell(): void {
    const kept = waiters.findIndex(({ commit }) => lost === null && commit > durable);
    const told = waiters.splice(0, kept === -1 ? waiters.length : kept);
    for (const { hear } of told) hear(lost);
  }

  return {
    committed() {
      written += 1;
      work();
    },
    whenDurable(hear) {
      if (lost !== null || durable === written) hear(lost);
      else waiters.push({ commit: written, hear });
    },
    get lost() {
      return lost;
    },
    close: () => file.close(),
  };
}

/** For synchronous=NORMAL: a commit counts as soon as it is written. */
export const trustingDisk: Disk = { committed() {}, whenDurable: (hear) => hear(null), lost: null, close() {} };

/** The file to which SQLite writes commits. It is there after the first one and stays the same one while a connection is open. */
export function walOf(database: string): SyncedFile {
  let descriptor: number | null = null;
  return {
    sync(done) {
      try {
        descriptor ??= openSync(`${database}-wal`, 'r+');
      } catch (error) {
        done(error);
        return;
      }
      fdatasync(descriptor, done);
    },
    close() {
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
    },
  };
}
