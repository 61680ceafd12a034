import type { JsonObject } from '../domain/json.ts';
import { isQuestion } from './decide.ts';
import { fillSlots, keepLoose } from './fill.ts';
import { hasWord, inList, mostly, type Message } from './listen.ts';
import { slotContext, type Flow, type Slot, type Step, type Verb } from './program.ts';
import { answers, findRoute } from './route.ts';
import { askSlot, begin, leave, nextSlot, pick, run, shownOptions, stopWaiting, tell } from './run.ts';
import { isCorrection, readChoice, readYesNo } from './slots/index.ts';
import type { Frame } from './state.ts';
import { showSlot } from './template.ts';
import { flowOf, sayCommon, stepOf, topFrame, type Turn } from './turn.ts';

/** What a message means to the step that waits for it. The words that hold everywhere were heard before (advance.ts). */

/** A form gives up after this many failures at one question: a person helps. */
const STRIKES = 3;
/** A short exchange begins inside a form only when its phrase is most of the message; the rest may be an answer. */
const ASIDE_SHARE = 0.5;

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
      return receiveChoice(turn, frame, step, step.verb, message);
    case 'answer':
      return receiveOffered(turn, frame, step.verb, message);
    case 'wait':
      return receiveWaiting(turn, frame, message);
    default:
      // An action's result never came (its effect was lost with a crash): the flow's error branch, then the message.
      turn.core.frames.pop();
      return request(turn, message);
  }
}

/** A new request: nothing is asked, or what was asked leaves it open. */
export function request(turn: Turn, message: Message): void {
  const route = findRoute(turn, message);
  if (route === null) {
    begin(turn, turn.program.dialog.flows.ask, { call: 'go', slots: { question: message.text } });
    return run(turn);
  }
  start(turn, route.flow, route.start, { ...route.slots }, message, 'go', route.decision.ticketKind);
}

/** Begins a flow with a message, filling what the message already tells. */
function start(turn: Turn, flow: Flow, step: string, set: JsonObject, message: Message, call: Frame['call'], ticketKind: string): void {
  const frame = begin(turn, flow.id, { call, start: step });
  if (frame === null) return;
  const { values } = fillSlots(flow, message, slotContext(turn.program, turn.facts.now), null, true);
  for (const [name, slot] of flow.slots) {
    // A phrase alone (“我要投诉”) opens the form, it is not yet what is complained about.
    if (slot.type === 'text' && slot.from === 'first' && isBarePhrase(turn, flow, message)) delete values[name];
  }
  const kind = flow.slots.get('kind');
  if (kind?.type === 'choice' && values['kind'] === undefined && values['content'] !== undefined && kind.options.some((option) => option.value === ticketKind)) values['kind'] = ticketKind;
  assign(turn, frame, { ...values, ...set }, true);
  run(turn);
}

const LEFT_OVER = 4;

function isBarePhrase(turn: Turn, flow: Flow, message: Message): boolean {
  if (message.tight.length === 0) return true;
  let rest = message.tight;
  const phrases = [...flow.triggers.flatMap((trigger) => trigger.phrases), ...turn.program.dialog.decide.complaint].sort((a, b) => b.length - a.length);
  for (const phrase of [...phrases, ...turn.program.dialog.words.filler]) if (hasWord(rest, phrase)) rest = rest.replace(phrase.toLowerCase(), ' ').trim();
  return rest.length < LEFT_OVER;
}

/** Writes values into a frame; phone and name also go to the vault and into the conversation's memory. */
function assign(turn: Turn, frame: Frame, values: JsonObject, overwrite: boolean): string[] {
  const flow = flowOf(turn, frame);
  const changed: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    const slot = flow?.slots.get(name);
    if (slot === undefined || value === null || (!overwrite && frame.slots[name] !== undefined)) continue;
    if (JSON.stringify(frame.slots[name]) !== JSON.stringify(value)) changed.push(name);
    frame.slots[name] = value;
    frame.skipped = frame.skipped.filter((skipped) => skipped !== name);
    if ((slot.type === 'phone' || slot.type === 'name') && typeof value === 'string' && turn.core.memory[slot.type] !== value) {
      turn.core.memory[slot.type] = value;
      turn.effects.push(slot.type === 'phone' ? { kind: 'identity', phone: value } : { kind: 'identity', name: value });
    }
  }
  return changed;
}

