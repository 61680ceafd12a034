/**
 * Keeps one partner from holding up everybody: at most so many sends at once, and none for a while when its server is down. In memory,
 * of one process; what is turned away waits in the outbox.
 */
export interface Valve {
  /** Null: go, and call `left` afterwards. Else ms to come back after. */
  enter(partnerId: string): number | null;
  left(partnerId: string, answered: boolean): void;
}

const AT_ONCE = 8;
/** First wait of one that finds it busy; the longer the queue, the later they come back, so that waiting costs little. */
const BUSY_MS = 500;
const BUSY_LONGEST_MS = 60_000;
/** Failures one after the other that close it, and for how long; then one is let through to try. */
const FAILURES = 5;
const CLOSED_MS = 30_000;

interface State {
  running: number;
  failures: number;
  closedUntil: number;
  turnedAway: number;
}

export function createValve(now: () => number): Valve {
  const partners = new Map<string, State>();
  const of = (id: string): State => {
    const known = partners.get(id) ?? { running: 0, failures: 0, closedUntil: 0, turnedAway: 0 };
    partners.set(id, known);
    return known;
  };
  return {
    enter: (id) => {
      const state = of(id);
      const closed = state.closedUntil - now();
      if (closed > 0) return closed;
      // After a rest it takes one good answer to open again.
      if (state.running >= (state.failures >= FAILURES ? 1 : AT_ONCE)) {
        state.turnedAway += 1;
        return Math.min(BUSY_LONGEST_MS, BUSY_MS * Math.ceil(state.turnedAway / AT_ONCE));
      }
      state.running += 1;
      return null;
    },
    left: (id, answered) => {
      const state = of(id);
      state.running -= 1;
      state.turnedAway = Math.max(0, state.turnedAway - 1);
      state.failures = answered ? 0 : state.failures + 1;
      if (state.failures >= FAILURES) state.closedUntil = now() + CLOSED_MS;
    },
  };
}
