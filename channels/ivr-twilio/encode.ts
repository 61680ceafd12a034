import type { HookOutcome, HookReply, RawRequest } from '../../src/channel/contract.ts';
import type { Locale, MessageContent } from '../../src/domain/activity.ts';
import { nextUrl, type CallState } from './call-state.ts';
import type { TwilioConfig } from './config.ts';
import { callStateOf, isOver, NO_CONTENT, seatHasTalked } from './decode.ts';
import { param } from './form.ts';
import { PHRASES, type Phrases } from './phrases.ts';
import { readParams } from './request.ts';
import { localeOf, namesKey, spokenMessage, splitForSay } from './speech.ts';
import { writeTwiml, type Say, type Twiml } from './twiml.ts';

/**
 * Outcome → TwiML (https://www.twilio.com/docs/voice/twiml). Every document ends in Redirect or Hangup, so that a silent
 * caller is never cut off by the end of the document. Here it is data; twiml.ts writes and escapes it.
 */

export const VOICE_PATH = '/hooks/ivr/twilio/voice';
export const STATUS_PATH = '/hooks/ivr/twilio/status';

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

export function encodeStatusReply(): HookReply {
  return NO_CONTENT;
}

export function encodeVoiceReply(config: TwilioConfig, request: RawRequest, outcome: HookOutcome): HookReply {
  const params = readParams(request);
  const asked = callStateOf(request, params);
  // A call that has not been answered yet has heard nothing.
  const heard = outcome.upTo ?? (outcome.turn === 'spooled' && asked.purpose === 'start' ? 0 : asked.heard);
  const state = { ...asked, heard };
  const call: Call = { config, state, path: config.pathPrefix + VOICE_PATH, locale: outcomeLocale(outcome, state), document: [] };
  // Nobody listens any more; an empty document is all that may follow.
  if (!isOver(params)) {
    writeDocument(call, outcome, {
      seatTalked: seatHasTalked(state, params),
      seatFailed: state.purpose === 'seat' && param(params, 'DialCallStatus') !== '',
      keys: param(params, 'Digits'),
      speech: param(params, 'SpeechResult'),
    });
  }
  return { status: 200, contentType: 'text/xml; charset=utf-8', body: writeTwiml(call.document) };
}

interface Call {
  readonly config: TwilioConfig;
  readonly state: CallState;
  readonly path: string;
  readonly locale: Locale;
  /** What is written so far. */
  readonly document: Twiml[];
}

/** What the request brought. */
interface Request {
  readonly seatTalked: boolean;
  readonly seatFailed: boolean;
  readonly keys: string;
  readonly speech: string;
}

type Next = Parameters<typeof nextUrl>[2];

/** One utterance with the language it is spoken in. */
interface Line {
  readonly text: string;
  readonly locale: Locale;
}

function writeDocument(call: Call, outcome: HookOutcome, dial: Request): void {
  const { state } = call;
  const lines = outcome.messages.flatMap(({ content }) => toLines(content, call.locale));
  if (dial.seatTalked) return writeGoodbye(call, lines);
  if (outcome.turn === 'spooled') return writeOutage(call, dial);
  if (state.outage > 0) say(call, [own(call, 'outageOver')]);
  const waitsForPerson = outcome.conversation === 'waiting' || outcome.conversation === 'human';
  // A closed conversation whose turn is late is about to be reopened by what the caller just said: not the time to hang up.
  if (!waitsForPerson && stillWorking(outcome, state)) return writeLate(call, lines);
  if (outcome.conversation === 'closed') return writeGoodbye(call, lines);
  if (waitsForPerson) return writeWaiting(call, outcome, lines, dial.seatFailed);

  const words = lines.length > 0 ? lines : [own(call, state.purpose === 'wait' ? 'sayAgain' : 'goOn')];
  gather(call, keysFor(outcome.messages.at(-1)?.content, lines), words, { purpose: 'gather', locale: call.locale });
  redirect(call, { purpose: 'silence', locale: call.locale });
}

/** Late, or a poll that cannot tell yet; both only for a while. */
function stillWorking(outcome: HookOutcome, state: CallState): boolean {
  if (state.waits >= LATE_ROUNDS_MAX) return false;
  if (outcome.turn === 'late') return true;
  return state.purpose === 'wait' && outcome.turn === 'not-awaited' && outcome.messages.length === 0 && outcome.conversation === 'bot';
}

