import { codeOf } from '../domain/errors.ts';

/** The same trouble is told again after this time at the earliest. */
const REPEAT_MS = 60_000;

/** Tells each trouble by its code, but not each of its repetitions: a server that is away fails many times a second. */
export function tellSeldom(tell: (code: string) => void): (error: unknown) => void {
  const toldAt = new Map<string, number>();
  return (error) => {
    const code = codeOf(error);
    const now = performance.now();
    const before = toldAt.get(code);
    if (before !== undefined && now - before < REPEAT_MS) return;
    toldAt.set(code, now);
    tell(code);
  };
}
