import { fork } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Value } from 'typebox/value';
import Type from 'typebox';
import { parseBody } from '../../../channels/webchat/body.ts';
import { decodeActivity } from '../../../channels/webchat/decode.ts';
import { encodeSet } from '../../../channels/webchat/encode.ts';
import { createTokens } from '../../../channels/webchat/verify.ts';
import { channel as twilio } from '../../../channels/ivr-twilio/index.ts';
import { channel as wechat } from '../../../channels/wechat-miniprogram/index.ts';
import { degrade } from '../../../src/channel/degrade.ts';
import type { Capabilities, ChannelState, OutgoingMessage, RawRequest } from '../../../src/channel/contract.ts';
import { buildPush, type PushField } from '../../../src/cli/sim/wechat-peer.ts';
import { asAddress, type Activity, type MessageContent } from '../../../src/domain/activity.ts';
import { createVault } from '../../../src/store/vault.ts';
import { createFakePorts } from '../../fakes/ports.ts';
import { PREFIX, startConversation, startWebchat } from '../../support/webchat-server.ts';
import { median } from '../statistics.ts';

/**
 * What channels and sealing cost a turn, in processor time of this process: `npx tsx test/bench/parts/channels.ts`. Plain
 * loops, median of rounds; nothing is asserted. WeChat's side runs in a process of its own.
 */

const ROUNDS = 9;
const NOW = 1_790_000_000_000;

const ANSWER: MessageContent = {
  type: 'message',
  text: '申请居住证需要：本人身份证、近期免冠照片，以及住房证明、就业证明或就读证明之一。可在居住地派出所或街道公共服务窗口办理，受理后15日内制发；也可以在“一网通办”上预约。首次申领免费，签注不收费，遗失补领收取工本费。您可以回复“材料”查看清单，回复“地址”查找最近的窗口。',
  choices: [{ title: '材料清单', value: '材料' }, { title: '最近的窗口', value: '地址' }, { title: '转人工', value: '人工', key: '0' }],
  source: { title: '居住证暂行条例', department: '市公安局', effectiveFrom: '2016-01-01', url: 'https://city.example/guide/residence' },
  inputHint: 'expectingInput',
};

/** Processor time of this process so far, µs. */
function processor(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const show = (what: string, rounds: readonly number[], note = ''): void => {
  const sorted = rounds.toSorted((a, b) => a - b);
  console.log(`${what.padEnd(60)} ${median(rounds).toFixed(2).padStart(9)} µs  (${(sorted[0] ?? 0).toFixed(2)}–${(sorted.at(-1) ?? 0).toFixed(2)})${note === '' ? '' : `  ${note}`}`);
};

async function cost(what: string, times: number, call: (at: number) => unknown, note: () => string = () => ''): Promise<void> {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const from = processor();
    for (let at = 0; at < times; at += 1) {
      const result = call(at);
      // Only what is really waited for: an await of nothing would be measured as well.
      if (result instanceof Promise) await result;
    }
    if (round > 0) rounds.push((processor() - from) / times);
  }
  show(what, rounds, note());
}

async function vaultParts(): Promise<void> {
  const vault = createVault(Buffer.alloc(32, 7));
  const texts = [120, 1200].map((length) => '市民说的话'.repeat(length / 5));
  for (const text of texts) {
    const sealed = vault.seal(text);
    await cost(`vault: seal ${text.length} characters`, 4000, () => vault.seal(text));
    await cost(`vault: open ${text.length} characters`, 4000, () => vault.open(sealed));
  }
  await cost('vault: blind index', 4000, () => vault.blindIndex('citizen.phone', '13800138000'));
}

