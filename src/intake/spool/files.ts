import { mkdir, open, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Makes names that were made, changed or removed in a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Keeps a file that could not be read as a whole for somebody to look at. */
export async function setAside(path: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await rename(path, join(folder, `${basename(dirname(path))}-${basename(path)}`));
}

/** Appends bytes to a file that may not exist yet; resolves once they survive a power cut. */
export async function appendSynced(path: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, 'a', 0o600);
  try {
    await handle.write(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
