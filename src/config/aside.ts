import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Where a process writes a file before it moves it to `path`: a name of its own, as several processes of one machine share
 * DATA_DIR. What a process that crashed has left there is taken away.
 */
export async function asideOf(path: string): Promise<string> {
  const folder = dirname(path);
  const left = `${basename(path)}.`;
  for (const name of await readdir(folder)) {
    const pid = name.startsWith(left) && name.endsWith('.new') ? Number(name.slice(left.length, -'.new'.length)) : Number.NaN;
    if (Number.isInteger(pid) && pid > 0 && !lives(pid)) await rm(join(folder, name), { force: true });
  }
  return `${path}.${process.pid}.new`;
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process (EPERM) is one, too.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
