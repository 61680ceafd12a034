import type { RawRequest } from '../contract.ts';
import type { EpochMs } from '../../domain/activity.ts';
import type { Settings } from './settings.ts';
import { decryptWithAny, sameSecret, sign, type AesKey } from './crypto.ts';
import { readFields, readQuery, readText, type Fields } from './wire.ts';

/**
 * Who says so? Every check before a push is believed. Pure: no I/O, no clock, never throws. The reasons are fixed words for
 * a counter; the outside learns none of them.
 */

export type Refusal =
  | { readonly ok: false; readonly status: 400; readonly reason: 'bad-query' | 'not-utf8' | 'malformed' | 'doctype' | 'no-encrypt' }
  | { readonly ok: false; readonly status: 403; readonly reason: 'bad-signature' | 'stale' | 'cipher' | 'wrong-receiver' | 'plain-refused' }
  | { readonly ok: false; readonly status: 413; readonly reason: 'too-large' };

/** Why a request is refused. */
export type RefusalReason = Refusal['reason'];

export interface VerifiedPush {
  readonly ok: true;
  /** The message as the peer wrote it, after decryption. */
  readonly text: string;
  readonly fields: Fields;
  /** `sealed`: safe or compatible mode, the signature covers the message. `plain`: it covers timestamp and nonce only. */
  readonly mode: 'sealed' | 'plain';
  /** The key that opened a sealed push; null for a plain one. */
  readonly key: AesKey | null;
  /** Names the signed part of a plain push; a second push with the same one is a replay. */
  readonly once: string;
}

type Outcome<T> = T | Refusal;

const bad = (reason: Extract<Refusal, { status: 400 }>['reason']): Refusal => ({ ok: false, status: 400, reason });
const forbidden = (reason: Extract<Refusal, { status: 403 }>['reason']): Refusal => ({ ok: false, status: 403, reason });

/** Largest body read; the biggest documented pushes are a few kilobytes. */
export const BODY_LIMIT_BYTES = 64 * 1024;

/**
 * The URL check that follows saving the push settings. Three parts and a clear echostr for mini-programs and official
 * accounts; four parts and an encrypted one (`msg_signature`) as WeCom sends it.
 */
export function verifyUrlCheck(request: RawRequest, now: EpochMs, settings: Settings): Outcome<{ readonly ok: true; readonly echo: string }> {
  const signed = readSigned(request, now, settings);
  if (!signed.ok) return signed;
  const echostr = signed.query.get('echostr');
  if (echostr === undefined || echostr === '' || echostr.length > 1024) return bad('bad-query');
  if (!signed.query.has('msg_signature')) {
    return signatureHolds(signed, 'signature', settings, []) ? { ok: true, echo: echostr } : forbidden('bad-signature');
  }
  if (!signatureHolds(signed, 'msg_signature', settings, [echostr])) return forbidden('bad-signature');
  const opened = open(echostr, settings);
  return opened.ok ? { ok: true, echo: opened.text } : opened;
}

/** A push in any of the three modes. */
export function verifyPush(request: RawRequest, now: EpochMs, settings: Settings): Outcome<VerifiedPush> {
  if (request.body.length > BODY_LIMIT_BYTES) return { ok: false, status: 413, reason: 'too-large' };
  const signed = readSigned(request, now, settings);
  if (!signed.ok) return signed;
  const body = readText(request.body);
  if (body === null) return bad('not-utf8');
  const outer = readFields(body);
  if (!outer.ok) return bad(outer.reason);
  const sealed = outer.value.get('Encrypt');
  const once = `${signed.timestamp}.${signed.nonce}`;
  if (sealed === undefined) {
    // The query says encrypted, the body is not: never fall back to the weaker check.
    if (signed.query.has('msg_signature') || signed.query.get('encrypt_type') === 'aes') return bad('no-encrypt');
    if (!settings.allowPlain) return forbidden('plain-refused');
    if (!signatureHolds(signed, 'signature', settings, [])) return forbidden('bad-signature');
    return { ok: true, text: body, fields: outer.value, mode: 'plain', key: null, once };
  }
  // Compatible mode shows clear fields beside Encrypt. Nothing signs them, so they are not read at all.
  if (!signatureHolds(signed, 'msg_signature', settings, [sealed])) return forbidden('bad-signature');
  const opened = open(sealed, settings);
  if (!opened.ok) return opened;
  const inner = readFields(opened.text);
  return inner.ok ? { ok: true, text: opened.text, fields: inner.value, mode: 'sealed', key: opened.key, once } : bad(inner.reason);
}

interface Signed {
  readonly ok: true;
  readonly query: ReadonlyMap<string, string>;
  readonly timestamp: string;
  readonly nonce: string;
}

/** Reads the signed parameters and refuses stale ones: WeChat resends within seconds, so minutes are an attack or a wrong clock. */
function readSigned(request: RawRequest, now: EpochMs, settings: Settings): Outcome<Signed> {
  const query = readQuery(request.url);
  const timestamp = query?.get('timestamp') ?? '';
  const nonce = query?.get('nonce') ?? '';
  // Printable ASCII: the string sort below then equals the peer's byte sort.
  if (query === null || !/^\d{1,12}$/.test(timestamp) || !/^[\x21-\x7e]{1,128}$/.test(nonce)) return bad('bad-query');
  if (Math.abs(now - Number(timestamp) * 1000) > settings.windowMs) return forbidden('stale');
  return { ok: true, query, timestamp, nonce };
}

function signatureHolds(signed: Signed, name: 'signature' | 'msg_signature', settings: Settings, covered: readonly string[]): boolean {
  const given = signed.query.get(name) ?? '';
  return sameSecret(given, sign([settings.token, signed.timestamp, signed.nonce, ...covered]));
}

function open(sealed: string, settings: Settings): Outcome<{ readonly ok: true; readonly text: string; readonly key: AesKey }> {
  const opened = decryptWithAny(settings.aesKeys, sealed, settings.appId);
  if (!opened.ok) return forbidden(opened.reason === 'receiver' ? 'wrong-receiver' : 'cipher');
  const text = readText(opened.message);
  return text === null ? bad('not-utf8') : { ok: true, text, key: opened.key };
}
