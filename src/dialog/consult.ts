import type { MatchContext, MatchResult } from '../matcher/types.ts';
import { asKnown } from './english.ts';
import { isEnglish } from './listen.ts';
import { findPlaces } from './slots/index.ts';
import { carried, type Turn } from './turn.ts';

/** The one way from the dialog to the knowledge base: what the conversation is about goes along with the question. */

export interface Consulted {
  readonly result: MatchResult;
  /** The English words that a Chinese entry was found by; null when the question itself found it. */
  readonly topic: string | null;
}

/** Advances after which an answer is no longer what the conversation is about. */
const TOPIC_LASTS = 4;
/** More than are shown: a clarifying answer picks among them. */
const RANKED = 20;

/** Asks the knowledge base; the same words are asked once a turn. */
export function consult(turn: Turn, question: string): Consulted {
  const context = topicOf(turn, question);
  const key = JSON.stringify([question, context]);
  const before = turn.consulted.get(key);
  if (before !== undefined) return before;
  const consulted = ask(turn, question, context);
  turn.consulted.set(key, consulted);
  return consulted;
}

function ask(turn: Turn, question: string, context: MatchContext): Consulted {
  const known = asKnown(turn.program, question);
  if (known.topic === null) return { result: turn.facts.match(withoutOpening(question, turn.program.dialog.words.filler), { context, limit: RANKED }), topic: null };
  const direct = turn.facts.match(question, { context, limit: RANKED });
  if (direct.decision.kind !== 'abstain' && direct.ranked.slice(0, 1).some(({ id }) => turn.facts.entry(id)?.en !== undefined)) return { result: direct, topic: null };
  return { result: turn.facts.match(known.ask, { context, limit: RANKED }), topic: known.topic };
}

/** Less than this is not a question any more. */
const LEAST = 4;

/**
 * “喂你好，我想问下居住证怎么办” asks what “居住证怎么办” asks, which stands in the knowledge base word for word. English openings
 * (how can I) are part of their question and stay.
 */
export function withoutOpening(question: string, fillers: readonly string[]): string {
  let rest = question;
  for (;;) {
    const opening = fillers.filter((filler) => /\p{Script=Han}/u.test(filler) && rest.startsWith(filler)).reduce((longest, filler) => (filler.length > longest.length ? filler : longest), '');
    const next = rest.slice(opening.length).replace(/^[\s，,。.！!、：:~～]+/u, '');
    if (next === rest || next.length < LEAST) return rest;
    rest = next;
  }
}

export const isKnown = (turn: Turn, question: string): boolean => consult(turn, question).result.decision.kind !== 'abstain';

/** The entry that was told last, while the conversation is still about it. */
export function lastAnswered(turn: Turn): NonNullable<Turn['core']['answered']> | null {
  const { answered, count } = turn.core;
  return answered === null || count - answered.at > TOPIC_LASTS ? null : answered;
}

/** What the conversation is about: words of the question itself first, then what is under way, then what was said before. */
function topicOf(turn: Turn, question: string): MatchContext {
  const last = lastAnswered(turn);
  return { town: townOf(turn, question), item: last?.item ?? itemUnderWay(turn), lastId: last?.id ?? null };
}

/** Town id that the words name, or that is known of the conversation. */
export function townOf(turn: Turn, question: string): string | null {
  const named = isEnglish(question) ? undefined : findPlaces(question, turn.context).find(({ value }) => value.townId !== null)?.value.townId;
  if (named !== undefined && named !== null) {
    turn.core.town = named;
    return named;
  }
  return turn.core.town;
}

/** Item of the matter that is being filed. */
function itemUnderWay(turn: Turn): string | null {
  const { content } = carried(turn);
  const top = typeof content === 'string' ? turn.facts.suggestItems(content)[0] : undefined;
  return top !== undefined && top.score >= turn.program.dialog.itemScore ? top.code : null;
}
