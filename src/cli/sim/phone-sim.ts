import { randomBytes, randomUUID } from 'node:crypto';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { parseTwiml, type Verb } from './phone-twiml.ts';

/**
 * Twilio's side of a telephone call: posts and signs webhooks, follows TwiML, hears what is said. Signs with the
 * vendor's own code, so that a gateway it can talk to can talk to Twilio.
 * Source: https://www.twilio.com/docs/voice/twiml, …/usage/webhooks/webhooks-connection-overrides
 */

export interface PhoneRequest {
  /** Where to connect: the public address with `publicUrl` replaced by `baseUrl`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PhoneReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Posts one request. A throw means that no connection came about; it is tried once more. */
export type PhoneTransport = (request: PhoneRequest) => Promise<PhoneReply>;

export type PhoneEvent =
  | { readonly event: 'heard'; readonly text: string; readonly language: string }
  | { readonly event: 'played'; readonly url: string }
  | { readonly event: 'paused'; readonly seconds: number }
  | { readonly event: 'listening'; readonly keys: 'one' | 'many'; readonly speech: boolean }
  | { readonly event: 'ringing'; readonly number: string; readonly result: string }
  | { readonly event: 'retried' }
  | { readonly event: 'ended'; readonly by: 'caller' | 'gateway' | 'error' };

export interface PhoneSimOptions {
  /** Where the gateway listens, e.g. `http://127.0.0.1:3000`. */
  readonly baseUrl: string;
  /** What the gateway was told as PUBLIC_URL and what is signed; `baseUrl` unless told. */
  readonly publicUrl?: string;
  readonly authToken: string;
  /** Calling number; an obviously fake one unless told. Empty or `anonymous`: withheld. */
  readonly from?: string;
  readonly to?: string;
  readonly accountSid?: string;
  readonly callSid?: string;
  /** What a dialled telephone does; `no-answer` unless told. */
  readonly dialResult?: 'completed' | 'no-answer' | 'busy' | 'failed';
  /** Passes the time of a Pause or of ringing, in milliseconds; real time unless told. */
  readonly wait?: (ms: number) => Promise<void>;
  readonly transport?: PhoneTransport;
  readonly onEvent?: (event: PhoneEvent) => void;
}

export interface PhoneSim {
  readonly callSid: string;
  /** Everything spoken so far, oldest first. */
  readonly heard: readonly string[];
  readonly state: 'idle' | 'listening' | 'busy' | 'ended';
  /** Each resolves when the gateway listens again or the call has ended, with what was newly spoken. */
  call(): Promise<readonly string[]>;
  say(text: string, confidence?: number): Promise<readonly string[]>;
  /** As the telephone does: a Gather for one key takes the first, a finishing key ends the entry. */
  press(keys: string): Promise<readonly string[]>;
  silence(): Promise<readonly string[]>;
  hangup(): Promise<void>;
}

/** A fault that Twilio would answer with its error message and the end of the call. */
export class PhoneFault extends Error {
  override readonly name = 'PhoneFault';
}

const VOICE_PATH = '/hooks/ivr/twilio/voice';
const STATUS_PATH = '/hooks/ivr/twilio/status';
/** Twilio's limit for one request, all attempts together. */
const REQUEST_TIMEOUT_MS = 15_000;
/** Requests in a row without the caller doing anything; more is a loop. */
const FOLLOWS_MAX = 100;

export function createPhoneSim(options: PhoneSimOptions): PhoneSim {
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  // Written as `new URL()` writes it, because the addresses that TwiML names come out of `new URL()` too.
  const publicUrl = new URL(options.publicUrl ?? options.baseUrl).toString().replace(/\/+$/, '');
  const callSid = options.callSid ?? `CA${randomBytes(16).toString('hex')}`;
  const from = options.from === undefined ? '+8613800138000' : options.from;
  const to = options.to ?? '+8676900012345';
  const wait = options.wait ?? ((ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms)));
  const transport = options.transport ?? postOverHttp;
  const heard: string[] = [];
  let state: PhoneSim['state'] = 'idle';
  let current = publicUrl + VOICE_PATH;
  let open: { readonly gather: Verb; readonly rest: readonly Verb[] } | null = null;

