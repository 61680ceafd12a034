/**
 * The matcher's outside shape. Pure: an index is built from entries, `match` ranks them for a question. It never
 * makes an answer up: below the lower threshold it abstains.
 */

/** What is indexed; a knowledge entry maps onto it. */
export interface MatchEntry {
  readonly id: string;
  readonly question: string;
  readonly variants?: readonly string[];
  readonly answer?: string;
  readonly category?: string;
  readonly keywords?: readonly string[];
  /** Town ids it is limited to; absent: everywhere. */
  readonly towns?: readonly string[];
  readonly department?: string;
  /** Item code. */
  readonly item?: string;
  /** First and last day on which it holds, `YYYY-MM-DD`; absent: no limit. */
  readonly from?: string;
  readonly until?: string;
}

/** What the conversation knows beside the question. Everything is optional; it only moves what is near. */
export interface MatchContext {
  /** Town id: entries of other towns are left out. */
  readonly town?: string | null;
  /** Item code that the conversation is about. */
  readonly item?: string | null;
  /** Entry that was answered last: “那要多少钱” goes on with it. */
  readonly lastId?: string | null;
  /** `YYYY-MM-DD`, Beijing: entries that do not hold on this day are left out. */
  readonly today?: string;
}

export interface MatchOptions {
  /** 5 unless told. */
  readonly limit?: number;
  readonly context?: MatchContext;
}

export interface MatchHit {
  readonly id: string;
  /** 0 to 1: probability that it is right, comparable across questions; the thresholds apply to it. */
  readonly score: number;
  /** Words of the question that found it, in the question's order: the explanation. */
  readonly matched: readonly string[];
  /** Why it stands where it stands, strongest first: feature names of the ranking with their share. Only when asked for (`explain`). */
  readonly why?: readonly { readonly feature: string; readonly share: number }[];
}

export type MatchDecision =
  | { readonly kind: 'answer'; readonly hit: MatchHit }
  /** Two or three candidates, best first, to be offered as choices; chosen to split the possibilities. */
  | { readonly kind: 'choices'; readonly hits: readonly MatchHit[] }
  /** Many candidates that differ in one respect: ask for it once. `options` are the answers that part them, at most four. */
  | { readonly kind: 'clarify'; readonly facet: 'item' | 'department' | 'word'; readonly options: readonly { readonly label: string; readonly ids: readonly string[] }[] }
  | { readonly kind: 'abstain' };

export interface MatchResult {
  readonly decision: MatchDecision;
  /** Best first, at most `limit`. */
  readonly ranked: readonly MatchHit[];
}

export interface Matcher {
  match(question: string, options?: MatchOptions & { readonly explain?: boolean }): MatchResult;
  readonly size: number;
}

/** A matcher that follows its knowledge base. Changes show in the next match. */
export interface LiveMatcher extends Matcher {
  /** Adds entries, or replaces those with the same id. */
  put(entries: readonly MatchEntry[]): void;
  remove(ids: readonly string[]): void;
  has(id: string): boolean;
  /** The whole index as bytes, for a start without building; read back by `openMatcher`. */
  snapshot(): Uint8Array;
}
