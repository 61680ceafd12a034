import type { Locale } from '../domain/activity.ts';
import { asksForPerson, findEmergency, hear, inList, isCantonese, isChinese, isEnglish, mostly, type Message } from './listen.ts';
import { parseTarget, type Program } from './program.ts';
import { receive } from './receive.ts';
import { request, toPerson } from './request.ts';
import { begin, endConversation, leave, run, setTimer, understood, understoodSlots } from './run.ts';
import { atRest, loadCore, newCore, saveCore, type Core } from './state.ts';
import { asksForWhole, tellWhole } from './brief.ts';
import { asksForMore, paceTo, repeat, tellMore } from './hear-again.ts';
import { migrate } from './migrate.ts';
import { phraseAlike } from './sound.ts';
import { hasWord } from './word-index.ts';
import { flowOf, sayCommon, setLocale, stepOf, topFrame, type Turn } from './turn.ts';
import { slotContext } from './program.ts';
import { fillSlots } from './fill.ts';
import type { DialogEvent, DialogFacts, DialogState, DialogStep } from './types.ts';

/** State of a conversation in which nothing has happened yet. */
export const startState = (program: Program, locale: Locale = 'zh-CN'): DialogState => saveCore(newCore(locale), program.version);

/**
 * One event → new state and effects. Pure: the same four arguments always give the same answer, the state given is not
 * changed. Never throws for anything a citizen can send. A state of another program version is carried over.
 */
export function advance(program: Program, state: DialogState, event: DialogEvent, facts: DialogFacts): DialogStep {
  const core = loadCore(state, facts.locale);
  if (core.ended && event.type !== 'timeout' && event.type !== 'silence') Object.assign(core, { ...newCore(core.locale), count: core.count, memory: core.memory });
  core.count += 1;
  const turn: Turn = { program, facts, context: slotContext(program, facts.now), core, effects: [], said: [], consulted: new Map(), personAsked: false };
  if (state.programVersion !== program.version) migrate(turn);
  handle(turn, event);
  if (turn.said.length > 0) core.said = turn.said.slice(-3);
  tellDesk(turn);
  wake(turn, event);
  return { state: saveCore(core, program.version), effects: turn.effects };
}

function handle(turn: Turn, event: DialogEvent): void {
  const { core, program } = turn;
  switch (event.type) {
    case 'message':
      return hearMessage(turn, hear(event, program.dialog, program.dialect));
    case 'enter':
      if (core.frames.length > 0) return run(turn);
      begin(turn, program.dialog.flows.enter, { call: 'go' });
      return run(turn);
    case 'handedBack':
      core.waiting = false;
      core.timer = null;
      begin(turn, program.dialog.flows.handedBack, { call: 'go' });
      return run(turn);
    case 'begin':
      return invite(turn, event.flow);
    case 'silence':
      return silence(turn);
    case 'timeout':
      return timeout(turn, event.token);
    case 'result':
      return result(turn, event);
  }
}

/** A question of the house itself: nobody is interrupted for it. */
function invite(turn: Turn, flow: string): void {
  const { core } = turn;
  if (core.waiting || !(core.frames.length === 0 || isOpen(turn, core))) return;
  core.timer = null;
  // The citizen was faster and is answering already: the question that is open is said again, nothing they said is lost.
  if (topFrame(turn)?.flow === flow || begin(turn, flow, { call: 'go' }) !== null) run(turn);
}

