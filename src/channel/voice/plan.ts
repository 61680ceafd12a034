import type { HookOutcome } from '../contract.ts';
import type { Locale, MessageContent } from '../../domain/activity.ts';
import type { CallState, NextCall } from './call-state.ts';
import { toSimplified } from '../../domain/text.ts';
import { PHRASES, type Phrases } from './phrases.ts';
import { localeOf, namesKey, spokenMessage } from './speech.ts';

/**
 * What a call does next, in no platform's words: every telephone channel writes these steps in its own dialect (TwiML,
 * jambonz verbs, VoiceXML …). A plan that goes on always ends in `go` or `hangup`, so that a silent caller is never cut off by
 * the end of a document. Pure.
 */
export type VoiceStep =
  | { readonly kind: 'say'; readonly lines: readonly Line[] }
  /** Speaks, may be interrupted, and takes keys and speech to the next request. */
  | { readonly kind: 'listen'; readonly lines: readonly Line[]; readonly keys: KeyRule; readonly locale: Locale; readonly next: NextCall }
  | { readonly kind: 'pause'; readonly seconds: number }
  /** The next request comes at once: nobody said anything, or there is something to collect. */
  | { readonly kind: 'go'; readonly next: NextCall }
  /** Rings a seat's telephone; its end is the next request. */
  | { readonly kind: 'dial'; readonly number: string; readonly timeoutSeconds: number; readonly next: NextCall }
  | { readonly kind: 'hangup' };

/** One utterance with the language it is spoken in. */
export interface Line {
  readonly text: string;
  readonly locale: Locale;
}

/** How keys are collected. `single`: one key answers at once, # and * included. `number`: until #. `open`: several digits or #. */
export interface KeyRule {
  readonly mode: 'single' | 'number' | 'open';
  /** Seconds a caller may be silent. */
  readonly timeout: number;
}

/** What the request brought. */
export interface CallRequest {
  readonly state: CallState;
  /** The call is over: nobody listens any more. */
  readonly over: boolean;
  /** The seat's telephone was answered, and that talk has ended. */
  readonly seatTalked: boolean;
  /** It was not answered. */
  readonly seatFailed: boolean;
  readonly keys: string;
  readonly speech: string;
}

export interface VoicePlan {
  readonly steps: readonly VoiceStep[];
  /** As it goes into the next request's address. */
  readonly state: CallState;
}

/** Seconds a caller may be silent before we ask again; also the pause after which entered digits count as complete. */
const ANSWER_TIMEOUT_S = 5;
/** Between the digits of a long number people look at a slip of paper. */
const NUMBER_TIMEOUT_S = 7;
/** One round of the waiting loop: how long a seat's answer may lie before the caller hears it. */
const WAIT_TIMEOUT_S = 5;
const LATE_PAUSE_S = 2;
/** Rounds of the waiting loop without a word before the caller is told that we are still there. */
const REASSURE_EVERY = 6;
/** Late rounds (two seconds or more each) before the caller is asked to say it again. */
const LATE_ROUNDS_MAX = 20;
/** Rounds of waiting before the seat's telephone is rung again. */
const REDIAL_AFTER = 12;
const DIAL_TIMEOUT_S = 25;
/** Rounds without the database, of some ten seconds each: three or four minutes are what a caller can be asked to hold. */
const OUTAGE_ROUNDS_MAX = 24;
const OUTAGE_STILL_EVERY = 4;
/** While what is said has time to be said. */
const OUTAGE_TIMEOUT_S = 8;

/** @param seatNumber a telephone that rings when a caller waits for a person; null: callers wait for the desk */
export function planVoice(request: CallRequest, outcome: HookOutcome, seatNumber: string | null): VoicePlan {
  // A call that has not been answered yet has heard nothing.
  const told = outcome.upTo ?? (outcome.turn === 'spooled' && request.state.purpose === 'start' ? 0 : request.state.heard);
  // A seat cannot be made to say it again, but what was collected can be collected once more: the star itself, and what came before it.
  const again = request.keys === REPEAT_KEY && outcome.conversation === 'human' && outcome.messages.length === 0 && told !== null;
  const heard = again ? Math.max(0, told - 2) : told;
  const pace = outcome.messages.findLast(({ content }) => content.pace !== undefined)?.content.pace;
  const state = { ...request.state, heard, slow: pace === undefined ? request.state.slow : pace === 'slow' };
  const chinese = (outcome.locale ?? state.locale) === 'zh-HK' ? 'zh-HK' : 'zh-CN';
  const call: Call = { state, seatNumber, chinese, locale: outcomeLocale(outcome, state, chinese), steps: [] };
  if (again) go(call, { purpose: 'wait', waits: 1, locale: call.locale });
  else if (!request.over) plan(call, outcome, request);
  return { steps: call.steps, state };
}

interface Call {
  readonly state: CallState;
  readonly seatNumber: string | null;
  /** The Chinese that this caller speaks. */
  readonly chinese: Exclude<Locale, 'en'>;
  readonly locale: Locale;
  /** What is planned so far. */
  readonly steps: VoiceStep[];
}

