import type { Choice } from '../domain/activity.ts';
import type { Understood } from '../domain/conversation.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import { buildAction } from './actions.ts';
import { answer } from './answer.ts';
import { holds, lookUp } from './conditions.ts';
import { kindOf } from './decide.ts';
import { findEmergency } from './listen.ts';
import { parseTarget, type Slot, type Step, type Verb } from './program.ts';
import { askSlot, attachChoices, readBack, shownOptions, type ShownOption } from './show.ts';
import { newFrame, type Frame } from './state.ts';
import { argumentOf, showSlot } from './template.ts';
import { carried, flowOf, inherited, say, sayCommon, setLocale, stepOf, topFrame, viewOf, type Turn } from './turn.ts';

/** Runs steps until the citizen, an action or a seat is awaited. What arrives next is the work of receive.ts. */

/** A flow that goes round in circles is a fault of the flow, not a reason to hang. */
const MOST_STEPS = 60;

export interface Begin {
  readonly call: Frame['call'];
  readonly slots?: JsonObject;
  readonly start?: string;
}

/** Begins a flow: on top of what is under way, or (`go`) instead of it. */
export function begin(turn: Turn, target: string, options: Begin): Frame | null {
  const { flow: id, step } = parseTarget(target);
  const flow = turn.program.flows.get(id);
  if (flow === undefined) return null;
  const slots = { ...inherited(turn, flow, carried(turn)), ...options.slots };
  // Begun with a matter but without a kind (登记, 反映问题): its words tell the kind.
  const kind = flow.slots.get('kind');
  if (kind?.type === 'choice' && typeof slots['content'] === 'string' && slots['kind'] === undefined) slots['kind'] = kindOf(slots['content'], turn.program);
  if (options.call === 'go') {
    turn.core.frames.length = 0;
    stopWaiting(turn);
  }
  const frame = newFrame(flow.id, options.start ?? step ?? flow.first, options.call, slots);
  turn.core.frames.push(frame);
  return frame;
}

/** The citizen goes on with the bot: the desk must not ring for somebody who does not wait any more. */
export function stopWaiting(turn: Turn): void {
  if (!turn.core.waiting) return;
  turn.core.waiting = false;
  turn.core.timer = null;
  turn.effects.push({ kind: 'handoffCancelled' });
}

export function run(turn: Turn): void {
  for (let count = 0; count < MOST_STEPS; count += 1) {
    const frame = topFrame(turn);
    if (frame === null) return forgetRest(turn);
    const step = stepOf(turn, frame);
    if (step === null) {
      turn.core.frames.pop();
      continue;
    }
    if (!frame.entered) {
      if (!holds(step.when, viewOf(turn, frame))) {
        leave(turn, frame, step.otherwise);
        continue;
      }
      for (const name of step.clear) delete frame.slots[name];
      for (const [name, value] of Object.entries(step.set)) frame.slots[name] = resolve(turn, frame, value);
      if (step.language !== null) setLocale(turn, step.language);
      if (step.unhelpful) blame(turn);
      if (step.say !== null && step.verb.kind !== 'choose') say(turn, step.say, { hint: 'acceptingInput' });
      frame.entered = true;
    }
    if (work(turn, frame, step) !== 'waits') continue;
    // Something else is asked now: a yes to that must not go on with an answer.
    return step.verb.kind === 'choose' ? undefined : forgetRest(turn);
  }
  turn.core.frames.length = 0;
  sayCommon(turn, 'failed');
}

const forgetRest = (turn: Turn): void => void (turn.core.rest = []);

/** The key that goes on with an answer. */
export const MORE_KEY = '1';

/** A long answer waits: whether the caller wants to hear on is asked instead of what comes after it. Not in the middle of something else. */
function offersMore(turn: Turn, step: Step, choices: readonly Choice[]): boolean {
  const { core } = turn;
  const fits = step.verb.kind === 'choose' && step.verb.free && core.frames.length === 1 && choices.every(({ key }) => key !== MORE_KEY);
  if (!fits || turn.program.dialog.prompts.more.length === 0) forgetRest(turn);
  if (core.rest.length === 0) return false;
  sayCommon(turn, 'more', { hint: 'expectingInput' });
  return true;
}

/** Moves a frame to a step; null: the flow is over. */
export function leave(turn: Turn, frame: Frame, step: string | null): void {
  frame.fails = 0;
  frame.asked = null;
  frame.offered = [];
  frame.clarify = [];
  frame.fixing = false;
  frame.entered = false;
  if (step === null) finish(turn, frame);
  else frame.step = step;
}

