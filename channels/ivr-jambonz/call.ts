import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { CallOrder, CallReceipt, DeliveryReport } from '../../src/channel/contract.ts';
import { exchange, fieldOf, toldOfCall, withCallKey } from '../../src/channel/voice/place.ts';
import { asExternalId } from '../../src/domain/activity.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { Caller, JambonzConfig } from './config.ts';
import { STATUS_PATH, VOICE_PATH } from './paths.ts';

/** Placing calls: POST /v1/Accounts/{sid}/Calls (jambonz-api-server's swagger). */

/** An ordinary greeting of a person is shorter; jambonz' own choice is 9, which is counted in words of languages that write blanks. */
const MACHINE_WORDS = 12;
const NO_SPEECH_MS = 5_000;
const DECISION_MS = 15_000;

export function orderBody(config: JambonzConfig, caller: Caller, order: CallOrder): object {
  const hook = (path: string): object => ({ url: withCallKey(config.publicUrl + path, order.key), method: 'POST' });
  return {
    from: caller.number,
    to: { type: 'phone', number: order.to },
    call_hook: hook(VOICE_PATH),
    call_status_hook: hook(STATUS_PATH),
    tag: { [TAG]: order.key },
    timeout: order.ringSeconds,
    ...(caller.speech === null ? {} : caller.speech),
    ...(order.detectMachine ? { amd: { actionHook: withCallKey(config.publicUrl + VOICE_PATH, order.key), thresholdWordCount: MACHINE_WORDS, timers: { noSpeechTimeoutMs: NO_SPEECH_MS, decisionTimeoutMs: DECISION_MS } } } : {}),
  };
}

/** Names our call in the peer's list of calls under way. */
export const TAG = 'yihuCall';
const RETRY_MS = 60_000;

export async function placeCall(config: JambonzConfig, caller: Caller, order: CallOrder): Promise<CallReceipt> {
  return orderCall(caller, orderBody(config, caller, order));
}

/** One order of a call, once. */
export async function orderCall(caller: Caller, body: object): Promise<CallReceipt> {
  const answer = await exchange(callsUrl(caller), { method: 'POST', headers: headersOf(caller), body: JSON.stringify(body) });
  if (answer.kind === 'unsent') return { status: 'refused', code: answer.code, retryAfterMs: RETRY_MS };
  if (answer.kind === 'lost') return { status: 'unknown', code: answer.code };
  const { status, retryAfterMs } = answer;
  const sid = fieldOf(answer.body, 'sid');
  if (status === 201 && sid !== null) return { status: 'placed', externalId: asExternalId(sid) };
  if (status === 429) return { status: 'refused', code: 'jambonz.too_many', retryAfterMs: retryAfterMs ?? RETRY_MS };
  // 480: no feature server is free, as the API server says before it passes an order on.
  if (status === 480) return { status: 'refused', code: 'jambonz.no_server', retryAfterMs: retryAfterMs ?? RETRY_MS };
  if (status >= 400 && status < 500) return { status: 'refused', code: `jambonz.http_${status}` };
  return { status: 'unknown', code: `jambonz.http_${status}` };
}

const Calls = Compile(Type.Array(Type.Object({ callSid: Type.Optional(Type.String()), call_sid: Type.Optional(Type.String()), callStatus: Type.Optional(Type.String()), call_status: Type.Optional(Type.String()), customerData: Type.Optional(Type.Unknown()), tag: Type.Optional(Type.Unknown()) })));

/**
 * Looks through the calls under way for one of ours. What is over is no longer in the list, so null means: it does not ring now.
 * @throws AppError `call.peer_away`
 */
export async function findCall(caller: Caller, key: string): Promise<DeliveryReport | null> {
  const answer = await exchange(callsUrl(caller), { method: 'GET', headers: headersOf(caller) });
  if (answer.kind !== 'answer' || answer.status !== 200) throw new AppError('call.peer_away', 'the call platform cannot be asked', { retry: 'later', status: 503 });
  const calls = parse(answer.body);
  if (!Calls.Check(calls)) throw new AppError('call.peer_away', 'the call platform answers what is no list of calls', { retry: 'later', status: 503 });
  const found = calls.find(({ customerData, tag }) => named(customerData, key) || named(tag, key));
  const sid = found?.callSid ?? found?.call_sid;
  if (found === undefined || sid === undefined) return null;
  const answered = (found.callStatus ?? found.call_status) === 'in-progress';
  return toldOfCall({ key, call: sid, state: answered ? 'answered' : 'ringing' }).reports[0] ?? null;
}

function named(data: unknown, key: string): boolean {
  return typeof data === 'object' && data !== null && Reflect.get(data, TAG) === key;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

export function callsUrl({ apiBase, accountSid }: Caller): string {
  return `${apiBase}/v1/Accounts/${accountSid}/Calls`;
}

export function headersOf({ apiKey }: Caller): Record<string, string> {
  return { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${apiKey}` };
}
