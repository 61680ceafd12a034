import { fromPrimary, type FromChild, type Measures } from './messages.ts';

/** A process's own end: how it reaches the other processes of its machine. */
export interface SiblingLine {
  /** Its place among them, from 1. What one process does for the folder of all is done by the first. */
  readonly number: number;
  /** To every other process; dropped when the line is gone or the primary does not keep up. */
  tell(text: string): void;
  /** Returns how to stop hearing. */
  hear(listener: (text: string) => void): () => void;
  /** What the others measure, those that have ended among them, and how many did not answer in time. Never rejects. */
  gather(own: Measures): Promise<{ readonly measures: readonly Measures[]; readonly silent: number }>;
  /** Who answers when another one gathers. */
  answerWith(measure: () => Promise<Measures>): void;
  /** Hears that a process has ended, perhaps with something yet to say. Returns how to stop hearing. */
  hearLoss(listener: () => void): () => void;
  /** Processes that listen, and that there should be. */
  family(): { readonly up: number; readonly of: number };
  connected(): boolean;
}

/** What of a process's channel to its primary is used; `process` is one. */
export interface SiblingPort {
  readonly connected: boolean;
  send(message: FromChild, done: (error: Error | null) => void): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** Messages on their way at most; more news are dropped, as news may be lost. */
const MAX_UNSENT = 1_000;
/** The primary gives up on the others sooner. */
const PATIENCE_MS = 3_000;

export function createSiblingLine(port: SiblingPort, { number, processes }: { readonly number: number; readonly processes: number }): SiblingLine {
  const listeners = new Set<(text: string) => void>();
  const mourners = new Set<() => void>();
  const asked = new Map<number, (gathered: { readonly measures: readonly Measures[]; readonly silent: number }) => void>();
  let measure: (() => Promise<Measures>) | null = null;
  let family = { up: 1, of: processes };
  let unsent = 0;
  let nextId = 0;

  const send = (message: FromChild): void => {
    if (!port.connected) return;
    unsent += 1;
    // A primary that has just ended takes this process with it in a moment: nothing to be said about it.
    port.send(message, () => void (unsent -= 1));
  };

  const answer = async (id: number): Promise<void> => {
    const measures = await measure?.().catch(() => null);
    if (measures !== undefined && measures !== null) send({ yihu: 'answer', id, measures });
  };

  port.onMessage((message) => {
    const said = fromPrimary(message);
    switch (said?.yihu) {
      case 'news':
        for (const listener of new Set(listeners)) listener(said.text);
        break;
      case 'question':
        void answer(said.id);
        break;
      case 'gathered':
        asked.get(said.id)?.(said);
        break;
      case 'family':
        if (said.up < family.up) for (const mourner of new Set(mourners)) mourner();
        family = { up: said.up, of: said.of };
    }
  });

  return {
    number,
    tell: (text) => {
      if (unsent < MAX_UNSENT) send({ yihu: 'news', text });
    },
    hear: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    gather: async (own) => {
      const id = nextId;
      nextId += 1;
      let patience: NodeJS.Timeout | undefined;
      const gathered = await new Promise<{ readonly measures: readonly Measures[]; readonly silent: number }>((resolve) => {
        asked.set(id, resolve);
        patience = setTimeout(() => resolve({ measures: [], silent: Math.max(0, family.up - 1) }), PATIENCE_MS);
        send({ yihu: 'ask', id, measures: own });
      });
      clearTimeout(patience);
      asked.delete(id);
      return gathered;
    },
    answerWith: (how) => {
      measure = how;
    },
    hearLoss: (listener) => {
      mourners.add(listener);
      return () => void mourners.delete(listener);
    },
    family: () => family,
    connected: () => port.connected,
  };
}