  const tell = (event: PhoneEvent): void => options.onEvent?.(event);

  /** Signs what Twilio signs: the public address and the parameters. */
  async function post(address: string, more: Readonly<Record<string, string>>): Promise<PhoneReply> {
    if (!address.startsWith(`${publicUrl}/`)) throw new PhoneFault('the address leads away from the gateway');
    const params = { AccountSid: options.accountSid ?? `AC${'0'.repeat(32)}`, ApiVersion: '2010-04-01', CallSid: callSid, CallStatus: 'in-progress', Called: to, Caller: from, Direction: 'inbound', From: from, To: to, ...more };
    const request: PhoneRequest = {
      url: baseUrl + address.slice(publicUrl.length),
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'user-agent': 'TwilioProxy/1.1',
        'i-twilio-idempotency-token': randomUUID(),
        'x-twilio-signature': getExpectedTwilioSignature(options.authToken, address, params),
      },
      body: new URLSearchParams(params).toString(),
    };
    try {
      return await transport(request);
    } catch (error) {
      if (error instanceof PhoneFault) throw error;
      tell({ event: 'retried' });
    }
    try {
      return await transport(request);
    } catch (error) {
      throw error instanceof PhoneFault ? error : new PhoneFault('11200: no connection to the gateway', { cause: error });
    }
  }

  async function postStatus(): Promise<void> {
    const reply = await post(publicUrl + STATUS_PATH, { CallStatus: 'completed', CallDuration: '60', CallbackSource: 'call-progress-events', SequenceNumber: '0', Timestamp: new Date().toUTCString() });
    if (reply.status >= 300) throw new PhoneFault(`11200: the gateway answered the status callback with HTTP ${reply.status}`);
  }

  async function fetchVerbs(address: string, params: Readonly<Record<string, string>>): Promise<readonly Verb[]> {
    current = address;
    const reply = await post(address, params);
    if (reply.status === 204) return [];
    if (reply.status !== 200) throw new PhoneFault(`11200: the gateway answered HTTP ${reply.status}`);
    if (!/^(?:text|application)\/xml\b/.test(reply.contentType)) throw new PhoneFault(`12300: content type ${reply.contentType}`);
    try {
      return parseTwiml(reply.body);
    } catch (error) {
      throw new PhoneFault(error instanceof Error ? error.message : String(error));
    }
  }

  /** Follows verbs until the gateway listens or the call is over. */
  async function follow(first: readonly Verb[]): Promise<void> {
    let verbs = first;
    for (let requests = 0; requests < FOLLOWS_MAX; requests += 1) {
      const next = await runVerbs(verbs);
      if (next === null) return;
      verbs = await fetchVerbs(next.address, next.params);
    }
    throw new PhoneFault('the answers lead in a circle');
  }

  async function runVerbs(verbs: readonly Verb[]): Promise<{ readonly address: string; readonly params: Readonly<Record<string, string>> } | null> {
    for (const [index, verb] of verbs.entries()) {
      if (verb.name === 'Gather') {
        for (const child of verb.children) await speak(child);
        open = { gather: verb, rest: verbs.slice(index + 1) };
        state = 'listening';
        tell({ event: 'listening', keys: verb.attributes['numDigits'] === '1' ? 'one' : 'many', speech: inputs(verb).includes('speech') });
        return null;
      }
      if (verb.name === 'Redirect') return { address: resolve(verb.text), params: {} };
      if (verb.name === 'Hangup') break;
      if (verb.name === 'Dial') {
        const result = options.dialResult ?? 'no-answer';
        const number = verb.children.map(({ text }) => text).join(',') || verb.text;
        tell({ event: 'ringing', number, result });
        await wait(Number(verb.attributes['timeout'] ?? '30') * 1000);
        const action = verb.attributes['action'];
        if (action !== undefined) return { address: resolve(action), params: { DialCallStatus: result, DialCallDuration: result === 'completed' ? '60' : '0' } };
      } else {
        await speak(verb);
      }
    }
    await end('gateway');
    return null;
  }

  async function speak(verb: Verb): Promise<void> {
    if (verb.name === 'Say') {
      heard.push(verb.text);
      tell({ event: 'heard', text: verb.text, language: verb.attributes['language'] ?? '' });
    } else if (verb.name === 'Pause') {
      const seconds = Number(verb.attributes['length'] ?? '1');
      tell({ event: 'paused', seconds });
      await wait(seconds * 1000);
    } else if (verb.name === 'Play') {
      tell({ event: 'played', url: verb.text });
    } else {
      throw new PhoneFault(`12200: the simulator does not know the verb ${verb.name}`);
    }
  }

  const resolve = (reference: string): string => new URL(reference, current).toString();

  async function end(by: 'caller' | 'gateway'): Promise<void> {
    state = 'ended';
    open = null;
    tell({ event: 'ended', by });
    await postStatus();
  }

  /** One thing the caller does; a fault ends the call, as on the real line. */
  async function act(verbs: () => Promise<readonly Verb[]> | readonly Verb[]): Promise<readonly string[]> {
    const before = heard.length;
    state = 'busy';
    open = null;
    try {
      await follow(await verbs());
    } catch (error) {
      if (!isEnded()) {
        state = 'ended';
        tell({ event: 'ended', by: 'error' });
        // The first fault is the one to tell; a gateway that is gone does not take the callback either.
        await postStatus().catch(() => undefined);
      }
      throw error;
    }
    return heard.slice(before);
  }

  // Read through a function: `state` changes while awaiting, which control-flow narrowing does not see.
  const isEnded = (): boolean => state === 'ended';

  function listening(): { readonly gather: Verb; readonly rest: readonly Verb[] } {
    if (open === null) throw new PhoneFault(isEnded() ? 'the call is over' : 'nobody listens yet');
    return open;
  }

  const action = (gather: Verb): string => resolve(gather.attributes['action'] ?? current);

  return {
    callSid,
    heard,
    get state() {
      return state;
    },
    call: async () => {
      if (state !== 'idle') throw new PhoneFault('already called');
      return act(() => fetchVerbs(publicUrl + VOICE_PATH, { CallStatus: 'ringing' }));
    },
    say: async (text, confidence = 0.9) => {
      const { gather } = listening();
      if (!inputs(gather).includes('speech')) throw new PhoneFault('speech is not listened to here');
      return act(() => fetchVerbs(action(gather), { SpeechResult: text, Confidence: String(confidence) }));
    },
    press: async (keys) => {
      const { gather, rest } = listening();
      if (!/^[0-9*#]+$/.test(keys)) throw new PhoneFault('keys are 0-9, * and #');
      const digits = digitsOf(gather, keys);
      // A finishing key before any digit is no input: the verbs after the Gather run.
      return act(() => (digits === '' ? rest : fetchVerbs(action(gather), { Digits: digits })));
    },
    silence: async () => {
      const { gather, rest } = listening();
      return act(() => (gather.attributes['actionOnEmptyResult'] === 'true' ? fetchVerbs(action(gather), {}) : rest));
    },
    hangup: async () => {
      if (state === 'idle') state = 'ended';
      if (!isEnded()) await end('caller');
    },
  };
}

const inputs = (gather: Verb): readonly string[] => (gather.attributes['input'] ?? 'dtmf').split(' ');

function digitsOf(gather: Verb, keys: string): string {
  const finish = gather.attributes['finishOnKey'] ?? '#';
  const at = finish === '' ? -1 : keys.indexOf(finish);
  const entered = at === -1 ? keys : keys.slice(0, at);
  const most = Number(gather.attributes['numDigits'] ?? '0');
  return most > 0 ? entered.slice(0, most) : entered;
}

/** Twilio repeats a request only when no connection came about; a slow or broken answer ends the call. */
async function postOverHttp(request: PhoneRequest): Promise<PhoneReply> {
  try {
    const response = await fetch(request.url, { method: 'POST', headers: request.headers, body: request.body, redirect: 'manual', signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    return { status: response.status, contentType: response.headers.get('content-type') ?? '', body: await response.text() };
  } catch (error) {
    if (isConnectFailure(error)) throw error;
    throw new PhoneFault('11200: no answer within 15 s, or the connection broke', { cause: error });
  }
}

function isConnectFailure(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].some((known) => known === code);
}
