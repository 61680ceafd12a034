/** Which sessions ended: one (signed out), or all of a seat (deactivated, another role or password). */
export type Ended = { readonly tokenHash: string } | { readonly seatId: string };

export interface EndedSessions {
  tell(which: Ended): void;
  listen(listener: (which: Ended) => void): () => void;
}

/** In this process only: sockets at another node notice at their next beat. */
export function createEndedSessions(): EndedSessions {
  const listeners = new Set<(which: Ended) => void>();
  return {
    tell: (which) => {
      for (const listener of listeners) listener(which);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
