import type { EpochMs, Role } from '../domain/activity.ts';

/**
 * What one node tells the others, so that a socket here hears of a turn that was committed there. Ids only, never words
 * of a citizen. News may be lost or come twice: whoever hears it reads the store, and whoever misses it finds the same by
 * watermark, poll or sweep.
 */
export type NewsItem =
  | { readonly kind: 'activity'; readonly conversationId: string; readonly activityId: string }
  | { readonly kind: 'typing'; readonly conversationId: string; readonly role: Role }
  | { readonly kind: 'conversation'; readonly conversationId: string }
  | { readonly kind: 'ticket'; readonly ticketId: string; readonly conversationId: string | null }
  | { readonly kind: 'receipt'; readonly conversationId: string; readonly activityId: string; readonly status: 'delivered' | 'retrying' | 'failed'; readonly code: string | null; readonly at: EpochMs }
  | { readonly kind: 'emergency'; readonly conversationId: string; readonly category: string }
  /** A private note was written; the words are read from the store. */
  | { readonly kind: 'note'; readonly conversationId: string; readonly noteId: string; readonly mentions: readonly string[] }
  | { readonly kind: 'offer'; readonly conversationId: string; readonly groupId: string; readonly seatId: string; readonly until: EpochMs | null; readonly offer: 'queue' | 'transfer' }
  | { readonly kind: 'presence'; readonly seatIds: readonly string[] }
  | { readonly kind: 'queue'; readonly groupIds: readonly string[] }
  /** A campaign of calls has gone on. */
  | { readonly kind: 'campaign'; readonly campaignId: string }
  /** A person has gone on with an inspection that concerns these seats. */
  | { readonly kind: 'inspection'; readonly inspectionId: string; readonly move: 'judge' | 'appeal' | 'rejudge'; readonly seatIds: readonly string[] }
  /** The turn of this inbound activity is committed: a webhook may be waiting for it. */
  | { readonly kind: 'turned'; readonly activityId: string }
  /** Knowledge was published or taken back: read the changes. */
  | { readonly kind: 'knowledge' }
  /** Items or dispatch rules were published: look for the versions in force. */
  | { readonly kind: 'catalogue' }
  /** Outbox rows were committed: somebody with the role `worker` should look. */
  | { readonly kind: 'work' };

export interface News {
  /** To every other node. Gathers what comes within a moment into one message; never throws, never waits, drops when there is no connection. */
  publish(item: NewsItem): void;
  /** Hears the other nodes, not this one. Returns how to stop hearing. */
  subscribe(listener: (items: readonly NewsItem[]) => void): () => void;
  /** Connects; resolves when it hears, or at once when the server is away (it goes on trying). */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** For /readyz and /metrics. */
  connected(): boolean;
}
