import { rmSync } from 'node:fs';

/** The test runner ends its workers by a signal, which by itself runs nobody's `exit`. */
let listening = false;

/** Has what listens for the end of this process heard when it is ended by a signal, too. */
export function endInOrder(): void {
  if (listening) return;
  listening = true;
  process.once('SIGTERM', () => process.exit());
}

/** Removes a folder when this process ends, if it is still there. */
export function removeAtEnd(folder: string): void {
  endInOrder();
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}
