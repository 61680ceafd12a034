import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { HookReading, RawRequest } from '../../src/channel/contract.ts';
import { readCallState, type CallState } from '../../src/channel/voice/call-state.ts';
import { callKeyOf, toldOfCall } from '../../src/channel/voice/place.ts';
import { callerOf, confidenceOf, keyOf, readCall, readEnd, type CallWords, type Heard } from '../../src/channel/voice/hear.ts';
import { asAddress, type Address, type ExternalId } from '../../src/domain/activity.ts';
import type { JambonzConfig } from './config.ts';
import { signatureFault } from './verify.ts';

/** jambonz' hooks → activities. Payloads: the callback schemas of @jambonz/schema 0.4.15 (session-new, gather, dial, call-status). */

export const CHANNEL_NAME = 'ivr-jambonz';
/** Several kilobytes at most, SIP headers and a long speech result included. */
export const BODY_LIMIT_BYTES = 128 * 1024;
const SID_MAX_CHARS = 128;

/** What this channel reads of a hook; everything else jambonz sends is left alone. */
const Payload = Type.Object({
  call_sid: Type.String(),
  account_sid: Type.Optional(Type.String()),
  direction: Type.Optional(Type.String()),
  from: Type.Optional(Type.Unknown()),
  to: Type.Optional(Type.Unknown()),
  call_status: Type.Optional(Type.String()),
  parent_call_sid: Type.Optional(Type.Unknown()),
  call_termination_by: Type.Optional(Type.Unknown()),
  reason: Type.Optional(Type.Unknown()),
  digits: Type.Optional(Type.Unknown()),
  speech: Type.Optional(Type.Unknown()),
  dial_call_status: Type.Optional(Type.Unknown()),
  /** Of an event of the machine detection. */
  type: Type.Optional(Type.Unknown()),
  sip_status: Type.Optional(Type.Unknown()),
  duration: Type.Optional(Type.Unknown()),
  /** Of a room: what happened, and when. */
  event: Type.Optional(Type.Unknown()),
  time: Type.Optional(Type.Unknown()),
});
export type Payload = Static<typeof Payload>;
const payload = Compile(Payload);

const Speech = Compile(Type.Object({ alternatives: Type.Array(Type.Object({ transcript: Type.String(), confidence: Type.Optional(Type.Number()) }), { minItems: 1 }) }));

/** call_status of a call that is over → our end code. `completed` says nothing of who hung up, and where we did the conversation is closed already. */
const END_CODES: Readonly<Record<string, string>> = { completed: 'userCancelled', busy: 'userCancelled', 'no-answer': 'userCancelled', failed: 'channelFailed' };

export type Opened = { readonly ok: true; readonly payload: Payload; readonly address: Address } | { readonly ok: false; readonly status: 400 | 401 | 403 | 413 | 415; readonly reason: string };

/** Size, signature, shape, account: in this order, so that a stranger's bytes are never parsed. */
export function openEnvelope(config: JambonzConfig, request: RawRequest, now: number): Opened {
  if (request.body.length > BODY_LIMIT_BYTES) return refuse(413, 'too_large');
  const fault = signatureFault({ key: config.signingKey, header: header(request, 'jambonz-signature'), body: request.body, now });
  if (fault !== null) return refuse(403, fault);
  if ((header(request, 'content-type').split(';')[0] ?? '').trim().toLowerCase() !== 'application/json') return refuse(415, 'content_type');
  const read = readPayload(request);
  if (read === null) return refuse(400, 'bad_json');
  // Absent is not refused: the signature already proves the account's secret.
  if (config.accountSid !== null && read.account_sid !== undefined && read.account_sid.toLowerCase() !== config.accountSid.toLowerCase()) return refuse(403, 'other_account');
  const { call_sid: sid } = read;
  if (!/^[\x21-\x7e]+$/.test(sid) || sid.length > SID_MAX_CHARS) return refuse(400, 'no_call_sid');
  return { ok: true, payload: read, address: asAddress(sid) };
}

function refuse(status: 400 | 401 | 403 | 413 | 415, reason: string): Opened {
  return { ok: false, status, reason };
}

