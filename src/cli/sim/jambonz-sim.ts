import { createHmac, randomUUID } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { createCallSim, PhoneFault, publicUrlOf, type CallSim, type CallSimOptions, type CallStep, type Happening, type PhonePlatform } from './call-sim.ts';

/**
 * jambonz' side of a telephone call: posts signed hooks, performs verbs. Payloads after the callback schemas of @jambonz/schema 0.4.15; relative
 * hooks resolve against the origin alone, as there.
 */

export interface JambonzSimOptions extends CallSimOptions {
  /** Webhook secret of the account. */
  readonly secret: string;
  /** Calling number; an obviously fake one unless told. Empty or `anonymous`: withheld. */
  readonly from?: string;
  readonly to?: string;
  readonly accountSid?: string;
  readonly callSid?: string;
  /** Epoch ms; the machine's clock unless told. */
  readonly now?: () => number;
}

const PATH = '/hooks/ivr/jambonz';

const Said = Type.Object({ text: Type.Union([Type.String(), Type.Array(Type.String())]), synthesizer: Type.Optional(Type.Object({ language: Type.Optional(Type.String()) })) });
const Verb = Type.Union([
  Type.Intersect([Type.Object({ verb: Type.Literal('say') }), Said]),
  Type.Object({ verb: Type.Literal('gather'), actionHook: Type.String(), input: Type.Array(Type.String()), numDigits: Type.Optional(Type.Number()), finishOnKey: Type.Optional(Type.String()), say: Type.Optional(Said) }),
  Type.Object({ verb: Type.Literal('pause'), length: Type.Number() }),
  Type.Object({ verb: Type.Literal('redirect'), actionHook: Type.String() }),
  Type.Object({ verb: Type.Literal('dial'), actionHook: Type.Optional(Type.String()), timeout: Type.Optional(Type.Number()), target: Type.Array(Type.Object({ number: Type.Optional(Type.String()) })) }),
  Type.Object({ verb: Type.Literal('conference'), name: Type.String(), waitHook: Type.Optional(Type.String()), statusHook: Type.String(), actionHook: Type.Optional(Type.String()) }),
  Type.Object({ verb: Type.Literal('hangup') }),
]);
type Verb = Static<typeof Verb>;
const App = Type.Array(Verb);

export function createJambonzSim(options: JambonzSimOptions): CallSim & { readonly callSid: string } {
  const callSid = options.callSid ?? randomUUID();
  return Object.assign(createCallSim(options, jambonz(options, callSid)), { callSid });
}

function jambonz(options: JambonzSimOptions, callSid: string): PhonePlatform {
  const publicUrl = publicUrlOf(options);
  const now = options.now ?? (() => Date.now());
  const post = (more: Readonly<Record<string, unknown>>) => {
    const body = JSON.stringify({ call_sid: callSid, account_sid: options.accountSid ?? '00000000-0000-4000-8000-000000000000', application_sid: '00000000-0000-4000-8000-0000000000a1', direction: options.placed === undefined ? 'inbound' : 'outbound', from: options.from ?? '13800138000', to: options.to ?? '12345', call_status: 'in-progress', sip_status: 200, ...more });
    const time = Math.floor(now() / 1000);
    const signature = createHmac('sha256', options.secret).update(`${time}.${body}`).digest('hex');
    return { method: 'POST', headers: { 'content-type': 'application/json', 'user-agent': 'jambonz', 'jambonz-signature': `t=${time},v1=${signature}` }, body } as const;
  };
  return {
    start: options.placed?.voiceUrl ?? publicUrl + PATH,
    request: (_at, what) => post(payloadOf(what, options.placed !== undefined)),
    read(reply, at) {
      if (!/^application\/json\b/.test(reply.contentType)) throw new PhoneFault(`the answer is ${reply.contentType}`);
      const app: unknown = JSON.parse(reply.body);
      if (!Value.Check(App, app)) throw new PhoneFault('the answer is no list of verbs that the simulator knows');
      return app.flatMap((verb) => stepsOf(verb, new URL(at).origin));
    },
    ended: () => ({ at: options.placed?.statusUrl ?? `${publicUrl}${PATH}/status`, ...post({ call_status: 'completed', call_termination_by: 'caller', duration: 60 }) }),
  };
}

function payloadOf(what: Happening, placed: boolean): Readonly<Record<string, unknown>> {
  switch (what.kind) {
    case 'begun':
      return placed ? { call_status: 'in-progress', sip_status: 200 } : { call_status: 'trying', sip_status: 100 };
    case 'said':
      return { reason: 'speechDetected', speech: { language_code: 'zh-CN', is_final: true, alternatives: [{ transcript: what.text, confidence: what.confidence }] } };
    case 'pressed':
      return { reason: 'dtmfDetected', digits: what.keys };
    case 'silence':
      return { reason: 'timeout' };
    case 'rang':
      return { dial_call_status: what.result, dial_sip_status: what.result === 'completed' ? 200 : 480 };
    case 'sent':
      return {};
  }
}

function stepsOf(verb: Verb, origin: string): readonly CallStep[] {
  const resolve = (hook: string): string => new URL(hook, origin).toString();
  switch (verb.verb) {
    case 'say':
      return spoken(verb);
    case 'gather': {
      const at = resolve(verb.actionHook);
      return [...(verb.say === undefined ? [] : spoken(verb.say)), { kind: 'listen', one: verb.numDigits === 1, finish: verb.finishOnKey === '#' ? '#' : '', speech: verb.input.includes('speech'), at, silenceAt: at }];
    }
    case 'pause':
      return [{ kind: 'pause', seconds: verb.length }];
    case 'redirect':
      return [{ kind: 'go', at: resolve(verb.actionHook) }];
    case 'dial':
      return [{ kind: 'ring', number: verb.target.map(({ number = '' }) => number).join(','), seconds: verb.timeout ?? 60, at: verb.actionHook === undefined ? null : resolve(verb.actionHook) }];
    case 'conference':
      return [{ kind: 'room', room: verb.name, holdAt: resolve(verb.waitHook ?? ''), statusAt: resolve(verb.statusHook), at: resolve(verb.actionHook ?? '') }];
    case 'hangup':
      return [{ kind: 'hangup' }];
  }
}

function spoken({ text, synthesizer }: Static<typeof Said>): readonly CallStep[] {
  return (typeof text === 'string' ? [text] : text).map((piece) => ({ kind: 'speak', text: piece, language: synthesizer?.language ?? '' }));
}
