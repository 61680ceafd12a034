import Type from 'typebox';
import { Value } from 'typebox/value';
import { createCallSim, PhoneFault, publicUrlOf, type CallSim, type CallSimOptions, type CallStep, type Happening, type PhonePlatform, type PhoneRequest } from './call-sim.ts';

/**
 * Aliyun's side of an intelligent inbound call: calls back for every sentence, key and silence, hands `dynamic_id` back, plays what it is answered, and sends
 * the record when the call is over. Sources: help.aliyun.com, vms: 首次呼入回调, 后续呼入回调, VoiceReport.
 */

export interface AliyunSimOptions extends CallSimOptions {
  readonly secret: string;
  /** Calling number; an obviously fake one unless told. Empty or `anonymous`: withheld. */
  readonly from?: string;
  readonly call?: string;
}

const PATH = '/hooks/ivr/aliyun';
const Reply = Type.Object({
  result: Type.Literal('success'),
  code: Type.Literal(200),
  data: Type.Object({
    call_id: Type.String(),
    action: Type.Union([Type.Literal('answer'), Type.Literal('play'), Type.Literal('donothing'), Type.Literal('hangup'), Type.Literal('transfer')]),
    action_code: Type.Optional(Type.Literal('$tts$')),
    action_code_param: Type.Optional(Type.String()),
    dynamic_id: Type.Optional(Type.String()),
    mute_time: Type.Optional(Type.Integer({ minimum: 1_000, maximum: 20_000 })),
    number: Type.Optional(Type.String()),
  }),
});
const Spoken = Type.Object({ tts: Type.String({ minLength: 1 }) });

export function createAliyunSim(options: AliyunSimOptions): CallSim {
  return createCallSim(options, aliyun(options));
}

function aliyun(options: AliyunSimOptions): PhonePlatform {
  const publicUrl = publicUrlOf(options);
  const key = `key=${encodeURIComponent(options.secret)}`;
  const start = `${publicUrl}${PATH}?${key}`;
  const from = options.from ?? '+8613800138000';
  const call = options.call ?? `${Date.now()}^${Math.random().toString().slice(2, 14)}`;
  let dynamic: string | undefined;
  let begun = false;
  let offset = 0;

  return {
    start,
    request(_at, what): Omit<PhoneRequest, 'url'> {
      offset += 1000;
      const [type, content] = eventOf(what);
      const caller = from === '' || from === 'anonymous' ? '' : from.replace(/^\+86/, '');
      const own = type === 'callin' ? { caller, callee: '05711111111', orgcallee: '05711111111' } : { ...content, begin_offset: String(offset), end_offset: String(offset + 500), ...(dynamic === undefined ? {} : { dynamic_id: dynamic }) };
      return { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }, body: new URLSearchParams({ call_id: call, timestamp: String(Date.now()), content_type: type, content: JSON.stringify(own) }).toString() };
    },
    read(reply): readonly CallStep[] {
      const data = dataOf(reply.body);
      if (data.call_id !== call) throw new PhoneFault('the answer is of another call');
      if (!begun && data.action !== 'answer' && data.action !== 'hangup') throw new PhoneFault(`a call that comes in cannot be answered by ${data.action}`);
      begun = true;
      dynamic = data.dynamic_id ?? dynamic;
      if (data.action === 'hangup') return [{ kind: 'hangup' }];
      if (data.action === 'transfer') return [{ kind: 'ring', number: data.number ?? '', seconds: 30, at: null }];
      const speaks = data.action_code_param === undefined ? [] : [{ kind: 'speak', text: spoken(data.action_code_param), language: '' } as const];
      return [...speaks, { kind: 'listen', one: false, finish: '', speech: true, at: start, silenceAt: start }];
    },
    ended: () => ({
      at: `${publicUrl}${PATH}/report?${key}`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ call_id: call, status_code: '200000', hangup_direction: '用户', duration: '60', b_duration: options.dialResult === 'completed' ? 30 : 0, voice_type: 'asr' }]),
    }),
  };
}

function eventOf(what: Happening): readonly [string, Readonly<Record<string, string>>] {
  switch (what.kind) {
    case 'begun':
      return ['callin', {}];
    case 'said':
      return ['normal', { role: 'B', identity: 'id2', words: what.text, is_playing: 'false' }];
    case 'pressed':
      return ['dtmf', { dtmf_digits: what.keys }];
    case 'silence':
    case 'sent':
    case 'rang':
      return ['mute', {}];
  }
}

function dataOf(body: string): Type.Static<typeof Reply>['data'] {
  const parsed = json(body);
  if (!Value.Check(Reply, parsed)) throw new PhoneFault('the answer is none that Aliyun knows');
  return parsed.data;
}

function spoken(param: string): string {
  const parsed = json(param);
  if (!Value.Check(Spoken, parsed)) throw new PhoneFault('action_code_param is no JSON with tts');
  return parsed.tts;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PhoneFault('the answer is no JSON');
  }
}
