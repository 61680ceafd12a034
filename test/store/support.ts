import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVault } from '../../src/store/vault.ts';

/** A key that guards nothing. */
export const TEST_KEY = Buffer.alloc(32, 7);
export const testVault = () => createVault(TEST_KEY);

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'yihu-store-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
