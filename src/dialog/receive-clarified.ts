import type { MatchHit } from '../matcher/types.ts';
import { gapOf, missed, offerHits, questionOf, type Answered } from './answer.ts';
import { consult } from './consult.ts';
import { inList, type Message } from './listen.ts';
import type { Step, Verb } from './program.ts';
import { fail } from './request.ts';
import { findRoute } from './route.ts';
import { leave, run } from './run.ts';
import { tell } from './show.ts';
import { readChoice } from './slots/index.ts';
import type { Frame } from './state.ts';
import type { Turn } from './turn.ts';

/** The answer to a clarifying question: one of its options, none of them, a word of its own, or something else altogether. */

/** Longer ones are a request of their own. */
const OWN_WORD = 12;

/** False: the message is none of this; what it is, the caller finds out. */
export function receiveClarified(turn: Turn, frame: Frame, step: Step, verb: Extract<Verb, { kind: 'answer' }>, message: Message, digit: string | null): boolean {
  const choices = frame.clarify.map(({ label }, index) => ({ title: label, value: label, key: String(index + 1) }));
  const read = digit === null ? readChoice(message.text, choices) : null;
  const picked = digit === null ? (read === null ? undefined : frame.clarify[read.index]) : frame.clarify[Number(digit) - 1];
  if (picked !== undefined) return go(turn, frame, narrowed(turn, frame, verb, picked.ids, picked.label));
  if (digit !== null && Number(digit) > choices.length + 1) {
    fail(turn, frame, step, null);
    return true;
  }
  if (digit !== null || inList(turn.program.dialog, 'none', message)) {
    const { ranked } = consult(turn, questionOf(frame, verb)).result;
    return go(turn, frame, missed(turn, frame, verb, gapOf(ranked), ranked[0]?.id ?? null, ranked[0]?.score ?? 0));
  }
  // 外地户口的: no option's words, but it settles the question all the same.
  if (message.tight.length > OWN_WORD || findRoute(turn, message, (_flow, hit) => hit.by !== 'signal') !== null) return false;
  const ids = frame.clarify.flatMap((option) => option.ids);
  const { decision } = consult(turn, `${questionOf(frame, verb)} ${message.text}`).result;
  if (decision.kind !== 'answer' || !ids.includes(decision.hit.id)) return false;
  return go(turn, frame, narrowed(turn, frame, verb, [decision.hit.id], message.text));
}

function go(turn: Turn, frame: Frame, answered: Answered): true {
  if (answered.kind === 'on') {
    leave(turn, frame, answered.to);
    run(turn);
  }
  return true;
}

/** Among the picked option's entries: an answer when one stands out, else at most three to choose from. */
function narrowed(turn: Turn, frame: Frame, verb: Extract<Verb, { kind: 'answer' }>, ids: readonly string[], label: string): Answered {
  const question = questionOf(frame, verb);
  const { decision, ranked } = consult(turn, `${question} ${label}`).result;
  const among = ranked.filter(({ id }) => ids.includes(id));
  const order = [...among.map(({ id }) => id), ...ids.filter((id) => among.every((hit) => hit.id !== id))];
  const only = ids.length === 1 ? ids[0] : decision.kind === 'answer' && ids.includes(decision.hit.id) ? decision.hit.id : undefined;
  frame.clarify = [];
  if (only !== undefined && tell(turn, only, question, scoreOf(ranked, only))) return { kind: 'on', to: verb.found };
  if (offerHits(turn, frame, order, null)) return { kind: 'waits' };
  return missed(turn, frame, verb, gapOf(ranked), ranked[0]?.id ?? null, ranked[0]?.score ?? 0);
}

/** Picked by the citizen: as good as sure where the matcher did not rank it. */
const scoreOf = (ranked: readonly MatchHit[], id: string): number => ranked.find((hit) => hit.id === id)?.score ?? 1;
