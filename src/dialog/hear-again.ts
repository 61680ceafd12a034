import { isQuestion } from './decide.ts';
import { inList, type Message } from './listen.ts';
import { MORE_KEY, run } from './run.ts';
import { readYesNo } from './slots/index.ts';
import { sayCommon, utter, type Turn } from './turn.ts';

/** What a listener asks for who cannot turn back a page: again, slower, and the rest of an answer. */

/** Says again what was said last; what was left of it is still left. */
export function repeat(turn: Turn, rest: readonly string[]): void {
  turn.core.rest = [...rest];
  for (const one of turn.core.said) utter(turn, one, { hint: 'expectingInput' });
}

/** “说慢一点”: from here on, beginning with what was not understood. On a screen everybody reads as they like. */
export function paceTo(turn: Turn, pace: 'slow' | 'normal', rest: readonly string[]): void {
  const { core } = turn;
  if (turn.facts.modality === 'voice') {
    core.pace = pace;
    sayCommon(turn, pace === 'slow' ? 'slower' : 'faster', { hint: 'expectingInput' });
    // Not what is to be said again next time.
    turn.said.length = 0;
  }
  if (core.said.length > 0) repeat(turn, rest);
  else if (!core.waiting) run(turn);
}

/** 继续, the key that was offered, or a plain yes to the offer. */
export function asksForMore(turn: Turn, message: Message, rest: readonly string[]): boolean {
  if (rest.length === 0) return false;
  if (message.keys !== null) return message.keys === MORE_KEY;
  const rules = turn.program.dialog;
  return inList(rules, 'more', message) || (!isQuestion(message, turn.program) && readYesNo(message.text, turn.context) === true);
}

/** The next piece of a long answer; when it was the last, whatever came after the answer comes now. */
export function tellMore(turn: Turn, rest: readonly string[]): void {
  const [next = '', ...left] = rest;
  utter(turn, { text: next, voice: next }, { rest: left });
  run(turn);
}