/** What holds in every flow and state, in this order: danger, a person, then the small words. */
function hearMessage(turn: Turn, message: Message): void {
  const { core, program } = turn;
  const rules = program.dialog;
  core.silences = 0;
  const { rest } = core;
  core.rest = [];
  const danger = findEmergency(message.plain, rules);
  if (danger !== null) return alarm(turn, message, danger);
  hearLanguage(turn, message);
  if (asksForPerson(message, rules) && !isAskedNumber(turn, message)) return person(turn);
  const alike = phraseAlike(program, message);
  if (alike !== null && rules.words.person.includes(alike)) return person(turn);
  if (inList(rules, 'english', message)) return switchTo(turn, 'en');
  if (inList(rules, 'cantonese', message)) return switchTo(turn, 'zh-HK');
  if (inList(rules, 'chinese', message)) return switchTo(turn, 'zh-CN');
  if (asksForMore(turn, message, rest)) return tellMore(turn, rest);
  if (inList(rules, 'slower', message)) return paceTo(turn, 'slow', rest);
  if (inList(rules, 'faster', message)) return paceTo(turn, 'normal', rest);
  if ((message.keys === '*' || inList(rules, 'repeat', message)) && core.said.length > 0) return repeat(turn, rest);
  if (inList(rules, 'menu', message) && !core.waiting) {
    begin(turn, rules.flows.menu, { call: 'go' });
    return run(turn);
  }
  if (asksForWhole(turn, message)) return tellWhole(turn);
  if (inList(rules, 'help', message, 0.9)) {
    sayCommon(turn, 'help');
    return run(turn);
  }
  const frame = topFrame(turn);
  if (!core.waiting && inList(rules, 'cancel', message) && !isAnswer(turn, message)) return cancel(turn);
  if (message.keys === null && message.confidence < rules.hearingScore && !core.waiting) return unheard(turn);
  if (message.text === '' && message.keys === null && !(message.attachments > 0 && asksForFiles(turn))) {
    if (message.attachments > 0) sayCommon(turn, 'attachment');
    else if (frame === null) sayCommon(turn, 'notUnderstood');
    return run(turn);
  }
  if (frame !== null) return receive(turn, frame, message);
  if (message.attachments > 0 && message.text === '') return sayCommon(turn, 'attachment');
  request(turn, message);
}

/** A picture alone answers this question. */
function asksForFiles(turn: Turn): boolean {
  const frame = topFrame(turn);
  return frame !== null && frame.asked !== null && flowOf(turn, frame)?.slots.get(frame.asked)?.files === true;
}

/** Before any answer: who shouts for help in English needs the number of the fire brigade in English. */
function hearLanguage(turn: Turn, message: Message): void {
  const { core, program } = turn;
  const { words } = program.dialog;
  if (core.locale !== 'en' && isEnglish(message.text) && (mostlyKnown(message, words.englishHints) || mostlyKnown(message, words.person))) return setLocale(turn, 'en');
  // Who writes is answered in written Chinese, which is one. Nobody loses Cantonese again by a sentence without its words.
  const cantonese = turn.facts.modality === 'voice' && isCantonese(message, words.cantoneseHints);
  if (cantonese) setLocale(turn, 'zh-HK');
  else if (core.locale === 'en' && isChinese(message.text) && !isOffered(turn, message)) setLocale(turn, 'zh-CN');
}

/** Pinyin typed without tones is Latin too; English has its small words. */
const mostlyKnown = (message: Message, hints: readonly string[]): boolean => hints.some((hint) => hasWord(message.said, hint));

/** The titles of knowledge entries are Chinese in every language: picking one is no change of language. */
const isOffered = (turn: Turn, message: Message): boolean => topFrame(turn)?.offered.some(({ title }) => title === message.text) === true;

/** “不用了” answers a menu that offers it, or a yes/no question; it does not call everything off then. */
function isAnswer(turn: Turn, message: Message): boolean {
  const frame = topFrame(turn);
  const verb = frame === null ? null : stepOf(turn, frame)?.verb;
  if (frame === null || verb === undefined || verb === null) return false;
  if (verb.kind === 'choose') return verb.options.some((option) => mostly(message, [...option.words, ...Object.values(option.title)]));
  return verb.kind === 'ask' && frame.asked !== null && flowOf(turn, frame)?.slots.get(frame.asked)?.type === 'yesno' && message.tight.startsWith('不');
}

