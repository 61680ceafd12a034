/**
 * The other side of a telephone call, whatever platform carries it: follows what the gateway answers, hears what is said, and asks
 * again as that platform does. A platform (phone-sim.ts, jambonz-sim.ts, vxml-sim.ts) says how a request is written and an answer read.
 */

export interface PhoneRequest {
  readonly method: 'GET' | 'POST';
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

/** Sends one request. A throw means that no connection came about; it is tried once more. */
export type PhoneTransport = (request: PhoneRequest) => Promise<PhoneReply>;

export type PhoneEvent =
  | { readonly event: 'heard'; readonly text: string; readonly language: string }
  | { readonly event: 'played'; readonly url: string }
  | { readonly event: 'paused'; readonly seconds: number }
  | { readonly event: 'listening'; readonly keys: 'one' | 'many'; readonly speech: boolean }
  | { readonly event: 'ringing'; readonly number: string; readonly result: string }
  /** Led into a room of several telephones. */
  | { readonly event: 'room'; readonly room: string; readonly statusAt: string }
  | { readonly event: 'retried' }
  | { readonly event: 'ended'; readonly by: 'caller' | 'gateway' | 'error' };

/** How a dialled telephone ends. */
export type DialResult = 'completed' | 'no-answer' | 'busy' | 'failed';

/** What happened on the line, to be told to an address. */
export type Happening =
  | { readonly kind: 'begun' }
  | { readonly kind: 'said'; readonly text: string; readonly confidence: number }
  | { readonly kind: 'pressed'; readonly keys: string }
  | { readonly kind: 'silence' }
  /** Nothing: the last answer sent the call there. */
  | { readonly kind: 'sent' }
  | { readonly kind: 'rang'; readonly result: DialResult };

/** What an answer has the platform do. Addresses are absolute. */
export type CallStep =
  | { readonly kind: 'speak'; readonly text: string; readonly language: string }
  | { readonly kind: 'play'; readonly url: string }
  | { readonly kind: 'pause'; readonly seconds: number }
  | { readonly kind: 'listen'; readonly one: boolean; readonly finish: '' | '#'; readonly speech: boolean; readonly at: string; /** Null: the steps behind it run. */ readonly silenceAt: string | null }
  | { readonly kind: 'go'; readonly at: string }
  | { readonly kind: 'ring'; readonly number: string; readonly seconds: number; readonly at: string | null }
  /** `holdAt`: what is heard until somebody else is there; `at`: what comes after the room. */
  | { readonly kind: 'room'; readonly room: string; readonly holdAt: string; readonly statusAt: string; readonly at: string }
  | { readonly kind: 'hangup' };

export interface PhonePlatform {
  /** Where a call begins. */
  readonly start: string;
  /** The request that tells this to that address. */
  request(at: string, what: Happening): Omit<PhoneRequest, 'url'>;
  /** @throws PhoneFault when the platform could make nothing of it */
  read(reply: PhoneReply, at: string): readonly CallStep[];
  /** The last word of a call; null: this platform has none. */
  ended(): (Omit<PhoneRequest, 'url'> & { readonly at: string }) | null;
}

/** A call that the gateway placed: its hooks are where the order says. */
export interface PlacedCall {
  readonly voiceUrl: string;
  readonly statusUrl: string;
}

export interface CallSimOptions {
  /** The gateway calls: `from` is its number, `to` the citizen's. */
  readonly placed?: PlacedCall;
  /** Where the gateway listens, e.g. `http://127.0.0.1:3000`. */
  readonly baseUrl: string;
  /** What the gateway was told as PUBLIC_URL; `baseUrl` unless told. */
  readonly publicUrl?: string;
  /** What a dialled telephone does; `no-answer` unless told. */
  readonly dialResult?: DialResult;
  /** Passes the time of a pause or of ringing, in milliseconds; real time unless told. */
  readonly wait?: (ms: number) => Promise<void>;
  readonly transport?: PhoneTransport;
  readonly onEvent?: (event: PhoneEvent) => void;
}

export interface CallSim {
  /** Everything spoken so far, oldest first. */
  readonly heard: readonly string[];
  readonly state: 'idle' | 'listening' | 'busy' | 'room' | 'ended';
  /** Each resolves when the gateway listens again or the call has ended, with what was newly spoken. */
  call(): Promise<readonly string[]>;
  say(text: string, confidence?: number): Promise<readonly string[]>;
  /** As the telephone does: where one key is asked for the first counts, a finishing key ends the entry. */
  press(keys: string): Promise<readonly string[]>;
  silence(): Promise<readonly string[]>;
  hangup(): Promise<void>;
  /** The gateway has the platform take the call out of what it is doing, and asks there. */
  moved(to: string): Promise<readonly string[]>;
  /** Everybody else has left the room. */
  leaveRoom(): Promise<readonly string[]>;
}

/** A fault that the platform would answer with its error message and the end of the call. */
export class PhoneFault extends Error {
  override readonly name = 'PhoneFault';
}

/** The platforms' limit for one request, all attempts together. */
const REQUEST_TIMEOUT_MS = 15_000;
/** Requests in a row without the caller doing anything; more is a loop. */
const FOLLOWS_MAX = 100;

/** PUBLIC_URL as `new URL()` writes it, because the addresses that answers name come out of `new URL()` too. */
export function publicUrlOf({ baseUrl, publicUrl }: Pick<CallSimOptions, 'baseUrl' | 'publicUrl'>): string {
  return new URL(publicUrl ?? baseUrl).toString().replace(/\/+$/, '');
}

export function createCallSim(options: CallSimOptions, platform: PhonePlatform): CallSim {
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const publicUrl = publicUrlOf(options);
  const wait = options.wait ?? ((ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms)));
  const transport = options.transport ?? sendOverHttp;
  const heard: string[] = [];
  let state: CallSim['state'] = 'idle';
  let open: { readonly listen: Extract<CallStep, { kind: 'listen' }>; readonly rest: readonly CallStep[] } | null = null;

