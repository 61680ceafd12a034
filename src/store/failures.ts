import { AppError, isAppError } from '../domain/errors.ts';

/** PostgreSQL: serialization failure and deadlock. The transaction may be run again as it is. */
const RERUN_STATES: ReadonlySet<string> = new Set(['40001', '40P01']);
/** PostgreSQL: lock not available, query cancelled (statement time-out), too many connections, shutting down, idle in transaction. */
const BUSY_STATES: ReadonlySet<string> = new Set(['55P03', '57014', '53300', '57P01', '57P02', '57P03', '25P03']);

/**
 * Makes an error of a database driver fit for the house. Drivers and drizzle put parameters into messages and details
 * (`Key (phone)=(…) already exists`), which must never reach a log: only the code and the constraint's name go on.
 * Anything that is not a database's error is handed back as it is.
 */
export function toStoreError(error: unknown): unknown {
  if (isAppError(error)) return error;
  const source = databaseErrorOf(error);
  if (source === null) return error;
  const { code, constraint } = source;
  const details = { code, ...(constraint === null ? {} : { constraint }) };
  if (code.startsWith('SQLITE_CONSTRAINT') || code.startsWith('23')) {
    return new AppError('store.constraint', `a rule of the tables refused the row (${code})`, { status: 409, details });
  }
  if (code.startsWith('SQLITE_READONLY') || code === '25006') {
    return new AppError('store.read_only', 'a read door does not write', { status: 500, details });
  }
  if (code.startsWith('SQLITE_BUSY') || RERUN_STATES.has(code) || BUSY_STATES.has(code)) {
    return new AppError('store.busy', `the database is busy (${code})`, { retry: 'later', status: 503, details });
  }
  return new AppError('store.failed', `the database failed (${code})`, { retry: 'later', status: 503, details });
}

/** May the whole transaction be run again at once? */
export function isRerunnable(error: unknown): boolean {
  return isAppError(error) && typeof error.details['code'] === 'string' && RERUN_STATES.has(error.details['code']);
}

/** Did the server itself say this (an SQLSTATE), rather than the network or nobody? */
export function hasAnswered(error: unknown): boolean {
  const code = databaseErrorOf(error)?.code ?? '';
  // The network's codes of five letters (EPIPE) are none.
  return /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code);
}

/** Walks the causes (drizzle wraps) down to something with a driver's code: `SQLITE_…`, a five-character SQLSTATE, `ECONN…`. */
function databaseErrorOf(error: unknown): { readonly code: string; readonly constraint: string | null } | null {
  for (let current: unknown = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth += 1) {
    const code: unknown = 'code' in current ? current.code : undefined;
    if (typeof code === 'string' && /^(SQLITE_\w+|[0-9A-Z]{5}|E[A-Z]+)$/.test(code)) {
      return { code, constraint: 'constraint' in current && typeof current.constraint === 'string' ? current.constraint : null };
    }
    if (current.name === 'DrizzleQueryError' && !(current.cause instanceof Error)) return { code: 'unknown', constraint: null };
    // node-postgres and its pool have no code for a connection that broke or did not come about.
    if (/^Connection terminated|^timeout exceeded when trying to connect|^Client has encountered a connection error|^Client was closed|^timeout expired/.test(current.message)) return { code: 'ECONNRESET', constraint: null };
  }
  return null;
}
