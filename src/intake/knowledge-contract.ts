import type { Every } from '../store/follow.ts';
import type { CityData } from '../config/city.ts';
import type { EpochMs } from '../domain/activity.ts';
import type { KnowledgeEntry } from '../domain/knowledge.ts';
import type { LiveMatcher, MatchEntry } from '../matcher/types.ts';
import type { Store } from '../store/contract.ts';
import type { KnowledgeSnapshot, Log } from './context.ts';

/** What the knowledge base of a process can do, and what it is made of. */

/** An index that follows its entries. Without `snapshot` it is built at every start. */
export interface LiveIndex extends Omit<LiveMatcher, 'snapshot'>, Partial<Pick<LiveMatcher, 'snapshot'>> {
  /** A slice of the work that changes have left; true while there is more. */
  maintain?(): boolean;
}

export interface IndexMaker {
  create(entries: readonly MatchEntry[]): LiveIndex;
  /** Reads `snapshot` back; throws when it cannot. Null: this index cannot be kept. */
  readonly open: ((bytes: Uint8Array) => LiveIndex) | null;
  /** Changes with everything that the bytes depend on (format, lexicon, model). */
  readonly fingerprint: string;
}

export interface KnowledgeStatus {
  /** Published entries, and those that a citizen may get today. */
  readonly entries: number;
  readonly open: number;
  readonly seq: number;
  /** When the store was last seen at `seq`. */
  readonly seenAt: EpochMs;
  readonly indexBytes: number;
  /** How this start came by its index. */
  readonly origin: 'disk' | 'built';
}

/** What has changed: ids of published entries that are new or other, and of those that are gone. */
export interface KnowledgeChange {
  readonly put: readonly string[];
  readonly removed: readonly string[];
}

/** The knowledge base of this process, as the store has it. */
export interface LiveKnowledge extends KnowledgeSnapshot {
  /** Looks for changes now; resolves when what was committed before is in the index. Never rejects. */
  look(): Promise<void>;
  /** Looks every second from here on, and keeps the file. */
  start(): void;
  stop(): Promise<void>;
  status(): KnowledgeStatus;
  /** Every published entry, today's or not, in no order. */
  entries(): Iterable<KnowledgeEntry>;
  watch(listener: (change: KnowledgeChange) => void): () => void;
  /** The citizens' index of a day as it would be with a change; made in slices beside everything else. */
  trial(change: TrialChange, day: string): Promise<LiveIndex>;
}

/** `put`: this entry instead of what has its id now, or null when there is none any more. */
export interface TrialChange {
  readonly id: string;
  readonly put: KnowledgeEntry | null;
}

export interface LiveKnowledgeOptions {
  readonly store: Pick<Store, 'read'>;
  readonly city: Pick<CityData, 'departments'>;
  readonly now: () => EpochMs;
  readonly index: IndexMaker;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Where the index is kept, and which database it belongs to; null: nowhere. */
  readonly file: { readonly path: string; readonly base: string } | null;
  /** `everyMs` unless told. */
  readonly every?: Every;
}
