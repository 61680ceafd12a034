import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWire, requestText, type Wire } from '../wire/http.ts';
import { phoneOf, type CitizenPeer } from './peer.ts';

/** Shorter than the pause that the gateway asks for, so that a slow turn is not measured as a slower one. */
const WAIT_MS = 100;
const VOICE = '/hooks/ivr/twilio/voice';
const STATUS = '/hooks/ivr/twilio/status';
const ACCOUNT = `AC${'0'.repeat(32)}`;
const TO = '+8676900012345';
/** Of this run: a database may outlive it. 12 digits. */
const RUN = String(Date.now() % 1e12).padStart(12, '0');

/** Of the whole process: the calls of two peers must not be taken for one call, nor their requests for repeated ones. */
let made = 0;
let asked = 0;

interface Call {
  readonly wire: Wire;
  sid: string;
  from: string;
  /** Path of the next request; null once the gateway has hung up. */
  next: string | null;
}

/**
 * Phone: signed webhooks, each answered with what to say next. Signs by the vendor's rule (URL, then the sorted parameters'
 * names and values, HMAC-SHA1), cheaper than by the vendor's library, which would measure itself.
 * Source: https://www.twilio.com/docs/usage/security#validating-requests
 */
export function createPhonePeer(url: string, authToken: string, places: number): CitizenPeer {
  const calls = Array.from({ length: places }, (): Call => ({ wire: createWire(url), sid: '', from: '', next: null }));
  const host = new URL(url).host;

  const callAt = (place: number): Call => {
    const call = calls[place];
    if (call === undefined) throw new Error(`no place ${place}`);
    return call;
  };

  /** The signed text has the parameters sorted by name, written out here in that order; `speech` null: a redirect, nothing was said. */
  const post = async (call: Call, path: string, status: string, speech: string | null): Promise<Buffer> => {
    const spoken = speech === null ? '' : `SpeechResult${speech}`;
    const sure = speech === null ? '' : 'Confidence0.9';
    const signed = `${url}${path}AccountSid${ACCOUNT}ApiVersion2010-04-01CallSid${call.sid}CallStatus${status}${sure}DirectioninboundFrom${call.from}${spoken}To${TO}`;
    const said = speech === null ? '' : `&SpeechResult=${encodeURIComponent(speech)}&Confidence=0.9`;
    const body = `AccountSid=${ACCOUNT}&ApiVersion=2010-04-01&CallSid=${call.sid}&CallStatus=${status}&Direction=inbound&From=%2B${call.from.slice(1)}&To=%2B${TO.slice(1)}${said}`;
    const signature = createHmac('sha1', authToken).update(signed, 'utf8').digest('base64');
    asked += 1;
    const answer = await call.wire.exchange(requestText(
      `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/x-www-form-urlencoded; charset=UTF-8\r\ni-twilio-idempotency-token: bench-${RUN}-${asked}\r\nx-twilio-signature: ${signature}\r\n`,
      body,
    ));
    if (answer.status !== 200 && answer.status !== 204) throw new Error(`phone: HTTP ${answer.status} ${answer.body.toString('utf8', 0, 200)}`);
    return answer.body;
  };

  /** Follows what the gateway asks for until the caller is listened to again, or the call is over. */
  const follow = async (call: Call, twiml: Buffer): Promise<Buffer> => {
    for (let heard = twiml; ; ) {
      const action = between(heard, ' action="', '"');
      if (action !== null) {
        call.next = action;
        return heard;
      }
      const redirect = between(heard, '<Redirect method="POST">', '<');
      if (redirect === null) {
        if (!heard.includes('<Hangup')) throw new Error('phone: neither gather, redirect nor hangup in the answer');
        call.next = null;
        return heard;
      }
      // Asked to wait and come back: the turn took longer than the gateway lets a caller listen to nothing.
      await sleep(WAIT_MS);
      heard = await post(call, redirect, 'in-progress', null);
    }
  };

  return {
    open: async (place, caller) => {
      const call = callAt(place);
      made += 1;
      call.sid = `CA${RUN}${String(made).padStart(20, '0')}`;
      call.from = `+86${phoneOf(caller)}`;
      await follow(call, await post(call, VOICE, 'ringing', null));
    },
    say: async (place, text) => {
      const call = callAt(place);
      if (call.next === null) throw new Error('phone: the gateway had hung up');
      return follow(call, await post(call, call.next, 'in-progress', text));
    },
    leave: async (place) => {
      const call = callAt(place);
      call.next = null;
      await post(call, STATUS, 'completed', null);
    },
    close: async () => {
      for (const { wire } of calls) wire.close();
    },
  };
}

/** An attribute or an element's text: ASCII, with `&amp;` at most. */
function between(bytes: Buffer, before: string, after: string): string | null {
  const at = bytes.indexOf(before);
  if (at === -1) return null;
  const from = at + before.length;
  return bytes.toString('latin1', from, bytes.indexOf(after, from)).replaceAll('&amp;', '&');
}
