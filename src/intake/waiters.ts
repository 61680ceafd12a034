/** Webhooks that wait for their turn inside the request (phone). In memory: a lost waiter only means a later answer. */
export interface TurnWaiters {
  /** Resolves `done` when the turn of this activity is committed here, `late` after the patience. */
  wait(activityId: string, patienceMs: number): { readonly outcome: Promise<'done' | 'late'>; readonly cancel: () => void };
  done(activityId: string): void;
}

export function createTurnWaiters(): TurnWaiters {
  const waiting = new Map<string, Set<() => void>>();
  return {
    wait: (activityId, patienceMs) => {
      let finish: (outcome: 'done' | 'late') => void = () => {};
      const outcome = new Promise<'done' | 'late'>((resolve) => {
        finish = resolve;
      });
      const wake = () => settle('done');
      const timer = setTimeout(() => settle('late'), patienceMs);
      const settle = (result: 'done' | 'late'): void => {
        clearTimeout(timer);
        const set = waiting.get(activityId);
        set?.delete(wake);
        if (set?.size === 0) waiting.delete(activityId);
        finish(result);
      };
      const set = waiting.get(activityId) ?? new Set();
      set.add(wake);
      waiting.set(activityId, set);
      return { outcome, cancel: () => settle('late') };
    },
    done: (activityId) => {
      for (const wake of new Set(waiting.get(activityId))) wake();
    },
  };
}
