import type { HookReading, RawRequest } from '../../src/channel/contract.ts';
import { readCallState, type CallState } from '../../src/channel/voice/call-state.ts';
import { callKeyOf, toldOfCall } from '../../src/channel/voice/place.ts';
import { callerOf, confidenceOf, keyOf, readCall, readEnd, type CallWords } from '../../src/channel/voice/hear.ts';
import { asAddress, type Address, type ExternalId } from '../../src/domain/activity.ts';
import type { TwilioConfig } from './config.ts';
import { param, type Params } from './form.ts';
import { header, openEnvelope } from './request.ts';
import { writeTwiml } from './twiml.ts';

/** Twilio's request parameters → activities. Parameter names: https://www.twilio.com/docs/voice/twiml#request-parameters */

export const CHANNEL_NAME = 'ivr-twilio';

/** A sid has 34 characters; anything much longer is not one. */
const SID_MAX_CHARS = 128;

/**
 * CallStatus of a call that is over → our end code (Bot Framework's endOfConversation codes). `completed` does not say
 * who hung up; where we did, the conversation is closed already and the code changes nothing, so it is the caller's.
 */
const END_CODES: Readonly<Record<string, string>> = {
  completed: 'userCancelled',
  busy: 'userCancelled',
  'no-answer': 'userCancelled',
  canceled: 'userCancelled',
  failed: 'channelFailed',
};

export function isOver(params: Params): boolean {
  return Object.hasOwn(END_CODES, param(params, 'CallStatus'));
}

/** The seat's telephone was answered and that talk has ended, whether or not the caller is still on the line. */
export function seatHasTalked(state: CallState, params: Params): boolean {
  const dialled = param(params, 'DialCallStatus');
  return state.purpose === 'seat' && (dialled === 'completed' || dialled === 'answered');
}

export function callStateOf(request: RawRequest, params: Params): CallState {
  return resumedState(readCallState(request.url), param(params, 'ErrorUrl'));
}

/** The voice hook. */
export function readVoice(config: TwilioConfig, request: RawRequest): HookReading {
  const envelope = openEnvelope(config, request);
  if (!envelope.ok) return { kind: 'refused', status: envelope.status, reason: envelope.reason };
  const { params } = envelope;
  const address = addressOf(params);
  if (address === null) return { kind: 'refused', status: 400, reason: 'no_call_sid' };
  const state = callStateOf(request, params);
  const ours = callKeyOf(request.url);
  if (ours !== null && isMachine(params)) return { kind: 'told', told: toldOfCall({ key: ours, call: address, state: 'machine', code: machineWord(params), at: timeOf(params) }), reply: HANG_UP };
  const words = wordsOf(params, address, voiceExternalId(request, state, params, address));
  // Served by a person: told apart from a caller who gave up waiting, who is owed a call back.
  if (seatHasTalked(state, params)) return readEnd(words, 'completedSuccessfully');
  if (isOver(params)) return endReading(params, address);
  const reading = readCall(words, state, { keys: param(params, 'Digits'), speech: param(params, 'SpeechResult'), confidence: confidenceIn(params) });
  return ours === null || reading.kind !== 'inbound' ? reading : { ...reading, told: toldOfCall({ key: ours, call: address, state: 'answered', at: timeOf(params) }) };
}

/** Who answered is a machine (https://www.twilio.com/docs/voice/answering-machine-detection); `unknown` and `human` are talked to. */
function isMachine(params: Params): boolean {
  return machineWord(params) !== null;
}

function machineWord(params: Params): string | null {
  const by = param(params, 'AnsweredBy');
  return /^machine_[a-z_]{1,40}$/.test(by) || by === 'fax' ? by : null;
}

/** A machine hears nothing: who listens to it later may be anybody. */
const HANG_UP = { status: 200, contentType: 'text/xml; charset=utf-8', body: writeTwiml([{ verb: 'Hangup' }]) } as const;

/** Of a call that we placed: what became of it. The end of one that was answered ends its conversation too. */
function readOutbound(params: Params, address: Address, key: string): HookReading {
  const status = param(params, 'CallStatus');
  const state = REPORTS[status];
  const at = timeOf(params);
  const machine = machineWord(params);
  if (state === undefined) return { kind: 'reply', reply: NO_CONTENT };
  const duration = param(params, 'CallDuration');
  const news = { key, call: address, state, at, code: state === 'failed' ? sipWord(params) : null, ...(state === 'completed' && /^\d{1,6}$/.test(duration) ? { seconds: Number(duration) } : {}) };
  const told = machine === null ? toldOfCall(news) : toldOfCall({ key, call: address, state: 'machine', code: machine, at }, news);
  if (state !== 'completed' || machine !== null) return { kind: 'told', told, reply: NO_CONTENT };
  const end = endReading(params, address);
  return end.kind === 'inbound' ? { ...end, told } : end;
}