/** A flow is over: its caller goes on, or the question that it interrupted is asked again. */
function finish(turn: Turn, frame: Frame): void {
  turn.core.frames.pop();
  const parent = topFrame(turn);
  if (parent === null) return;
  if (frame.call === 'run') {
    const flow = flowOf(turn, parent);
    for (const [name, value] of Object.entries(frame.slots)) if (flow?.slots.has(name) === true && parent.slots[name] === undefined) parent.slots[name] = value;
    leave(turn, parent, stepOf(turn, parent)?.next ?? null);
  } else if (frame.call === 'interrupt' && frame.flow !== parseTarget(turn.program.dialog.flows.emergency).flow) {
    sayCommon(turn, 'resume', { extra: { flow: flowOf(turn, parent)?.title[turn.core.locale] ?? '' } });
  }
}

function work(turn: Turn, frame: Frame, step: Step): 'on' | 'waits' {
  const { verb } = step;
  switch (verb.kind) {
    case 'say':
      leave(turn, frame, step.next);
      return 'on';
    case 'ask':
      return ask(turn, frame, step, verb.slots);
    case 'confirm':
      readBack(turn, frame, verb.slots);
      return 'waits';
    case 'choose': {
      const options = shownOptions(turn, frame, verb);
      const choices = options.map((option) => option.choice);
      if (offersMore(turn, step, choices)) return 'waits';
      if (step.say === null) attachChoices(turn, choices);
      else say(turn, step.say, { choices, hint: 'expectingInput' });
      return 'waits';
    }
    case 'answer':
      return answerStep(turn, frame, verb);
    case 'handoff':
      handOff(turn, verb.reason);
      leave(turn, frame, step.next);
      return 'on';
    case 'wait':
      if (verb.patience !== null && turn.core.timer?.stage !== 'wait') setTimer(turn, 'wait', verb.patience.minutes * 60_000);
      return 'waits';
    case 'do':
      act(turn, frame, step, verb);
      return 'waits';
    case 'run':
      begin(turn, verb.flow, { call: 'run', slots: argumentsOf(turn, frame, step.with) });
      return 'on';
    case 'go': {
      if (verb.reason !== null) turn.core.reason = verb.reason;
      begin(turn, verb.flow, { call: 'go', slots: argumentsOf(turn, frame, step.with) });
      return 'on';
    }
    case 'done':
      finish(turn, frame);
      return 'on';
    case 'end':
      endConversation(turn, verb.code);
      return 'waits';
  }
}

export function endConversation(turn: Turn, code: 'completedSuccessfully' | 'userCancelled' | 'botTimedOut'): void {
  turn.core.frames.length = 0;
  turn.core.ended = true;
  turn.core.timer = null;
  turn.effects.push({ kind: 'end', code });
}

export function setTimer(turn: Turn, stage: 'remind' | 'close' | 'rest' | 'wait', afterMs: number): void {
  const token = `t${turn.core.count}`;
  turn.core.timer = { token, stage };
  turn.effects.push({ kind: 'timer', token, afterMs });
}

// ── ask ──

function ask(turn: Turn, frame: Frame, step: Step, names: readonly string[]): 'on' | 'waits' {
  const slot = nextSlot(turn, frame, names);
  if (slot === null) {
    leave(turn, frame, step.next);
    return 'on';
  }
  if (frame.asked !== slot.name) frame.fails = 0;
  frame.asked = slot.name;
  askSlot(turn, frame, slot);
  return 'waits';
}

/** The first slot that is neither given, nor skipped, nor switched off by its condition. */
export function nextSlot(turn: Turn, frame: Frame, names: readonly string[]): Slot | null {
  const flow = flowOf(turn, frame);
  const view = viewOf(turn, frame);
  for (const name of names) {
    const slot = flow?.slots.get(name);
    if (slot === undefined || frame.slots[name] !== undefined || frame.skipped.includes(name)) continue;
    if (holds(slot.when, view)) return slot;
  }
  return null;
}

// ── choose ──

/** Carries out a picked option. */
export function pick(turn: Turn, frame: Frame, step: Step, shown: ShownOption): void {
  const { option } = shown;
  if (step.verb.kind === 'choose' && step.verb.save !== null) frame.slots[step.verb.save] = option.value;
  for (const [name, value] of Object.entries(option.set)) frame.slots[name] = resolve(turn, frame, value);
  if (option.reason !== null) turn.core.reason = option.reason;
  if (option.go !== null) begin(turn, option.go, { call: 'go', slots: argumentsOf(turn, frame, option.with) });
  else leave(turn, frame, option.next ?? step.next);
}

// ── answer ──

