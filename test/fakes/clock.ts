/** A clock that only moves when a test says so. Starts on a Monday morning in Beijing. */
export interface FakeClock {
  readonly now: () => number;
  advance(ms: number): void;
  set(at: number): void;
  /** Lets everything that is ready now run, without letting time pass. */
  settle(): Promise<void>;
}

export function createFakeClock(start = Date.parse('2026-11-23T09:00:00+08:00')): FakeClock {
  let at = start;
  return {
    now: () => at,
    advance: (ms) => {
      at += ms;
    },
    set: (value) => {
      at = value;
    },
    settle: async () => {
      for (let round = 0; round < 20; round += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
}
