import { missed } from './answer.ts';
import { fillSlots } from './fill.ts';
import { coverage, inList, type Message } from './listen.ts';
import { type Step, type Verb } from './program.ts';
import { assign, digress, fail, joinContent, request } from './request.ts';
import { receiveClarified } from './receive-clarified.ts';
import { findRoute } from './route.ts';
import { leave, pick, run } from './run.ts';
import { shownOptions, tell, type ShownOption } from './show.ts';
import { readChoice } from './slots/index.ts';
import type { Frame } from './state.ts';
import { flowOf, sayCommon, type Turn } from './turn.ts';

/** `below`: the message is for the frame beneath, which is on top now. */
export type Outcome = 'done' | 'below';

/** A number pressed, or typed alone. */
const digitOf = (message: Message): string | null => message.keys ?? (/^[1-9]$/.test(message.tight) ? message.tight : null);

/** A menu: one of its options, or (`free`) something else altogether. */
export function receiveChoice(turn: Turn, frame: Frame, step: Step, verb: Extract<Verb, { kind: 'choose' }>, message: Message): Outcome {
  const shown = shownOptions(turn, frame, verb);
  const digit = digitOf(message);
  const byKey = digit === null ? undefined : (shown.find(({ choice }) => choice.key === digit) ?? (message.keys === null ? shown[Number(digit) - 1] : undefined));
  const picked = byKey ?? bestByWord(message, shown) ?? (verb.free ? undefined : alikeOf(message, shown));
  if (picked !== undefined) {
    pick(turn, frame, step, picked);
    run(turn);
    return 'done';
  }
  if (verb.free) return leaveFor(turn, frame, step, message);
  if (digress(turn, message)) return 'done';
  if (tellsMore(turn, frame, message)) {
    sayCommon(turn, 'noted');
    run(turn);
  } else fail(turn, frame, step, null);
  return 'done';
}

/** The option that was meant by its place, or in nearly its words. */
function alikeOf(message: Message, shown: readonly ShownOption[]): ShownOption | undefined {
  const alike = readChoice(message.text, shown.map((one) => one.choice), message.keys ?? undefined);
  return alike === null ? undefined : shown[alike.index];
}

/** Most of a message an option's word must make up. */
const SHARE = 0.6;

/** `=没有` is the whole message or nothing: 没有水 says something else. */
const shareOf = (message: Message, word: string): number => (word.startsWith('=') ? Number(message.tight === word.slice(1)) : coverage(message, word));

/** The option whose words make up the most: 没有了 is another answer than 没有. */
function bestByWord(message: Message, shown: readonly ShownOption[]): ShownOption | undefined {
  const scored = shown.map((one) => ({ one, share: Math.max(0, ...[one.choice.title, one.choice.value, ...one.option.words].map((word) => shareOf(message, word))) }));
  const best = scored.reduce<(typeof scored)[number] | undefined>((top, next) => (next.share > (top?.share ?? 0) ? next : top), undefined);
  return best !== undefined && best.share >= SHARE ? best.one : undefined;
}

/** Shorter ones are no story. */
const MORE = 3;

/** At a menu in the middle of a matter people go on telling: where it burns, which phone to call. It is taken down. */
function tellsMore(turn: Turn, frame: Frame, message: Message): boolean {
  const flow = flowOf(turn, frame);
  const content = frame.slots['content'];
  if (flow === null || message.keys !== null || message.tight.length < MORE) return false;
  const { values } = fillSlots(flow, message, turn.context, null, false);
  const changed = assign(turn, frame, values, true);
  if (typeof content === 'string' && !content.includes(message.text)) assign(turn, frame, { content: joinContent(content, message.text) }, true);
  return changed.length > 0 || typeof content === 'string';
}

/** An open menu is no form: another request simply replaces it; beneath it may lie a form that was interrupted. */
function leaveFor(turn: Turn, frame: Frame, step: Step, message: Message): Outcome {
  if (turn.core.frames.length > 1) {
    if (digress(turn, message)) return 'done';
    turn.core.frames.pop();
    return 'below';
  }
  // A key or number that is not on the menu is no request.
  if (digitOf(message) !== null && findRoute(turn, message) === null) {
    fail(turn, frame, step, null);
    return 'done';
  }
  turn.core.frames.length = 0;
  request(turn, message);
  return 'done';
}

/** Several entries were offered, or a clarifying question was asked: one of the answers, none of them, or something else. */
export function receiveOffered(turn: Turn, frame: Frame, step: Step, verb: Extract<Verb, { kind: 'answer' }>, message: Message): Outcome {
  if (frame.clarify.length > 0) return receiveClarified(turn, frame, step, verb, message, digitOf(message)) ? 'done' : leaveFor(turn, frame, step, message);
  const choices = frame.offered.map(({ title }, index) => ({ title, value: title, key: String(index + 1) }));
  const digit = digitOf(message);
  const index = digit === null ? choices.findIndex(({ title }) => title === message.text) : Number(digit) - 1;
  const found = choices[index] ?? (digit === null ? (readChoice(message.text, choices) ?? undefined) : undefined);
  const id = frame.offered.find(({ title }) => title === found?.value)?.id;
  const question = typeof frame.slots[verb.slot] === 'string' ? String(frame.slots[verb.slot]) : message.text;
  if (id !== undefined && tell(turn, id, question)) {
    leave(turn, frame, verb.found);
    run(turn);
    return 'done';
  }
  // A key that was not on offer is a slip, no answer.
  if (digit !== null && Number(digit) > choices.length + 1) {
    fail(turn, frame, step, null);
    return 'done';
  }
  if (digit !== null || inList(turn.program.dialog, 'none', message)) {
    const { to } = missed(turn, frame, verb, 'low', frame.offered[0]?.id ?? null, 0);
    leave(turn, frame, to);
    run(turn);
    return 'done';
  }
  return leaveFor(turn, frame, step, message);
}