function answerStep(turn: Turn, frame: Frame, verb: Extract<Verb, { kind: 'answer' }>): 'on' | 'waits' {
  const answered = answer(turn, frame, verb);
  if (answered.kind === 'on') leave(turn, frame, answered.to);
  return answered.kind;
}

/** The answer told last did not help: a gap, once an answer. */
function blame(turn: Turn): void {
  const last = turn.core.answered;
  if (last === null || last.blamed) return;
  last.blamed = true;
  turn.effects.push({ kind: 'gap', why: 'unhelpful', question: last.question, bestId: last.id, bestScore: last.score });
}

/** A part of the last answer was told: the ask flow goes on as after an answer. */
export function goOnAfterAnswer(turn: Turn, question: string): void {
  const frame = begin(turn, turn.program.dialog.flows.ask, { call: 'go', slots: { question } });
  if (frame === null) return;
  const step = [...(flowOf(turn, frame)?.steps.values() ?? [])].find(({ verb }) => verb.kind === 'answer');
  leave(turn, frame, step?.verb.kind === 'answer' ? (step.verb.found ?? step.next) : null);
  run(turn);
}

// ── actions and persons ──

function act(turn: Turn, frame: Frame, step: Step, verb: Extract<Verb, { kind: 'do' }>): void {
  const args = argumentsOf(turn, frame, step.with, true);
  const content = typeof args['content'] === 'string' ? args['content'] : '';
  const town = typeof frame.slots['town'] === 'object' ? frame.slots['town'] : null;
  const townId = town !== null && !Array.isArray(town) && typeof town['id'] === 'string' ? town['id'] : null;
  const top = content === '' || turn.facts.unsuggested === true ? undefined : turn.facts.suggestItems(content)[0];
  const danger = content !== '' && findEmergency(content, turn.program.dialog) !== null;
  frame.action = verb.action;
  turn.core.misses = 0;
  turn.effects.push(
    buildAction(verb.action, args, {
      townId,
      itemCode: top !== undefined && (top.sure ?? top.score >= turn.program.dialog.itemScore) ? top.code : null,
      urgency: danger ? 'emergency' : turn.core.emergency === null ? 'normal' : 'urgent',
    }),
  );
}

/** Effect `handoff`; from here on the conversation waits for a seat. */
function handOff(turn: Turn, reason: string | null): void {
  const why = turn.core.reason ?? reason ?? '市民要求人工服务';
  // Their named seat is to see at a glance whom it concerns.
  const asked = (turn.facts.enterprise ?? null) === null || why.includes('企业专员') ? why : `企业直通车，请企业专员接：${why}`;
  turn.effects.push({ kind: 'handoff', reason: asked, understood: understood(turn) });
  turn.core.waiting = true;
  turn.core.waitingTold = false;
}

/** What the desk is shown: the slots of all that is under way. */
export function understood(turn: Turn, { flow, slots } = understoodSlots(turn)): Understood {
  const content = slots.find(({ name }) => name === 'content')?.value ?? slots.find(({ name }) => name === 'question')?.value ?? '';
  return { flow, slots, items: content === '' || turn.facts.unsuggested === true ? [] : turn.facts.suggestItems(content) };
}

/** The same without the items, which are asked for only when something changed. */
export function understoodSlots(turn: Turn): Omit<Understood, 'items'> {
  const frames = turn.core.frames.filter((frame) => flowOf(turn, frame)?.aside !== true);
  const slots = new Map<string, { name: string; label: string; value: string }>();
  for (const frame of frames) {
    const flow = flowOf(turn, frame);
    for (const [name, value] of Object.entries(frame.slots)) {
      const slot = flow?.slots.get(name);
      const shown = slot === undefined ? '' : showSlot(slot, value, 'zh-CN');
      if (slot !== undefined && shown !== '') slots.set(name, { name, label: slot.label['zh-CN'], value: shown });
    }
  }
  return { flow: frames.at(-1)?.flow ?? null, slots: [...slots.values()] };
}

function argumentsOf(turn: Turn, frame: Frame, given: Readonly<Record<string, string | number | boolean>>, plain = false): JsonObject {
  const args: JsonObject = {};
  for (const [name, source] of Object.entries(given)) {
    const value = resolve(turn, frame, source);
    if (value !== null) args[name] = plain ? argumentOf(value) : value;
  }
  return args;
}

/** `slot.x`, `result.x`, `fact.x` are looked up; anything else is itself. */
function resolve(turn: Turn, frame: Frame, source: string | number | boolean): JsonValue {
  return typeof source === 'string' && /^(?:slot|result|fact)\.[a-zA-Z0-9]+$/.test(source) ? lookUp(source, viewOf(turn, frame)) : source;
}
