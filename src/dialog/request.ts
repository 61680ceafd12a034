import type { JsonObject, JsonValue } from '../domain/json.ts';
import { consult, isKnown } from './consult.ts';
import { decide, isQuestion, kindOf } from './decide.ts';
import { fillSlots } from './fill.ts';
import { followUp } from './follow-up.ts';
import type { Message } from './listen.ts';
import { hasWord, onceFor } from './word-index.ts';
import { parseTarget, type Flow, type Program, type Slot, type Step } from './program.ts';
import { answers, findRoute } from './route.ts';
import { begin, goOnAfterAnswer, leave, run } from './run.ts';
import { askSlot, tell } from './show.ts';
import { soundAlike } from './sound.ts';
import type { Frame } from './state.ts';
import { flowOf, topFrame, type Turn } from './turn.ts';

/** New requests: which flow they begin, what they already tell, and what happens to the one that is under way. */

/** A form gives up after this many failures at one question: a person helps. */
const STRIKES = 3;
/** A short exchange begins inside a form only when its phrase is most of the message; the rest may be an answer. */
const ASIDE_SHARE = 0.5;
/** Next to nothing else was said. */
const WHOLE_SHARE = 0.9;

/** A new request: nothing is asked, or what was asked leaves it open. */
export function request(turn: Turn, message: Message): void {
  if (followUp(turn, message)) return goOnAfterAnswer(turn, message.text);
  const alike = soundAlike(turn, message);
  const exact = findRoute(turn, message);
  const route = exact ?? (alike === message ? null : findRoute(turn, alike));
  if (route === null) return placeOfAnswered(turn, message) ? undefined : unclear(turn, message);
  start(turn, route.flow, route.start, { ...route.slots }, exact === null ? { ...alike, text: alike.plain } : message, 'go');
}

/** 路灯坏了 was answered with “请告诉我路名，我帮您登记”; what comes then is the place. */
function placeOfAnswered(turn: Turn, message: Message): boolean {
  const { program, core } = turn;
  const form = program.flows.get(parseTarget(program.dialog.flows.report).flow);
  const earlier = core.answered;
  if (form === undefined || earlier === null || earlier.item === null || message.keys !== null || isQuestion(message, program)) return false;
  const { values } = fillSlots(form, message, turn.context, null, false);
  if (values['place'] === undefined && values['town'] === undefined) return false;
  if (!program.dialog.decide.trouble.some((pattern) => pattern.test(earlier.question))) return false;
  core.answered = null;
  const frame = begin(turn, form.id, { call: 'go', slots: { content: joinContent(earlier.question, message.text) } });
  if (frame === null) return false;
  assign(turn, frame, values, true);
  run(turn);
  return true;
}

/**
 * Neither a statement nor a question by its words (路灯, 停水了). The knowledge base is asked; when it does not know and
 * the words name a trouble, the form begins.
 */
function unclear(turn: Turn, message: Message): void {
  const { flows } = turn.program.dialog;
  const { named } = decide(message, turn.program, turn.facts, turn.context);
  const form = turn.program.flows.get(parseTarget(flows.report).flow);
  if (named && form !== undefined && !isKnown(turn, message.text)) return start(turn, form, form.first, {}, message, 'go');
  begin(turn, flows.ask, { call: 'go', slots: { question: message.text, unclear: !isQuestion(message, turn.program) } });
  run(turn);
}

/** Begins a flow with a message, filling what the message already tells. */
function start(turn: Turn, flow: Flow, step: string, set: JsonObject, message: Message, call: Frame['call']): void {
  const frame = begin(turn, flow.id, { call, start: step });
  if (frame === null) return;
  const { values } = fillSlots(flow, message, turn.context, null, true);
  for (const [name, slot] of flow.slots) {
    // A phrase alone (“我要投诉”) opens the form, it is not yet what is complained about.
    if (slot.type === 'text' && slot.from === 'first' && isBarePhrase(turn, flow, message, slot.min ?? LEFT_OVER)) delete values[name];
  }
  const kind = values['kind'] === undefined && values['content'] !== undefined ? kindValue(flow, kindOf(message.lower, turn.program)) : {};
  assign(turn, frame, { ...kind, ...values, ...set }, true);
  run(turn);
}

const CONTENT_LIMIT = 2000;

/** One more sentence of the matter. */
export const joinContent = (content: string, more: string): string => `${content.replace(/[。，,.\s]+$/, '')}${/^[\x00-\x7f]+$/.test(content) ? '. ' : '。'}${more}`.slice(0, CONTENT_LIMIT);

/** The kind of ticket that the words of the matter suggest, when the citizen did not name one. */
export function kindFor(turn: Turn, frame: Frame, flow: Flow, slot: Slot, message: Message): JsonObject {
  return slot.name === 'content' && frame.slots['kind'] === undefined ? kindValue(flow, kindOf(message.plain, turn.program)) : {};
}

