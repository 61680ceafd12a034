import { toDigits } from '../domain/digits.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import { isQuestion } from './decide.ts';
import { fillSlots, keepLoose } from './fill.ts';
import { inList, isChinese, type Message } from './listen.ts';
import { matchesAny } from './patterns.ts';
import { type Flow, type Slot, type Step } from './program.ts';
import { receiveChoice, receiveOffered, type Outcome } from './receive-choose.ts';
import { receiveConfirmation } from './receive-confirm.ts';
import { assign, digress, fail, giveUp, interrupted, joinContent, kindFor, request } from './request.ts';
import { findRoute } from './route.ts';
import { nextSlot, run, stopWaiting } from './run.ts';
import { readYesNo } from './slots/index.ts';
import type { Frame } from './state.ts';
import { quoteForVoice, showSlot } from './template.ts';
import { flowOf, sayCommon, stepOf, topFrame, type Turn } from './turn.ts';
import { hasWord } from './word-index.ts';

/** Shorter ones are rather an answer than a story. */
const MORE = 6;
/** An answer of this length that names a trouble is part of the story. */
const STORY = 8;
/** 解决了吗, 好了没有: an answer turned into a question. */
const ASKS_BACK = /[?？]|吗|了没(?:有)?[。！!]?$/;
/** 几点, 哪里 alone are an echo of the question. */
const ASKS = 4;
/** 那个什么花园 is no question; these are. */
const SURELY_ASKS = /[?？]|吗|怎么|为什么|多少|多久|能不能|可不可以|\b(?:what|how|why|when|where|who|can|do)\b/i;

/** What a message means to the step that waits for it. The words that hold everywhere were heard before (advance.ts). */

export function receive(turn: Turn, frame: Frame, message: Message): void {
  const step = stepOf(turn, frame);
  const flow = flowOf(turn, frame);
  if (step === null || flow === null) {
    turn.core.frames.pop();
    return request(turn, message);
  }
  switch (step.verb.kind) {
    case 'ask':
      return receiveAnswer(turn, frame, flow, step, step.verb.slots, message);
    case 'confirm':
      return receiveConfirmation(turn, frame, flow, step, step.verb, message);
    case 'choose':
      return passOn(turn, message, receiveChoice(turn, frame, step, step.verb, message));
    case 'answer':
      return passOn(turn, message, receiveOffered(turn, frame, step, step.verb, message));
    case 'wait':
      return receiveWaiting(turn, frame, message);
    default:
      // An action's result never came (its effect was lost with a crash): the flow's error branch, then the message.
      turn.core.frames.pop();
      return request(turn, message);
  }
}

/** What was an open menu over a form is gone; the form gets the message. */
function passOn(turn: Turn, message: Message, outcome: Outcome): void {
  if (outcome === 'done') return;
  const frame = topFrame(turn);
  if (frame === null) request(turn, message);
  // The yes was said to a menu; what it would submit has been out of sight meanwhile.
  else if (stepOf(turn, frame)?.verb.kind === 'confirm' && agrees(turn, message)) run(turn);
  else receive(turn, frame, message);
}

const agrees = (turn: Turn, message: Message): boolean =>
  message.keys !== null || inList(turn.program.dialog, 'yes', message) || readYesNo(message.text, turn.context) === true;

// ── ask ──

