import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';

/**
 * `Jambonz-Signature: t=<unix seconds>,v1=<hex>` with HMAC-SHA256 over `t + "." + raw body`, keyed by the webhook secret; several v1
 * may stand beside each other while a secret is changed (format of @jambonz/sdk 0.10.1 and @jambonz/node-client 0.4.11).
 * The vendor's packages write the parsed body anew before they check; here the bytes as they came count. Times are checked
 * to both sides: @jambonz/node-client lets in what claims to come from the future.
 */

export type SignatureFault = 'no_signature' | 'bad_signature' | 'stale' | 'mismatch';

/** Between the sender's clock and ours, seconds. */
export const TOLERANCE_S = 300;
/** No sender has more secrets than that under way at once. */
const SIGNATURES_MAX = 5;
const HEX_OF_SHA256 = /^[0-9a-f]{64}$/i;

/** Null: the signature holds. Never throws. */
export function signatureFault(given: { readonly key: KeyObject; readonly header: string; readonly body: Buffer; readonly now: number }): SignatureFault | null {
  if (given.header === '') return 'no_signature';
  const parts = given.header.split(',').map((part) => part.trim());
  const time = parts.find((part) => part.startsWith('t='))?.slice(2) ?? '';
  const signatures = parts.filter((part) => part.startsWith('v1=')).map((part) => part.slice(3));
  if (!/^\d{1,12}$/.test(time) || signatures.length === 0 || signatures.length > SIGNATURES_MAX) return 'bad_signature';
  if (Math.abs(given.now / 1000 - Number(time)) > TOLERANCE_S) return 'stale';
  const expected = sign(given.key, time, given.body);
  const holds = signatures.some((signature) => HEX_OF_SHA256.test(signature) && timingSafeEqual(Buffer.from(signature, 'hex'), expected));
  return holds ? null : 'mismatch';
}

/** @param time unix seconds as text */
export function sign(key: KeyObject, time: string, body: Buffer): Buffer {
  return createHmac('sha256', key).update(`${time}.`, 'utf8').update(body).digest();
}
