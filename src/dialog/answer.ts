import type { MatchDecision, MatchHit } from '../matcher/types.ts';
import { consult, lastAnswered } from './consult.ts';
import { asksForMissing } from './follow-up.ts';
import type { Verb } from './program.ts';
import { askWhich, offer, tell } from './show.ts';
import type { Frame } from './state.ts';
import { sayCommon, type Turn } from './turn.ts';
import type { GapReason } from './types.ts';

/** The step `answer`: tell, offer choices, ask one clarifying question, or say honestly that there is no answer. */

type AnswerVerb = Extract<Verb, { kind: 'answer' }>;
type Clarify = Extract<MatchDecision, { kind: 'clarify' }>;

/** `to`: the step that follows, null for the end of the flow. */
interface On {
  readonly kind: 'on';
  readonly to: string | null;
}
export type Answered = { readonly kind: 'waits' } | On;
const WAITS: Answered = { kind: 'waits' };

/** Choices offered at once. */
export const MOST_OFFERED = 3;
/** Below it nothing was found that comes near. */
const NEAR = 0.2;

export function answer(turn: Turn, frame: Frame, verb: AnswerVerb): Answered {
  const question = questionOf(frame, verb);
  // Asked again after a slip, a silence or something in between: the same question.
  if (frame.clarify.length > 0 || frame.offered.length > 0) {
    if (frame.clarify.length > 0) askWhich(turn, frame);
    else offer(turn, frame);
    return WAITS;
  }
  const { result: { decision, ranked }, topic } = consult(turn, question);
  // By its topic alone an English question is never answered outright.
  if (decision.kind === 'answer' && topic === null) againTheSame(turn, question, decision.hit);
  if (decision.kind === 'answer' && topic === null && tell(turn, decision.hit.id, question, decision.hit.score)) return { kind: 'on', to: verb.found };
  if (decision.kind === 'clarify' && !turn.core.clarified && topic === null && askToClarify(turn, frame, decision)) return WAITS;
  if (decision.kind !== 'abstain' && offerHits(turn, frame, candidates(decision, ranked), topic)) return WAITS;
  return missed(turn, frame, verb, gapOf(ranked), ranked[0]?.id ?? null, ranked[0]?.score ?? 0);
}

/** “几点上班” brings up the entry told just before, which says nothing of hours: it is told again, but with a word of warning, and noted. */
function againTheSame(turn: Turn, question: string, { id, score }: MatchHit): void {
  const entry = lastAnswered(turn)?.id === id ? turn.facts.entry(id) : null;
  if (entry === null || !asksForMissing(turn, question, entry)) return;
  turn.effects.push({ kind: 'gap', why: 'low', question: `${entry.question} ${question}`, bestId: id, bestScore: score });
  sayCommon(turn, 'notStated');
}

export const questionOf = (frame: Frame, verb: AnswerVerb): string => {
  const question = frame.slots[verb.slot];
  return typeof question === 'string' ? question : '';
};

/** No answer: it is noted, and the flow goes where it says. */
export function missed(turn: Turn, frame: Frame, verb: AnswerVerb, why: GapReason, bestId: string | null, bestScore: number): On {
  turn.core.misses += 1;
  turn.core.clarified = false;
  turn.effects.push({ kind: 'gap', why, question: questionOf(frame, verb), bestId, bestScore });
  if (frame.call !== 'aside') return { kind: 'on', to: verb.none };
  sayCommon(turn, 'asideUnknown');
  return { kind: 'on', to: null };
}

export const gapOf = (ranked: readonly MatchHit[]): GapReason => ((ranked[0]?.score ?? 0) >= NEAR ? 'low' : 'unanswered');

/** What a decision leaves to choose from; of a clarifying question's answers the best of each. */
function candidates(decision: MatchDecision, ranked: readonly MatchHit[]): readonly string[] {
  switch (decision.kind) {
    case 'answer':
      return [decision.hit.id];
    case 'choices':
      return decision.hits.map(({ id }) => id);
    case 'clarify': {
      const place = new Map(ranked.map(({ id }, index) => [id, index]));
      const rank = (id: string): number => place.get(id) ?? ranked.length;
      return decision.options.flatMap(({ ids }) => ids.toSorted((a, b) => rank(a) - rank(b)).slice(0, 1)).toSorted((a, b) => rank(a) - rank(b));
    }
    case 'abstain':
      return [];
  }
}

/** Offers at most three entries. False when none of them may be told. */
export function offerHits(turn: Turn, frame: Frame, ids: readonly string[], topic: string | null): boolean {
  const english = turn.core.locale === 'en';
  const offered = ids.flatMap((id) => {
    const entry = turn.facts.entry(id);
    if (entry === null) return [];
    if (english && entry.en !== undefined) return [{ id, title: entry.en.question }];
    return [{ id, title: topic === null ? entry.question : `${entry.question} (${topic})` }];
  });
  if (offered.length === 0) return false;
  frame.offered = offered.slice(0, MOST_OFFERED);
  turn.core.clarified = false;
  offer(turn, frame);
  return true;
}

/** An item's code or a department's id: nothing that a citizen could choose by. */
const CODE = /^[a-z0-9][a-z0-9._-]*$/;

/** False when fewer than two answers lead to something that may be told, or when codes are all there is to name them. */
function askToClarify(turn: Turn, frame: Frame, decision: Clarify): boolean {
  if (decision.facet !== 'word' && decision.options.some(({ label }) => CODE.test(label.trim()))) return false;
  const options = decision.options
    .map(({ label, ids }) => ({ label: label.trim(), ids: ids.filter((id) => turn.facts.entry(id) !== null) }))
    .filter(({ label, ids }, index, all) => label !== '' && ids.length > 0 && all.findIndex((other) => other.label === label) === index);
  if (options.length < 2) return false;
  frame.clarify = options.slice(0, 4);
  turn.core.clarified = true;
  askWhich(turn, frame);
  return true;
}
