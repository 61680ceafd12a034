import { createHash, randomBytes } from 'node:crypto';

/** Keys of partner platforms: 32 random bytes, shown once, kept as SHA-256 only. So much chance needs no slow hash. */

const PREFIX = 'yihu_partner_';

export function makePartnerKey(): { readonly key: string; readonly hash: string } {
  const key = PREFIX + randomBytes(32).toString('base64url');
  return { key, hash: hashPartnerKey(key) };
}

export function hashPartnerKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
