import type { Matcher, MatchResult } from '../matcher/types.ts';

/**
 * What a change of the knowledge base does to the evaluation set (config/knowledge-golden.yaml), before it is published. Pure
 * but for the matchers that it asks.
 */

export interface GoldenQuestion {
  readonly q: string;
  /** Id of the entry that answers it; null: must not be answered. */
  readonly entry: string | null;
}

/** What became of one question. */
export interface Outcome {
  /** First of the ranking. */
  readonly top: string | null;
  readonly decision: MatchResult['decision']['kind'];
  /** Told as the answer. */
  readonly told: string | null;
}

export interface EffectFigures {
  /** Questions that an entry answers: share whose entry comes first. */
  readonly recallAt1: number;
  /** Answered with another entry than the right one, or answered though it must not be. */
  readonly wrongAnswers: number;
  readonly answered: number;
  /** Questions that must not be answered and were not. */
  readonly refused: number;
}

export interface ChangedQuestion {
  readonly q: string;
  readonly entry: string | null;
  readonly before: Outcome;
  readonly after: Outcome;
  readonly verdict: 'better' | 'worse' | 'other';
}

export interface Effect {
  /** Questions with an answer among the entries, and those that must not be answered. */
  readonly questions: { readonly answerable: number; readonly unanswerable: number; readonly skipped: number };
  readonly before: EffectFigures;
  readonly after: EffectFigures;
  readonly changed: readonly ChangedQuestion[];
}

export function outcomeOf({ decision, ranked }: MatchResult): Outcome {
  return { top: ranked[0]?.id ?? null, decision: decision.kind, told: decision.kind === 'answer' ? decision.hit.id : null };
}

/** Asks every question, a few at a time: between two `next()` other work may run. */
export function* askAll(questions: readonly GoldenQuestion[], matcher: Pick<Matcher, 'match'>, today: string, atOnce = 2): Generator<void, readonly Outcome[], void> {
  const outcomes: Outcome[] = [];
  for (const [at, { q }] of questions.entries()) {
    if (at % atOnce === atOnce - 1) yield;
    outcomes.push(outcomeOf(matcher.match(q, { context: { today } })));
  }
  return outcomes;
}

/**
 * @param known is there an entry of this id before or after the change? Questions about others say nothing of it.
 */
export function compareOutcomes(questions: readonly GoldenQuestion[], before: readonly Outcome[], after: readonly Outcome[], known: (id: string) => boolean): Effect {
  const counted = questions.map((question, at) => ({ ...question, before: before[at], after: after[at] })).filter((row): row is GoldenQuestion & { before: Outcome; after: Outcome } => row.before !== undefined && row.after !== undefined && (row.entry === null || known(row.entry)));
  const answerable = counted.filter(({ entry }) => entry !== null).length;
  return {
    questions: { answerable, unanswerable: counted.length - answerable, skipped: questions.length - counted.length },
    before: figures(counted.map(({ entry, before: outcome }) => ({ entry, outcome }))),
    after: figures(counted.map(({ entry, after: outcome }) => ({ entry, outcome }))),
    changed: counted.filter((row) => row.before.top !== row.after.top || row.before.decision !== row.after.decision || row.before.told !== row.after.told).map((row) => ({ q: row.q, entry: row.entry, before: row.before, after: row.after, verdict: verdictOf(row.entry, row.before, row.after) })),
  };
}

function figures(rows: readonly { readonly entry: string | null; readonly outcome: Outcome }[]): EffectFigures {
  const answerable = rows.filter(({ entry }) => entry !== null);
  return {
    recallAt1: answerable.length === 0 ? 0 : answerable.filter(({ entry, outcome }) => outcome.top === entry).length / answerable.length,
    wrongAnswers: rows.filter(({ entry, outcome }) => isWrong(entry, outcome)).length,
    answered: rows.filter(({ outcome }) => outcome.told !== null).length,
    refused: rows.filter(({ entry, outcome }) => entry === null && outcome.told === null).length,
  };
}

const isWrong = (entry: string | null, { told }: Outcome): boolean => told !== null && told !== entry;

/** A wrong answer is worse than none, no answer worse than the right one first, and that worse than the right answer told. */
function verdictOf(entry: string | null, before: Outcome, after: Outcome): ChangedQuestion['verdict'] {
  const worth = (outcome: Outcome): number => {
    if (isWrong(entry, outcome)) return 0;
    if (entry === null) return 2;
    return outcome.told === entry ? 3 : outcome.top === entry ? 2 : 1;
  };
  const gain = worth(after) - worth(before);
  return gain > 0 ? 'better' : gain < 0 ? 'worse' : 'other';
}