/** CallStatus of a status callback → DeliveryReport.state. */
const REPORTS: Readonly<Record<string, 'ringing' | 'answered' | 'completed' | 'busy' | 'no-answer' | 'canceled' | 'failed' | undefined>> = {
  ringing: 'ringing', 'in-progress': 'answered', completed: 'completed', busy: 'busy', 'no-answer': 'no-answer', canceled: 'canceled', failed: 'failed',
};

export function sipWord(params: Params): string | null {
  const code = param(params, 'SipResponseCode');
  return /^[1-6]\d\d$/.test(code) ? `sip.${code}` : null;
}

/** `Timestamp`, RFC 2822. */
export function timeOf(params: Params): number | null {
  const at = Date.parse(param(params, 'Timestamp'));
  return Number.isFinite(at) ? at : null;
}

/** The status callback: only the end of a call means something to us; it may come before, after or without the last voice request. */
export function readStatus(config: TwilioConfig, request: RawRequest): HookReading {
  const envelope = openEnvelope(config, request);
  if (!envelope.ok) return { kind: 'refused', status: envelope.status, reason: envelope.reason };
  const address = addressOf(envelope.params);
  if (address === null) return { kind: 'refused', status: 400, reason: 'no_call_sid' };
  // Legs that we dialled (a seat's telephone) end without ending the caller's call.
  const isLeg = param(envelope.params, 'ParentCallSid') !== '';
  const ours = callKeyOf(request.url);
  if (ours !== null && !isLeg) return readOutbound(envelope.params, address, ours);
  if (!isOver(envelope.params) || isLeg) return { kind: 'reply', reply: NO_CONTENT };
  return endReading(envelope.params, address);
}

export const NO_CONTENT = { status: 204, contentType: 'text/plain; charset=utf-8', body: '' } as const;

function endReading(params: Params, address: Address): HookReading {
  const status = param(params, 'CallStatus');
  const sequence = param(params, 'SequenceNumber');
  const externalId = keyOf('end', address, sequence === '' ? `status ${status}` : `sequence ${sequence}`);
  return readEnd(wordsOf(params, address, externalId), END_CODES[status] ?? 'unknown');
}

export function addressOf(params: Params): Address | null {
  const sid = param(params, 'CallSid');
  return /^[\x21-\x7e]+$/.test(sid) && sid.length <= SID_MAX_CHARS ? asAddress(sid) : null;
}

/** Newer speech models send 0.0 or nothing. */
function confidenceIn(params: Params): number | null {
  const text = param(params, 'Confidence');
  return confidenceOf(/^\d*\.?\d+$/.test(text) ? Number(text) : 0);
}

/**
 * A call enters once, so the first request is known by its CallSid alone: the fallback URL, which repeats it under
 * another token, gets the stored answer too. Later ones go by Twilio's token, which a retry repeats; without one by the
 * URL with its step counter and what was said.
 */
function voiceExternalId(request: RawRequest, state: CallState, params: Params, address: Address): ExternalId {
  const input = [param(params, 'Digits'), param(params, 'SpeechResult'), param(params, 'DialCallStatus'), param(params, 'ErrorUrl')];
  if (state.purpose === 'start' && input.slice(0, 2).every((value) => value === '')) return keyOf('enter', address);
  const token = header(request, 'i-twilio-idempotency-token');
  return token === '' ? keyOf('voice', address, request.url, ...input) : keyOf('token', address, token, state.purpose);
}

/** Withheld numbers come as digit-coded words (+266696687 …) and are nobody. In calls that we placed the citizen is the called side. */
function wordsOf(params: Params, address: Address, externalId: ExternalId): CallWords {
  return { channel: CHANNEL_NAME, address, externalId, identity: callerOf(param(params, param(params, 'Direction').startsWith('outbound') ? 'To' : 'From')) };
}

/**
 * Twilio posts to the fallback URL when a request of ours failed, with that request's address in ErrorUrl
 * (https://www.twilio.com/docs/usage/security/availability-reliability). In the middle of a call that is no new call: it
 * goes on where the failed request stood, by collecting what waits.
 */
export function resumedState(state: CallState, errorUrl: string): CallState {
  if (state.purpose !== 'start' || errorUrl === '') return state;
  const failed = readCallState(errorUrl.split('#')[0] ?? '');
  return failed.purpose === 'start' ? state : { ...failed, purpose: 'wait', step: failed.step + 1 };
}
