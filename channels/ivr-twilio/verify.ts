import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'node:querystring';
import type { Params } from './form.ts';

/**
 * `X-Twilio-Signature` (https://www.twilio.com/docs/usage/security#validating-requests): base64 of HMAC-SHA1, keyed by
 * the auth token, over the full URL followed by every POST parameter sorted by name, name then value, no separators.
 *
 * Which spelling of the URL was signed is not certain (a default port written out, an escaped quote), so the spellings
 * that twilio-node 6.2.0 accepts are tried. This does not weaken the check: each one is a keyed digest of the same place.
 */

export const NO_PARAMS: Params = new Map();

/** The string whose digest is the signature. A repeated parameter counts each distinct value once, sorted. */
export function signedText(url: string, params: Params): string {
  let text = url;
  for (const name of [...params.keys()].sort()) {
    for (const value of [...new Set(params.get(name))].sort()) text += name + value;
  }
  return text;
}

export function expectedSignature(authToken: string, url: string, params: Params): string {
  return createHmac('sha1', authToken).update(signedText(url, params), 'utf8').digest('base64');
}

/**
 * Does the header hold for this URL (scheme, userinfo, port, path and query as configured with Twilio, no fragment)?
 * Never throws. An absent header is an empty string and never holds.
 */
export function signatureHolds(given: { readonly authToken: string; readonly signature: string; readonly url: string; readonly params: Params }): boolean {
  const tried = new Set<string>();
  const holds = (url: string): boolean => {
    if (tried.has(url)) return false;
    tried.add(url);
    return sameText(given.signature, expectedSignature(given.authToken, url, given.params));
  };
  const asReceived = [withoutPort(given.url), withPort(given.url)];
  if (asReceived.some(holds)) return true;
  const normalized = normalize(given.url);
  if (normalized === null) return false;
  const again = [withoutPort(normalized), withPort(normalized)];
  return [...again, ...again.map(withLegacyQuery)].some(holds);
}

/** JSON webhooks carry the hash of the raw bytes in the URL; an absent body counts as `{}` (twilio-node does the same). */
export function bodyHashHolds(body: Uint8Array, hash: string): boolean {
  const digest = createHash('sha256').update(body.length === 0 ? Buffer.from('{}') : body).digest('hex');
  return sameText(hash, digest);
}

/** Constant time for texts of the right length; the expected length is no secret. */
export function sameText(given: string, expected: string): boolean {
  const a = Buffer.from(given, 'utf8');
  const b = Buffer.from(expected, 'utf8');
  return a.length === b.length && timingSafeEqual(a, b);
}

interface Split {
  readonly scheme: string;
  readonly userInfo: string;
  readonly host: string;
  /** With its colon; empty when there is none. */
  readonly port: string;
  readonly rest: string;
}

/** Cuts a URL without changing a character: `new URL()` would escape some. */
function split(url: string): Split | null {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*@)?(\[[^\]/?#]*\]|[^:/?#]*)(:[^/?#]*)?(.*)$/is.exec(url);
  if (match === null) return null;
  return { scheme: match[1] ?? '', userInfo: match[2] ?? '', host: match[3] ?? '', port: match[4] ?? '', rest: match[5] ?? '' };
}

function withoutPort(url: string): string {
  const parts = split(url);
  return parts === null ? url : parts.scheme + parts.userInfo + parts.host + parts.rest;
}

function withPort(url: string): string {
  const parts = split(url);
  if (parts === null || parts.port !== '') return url;
  return `${parts.scheme}${parts.userInfo}${parts.host}${parts.scheme.toLowerCase() === 'https://' ? ':443' : ':80'}${parts.rest}`;
}

function normalize(url: string): string | null {
  try {
    return new URL(url).toString();
  } catch {
    return null;
  }
}

/** The query as Node's old querystring module writes it; some senders signed that spelling. */
function withLegacyQuery(url: string): string {
  const at = url.indexOf('?');
  return at === -1 || at === url.length - 1 ? url : `${url.slice(0, at)}?${stringify(parse(url.slice(at + 1)))}`;
}
