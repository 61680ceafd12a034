import { lookup as resolve } from 'node:dns';
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { codeOf } from '../domain/errors.ts';
import type { AddressRules } from './addresses.ts';

/** One HTTP call to an address that a partner gave. Follows no redirect, believes no private address, waits no longer than told. Never throws. */
export type Carried =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterMs: number | null; readonly body: Buffer; readonly whole: boolean }
  /** `code`: `webhook.private_address`, `webhook.bad_address`, `webhook.timeout`, or the code of a network fault. */
  | { readonly kind: 'failed'; readonly code: string };

export interface CarryRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Carrier = (request: CarryRequest) => Promise<Carried>;

export interface CarrierOptions {
  readonly rules: AddressRules;
  /** From the first byte out to the last byte in, ms. */
  readonly timeoutMs: number;
  /** What of an answer is read; the rest is cut. */
  readonly maxBytes: number;
  readonly now: () => number;
}

const REFUSED = 'webhook.private_address';

export function createCarrier({ rules, timeoutMs, maxBytes, now }: CarrierOptions): Carrier {
  return async ({ method, url, headers, body }) => {
    const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' };
    if (protocol !== 'https:' && protocol !== 'http:') return { kind: 'failed', code: 'webhook.bad_address' };
    const secure = protocol === 'https:';
    const literal = hostname.replace(/^\[|\]$/g, '');
    // A literal address is never looked up, so it is checked here.
    if (isIP(literal) !== 0 && !rules.allows(literal, secure)) return { kind: 'failed', code: REFUSED };
    const call = (secure ? requestHttps : requestHttp)(url, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) },
      lookup: guardedLookup(rules, secure),
      // A connection of its own: none is shared with what was checked under another name.
      agent: false,
    });
    // What breaks after the answer began is heard by whoever reads it.
    call.on('error', () => undefined);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      call.destroy(new Error('timeout'));
    }, timeoutMs);
    try {
      const answering = answerTo(call);
      call.end(body);
      const response = await answering;
      const { bytes, whole } = await read(response, maxBytes);
      return { kind: 'answered', status: response.statusCode ?? 0, retryAfterMs: retryAfter(response.headers['retry-after'], now()), body: bytes, whole };
    } catch (error) {
      return { kind: 'failed', code: late ? 'webhook.timeout' : codeOf(error) };
    } finally {
      clearTimeout(timer);
      call.destroy();
    }
  };
}

function answerTo(call: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    call.once('response', resolve);
    call.once('error', reject);
  });
}

/** Only the addresses that may be connected to are handed on: what is connected is what was checked. */
function guardedLookup(rules: AddressRules, secure: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = found.filter(({ address }) => rules.allows(address, secure));
      const [first] = allowed;
      if (first === undefined) return callback(Object.assign(new Error('refused'), { code: REFUSED }), '', 0);
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

async function read(response: IncomingMessage, maxBytes: number): Promise<{ readonly bytes: Buffer; readonly whole: boolean }> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response) {
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    size += bytes.length;
    if (size > maxBytes) return { bytes: Buffer.concat(parts), whole: false };
    parts.push(bytes);
  }
  return { bytes: Buffer.concat(parts), whole: true };
}

/** Seconds or an HTTP date (RFC 9110 10.2.3); null: none that can be read. */
function retryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
