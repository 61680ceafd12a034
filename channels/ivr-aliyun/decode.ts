import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { HookReading, HookReply, RawRequest } from '../../src/channel/contract.ts';
import type { CallState } from '../../src/channel/voice/call-state.ts';
import { callerOf, keyOf, readCall, readEnd, type CallWords, type Heard } from '../../src/channel/voice/hear.ts';
import { asAddress, type Address } from '../../src/domain/activity.ts';
import type { AliyunConfig } from './config.ts';
import { HANG_UP, nothing, REPORT_TAKEN, transfer, typing } from './reply.ts';
import { readThread, type Thread } from './thread.ts';

/**
 * Callbacks of Aliyun's intelligent inbound calls → activities.
 * https://help.aliyun.com/zh/vms/developer-reference/inbound-correction-for-the-first-time (callin),
 * …/subsequent-incoming-callback (normal, mute, timebreak, dtmf), …/voicereport-1 (the record after the call).
 */

export const CHANNEL_NAME = 'ivr-aliyun';
export const BODY_LIMIT_BYTES = 256 * 1024;
const CALL_MAX_CHARS = 128;

/** What this channel reads of `content`; numbers come as texts or as numbers. */
const Content = Type.Record(Type.String(), Type.Unknown());
type Content = Static<typeof Content>;
const contentCheck = Compile(Content);

/** One callback. */
export interface Told {
  readonly call: Address;
  readonly type: string;
  /** Null: it is no JSON object. */
  readonly content: Content | null;
  readonly thread: Thread;
}

export type Opened = { readonly ok: true; readonly told: Told } | { readonly ok: false; readonly status: 400 | 403 | 413 | 415; readonly reason: string };

function openEnvelope(config: AliyunConfig, request: RawRequest): Opened {
  if (request.body.length > BODY_LIMIT_BYTES) return refuse(413, 'too_large');
  const refusal = config.guard.refusal({ ...request, url: oneQuery(request.url) });
  if (refusal !== null) return refuse(403, refusal);
  return readTold(request);
}

const refuse = (status: 400 | 403 | 413 | 415, reason: string) => ({ ok: false, status, reason }) as const;

/** `…?key=SECRET?call_id=…`: an address that has a query already may be given another question mark. */
function oneQuery(url: string): string {
  const [path = '', ...queries] = url.split('?');
  return queries.length === 0 ? path : `${path}?${queries.join('&')}`;
}

/** The parameters stand in the address, as the vendor's samples have it, or in the body, as a form or as JSON. */
export function readTold(request: RawRequest): Opened {
  const params = request.body.length === 0 ? new URLSearchParams(oneQuery(request.url).split('?')[1] ?? '') : bodyOf(request);
  if (params === 'type') return refuse(415, 'content_type');
  if (params === null) return refuse(400, 'bad_body');
  const [call, type] = [params.get('call_id') ?? '', params.get('content_type') ?? ''];
  // Broken UTF-8 behind percent signs was made readable by the parser: nobody said that.
  if ([...params.values()].some((value) => value.includes('\ufffd'))) return refuse(400, 'bad_body');
  if (!/^[\x21-\x7e]+$/.test(call) || call.length > CALL_MAX_CHARS) return refuse(400, 'no_call_id');
  if (type === '') return refuse(400, 'no_content_type');
  const content = contentOf(params.get('content') ?? '');
  return { ok: true, told: { call: asAddress(call), type, content, thread: readThread(text(content?.['dynamic_id']) || (params.get('dynamic_id') ?? '')) } };
}

function bodyOf(request: RawRequest): URLSearchParams | 'type' | null {
  const type = (header(request, 'content-type').split(';')[0] ?? '').trim().toLowerCase();
  if (type !== 'application/json' && type !== 'application/x-www-form-urlencoded') return 'type';
  try {
    const body = new TextDecoder('utf-8', { fatal: true }).decode(request.body);
    if (type !== 'application/json') return /%(?![0-9a-f]{2})/i.test(body) ? null : new URLSearchParams(body);
    const data: unknown = JSON.parse(body);
    if (!contentCheck.Check(data)) return null;
    return new URLSearchParams(Object.fromEntries(Object.entries(data).map(([name, value]) => [name, typeof value === 'object' && value !== null ? JSON.stringify(value) : text(value)])));
  } catch {
    return null;
  }
}

/** The vendor's own samples have blanks before names. */
function contentOf(json: string): Content | null {
  try {
    const data: unknown = JSON.parse(json);
    return contentCheck.Check(data) && !Array.isArray(data) ? Object.fromEntries(Object.entries(data).map(([name, value]) => [name.trim(), value])) : null;
  } catch {
    return null;
  }
}

export const text = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '');

/** What the caller did, as the plan is told it; the state in which it is heard. */
export interface Step {
  readonly state: CallState;
  readonly heard: Heard;
}

