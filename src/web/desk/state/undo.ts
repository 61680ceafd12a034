import { signal, type ReadonlySignal } from '@preact/signals';
import type { Ports, TimerHandle } from '../../shared/ports.ts';

/** Something that was clicked and is not done yet. */
export interface Waiting {
  readonly id: number;
  /** What it concerns; a second action on the same thing carries out the first. */
  readonly key: string;
  readonly text: string;
  readonly until: number;
}

export interface Undo {
  readonly waiting: ReadonlySignal<readonly Waiting[]>;
  /** Does it after the pause; `last` tells `run` that the page is being left, `back` is done when it is taken back. */
  later(key: string, text: string, run: (last: boolean) => void, back?: () => void): void;
  /** Takes back the newest, or the one of this key. False: there was none. */
  undo(key?: string): boolean;
  /** Does it now: one, or all because the page is left. */
  hurry(key?: string, last?: boolean): void;
  /** Forgets everything: whoever clicked has left. */
  clear(): void;
}

export const UNDO_MS = 5_000;

/** A pause in which a wrong click can be taken back. What waits is done at once when the page is left. */
export function createUndo(ports: Pick<Ports, 'now' | 'after'>): Undo {
  const waiting = signal<readonly Waiting[]>([]);
  const jobs = new Map<number, { readonly timer: TimerHandle; readonly run: (last: boolean) => void; readonly back: () => void }>();
  let number = 0;

  function drop(one: Waiting) {
    const job = jobs.get(one.id);
    jobs.delete(one.id);
    job?.timer.cancel();
    waiting.value = waiting.value.filter((other) => other.id !== one.id);
    return job;
  }
  const ofKey = (key: string | undefined): readonly Waiting[] => waiting.value.filter((one) => key === undefined || one.key === key);

  return {
    waiting,
    later(key, text, run, back = () => undefined) {
      for (const one of ofKey(key)) drop(one)?.run(false);
      const one: Waiting = { id: (number += 1), key, text, until: ports.now() + UNDO_MS };
      jobs.set(one.id, { run, back, timer: ports.after(UNDO_MS, () => drop(one)?.run(false)) });
      waiting.value = [...waiting.value, one];
    },
    undo(key) {
      const one = ofKey(key).at(-1);
      if (one === undefined) return false;
      drop(one)?.back();
      return true;
    },
    hurry(key, last = false) {
      for (const one of ofKey(key)) drop(one)?.run(last);
    },
    clear() {
      for (const one of waiting.value) drop(one);
    },
  };
}