function receiveAnswer(turn: Turn, frame: Frame, flow: Flow, step: Step, names: readonly string[], message: Message): void {
  const slot = frame.asked === null ? nextSlot(turn, frame, names) : (flow.slots.get(frame.asked) ?? null);
  if (slot === null) return run(turn);
  if (message.attachments > 0 && message.text === '' && message.keys === null) {
    if (slot.files) {
      assign(turn, frame, { [slot.name]: turn.core.locale === 'en' ? `(${message.attachments} picture(s) or file(s))` : `（图片或文件${message.attachments}份）` }, true);
      return run(turn);
    }
    sayCommon(turn, 'attachment');
    return run(turn);
  }
  if (inList(turn.program.dialog, 'skip', message) && !(slot.type === 'yesno' || slot.type === 'choice')) {
    if (!slot.required) {
      frame.skipped.push(slot.name);
      return run(turn);
    }
    if (frame.fails > 0) return refused(turn, frame, step, slot);
    sayCommon(turn, 'skipNotPossible');
    return fail(turn, frame, step, slot, true);
  }
  const context = turn.context;
  const filled = fillSlots(flow, message, context, slot.name, false);
  if (filled.values[slot.name] === undefined && !filled.correction && namesMatter(turn, slot, message)) filled.values[slot.name] = message.text;
  const answered = filled.values[slot.name] !== undefined;
  // 哪里好了，没人来过 answers, though it begins like a question.
  const asks = slot.free && (answered ? ASKS_BACK.test(message.plain) : isQuestion(message, turn.program));
  if (slot.free && (asks || (!answered && !filled.correction && Object.keys(filled.values).length === 0)) && turn.core.frames.length === 1) {
    if (digress(turn, message)) return;
    turn.core.frames.length = 0;
    return request(turn, message);
  }
  if (answered && slot.type === 'yesno' && ![...slot.yes, ...slot.no].some((word) => hasWord(message.lower, word)) && interrupted(turn, message)) return;
  const strong = answered && (slot.free || slot.type === 'phone' || slot.type === 'ticketNumber' || slot.type === 'choice' || slot.type === 'number');
  if (!strong && digress(turn, message)) return;
  if (strong && slot.type !== 'choice' && isQuestion(message, turn.program)) {
    assign(turn, frame, filled.values, true);
    if (digress(turn, message)) return;
    return run(turn);
  }
  if (filled.correction) {
    const corrected = assign(turn, frame, filled.values, true);
    const doubted = filled.doubted.filter((name) => frame.slots[name] !== undefined);
    for (const name of doubted) delete frame.slots[name];
    if (corrected.length > 0 && !(corrected.length === 1 && corrected[0] === slot.name)) acknowledge(turn, frame, flow, corrected);
    if (corrected.length > 0 || doubted.length > 0) {
      frame.asked = null;
      return run(turn);
    }
  } else {
    // What was given before stays; the asked one is taken, and the others only where they are empty.
    const others = { ...filled.values };
    delete others[slot.name];
    const more = [...assign(turn, frame, others, false), ...assign(turn, frame, betterPlaces(frame, flow, others), true)];
    if (answered) assign(turn, frame, { [slot.name]: filled.values[slot.name] ?? null, ...kindFor(turn, frame, flow, slot, message) }, true);
    if (answered && slot.type !== 'text') keepStory(turn, frame, message);
    // Who answers two other things instead does not want to say this one.
    if (!answered && more.length > 0 && !slot.required) {
      frame.fails += 1;
      if (frame.fails > 1) frame.skipped.push(slot.name);
    }
    if (answered || more.length > 0) return run(turn);
  }
  if (tellsMore(turn, frame, slot, message, filled.values)) return fail(turn, frame, step, slot, true);
  if (slot.type !== 'text' && isQuestion(message, turn.program) && SURELY_ASKS.test(message.plain) && message.tight.length >= ASKS) {
    turn.effects.push({ kind: 'gap', why: 'unanswered', question: message.text, bestId: null, bestScore: 0 });
    sayCommon(turn, 'asideUnknown');
    return fail(turn, frame, step, slot, true);
  }
  if ((slot.type === 'ticketNumber' || slot.type === 'number') && turn.core.frames.length === 1 && wantsOther(turn, flow, message)) return request(turn, message);
  if (!slot.required && turn.program.dialog.words.skip.some((word) => message.tight.startsWith(word))) {
    frame.skipped.push(slot.name);
    return run(turn);
  }
  const loose = matchesAny(turn.program, message, turn.program.dialog.decide.question) ? null : keepLoose(slot, message, turn.program.lexicon, frame.fails > 0);
  if (loose !== null) {
    assign(turn, frame, { [slot.name]: loose }, true);
    return run(turn);
  }
  if (slot.required && slot.type === 'phone' && frame.fails > 0 && readYesNo(message.text, context) === false) return refused(turn, frame, step, slot);
  if (!slot.required && readYesNo(message.text, context) === false) {
    frame.skipped.push(slot.name);
    return run(turn);
  }
  fail(turn, frame, step, slot);
}

