import type { MatchDecision, MatchHit } from './types.ts';

export interface Thresholds {
  /** The best hit's score from which it is answered. */
  readonly answer: number;
  /** Sum of the three best scores from which they are offered as choices. */
  readonly choices: number;
  /** A choice other than the first must reach this share of the first's score. */
  readonly worthOffering: number;
}

/** Chosen on the demo knowledge; see docs/matcher.md. */
export const THRESHOLDS: Thresholds = { answer: 0.5, choices: 0.35, worthOffering: 0.08 };

/**
 * Answers, offers two or three choices, or abstains. A score is a probability, so the sum of the three best is the chance
 * that one of them is right. Nothing is offered when there are no two candidates worth it: one weak guess is no choice.
 */
export function decide(ranked: readonly MatchHit[], thresholds: Thresholds): MatchDecision {
  const first = ranked[0];
  if (first === undefined) return { kind: 'abstain' };
  if (first.score >= thresholds.answer) return { kind: 'answer', hit: first };
  const hits = ranked.slice(0, 3).filter((hit) => hit.score >= first.score * thresholds.worthOffering);
  const chance = hits.reduce((sum, hit) => sum + hit.score, 0);
  return chance >= thresholds.choices && hits.length >= 2 ? { kind: 'choices', hits } : { kind: 'abstain' };
}
