import type { Conversation } from '../domain/conversation.ts';
import type { Repositories } from './contract.ts';

/**
 * What a passage on SQLite has read of a conversation and what hangs on it, for as long as it must be so: nobody else's writing shows
 * within a transaction, and our own ends it. The first read of a turn brings what the next ones ask for. On PostgreSQL another
 * transaction may commit between two statements: nothing is remembered there.
 */
export interface Recall {
  remember(facts: TurnFacts): void;
  /** Null: nothing was read yet, or something was written since. */
  facts(): TurnFacts | null;
  /** A passage begins. */
  forget(): void;
}

export interface TurnFacts {
  readonly conversation: Conversation;
  /** The number to call back at, sealed. */
  readonly phoneSealed: string | null;
  /** Something waits at the door for the citizen (`TicketNoticeRepository.atTheDoor`). */
  readonly door: boolean;
  /** Of the lane of the conversation's turns: when its lease ends, and from when a row waits in it (0: one that blocks). Null: none. */
  readonly leaseUntil: number | null;
  readonly waitsFrom: number | null;
}

/** Name of the lane whose state `TurnFacts` tells. */
export const turnLane = (conversationId: string): string => `turn:${conversationId}`;

/** Statements that wrote through one connection. */
export interface Writes {
  count: number;
}

const writesOf = new WeakMap<object, Writes>();

/** For the driver: this handle tells of every write, before it happens. */
export function countWrites(handle: object): Writes {
  const writes = { count: 0 };
  writesOf.set(handle, writes);
  return writes;
}

/** Null where the driver does not count, or others may write meanwhile. */
export function writesThrough(handle: object): Writes | null {
  return writesOf.get(handle) ?? null;
}

export function createRecall(handle: object): Recall {
  const writes = writesThrough(handle);
  let known: TurnFacts | null = null;
  let at = 0;
  return {
    remember(facts) {
      if (writes === null) return;
      known = facts;
      at = writes.count;
    },
    facts: () => (known !== null && writes?.count === at ? known : null),
    forget() {
      known = null;
    },
  };
}

const recalls = new WeakMap<Repositories, Recall>();

export function bindRecall(repositories: Repositories, recall: Recall): Repositories {
  recalls.set(repositories, recall);
  return repositories;
}

export function recallOf(repositories: Repositories): Recall | null {
  return recalls.get(repositories) ?? null;
}
