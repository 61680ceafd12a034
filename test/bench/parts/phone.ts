import { createHmac } from 'node:crypto';
import { channel } from '../../../channels/ivr-twilio/index.ts';
import { encodeVoiceReply } from '../../../channels/ivr-twilio/encode.ts';
import { readConfig } from '../../../channels/ivr-twilio/config.ts';
import { readVoice } from '../../../channels/ivr-twilio/decode.ts';
import { parseForm } from '../../../channels/ivr-twilio/form.ts';
import { openEnvelope } from '../../../channels/ivr-twilio/request.ts';
import type { HookOutcome, RawRequest } from '../../../src/channel/contract.ts';
import { createFakePorts } from '../../fakes/ports.ts';
import { median } from '../statistics.ts';

/**
 * What one webhook of a call costs, in processor time of this process: `npx tsx test/bench/parts/phone.ts`. Plain loops,
 * median of rounds; nothing is asserted. Every request is an object of its own, as the server makes one for each.
 */

const ROUNDS = 15;
const TIMES = 2_000;
const AUTH_TOKEN = 'bench-auth-token';
const PUBLIC_URL = 'https://gw.example.cn';
const VOICE = '/hooks/ivr/twilio/voice';
const NOW = 1_790_000_000_000;

/** What Twilio sends with a speech result. */
const PARAMS: Readonly<Record<string, string>> = {
  AccountSid: `AC${'0'.repeat(32)}`, ApiVersion: '2010-04-01', CallSid: `CA${'0'.repeat(31)}1`, CallStatus: 'in-progress', Called: '+8676900012345',
  CalledCity: '', CalledCountry: 'CN', CalledState: '', CalledZip: '', Caller: '+8613800138000', CallerCity: '', CallerCountry: 'CN', CallerState: '',
  CallerZip: '', Confidence: '0.9128386', Direction: 'inbound', From: '+8613800138000', FromCity: '', FromCountry: 'CN', FromState: '', FromZip: '',
  Language: 'cmn-Hans-CN', SpeechResult: '楼下工地半夜两点还在施工，吵死了，东城鸿福路8号', To: '+8676900012345', ToCity: '', ToCountry: 'CN', ToState: '', ToZip: '',
};
const URL_OF = (at: number): string => `${VOICE}?step=${at % 50}&for=gather`;
const BODY = new URLSearchParams(PARAMS).toString();
const PARAMS_TEXT = Object.keys(PARAMS).toSorted().map((name) => `${name}${PARAMS[name]}`).join('');

const signed = (at: number, signature?: string): RawRequest => ({
  method: 'POST',
  url: URL_OF(at),
  headers: {
    'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
    'x-twilio-signature': signature ?? createHmac('sha1', AUTH_TOKEN).update(`${PUBLIC_URL}${URL_OF(at)}${PARAMS_TEXT}`).digest('base64'),
    'i-twilio-idempotency-token': `token-${at}`,
  },
  body: Buffer.from(BODY),
});

const answer = (text: string): HookOutcome => ({ messages: [{ activityIds: ['a1'], content: { type: 'message', text } }], turn: 'done', conversation: 'bot' });
const SHORT = answer('请问发生在哪里？');
const LONG = answer('申请居住证需要：本人身份证、近期免冠照片，以及住房证明、就业证明或就读证明之一。可在居住地派出所或街道公共服务窗口办理，受理后15日内制发；也可以在“一网通办”上预约。首次申领免费，签注不收费，遗失补领收取工本费。'.repeat(3));

async function cost<Given>(what: string, make: (at: number) => Given, call: (given: Given) => unknown): Promise<void> {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const given = Array.from({ length: TIMES }, (_unused, at) => make(at));
    const from = process.cpuUsage();
    for (const one of given) call(one);
    const { user, system } = process.cpuUsage(from);
    if (round > 0) rounds.push((user + system) / TIMES);
  }
  const sorted = rounds.toSorted((a, b) => a - b);
  console.log(`${what.padEnd(52)} ${median(rounds).toFixed(2).padStart(8)} µs  (${(sorted[0] ?? 0).toFixed(2)}–${(sorted.at(-1) ?? 0).toFixed(2)})`);
}

const config = readConfig({ TWILIO_AUTH_TOKEN: AUTH_TOKEN }, PUBLIC_URL);
if ('missing' in config) throw new Error('settings are missing');
const opened = await channel.create({ env: { TWILIO_AUTH_TOKEN: AUTH_TOKEN }, publicUrl: PUBLIC_URL, production: false, ports: createFakePorts({ now: () => NOW }) });
const hook = opened.hooks?.find(({ path }) => path === VOICE);
if (hook === undefined) throw new Error('no voice hook');
if (readVoice(config, signed(0)).kind !== 'inbound') throw new Error('the request is refused');

await cost('form of 28 parameters', signed, ({ body }) => parseForm(body));
await cost('envelope: form, signature', signed, (request) => openEnvelope(config, request));
await cost('envelope: a wrong signature', (at) => signed(at, 'A'.repeat(27).concat('=')), (request) => openEnvelope(config, request));
await cost('read: envelope and decoding', signed, (request) => readVoice(config, request));
await cost('encode: a short question', signed, (request) => encodeVoiceReply(config, request, SHORT));
await cost('encode: an answer of 300 characters', signed, (request) => encodeVoiceReply(config, request, LONG));
await cost('webhook: read and encode a short question', signed, (request) => {
  hook.read(request, NOW);
  return hook.encodeReply(request, SHORT);
});
