import { mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { LinkageMessage } from '../store/contract.ts';
import type { Endpoint } from './context.ts';

/**
 * A shared folder as a transport: in/ (theirs), out/ (ours), ack/ (our acknowledgements), done/ (what we have read), bad/ (what we cannot
 * read). Whoever writes, writes beside and renames: a file under its own name is whole. Names that begin with a dot or end in .part,
 * .tmp are not looked at.
 */
export interface Drop {
  /** Ours, under a name that the same record has again: sent twice it is one file. */
  put(endpoint: Endpoint, message: Pick<LinkageMessage, 'number' | 'version' | 'kind'>, text: string): Promise<void>;
  acknowledge(endpoint: Endpoint, name: string, text: string): Promise<void>;
  /** What lies in in/ and was whole for a moment, in the order of names. */
  waiting(endpoint: Endpoint, now: number, limit: number): Promise<readonly DropFile[]>;
  read(endpoint: Endpoint, file: DropFile): Promise<Buffer>;
  /** Put away: read, or not to be read. */
  move(endpoint: Endpoint, file: DropFile, to: 'done' | 'bad'): Promise<void>;
}

export interface DropFile {
  readonly name: string;
  readonly bytes: number;
  readonly changedAt: number;
}

export const DROP_FOLDERS = ['in', 'out', 'ack', 'done', 'bad'] as const;
/** A peer that does not rename may still be writing: a file that changed so lately is left for the next look. */
const QUIET_MS = 3_000;
/** What is larger is no record. */
export const MAX_DROP_BYTES = 16 * 1024 * 1024;
const SKIPPED = /^\.|\.(part|tmp|filepart|crdownload)$/i;

export function createDrop(): Drop {
  const made = new Set<string>();
  const folder = async (endpoint: Endpoint, name: (typeof DROP_FOLDERS)[number]): Promise<string> => {
    const path = join(endpoint.folder, name);
    // Numbers and names of citizens may lie here: nobody but the house's own user and group looks in.
    if (!made.has(path)) await mkdir(path, { recursive: true, mode: 0o770 });
    made.add(path);
    return path;
  };
  return {
    put: async (endpoint, { number, version, kind }, text) => writeWhole(await folder(endpoint, 'out'), `${safe(number)}-${String(version).padStart(6, '0')}-${kind}.${endpoint.profile.transport.format}`, text),
    acknowledge: async (endpoint, name, text) => writeWhole(await folder(endpoint, 'ack'), `${safe(name)}.ack.json`, text),
    waiting: async (endpoint, now, limit) => {
      const path = await folder(endpoint, 'in');
      const names = (await readdir(path)).filter((name) => !SKIPPED.test(name)).toSorted();
      const files: DropFile[] = [];
      for (const name of names) {
        if (files.length >= limit) break;
        const found = await stat(join(path, name)).catch(() => null);
        if (found !== null && found.isFile() && now - found.mtimeMs >= QUIET_MS) files.push({ name, bytes: found.size, changedAt: found.mtimeMs });
      }
      return files;
    },
    read: async (endpoint, file) => readFile(join(await folder(endpoint, 'in'), basename(file.name))),
    move: async (endpoint, file, to) => {
      const target = join(await folder(endpoint, to), basename(file.name));
      // Another node may have been faster.
      await rename(join(await folder(endpoint, 'in'), basename(file.name)), target).catch((error: unknown) => {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      });
    },
  };
}

/** Durable before it has its name. */
async function writeWhole(folder: string, name: string, text: string): Promise<void> {
  const beside = join(folder, `.${name}.part`);
  const handle = await open(beside, 'w', 0o660);
  try {
    await handle.writeFile(text, 'utf8');
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await rename(beside, join(folder, name));
  } catch (error) {
    await unlink(beside).catch(() => undefined);
    throw error;
  }
}

/** Numbers of other platforms become names of files: nothing that leads elsewhere. */
function safe(text: string): string {
  return text.replaceAll(/[^\p{Letter}\p{Number}._-]/gu, '_').replace(/^\.+/, '_').slice(0, 120);
}
