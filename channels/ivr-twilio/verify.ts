import { createHash, createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
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

/** The key of an account's signatures; made once, not for every request. */
export function signingKey(authToken: string): KeyObject {
  return createSecretKey(authToken, 'utf8');
}

/** What is signed behind the URL. A repeated parameter counts each distinct value once, sorted. */
export function signedParams(params: Params): string {
  let text = '';
  for (const name of [...params.keys()].sort()) {
    const values = params.get(name) ?? [];
    if (values.length === 1) text += name + values[0];
    else for (const value of [...new Set(values)].sort()) text += name + value;
  }
  return text;
}

/** @param paramsText by `signedParams` */
export function expectedSignature(key: KeyObject, url: string, paramsText: string): string {
  return createHmac('sha1', key).update(url + paramsText, 'utf8').digest('base64');
}

/**
 * Does the header hold for this URL (scheme, userinfo, port, path and query as configured with Twilio, no fragment)?
 * Never throws. An absent header is an empty string and never holds. A spelling is made and digested only when the ones
 * before it did not hold.
 */
export function signatureHolds(given: { readonly key: KeyObject; readonly signature: string; readonly url: string; readonly params: Params }): boolean {
  // No digest has another length, so nothing has to be computed to refuse it.
  if (given.signature.length !== SIGNATURE_CHARS) return false;
  const paramsText = signedParams(given.params);
  const tried = new Set<string>();
  for (const url of spellings(given.url)) {
    if (tried.has(url)) continue;
    tried.add(url);
    if (sameText(given.signature, expectedSignature(given.key, url, paramsText))) return true;
  }
  return false;
}

/** base64 of the 20 bytes of SHA-1. */
const SIGNATURE_CHARS = 28;

function* spellings(url: string): Generator<string> {
  yield withoutPort(url);
  yield withPort(url);
  const normalized = normalize(url);
  if (normalized === null) return;
  const again = [withoutPort(normalized), withPort(normalized)];
  yield* again;
  for (const one of again) yield withLegacyQuery(one);
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
