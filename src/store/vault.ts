import { transcode } from 'node:buffer';
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';
import { AppError } from '../domain/errors.ts';
import type { Vault } from './contract.ts';

/**
 * Key work of the identity vault. One secret of 32 bytes (VAULT_KEY); HKDF-SHA-256 (RFC 5869) makes separate keys for
 * sealing and for blind indexes, so that neither use weakens the other.
 *
 * A sealed text is `v1.<key id>.<base64url(nonce 12 | ciphertext | tag 16)>`, AES-256-GCM (NIST SP 800-38D) with the
 * prefix as associated data. Nonces are random: SP 800-38D 8.3 allows 2^32 seals per key; a large city makes some 10^7
 * a year. The key id lets an older key open what it sealed while the current one seals anew.
 */

const FORMAT = 'v1';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Most that is sealed fits. */
const DESK_BYTES = 8192;
/** Nonces are drawn from the system in one go; each byte is used once. */
const NONCES_AT_ONCE = 256;

/** From this size on, simdutf (behind `transcode`) is up to four times as fast at reading Chinese UTF-8 as a Buffer's own toString. */
const LONG_BYTES = 256;

interface SealingKey {
  readonly prefix: string;
  /** The prefix as bytes: the associated data. */
  readonly bound: Buffer;
  readonly key: KeyObject;
}

export interface VaultOptions {
  /** Older keys, for opening only. Blind indexes always come from the current key: after a change of key they are made anew. */
  readonly previousKeys?: readonly Buffer[];
}

/** Throws AppError `vault.bad_key` unless every key has 32 bytes. */
export function createVault(key: Buffer, { previousKeys = [] }: VaultOptions = {}): Vault {
  const current = sealingKey(key);
  const openers = new Map([...previousKeys.map(sealingKey), current].map((known) => [known.prefix, known]));
  const indexKey = createSecretKey(derive(key, 'blind-index'));
  const nextNonce = createNonceSource();
  // What is sealed is put together here; it is read at once, and holds nothing in the clear.
  const desk = Buffer.allocUnsafeSlow(DESK_BYTES);
  let last = { domain: '', value: '', index: '' };

  return {
    seal(text) {
      const nonce = nextNonce();
      const cipher = createCipheriv('aes-256-gcm', current.key, nonce);
      cipher.setAAD(current.bound);
      const ciphertext = cipher.update(text, 'utf8');
      // A stream cipher keeps nothing back: this only makes the tag.
      cipher.final();
      const end = NONCE_BYTES + ciphertext.length;
      const sealed = end + TAG_BYTES <= desk.length ? desk : Buffer.allocUnsafe(end + TAG_BYTES);
      nonce.copy(sealed, 0);
      ciphertext.copy(sealed, NONCE_BYTES);
      cipher.getAuthTag().copy(sealed, end);
      return current.prefix + sealed.toString('base64url', 0, end + TAG_BYTES);
    },
    open(sealed) {
      const end = sealed.lastIndexOf('.') + 1;
      const prefix = sealed.slice(0, end);
      const opener = openers.get(prefix);
      const encoded = sealed.slice(end);
      const body = Buffer.from(encoded, 'base64url');
      // Base64 has several spellings of the same bytes; only our own is taken, so that a changed text never opens.
      if (opener === undefined || body.length < NONCE_BYTES + TAG_BYTES || body.toString('base64url') !== encoded) throw broken();
      try {
        const decipher = createDecipheriv('aes-256-gcm', opener.key, body.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
        decipher.setAAD(opener.bound);
        decipher.setAuthTag(body.subarray(-TAG_BYTES));
        const bytes = decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES));
        // Throws unless the tag holds; before that nothing of the bytes is used.
        decipher.final();
        return bytes.length < LONG_BYTES ? bytes.toString('utf8') : transcode(bytes, 'utf8', 'utf16le').toString('utf16le');
      } catch {
        throw broken();
      }
    },
    blindIndex(domain, value) {
      // Who calls is looked for twice in a row, as a citizen and as an enterprise.
      if (last.index !== '' && last.domain === domain && last.value === value) return last.index;
      // The domain's length goes first: no pair of domain and value can be read as another pair.
      const index = createHmac('sha256', indexKey).update(`${Buffer.byteLength(domain)}:${domain}${value}`).digest('base64url');
      last = { domain, value, index };
      return index;
    },
  };
}

function sealingKey(secret: Buffer): SealingKey {
  if (secret.length !== KEY_BYTES) throw new AppError('vault.bad_key', 'VAULT_KEY must be 32 bytes, base64', { status: 500 });
  const id = derive(secret, 'key-id').subarray(0, 6).toString('base64url');
  const prefix = `${FORMAT}.${id}.`;
  return { prefix, bound: Buffer.from(prefix), key: createSecretKey(derive(secret, 'seal')) };
}

function derive(secret: Buffer, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `yihu/vault/${FORMAT}/${use}`, KEY_BYTES));
}

function createNonceSource(): () => Buffer {
  let pool = Buffer.alloc(0);
  let used = 0;
  return () => {
    if (used >= pool.length) {
      pool = randomBytes(NONCE_BYTES * NONCES_AT_ONCE);
      used = 0;
    }
    used += NONCE_BYTES;
    return pool.subarray(used - NONCE_BYTES, used);
  };
}

function broken(): AppError {
  return new AppError('vault.broken', 'a sealed text was changed or belongs to another VAULT_KEY', { status: 500 });
}
