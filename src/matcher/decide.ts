import type { MatchDecision, MatchHit } from './types.ts';

export interface Thresholds {
  /** The best hit's score from which it is answered. */
  readonly answer: number;
  /** Sum of the three best scores from which they are offered as choices. */
  readonly choices: number;
  /** The third choice must reach this share of the first's score. */
  readonly worthOffering: number;
}

/** Chosen on the demo knowledge; see docs/matcher.md. */
export const THRESHOLDS: Thresholds = { answer: 0.5, choices: 0.35, worthOffering: 0.08 };

/**
 * Answers, offers two or three choices, or abstains. A score is a probability, so the sum of the three best is the chance
 * that one of them is right. The second best is always offered beside the first; a third only when it is worth it.
 */
export function decide(ranked: readonly MatchHit[], thresholds: Thresholds): MatchDecision {
  const [first, second, third] = ranked;
  if (first === undefined) return { kind: 'abstain' };
  if (first.score >= thresholds.answer) return { kind: 'answer', hit: first };
  if (second === undefined) return { kind: 'abstain' };
  const hits = third !== undefined && third.score >= first.score * thresholds.worthOffering ? [first, second, third] : [first, second];
  const chance = hits.reduce((sum, hit) => sum + hit.score, 0);
  return chance >= thresholds.choices ? { kind: 'choices', hits } : { kind: 'abstain' };
}