async function webchatParts(): Promise<void> {
  const tokens = createTokens({ secret: 'bench-directline-secret', now: () => NOW });
  const headers = await Promise.all(Array.from({ length: 128 }, async (_unused, at) => `Bearer ${await tokens.issue({ conversation: `conversation-${at}`, user: `dl_${at}`, viewer: null, trustedOrigins: null, widget: true })}`));
  await cost('web chat: token check', 2000, (at) => tokens.authorize(headers[at % headers.length]));
  await cost('web chat: secret check', 2000, () => tokens.authorize('Bearer bench-directline-secret'));

  const body = Buffer.from(JSON.stringify({ type: 'message', text: '楼下工地半夜两点还在施工吵死了，东城鸿福路8号', from: { id: 'me', name: '' }, locale: 'zh-CN', textFormat: 'plain', timestamp: '2026-11-22T13:00:00.000Z', channelData: { clientActivityID: '16901234567890abc', clientTimestamp: '2026-11-22T13:00:00.000Z' } }));
  const context = { channel: 'webchat', conversation: 'AbCdEfGhIjKlMnOpQrStUvWx', boundUser: 'dl_1', trusted: false, hasUploads: false };
  await cost('web chat: body and activity read', 4000, () => {
    const read = parseBody(body);
    return read === undefined ? null : decodeActivity(read, context);
  });

  const activity: Activity = { id: 'a1', conversationId: 'c1', seq: 7, channel: 'webchat', at: NOW, direction: 'out', externalId: null, role: 'bot', seatId: null, replyToId: null, content: ANSWER, channelData: null };
  await cost('web chat: answer to frame', 4000, () => JSON.stringify(encodeSet([activity], 6, { conversation: 'AbCdEfGhIjKlMnOpQrStUvWx', viewer: 'dl_1', publicUrl: (url) => url })));

  // The whole way of a post inside Fastify, over ports in memory.
  const server = await startWebchat({ env: { WEBCHAT_POSTS_PER_MINUTE: '0' } });
  const { id, token } = await startConversation(server);
  let finds = 0;
  const find = server.ports.findConversation;
  server.ports.findConversation = (...given) => {
    finds += 1;
    return find(...given);
  };
  const requests = { count: 0 };
  await cost('web chat: a typing post, inject included', 500, () => {
    requests.count += 1;
    return server.app.inject({ method: 'POST', url: `${PREFIX}/conversations/${id}/activities`, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, payload: '{"type":"typing","from":{"id":"me"}}' }).then((answer) => {
      if (answer.statusCode !== 200) throw new Error(answer.body);
      return undefined;
    });
  }, () => `${(finds / requests.count).toFixed(2)} conversation lookups a post`);
  await server.close();
}

const WECHAT = { appId: 'wx00000000000000be', token: 'bench-token', aesKey: 'B'.repeat(43) };
const FIELDS: readonly PushField[] = [
  ['ToUserName', 'gh_bench', 'text'], ['FromUserName', 'oBenchBenchBenchBenchBench01', 'text'], ['CreateTime', '1790000000', 'number'],
  ['MsgType', 'text', 'text'], ['Content', '楼下工地半夜两点还在施工吵死了，东城鸿福路8号', 'text'], ['MsgId', '22900000000000001', 'number'],
];

async function wechatParts(apiBase: string): Promise<void> {
  const counts = { get: 0, put: 0, update: 0, sends: 0 };
  const ports = createFakePorts({ now: () => NOW });
  const state: ChannelState = {
    get: (key) => ((counts.get += 1), ports.state.get(key)),
    put: (key, value, expiresAt) => ((counts.put += 1), ports.state.put(key, value, expiresAt)),
    update: (key, change) => ((counts.update += 1), ports.state.update(key, change)),
  };
  const channel = await wechat.create({
    env: { WECHAT_APPID: WECHAT.appId, WECHAT_SECRET: 'bench-secret', WECHAT_TOKEN: WECHAT.token, WECHAT_AES_KEY: WECHAT.aesKey, WECHAT_API_BASE: apiBase },
    publicUrl: 'https://hotline.example', production: false, ports: { ...ports, state },
  });
  const hook = channel.hooks?.find(({ method }) => method === 'POST');
  if (hook === undefined || channel.send === undefined) throw new Error('no hook');
  for (const format of ['xml', 'json'] as const) {
    const push = buildPush(FIELDS, { credentials: WECHAT, mode: 'safe', format, account: 'gh_bench', openid: 'oBenchBenchBenchBenchBench01', timestamp: String(NOW / 1000), nonce: '123456789', random: Buffer.alloc(16, 0x61) });
    const request: RawRequest = { method: 'POST', url: `/hooks/wechat/miniprogram?${push.query}`, headers: {}, body: Buffer.from(push.body) };
    if (hook.read(request, NOW).kind !== 'inbound') throw new Error('the push was refused');
    await cost(`WeChat: push checked, decrypted and read, ${format.toUpperCase()}`, 2000, () => hook.read(request, NOW));
  }
  const sentences = degrade([{ activityIds: ['a1'], content: ANSWER }], channel.capabilities, { publicUrl: (url) => url });
  const [message] = sentences;
  if (message === undefined) throw new Error('no message');
  let at = NOW;
  for (const [width, keeps] of [[1, false], [16, false], [16, true]] as const) {
    counts.get = counts.put = counts.update = counts.sends = 0;
    const keep = keeps ? { keep: () => undefined } : {};
    await cost(`WeChat: a send by HTTP, ${width} at once${keeps ? ', count with the receipt' : ''}`, 60, () => Promise.all(Array.from({ length: width }, async (_unused, lane) => {
      counts.sends += 1;
      at += 1;
      const receipt = await channel.send?.({ ...message, activityIds: [`a${at}`] }, { address: asAddress(`gh_bench/o${lane}`), lastInboundAt: at, lastMessageAt: at, role: 'bot', now: at, ...keep });
      if (receipt?.status !== 'delivered') throw new Error(JSON.stringify(receipt));
    })), () => `for all; a send: ${['get', 'put', 'update'].map((kind) => `${((kind === 'get' ? counts.get : kind === 'put' ? counts.put : counts.update) / counts.sends).toFixed(2)} ${kind}`).join(', ')}`);
  }
  await channel.stop?.();
}

