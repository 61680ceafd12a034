import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * Removes a folder once this process is gone, whichever way it goes: the test runner ends its workers by a signal, which runs nobody's
 * `exit`. A shell waits for it at the other end of a pipe, and then a moment for those who still write into the folder.
 */
export function removeAtEnd(folder: string): void {
  const remover = spawn('sh', ['-c', 'cat; for second in 1 2 3; do sleep 1; rm -rf "$1"; done', 'sh', folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  // Nobody stays for it.
  remover.unref();
  if (remover.stdin instanceof Socket) remover.stdin.unref();
}