// ── ask ──

function receiveAnswer(turn: Turn, frame: Frame, flow: Flow, step: Step, names: readonly string[], message: Message): void {
  const slot = frame.asked === null ? nextSlot(turn, frame, names) : (flow.slots.get(frame.asked) ?? null);
  if (slot === null) return run(turn);
  if (message.attachments > 0 && message.text === '' && message.keys === null) {
    sayCommon(turn, 'attachment');
    return run(turn);
  }
  if (inList(turn.program.dialog, 'skip', message) && !(slot.type === 'yesno' || slot.type === 'choice')) {
    if (!slot.required) {
      frame.skipped.push(slot.name);
      return run(turn);
    }
    sayCommon(turn, 'skipNotPossible');
    return fail(turn, frame, step, slot, true);
  }
  const context = slotContext(turn.program, turn.facts.now);
  const filled = fillSlots(flow, message, context, slot.name, false);
  const answered = filled.values[slot.name] !== undefined;
  const strong = answered && (slot.type === 'phone' || slot.type === 'ticketNumber' || slot.type === 'choice' || slot.type === 'number');
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
    const more = assign(turn, frame, others, false);
    if (answered) assign(turn, frame, { [slot.name]: filled.values[slot.name] ?? null }, true);
    if (answered || more.length > 0) return run(turn);
  }
  const loose = turn.program.dialog.decide.question.some((pattern) => pattern.test(message.plain)) ? null : keepLoose(slot, message, turn.program.lexicon);
  if (loose !== null) {
    assign(turn, frame, { [slot.name]: loose }, true);
    return run(turn);
  }
  if (!slot.required && readYesNo(message.text, context) === false) {
    frame.skipped.push(slot.name);
    return run(turn);
  }
  fail(turn, frame, step, slot);
}

function acknowledge(turn: Turn, frame: Frame, flow: Flow, names: readonly string[]): void {
  const { locale } = turn.core;
  const changes = names.flatMap((name) => {
    const slot = flow.slots.get(name);
    return slot === undefined || slot.silent ? [] : [`${slot.label[locale]}${locale === 'en' ? ': ' : '：'}${showSlot(slot, frame.slots[name] ?? null, locale)}`];
  });
  if (changes.length > 0) sayCommon(turn, 'corrected', { extra: { changes: changes.join(locale === 'en' ? ', ' : '，') } });
}

/** The question failed: ask in other words; an optional one is let go, a needed one ends at a person. */
function fail(turn: Turn, frame: Frame, step: Step, slot: Slot | null, plainly = false): void {
  frame.fails += 1;
  if (slot !== null && !slot.required && frame.fails >= STRIKES - 1) {
    frame.skipped.push(slot.name);
    return run(turn);
  }
  if (frame.fails >= STRIKES) return giveUp(turn, frame, step);
  if (slot === null) run(turn);
  else askSlot(turn, frame, slot, plainly);
}

function giveUp(turn: Turn, frame: Frame, step: Step): void {
  if (step.onFail !== null) {
    leave(turn, frame, step.onFail);
    return run(turn);
  }
  turn.core.reason = '机器人多次没有听懂';
  toPerson(turn);
}

/** The way to a person, from anywhere. What was understood so far goes along. */
export function toPerson(turn: Turn): void {
  begin(turn, turn.program.dialog.flows.person, { call: 'go' });
  run(turn);
}

// ── between two questions ──