async function phoneParts(): Promise<void> {
  const authToken = 'bench-auth-token';
  const channel = await twilio.create({ env: { TWILIO_AUTH_TOKEN: authToken }, publicUrl: 'https://hotline.example', production: false, ports: createFakePorts({ now: () => NOW }) });
  const hook = channel.hooks?.find(({ path }) => path.endsWith('/voice'));
  if (hook === undefined) throw new Error('no hook');
  const url = '/hooks/ivr/twilio/voice?purpose=gather';
  const params: Record<string, string> = { AccountSid: `AC${'0'.repeat(32)}`, ApiVersion: '2010-04-01', CallSid: `CA${'0'.repeat(32)}`, CallStatus: 'in-progress', Direction: 'inbound', From: '+8613800138000', To: '+8676900012345', SpeechResult: '楼下工地半夜两点还在施工吵死了', Confidence: '0.9' };
  const signed = `https://hotline.example${url}${Object.keys(params).sort().map((name) => name + (params[name] ?? '')).join('')}`;
  const request: RawRequest = {
    method: 'POST', url, body: Buffer.from(new URLSearchParams(params).toString()),
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8', 'i-twilio-idempotency-token': 't1', 'x-twilio-signature': createHmac('sha1', authToken).update(signed, 'utf8').digest('base64') },
  };
  if (hook.read(request, NOW).kind !== 'inbound') throw new Error('the webhook was refused');
  await cost('phone: webhook checked and read', 2000, () => hook.read(request, NOW));
  const messages = degrade([{ activityIds: ['a1'], content: ANSWER }], channel.capabilities, { publicUrl: (given) => given });
  await cost('phone: answer to TwiML', 1000, () => hook.encodeReply(request, { messages, turn: 'done', conversation: 'bot' }));
}

async function degradeParts(): Promise<void> {
  const turn: readonly OutgoingMessage[] = [{ activityIds: ['a1'], content: ANSWER }, { activityIds: ['a2'], content: { type: 'message', text: '还有什么可以帮您？' } }];
  const long: readonly OutgoingMessage[] = [{ activityIds: ['a1'], content: { type: 'message', text: ANSWER.text.repeat(12) } }];
  const carried: readonly (readonly [string, Capabilities])[] = [['WeChat', wechat.capabilities], ['phone', twilio.capabilities]];
  for (const [name, capabilities] of carried) {
    await cost(`degrade for ${name}: an answer with choices and source`, 1000, () => degrade(turn, capabilities, { publicUrl: (url) => url }));
    await cost(`degrade for ${name}: a long text of ${ANSWER.text.length * 12} characters`, 100, () => degrade(long, capabilities, { publicUrl: (url) => url }));
  }
}

/** WeChat's API in a child process: says yes to everything. Tells its port by the channel to its parent. */
function standIn(): void {
  const answer = JSON.stringify({ errcode: 0, errmsg: 'ok', access_token: 'bench-access-token', expires_in: 7200, msgid: 1 });
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(answer));
  });
  server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
  process.on('disconnect', () => process.exit(0));
}

const Address = Type.Object({ port: Type.Integer() });

async function main(): Promise<void> {
  await vaultParts();
  await degradeParts();
  await webchatParts();
  await phoneParts();
  const child = fork(fileURLToPath(import.meta.url), ['--stand-in']);
  try {
    const address = await new Promise<unknown>((resolve) => void child.once('message', resolve));
    if (!Value.Check(Address, address)) throw new Error('the stand-in gave no port');
    await wechatParts(`http://127.0.0.1:${address.port}`);
  } finally {
    child.disconnect();
  }
}

if (process.argv[2] === '--stand-in') standIn();
else await main();
