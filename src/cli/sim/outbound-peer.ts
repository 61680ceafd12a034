import { randomBytes, randomUUID } from 'node:crypto';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { type Asked, jambonzJson, keyOfApi, openCallApi, tellHook, twilioForm } from './call-api.ts';
import type { CallSim, PhoneEvent } from './call-sim.ts';
import { createJambonzSim } from './jambonz-sim.ts';
import { createPhoneSim } from './phone-sim.ts';

/**
 * The call APIs of Twilio and jambonz on a local port: takes orders as they do, lets citizens answer as the script says, and drives the gateway's hooks.
 * A gateway with TWILIO_API_BASE or JAMBONZ_API_BASE pointing here calls nobody else.
 */

export type Platform = 'twilio' | 'jambonz';

/**
 * What happens to an order. `lost`: it is taken, the answer never arrives, the citizen answers. `gone`: nothing is taken, the answer never arrives. `refused`:
 * HTTP 400. `mute`: taken, and nothing is ever told.
 */
export type Fate = 'answer' | 'machine' | 'busy' | 'no-answer' | 'failed' | 'lost' | 'gone' | 'refused' | 'mute';

export interface Ordered {
  readonly platform: Platform;
  readonly sid: string;
  /** Our key. */
  readonly key: string;
  readonly to: string;
  readonly from: string;
  readonly voiceUrl: string;
  readonly statusUrl: string;
  readonly detectMachine: boolean;
  readonly fate: Fate;
}

export interface OutboundPeerOptions {
  /** Where the gateway listens, and what it was told as PUBLIC_URL. */
  readonly gateway: () => { readonly baseUrl: string; readonly publicUrl: string };
  readonly twilio: { readonly authToken: string; readonly accountSid: string };
  readonly jambonz: { readonly secret: string; readonly apiKey: string; readonly accountSid: string };
  /** What becomes of a call to this number; `times`: how often it was called before. */
  readonly fate: (to: string, times: number) => Fate;
  /** The citizen, once the gateway listens; hangs up afterwards if the gateway has not. */
  readonly citizen: (call: CallSim, order: Ordered) => Promise<void>;
  readonly now?: () => number;
  readonly port?: number;
  readonly wait?: (ms: number) => Promise<void>;
  /** Each report is told so often, and in the reverse order: reports come twice and late. */
  readonly unruly?: boolean;
  readonly onEvent?: (order: Ordered, event: PhoneEvent | { readonly event: 'ordered' | 'report'; readonly state?: string }) => void;
}

export interface OutboundPeer {
  readonly url: string;
  /** Every order that was taken, oldest first. */
  readonly orders: readonly Ordered[];
  /** Resolves when no call is under way. */
  idle(): Promise<void>;
  /** Faults of calls that broke: an empty list, if the gateway did well. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

const TwilioOrder = Type.Object({ To: Type.String(), From: Type.String(), Url: Type.String(), StatusCallback: Type.String() });
const Hook = Type.Object({ url: Type.String(), method: Type.Literal('POST') });
const JambonzOrder = Type.Object({ from: Type.String(), to: Type.Object({ type: Type.Literal('phone'), number: Type.String() }), call_hook: Hook, call_status_hook: Hook, tag: Type.Object({ yihuCall: Type.String() }), timeout: Type.Number(), amd: Type.Optional(Type.Object({ actionHook: Type.String() })) });

export async function createOutboundPeer(options: OutboundPeerOptions): Promise<OutboundPeer> {
  const orders: Ordered[] = [];
  const now = options.now ?? (() => Date.now());

  const begin = (order: Ordered): void => {
    if (order.fate === 'mute' || order.fate === 'refused' || order.fate === 'gone') return;
    api.begin(order.fate, () => carry(order));
  };

  async function carry(order: Ordered): Promise<void> {
    switch (order.fate) {
      case 'busy':
      case 'no-answer':
      case 'failed':
        return reports(order, ['ringing', order.fate]);
      case 'machine':
        await report(order, 'ringing');
        await machine(order);
        return reports(order, ['completed']);
      default:
        await report(order, 'ringing');
        return talk(order);
    }
  }

  async function talk(order: Ordered): Promise<void> {
    const { baseUrl, publicUrl } = options.gateway();
    const common = { baseUrl, publicUrl, from: order.from, to: order.to, callSid: order.sid, placed: order, ...(options.wait === undefined ? {} : { wait: options.wait }), onEvent: (event: PhoneEvent) => options.onEvent?.(order, event) };
    const sim = order.platform === 'twilio' ? createPhoneSim({ ...common, authToken: options.twilio.authToken, accountSid: options.twilio.accountSid }) : createJambonzSim({ ...common, secret: options.jambonz.secret, accountSid: options.jambonz.accountSid, now });
    await sim.call();
    await options.citizen(sim, order);
    if (sim.state !== 'ended') await sim.hangup();
    if (options.unruly === true) await reports(order, ['completed', 'in-progress', 'ringing']);
  }

  /** The platform's own detection: Twilio asks the voice hook with AnsweredBy, jambonz tells the hook of the detection. */
  async function machine(order: Ordered): Promise<void> {
    const reply = order.platform === 'twilio' ? await post(order, order.voiceUrl, { CallStatus: 'in-progress', AnsweredBy: 'machine_start' }) : await post(order, order.voiceUrl, { type: 'amd_machine_detected', reason: 'long greeting', language: 'zh-CN' });
    if (!/hangup/i.test(reply)) throw new Error('a machine was talked to');
  }

