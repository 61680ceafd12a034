/**
 * The one error of the house. It carries two texts: `message` is for the log (never personal data, never a message
 * body), `citizenText` is what a citizen may hear or read.
 */

/** What a caller may do after a failure. */
export type RetryClass =
  /** The same call can never succeed: bad input, forbidden, gone. */
  | 'never'
  /** Worth another try with back-off: a peer or the disk is unwell. */
  | 'later'
  /** Worth a try at `retryAfterMs`; does not count as an attempt (a quota, a rate limit). */
  | 'after'
  /** Somebody else changed the same thing first: read again, then decide. */
  | 'conflict';

export interface AppErrorOptions {
  readonly retry?: RetryClass;
  /** Milliseconds from now; only with `retry: 'after'`. */
  readonly retryAfterMs?: number;
  /** HTTP status to answer with; 400 unless told. */
  readonly status?: number;
  readonly citizenText?: string;
  /** Safe facts for the log (ids, counts, setting names). */
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
  readonly cause?: unknown;
}

const GENERIC_CITIZEN_TEXT = '抱歉，系统暂时没有处理成功，请稍后再试，或回复“人工”转人工服务。';

export class AppError extends Error {
  override readonly name = 'AppError';
  /** Stable, dotted, lower-case: `ticket.not_found`, `channel.bad_signature`. */
  readonly code: string;
  readonly retry: RetryClass;
  readonly retryAfterMs: number | undefined;
  readonly status: number;
  readonly citizenText: string;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;

  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? 'never';
    this.retryAfterMs = options.retryAfterMs;
    this.status = options.status ?? 400;
    this.citizenText = options.citizenText ?? GENERIC_CITIZEN_TEXT;
    this.details = options.details ?? {};
  }
}

/** Narrows an unknown thrown value. */
export function isAppError(error: unknown): error is AppError {
  return error instanceof AppError;
}

/**
 * A word for logs, counters and traces: our own code, the code of a system or server error, else the class. Never the message,
 * which may quote data.
 */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
