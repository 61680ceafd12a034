/** Following what others write into the store: a look when one is told, and one every second in case the telling was lost. */

/** Between two looks: a change shows after two seconds at most, news or not. */
export const LOOK_MS = 1_000;

/** Runs something every so many ms; returns how to stop it. */
export type Every = (ms: number, run: () => void) => () => void;

/** By a timer that keeps no process alive. */
export const everyMs: Every = (ms, run) => {
  const timer = setInterval(run, ms);
  timer.unref();
  return () => clearInterval(timer);
};

export interface Follower {
  /** Who asks while a look is under way waits for one that begins after the asking. Never rejects. */
  look(): Promise<void>;
  start(): void;
  /** The look that is under way is finished. */
  stop(): Promise<void>;
}

export interface FollowOptions {
  /** One look. What it throws is told once, and again only after a look that went well. */
  readonly look: () => Promise<void>;
  readonly troubled: (error: unknown) => void;
  readonly every?: Every | undefined;
  /** With each tick of the timer. */
  readonly beside?: () => void;
}

export function createFollower({ look: lookOnce, troubled, every = everyMs, beside }: FollowOptions): Follower {
  let looking: Promise<void> | null = null;
  let again = false;
  let inTrouble = false;
  let stopEvery: (() => void) | null = null;

  const attempt = async (): Promise<void> => {
    try {
      await lookOnce();
      inTrouble = false;
    } catch (error) {
      // What held a moment ago goes on holding; it looks again in a second.
      if (!inTrouble) troubled(error);
      inTrouble = true;
    }
  };
  const look = (): Promise<void> => {
    if (looking !== null) {
      again = true;
      return looking;
    }
    looking = (async () => {
      do {
        again = false;
        await attempt();
      } while (again);
    })().finally(() => {
      looking = null;
    });
    return looking;
  };
  return {
    look,
    start: () => {
      stopEvery ??= every(LOOK_MS, () => {
        void look();
        beside?.();
      });
    },
    stop: async () => {
      stopEvery?.();
      stopEvery = null;
      await looking;
    },
  };
}
