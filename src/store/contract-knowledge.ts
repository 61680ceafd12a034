import type { EpochMs } from '../domain/activity.ts';
import type { KnowledgeEntry } from '../domain/knowledge.ts';

/** What the store keeps of the knowledge base: entries as they are now, their revisions, the editors' tasks, the gaps. */

/** Who made the published text: `file` rows follow config/knowledge at start, `desk` rows belong to the editors. */
export type KnowledgeOrigin = 'file' | 'desk';

/** An entry as citizens and seats get it now, or that it was taken back. */
export interface KnowledgeRow {
  readonly id: string;
  readonly state: 'published' | 'retired';
  readonly origin: KnowledgeOrigin;
  /** Number of the published revision, from 1. */
  readonly revision: number;
  readonly entry: KnowledgeEntry;
  /** Grows with every change of any row: a node that has read up to here asks for what is after. */
  readonly changeSeq: number;
  readonly updatedAt: EpochMs;
}

export interface KnowledgeFilter {
  readonly state?: KnowledgeRow['state'];
  readonly module?: KnowledgeEntry['module'];
  readonly department?: string;
  readonly owner?: string;
  /** Rows with a greater id, in the order of ids: the next page. */
  readonly afterId?: string;
  readonly limit: number;
}

/** An entry that somebody has to see to by a day. Its task has the key `<kind>:<id>:<on>`. */
export interface FallingEntry {
  readonly kind: 'review' | 'expiry';
  readonly id: string;
  readonly on: string;
  readonly question: string;
  /** Username; null: the editors together. */
  readonly owner: string | null;
}

export interface KnowledgeRepository {
  /**
   * Follows the files (config/knowledge): puts what is new or changed, retires what is gone. Rows of origin `desk` are
   * left alone. Returns how many changed.
   */
  sync(entries: readonly KnowledgeEntry[], now: EpochMs): Promise<number>;
  /** Every published entry, by id. */
  all(): Promise<readonly KnowledgeEntry[]>;
  /** The published entry; null when there is none or it is retired. */
  get(id: string): Promise<KnowledgeEntry | null>;
  row(id: string): Promise<KnowledgeRow | null>;
  list(filter: KnowledgeFilter): Promise<readonly KnowledgeRow[]>;
  counts(): Promise<Readonly<Record<KnowledgeEntry['module'], number>>>;
  /** Rows changed after `changeSeq`, in that order, retired ones included. */
  changes(afterSeq: number, limit: number): Promise<readonly KnowledgeRow[]>;
  /** The greatest changeSeq; 0 for an empty table. Cheap: nodes ask every second. */
  changeSeq(): Promise<number>;
  /** Puts the entry as published (a new row or a new revision of it). A text without a revision that it takes the place of (from the files) becomes one, so that one can go back to it. AppError `knowledge.conflict` when the row is at this revision or beyond. */
  publish(given: { readonly entry: KnowledgeEntry; readonly revision: number; readonly origin: KnowledgeOrigin; readonly now: EpochMs }): Promise<KnowledgeRow>;
  /** Published entries to be looked at again, or that expire, up to these days (`YYYY-MM-DD`), for which no task of that day has ever been made; earliest first. */
  falling(given: { readonly reviewBy: string; readonly expiryBy: string; readonly limit: number }): Promise<readonly FallingEntry[]>;
  /** Taken back by the editors, whose row it is from then on (the files do not bring it back). False when it is not published. */
  retire(id: string, now: EpochMs): Promise<boolean>;
}

/**
 * One revision of an entry. `draft` → `review` → `approved` (waits for publishAt) → `published`; `returned` goes back to its
 * author; a later publication makes it `replaced`; `retired` marks the decision to take the entry back.
 */
export type RevisionState = 'draft' | 'review' | 'returned' | 'approved' | 'published' | 'replaced' | 'retired' | 'dropped';

export interface KnowledgeRevision {
  readonly id: string;
  readonly entryId: string;
  /** 1, 2, 3 … within the entry. */
  readonly number: number;
  readonly state: RevisionState;
  readonly entry: KnowledgeEntry;
  /** `publish`: the text above is to be published; `retire`: the entry is to be taken back. */
  readonly wish: 'publish' | 'retire';
  /** Published revision that it was written from; null for a new entry. */
  readonly basedOn: number | null;
  /** Seat ids; `system` for a text that no seat wrote here (config/knowledge, an import). */
  readonly author: string;
  /** Who last changed the text: may not review it either. */
  readonly editedBy: string;
  readonly reviewer: string | null;
  /** What the author changed and why; what the reviewer said. */
  readonly note: string | null;
  readonly verdict: string | null;
  readonly publishAt: EpochMs | null;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  readonly decidedAt: EpochMs | null;
  /** For optimistic updates. */
  readonly version: number;
}