  async function reports(order: Ordered, states: readonly string[]): Promise<void> {
    const told = options.unruly === true ? [...states.toReversed(), ...states] : states;
    for (const state of told) await report(order, state);
  }

  async function report(order: Ordered, state: string): Promise<void> {
    options.onEvent?.(order, { event: 'report', state });
    const over = state === 'completed';
    await post(order, order.statusUrl, order.platform === 'twilio' ? { CallStatus: state, Timestamp: new Date(now()).toUTCString(), ...(over ? { CallDuration: '12' } : {}), ...(over && order.fate === 'machine' ? { AnsweredBy: 'machine_start' } : {}) } : { call_status: state, ...(over ? { duration: 12, call_termination_by: 'caller' } : {}), ...(state === 'failed' ? { sip_status: 480 } : {}) });
  }

  async function post(order: Ordered, url: string, more: Readonly<Record<string, string | number>>): Promise<string> {
    const { sid, from, to } = order;
    const signed = order.platform === 'twilio'
      ? twilioForm(options.twilio.authToken, url, { AccountSid: options.twilio.accountSid, ApiVersion: '2010-04-01', CallSid: sid, Direction: 'outbound-api', From: from, To: to, ...more })
      : jambonzJson(options.jambonz.secret, now(), { call_sid: sid, account_sid: options.jambonz.accountSid, direction: 'outbound', from, to, call_status: 'in-progress', sip_status: 200, ...more });
    return tellHook(url, options.gateway(), signed);
  }

  function serve({ method, path, authorization, body, answer, cut }: Asked): void {
    const platform: Platform | null = path === `/2010-04-01/Accounts/${options.twilio.accountSid}/Calls.json` ? 'twilio' : path === `/v1/Accounts/${options.jambonz.accountSid}/Calls` ? 'jambonz' : null;
    if (platform === null) return answer(404, { message: 'no such resource' });
    if (authorization !== keyOfApi(platform, { account: options.twilio.accountSid, secret: options.twilio.authToken, apiKey: options.jambonz.apiKey })) return answer(401, { code: 20003, message: 'Authenticate' });
    if (method === 'GET') return answer(200, orders.filter((order) => order.platform === 'jambonz' && order.fate !== 'gone').map(({ sid, key }) => ({ callSid: sid, callStatus: 'in-progress', customerData: { yihuCall: key } })));
    const order = platform === 'twilio' ? twilioOrder(body) : jambonzOrder(body);
    if (order === null) return answer(400, { code: 21201, message: 'not an order' });
    options.onEvent?.(order, { event: 'ordered' });
    if (order.fate === 'refused') return answer(400, { code: 21211, message: `The 'To' number ${order.to} is not a valid phone number.` });
    if (order.fate !== 'gone') orders.push(order);
    begin(order);
    if (order.fate === 'lost' || order.fate === 'gone') return cut();
    answer(201, platform === 'twilio' ? { sid: order.sid, status: 'queued', to: order.to } : { sid: order.sid });
  }

  const timesOf = (to: string): number => orders.filter((order) => order.to === to).length;
  function twilioOrder(body: string): Ordered | null {
    const form = new URLSearchParams(body);
    const given = Object.fromEntries(form);
    if (!Value.Check(TwilioOrder, given) || form.getAll('StatusCallbackEvent').length === 0) return null;
    return { platform: 'twilio', sid: `CA${randomBytes(16).toString('hex')}`, key: new URL(given.Url).searchParams.get('call') ?? '', to: given.To, from: given.From, voiceUrl: given.Url, statusUrl: given.StatusCallback, detectMachine: form.get('MachineDetection') === 'Enable', fate: options.fate(given.To, timesOf(given.To)) };
  }
  function jambonzOrder(body: string): Ordered | null {
    const given: unknown = JSON.parse(body);
    if (!Value.Check(JambonzOrder, given)) return null;
    const { number } = given.to;
    return { platform: 'jambonz', sid: randomUUID(), key: given.tag.yihuCall, to: number, from: given.from, voiceUrl: given.call_hook.url, statusUrl: given.call_status_hook.url, detectMachine: given.amd !== undefined, fate: options.fate(number, timesOf(number)) };
  }

  const api = await openCallApi(options.port ?? 0, serve);
  return {
    url: api.url,
    orders,
    faults: api.faults,
    idle: api.idle,
    close: api.close,
  };
}
