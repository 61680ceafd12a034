import { join } from 'node:path';
import { isBusy, openSqliteClient } from '../../store/drivers/sqlite-client.ts';

/** Lets go of a folder. */
export type Release = () => void;
/** Takes a folder for this process alone; null while a living process has it. */
export type LockFolder = (folder: string) => Release | null;

/**
 * One owner a folder, and none that is dead. Node has no file locks, SQLite has: an exclusive transaction on an empty
 * database holds an operating system's lock (fcntl; LockFileEx on Windows) that ends with the process however it ends. A
 * number in a file would not do: numbers come again, and mean nothing from one container to the next. A process that is
 * only paused keeps its folder, which is right: it will go on.
 */
export const lockFolder: LockFolder = (folder) => {
  const client = openSqliteClient(join(folder, LOCK_FILE), { timeout: 0 });
  try {
    // Nothing is ever written: no journal, so this works on a full disk too.
    client.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    client.close();
    if (isBusy(error)) return null;
    throw error;
  }
  return () => client.close();
};

export const LOCK_FILE = 'lock';