/**
 * Something else than an answer: a short exchange, another flow that may interrupt, or a question that the knowledge
 * base answers. It is dealt with, then the form's question is repeated.
 */
function digress(turn: Turn, message: Message): boolean {
  const current = topFrame(turn)?.flow;
  const route = findRoute(turn, message, (flow, hit) => flow.id !== current && (flow.aside || flow.interrupts) && (hit.by === 'phrase' ? hit.coverage >= ASIDE_SHARE : hit.by === 'pattern'));
  if (route !== null) {
    start(turn, route.flow, route.start, route.slots, message, route.flow.aside ? 'aside' : 'interrupt', route.decision.ticketKind);
    return true;
  }
  if (!answers(turn, message)()) return false;
  const { decision } = turn.facts.match(message.text);
  if (decision.kind === 'answer' && tell(turn, decision.hit.id, message.text)) {
    run(turn);
    return true;
  }
  begin(turn, turn.program.dialog.flows.ask, { call: 'aside', slots: { question: message.text } });
  run(turn);
  return true;
}

// ── confirm ──

function receiveConfirmation(turn: Turn, frame: Frame, flow: Flow, step: Step, verb: Extract<Verb, { kind: 'confirm' }>, message: Message): void {
  const context = slotContext(turn.program, turn.facts.now);
  const keyed = message.keys === '1' ? true : message.keys === '2' ? false : null;
  const filled = fillSlots(flow, message, context, null, false);
  const corrects = filled.correction || frame.fixing || Object.keys(filled.values).length > 0;
  if (keyed === null && corrects) {
    const fields = verb.slots.filter((name) => flow.slots.get(name)?.names.some((word) => hasWord(message.lower, word)));
    const changed = assign(turn, frame, filled.values, true);
    if (changed.length > 0) {
      frame.fixing = false;
      frame.fails = 0;
      return run(turn);
    }
    const doubted = filled.doubted.length > 0 ? filled.doubted : frame.fixing ? fields : [];
    const target = doubted[0];
    if (target !== undefined) return reask(turn, frame, flow, target);
  }
  const yes = keyed ?? (inList(turn.program.dialog, 'yes', message) ? true : readYesNo(message.text, context));
  if (yes === true) {
    leave(turn, frame, verb.yes ?? step.next);
    return run(turn);
  }
  if (digress(turn, message)) return;
  const text = flow.slots.get('content');
  const current = frame.slots['content'];
  if (yes === null && text?.type === 'text' && typeof current === 'string' && addsMore(message)) {
    assign(turn, frame, { content: `${current.replace(/[。，,\s]+$/, '')}。${message.text}` }, true);
    frame.fixing = false;
    return run(turn);
  }
  if (yes === false || isCorrection(message.text, context)) {
    if (verb.no !== null) {
      leave(turn, frame, verb.no);
      return run(turn);
    }
    if (!frame.fixing) {
      frame.fixing = true;
      const choices = verb.slots.flatMap((name) => {
        const slot = flow.slots.get(name);
        return slot === undefined || frame.slots[name] === undefined ? [] : [{ title: slot.label[turn.core.locale], value: slot.label['zh-CN'] }];
      });
      return sayCommon(turn, 'whatIsWrong', { choices, hint: 'expectingInput' });
    }
  }
  if (frame.fixing) {
    const named = verb.slots.find((name) => flow.slots.get(name)?.label['zh-CN'] === message.text || flow.slots.get(name)?.label.en.toLowerCase() === message.lower);
    if (named !== undefined) return reask(turn, frame, flow, named);
  }
  fail(turn, frame, step, null);
}

const addsMore = (message: Message): boolean => /^(?:还有|另外|补充|而且|再加|对了)/.test(message.text) && message.tight.length >= 5;

/** Asks one slot anew: back to the step that asks for it, keeping everything else. */
function reask(turn: Turn, frame: Frame, flow: Flow, name: string): void {
  delete frame.slots[name];
  const asking = [...flow.steps.values()].find((step) => step.verb.kind === 'ask' && step.verb.slots.includes(name));
  if (asking === undefined) return run(turn);
  leave(turn, frame, asking.name);
  frame.entered = true;
  run(turn);
}

