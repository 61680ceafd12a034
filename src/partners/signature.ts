import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature`, which is one `v1,` + base64(HMAC-SHA256) over
 * `id.timestamp.body` for each valid secret, with blanks between. @see https://github.com/standard-webhooks/standard-webhooks
 */

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;
/** How far a receiver's clock may be off. */
export const TOLERANCE_SECONDS = 5 * 60;

export function makeSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** `v1,…` of one secret. */
export function signature(secret: string, id: string, timestamp: number, body: string): string {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

export function signedHeaders(secrets: readonly string[], id: string, timestamp: number, body: string): Readonly<Record<string, string>> {
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': secrets.map((secret) => signature(secret, id, timestamp, body)).join(' ') };
}

/** What a receiver does; also how our own tests receive. */
export function isSigned(secret: string, headers: Readonly<Record<string, string | string[] | undefined>>, body: string, nowSeconds: number): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string' || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(nowSeconds - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const expected = Buffer.from(signature(secret, id, Number(timestamp), body));
  return signatures.split(' ').some((given) => {
    const bytes = Buffer.from(given);
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
}

/** What is kept of a partner: the secret, and for a while the one before, so that the receiver can change over in its own time. */
export interface Secrets {
  readonly current: string;
  readonly previous: string | null;
  /** Epoch ms that the one before ends at. */
  readonly previousUntil: number;
}

/** The secret before stays valid for so long after a new one was made, ms. */
export const OVERLAP_MS = 24 * 60 * 60_000;

export function rotated(stored: string | null, now: number): { readonly kept: string; readonly secret: string } {
  const before = stored === null ? null : readSecrets(stored);
  const secret = makeSecret();
  const kept: Secrets = { current: secret, previous: before?.current ?? null, previousUntil: now + OVERLAP_MS };
  return { kept: JSON.stringify(kept), secret };
}

/** Secrets to sign with now, the newest first. */
export function validSecrets(stored: string | null, now: number): readonly string[] {
  const secrets = stored === null ? null : readSecrets(stored);
  if (secrets === null) return [];
  return [secrets.current, ...(secrets.previous !== null && now < secrets.previousUntil ? [secrets.previous] : [])];
}

function readSecrets(stored: string): Secrets | null {
  const value: unknown = JSON.parse(stored);
  if (typeof value !== 'object' || value === null || !('current' in value) || typeof value.current !== 'string') return null;
  const previous = 'previous' in value && typeof value.previous === 'string' ? value.previous : null;
  return { current: value.current, previous, previousUntil: 'previousUntil' in value && typeof value.previousUntil === 'number' ? value.previousUntil : 0 };
}
