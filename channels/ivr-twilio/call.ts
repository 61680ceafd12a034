import type { CallOrder, CallReceipt } from '../../src/channel/contract.ts';
import { exchange, type Exchange, fieldOf, withCallKey } from '../../src/channel/voice/place.ts';
import { asExternalId } from '../../src/domain/activity.ts';
import type { Caller, TwilioConfig } from './config.ts';
import { STATUS_PATH, VOICE_PATH } from './paths.ts';

/** Placing calls: POST /2010-04-01/Accounts/{AC}/Calls.json (https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource). */

/** Events that the status hook hears of; each may come late, twice and out of order. */
export const EVENTS = ['ringing', 'answered', 'completed'] as const;
/** Twilio rings 5 s longer than it is told [K]; its own limit is 600. */
export const MAX_RING_S = 600;

/** The form of an order; exported for the test that holds it against the vendor's own client. */
export function orderForm(config: TwilioConfig, caller: Caller, order: CallOrder): URLSearchParams {
  const form = new URLSearchParams({
    To: order.to,
    From: caller.number,
    Url: withCallKey(config.publicUrl + VOICE_PATH, order.key),
    Method: 'POST',
    StatusCallback: withCallKey(config.publicUrl + STATUS_PATH, order.key),
    StatusCallbackMethod: 'POST',
    Timeout: String(Math.min(MAX_RING_S, order.ringSeconds)),
  });
  for (const event of EVENTS) form.append('StatusCallbackEvent', event);
  // `Enable` asks our voice hook only when it is known who answers: a machine is let go before a word is said.
  if (order.detectMachine) form.append('MachineDetection', 'Enable');
  return form;
}

/**
 * Places one call, once. Twilio's call has no field for a name of ours that could be searched by, so there is no `findCall`: the key in the hook
 * addresses tells what became of an order whose answer was lost.
 */
export async function placeCall(config: TwilioConfig, caller: Caller, order: CallOrder): Promise<CallReceipt> {
  const answer = await exchange(`${caller.apiBase}/2010-04-01/Accounts/${caller.accountSid}/Calls.json`, {
    method: 'POST',
    headers: twilioHeaders(caller),
    body: orderForm(config, caller, order).toString(),
  });
  if (answer.kind === 'unsent') return { status: 'refused', code: answer.code, retryAfterMs: RETRY_MS };
  if (answer.kind === 'lost') return { status: 'unknown', code: answer.code };
  return readReceipt(answer);
}

export const twilioHeaders = ({ accountSid, authToken }: Caller): Record<string, string> => ({
  'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
  accept: 'application/json',
  authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
});

/** What an answer to an order means. */
export function readReceipt({ status, body, retryAfterMs }: Extract<Exchange, { kind: 'answer' }>): CallReceipt {
  const sid = fieldOf(body, 'sid');
  if (status === 201 && sid !== null) return { status: 'placed', externalId: asExternalId(sid) };
  if (status === 429) return { status: 'refused', code: 'twilio.too_many', retryAfterMs: retryAfterMs ?? RETRY_MS };
  // Twilio's own error number (https://www.twilio.com/docs/api/errors), never its text, which repeats the telephone number.
  if (status >= 400 && status < 500) return { status: 'refused', code: `twilio.${/^\d{1,6}$/.exec(fieldOf(body, 'code') ?? '')?.[0] ?? status}` };
  return { status: 'unknown', code: `twilio.http_${status}` };
}

const RETRY_MS = 60_000;
