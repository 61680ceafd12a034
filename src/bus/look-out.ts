/** Looks when it is woken and otherwise when its sleep is over; never twice at the same time. */
export interface LookOut {
  wake(): void;
  /** Looks in `ms` at the latest, instead of when it had planned to. */
  later(ms: number): void;
  /** No look begins any more; resolves when the one under way has ended. */
  stop(): Promise<void>;
}

export interface LookOutWork {
  /** False: nothing could be done (no room), and whoever makes room wakes it. */
  readonly look: () => Promise<boolean>;
  /** How long to sleep when nobody wakes it, ms. */
  readonly plan: () => Promise<number>;
  /** A look or plan failed: how long to sleep now, ms. */
  readonly failed: (error: unknown) => number;
}

export function createLookOut({ look, plan, failed }: LookOutWork): LookOut {
  let wanted = false;
  let looking: Promise<void> | null = null;
  let stopped = false;
  let sleep: NodeJS.Timeout | null = null;

  const pump = async (): Promise<void> => {
    let able = true;
    try {
      while (wanted && able && !stopped) {
        wanted = false;
        able = await look();
      }
      if (able && !stopped) later(await plan());
    } catch (error) {
      later(failed(error));
    }
    looking = null;
    if (wanted && able && !stopped) start();
  };

  const start = (): void => {
    looking = pump();
  };

  const later = (ms: number): void => {
    if (stopped) return;
    if (sleep !== null) clearTimeout(sleep);
    sleep = setTimeout(wake, ms);
  };

  const wake = (): void => {
    wanted = true;
    if (looking === null && !stopped) start();
  };

  return {
    wake,
    later,
    stop: async () => {
      stopped = true;
      if (sleep !== null) clearTimeout(sleep);
      await looking;
    },
  };
}
