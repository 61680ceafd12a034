import type { TimerHandle } from '../../src/intake/spool/contract.ts';
import type { FakeClock } from './clock.ts';

/** Timers on a fake clock: `pass` lets time go by and rings what falls due, in order. */
export interface FakeTimers {
  after(ms: number, run: () => void): TimerHandle;
  pass(ms: number): void;
  readonly waiting: () => number;
}

export function createFakeTimers(clock: FakeClock): FakeTimers {
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    after(ms, run) {
      const timer = { at: clock.now() + ms, run };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    pass(ms) {
      const end = clock.now() + ms;
      for (;;) {
        const next = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers.delete(next);
        clock.set(Math.max(clock.now(), next.at));
        next.run();
      }
      clock.set(end);
    },
    waiting: () => timers.size,
  };
}