/** 这个月都坏了四次了: the answer to “when” tells more of the matter. */
function keepStory(turn: Turn, frame: Frame, message: Message): void {
  const content = frame.slots['content'];
  if (typeof content !== 'string' || message.text.length < STORY || content.includes(message.text) || /\d{7}/.test(toDigits(message.text))) return;
  if (matchesAny(turn.program, message, turn.program.dialog.decide.trouble)) assign(turn, frame, { content: joinContent(content, message.text) }, true);
}

/** 催一下, asked for the number of a ticket to look up: it is meant to be urged. */
const wantsOther = (turn: Turn, flow: Flow, message: Message): boolean => findRoute(turn, message, (other, hit) => other.id !== flow.id && !other.aside && hit.by === 'phrase' && hit.coverage >= MOSTLY) !== null;
const MOSTLY = 0.6;

/** Said twice is meant: nobody is worn down. A ticket can do without a phone number, a lookup cannot do without its number. */
function refused(turn: Turn, frame: Frame, step: Step, slot: Slot): void {
  if (slot.type !== 'phone') return giveUp(turn, frame, step);
  frame.skipped.push(slot.name);
  run(turn);
}

/** 噪音, 停电: too short for a story, but the matter is named. */
const namesMatter = (turn: Turn, slot: Slot, message: Message): boolean =>
  slot.type === 'text' && slot.min !== null && message.tight.length >= 2 && matchesAny(turn.program, message, turn.program.dialog.decide.trouble);

/** More of the story instead of an answer: it belongs to the matter, and the question is asked again. */
function tellsMore(turn: Turn, frame: Frame, slot: Slot, message: Message, values: JsonObject): boolean {
  const content = frame.slots['content'];
  if (slot.type === 'text' || typeof content !== 'string' || content.includes(message.text)) return false;
  // Another place or time than before, while something else is asked: both may be meant.
  const differs = ['place', 'happened'].some((name) => values[name] !== undefined && name !== slot.name) && message.keys === null;
  if (message.tight.length < MORE && !differs) return false;
  const troubled = matchesAny(turn.program, message, turn.program.dialog.decide.trouble);
  const storyAtPhone = slot.type === 'phone' && !/\d|电话|号码|手机号|phone|number/i.test(message.text) && !isQuestion(message, turn.program) && !inList(turn.program.dialog, 'skip', message, 0.3) && isChinese(message.text);
  if (!troubled && !storyAtPhone && !differs) return false;
  assign(turn, frame, { content: joinContent(content, message.text) }, true);
  return true;
}

/** A place that names its town is better than one picked out of the story without any (间茶餐厅). */
function betterPlaces(frame: Frame, flow: Flow, values: JsonObject): JsonObject {
  const townOf = (value: JsonValue | undefined): JsonValue => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value['townId'] ?? null) : null);
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => flow.slots.get(name)?.type === 'place' && frame.slots[name] !== undefined && townOf(frame.slots[name]) === null && townOf(value) !== null));
}

function acknowledge(turn: Turn, frame: Frame, flow: Flow, names: readonly string[]): void {
  const { locale } = turn.core;
  const changes = names.flatMap((name) => {
    const slot = flow.slots.get(name);
    return slot === undefined || slot.silent ? [] : [`${slot.label[locale]}${locale === 'en' ? ': ' : '：'}${quoteForVoice(showSlot(slot, frame.slots[name] ?? null, locale))}`];
  });
  if (changes.length > 0) sayCommon(turn, 'corrected', { extra: { changes: changes.join(locale === 'en' ? ', ' : '，') } });
}

// ── wait ──

function receiveWaiting(turn: Turn, frame: Frame, message: Message): void {
  if (inList(turn.program.dialog, 'cancel', message, 0.5)) {
    stopWaiting(turn);
    turn.core.frames.length = 0;
    return sayCommon(turn, 'waitCancelled');
  }
  if (digress(turn, message)) return;
  if (!turn.core.waitingTold) {
    turn.core.waitingTold = true;
    sayCommon(turn, 'waiting');
  }
  frame.fails = 0;
}