function plan(call: Call, outcome: HookOutcome, request: CallRequest): void {
  const { state } = call;
  const lines = outcome.messages.flatMap(({ content }) => toLines(content, call));
  if (request.seatTalked) return planGoodbye(call, lines);
  if (outcome.turn === 'spooled') return planOutage(call, request);
  if (state.outage > 0) say(call, [own(call, 'outageOver')]);
  const waitsForPerson = outcome.conversation === 'waiting' || outcome.conversation === 'human';
  // A closed conversation whose turn is late is about to be reopened by what the caller just said: not the time to hang up.
  if (!waitsForPerson && stillWorking(outcome, state)) return planLate(call, lines);
  if (outcome.conversation === 'closed') return planGoodbye(call, lines);
  const transferTo = waitsForPerson ? transferNumber(outcome) : null;
  if (transferTo !== null) {
    say(call, lines);
    dial(call, transferTo, { purpose: 'seat', dials: state.dials, locale: call.locale });
    return;
  }
  if (waitsForPerson) return planWaiting(call, outcome, lines, request.seatFailed);

  const words = lines.length > 0 ? lines : [own(call, state.purpose === 'wait' ? 'sayAgain' : 'goOn')];
  listen(call, keysFor(outcome.messages.at(-1)?.content, lines), words, { purpose: 'gather', locale: call.locale });
  go(call, { purpose: 'silence', locale: call.locale });
}

/** A seat has put the caller through to another service (110): the message that says so carries its telephone. */
function transferNumber({ messages }: HookOutcome): string | null {
  const value = messages.findLast(({ content }) => content.value !== undefined)?.content.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const number = value['transferTo'];
  return typeof number === 'string' && /^\+?\d{3,15}$/.test(number) ? number : null;
}

/** Late, or a poll that cannot tell yet; both only for a while. */
function stillWorking(outcome: HookOutcome, state: CallState): boolean {
  if (state.waits >= LATE_ROUNDS_MAX) return false;
  if (outcome.turn === 'late') return true;
  return state.purpose === 'wait' && outcome.turn === 'not-awaited' && outcome.messages.length === 0 && outcome.conversation === 'bot';
}

function planLate(call: Call, lines: readonly Line[]): void {
  const { state } = call;
  const words = lines.length > 0 ? lines : state.purpose !== 'wait' ? [own(call, 'pleaseWait')] : state.waits % REASSURE_EVERY === 0 ? [own(call, 'stillWorking')] : [];
  say(call, words);
  call.steps.push({ kind: 'pause', seconds: LATE_PAUSE_S });
  go(call, { purpose: 'wait', waits: lines.length > 0 ? 1 : state.waits + 1, locale: call.locale });
}

function planGoodbye(call: Call, lines: readonly Line[]): void {
  say(call, lines.some(({ text }) => /再见|再見|goodbye/i.test(text)) ? lines : [...lines, own(call, 'goodbye')]);
  call.steps.push({ kind: 'hangup' });
}

/**
 * The database is away. No dialog can run, but a person's telephone can ring (law 2), words can be kept, and the caller can be told the
 * truth. The loop looks whether it is back, and ends; what comes then is the ordinary document.
 */
function planOutage(call: Call, given: CallRequest): void {
  const { state, seatNumber } = call;
  // The key that says everything again is no message.
  const again = given.keys === REPEAT_KEY;
  const said = !again && (given.keys !== '' || given.speech.trim() !== '');
  const wantsPerson = given.keys === '0' || WANTS_PERSON.test(given.speech);
  if (wantsPerson && seatNumber !== null) {
    say(call, [own(call, 'connecting')]);
    dial(call, seatNumber, { purpose: 'seat', dials: state.dials + 1, outage: state.outage + 1, locale: call.locale });
    return;
  }
  const words: Line[] = [];
  if (given.seatFailed) words.push(own(call, 'outageNobody'));
  if (said) words.push(own(call, 'outageNoted'));
  if (state.outage >= OUTAGE_ROUNDS_MAX) {
    say(call, [...words, own(call, 'outageEnd')]);
    call.steps.push({ kind: 'hangup' });
    return;
  }
  if (state.outage === 0 || again) words.push(own(call, 'outage'), ...(seatNumber === null ? [] : [own(call, 'outagePerson')]));
  else if (!said && state.outage % OUTAGE_STILL_EVERY === 0) words.push(own(call, 'outageStill'));
  listen(call, { mode: seatNumber === null ? 'open' : 'single', timeout: OUTAGE_TIMEOUT_S }, words, { purpose: 'gather', outage: state.outage + 1, locale: call.locale });
  go(call, { purpose: 'wait', outage: state.outage + 1, locale: call.locale });
}

/** Says again what was said last, in every state of a call. */
const REPEAT_KEY = '*';

/** Asks for a person, as far as that can be told without the dialog. */
const WANTS_PERSON = /人工|真人|接线员|話務員|话务员|客服|搵人|揾人|operator|person|human|agent/i;

