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
}

export interface MatchHit {
  readonly id: string;
  /** 0 to 1, comparable across questions; the thresholds apply to it. */
  readonly score: number;
  /** Words of the question that found it, in the question's order: the explanation. */
  readonly matched: readonly string[];
}

export type MatchDecision =
  | { readonly kind: 'answer'; readonly hit: MatchHit }
  /** Two or three candidates, best first, to be offered as choices. */
  | { readonly kind: 'choices'; readonly hits: readonly MatchHit[] }
  | { readonly kind: 'abstain' };

export interface MatchResult {
  readonly decision: MatchDecision;
  /** Best first, at most `limit`. */
  readonly ranked: readonly MatchHit[];
}

export interface Matcher {
  match(question: string, options?: { readonly limit?: number }): MatchResult;
  readonly size: number;
}
