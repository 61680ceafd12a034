import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { lineOf, type BenchPeer } from './peer.ts';

/** Shorter than the pause that the gateway asks for, so that a slow turn is not measured as a slower one. */
const WAIT_MS = 100;

interface Call {
  readonly sid: string;
  readonly from: string;
  next: string;
  turns: number;
}

/**
 * Phone: signed webhooks, each answered with what to say next. Signs by the vendor's rule (URL, then the sorted parameters'
 * names and values, HMAC-SHA1), cheaper than by the vendor's library, which would measure itself.
 * Source: https://www.twilio.com/docs/usage/security#validating-requests
 */
export function createPhonePeer(url: string, authToken: string, connections: number): BenchPeer {
  const pool = new Pool(url, { connections });
  const calls: Call[] = [];

  const post = async (call: Call, more: Readonly<Record<string, string>>): Promise<void> => {
    const params: Record<string, string> = { AccountSid: `AC${'0'.repeat(32)}`, ApiVersion: '2010-04-01', CallSid: call.sid, CallStatus: 'in-progress', Direction: 'inbound', From: call.from, To: '+8676900012345', ...more };
    const signed = url + call.next + Object.keys(params).sort().map((name) => name + params[name]).join('');
    const response = await pool.request({
      path: call.next,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8', 'i-twilio-idempotency-token': randomUUID(), 'x-twilio-signature': createHmac('sha1', authToken).update(signed, 'utf8').digest('base64') },
      body: new URLSearchParams(params).toString(),
    });
    const twiml = await response.body.text();
    const action = /<Gather[^>]* action="([^"]+)"/.exec(twiml)?.[1];
    const next = action ?? /<Redirect[^>]*>([^<]+)</.exec(twiml)?.[1];
    if (response.statusCode !== 200 || next === undefined) throw new Error(`HTTP ${response.statusCode}: neither gather nor redirect in the answer`);
    call.next = next.replaceAll('&amp;', '&');
    if (action !== undefined) return;
    // Asked to wait and come back: the turn took longer than the gateway lets a caller listen to nothing.
    await sleep(WAIT_MS);
    await post(call, {});
  };

  return {
    open: async (worker) => {
      const call: Call = { sid: `CA${String(worker).padStart(32, '0')}`, from: `+861380013${String(worker).padStart(4, '0')}`, next: '/hooks/ivr/twilio/voice', turns: 0 };
      calls[worker] = call;
      await post(call, { CallStatus: 'ringing' });
    },
    turn: async (worker) => {
      const call = calls[worker];
      if (call === undefined) throw new Error('not opened');
      await post(call, { SpeechResult: lineOf((call.turns += 1)), Confidence: '0.9' });
    },
    close: () => pool.destroy(),
  };
}
