import type { TimerHandle } from './contract.ts';

/** How the spool waits: for the store with patience, and for the one before in an address. */

export type Outcome<Result> = { readonly kind: 'ok'; readonly value: Result } | { readonly kind: 'failed'; readonly error: unknown } | { readonly kind: 'late' };

export interface Patience {
  /**
   * `late`: it goes on, nobody waits for it, and whatever it does may be done again.
   * @param background ends early with `hurry`
   */
  within<Result>(ms: number, work: () => Promise<Result>, background?: boolean): Promise<Outcome<Result>>;
  /** Lets time pass; ends early with `hurry`. */
  pause(ms: number): Promise<void>;
  /** A stop waits for nothing that others do, from now on. */
  hurry(): void;
}

export function createPatience(timers: { after(ms: number, run: () => void): TimerHandle }): Patience {
  const ends = new Set<() => void>();
  /** Who begins to wait only after a stop was asked for would not be ended by it. */
  let hurried = false;
  return {
    within: (ms, work, background = false) =>
      new Promise((resolve) => {
        const tooLate = (): void => settle({ kind: 'late' });
        // A process that stood still hears of the time before it hears of anything else: what was done meanwhile is heard first.
        const timer = timers.after(ms, () => void setImmediate(() => void setImmediate(tooLate)));
        if (background) ends.add(tooLate);
        const settle = (outcome: Parameters<typeof resolve>[0]): void => {
          timer.cancel();
          ends.delete(tooLate);
          resolve(outcome);
        };
        if (background && hurried) tooLate();
        work().then((value) => settle({ kind: 'ok', value }), (error: unknown) => settle({ kind: 'failed', error }));
      }),
    pause: (ms) =>
      new Promise((resolve) => {
        if (hurried) return resolve();
        const end = (): void => {
          timer.cancel();
          ends.delete(end);
          resolve();
        };
        const timer = timers.after(ms, end);
        ends.add(end);
      }),
    hurry() {
      hurried = true;
      for (const end of Array.from(ends)) end();
    },
  };
}

/** Runs works that share a key one after the other, others at once. */
export function createTurns(): <Result>(keys: readonly string[], work: () => Promise<Result>) => Promise<Result> {
  const turns = new Map<string, Promise<unknown>>();
  return async (keys, work) => {
    const before = keys.flatMap((key) => turns.get(key) ?? []);
    const result = before.length > 0 ? Promise.all(before).then(work) : work();
    const settled = Promise.allSettled([result]);
    for (const key of keys) turns.set(key, settled);
    try {
      return await result;
    } finally {
      for (const key of keys) if (turns.get(key) === settled) turns.delete(key);
    }
  };
}

/** Lets somebody wait for a state that others bring about. */
export interface Changes {
  /** Something has changed: whoever waits looks again. */
  told(): void;
  until(over: () => boolean): { readonly happened: Promise<void>; readonly forget: () => void };
}

export function createChanges(): Changes {
  const lookers = new Set<() => void>();
  return {
    told: () => {
      for (const look of lookers) look();
    },
    until: (over) => {
      let look = (): void => {};
      const happened = new Promise<void>((resolve) => {
        look = () => {
          if (!over()) return;
          lookers.delete(look);
          resolve();
        };
        lookers.add(look);
      });
      return { happened, forget: () => void lookers.delete(look) };
    },
  };
}
