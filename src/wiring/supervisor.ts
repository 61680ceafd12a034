import type { Log } from '../intake/context.ts';

/** Who watches over the processes of one machine: in which order they start, what happens when one ends. Starts nothing itself. */
export interface Supervisor {
  begin(): void;
  /** The process of this number listens. */
  listens(slot: number): void;
  ended(slot: number, how: Ending): void;
  /** Ends all of them in order. */
  stop(signal: string): void;
  /** The exit code of it all: 0 only when every process that listened ended in order. */
  readonly done: Promise<number>;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface SupervisorGiven {
  readonly processes: number;
  /** Starts the process of this number. `greets`: the very first one, which tells the operator where to sign in. Returns how to send it SIGTERM. */
  readonly fork: (slot: number, given: { readonly greets: boolean }) => () => void;
  readonly now: () => number;
  /** Calls back later; returns how to forget it. */
  readonly later: (ms: number, act: () => void) => () => void;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
}

/** One that ends before it listens, or so soon after, has died at once, ms. */
export const AT_ONCE_MS = 1_000;
/** So often in a row, and something is wrong that a start does not mend. */
export const MAX_AT_ONCE = 5;
const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 10_000;

interface Slot {
  running: { readonly end: () => void; listensSince: number | null } | null;
  atOnce: number;
  forget: (() => void) | null;
  begun: boolean;
}

/**
 * Starts the first process, and each further one when the one before it listens: secrets, migrations and the first
 * administrator are made once. Before the first one has ever listened its end is the end, with its code, as it is without
 * a supervisor; later a process that ends is started anew, after a while that doubles while it dies at once.
 */
export function createSupervisor({ processes, fork, now, later, log }: SupervisorGiven): Supervisor {
  const slots: Slot[] = Array.from({ length: processes }, () => ({ running: null, atOnce: 0, forget: null, begun: false }));
  let listened = false;
  let stopping = false;
  let exitCode = 0;
  let finish: (code: number) => void = () => undefined;
  const done = new Promise<number>((resolve) => {
    finish = resolve;
  });

  const start = (index: number): void => {
    const slot = slots[index];
    if (slot === undefined || stopping) return;
    const greets = !slots.some(({ begun }) => begun);
    slot.begun = true;
    slot.forget = null;
    slot.running = { end: fork(index, { greets }), listensSince: null };
  };

  const stop = (): void => {
    stopping = true;
    for (const slot of slots) {
      slot.forget?.();
      slot.running?.end();
    }
    finishWhenAllEnded();
  };

  const finishWhenAllEnded = (): void => {
    if (slots.every(({ running }) => running === null)) finish(exitCode);
  };

  return {
    begin: () => start(0),
    listens: (index) => {
      const running = slots[index]?.running ?? null;
      if (running === null || running.listensSince !== null) return;
      running.listensSince = now();
      listened = true;
      const next = slots.findIndex(({ begun }) => !begun);
      if (next >= 0) start(next);
      else if (slots.every((slot) => slot.running !== null && slot.running.listensSince !== null)) log.info({ processes }, 'all processes listen');
    },
    ended: (index, { code, signal }) => {
      const slot = slots[index];
      if (slot === undefined || slot.running === null) return;
      const { listensSince } = slot.running;
      slot.running = null;
      if (stopping) {
        if (listensSince !== null && code !== 0) {
          exitCode = 1;
          log.error({ process: index + 1, code, signal }, 'a process did not end in order');
        }
        return finishWhenAllEnded();
      }
      if (!listened) return finish(code === null || code === 0 ? 1 : code);
      slot.atOnce = listensSince === null || now() - listensSince < AT_ONCE_MS ? slot.atOnce + 1 : 0;
      if (slot.atOnce >= MAX_AT_ONCE) {
        log.error({ process: index + 1, code, signal, times: slot.atOnce }, 'a process died at once again and again: the house ends');
        exitCode = 1;
        return stop();
      }
      const waitMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** slot.atOnce);
      log.warn({ process: index + 1, code, signal, waitMs }, 'a process ended by itself: it is started anew');
      slot.forget = later(waitMs, () => start(index));
    },
    stop: (signal) => {
      if (stopping) return;
      log.info({ signal }, 'stopping: every process drains');
      stop();
    },
    done,
  };
}
