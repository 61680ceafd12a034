import { createCipheriv, createDecipheriv, hash, timingSafeEqual } from 'node:crypto';

/**
 * WeChat's message signature and cipher. Signature: SHA-1 over the sorted parts joined with nothing. Cipher:
 * AES-256-CBC, key = base64(EncodingAESKey + "="), IV = first 16 key bytes, PKCS#7 with a block of 32 (not 16), layout
 * random(16) | length(4, big-endian) | message(UTF-8) | receiver id.
 * Source: developers.weixin.qq.com, mini-program message push, "message encryption and decryption"; test/channel/wechat/vectors.json.
 */

/** Length of an EncodingAESKey: 43 base64 characters are 32 bytes without their padding sign. */
export const AES_KEY_CHARS = 43;
const PAD_BLOCK = 32;
const RANDOM_BYTES = 16;
const HEAD_BYTES = RANDOM_BYTES + 4;

export interface AesKey {
  readonly key: Buffer;
  readonly iv: Buffer;
}

/**
 * Turns the operator's EncodingAESKey into key and IV; null when it is not exactly 43 base64 characters. The last
 * character may carry two spare bits that are not zero (the vendor's own sample keys do), so no canonical check.
 */
export function parseAesKey(encodingAesKey: string): AesKey | null {
  if (encodingAesKey.length !== AES_KEY_CHARS || !/^[A-Za-z0-9+/]+$/.test(encodingAesKey)) return null;
  const key = Buffer.from(`${encodingAesKey}=`, 'base64');
  return key.length === 32 ? { key, iv: key.subarray(0, 16) } : null;
}

/** Lower-case hex SHA-1 of the parts in string order. Three parts sign a URL check or a plain push, four an encrypted one. */
export function sign(parts: readonly string[]): string {
  // Default sort, i.e. by code unit: a numeric sort would put timestamp and nonce the wrong way round.
  return hash('sha1', [...parts].sort().join(''), 'hex');
}

/** Compares two strings in time that depends on their lengths only. */
export function sameSecret(left: string, right: string): boolean {
  const a = Buffer.from(left, 'utf8');
  const b = Buffer.from(right, 'utf8');
  return a.length === b.length && timingSafeEqual(a, b);
}

export type Decrypted =
  /** `key`: the one that fits; an answer is sealed with it. */
  | { readonly ok: true; readonly message: Buffer; readonly random: Buffer; readonly key: AesKey }
  /** `cipher`: not decryptable with this key. `receiver`: decrypted, but meant for another app. */
  | { readonly ok: false; readonly reason: 'cipher' | 'receiver' };

const BAD_CIPHER: Decrypted = { ok: false, reason: 'cipher' };

/** Decrypts `Encrypt` and checks padding, length and receiver. Never throws. */
export function decrypt(aes: AesKey, encrypt: string, receiverId: string): Decrypted {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encrypt)) return BAD_CIPHER;
  const cipherBytes = Buffer.from(encrypt, 'base64');
  if (cipherBytes.length === 0 || cipherBytes.length % 16 !== 0) return BAD_CIPHER;
  const decipher = createDecipheriv('aes-256-cbc', aes.key, aes.iv);
  // Node's own removal knows only blocks of 16 and throws when the padding is 17 to 32 bytes long.
  decipher.setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(cipherBytes), decipher.final()]);
  const plain = unpad(padded);
  if (plain === null || plain.length < HEAD_BYTES) return BAD_CIPHER;
  const length = plain.readUInt32BE(RANDOM_BYTES);
  if (HEAD_BYTES + length > plain.length) return BAD_CIPHER;
  const receiver = plain.subarray(HEAD_BYTES + length);
  const expected = Buffer.from(receiverId, 'utf8');
  if (receiver.length !== expected.length || !timingSafeEqual(receiver, expected)) return { ok: false, reason: 'receiver' };
  return { ok: true, message: plain.subarray(HEAD_BYTES, HEAD_BYTES + length), random: plain.subarray(0, RANDOM_BYTES), key: aes };
}

/** Tries the current key, then the one before it, so that messages under way survive a key change. */
export function decryptWithAny(keys: readonly AesKey[], encrypt: string, receiverId: string): Decrypted {
  let failure: Decrypted = BAD_CIPHER;
  for (const key of keys) {
    const result = decrypt(key, encrypt, receiverId);
    if (result.ok) return result;
    // A key that decrypts for somebody else says more than one that does not decrypt.
    if (result.reason === 'receiver') failure = result;
  }
  return failure;
}

/** Encrypts a passive answer. `random` is 16 bytes; the caller draws them. */
export function encrypt(aes: AesKey, message: string, receiverId: string, random: Buffer): string {
  if (random.length !== RANDOM_BYTES) throw new RangeError('The random head of a WeChat message is 16 bytes.');
  const body = Buffer.from(message, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const plain = Buffer.concat([random, length, body, Buffer.from(receiverId, 'utf8')]);
  const padding = PAD_BLOCK - (plain.length % PAD_BLOCK);
  const cipher = createCipheriv('aes-256-cbc', aes.key, aes.iv);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(padding, padding)), cipher.final()]).toString('base64');
}

/** Removes PKCS#7 with block 32; null when it is not what the sender would have written. */
function unpad(padded: Buffer): Buffer | null {
  const padding = padded.at(-1);
  if (padding === undefined || padding < 1 || padding > PAD_BLOCK || padding > padded.length) return null;
  const body = padded.subarray(0, padded.length - padding);
  for (let at = body.length; at < padded.length; at += 1) if (padded[at] !== padding) return null;
  return body;
}