// ── choose ──

function receiveChoice(turn: Turn, frame: Frame, step: Step, verb: Extract<Verb, { kind: 'choose' }>, message: Message): void {
  const shown = shownOptions(turn, frame, verb);
  const digit = message.keys ?? (/^[1-9]$/.test(message.tight) ? message.tight : null);
  const byKey = digit === null ? undefined : (shown.find(({ choice }) => choice.key === digit) ?? (message.keys === null ? shown[Number(digit) - 1] : undefined));
  const byWord = byKey ?? shown.find(({ option, choice }) => mostly(message, [choice.title, choice.value, ...option.words]));
  const picked = byWord ?? shown.find(({ choice }) => choice.value === readChoice(message.text, shown.map((one) => one.choice), message.keys ?? undefined)?.value);
  if (picked !== undefined && (byWord !== undefined || !verb.free)) {
    pick(turn, frame, step, picked);
    return run(turn);
  }
  if (verb.free) return leaveFor(turn, frame, message);
  if (digress(turn, message)) return;
  fail(turn, frame, step, null);
}

/** An open menu is no form: another request simply replaces it; beneath it may lie a form that was interrupted. */
function leaveFor(turn: Turn, frame: Frame, message: Message): void {
  const below = turn.core.frames.length > 1;
  if (!below) {
    if (picksNothing(turn, message)) return fail(turn, frame, stepOf(turn, frame) ?? raise(), null);
    turn.core.frames.length = 0;
    return request(turn, message);
  }
  if (digress(turn, message)) return;
  turn.core.frames.pop();
  const parent = topFrame(turn);
  if (parent === null) return request(turn, message);
  receive(turn, parent, message);
}

/** A key that is not on the menu. */
const picksNothing = (turn: Turn, message: Message): boolean => message.keys !== null && findRoute(turn, message) === null;

function raise(): never {
  throw new Error('a frame without a step was asked to fail');
}

// ── answer: one of several entries was offered ──

function receiveOffered(turn: Turn, frame: Frame, verb: Extract<Verb, { kind: 'answer' }>, message: Message): void {
  const choices = frame.offered.map(({ title }, index) => ({ title, value: title, key: String(index + 1) }));
  const digit = message.keys ?? (/^[1-9]$/.test(message.tight) ? message.tight : null);
  const index = digit === null ? choices.findIndex(({ title }) => title === message.text) : Number(digit) - 1;
  const found = choices[index] ?? (digit === null ? (readChoice(message.text, choices) ?? undefined) : undefined);
  const id = frame.offered.find(({ title }) => title === found?.value)?.id;
  const question = typeof frame.slots[verb.slot] === 'string' ? String(frame.slots[verb.slot]) : message.text;
  if (id !== undefined && tell(turn, id, question)) {
    leave(turn, frame, verb.found);
    return run(turn);
  }
  if (digit !== null || inList(turn.program.dialog, 'none', message)) {
    turn.effects.push({ kind: 'gap', question, bestId: frame.offered[0]?.id ?? null, bestScore: 0 });
    leave(turn, frame, frame.call === 'aside' ? null : verb.none);
    return run(turn);
  }
  // Said in other words, or something new.
  leaveFor(turn, frame, message);
}

// ── wait ──

function receiveWaiting(turn: Turn, frame: Frame, message: Message): void {
  if (inList(turn.program.dialog, 'cancel', message, 0.5)) {
    stopWaiting(turn);
    turn.core.frames.length = 0;
    return sayCommon(turn, 'cancelled');
  }
  if (digress(turn, message)) return;
  if (!turn.core.waitingTold) {
    turn.core.waitingTold = true;
    sayCommon(turn, 'waiting');
  }
  frame.fails = 0;
}
