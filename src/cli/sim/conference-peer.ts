import { randomBytes, randomUUID } from 'node:crypto';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { type Asked, jambonzJson, keyOfApi, openCallApi, tellHook, twilioForm } from './call-api.ts';
import type { CallSim, PhoneEvent } from './call-sim.ts';
import { parseTwiml } from './phone-twiml.ts';
import type { Platform } from './outbound-peer.ts';

/**
 * The conferences of Twilio and jambonz on a local port: rings the telephones that the gateway orders into a room, moves the caller's call there and back, and
 * tells the gateway's signed hooks who came, who went and what failed. A gateway whose API base points here rings nobody else.
 */

/**
 * What a telephone does. `ring`: nothing else, until `pickUp`; `snatch`: is picked up in the moment in which it is told to stop ringing; `lost`: rung, the answer
 * to the order never arrives; `gone`: not rung, no answer; `mute`: rung, and nothing is ever told.
 */
export type LegFate = 'answer' | 'ring' | 'snatch' | 'busy' | 'no-answer' | 'failed' | 'lost' | 'gone' | 'refused' | 'mute';

export interface PlayedLeg {
  readonly sid: string;
  readonly room: string;
  readonly party: string;
  readonly key: string;
  readonly to: string;
  readonly statusUrl: string;
  readonly fate: LegFate;
  /** Now. */
  state: 'rings' | 'talks' | 'over';
  /** Leads whoever picks up into the room; resolves with where its news are told. */
  readonly enter: () => Promise<string>;
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
  readonly onEvent?: (event: { readonly event: 'rung' | 'joined' | 'left' | 'moved' | 'stopped'; readonly party: string; readonly state?: string }) => void;
}

