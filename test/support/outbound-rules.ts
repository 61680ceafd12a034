import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SHIPPED = fileURLToPath(new URL('../../config/outbound.yaml', import.meta.url));

/** A root whose rules have a visit-back asked by a call of its own; as shipped, campaigns do that. */
export function rootThatCallsForVisits(): { readonly root: string; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), 'yihu-outbound-'));
  mkdirSync(join(root, 'config'));
  writeFileSync(join(root, 'config', 'outbound.yaml'), readFileSync(SHIPPED, 'utf8').replace('visit: [subscription, sms]', 'visit: [subscription, sms, call]'));
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}
