import type { JsonValue } from '../domain/json.ts';
import { createRecent } from '../domain/recent.ts';

/**
 * Dialog states of the conversations that spoke last, as this process committed them: the next turn need not read and unseal
 * what it wrote a moment ago. Every change of a state changes its conversation's version in the same transaction, so a
 * state counts only for the version that was read in the turn's own transaction; another node's turn makes it void.
 */
export interface StateMemory {
  /** Undefined: not known for this version, to be read. */
  get(conversationId: string, version: number): JsonValue | undefined;
  /** After the commit. The state must not be changed by anybody afterwards. */
  put(conversationId: string, version: number, state: JsonValue): void;
}

const MOST = 4_096;

export function createStateMemory(most = MOST): StateMemory {
  const states = createRecent<{ readonly version: number; readonly state: JsonValue }>(most);
  return {
    get: (conversationId, version) => {
      const known = states.get(conversationId);
      return known?.version === version ? known.state : undefined;
    },
    put: (conversationId, version, state) => states.set(conversationId, { version, state }),
  };
}
