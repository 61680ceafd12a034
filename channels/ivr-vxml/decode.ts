import type { HookReading, HookReply, RawRequest } from '../../src/channel/contract.ts';
import { readCallState, type CallState } from '../../src/channel/voice/call-state.ts';
import { callerOf, confidenceOf, keyOf, readCall, readEnd, type CallWords, type Heard } from '../../src/channel/voice/hear.ts';
import { asAddress, type Address } from '../../src/domain/activity.ts';
import type { VxmlConfig } from './config.ts';

/**
 * What a VoiceXML browser posts → activities. The names are those of our own documents (encode.ts): the standard (VoiceXML 2.1, 5.3.8
 * `<submit>`) leaves them to the document.
 */

export const CHANNEL_NAME = 'ivr-vxml';
export const BODY_LIMIT_BYTES = 64 * 1024;
/** As our first document makes it; it is written into later documents. */
const CALL = /^[A-Za-z0-9._-]{1,128}$/;

/** What a call posts. */
export interface Posted {
  readonly call: Address;
  readonly caller: string;
  readonly heard: Heard;
  /** How a call to the seat's telephone ended; empty: there was none. */
  readonly talk: string;
  /** The caller has hung up. */
  readonly over: boolean;
}

export type Opened = { readonly ok: true; readonly posted: Posted } | { readonly ok: false; readonly status: 400 | 403 | 413 | 415; readonly reason: string };

export function openEnvelope(config: VxmlConfig, request: RawRequest): Opened {
  if (request.body.length > BODY_LIMIT_BYTES) return refuse(413, 'too_large');
  const refusal = config.guard.refusal(request);
  if (refusal !== null) return refuse(403, refusal);
  if ((header(request, 'content-type').split(';')[0] ?? '').trim().toLowerCase() !== 'application/x-www-form-urlencoded') return refuse(415, 'content_type');
  const posted = readPosted(request);
  return posted === null ? refuse(400, 'bad_form') : { ok: true, posted };
}

function refuse(status: 400 | 403 | 413 | 415, reason: string): Opened {
  return { ok: false, status, reason };
}

/** Null when the body is no form in UTF-8, or names no call. */
export function readPosted(request: RawRequest): Posted | null {
  const form = formOf(request.body);
  const query = queryOf(request.url);
  const call = form?.get('call') ?? '';
  if (form === null || !CALL.test(call)) return null;
  const said = form.get('said') ?? '';
  // What a key grammar returns has blanks between its keys.
  const keys = form.get('mode') === 'dtmf' ? said.replace(/\s+/g, '') : '';
  const speech = form.get('mode') === 'voice' ? said : '';
  return { call: asAddress(call), caller: form.get('caller') ?? '', heard: { keys, speech, confidence: confidenceOf(Number(form.get('conf') ?? Number.NaN)) }, talk: form.get('talk') ?? '', over: query.get('end') === '1' };
}

/** The POST hook: every step of a call. */
export function readStep(config: VxmlConfig, request: RawRequest): HookReading {
  const opened = openEnvelope(config, request);
  if (!opened.ok) return { kind: 'refused', status: opened.status, reason: opened.reason };
  const { posted } = opened;
  const { call, heard, talk } = posted;
  const state = callStateOf(request, posted);
  const words = (...key: readonly string[]): CallWords => ({ channel: CHANNEL_NAME, address: call, externalId: keyOf(...key), identity: callerOf(numberOf(posted.caller)) });
  if (seatHasTalked(state, posted)) return readEnd(words('seat', call, String(state.step)), 'completedSuccessfully');
  if (posted.over) return readEnd(words('end', call), 'userCancelled');
  const begins = state.purpose === 'start' && heard.keys === '' && heard.speech === '';
  // A browser repeats a fetch that failed with the same step and the same words.
  return readCall(begins ? words('enter', call) : words('step', call, String(state.step), state.purpose, heard.keys, heard.speech, talk), state, heard);
}

/** The GET hook: the first document, which asks the browser for call and caller. Nothing is stored for it. */
export function readStart(config: VxmlConfig, request: RawRequest, document: HookReply): HookReading {
  const refusal = config.guard.refusal(request);
  return refusal === null ? { kind: 'reply', reply: document } : { kind: 'refused', status: 403, reason: refusal };
}

/** A field posts words and silence to different addresses, but what a waiting caller says is an answer like any other. */
export function callStateOf(request: RawRequest, posted: Posted): CallState {
  const state = readCallState(request.url);
  return state.purpose === 'wait' && (posted.heard.keys !== '' || posted.heard.speech.trim() !== '') ? { ...state, purpose: 'gather', waits: 0 } : state;
}

/** VoiceXML 2.1, table 18: how a bridged transfer ended. Both sides were connected in these. */
const CONNECTED: readonly string[] = ['near_end_disconnect', 'far_end_disconnect', 'network_disconnect', 'maxtime_disconnect'];

export function seatHasTalked(state: CallState, { talk }: Posted): boolean {
  return state.purpose === 'seat' && CONNECTED.includes(talk);
}

/** `tel:+8613800138000`, `sip:13800138000@192.0.2.1;user=phone` or the bare number. */
function numberOf(uri: string): string {
  return /^(?:tel:|sips?:)?(\+?[\d-]{3,20})(?:[@;?].*)?$/i.exec(uri.trim())?.[1]?.replaceAll('-', '') ?? '';
}

function formOf(body: Buffer): URLSearchParams | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    if (/%(?![0-9a-f]{2})/i.test(text)) return null;
    const form = new URLSearchParams(text);
    // Broken UTF-8 behind percent signs was made readable by the parser: nobody said that.
    return [...form].some(([name, value]) => `${name}${value}`.includes('\ufffd')) ? null : form;
  } catch {
    return null;
  }
}

function queryOf(url: string): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at === -1 ? '' : url.slice(at + 1));
}

/** First value of a header (names are lower case in Node); an empty string when absent. */
function header(request: RawRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}
