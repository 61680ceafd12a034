import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setAside } from './files.ts';
import { frameBytes, readFrames } from './frames.ts';
import { LOCK_FILE, type LockFolder, type Release } from './lock.ts';
import type { Chunk } from './own-log.ts';

/** The log of a process that has ended, taken over for replaying. Nothing is ever added to it. */
export interface LeftLog {
  readonly name: string;
  /** What waits in it. */
  readonly records: number;
  readonly bytes: number;
  chunk(): Promise<Chunk | null>;
  /** Lets go of it. `remove`: everything in it is done. */
  close(remove: boolean): Promise<void>;
}

export interface AdoptOptions {
  /** `DATA_DIR/spool`. */
  readonly root: string;
  readonly damagedFolder: string;
  /** Folders of this process. */
  readonly except: ReadonlySet<string>;
  readonly lock: LockFolder;
}

/** Takes every folder below the root that no living process holds. Empty ones are removed on the way. */
export async function adoptLeftLogs(options: AdoptOptions): Promise<readonly LeftLog[]> {
  const adopted: LeftLog[] = [];
  for (const entry of (await readdir(options.root, { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!entry.isDirectory() || !isProcessFolder(entry.name) || options.except.has(entry.name)) continue;
    const log = await adopt(options, entry.name);
    if (log !== null) adopted.push(log);
  }
  return adopted;
}

/** A folder name that comes after all there are: later starts sort behind earlier ones, whatever the clock says. */
export async function nextName(root: string, unique: string): Promise<string> {
  const numbers = (await readdir(root)).map((name) => Number(/^(\d{8})-/.exec(name)?.[1] ?? 0));
  return `${String(Math.max(0, ...numbers) + 1).padStart(8, '0')}-${unique}`;
}

/** Folders that are no process's. */
export const DAMAGED = 'damaged';
export const REFUSED = 'refused';
const isProcessFolder = (name: string): boolean => name !== DAMAGED && name !== REFUSED && !name.startsWith('.');

async function adopt({ root, damagedFolder, lock }: AdoptOptions, name: string): Promise<LeftLog | null> {
  const folder = join(root, name);
  let release: Release | null;
  try {
    release = lock(folder);
  } catch {
    return null; // removed by another process meanwhile, or not ours to read: the next look will tell
  }
  if (release === null) return null;
  const free = release;
  const files: string[] = [];
  let records = 0;
  let bytes = 0;
  for (const file of (await readdir(folder)).filter((one) => one.endsWith('.spool')).toSorted()) {
    const { payloads, damaged } = readFrames(await readFile(join(folder, file)));
    if (payloads.length === 0 && damaged === 0) {
      await rm(join(folder, file), { force: true });
      continue;
    }
    files.push(file);
    records += payloads.length;
    bytes += payloads.reduce((sum, payload) => sum + frameBytes(payload), 0);
  }
  const close = async (remove: boolean): Promise<void> => {
    if (remove) await rm(join(folder, LOCK_FILE), { force: true });
    free();
    // Somebody who just locked the folder again finds it empty and removes it in turn.
    if (remove) await rmdir(folder).catch(() => {});
  };
  if (files.length === 0) {
    await close(true);
    return null;
  }
  return {
    name, records, bytes, close,
    async chunk() {
      const file = files[0];
      if (file === undefined) return null;
      // A file that cannot be read at all must not hold up those behind it either.
      const { payloads, damaged } = await readFile(join(folder, file)).then(readFrames, () => ({ payloads: [], damaged: 1 }));
      return {
        payloads,
        damaged,
        async done() {
          files.shift();
          if (damaged > 0) {
            await setAside(join(folder, file), damagedFolder);
          } else {
            await rm(join(folder, file), { force: true });
          }
        },
      };
    },
  };
}
