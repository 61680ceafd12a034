import Type from 'typebox';
import { Value } from 'typebox/value';
import type { RawRequest } from '../../src/channel/contract.ts';
import type { TwilioConfig } from './config.ts';
import { param, parseForm, type Params } from './form.ts';
import { bodyHashHolds, NO_PARAMS, sameText, signatureHolds } from './verify.ts';

/** Reading of the envelope, shared by both hooks: content type, encoding, signature, account. */

export type Envelope =
  | { readonly ok: true; readonly params: Params }
  | { readonly ok: false; readonly status: 400 | 401 | 403 | 413 | 415; readonly reason: string };

const refuse = (status: 400 | 401 | 403 | 413 | 415, reason: string): Envelope => ({ ok: false, status, reason });

/** A webhook of Twilio is a few hundred bytes; a long speech result some kilobytes. */
export const BODY_LIMIT_BYTES = 64 * 1024;

/** First value of a header (names are lower case in Node); an empty string when absent. */
export function header(request: RawRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}

/**
 * Checks a request and gives its parameters. Pure, never throws.
 * What was signed is PUBLIC_URL with the request's path and query: never the Host header, which a proxy rewrites and a
 * stranger chooses.
 */
export function openEnvelope(config: TwilioConfig, request: RawRequest): Envelope {
  if (request.body.length > BODY_LIMIT_BYTES) return refuse(413, 'too_large');
  if (!request.url.startsWith('/')) return refuse(400, 'bad_path');
  const url = config.publicUrl + request.url;
  const signature = header(request, 'x-twilio-signature');
  const opened = isJson(request) ? openJson(config, request, url, signature) : openForm(config, request, url, signature);
  if (!opened.ok) return opened;
  const account = param(opened.params, 'AccountSid');
  // Absent is not refused: the signature already proves the account's token, and the vendor's own samples leave it out.
  if (config.accountSid !== null && account !== '' && !sameText(account, config.accountSid)) return refuse(403, 'other_account');
  readBefore.set(request, opened.params);
  return opened;
}

/**
 * The encoder gets the same request as the reader: what was read of it is kept for as long as the request lives. A request
 * that comes back as another object is read again.
 */
const readBefore = new WeakMap<RawRequest, Params>();

/** The parameters of a request that was checked before; empty when it is not a readable form. For the encoder. */
export function readParams(request: RawRequest): Params {
  const before = readBefore.get(request);
  if (before !== undefined) return before;
  if (isJson(request)) return jsonParams(request.body) ?? NO_PARAMS;
  return parseForm(request.body) ?? NO_PARAMS;
}

function mediaType(request: RawRequest): string {
  return (header(request, 'content-type').split(';')[0] ?? '').trim().toLowerCase();
}

function isJson(request: RawRequest): boolean {
  return mediaType(request) === 'application/json';
}

function openForm(config: TwilioConfig, request: RawRequest, url: string, signature: string): Envelope {
  if (mediaType(request) !== 'application/x-www-form-urlencoded') return refuse(415, 'content_type');
  const params = parseForm(request.body);
  if (params === null) return refuse(400, 'bad_form');
  if (!signatureHolds({ key: config.signingKey, signature, url, params })) return refuse(403, 'bad_signature');
  return { ok: true, params };
}

/** JSON: the signature covers the URL only, and the URL carries the hash of the raw bytes. Without the hash nothing vouches for the body. */
function openJson(config: TwilioConfig, request: RawRequest, url: string, signature: string): Envelope {
  const at = request.url.indexOf('?');
  const hash = new URLSearchParams(at === -1 ? '' : request.url.slice(at + 1)).get('bodySHA256');
  if (hash === null) return refuse(403, 'no_body_hash');
  if (!signatureHolds({ key: config.signingKey, signature, url, params: NO_PARAMS })) return refuse(403, 'bad_signature');
  if (!bodyHashHolds(request.body, hash)) return refuse(403, 'bad_body_hash');
  const params = jsonParams(request.body);
  return params === null ? refuse(400, 'bad_json') : { ok: true, params };
}

const JsonBody = Type.Record(Type.String(), Type.Unknown());

function jsonParams(body: Buffer): Params | null {
  try {
    const parsed: unknown = JSON.parse(body.length === 0 ? '{}' : new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (!Value.Check(JsonBody, parsed)) return null;
    const params = new Map<string, readonly string[]>();
    for (const [name, value] of Object.entries(parsed)) {
      if (typeof value === 'string' || typeof value === 'number') params.set(name, [String(value)]);
    }
    return params;
  } catch {
    return null;
  }
}