export interface RevisionRepository {
  /** Gives the next number of the entry. AppError `knowledge.draft_open` when another open revision (draft, review, returned, approved) of it exists. */
  create(draft: Pick<KnowledgeRevision, 'id' | 'entryId' | 'entry' | 'wish' | 'basedOn' | 'author' | 'note'> & { readonly now: EpochMs; readonly state?: RevisionState }): Promise<KnowledgeRevision>;
  get(id: string): Promise<KnowledgeRevision | null>;
  ofEntry(entryId: string, limit: number): Promise<readonly KnowledgeRevision[]>;
  openOf(entryId: string): Promise<KnowledgeRevision | null>;
  /** Oldest first. */
  list(filter: { readonly states: readonly RevisionState[]; readonly entryId?: string; readonly author?: string; readonly limit: number; readonly afterId?: string }): Promise<readonly KnowledgeRevision[]>;
  /** Approved revisions whose publishAt has come. */
  due(now: EpochMs, limit: number): Promise<readonly KnowledgeRevision[]>;
  /** AppError `knowledge.conflict` (retry `conflict`) when `version` is stale. */
  update(id: string, version: number, change: Partial<Pick<KnowledgeRevision, 'state' | 'entry' | 'editedBy' | 'reviewer' | 'note' | 'verdict' | 'publishAt' | 'decidedAt'>>, now: EpochMs): Promise<KnowledgeRevision>;
}

/** What an editor has to do: seats' notes, reviews that fall due, entries that expire, lint findings, gaps. */
export type KnowledgeTaskKind = 'wrong' | 'missing' | 'unclear' | 'review' | 'expiry' | 'lint' | 'gap';

export interface KnowledgeTask {
  readonly id: string;
  /** What makes it one task however often it is found: `review:<entry>:<day>`. Unique. */
  readonly key: string;
  readonly kind: KnowledgeTaskKind;
  readonly entryId: string | null;
  /** Username; null: all editors. */
  readonly owner: string | null;
  /** Masked. */
  readonly text: string;
  readonly conversationId: string | null;
  /** Seat id, or `system`. */
  readonly createdBy: string;
  readonly createdAt: EpochMs;
  /** `YYYY-MM-DD`, Beijing. */
  readonly dueOn: string | null;
  readonly state: 'open' | 'done' | 'dismissed';
  readonly closedBy: string | null;
  readonly closedAt: EpochMs | null;
  readonly outcome: string | null;
}

export interface KnowledgeTaskRepository {
  /** False when a task with this key is there already. */
  add(task: Omit<KnowledgeTask, 'state' | 'closedBy' | 'closedAt' | 'outcome'>): Promise<boolean>;
  get(id: string): Promise<KnowledgeTask | null>;
  byKey(key: string): Promise<KnowledgeTask | null>;
  /** Oldest due first, then oldest. `owner`: those of this username and those of all editors. */
  list(filter: { readonly state?: KnowledgeTask['state']; readonly kinds?: readonly KnowledgeTaskKind[]; readonly entryId?: string; readonly owner?: string; readonly limit: number }): Promise<readonly KnowledgeTask[]>;
  /** False when it is not open. */
  close(id: string, given: { readonly state: 'done' | 'dismissed'; readonly by: string; readonly outcome: string | null; readonly now: EpochMs }): Promise<boolean>;
  openCount(): Promise<number>;
}

export interface KnowledgeMemoRepository {
  /** The seat opened the entry. */
  opened(seatId: string, entryId: string, now: EpochMs): Promise<void>;
  /** Entry ids, newest first. */
  recent(seatId: string, limit: number): Promise<readonly string[]>;
  pin(seatId: string, entryId: string, now: EpochMs): Promise<void>;
  unpin(seatId: string, entryId: string): Promise<void>;
  pinned(seatId: string): Promise<readonly string[]>;
}

/** Why a question is a gap: nothing found, found with a low score, or the citizen said that the answer did not help. */
export type GapKind = 'unanswered' | 'low' | 'unhelpful';

/** One question of one conversation, masked. */
export interface KnowledgeGap {
  readonly id: string;
  readonly conversationId: string;
  readonly kind: GapKind;
  readonly question: string;
  readonly bestId: string | null;
  readonly bestScore: number;
  readonly at: EpochMs;
  readonly clusterId: string | null;
}

/** Gaps that ask the same, gathered daily. */
export interface GapCluster {
  readonly id: string;
  readonly state: 'open' | 'drafted' | 'added' | 'dismissed';
  /** The wording nearest to all others. */
  readonly title: string;
  readonly samples: readonly string[];
  readonly count: number;
  readonly unhelpful: number;
  /** Nearest entry, if any. */
  readonly bestId: string | null;
  readonly bestScore: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  /** Entry that it led to. */
  readonly entryId: string | null;
  readonly closedBy: string | null;
}

export interface GapRepository {
  add(gap: Omit<KnowledgeGap, 'clusterId'>): Promise<void>;
  latest(limit: number): Promise<readonly KnowledgeGap[]>;
  /** Gaps without a cluster, oldest first. */
  unclustered(limit: number): Promise<readonly KnowledgeGap[]>;
  assign(gapIds: readonly string[], clusterId: string): Promise<void>;
  putCluster(cluster: GapCluster): Promise<void>;
  cluster(id: string): Promise<GapCluster | null>;
  /** Most asked first. */
  clusters(filter: { readonly states: readonly GapCluster['state'][]; readonly since?: EpochMs; readonly limit: number }): Promise<readonly GapCluster[]>;
  ofCluster(clusterId: string, limit: number): Promise<readonly KnowledgeGap[]>;
}
