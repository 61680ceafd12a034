import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk that is small enough to be filled. */
export interface Disk {
  readonly folder: string;
  /** Null: it can be filled. Else why it cannot. */
  readonly unlimited: string | null;
  /** Takes every byte that is left; returns how many. */
  fill(): number;
  free(): void;
  remove(): void;
}

/** What a run needs, with room for its filler to matter. */
const SIZE = '384m';

/** A tmpfs of its own where this process may mount one (root, and not in a container that forbids it); else a plain folder. */
export function makeDisk(): Disk {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-torture-'));
  const unlimited = mount(folder);
  const filler = join(folder, 'filler');
  const unmount = (): void => {
    if (unlimited === null) execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
  };
  let removed = false;
  const remove = (): void => {
    if (removed) return;
    removed = true;
    process.off('exit', remove);
    unmount();
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', remove);
  return {
    folder,
    unlimited,
    fill: () => {
      const piece = Buffer.alloc(1 << 20);
      const file = openSync(filler, 'w');
      let written = 0;
      try {
        for (let size = piece.length; size >= 512; ) {
          try {
            written += writeSync(file, piece, 0, size);
          } catch {
            size /= 2; // nearly full: in smaller pieces to the last page
          }
        }
      } finally {
        closeSync(file);
      }
      return written;
    },
    free: () => rmSync(filler, { force: true }),
    remove,
  };
}

/** Null when it is mounted, else why not. */
function mount(folder: string): string | null {
  if (process.platform !== 'linux') return 'no tmpfs on this platform';
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=700`, 'tmpfs', folder], { stdio: 'ignore' });
    return null;
  } catch {
    return 'mounting a small tmpfs is not allowed here (it takes root)';
  }
}
