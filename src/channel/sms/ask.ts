import { AppError } from '../../domain/errors.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { Receipt } from '../contract.ts';

/** One request to a vendor of text messages. What may have been taken is never said to have failed. */

/** For the whole request; a vendor answers in a second. */
const ANSWER_MS = 10_000;
const ANSWER_BYTES = 64 * 1024;

export interface Asking {
  readonly url: string;
  readonly method: 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * @returns the vendor's JSON whatever its HTTP status, or `retry` where the request surely never arrived
 * @throws AppError `sms.no_answer` where nobody knows: a time-out, a cut connection, an answer that is none of the vendor's
 */
export async function askVendor({ url, method, headers, body }: Asking): Promise<{ readonly json: JsonValue } | { readonly receipt: Receipt }> {
  let response: Response;
  try {
    response = await fetch(url, { method, headers: { ...headers }, ...(body === '' ? {} : { body }), redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS) });
  } catch (error) {
    if (neverArrived(error)) return { receipt: { status: 'retry', code: 'sms.unreachable' } };
    throw noAnswer();
  }
  let text: string;
  try {
    text = await response.text();
  } catch {
    throw noAnswer();
  }
  try {
    if (text.length > ANSWER_BYTES) throw noAnswer();
    const json: JsonValue = JSON.parse(text);
    return { json };
  } catch {
    throw noAnswer();
  }
}

const noAnswer = (): AppError => new AppError('sms.no_answer', 'the vendor gave no answer that can be read', { retry: 'later', status: 503 });

const NEVER: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/** The connection never came about. */
function neverArrived(error: unknown): boolean {
  for (let current: unknown = error, depth = 0; current instanceof Error && depth < 4; current = current.cause, depth += 1) {
    if ('code' in current && typeof current.code === 'string' && NEVER.has(current.code)) return true;
  }
  return false;
}

/** What a vendor's code means for us, by the first rule that fits; a rule ends in `*` for every code that begins so. */
export function receiptOf(code: string, rules: readonly (readonly [pattern: string, ours: string, how: 'retry' | 'failed'])[]): Receipt {
  const found = rules.find(([pattern]) => (pattern.endsWith('*') ? code.startsWith(pattern.slice(0, -1)) : code === pattern));
  // Only what looks like a code is repeated: a message of the vendor may hold a number.
  const word = /^[A-Za-z][A-Za-z0-9._-]{0,79}$/.test(code) ? `:${code}` : '';
  if (found === undefined) return { status: 'failed', code: `sms.refused${word}`, fallback: true };
  const [, ours, how] = found;
  return how === 'retry' ? { status: 'retry', code: `${ours}${word}` } : { status: 'failed', code: `${ours}${word}`, fallback: true };
}
