import type { KnowledgeEntry, KnowledgeModule } from '../../domain/knowledge.ts';

/**
 * Search as one types, for seats and editors: over every published entry, those for the desk included. Unlike the
 * matcher it does not judge; it finds what holds the typed letters, by characters or by sound, and says where.
 */

/** Does the entry hold today? `due`: it holds, but the day of its review has come. */
export type EntryState = 'valid' | 'due' | 'expired' | 'coming';

export interface FinderQuery {
  /** As typed so far. Empty: everything, what is pinned and recent first. */
  readonly text: string;
  /** `YYYY-MM-DD`, Beijing. */
  readonly today: string;
  readonly module?: KnowledgeModule;
  /** Department id; entries that also cover its matters count. */
  readonly department?: string;
  /** Town id; entries for the whole city count. */
  readonly town?: string;
  readonly state?: EntryState;
  /** Ids, newest first, and ids the seat has pinned: they break ties. */
  readonly recent?: readonly string[];
  readonly pinned?: readonly string[];
  /** 20 unless told. */
  readonly limit?: number;
  readonly offset?: number;
}

/** From and to (exclusive), in UTF-16 units of the text that it belongs to. */
export type TextRange = readonly [number, number];

export interface MarkedText {
  readonly text: string;
  readonly ranges: readonly TextRange[];
}

export type FoundIn = 'question' | 'wording' | 'keyword' | 'answer';

export interface FinderHit {
  readonly entry: KnowledgeEntry;
  readonly state: EntryState;
  /** For ordering only; comparable within one result. */
  readonly score: number;
  /** Words of the query that the entry holds, folded. */
  readonly matched: readonly string[];
  /** Best place in which a word was found; null for an empty query. */
  readonly foundIn: FoundIn | null;
  /** In the standard question. */
  readonly ranges: readonly TextRange[];
  /** The wording that was found when the question was not. */
  readonly wording: MarkedText | null;
  /** A piece of the answer, around what was found there. */
  readonly snippet: MarkedText;
}

export interface FinderResult {
  readonly hits: readonly FinderHit[];
  /** How many entries were found altogether. */
  readonly total: number;
  /** There are more: so many were found that the search ended. */
  readonly atLeast: boolean;
  /** True when no entry holds all words: these hold some. */
  readonly relaxed: boolean;
  /** How many there are per module (whatever module is chosen) and department (likewise). Zeros are left out. */
  readonly facets: { readonly modules: Readonly<Record<string, number>>; readonly departments: Readonly<Record<string, number>> };
}

export interface Finder {
  /** Adds entries, or replaces those with the same id. Cheap: they are read in `ready` or with the next search. */
  put(entries: readonly KnowledgeEntry[]): void;
  remove(ids: readonly string[]): void;
  /** Reads up to `most` of the entries that were put; true when none is left. Lets a host build in slices. */
  ready(most?: number): boolean;
  search(query: FinderQuery): FinderResult;
  get(id: string): KnowledgeEntry | null;
  readonly size: number;
}