function kindValue(flow: Flow, kind: string): JsonObject {
  const slot = flow.slots.get('kind');
  return slot?.type === 'choice' && slot.options.some((option) => option.value === kind) ? { kind } : {};
}

/** Shorter than this nothing was said but the phrase; a slot that takes less (居住证 is a question) says so by `min`. */
const LEFT_OVER = 4;
/** A ticket number is no story either. */
const TICKET = /20\d{12}/g;

/** What may stand before or around the matter of a flow, in the order in which it is taken out. */
const openings = onceFor((program: Program) => {
  const { decide, words } = program.dialog;
  return onceFor((flow: Flow): readonly string[] => [...[...flow.triggers.flatMap((trigger) => trigger.phrases), ...decide.complaint].sort((a, b) => b.length - a.length), ...words.filler]);
});

function isBarePhrase(turn: Turn, flow: Flow, message: Message, least: number): boolean {
  if (message.tight.length === 0) return true;
  let rest = message.tight;
  for (const phrase of openings(turn.program)(flow)) if (hasWord(rest, phrase)) rest = rest.replace(phrase, ' ').trim();
  rest = rest.replace(TICKET, '');
  return rest.length < least;
}

/** Writes values into a frame; phone and name also go to the vault and into the conversation's memory. */
export function assign(turn: Turn, frame: Frame, values: JsonObject, overwrite: boolean): string[] {
  const flow = flowOf(turn, frame);
  const changed: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    const slot = flow?.slots.get(name);
    if (slot === undefined || value === null || (!overwrite && frame.slots[name] !== undefined)) continue;
    if (JSON.stringify(frame.slots[name]) !== JSON.stringify(value)) changed.push(name);
    frame.slots[name] = value;
    frame.skipped = frame.skipped.filter((skipped) => skipped !== name);
    keepTown(turn, slot, value);
    if ((slot.type === 'phone' || slot.type === 'name') && typeof value === 'string' && turn.core.memory[slot.type] !== value) {
      turn.core.memory[slot.type] = value;
      turn.effects.push(slot.type === 'phone' ? { kind: 'identity', phone: value } : { kind: 'identity', name: value });
    }
  }
  return changed;
}

/** The town of a matter is what the conversation is about, also when the form is done. */
function keepTown(turn: Turn, slot: Slot, value: JsonValue): void {
  if ((slot.type !== 'town' && slot.type !== 'place') || typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const id = slot.type === 'town' ? value['id'] : value['townId'];
  if (typeof id === 'string') turn.core.town = id;
}

/** The question failed: ask in other words; an optional one is let go, a needed one ends at a person. */
export function fail(turn: Turn, frame: Frame, step: Step, slot: Slot | null, plainly = false): void {
  frame.fails += 1;
  if (slot !== null && !slot.required && frame.fails >= STRIKES - 1) {
    frame.skipped.push(slot.name);
    return run(turn);
  }
  if (frame.fails >= STRIKES) return giveUp(turn, frame, step);
  if (slot === null) run(turn);
  else askSlot(turn, frame, slot, plainly);
}

export function giveUp(turn: Turn, frame: Frame, step: Step): void {
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

/** 不要再打了 begins like a no: who says nothing but a flow's own words means that flow, where it may interrupt. */
export function interrupted(turn: Turn, message: Message): boolean {
  const current = topFrame(turn)?.flow;
  const route = message.keys === null ? findRoute(turn, message, (flow, hit) => flow.id !== current && flow.interrupts && hit.by === 'phrase' && hit.coverage >= WHOLE_SHARE) : null;
  if (route === null) return false;
  start(turn, route.flow, route.start, route.slots, message, 'interrupt');
  return true;
}

/**
 * Something else than an answer: a short exchange, another flow that may interrupt, or a question that the knowledge
 * base answers. It is dealt with, then the form's question is repeated.
 */
export function digress(turn: Turn, message: Message): boolean {
  const current = topFrame(turn)?.flow;
  const route = findRoute(turn, message, (flow, hit) => flow.id !== current && (flow.aside || flow.interrupts) && (hit.by === 'phrase' ? hit.coverage >= ASIDE_SHARE : hit.by === 'pattern'));
  if (route !== null) {
    start(turn, route.flow, route.start, route.slots, message, route.flow.aside ? 'aside' : 'interrupt');
    return true;
  }
  if (isQuestion(message, turn.program) && followUp(turn, message)) {
    run(turn);
    return true;
  }
  if (!answers(turn, message)()) return false;
  const { result: { decision }, topic } = consult(turn, message.text);
  if (decision.kind === 'answer' && topic === null && tell(turn, decision.hit.id, message.text, decision.hit.score)) {
    run(turn);
    return true;
  }
  begin(turn, turn.program.dialog.flows.ask, { call: 'aside', slots: { question: message.text } });
  run(turn);
  return true;
}
