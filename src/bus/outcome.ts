import { codeOf, isAppError } from '../domain/errors.ts';
import type { JobOutcome } from './contract.ts';

/**
 * Runs a handler and turns what it throws into an outcome, by the error's retry class. `fenced`: somebody else has the
 * lane or has done the row; nothing is left to settle here.
 */
export async function attempt(run: () => Promise<JobOutcome>): Promise<JobOutcome | 'fenced'> {
  try {
    return await run();
  } catch (error) {
    if (!isAppError(error)) return { kind: 'retry', code: codeOf(error), burns: true };
    switch (error.retry) {
      case 'conflict':
        return error.code === 'lane.fenced' || error.code === 'outbox.gone' ? 'fenced' : { kind: 'retry', code: error.code, afterMs: 10, burns: true };
      case 'never':
        return { kind: 'bury', code: error.code };
      case 'after':
        return error.retryAfterMs === undefined ? { kind: 'retry', code: error.code, burns: false } : { kind: 'retry', code: error.code, afterMs: error.retryAfterMs, burns: false };
      case 'later':
        return { kind: 'retry', code: error.code, burns: true };
    }
  }
}

/** Waits for the work, at most `ms`; true when the work ended in time. Never rejects. */
export async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const ended = await Promise.race([work.then(() => true, () => true), limit]);
  clearTimeout(timer);
  return ended;
}
