import { lastAnswered } from './consult.ts';
import { mostly, type Message } from './listen.ts';
import { tell } from './show.ts';
import { run } from './run.ts';
import type { Turn } from './turn.ts';

/** “详细” after a shortened answer brings all of it. */
export function asksForWhole(turn: Turn, message: Message): boolean {
  const { brief, modality } = turn.facts;
  return brief !== undefined && modality === 'text' && message.keys === null && mostly(message, brief.ask, WHOLE) && lastAnswered(turn) !== null;
}

const WHOLE = 0.8;

/** Tells the last answer whole; what was asked before is asked again. */
export function tellWhole(turn: Turn): void {
  const last = lastAnswered(turn);
  if (last !== null) tell(turn, last.id, last.question, last.score, true);
  run(turn);
}
