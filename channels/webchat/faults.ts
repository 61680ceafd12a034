import { AppError, isAppError } from '../../src/domain/errors.ts';

/**
 * Faults as Direct Line clients read them: `{"error":{"code","message"}}` and a status. 403 is kept for tokens and
 * origins alone: Web Chat ends its connection for good after a single one.
 */

const WIRE = {
  'webchat.bad_argument': 'BadArgument',
  'webchat.missing_property': 'MissingProperty',
  'webchat.token_expired': 'TokenExpired',
  'webchat.rejected': 'BotRejectedActivity',
  'webchat.too_large': 'MessageSizeTooBig',
  'webchat.too_many': 'TooManyRequests',
  'webchat.off': 'ServiceError',
} as const;
type FaultCode = keyof typeof WIRE;

/** `message` is for the client's developer: fixed words, nothing of what was sent. */
export function fault(status: number, code: FaultCode, message: string, retryAfterMs?: number): AppError {
  return new AppError(code, message, { status, ...(retryAfterMs === undefined ? {} : { retry: 'after', retryAfterMs }) });
}

export const badArgument = (message: string): AppError => fault(400, 'webchat.bad_argument', message);
export const missing = (property: string): AppError => fault(400, 'webchat.missing_property', `${property} is missing`);
export const noConversation = (): AppError => fault(404, 'webchat.bad_argument', 'no such conversation');

export interface WireFault {
  readonly status: number;
  readonly body: { readonly error: { readonly code: string; readonly message: string } };
  readonly retryAfterMs?: number;
}

/** What a database needs to fail over is longer; but whoever comes back soon is served soon. */
const AWAY_RETRY_MS = 3_000;

/** Any thrown value as an answer. What we did not throw on purpose says nothing about its cause. */
export function toWire(thrown: unknown): WireFault {
  if (isAppError(thrown)) return appErrorToWire(thrown);
  const status = statusOf(thrown);
  if (status === 413) return wire(413, 'MessageSizeTooBig', 'request is too large');
  if (status === 415) return wire(415, 'BadArgument', 'content type is not supported');
  if (status === 429) return wire(429, 'TooManyRequests', 'too many requests');
  if (status >= 400 && status < 500) return wire(400, 'BadArgument', 'malformed request');
  return wire(500, 'ServiceError', 'internal error');
}

function appErrorToWire(error: AppError): WireFault {
  if (isFaultCode(error.code)) {
    const answer = wire(error.status, WIRE[error.code], error.message);
    return error.retryAfterMs === undefined ? answer : { ...answer, retryAfterMs: error.retryAfterMs };
  }
  if (error.code === 'media.too_large') return wire(413, 'MessageSizeTooBig', 'attachment is too large');
  if (error.code === 'media.type_refused') return wire(415, 'BadArgument', 'attachment type is not allowed');
  if (error.retry === 'after') return { ...wire(429, 'TooManyRequests', 'try again later'), retryAfterMs: error.retryAfterMs ?? 1000 };
  if (error.retry === 'never' && error.status < 500) return wire(400, 'BadArgument', 'refused');
  // The database is away or busy. Direct Line's own answer to an unwell bot is 502, but it is the gateway that is unwell, it will be
  // back, and directlinejs treats every 5xx alike: a post ends as “retry”, a token is asked for again. 429 would fail the post for good.
  if (error.retry === 'later') return { ...wire(503, 'ServiceError', 'the service is not available, try again'), retryAfterMs: AWAY_RETRY_MS };
  return wire(502, 'BotRejectedActivity', 'the activity was not taken, try again');
}

function isFaultCode(code: string): code is FaultCode {
  return Object.hasOwn(WIRE, code);
}

function statusOf(thrown: unknown): number {
  if (typeof thrown !== 'object' || thrown === null) return 500;
  if ('statusCode' in thrown && typeof thrown.statusCode === 'number') return thrown.statusCode;
  return 'status' in thrown && typeof thrown.status === 'number' ? thrown.status : 500;
}

function wire(status: number, code: string, message: string): WireFault {
  return { status, body: { error: { code, message } } };
}
