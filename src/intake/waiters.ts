/** Webhooks that wait for their turn inside the request (phone). In memory: a lost waiter only means a later answer. */
export interface TurnWaiters {
  /**
   * Resolves `done` when the turn of this activity is committed, `late` after the patience.
   * @param pending asks the store whether the turn is still to come; for turns that another node commits without our
   * hearing of it
   */
  wait(activityId: string, patienceMs: number, pending?: () => Promise<boolean>): { readonly outcome: Promise<'done' | 'late'>; readonly cancel: () => void };
  done(activityId: string): void;
  /** Does a webhook wait for this turn here? */
  waiting(activityId: string): boolean;
}

/** Between two looks into the store, ms. News is faster; this is for news that was lost. */
const LOOK_MS = 250;

export function createTurnWaiters(): TurnWaiters {
  const waiting = new Map<string, Set<() => void>>();
  return {
    wait: (activityId, patienceMs, pending) => {
      let finish: (outcome: 'done' | 'late') => void = () => {};
      const outcome = new Promise<'done' | 'late'>((resolve) => {
        finish = resolve;
      });
      let look: NodeJS.Timeout | undefined;
      let settled = false;
      const wake = () => settle('done');
      const timer = setTimeout(() => settle('late'), patienceMs);
      const settle = (result: 'done' | 'late'): void => {
        settled = true;
        clearTimeout(timer);
        clearTimeout(look);
        const set = waiting.get(activityId);
        set?.delete(wake);
        if (set?.size === 0) waiting.delete(activityId);
        finish(result);
      };
      const lookLater = (ask: () => Promise<boolean>): void => {
        look = setTimeout(() => void lookNow(ask), LOOK_MS);
      };
      const lookNow = async (ask: () => Promise<boolean>): Promise<void> => {
        // A store that does not answer is asked again; the patience ends it all the same.
        const still = await ask().catch(() => true);
        if (settled) return;
        if (still) lookLater(ask);
        else settle('done');
      };
      if (pending !== undefined) lookLater(pending);
      const set = waiting.get(activityId) ?? new Set();
      set.add(wake);
      waiting.set(activityId, set);
      return { outcome, cancel: () => settle('late') };
    },
    done: (activityId) => {
      for (const wake of new Set(waiting.get(activityId))) wake();
    },
    waiting: (activityId) => waiting.has(activityId),
  };
}
