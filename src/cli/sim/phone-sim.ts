import { randomBytes, randomUUID } from 'node:crypto';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { createCallSim, PhoneFault, publicUrlOf, type CallSim, type CallSimOptions, type CallStep, type Happening, type PhonePlatform } from './call-sim.ts';
import { parseTwiml, spokenText, type Verb } from './phone-twiml.ts';

export { PhoneFault } from './call-sim.ts';
export type { PhoneEvent, PhoneReply, PhoneRequest, PhoneTransport } from './call-sim.ts';

/**
 * Twilio's side of a telephone call: posts and signs webhooks, follows TwiML. Signs with the vendor's own code, so that a
 * gateway it can talk to can talk to Twilio.
 * Source: https://www.twilio.com/docs/voice/twiml, …/usage/webhooks/webhooks-connection-overrides
 */

export interface PhoneSimOptions extends CallSimOptions {
  readonly authToken: string;
  /** Calling number; an obviously fake one unless told. Empty or `anonymous`: withheld. */
  readonly from?: string;
  readonly to?: string;
  readonly accountSid?: string;
  readonly callSid?: string;
}

export interface PhoneSim extends CallSim {
  readonly callSid: string;
}

const VOICE_PATH = '/hooks/ivr/twilio/voice';
const STATUS_PATH = '/hooks/ivr/twilio/status';

export function createPhoneSim(options: PhoneSimOptions): PhoneSim {
  const callSid = options.callSid ?? `CA${randomBytes(16).toString('hex')}`;
  const sim = createCallSim(options, twilio(options, callSid));
  // Not spread: what it has is read when it is asked for.
  return Object.assign(sim, { callSid });
}

function twilio(options: PhoneSimOptions, callSid: string): PhonePlatform {
  const publicUrl = publicUrlOf(options);
  const from = options.from === undefined ? '+8613800138000' : options.from;
  const to = options.to ?? '+8676900012345';

  /** Signs what Twilio signs: the public address and the parameters. */
  const post = (at: string, more: Readonly<Record<string, string>>) => {
    const params = { AccountSid: options.accountSid ?? `AC${'0'.repeat(32)}`, ApiVersion: '2010-04-01', CallSid: callSid, CallStatus: 'in-progress', Called: to, Caller: from, Direction: options.placed === undefined ? 'inbound' : 'outbound-api', From: from, To: to, ...more };
    return {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'user-agent': 'TwilioProxy/1.1',
        'i-twilio-idempotency-token': randomUUID(),
        'x-twilio-signature': getExpectedTwilioSignature(options.authToken, at, params),
      },
      body: new URLSearchParams(params).toString(),
    } as const;
  };

  const statusAt = options.placed?.statusUrl ?? publicUrl + STATUS_PATH;
  return {
    start: options.placed?.voiceUrl ?? publicUrl + VOICE_PATH,
    request: (at, what) => post(at, what.kind === 'begun' && options.placed !== undefined ? { CallStatus: 'in-progress', AnsweredBy: 'human' } : paramsOf(what)),
    read(reply, at) {
      if (!/^(?:text|application)\/xml\b/.test(reply.contentType)) throw new PhoneFault(`12300: content type ${reply.contentType}`);
      try {
        return parseTwiml(reply.body).flatMap((verb) => stepsOf(verb, at));
      } catch (error) {
        throw error instanceof PhoneFault ? error : new PhoneFault(error instanceof Error ? error.message : String(error));
      }
    },
    ended: () => ({ at: statusAt, ...post(statusAt, { CallStatus: 'completed', CallDuration: '60', CallbackSource: 'call-progress-events', SequenceNumber: '0', Timestamp: new Date().toUTCString() }) }),
  };
}

function paramsOf(what: Happening): Readonly<Record<string, string>> {
  switch (what.kind) {
    case 'begun':
      return { CallStatus: 'ringing' };
    case 'said':
      return { SpeechResult: what.text, Confidence: String(what.confidence) };
    case 'pressed':
      return { Digits: what.keys };
    case 'rang':
      return { DialCallStatus: what.result, DialCallDuration: what.result === 'completed' ? '60' : '0' };
    case 'silence':
    case 'sent':
      return {};
  }
}

function stepsOf(verb: Verb, at: string): readonly CallStep[] {
  const { attributes } = verb;
  const resolve = (reference: string): string => new URL(reference, at).toString();
  switch (verb.name) {
    case 'Gather': {
      const action = resolve(attributes['action'] ?? at);
      return [
        ...verb.children.flatMap((child) => stepsOf(child, at)),
        { kind: 'listen', one: attributes['numDigits'] === '1', finish: (attributes['finishOnKey'] ?? '#') === '#' ? '#' : '', speech: (attributes['input'] ?? 'dtmf').split(' ').includes('speech'), at: action, silenceAt: attributes['actionOnEmptyResult'] === 'true' ? action : null },
      ];
    }
    case 'Redirect':
      return [{ kind: 'go', at: resolve(verb.text) }];
    case 'Hangup':
      return [{ kind: 'hangup' }];
    case 'Dial': {
      const [noun] = verb.children;
      if (noun?.name === 'Conference') return [{ kind: 'room', room: noun.text, holdAt: resolve(noun.attributes['waitUrl'] ?? ''), statusAt: noun.attributes['statusCallback'] ?? '', at: resolve(attributes['action'] ?? at) }];
      return [{ kind: 'ring', number: verb.children.map(({ text }) => text).join(',') || verb.text, seconds: Number(attributes['timeout'] ?? '30'), at: attributes['action'] === undefined ? null : resolve(attributes['action']) }];
    }
    case 'Say':
      return [{ kind: 'speak', text: spokenText(verb), language: attributes['language'] ?? '' }];
    case 'Pause':
      return [{ kind: 'pause', seconds: Number(attributes['length'] ?? '1') }];
    case 'Play':
      return [{ kind: 'play', url: verb.text }];
    default:
      throw new PhoneFault(`12200: the simulator does not know the verb ${verb.name}`);
  }
}