/** Null when the body is no JSON in UTF-8, or not the shape of a hook. */
export function readPayload(request: RawRequest): Payload | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(request.body));
    return payload.Check(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * Why this request comes. A gather has one hook for words and for silence, which names the silence (encode.ts): with words in it,
 * it is an answer like any other.
 */
export function callStateOf(request: RawRequest, read: Payload): CallState {
  const state = readCallState(request.url);
  const { keys, speech } = heardOf(read);
  const answered = (state.purpose === 'silence' || state.purpose === 'wait') && (keys !== '' || speech.trim() !== '');
  return answered ? { ...state, purpose: 'gather', waits: 0 } : state;
}

/** The call hook and every action hook of a call. */
export function readVoice(config: JambonzConfig, request: RawRequest, now: number): HookReading {
  const opened = openEnvelope(config, request, now);
  if (!opened.ok) return { kind: 'refused', status: opened.status, reason: opened.reason };
  const { payload: read, address } = opened;
  const state = callStateOf(request, read);
  const ours = callKeyOf(request.url);
  // Events of the detection come beside the call's own hooks; what they are answered with takes the place of what is being said.
  if (text(read.type).startsWith('amd_')) return ours !== null && MACHINES.has(text(read.type)) ? { kind: 'told', told: toldOfCall({ key: ours, call: address, state: 'machine', code: text(read.type) }), reply: HANG_UP } : { kind: 'reply', reply: NO_CONTENT };
  if (seatHasTalked(state, read)) return readEnd(wordsOf(read, address, keyOf('seat', address, request.url)), 'completedSuccessfully');
  if (isOver(read)) return readEnd(wordsOf(read, address, keyOf('end', address)), endCode(read));
  const heard = heardOf(read);
  // A call enters once; later requests are told apart by the step in their address and by what was said: a retry repeats both.
  const key = state.purpose === 'start' && heard.keys === '' && heard.speech === '' ? keyOf('enter', address) : keyOf('voice', address, request.url, heard.keys, heard.speech, text(read.dial_call_status));
  const reading = readCall(wordsOf(read, address, key), state, heard);
  return ours === null || reading.kind !== 'inbound' ? reading : { ...reading, told: toldOfCall({ key: ours, call: address, state: 'answered' }) };
}

/** A long greeting or a beep. That somebody says nothing at first is no machine. */
const MACHINES: ReadonlySet<string> = new Set(['amd_machine_detected', 'amd_tone_detected']);

/** A machine hears no more: who listens to it later may be anybody. */
const HANG_UP = { status: 200, contentType: 'application/json; charset=utf-8', body: JSON.stringify([{ verb: 'hangup' }]) } as const;

/** call_status of a status hook → DeliveryReport.state. */
const REPORTS: Readonly<Record<string, 'ringing' | 'answered' | 'completed' | 'busy' | 'no-answer' | 'failed' | undefined>> = {
  ringing: 'ringing', 'early-media': 'ringing', 'in-progress': 'answered', completed: 'completed', busy: 'busy', 'no-answer': 'no-answer', failed: 'failed',
};

/** Of a call that we placed: what became of it. The end of one that was answered ends its conversation too. */
function readOutbound(read: Payload, address: Address, key: string): HookReading {
  const state = REPORTS[read.call_status ?? ''];
  if (state === undefined) return { kind: 'reply', reply: NO_CONTENT };
  const { duration, sip_status: sip } = read;
  const told = toldOfCall({
    key, call: address, state,
    code: state === 'failed' && typeof sip === 'number' && Number.isInteger(sip) ? `sip.${sip}` : null,
    ...(state === 'completed' && typeof duration === 'number' && duration >= 0 ? { seconds: Math.floor(duration) } : {}),
  });
  if (state !== 'completed') return { kind: 'told', told, reply: NO_CONTENT };
  const end = readEnd(wordsOf(read, address, keyOf('end', address)), endCode(read));
  return end.kind === 'inbound' ? { ...end, told } : end;
}

/** The status hook: only the end of the caller's own leg means something to us; it may come before, after or without the last action hook. */
export function readStatus(config: JambonzConfig, request: RawRequest, now: number): HookReading {
  const opened = openEnvelope(config, request, now);
  if (!opened.ok) return { kind: 'refused', status: opened.status, reason: opened.reason };
  const { payload: read, address } = opened;
  // Legs that we dialled (a seat's telephone) end without ending the caller's call.
  const ours = callKeyOf(request.url);
  if (ours !== null && !isLeg(read)) return readOutbound(read, address, ours);
  if (!isOver(read) || isLeg(read)) return { kind: 'reply', reply: NO_CONTENT };
  return readEnd(wordsOf(read, address, keyOf('end', address)), endCode(read));
}

export const NO_CONTENT = { status: 204, contentType: 'text/plain; charset=utf-8', body: '' } as const;

export function isOver(read: Payload): boolean {
  return Object.hasOwn(END_CODES, read.call_status ?? '');
}

/** The seat's telephone was answered, and that talk has ended. */
export function seatHasTalked(state: CallState, read: Payload): boolean {
  return state.purpose === 'seat' && text(read.dial_call_status) === 'completed';
}

export function heardOf(read: Payload): Heard {
  const keys = text(read.digits);
  if (keys !== '' || !Speech.Check(read.speech)) return { keys, speech: '', confidence: null };
  const [best] = read.speech.alternatives;
  return { keys, speech: best?.transcript ?? '', confidence: confidenceOf(best?.confidence ?? 0) };
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A call of ours (direction outbound without a parent) is answered by the citizen; only a leg has a parent. */
function isLeg(read: Payload): boolean {
  return text(read.parent_call_sid) !== '';
}

function endCode(read: Payload): string {
  return END_CODES[read.call_status ?? ''] ?? 'unknown';
}

function wordsOf(read: Payload, address: Address, externalId: ExternalId): CallWords {
  return { channel: CHANNEL_NAME, address, externalId, identity: callerOf(text(read.direction === 'outbound' ? read.to : read.from)) };
}

/** First value of a header (names are lower case in Node); an empty string when absent. */
function header(request: RawRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}