function writeLate(call: Call, lines: readonly Line[]): void {
  const { state } = call;
  const words = lines.length > 0 ? lines : state.purpose !== 'wait' ? [own(call, 'pleaseWait')] : state.waits % REASSURE_EVERY === 0 ? [own(call, 'stillWorking')] : [];
  say(call, words);
  call.document.push({ verb: 'Pause', attributes: { length: LATE_PAUSE_S } });
  redirect(call, { purpose: 'wait', waits: lines.length > 0 ? 1 : state.waits + 1, locale: call.locale });
}

function writeGoodbye(call: Call, lines: readonly Line[]): void {
  say(call, lines.some(({ text }) => /再见|goodbye/i.test(text)) ? lines : [...lines, own(call, 'goodbye')]);
  call.document.push({ verb: 'Hangup' });
}

/**
 * The database is away. No dialog can run, but a person's telephone can ring (law 2), words can be kept, and the caller can be told the
 * truth. The loop looks whether it is back, and ends; what comes then is the ordinary document.
 */
function writeOutage(call: Call, given: Request): void {
  const { state, config } = call;
  const said = given.keys !== '' || given.speech.trim() !== '';
  const wantsPerson = given.keys === '0' || WANTS_PERSON.test(given.speech);
  if (wantsPerson && config.seatNumber !== null) {
    say(call, [own(call, 'connecting')]);
    dial(call, config.seatNumber, { purpose: 'seat', dials: state.dials + 1, outage: state.outage + 1, locale: call.locale });
    return;
  }
  const words: Line[] = [];
  if (given.seatFailed) words.push(own(call, 'outageNobody'));
  if (said) words.push(own(call, 'outageNoted'));
  if (state.outage >= OUTAGE_ROUNDS_MAX) {
    say(call, [...words, own(call, 'outageEnd')]);
    call.document.push({ verb: 'Hangup' });
    return;
  }
  if (state.outage === 0) words.push(own(call, 'outage'), ...(config.seatNumber === null ? [] : [own(call, 'outagePerson')]));
  else if (!said && state.outage % OUTAGE_STILL_EVERY === 0) words.push(own(call, 'outageStill'));
  gather(call, { mode: config.seatNumber === null ? 'open' : 'single', timeout: OUTAGE_TIMEOUT_S }, words, { purpose: 'gather', outage: state.outage + 1, locale: call.locale });
  redirect(call, { purpose: 'wait', outage: state.outage + 1, locale: call.locale });
}

/** Asks for a person, as far as that can be told without the dialog. */
const WANTS_PERSON = /人工|真人|接线员|话务员|客服|operator|person|human|agent/i;

/** A person is asked for or writes: speak what has come, then listen (the caller may add something, or press 0) and look again. */
function writeWaiting(call: Call, outcome: HookOutcome, lines: readonly Line[], seatFailed: boolean): void {
  const { state, config } = call;
  const waiting = outcome.conversation === 'waiting';
  if (waiting && config.seatNumber !== null && state.purpose !== 'seat' && (state.dials === 0 || state.waits >= REDIAL_AFTER)) {
    say(call, lines.length > 0 ? lines : [own(call, 'connecting')]);
    dial(call, config.seatNumber, { purpose: 'seat', dials: state.dials + 1, locale: call.locale });
    return;
  }
  const words = lines.length > 0 ? lines : waitingWords(call, waiting, seatFailed);
  const waits = lines.length > 0 || state.purpose !== 'wait' ? 1 : state.waits + 1;
  gather(call, { mode: 'single', timeout: WAIT_TIMEOUT_S }, words, { purpose: 'gather', locale: call.locale });
  redirect(call, { purpose: 'wait', waits, locale: call.locale });
}

function waitingWords(call: Call, waiting: boolean, seatFailed: boolean): readonly Line[] {
  const { state } = call;
  if (seatFailed) return [own(call, 'seatBusy')];
  if (state.purpose === 'gather') return [own(call, waiting ? 'noted' : 'passedOn')];
  if (state.purpose !== 'wait') return [own(call, waiting ? 'connecting' : 'seatWorking')];
  if (state.waits % REASSURE_EVERY !== 0) return [];
  return [own(call, waiting ? 'stillWaiting' : 'seatWorking')];
}