/** Somebody who types a phone number's last digits “0” is not asking for a person; the key 0 always is. */
function isAskedNumber(turn: Turn, message: Message): boolean {
  const frame = topFrame(turn);
  if (frame === null || frame.asked === null || message.keys !== null || !/^[0零]$/.test(message.tight)) return false;
  return flowOf(turn, frame)?.slots.get(frame.asked)?.type === 'number';
}

/** Danger to life: said at once, whatever is under way; the flow's step of that category has the words. */
function alarm(turn: Turn, message: Message, danger: { readonly category: string; readonly words: readonly string[] }): void {
  const { core, program } = turn;
  const target = parseTarget(program.dialog.flows.emergency).flow;
  const flow = program.flows.get(target);
  core.emergency = danger.category;
  turn.effects.push({ kind: 'emergency', category: danger.category, words: [...danger.words] });
  hearLanguage(turn, message);
  turn.personAsked = asksForPerson(message, program.dialog);
  if (flow === undefined || !flow.steps.has(danger.category)) return turn.personAsked ? person(turn) : undefined;
  const at = core.frames.findIndex((frame) => frame.flow === target);
  const earlier = at < 0 ? {} : (core.frames[at]?.slots ?? {});
  if (at >= 0) core.frames.length = at;
  const { values } = fillSlots(flow, message, turn.context, null, true);
  begin(turn, target, { call: 'interrupt', start: danger.category, slots: { ...earlier, ...values } });
  run(turn);
}

function person(turn: Turn): void {
  const { core } = turn;
  if (core.waiting) {
    core.waitingTold = true;
    return sayCommon(turn, 'waiting');
  }
  core.reason = core.emergency === null ? '市民要求人工服务' : '市民遇到紧急情况，要求人工服务';
  toPerson(turn);
}

function switchTo(turn: Turn, locale: Locale): void {
  setLocale(turn, locale);
  sayCommon(turn, 'switched');
  if (!turn.core.waiting) run(turn);
}

function cancel(turn: Turn): void {
  const { core } = turn;
  const frame = core.frames.find((one) => flowOf(turn, one)?.aside !== true) ?? null;
  if (frame === null) return sayCommon(turn, 'nothingToCancel');
  const step = flowOf(turn, frame)?.cancel ?? null;
  core.frames.length = 0;
  if (step === null) return sayCommon(turn, 'cancelled');
  core.frames.push(frame);
  leave(turn, frame, step);
  run(turn);
}

function unheard(turn: Turn): void {
  const frame = topFrame(turn);
  if (frame === null) return sayCommon(turn, 'notUnderstood');
  strike(turn, 'notUnderstood');
}

/** A question that the house asks by itself is not pressed upon anybody who says nothing: it is asked twice. */
function roundsOf(turn: Turn, frame: Core['frames'][number], prompt: 'notUnderstood' | 'silence' | 'silenceAgain'): number {
  const free = frame.asked !== null && flowOf(turn, frame)?.slots.get(frame.asked)?.free === true;
  return prompt !== 'notUnderstood' && free ? 2 : 3;
}

/** A failure that no step can judge (not heard, nothing said): three in a row end at a person. */
function strike(turn: Turn, prompt: 'notUnderstood' | 'silence' | 'silenceAgain'): void {
  const frame = topFrame(turn);
  if (frame === null) return;
  frame.fails += 1;
  const step = stepOf(turn, frame);
  if (frame.fails < roundsOf(turn, frame, prompt)) {
    sayCommon(turn, prompt);
    const { fails } = frame;
    frame.fails = 0;
    run(turn);
    frame.fails = fails;
    return;
  }
  if (step !== null && step.onFail !== null) {
    leave(turn, frame, step.onFail);
    return run(turn);
  }
  turn.core.reason = prompt === 'notUnderstood' ? '机器人多次没有听清' : '来电人多次没有应答';
  toPerson(turn);
}