  let room: Extract<CallStep, { kind: 'room' }> | null = null;

  const tell = (event: PhoneEvent): void => options.onEvent?.(event);

  async function send(at: string, given: Omit<PhoneRequest, 'url'>): Promise<PhoneReply> {
    if (!at.startsWith(`${publicUrl}/`)) throw new PhoneFault('the address leads away from the gateway');
    const request: PhoneRequest = { method: given.method, url: baseUrl + at.slice(publicUrl.length), headers: given.headers, body: given.body };
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

  async function ask(at: string, what: Happening): Promise<readonly CallStep[]> {
    const reply = await send(at, platform.request(at, what));
    if (reply.status === 204) return [];
    if (reply.status !== 200) throw new PhoneFault(`11200: the gateway answered HTTP ${reply.status}`);
    return platform.read(reply, at);
  }

  async function tellEnd(): Promise<void> {
    const last = platform.ended();
    if (last === null) return;
    const reply = await send(last.at, last);
    if (reply.status >= 300) throw new PhoneFault(`11200: the gateway answered the end of the call with HTTP ${reply.status}`);
  }

  /** Follows steps until the gateway listens or the call is over. */
  async function follow(first: readonly CallStep[]): Promise<void> {
    let steps = first;
    for (let requests = 0; requests < FOLLOWS_MAX; requests += 1) {
      const next = await run(steps);
      if (next === null) return;
      steps = await ask(next.at, next.what);
    }
    throw new PhoneFault('the answers lead in a circle');
  }

  async function run(steps: readonly CallStep[]): Promise<{ readonly at: string; readonly what: Happening } | null> {
    for (const [index, step] of steps.entries()) {
      switch (step.kind) {
        case 'speak':
          heard.push(step.text);
          tell({ event: 'heard', text: step.text, language: step.language });
          break;
        case 'play':
          tell({ event: 'played', url: step.url });
          break;
        case 'pause':
          tell({ event: 'paused', seconds: step.seconds });
          await wait(step.seconds * 1000);
          break;
        case 'listen':
          open = { listen: step, rest: steps.slice(index + 1) };
          state = 'listening';
          tell({ event: 'listening', keys: step.one ? 'one' : 'many', speech: step.speech });
          return null;
        case 'go':
          return { at: step.at, what: { kind: 'sent' } };
        case 'ring': {
          const result = options.dialResult ?? 'no-answer';
          tell({ event: 'ringing', number: step.number, result });
          await wait(step.seconds * 1000);
          if (step.at !== null) return { at: step.at, what: { kind: 'rang', result } };
          break;
        }
        case 'room':
          await hold(step.holdAt);
          room = step;
          state = 'room';
          tell({ event: 'room', room: step.room, statusAt: step.statusAt });
          return null;
        case 'hangup':
          await end('gateway');
          return null;
      }
    }
    await end('gateway');
    return null;
  }

  /** Hold words, heard once: whatever the real platform plays goes round. */
  async function hold(at: string): Promise<void> {
    for (const step of await ask(at, { kind: 'sent' })) {
      if (step.kind === 'speak') {
        heard.push(step.text);
        tell({ event: 'heard', text: step.text, language: step.language });
      } else if (step.kind !== 'pause' && step.kind !== 'go') throw new PhoneFault(`hold words may not ${step.kind}`);
    }
  }

  async function end(by: 'caller' | 'gateway'): Promise<void> {
    state = 'ended';
    open = null;
    tell({ event: 'ended', by });
    await tellEnd();
  }

  /** One thing the caller does; a fault ends the call, as on the real line. */
  async function act(steps: () => Promise<readonly CallStep[]> | readonly CallStep[]): Promise<readonly string[]> {
    const before = heard.length;
    state = 'busy';
    open = null;
    room = null;
    try {
      await follow(await steps());
    } catch (error) {
      if (!isEnded()) {
        state = 'ended';
        tell({ event: 'ended', by: 'error' });
        // The first fault is the one to tell; a gateway that is gone does not take the last word either.
        await tellEnd().catch(() => undefined);
      }
      throw error;
    }
    return heard.slice(before);
  }

  // Read through a function: `state` changes while awaiting, which control-flow narrowing does not see.
  const isEnded = (): boolean => state === 'ended';

  function listening(): { readonly listen: Extract<CallStep, { kind: 'listen' }>; readonly rest: readonly CallStep[] } {
    if (open === null) throw new PhoneFault(isEnded() ? 'the call is over' : 'nobody listens yet');
    return open;
  }

  const unheard = (silenceAt: string | null, rest: readonly CallStep[]): Promise<readonly CallStep[]> | readonly CallStep[] => (silenceAt === null ? rest : ask(silenceAt, { kind: 'silence' }));

  return {
    heard,
    get state() {
      return state;
    },
    call: async () => {
      if (state !== 'idle') throw new PhoneFault('already called');
      return act(() => ask(platform.start, { kind: 'begun' }));
    },
    say: async (text, confidence = 0.9) => {
      const { listen } = listening();
      if (!listen.speech) throw new PhoneFault('speech is not listened to here');
      return act(() => ask(listen.at, { kind: 'said', text, confidence }));
    },
    press: async (keys) => {
      const { listen, rest } = listening();
      if (!/^[0-9*#]+$/.test(keys)) throw new PhoneFault('keys are 0-9, * and #');
      const entered = listen.finish !== '' && keys.includes(listen.finish) ? keys.slice(0, keys.indexOf(listen.finish)) : keys;
      const digits = listen.one ? entered.slice(0, 1) : entered;
      // A finishing key before any digit is no input.
      return act(() => (digits === '' ? unheard(listen.silenceAt, rest) : ask(listen.at, { kind: 'pressed', keys: digits })));
    },
    silence: async () => {
      const { listen, rest } = listening();
      return act(() => unheard(listen.silenceAt, rest));
    },
    moved: async (to) => {
      if (state !== 'listening' && state !== 'room') throw new PhoneFault('the call cannot be moved now');
      return act(() => ask(to, { kind: 'sent' }));
    },
    leaveRoom: async () => {
      const left = room;
      if (left === null) throw new PhoneFault('the call is in no room');
      return act(() => ask(left.at, { kind: 'sent' }));
    },
    hangup: async () => {
      if (state === 'idle') state = 'ended';
      if (!isEnded()) await end('caller');
    },
  };
}

/** A request is repeated only when no connection came about; a slow or broken answer ends the call. */
async function sendOverHttp(request: PhoneRequest): Promise<PhoneReply> {
  try {
    const response = await fetch(request.url, { method: request.method, headers: request.headers, redirect: 'manual', signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS), ...(request.method === 'GET' ? {} : { body: request.body }) });
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
