import type { TimerHandle } from '../../../src/web/shared/ports.ts';

export interface FakeClock {
  now(): number;
  after(ms: number, run: () => void): TimerHandle;
  /** Moves on, running what falls due in order; promises settle between the timers. */
  advance(ms: number): Promise<void>;
  /** Lets promises settle without moving on. */
  settle(): Promise<void>;
  pending(): number;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export function createFakeClock(start = 1_764_000_000_000): FakeClock {
  let now = start;
  let order = 0;
  const timers = new Set<Timer>();
  // Reading a Response takes turns of the event loop, not only microtasks; no chain under test is longer than this.
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    now: () => now,
    after(ms, run) {
      const timer: Timer = { at: now + Math.max(0, ms), order: (order += 1), run };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const due = [...timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
        if (due === undefined) break;
        timers.delete(due);
        now = Math.max(now, due.at);
        due.run();
        await settle();
      }
      now = end;
      await settle();
    },
    settle,
    pending: () => timers.size,
  };
}
