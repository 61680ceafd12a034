import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import Type from 'typebox';
import { Value } from 'typebox/value';
import type { CallSim, PhoneEvent } from './call-sim.ts';
import { parseTwiml } from './phone-twiml.ts';
import type { Platform } from './outbound-peer.ts';

/**
 * The conferences of Twilio and jambonz on a local port: rings the telephones that the gateway orders into a room, moves the caller's call there and back, and
 * tells the gateway's signed hooks who came, who went and what failed. A gateway whose API base points here rings nobody else.
 */

/** What a telephone does. `lost`: rung, the answer to the order never arrives; `gone`: not rung, no answer; `mute`: rung, and nothing is ever told. */
export type LegFate = 'answer' | 'busy' | 'no-answer' | 'failed' | 'lost' | 'gone' | 'refused' | 'mute';

export interface PlayedLeg {
  readonly sid: string;
  readonly room: string;
  readonly party: string;
  readonly key: string;
  readonly to: string;
  readonly statusUrl: string;
  readonly fate: LegFate;
}

export interface ConferencePeerOptions {
  readonly platform: Platform;
  readonly gateway: () => { readonly baseUrl: string; readonly publicUrl: string };
  /** Auth token or webhook secret; account; API key (jambonz). */
  readonly secret: string;
  readonly account: string;
  readonly apiKey?: string;
  readonly fate: (to: string, times: number) => LegFate;
  /** `fate` is for the other service alone. */
  readonly seatAnswers?: boolean;
  /** The caller's call by its sid; null: it is none that runs here. */
  readonly caller: (sid: string) => CallSim | null;
  readonly now?: () => number;
  readonly port?: number;
  /** Everything is told twice, and once more at the end. */
  readonly unruly?: boolean;
  readonly onEvent?: (event: { readonly event: 'rung' | 'joined' | 'left' | 'moved'; readonly party: string; readonly state?: string }) => void;
}

