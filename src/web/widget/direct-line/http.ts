import { parseJson } from '../../shared/guards.ts';
import type { Ports } from '../../shared/ports.ts';
import { isErrorAnswer } from './wire.ts';

/** How a call failed, in the classes the client acts upon. */
export type CallFault =
  /** No answer: offline, refused, timed out. */
  | 'network'
  /** 5xx that tells of a fault. */
  | 'server'
  /** 502, 503, 504: the service is away (its database, or itself behind a proxy) and will be back; wait `retryAfterMs` at least. */
  | 'away'
  /** 429: wait `retryAfterMs`. */
  | 'slow-down'
  /** 401 or 403: the token is not good (any more). */
  | 'token'
  /** 404: the conversation is gone. */
  | 'gone'
  /** Ours, not the server's: the conversation must be opened first. */
  | 'not-open'
  /** Any other 4xx: the same call can never succeed. */
  | 'refused';

export class CallError extends Error {
  override readonly name = 'CallError';
  readonly fault: CallFault;
  readonly status: number;
  readonly code: string;
  readonly retryAfterMs: number;

  constructor(fault: CallFault, status: number, code: string, retryAfterMs = 0) {
    super(`${fault} ${status}`);
    this.fault = fault;
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly token?: string;
  /** An object is sent as JSON, a FormData as multipart. */
  readonly body?: object;
}

/** One request lasts no longer than this; the protocol's own clients wait as long (CHANNELS 0.6). */
const CALL_TIMEOUT_MS = 20_000;
/** Photographs over a phone network. */
const UPLOAD_TIMEOUT_MS = 120_000;

/** Makes one call and answers the parsed body; throws CallError, nothing else. */
export async function call(ports: Ports, given: Call): Promise<unknown> {
  const abort = new AbortController();
  const upload = given.body instanceof FormData;
  const timer = ports.after(upload ? UPLOAD_TIMEOUT_MS : CALL_TIMEOUT_MS, () => abort.abort());
  try {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (given.token !== undefined) headers['authorization'] = `Bearer ${given.token}`;
    if (given.body !== undefined && !upload) headers['content-type'] = 'application/json';
    const body = given.body === undefined ? null : given.body instanceof FormData ? given.body : JSON.stringify(given.body);
    const response = await ports.fetch(given.url, { method: given.method, headers, body, signal: abort.signal, credentials: 'omit', cache: 'no-store' });
    const answer = parseJson(await response.text());
    if (response.ok) return answer;
    throw faultOf(response, isErrorAnswer(answer) ? (answer.error.code ?? '') : '');
  } catch (error) {
    if (error instanceof CallError) throw error;
    throw new CallError('network', 0, '');
  } finally {
    timer.cancel();
  }
}

function faultOf(response: Response, code: string): CallError {
  const { status } = response;
  if (status === 429) return new CallError('slow-down', status, code, retryAfter(response.headers.get('retry-after')));
  if (status >= 502 && status <= 504) return new CallError('away', status, code, retryAfter(response.headers.get('retry-after')));
  if (status === 401 || status === 403) return new CallError('token', status, code);
  if (status === 404 || status === 410) return new CallError('gone', status, code);
  return new CallError(status >= 500 ? 'server' : 'refused', status, code);
}

/** Seconds by HTTP; bounded, so that an odd value cannot silence the chat. */
function retryAfter(header: string | null): number {
  const seconds = Number(header);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 60) * 1000 : 2_000;
}