/** The phone heard nothing. While a seat is awaited that is as it should be. */
function silence(turn: Turn): void {
  const { core } = turn;
  if (core.waiting || core.ended) return;
  core.silences += 1;
  const frame = topFrame(turn);
  const open = frame === null || (stepOf(turn, frame)?.verb.kind === 'choose' && core.frames.length === 1);
  if (!open) return strike(turn, core.silences === 1 ? 'silence' : 'silenceAgain');
  if (core.silences >= 3) {
    sayCommon(turn, 'goodbye', { hint: 'ignoringInput' });
    return endConversation(turn, 'botTimedOut');
  }
  sayCommon(turn, core.silences === 1 ? 'stillThere' : 'silenceAgain', { hint: 'expectingInput' });
}

function timeout(turn: Turn, token: string): void {
  const { core, program } = turn;
  if (core.ended || core.timer?.token !== token) return;
  const { stage } = core.timer;
  core.timer = null;
  if (stage === 'rest') return endConversation(turn, 'botTimedOut');
  if (stage === 'remind') {
    sayCommon(turn, 'reminder');
    return setTimer(turn, 'close', program.dialog.timers.closeMs);
  }
  if (stage === 'close') {
    sayCommon(turn, 'closed', { hint: 'ignoringInput' });
    return endConversation(turn, 'botTimedOut');
  }
  const frame = topFrame(turn);
  const verb = frame === null ? null : stepOf(turn, frame)?.verb;
  if (frame === null || verb?.kind !== 'wait' || verb.patience === null) return;
  leave(turn, frame, verb.patience.next);
  run(turn);
}

function result(turn: Turn, event: Extract<DialogEvent, { type: 'result' }>): void {
  const frame = turn.core.frames.findLast((one) => one.action === event.action);
  if (frame === undefined) return;
  const step = stepOf(turn, frame);
  frame.action = null;
  if (step?.verb.kind !== 'do') return;
  const { verb } = step;
  const tickets = event.data['tickets'];
  frame.result = { ...event.data, ...(Array.isArray(tickets) ? { count: tickets.length } : {}) };
  const code = typeof event.data['code'] === 'string' ? event.data['code'] : '';
  leave(turn, frame, event.ok ? (verb.ok ?? step.next) : (verb.errors[code] ?? verb.error));
  run(turn);
}

/** The desk hears of what was understood whenever it changed. */
function tellDesk(turn: Turn): void {
  const now = understoodSlots(turn);
  if (now.flow === null && now.slots.length === 0) return;
  const told = JSON.stringify([now.flow, now.slots]);
  if (told === turn.core.told) return;
  turn.core.told = told;
  turn.effects.push({ kind: 'understood', understood: understood(turn, now) });
}

/** On a screen silence is only noticed by a timer; the phone tells us itself. */
function wake(turn: Turn, event: DialogEvent): void {
  const { core, program, facts } = turn;
  if (core.ended || core.waiting || facts.modality === 'voice' || event.type === 'timeout' || event.type === 'begin') return;
  if (core.frames.some((frame) => frame.action !== null)) return;
  setTimer(turn, atRest(core) || isOpen(turn, core) ? 'rest' : 'remind', atRest(core) || isOpen(turn, core) ? program.dialog.timers.restMs : program.dialog.timers.remindMs);
}

/** An open menu, or a question that the house asked, may stay unanswered: nobody is reminded of it. */
function isOpen(turn: Turn, core: Core): boolean {
  const frame = topFrame(turn);
  const verb = frame === null ? null : stepOf(turn, frame)?.verb;
  if (frame === null || core.frames.length !== 1) return false;
  if (verb?.kind === 'ask') return frame.asked !== null && flowOf(turn, frame)?.slots.get(frame.asked)?.free === true;
  return verb?.kind === 'choose' && verb.free;
}