export interface ConferencePeer {
  readonly url: string;
  /** Every telephone that was rung, oldest first. */
  readonly legs: readonly PlayedLeg[];
  /** Who is in the room now. */
  readonly inRoom: ReadonlySet<string>;
  readonly faults: readonly string[];
  /** To be told of the caller's events: it has come into a room. */
  watch(sid: string, event: PhoneEvent): void;
  /** A party hangs up. */
  leave(party: string): Promise<void>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const TwilioLeg = Type.Object({ To: Type.String(), From: Type.String(), Twiml: Type.String(), StatusCallback: Type.String() });
const Hook = Type.Object({ url: Type.String(), method: Type.Literal('POST') });
const JambonzLeg = Type.Object({ from: Type.String(), to: Type.Object({ type: Type.Literal('phone'), number: Type.String() }), call_hook: Hook, call_status_hook: Hook, tag: Type.Object({ yihuCall: Type.String() }) });
const JambonzMove = Type.Object({ call_hook: Hook });
const Joined = Type.Array(Type.Object({ verb: Type.String(), statusHook: Type.Optional(Type.String()) }));

export async function createConferencePeer(options: ConferencePeerOptions): Promise<ConferencePeer> {
  const twilio = options.platform === 'twilio';
  const now = options.now ?? (() => Date.now());
  const legs: PlayedLeg[] = [];
  const faults: string[] = [];
  const running = new Set<Promise<void>>();
  /** Party → sid, of those in the room. */
  const inRoom = new Map<string, string>();
  let waiting: string | null = null;
  let statusAt = '';
  let last: (() => Promise<void>) | null = null;

  const begin = (work: () => Promise<void>): void => {
    const run = work().catch((error: unknown) => void faults.push(error instanceof Error ? error.message : String(error)));
    running.add(run);
    void run.finally(() => running.delete(run));
  };

  async function post(url: string, sid: string, more: Readonly<Record<string, string | number>>): Promise<string> {
    const { baseUrl, publicUrl } = options.gateway();
    const send = async (): Promise<string> => {
      const { headers, body } = twilio ? signedForm(url, sid, more) : signedJson(sid, more);
      const response = await fetch(url.replace(publicUrl, baseUrl), { method: 'POST', headers, body });
      const text = await response.text();
      if (response.status >= 300) throw new Error(`the gateway answered HTTP ${response.status}`);
      return text;
    };
    const answer = await send();
    if (options.unruly === true) {
      await last?.();
      await send();
      last = async () => void (await send());
    }
    return answer;
  }

  function signedForm(url: string, sid: string, more: Readonly<Record<string, string | number>>) {
    const params = { AccountSid: options.account, CallSid: sid, Timestamp: new Date(now()).toUTCString(), ...Object.fromEntries(Object.entries(more).map(([name, value]) => [name, String(value)])) };
    return { headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8', 'x-twilio-signature': getExpectedTwilioSignature(options.secret, url, params) }, body: new URLSearchParams(params).toString() };
  }

  function signedJson(sid: string, more: Readonly<Record<string, string | number>>) {
    const body = JSON.stringify({ call_sid: sid, account_sid: options.account, direction: 'outbound', call_status: 'in-progress', ...more });
    const time = Math.floor(now() / 1000);
    return { headers: { 'content-type': 'application/json', 'jambonz-signature': `t=${time},v1=${createHmac('sha256', options.secret).update(`${time}.${body}`).digest('hex')}` }, body };
  }

  const roomEvent = (name: 'join' | 'leave' | 'end', party: string, sid: string): Promise<string> =>
    post(statusAt, sid, twilio ? { StatusCallbackEvent: name === 'end' ? 'conference-end' : `participant-${name}`, ConferenceSid: 'CF0', ...(name === 'end' ? { ReasonConferenceEnded: 'last-participant-left' } : { ParticipantLabel: party }) } : { event: name, conference_sid: 'conf:0', members: inRoom.size, time: new Date(now()).toISOString() });

  async function join(party: string, sid: string): Promise<void> {
    inRoom.set(party, sid);
    options.onEvent?.({ event: 'joined', party });
    await roomEvent('join', party, sid);
  }

  async function leave(party: string): Promise<void> {
    const sid = inRoom.get(party);
    if (sid === undefined) return;
    inRoom.delete(party);
    options.onEvent?.({ event: 'left', party });
    await roomEvent('leave', party, sid);
    if (inRoom.size === 0) await roomEvent('end', party, sid);
    const leg = legs.find((one) => one.sid === sid);
    if (leg !== undefined) await legState(leg, 'completed');
  }

  const legState = (leg: PlayedLeg, state: string): Promise<string> => post(leg.statusUrl, leg.sid, twilio ? { CallStatus: state } : { call_status: state, ...(state === 'failed' ? { sip_status: 480 } : {}) });

  /** A telephone rings, and does what it does. */
  async function play(leg: PlayedLeg, enter: () => Promise<string>): Promise<void> {
    if (leg.fate === 'mute' || leg.fate === 'gone' || leg.fate === 'refused') return;
    await legState(leg, 'ringing');
    if (leg.fate === 'busy' || leg.fate === 'no-answer' || leg.fate === 'failed') return void (await legState(leg, leg.fate));
    await legState(leg, 'in-progress');
    statusAt = await enter();
    await join(leg.party, leg.sid);
    // The room has begun: who waited in it is there now.
    if (waiting !== null && !inRoom.has('citizen')) await join('citizen', waiting);
  }

  const server = createServer((request, response) => void serve(request, response).catch((error: unknown) => {
    faults.push(`api: ${error instanceof Error ? error.message : String(error)}`);
    response.destroy();
  }));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    const path = (request.url ?? '').split('?')[0] ?? '';
    const answer = (status: number, value: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const base = twilio ? `/2010-04-01/Accounts/${options.account}/Calls` : `/v1/Accounts/${options.account}/Calls`;
    const wanted = twilio ? `Basic ${Buffer.from(`${options.account}:${options.secret}`).toString('base64')}` : `Bearer ${options.apiKey ?? ''}`;
    if (request.headers.authorization !== wanted) return answer(401, { code: 20003 });
    if (request.method === 'GET') return answer(200, legs.filter(({ fate }) => fate !== 'gone').map(({ sid, key }) => ({ callSid: sid, callStatus: 'ringing', customerData: { yihuCall: key } })));
    const sid = new RegExp(`^${base}/([\\w-]+)(?:\\.json)?$`).exec(path)?.[1];
    if (sid !== undefined) return move(sid, body, answer);
    if (path !== (twilio ? `${base}.json` : base)) return answer(404, {});
    const made = twilio ? twilioLeg(body) : jambonzLeg(body);
    if (made === null) return answer(400, { code: 21201 });
    const { leg, enter } = made;
    if (leg.fate === 'refused') return answer(400, { code: 21211, message: `The 'To' number ${leg.to} is not a valid phone number.` });
    if (leg.fate !== 'gone') legs.push(leg);
    options.onEvent?.({ event: 'rung', party: leg.party, state: leg.fate });
    begin(() => play(leg, enter));
    if (leg.fate === 'lost' || leg.fate === 'gone') return void request.socket.destroy();
    answer(201, { sid: leg.sid });
  }

  function move(sid: string, body: string, answer: (status: number, value: unknown) => void): void {
    const sim = options.caller(sid);
    const given: unknown = twilio ? null : JSON.parse(body);
    const to = twilio ? new URLSearchParams(body).get('Url') : Value.Check(JambonzMove, given) ? given.call_hook.url : null;
    if (sim === null || sim.state === 'ended' || to === null) return answer(404, { code: 20404 });
    options.onEvent?.({ event: 'moved', party: 'citizen' });
    answer(twilio ? 200 : 202, { sid });
    begin(async () => {
      waiting = null;
      await leave('citizen');
      await sim.moved(to);
    });
  }

  const fateOf = (party: string, to: string): LegFate => (party === 'seat' && options.seatAnswers === true ? 'answer' : options.fate(to, timesOf(to)));
  const timesOf = (to: string): number => legs.filter((leg) => leg.to === to).length;
  function partsOf(statusUrl: string): Pick<PlayedLeg, 'room' | 'party' | 'key' | 'statusUrl'> {
    const query = new URL(statusUrl).searchParams;
    return { room: query.get('room') ?? '', party: query.get('party') ?? '', key: query.get('key') ?? '', statusUrl };
  }
  function twilioLeg(body: string): { readonly leg: PlayedLeg; readonly enter: () => Promise<string> } | null {
    const given = Object.fromEntries(new URLSearchParams(body));
    if (!Value.Check(TwilioLeg, given)) return null;
    const room = parseTwiml(given.Twiml).find(({ name }) => name === 'Dial')?.children.find(({ name }) => name === 'Conference');
    if (room === undefined) return null;
    const parts = partsOf(given.StatusCallback);
    return { leg: { sid: `CA${randomBytes(16).toString('hex')}`, ...parts, to: given.To, fate: fateOf(parts.party, given.To) }, enter: async () => room.attributes['statusCallback'] ?? '' };
  }
  function jambonzLeg(body: string): { readonly leg: PlayedLeg; readonly enter: () => Promise<string> } | null {
    const given: unknown = JSON.parse(body);
    if (!Value.Check(JambonzLeg, given)) return null;
    const { number } = given.to;
    const parts = partsOf(given.call_status_hook.url);
    const leg = { sid: randomUUID(), ...parts, to: number, fate: fateOf(parts.party, number) };
    return {
      leg,
      enter: async () => {
        const app: unknown = JSON.parse(await post(given.call_hook.url, leg.sid, {}));
        const room = Value.Check(Joined, app) ? app.find(({ verb }) => verb === 'conference') : undefined;
        if (room?.statusHook === undefined) throw new Error('whoever picked up was not led into a room');
        return room.statusHook;
      },
    };
  }

  await new Promise<void>((resolve) => void server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const at = server.address();
  if (at === null || typeof at === 'string') throw new TypeError('the stand-in has no port');
  const idle = async (): Promise<void> => {
    while (running.size > 0) await Promise.all(running);
  };
  return {
    url: `http://127.0.0.1:${at.port}`,
    legs,
    faults,
    get inRoom() {
      return new Set(inRoom.keys());
    },
    watch: (sid, event) => {
      if (event.event !== 'room') return;
      statusAt = event.statusAt;
      waiting = sid;
      // Until somebody else is there Twilio tells of it all the same, jambonz does not.
      if (twilio || inRoom.size > 0) begin(() => join('citizen', sid));
    },
    leave: async (party) => leave(party),
    idle,
    close: async () => {
      await idle();
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece)));
  return Buffer.concat(pieces).toString('utf8');
}