const SILENT: Heard = { keys: '', speech: '', confidence: null };

/** What a callback amounts to: a step of the call, or an answer that needs no dialog. */
export function stepOf(config: AliyunConfig, told: Told): Step | HookReply | null {
  const { type, content, thread, call } = told;
  const { state } = thread;
  const answered = (heard: Heard): Step => ({ state: state.purpose === 'gather' ? state : { ...state, purpose: 'gather', waits: 0 }, heard });
  switch (type) {
    case 'callin':
      return { state: { ...readThread('').state, purpose: 'start' }, heard: SILENT };
    case 'normal': {
      if (content === null) return null;
      const words = text(content['words']);
      // What is heard before the call is answered is the network's voice.
      return words.trim() === '' || content['current_media_code'] === 'early_media' ? nothing(told) : answered({ ...SILENT, speech: words });
    }
    case 'dtmf': {
      if (content === null) return null;
      const keys = thread.typed + text(content['dtmf_digits'] ?? content['dtmf'] ?? content['digits']);
      if (!/^[0-9A-D*#]{1,64}$/i.test(keys)) return null;
      const end = keys.indexOf('#');
      if (thread.keys === 'single') return answered({ ...SILENT, keys: keys.slice(0, 1) });
      if (end < 0 && keys !== '*') return typing(told, keys);
      const typed = end < 0 ? keys : keys.slice(0, end);
      return typed === '' ? { state, heard: SILENT } : answered({ ...SILENT, keys: typed });
    }
    case 'mute':
      if (thread.after === 'hangup') return HANG_UP(call);
      if (thread.after === 'transfer' && config.seatNumber !== null) return transfer(told, config.seatNumber);
      return thread.typed === '' ? { state, heard: SILENT } : answered({ ...SILENT, keys: thread.typed });
    default:
      // `timebreak` only says that our voice was interrupted: the words come after it. And whatever else there will be.
      return nothing(told);
  }
}

/** The callback hook. */
export function readCallback(config: AliyunConfig, request: RawRequest): HookReading {
  const opened = openEnvelope(config, request);
  if (!opened.ok) return { kind: 'refused', status: opened.status, reason: opened.reason };
  const { told } = opened;
  const step = stepOf(config, told);
  if (step === null) return { kind: 'refused', status: 400, reason: 'bad_content' };
  if ('body' in step) return { kind: 'reply', reply: step };
  const { call, type, content, thread } = told;
  const caller = callerOf(type === 'callin' ? text(content?.['caller']) : '');
  const words = (...key: readonly string[]): CallWords => ({ channel: CHANNEL_NAME, address: call, externalId: keyOf(...key), identity: caller });
  if (type === 'callin') return readCall(words('enter', call), step.state, step.heard);
  // A repeated callback has the same thread and the same words at the same place of the call.
  return readCall(words('step', call, thread.raw, type, step.heard.keys, step.heard.speech, text(content?.['begin_offset'])), step.state, step.heard);
}

const ReportSchema = Type.Array(Type.Object({ call_id: Type.String({ minLength: 1, maxLength: CALL_MAX_CHARS, pattern: '^[\\x21-\\x7e]+$' }), out_id: Type.Optional(Type.Unknown()), b_duration: Type.Optional(Type.Unknown()) }), { minItems: 1, maxItems: 500 });
const report = Compile(ReportSchema);

/** The record of calls that are over. Records of calls that the account placed by API carry its `out_id` and are none of ours. */
export function readReport(config: AliyunConfig, request: RawRequest): HookReading {
  if (request.body.length > BODY_LIMIT_BYTES) return { kind: 'refused', status: 413, reason: 'too_large' };
  const refusal = config.guard.refusal({ ...request, url: oneQuery(request.url) });
  if (refusal !== null) return { kind: 'refused', status: 403, reason: refusal };
  const records = recordsOf(request.body);
  if (records === null) return { kind: 'refused', status: 400, reason: 'bad_json' };
  const activities = records
    .filter((record) => text(record.out_id) === '')
    .flatMap((record) => {
      const call = asAddress(record.call_id);
      // Talked with the telephone that the call was passed to: served by a person.
      const reading = readEnd({ channel: CHANNEL_NAME, address: call, externalId: keyOf('end', call), identity: null }, Number(record.b_duration ?? 0) > 0 ? 'completedSuccessfully' : 'userCancelled');
      return reading.kind === 'inbound' ? reading.activities : [];
    });
  return activities.length === 0 ? { kind: 'reply', reply: REPORT_TAKEN } : { kind: 'inbound', activities, answerWhen: 'stored' };
}

function recordsOf(body: Buffer): Static<typeof ReportSchema> | null {
  try {
    const data: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return report.Check(data) ? data : null;
  } catch {
    return null;
  }
}

/** First value of a header (names are lower case in Node); an empty string when absent. */
function header(request: RawRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}