/** A person is asked for or writes: speak what has come, then listen (the caller may add something, or press 0) and look again. */
function planWaiting(call: Call, outcome: HookOutcome, lines: readonly Line[], seatFailed: boolean): void {
  const { state, seatNumber } = call;
  const waiting = outcome.conversation === 'waiting';
  if (waiting && seatNumber !== null && state.purpose !== 'seat' && (state.dials === 0 || state.waits >= REDIAL_AFTER)) {
    say(call, lines.length > 0 ? lines : [own(call, 'connecting')]);
    dial(call, seatNumber, { purpose: 'seat', dials: state.dials + 1, locale: call.locale });
    return;
  }
  const words = lines.length > 0 ? lines : waitingWords(call, waiting, seatFailed);
  const waits = lines.length > 0 || state.purpose !== 'wait' ? 1 : state.waits + 1;
  listen(call, { mode: 'single', timeout: WAIT_TIMEOUT_S }, words, { purpose: 'gather', locale: call.locale });
  go(call, { purpose: 'wait', waits, locale: call.locale });
}

function waitingWords(call: Call, waiting: boolean, seatFailed: boolean): readonly Line[] {
  const { state } = call;
  if (seatFailed) return [own(call, 'seatBusy')];
  if (state.purpose === 'gather') return [own(call, waiting ? 'noted' : 'passedOn')];
  if (state.purpose !== 'wait') return [own(call, waiting ? 'connecting' : 'seatWorking')];
  if (state.waits % REASSURE_EVERY !== 0) return [];
  return [own(call, waiting ? 'stillWaiting' : 'seatWorking')];
}

/** To be typed in, without doubt. */
const TYPES_NUMBER = /(?:输入|键入|拨入).{0,16}(?:号|电话|[几四4六6]位|数字)|井号|#号键|#键|(?:enter|key in).{0,40}(?:number|digits)|(?:pound|hash) key/i;
/** Asked for in a way that may be answered by keys. */
const ASKS_NUMBER = /(?:请|报|说|讲|念|提供|告诉|核对|填).{0,16}(?:号码|编号|手机号|电话|联系方式|后[四4]位|[几六6]位)|(?:type|say|tell|give).{0,40}(?:number|digits)/i;

/**
 * A number is asked for: digits up to #, time to look it up. Keys are on offer: the first one answers at once. Neither
 * (an open question): several digits are taken, so that a number nobody asked for is not torn apart; a lone 0 counts
 * after the time-out or with #.
 */
function keysFor(last: MessageContent | undefined, lines: readonly Line[]): KeyRule {
  const asked = toSimplified(last?.speak ?? last?.text ?? '');
  const heard = lines.at(-1)?.text ?? '';
  const isMenu = last?.choices?.some(({ key }) => key !== undefined) === true || KEYS.some((key) => namesKey(heard, key));
  const number = TYPES_NUMBER.test(asked) || (!isMenu && ASKS_NUMBER.test(asked));
  if (number) return { mode: 'number', timeout: NUMBER_TIMEOUT_S };
  const single = isMenu || namesKey(heard, '0');
  return { mode: single ? 'single' : 'open', timeout: ANSWER_TIMEOUT_S };
}

/** Every key but 0, which calls a person anywhere and makes no menu. */
const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#'];

function listen(call: Call, keys: KeyRule, lines: readonly Line[], next: NextCall): void {
  call.steps.push({ kind: 'listen', lines, keys, locale: call.locale, next });
}

function go(call: Call, next: NextCall): void {
  call.steps.push({ kind: 'go', next });
}

/** Rings the seat's telephone; the call comes back when that has ended. */
function dial(call: Call, number: string, next: NextCall): void {
  call.steps.push({ kind: 'dial', number, timeoutSeconds: DIAL_TIMEOUT_S, next });
}

function say(call: Call, lines: readonly Line[]): void {
  if (lines.length > 0) call.steps.push({ kind: 'say', lines });
}

function own(call: Call, phrase: keyof Phrases): Line {
  return { text: PHRASES[call.locale][phrase], locale: call.locale };
}

function toLines(content: MessageContent, call: Call): readonly Line[] {
  const locale = spokenIn(content, call.chinese) ?? call.locale;
  const text = spokenMessage(content, locale);
  return text === '' ? [] : [{ text, locale }];
}

/** Written Chinese is one; a Cantonese voice reads all of it to who speaks Cantonese, so that no sentence changes the voice. */
function spokenIn(content: MessageContent, chinese: Call['chinese']): Locale | null {
  const written = localeOf(content.speak ?? content.text);
  return written === 'zh-CN' ? chinese : written;
}

/** The call goes on in the language of the last thing said; recognition has to match what the caller will speak. */
function outcomeLocale(outcome: HookOutcome, state: CallState, chinese: Call['chinese']): Locale {
  return outcome.messages.reduce<Locale>((locale, { content }) => spokenIn(content, chinese) ?? locale, state.locale === 'en' ? 'en' : chinese);
}
