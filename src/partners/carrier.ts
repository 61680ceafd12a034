import { lookup as resolve } from 'node:dns';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
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
  return ({ method, url, headers, body }) =>
    new Promise((done) => {
      if (!URL.canParse(url)) return done({ kind: 'failed', code: 'webhook.bad_address' });
      const { protocol, hostname } = new URL(url);
      if (protocol !== 'https:' && protocol !== 'http:') return done({ kind: 'failed', code: 'webhook.bad_address' });
      const secure = protocol === 'https:';
      const literal = hostname.replace(/^\[|\]$/g, '');
      // A literal address is never looked up, so it is checked here.
      if (isIP(literal) !== 0 && !rules.allows(literal, secure)) return done({ kind: 'failed', code: REFUSED });
      let code = 'webhook.failed';
      const call = (secure ? requestHttps : requestHttp)(url, {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) },
        lookup: guardedLookup(rules, secure),
        // A connection of its own: none is shared with what was checked under another name.
        agent: false,
      });
      const timer = setTimeout(() => {
        code = 'webhook.timeout';
        call.destroy(new Error('timeout'));
      }, timeoutMs);
      const end = (carried: Carried): void => {
        clearTimeout(timer);
        done(carried);
      };
      call.once('error', (error: NodeJS.ErrnoException) => end({ kind: 'failed', code: code === 'webhook.failed' ? (error.code ?? code) : code }));
      call.once('response', (response) => {
        read(response, maxBytes).then(
          ({ bytes, whole }) => {
            end({ kind: 'answered', status: response.statusCode ?? 0, retryAfterMs: retryAfter(response.headers['retry-after'], now()), body: bytes, whole });
            call.destroy();
          },
          () => end({ kind: 'failed', code: code === 'webhook.failed' ? 'webhook.cut' : code }),
        );
      });
      call.end(body);
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