/** How keys are collected. `single`: one key answers at once, # and * included. `number`: until #. */
interface KeyRule {
  readonly mode: 'single' | 'number' | 'open';
  readonly timeout: number;
}

/** To be typed in, without doubt. */
const TYPES_NUMBER = /(?:输入|键入|拨入).{0,16}(?:号|电话|[几四4六6]位|数字)|井号|#号键|#键|(?:enter|key in).{0,40}(?:number|digits)|(?:pound|hash) key/i;
/** Asked for in a way that may be answered by keys. */
const ASKS_NUMBER = /(?:请|报|说|念|提供|告诉|核对|填).{0,16}(?:号码|编号|手机号|电话|联系方式|后[四4]位|[几六6]位)|(?:type|say|tell|give).{0,40}(?:number|digits)/i;

/**
 * A number is asked for: digits up to #, time to look it up. Keys are on offer: the first one answers at once. Neither
 * (an open question): several digits are taken, so that a number nobody asked for is not torn apart; a lone 0 counts
 * after the time-out or with #.
 */
function keysFor(last: MessageContent | undefined, lines: readonly Line[]): KeyRule {
  const asked = last?.speak ?? last?.text ?? '';
  const heard = lines.at(-1)?.text ?? '';
  const isMenu = last?.choices?.some(({ key }) => key !== undefined) === true || KEYS.some((key) => namesKey(heard, key));
  const number = TYPES_NUMBER.test(asked) || (!isMenu && ASKS_NUMBER.test(asked));
  if (number) return { mode: 'number', timeout: NUMBER_TIMEOUT_S };
  const single = isMenu || namesKey(heard, '0');
  return { mode: single ? 'single' : 'open', timeout: ANSWER_TIMEOUT_S };
}

/** Every key but 0, which calls a person anywhere and makes no menu. */
const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#'];

function gather(call: Call, keys: KeyRule, lines: readonly Line[], next: Next): void {
  const english = call.locale === 'en';
  call.document.push({
    verb: 'Gather',
    attributes: {
      input: ['dtmf', 'speech'],
      action: nextUrl(call.path, call.state, next),
      method: 'POST',
      language: english ? 'en-US' : 'cmn-Hans-CN',
      timeout: keys.timeout,
      speechTimeout: 'auto',
      ...(keys.mode === 'single' ? { numDigits: 1, finishOnKey: '' } : { finishOnKey: '#' }),
      bargeIn: true,
      // A complaint is written down as it was said.
      profanityFilter: false,
      ...(english ? {} : { hints: call.config.hints }),
    },
    content: spoken(call, lines),
  });
}

function redirect(call: Call, next: Next): void {
  call.document.push({ verb: 'Redirect', attributes: { method: 'POST' }, content: nextUrl(call.path, call.state, next) });
}

/** Rings the seat's telephone; the call comes back by its action. */
function dial(call: Call, number: string, next: Next): void {
  call.document.push({
    verb: 'Dial',
    attributes: { action: nextUrl(call.path, call.state, next), method: 'POST', timeout: DIAL_TIMEOUT_S },
    content: [{ verb: 'Number', content: number }],
  });
}

function say(call: Call, lines: readonly Line[]): void {
  call.document.push(...spoken(call, lines));
}

function spoken({ config }: Call, lines: readonly Line[]): readonly Say[] {
  return lines.flatMap(({ text, locale }) => {
    const attributes: Say['attributes'] = locale === 'en' ? { language: 'en-US', voice: config.voiceEnglish } : { language: 'cmn-CN', voice: config.voice };
    return splitForSay(text).map((content): Say => ({ verb: 'Say', attributes, content }));
  });
}

function own(call: Call, phrase: keyof Phrases): Line {
  return { text: PHRASES[call.locale][phrase], locale: call.locale };
}

function toLines(content: MessageContent, fallback: Locale): readonly Line[] {
  const locale = localeOf(content.speak ?? content.text) ?? fallback;
  const text = spokenMessage(content, locale);
  return text === '' ? [] : [{ text, locale }];
}

/** The call goes on in the language of the last thing said; recognition has to match what the caller will speak. */
function outcomeLocale(outcome: HookOutcome, state: CallState): Locale {
  return outcome.messages.reduce<Locale>((locale, { content }) => localeOf(content.speak ?? content.text) ?? locale, state.locale);
}
