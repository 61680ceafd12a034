import { request } from 'undici';
import { codeOf } from '../../domain/errors.ts';
import { asExternalId, type EpochMs, type ExternalId } from '../../domain/activity.ts';
import type { DeliveryReport, Told } from '../contract.ts';

/** What telephone platforms with a call API have in common: one exchange that is never repeated, and the name of a call of ours in its hooks. */

export type Exchange =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly retryAfterMs: number | null }
  /** The request certainly never reached the peer. */
  | { readonly kind: 'unsent'; readonly code: string }
  /** It may have; nobody knows. */
  | { readonly kind: 'lost'; readonly code: string };

/** Errors raised before a byte of the request left us. */
const NEVER_SENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);
/** A peer that takes longer to take an order has a fault; a report tells later whether it took it. */
const TIMEOUT_MS = 10_000;
const ANSWER_LIMIT_BYTES = 256 * 1024;

/** One request on a connection of its own, as a kept one that the peer has just closed would leave us not knowing. Never throws, never tries twice. */
export async function exchange(url: string, options: { readonly method: 'GET' | 'POST' | 'PUT'; readonly headers: Readonly<Record<string, string>>; readonly body?: string }): Promise<Exchange> {
  try {
    const response = await request(url, { method: options.method, headers: { ...options.headers }, body: options.body ?? null, reset: true, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of response.body) {
      const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece));
      size += bytes.length;
      if (size > ANSWER_LIMIT_BYTES) return { kind: 'lost', code: 'call.long_answer' };
      pieces.push(bytes);
    }
    const after = response.headers['retry-after'];
    return { kind: 'answer', status: response.statusCode, body: Buffer.concat(pieces).toString('utf8'), retryAfterMs: typeof after === 'string' && /^\d{1,6}$/.test(after) ? Number(after) * 1000 : null };
  } catch (error) {
    const code = wordOf(error);
    return NEVER_SENT.has(code) ? { kind: 'unsent', code: 'call.unreachable' } : { kind: 'lost', code: 'call.no_answer_from_peer' };
  }
}

/** undici's and Node's errors carry a code; a connect failure of several addresses carries it in its parts. */
function wordOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return wordOf(error.errors[0]);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof Error && error.cause !== undefined) return wordOf(error.cause);
  return codeOf(error);
}

/** The parameter of hook addresses that names a call of ours. */
const CALL_PARAM = 'call';

/** @param url absolute */
export function withCallKey(url: string, key: string): string {
  return `${url}?${new URLSearchParams({ [CALL_PARAM]: key }).toString()}`;
}

/** Our key, when the hook is one of a call that we placed; null: a call that came in. @param url path and query as received */
export function callKeyOf(url: string): string | null {
  const at = url.indexOf('?');
  const key = at === -1 ? null : new URLSearchParams(url.slice(at + 1)).get(CALL_PARAM);
  return key !== null && /^[\w:.-]{1,128}$/.test(key) ? key : null;
}

export interface CallNews {
  readonly key: string | null;
  /** The peer's name of the call. */
  readonly call: string;
  readonly state: DeliveryReport['state'];
  readonly code?: string | null;
  readonly at?: EpochMs | null;
  readonly seconds?: number;
}

export function toldOfCall(...news: readonly CallNews[]): Told {
  return { reports: news.map(({ key, call, state, code = null, at = null, seconds }): DeliveryReport => ({ of: 'call', key, externalId: externalOf(call), state, code, at, ...(seconds === undefined ? {} : { seconds }) })), consents: [] };
}

function externalOf(call: string): ExternalId {
  return asExternalId(call);
}

/** Text of a JSON answer's field; null: it is none, or not there. */
export function fieldOf(body: string, name: string): string | null {
  try {
    const parsed: unknown = JSON.parse(body);
    const value: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, name) : null;
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' && value !== '' ? value : null;
  } catch {
    return null;
  }
}