export interface ConferencePeer {
  readonly url: string;
  /** Every telephone that was rung, oldest first. */
  readonly legs: readonly PlayedLeg[];
  /** Orders to end a telephone's call, oldest first, whatever came of them. */
  readonly stops: readonly { readonly party: string; readonly how: string }[];
  /** Who is in the room now. */
  readonly inRoom: ReadonlySet<string>;
  readonly faults: readonly string[];
  /** To be told of the caller's events: it has come into a room. */
  watch(sid: string, event: PhoneEvent): void;
  /** A party hangs up; a citizen who waits alone, too. */
  leave(party: string): Promise<void>;
  /** A telephone that rings is answered. */
  pickUp(party: string): Promise<void>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const TwilioLeg = Type.Object({ To: Type.String(), From: Type.String(), Twiml: Type.String(), StatusCallback: Type.String() });
const Hook = Type.Object({ url: Type.String(), method: Type.Literal('POST') });
const JambonzLeg = Type.Object({ from: Type.String(), to: Type.Object({ type: Type.Literal('phone'), number: Type.String() }), call_hook: Hook, call_status_hook: Hook, tag: Type.Object({ yihuCall: Type.String() }) });
const JambonzMove = Type.Object({ call_hook: Hook });
const JambonzStop = Type.Object({ call_status: Type.Union([Type.Literal('completed'), Type.Literal('no-answer')]) });
const Joined = Type.Array(Type.Object({ verb: Type.String(), statusHook: Type.Optional(Type.String()) }));

export async function createConferencePeer(options: ConferencePeerOptions): Promise<ConferencePeer> {
  const twilio = options.platform === 'twilio';
  const now = options.now ?? (() => Date.now());
  const legs: PlayedLeg[] = [];
  const stops: { party: string; how: string }[] = [];
  /** Party → sid, of those in the room. */
  const inRoom = new Map<string, string>();
  let waiting: string | null = null;
  let statusAt = '';
  let last: (() => Promise<void>) | null = null;

  async function post(url: string, sid: string, more: Readonly<Record<string, string | number>>): Promise<string> {
    const send = (): Promise<string> =>
      tellHook(url, options.gateway(), twilio
        ? twilioForm(options.secret, url, { AccountSid: options.account, CallSid: sid, Timestamp: new Date(now()).toUTCString(), ...more })
        : jambonzJson(options.secret, now(), { call_sid: sid, account_sid: options.account, direction: 'outbound', call_status: 'in-progress', ...more }));
    const answer = await send();
    if (options.unruly === true) {
      await last?.();
      await send();
      last = async () => void (await send());
    }
    return answer;
  }

  const roomEvent = (name: 'join' | 'leave' | 'end', party: string, sid: string, why = 'participant_hung_up'): Promise<string> =>
    post(statusAt, sid, twilio ? { StatusCallbackEvent: name === 'end' ? 'conference-end' : `participant-${name}`, ConferenceSid: 'CF0', ...(name === 'end' ? { ReasonConferenceEnded: 'last-participant-left' } : { ParticipantLabel: party, ...(name === 'leave' ? { ReasonParticipantLeft: why } : {}) }) } : { event: name, conference_sid: 'conf:0', members: inRoom.size, time: new Date(now()).toISOString() });

  async function join(party: string, sid: string): Promise<void> {
    inRoom.set(party, sid);
    options.onEvent?.({ event: 'joined', party });
    await roomEvent('join', party, sid);
  }

  async function leave(party: string, why?: string): Promise<void> {
    if (party === 'citizen') waiting = null;
    const sid = inRoom.get(party);
    if (sid === undefined) return;
    inRoom.delete(party);
    options.onEvent?.({ event: 'left', party });
    await roomEvent('leave', party, sid, why);
    if (inRoom.size === 0) await roomEvent('end', party, sid);
    const leg = legs.find((one) => one.sid === sid);
    if (leg !== undefined) await over(leg, 'completed');
  }

  async function over(leg: PlayedLeg, state: string): Promise<void> {
    leg.state = 'over';
    await legState(leg, state);
  }

  const legState = (leg: PlayedLeg, state: string): Promise<string> => post(leg.statusUrl, leg.sid, twilio ? { CallStatus: state } : { call_status: state, ...(state === 'failed' ? { sip_status: 480 } : {}) });

  /** A telephone rings, and does what it does. */
  async function play(leg: PlayedLeg): Promise<void> {
    if (leg.fate === 'mute' || leg.fate === 'gone' || leg.fate === 'refused') return;
    await legState(leg, 'ringing');
    if (leg.fate === 'busy' || leg.fate === 'no-answer' || leg.fate === 'failed') await over(leg, leg.fate);
    else if (leg.fate === 'answer' || leg.fate === 'lost') await pickUp(leg);
  }

  async function pickUp(leg: PlayedLeg): Promise<void> {
    leg.state = 'talks';
    await legState(leg, 'in-progress');
    statusAt = await leg.enter();
    await join(leg.party, leg.sid);
    // The room has begun: who waited in it is there now.
    if (waiting !== null && !inRoom.has('citizen')) await join('citizen', waiting);
  }

  /** As the platforms do: Twilio's `canceled` leaves an answered call alone, jambonz refuses the word that is not for the call's state. */
  function stop(leg: PlayedLeg, how: string, answer: Asked['answer']): void {
    stops.push({ party: leg.party, how });
    options.onEvent?.({ event: 'stopped', party: leg.party, state: how });
    const hangsUp = how === 'completed';
    if (leg.state === 'over') return answer(twilio ? 400 : 422, { code: 21220 });
    if (!twilio && hangsUp !== (leg.state === 'talks')) return answer(422, { msg: 'current call state is incompatible with requested action' });
    answer(twilio ? 200 : 202, { sid: leg.sid, status: leg.state === 'talks' ? 'in-progress' : 'ringing' });
    if (leg.state === 'rings' && leg.fate === 'snatch') api.begin('snatch', () => pickUp(leg));
    else if (leg.state === 'rings') api.begin('stop', () => over(leg, twilio ? 'canceled' : 'no-answer'));
    else if (hangsUp) api.begin('stop', () => (inRoom.has(leg.party) ? leave(leg.party) : over(leg, 'completed')));
  }

  function serve({ method, path, authorization, body, answer, cut }: Asked): void {
    const base = twilio ? `/2010-04-01/Accounts/${options.account}/Calls` : `/v1/Accounts/${options.account}/Calls`;
    if (authorization !== keyOfApi(options.platform, { account: options.account, secret: options.secret, apiKey: options.apiKey ?? '' })) return answer(401, { code: 20003 });
    if (method === 'GET') return answer(200, legs.filter(({ fate }) => fate !== 'gone').map(({ sid, key }) => ({ callSid: sid, callStatus: 'ringing', customerData: { yihuCall: key } })));
    const sid = new RegExp(`^${base}/([\\w-]+)(?:\\.json)?$`).exec(path)?.[1];
    if (sid !== undefined) return update(sid, body, answer);
    if (path !== (twilio ? `${base}.json` : base)) return answer(404, {});
    const leg = twilio ? twilioLeg(body) : jambonzLeg(body);
    if (leg === null) return answer(400, { code: 21201 });
    if (leg.fate === 'refused') return answer(400, { code: 21211, message: `The 'To' number ${leg.to} is not a valid phone number.` });
    if (leg.fate !== 'gone') legs.push(leg);
    options.onEvent?.({ event: 'rung', party: leg.party, state: leg.fate });
    api.begin('leg', () => play(leg));
    if (leg.fate === 'lost' || leg.fate === 'gone') return cut();
    answer(201, { sid: leg.sid });
  }

  function update(sid: string, body: string, answer: Asked['answer']): void {
    const form = new URLSearchParams(twilio ? body : '');
    const given: unknown = twilio ? null : JSON.parse(body);
    const how = Value.Check(JambonzStop, given) ? given.call_status : form.get('Status');
    const leg = legs.find((one) => one.sid === sid);
    if (how !== null && leg !== undefined) return stop(leg, how, answer);
    const sim = options.caller(sid);
    const to = Value.Check(JambonzMove, given) ? given.call_hook.url : form.get('Url');
    if (sim === null || sim.state === 'ended' || to === null) return answer(404, { code: 20404 });
    options.onEvent?.({ event: 'moved', party: 'citizen' });
    answer(twilio ? 200 : 202, { sid });
    api.begin('move', async () => {
      await leave('citizen', 'participant_updated_via_api');
      await sim.moved(to);
    });
  }

  const fateOf = (party: string, to: string): LegFate => (party === 'seat' && options.seatAnswers === true ? 'answer' : options.fate(to, timesOf(to)));
  const timesOf = (to: string): number => legs.filter((leg) => leg.to === to).length;
  function partsOf(statusUrl: string): Pick<PlayedLeg, 'room' | 'party' | 'key' | 'statusUrl'> {
    const query = new URL(statusUrl).searchParams;
    return { room: query.get('room') ?? '', party: query.get('party') ?? '', key: query.get('key') ?? '', statusUrl };
  }
  function twilioLeg(body: string): PlayedLeg | null {
    const given = Object.fromEntries(new URLSearchParams(body));
    if (!Value.Check(TwilioLeg, given)) return null;
    const room = parseTwiml(given.Twiml).find(({ name }) => name === 'Dial')?.children.find(({ name }) => name === 'Conference');
    if (room === undefined) return null;
    const parts = partsOf(given.StatusCallback);
    return { sid: `CA${randomBytes(16).toString('hex')}`, ...parts, to: given.To, fate: fateOf(parts.party, given.To), state: 'rings', enter: async () => room.attributes['statusCallback'] ?? '' };
  }
  function jambonzLeg(body: string): PlayedLeg | null {
    const given: unknown = JSON.parse(body);
    if (!Value.Check(JambonzLeg, given)) return null;
    const { number } = given.to;
    const parts = partsOf(given.call_status_hook.url);
    const sid = randomUUID();
    return {
      sid, ...parts, to: number, fate: fateOf(parts.party, number), state: 'rings',
      enter: async () => {
        const app: unknown = JSON.parse(await post(given.call_hook.url, sid, {}));
        const room = Value.Check(Joined, app) ? app.find(({ verb }) => verb === 'conference') : undefined;
        if (room?.statusHook === undefined) throw new Error('whoever picked up was not led into a room');
        return room.statusHook;
      },
    };
  }

  const api = await openCallApi(options.port ?? 0, serve);
  return {
    url: api.url,
    legs,
    stops,
    faults: api.faults,
    get inRoom() {
      return new Set(inRoom.keys());
    },
    watch: (sid, event) => {
      if (event.event !== 'room') return;
      statusAt = event.statusAt;
      waiting = sid;
      // Until somebody else is there Twilio tells of it all the same, jambonz does not.
      if (twilio || inRoom.size > 0) api.begin('wait', () => join('citizen', sid));
    },
    leave: (party) => leave(party),
    pickUp: async (party) => {
      const leg = legs.find((one) => one.party === party && one.state === 'rings');
      if (leg !== undefined) await pickUp(leg);
    },
    idle: api.idle,
    close: api.close,
  };
}
