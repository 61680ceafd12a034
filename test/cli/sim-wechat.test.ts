import { createServer, type IncomingMessage, type Server } from 'node:http';
import { PassThrough } from 'node:stream';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { afterEach, describe, expect, it } from 'vitest';
import { channel as wechat } from '../../channels/wechat-miniprogram/index.ts';
import { channel as official } from '../../channels/wechat-official/index.ts';
import type { Channel, Hook } from '../../src/channel/contract.ts';
import type { InboundActivity } from '../../src/domain/activity.ts';
import { runWechat } from '../../src/cli/sim/wechat.ts';
import { buildPush, createWechatPeer, writeFields } from '../../src/cli/sim/wechat-peer.ts';
import { createWechatStandIn } from '../../src/cli/sim/wechat-stand-in.ts';
import { createFakePorts, type FakePorts } from '../fakes/ports.ts';

const EventSchema = Type.Object({ event: Type.String(), text: Type.Optional(Type.String()), type: Type.Optional(Type.String()), errcode: Type.Optional(Type.Number()) });

const ENV = { WECHAT_APPID: 'wx00000000000000aa', WECHAT_SECRET: 'not-a-real-secret', WECHAT_TOKEN: 'not-a-real-token', WECHAT_AES_KEY: 'A'.repeat(43) };

const OFFICIAL_ENV = { WECHAT_MP_APPID: 'wx00000000000000bb', WECHAT_MP_SECRET: 'not-a-real-secret', WECHAT_MP_TOKEN: 'not-a-real-token', WECHAT_MP_AES_KEY: 'B'.repeat(43) };

interface Gateway {
  readonly url: string;
  readonly ports: FakePorts;
  readonly channel: Channel;
  /** Pictures fetched from the citizen, by size. */
  readonly fetched: number[];
  /** How many pushes are still to be left without an answer, and how. */
  silence: number;
  manner: 'cut' | 'stall';
  readonly requests: string[];
  close(): Promise<void>;
}

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** The real channel behind a bare HTTP server: stores, answers `success`, then says one thing to every new message. */
async function gateway(apiPort: number, env: Record<string, string> = {}, module = wechat): Promise<Gateway> {
  const ports = createFakePorts({ now: Date.now });
  const channel = await module.create({ env: { ...ENV, ...OFFICIAL_ENV, WECHAT_API_BASE: `http://127.0.0.1:${apiPort}`, ...env }, publicUrl: 'https://hotline.example', production: false, ports });
  const fetched: number[] = [];
  const requests: string[] = [];
  const state: { silence: number; manner: 'cut' | 'stall' } = { silence: 0, manner: 'cut' };

  const answer = async (activity: InboundActivity): Promise<void> => {
    const now = Date.now();
    const { content } = activity;
    if (content.type === 'unsupported') return;
    const picture = content.type === 'message' ? content.attachments?.[0] : undefined;
    if (picture !== undefined) fetched.push((await channel.fetchAttachment?.(picture))?.bytes.length ?? 0);
    const text = content.type === 'event' ? `欢迎，来自 ${String(content.value ?? '未知页面')}` : content.type === 'message' ? `收到：${content.text === '' ? '图片' : content.text}` : '';
    await channel.sendTyping?.({ address: activity.address, lastInboundAt: now, now });
    await channel.send?.({ activityIds: [String(activity.externalId)], content: { type: 'message', text } }, { address: activity.address, lastInboundAt: now, lastMessageAt: content.type === 'message' ? now : null, now });
  };

  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      requests.push(body.toString('utf8'));
      if (request.method === 'POST' && state.silence > 0) {
        state.silence -= 1;
        if (state.manner === 'cut') response.destroy();
        return;
      }
      const hook = channel.hooks?.find((candidate: Hook) => candidate.method === request.method);
      const raw = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      const reading = hook?.read(raw, Date.now());
      if (hook === undefined || reading === undefined || reading.kind === 'refused' || reading.kind === 'collect') return void response.writeHead(403).end('refused');
      if (reading.kind === 'reply' || reading.kind === 'told') return void response.writeHead(reading.reply.status, { 'content-type': reading.reply.contentType }).end(reading.reply.body);
      const fresh: InboundActivity[] = [];
      for (const activity of reading.activities) if ((await ports.receive(activity)).status === 'accepted') fresh.push(activity);
      // An official account is told what was heard in the answer itself.
      const [said] = module === official ? reading.activities : [];
      const text = said?.content.type === 'message' ? `听到：${said.content.text}` : `见到：${said?.content.type === 'event' ? JSON.stringify(said.content.value ?? said.content.name) : '别的'}`;
      const reply = hook.encodeReply(raw, { messages: said === undefined ? [] : [{ activityIds: ['a'], content: { type: 'message', text } }], turn: 'not-awaited', conversation: 'bot' });
      response.writeHead(reply.status, { 'content-type': reply.contentType }).end(reply.body);
      for (const activity of fresh) if (module !== official) await answer(activity);
    })().catch(() => response.destroy());
  });
  const port = await listen(server);
  const made: Gateway = {
    url: `http://127.0.0.1:${port}`,
    ports,
    channel,
    fetched,
    requests,
    get silence() {
      return state.silence;
    },
    set silence(value: number) {
      state.silence = value;
    },
    get manner() {
      return state.manner;
    },
    set manner(value: 'cut' | 'stall') {
      state.manner = value;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await channel.stop?.();
    },
  };
  open.push(made);
  return made;
}

/** Runs the simulator on lines of input. */
async function simulate(lines: readonly string[], argv: readonly string[], answerTimeoutMs = 5000, of: 'mini-program' | 'official' = 'mini-program'): Promise<{ code: number; out: string; err: string }> {
  const input = new PassThrough();
  input.end(lines.map((line) => `${line}\n`).join(''));
  let out = '';
  let err = '';
  const code = await runWechat(argv, { input, output: { write: (text) => (out += text) }, errors: { write: (text) => (err += text) }, env: { ...ENV, ...OFFICIAL_ENV }, answerTimeoutMs, quietMs: 100 }, of);
  return { code, out, err };
}

describe('the WeChat simulator', () => {
  it.each([['safe', 'xml'], ['safe', 'json'], ['compatible', 'xml'], ['plain', 'json']])('talks with a gateway in %s mode, %s', async (mode, format) => {
    const apiPort = await freePort();
    const house = await gateway(apiPort, { WECHAT_ALLOW_PLAIN: 'true' });
    const { code, out } = await simulate(['小区门口的路灯坏了 ]]> <b>', '/quota'], ['--url', house.url, '--api-port', String(apiPort), '--mode', mode, '--format', format, '--wait', '20']);
    expect(out).toContain('✓ 网关通过了 URL 验证');
    expect(out).toContain('（对方正在输入…）');
    expect(out).toContain('一呼：收到：小区门口的路灯坏了 ]]> <b>');
    expect(out).toContain('还能收到 4 条');
    expect(code).toBe(0);
    const [push] = house.requests.filter((request) => request !== '');
    expect(push?.includes('路灯'), 'safe mode shows nothing').toBe(mode !== 'safe');
    expect(push?.trimStart().startsWith(format === 'xml' ? '<xml>' : '{')).toBe(true);
  });

  it('sends pictures, cards and the event of entering, switches the format, resends without a second answer', async () => {
    const apiPort = await freePort();
    const house = await gateway(apiPort);
    const { code, out } = await simulate(['/enter page=report', '/image', '/json', '/card 查进度', '/resend', '/image /no/such/file', '/nonsense', '/fail x', '/fail 45047', '没有回答的一句'], ['--url', house.url, '--api-port', String(apiPort), '--json', '--wait', '20']);
    const events = out.trim().split('\n').map((line) => Value.Parse(EventSchema, JSON.parse(line)));
    expect(events.filter((event) => event.event === 'received').map((event) => event.text)).toEqual(['欢迎，来自 page=report', '收到：图片', '收到：查进度']);
    expect(events.filter((event) => event.event === 'pushed').map((event) => event.type)).toEqual(['enter', 'image', 'miniprogrampage', 'resend', 'text']);
    expect(events.filter((event) => event.event === 'note')).toHaveLength(5);
    expect(events.filter((event) => event.event === 'refused').map((event) => event.errcode)).toEqual([45047]);
    expect(house.ports.received.map((activity) => activity.content.type)).toEqual(['event', 'message', 'message', 'message']);
    expect(house.ports.duplicates()).toBe(1);
    expect(house.fetched[0]).toBeGreaterThan(50);
    expect(code).toBe(0);
    // A number that a double would round: an odd one beyond 2^53.
    for (const activity of house.ports.received.slice(1)) {
      const id = BigInt(String(activity.externalId).split('/').at(-1) ?? '0');
      expect(id > 2n ** 53n && BigInt(Number(id)) !== id).toBe(true);
    }
  });

  it('resends three times when nobody answers, and says what the citizen sees', async () => {
    const apiPort = await freePort();
    const house = await gateway(apiPort);
    house.silence = 2;
    const patient = await simulate(['路灯坏了'], ['--url', house.url, '--api-port', String(apiPort), '--wait', '20'], 20_000);
    expect(patient.out).toContain('↑ 已送达，推送了 3 次');
    expect(patient.code).toBe(0);
    house.silence = 99;
    house.manner = 'stall';
    const lost = await simulate(['路灯坏了'], ['--url', house.url, '--api-port', String(apiPort), '--wait', '0.1'], 50);
    expect(lost.out).toContain('✗ 网关没有应答，推送了 4 次');
    expect(lost.code).toBe(1);
    expect(house.silence).toBe(95);
  });

  it('says how to start the gateway when the URL check fails', async () => {
    const apiPort = await freePort();
    const house = await gateway(apiPort, { WECHAT_TOKEN: 'another-token' });
    const refused = await simulate(['你好'], ['--url', house.url, '--api-port', String(apiPort)]);
    expect(refused.code).toBe(1);
    expect(refused.out).toContain('HTTP 403');
    expect(refused.err).toContain(`WECHAT_API_BASE=http://127.0.0.1:${apiPort}`);
    const nobody = await simulate(['你好'], ['--url', `http://127.0.0.1:${await freePort()}`, '--api-port', String(apiPort)]);
    expect(nobody.out).toContain('网关没有应答');
    const taken = await simulate([], ['--url', house.url, '--api-port', house.url.split(':').at(-1) ?? '']);
    expect([taken.code, taken.err]).toEqual([1, expect.stringContaining('已被占用')]);
  });

  it('explains itself and refuses wrong arguments', async () => {
    const help = await simulate([], ['--help']);
    expect(help.code).toBe(0);
    for (const word of ['--format', '/resend', '/enter', '/image', '/json', '退出码']) expect(help.out).toContain(word);
    expect((await simulate([], ['--print-env'])).out).toContain('WECHAT_APPID=wx00000000000000aa');
    for (const wrong of [['--mode', 'open'], ['--format', 'yaml'], ['--api-port', '99999'], ['--wait', 'long'], ['--url', 'nowhere'], ['--openid', 'x'], ['--nonsense']]) {
      const { code, err } = await simulate([], wrong);
      expect([code, err.includes('用法')], wrong.join(' ')).toEqual([2, true]);
    }
  });
});

describe('the stand-in of the API', () => {
  const post = async (url: string, body: string | FormData): Promise<Record<string, unknown>> => {
    const response = await fetch(url, { method: 'POST', body });
    expect(response.status).toBe(200);
    const answer: unknown = await response.json();
    return typeof answer === 'object' && answer !== null ? { ...answer } : {};
  };

  it('keeps a token until its last five minutes, then has two for a while; force ends the old one', async () => {
    let now = 1_790_000_000_000;
    const standIn = await createWechatStandIn({ appId: 'wx1', secret: 's', now: () => now });
    open.push(standIn);
    const token = async (more: object = {}): Promise<Record<string, unknown>> => post(`${standIn.url}/cgi-bin/stable_token`, JSON.stringify({ grant_type: 'client_credential', appid: 'wx1', secret: 's', ...more }));
    const first = await token();
    expect(first).toEqual({ access_token: expect.any(String), expires_in: 7200 });
    now += 6_000_000;
    expect(await token()).toEqual({ access_token: first['access_token'], expires_in: 1200 });
    now += 1_000_000;
    const second = await token();
    expect(second['access_token']).not.toBe(first['access_token']);
    const send = async (accessToken: unknown, body: object): Promise<unknown> => (await post(`${standIn.url}/cgi-bin/message/custom/send?access_token=${String(accessToken)}`, JSON.stringify(body)))['errcode'];
    const hello = { touser: 'oA', msgtype: 'text', text: { content: '你好' } };
    standIn.citizenWrote('oA');
    expect([await send(first['access_token'], hello), await send(second['access_token'], hello)]).toEqual([0, 0]);
    now += 300_000;
    expect(await send(first['access_token'], hello)).toBe(42001);
    expect((await token({ force_refresh: true }))['access_token']).not.toBe(second['access_token']);
    expect(await send(second['access_token'], hello)).toBe(40001);
    expect([(await token({ appid: 'wx2' }))['errcode'], (await token({ secret: 'x' }))['errcode'], (await token({ grant_type: 'x' }))['errcode']]).toEqual([40013, 40125, 40002]);
  });

  it('refuses what WeChat refuses', async () => {
    const standIn = await createWechatStandIn({ appId: 'wx1', secret: 's' });
    open.push(standIn);
    const { access_token: token } = await post(`${standIn.url}/cgi-bin/stable_token`, JSON.stringify({ grant_type: 'client_credential', appid: 'wx1', secret: 's' }));
    const errcode = async (path: string, body: string): Promise<unknown> => (await post(`${standIn.url}${path}?access_token=${String(token)}`, body))['errcode'];
    const send = (body: object | string): Promise<unknown> => errcode('/cgi-bin/message/custom/send', typeof body === 'string' ? body : JSON.stringify(body));
    const text = (content: string, touser = 'oA'): object => ({ touser, msgtype: 'text', text: { content } });
    expect(await send(text('早'))).toBe(45015);
    standIn.citizenWrote('oA');
    expect(await send('')).toBe(44002);
    expect(await send('{"touser":"oA","msgtype":"text","text":{"content":"\\u4f60\\u597d"}}')).toBe(40033);
    expect(await send('<xml/>')).toBe(47001);
    expect(await send({ touser: 'oA', msgtype: 'voice', text: { content: 'x' } })).toBe(40008);
    expect(await send(text('x', 'somebody'))).toBe(40003);
    expect(await send(text(' '))).toBe(44004);
    expect(await send(text('长'.repeat(683)))).toBe(45002);
    expect(await send({ touser: 'oA', msgtype: 'image', image: { media_id: 'none' } })).toBe(40007);
    for (let time = 0; time < 5; time += 1) expect(await send(text('好'))).toBe(0);
    expect(await send(text('好'))).toBe(45047);
    expect(await errcode('/cgi-bin/message/custom/typing', '{"touser":"oA","command":"Sing"}')).toBe(45072);
    expect(await errcode('/cgi-bin/message/custom/typing', '{"touser":"oB","command":"Typing"}')).toBe(45080);
    expect(await errcode('/cgi-bin/nothing', '{}')).toBe(40066);
    const noFile = new FormData();
    noFile.append('media', new Blob(['%PDF'], { type: 'application/pdf' }), 'a.pdf');
    expect((await post(`${standIn.url}/cgi-bin/media/upload?type=image&access_token=${String(token)}`, noFile))['errcode']).toBe(40005);
  });
});

describe('the simulator of the official account', () => {
  it.each([['safe', 'xml'], ['plain', 'json']])('shows what comes in the answer to a push, in %s mode, %s', async (mode, format) => {
    const apiPort = await freePort();
    const house = await gateway(apiPort, { WECHAT_ALLOW_PLAIN: 'true' }, official);
    const lines = ['路灯坏了 ]]> <b>', '/voice 东城的路灯', '/place 鸿福路', '/follow hall-7', '/scan hall-8', '/click 居住证怎么办', '/resend', '/leave', '/card'];
    const { code, out } = await simulate(lines, ['--url', house.url, '--api-port', String(apiPort), '--mode', mode, '--format', format, '--wait', '20'], 5000, 'official');
    for (const line of ['听到：路灯坏了 ]]> <b>', '听到：东城的路灯', '听到：鸿福路', '见到：{"by":"subscribe","scene":"hall-7"}', '见到：{"by":"scan","scene":"hall-8"}']) expect(out).toContain(`一呼（应答）：${line}`);
    expect(out.split('一呼（应答）：听到：居住证怎么办')).toHaveLength(3);
    expect(out).toContain('没有命令 /card');
    expect(code).toBe(0);
  });

  it('says its own settings and help', async () => {
    const { out } = await simulate([], ['--print-env'], 5000, 'official');
    expect(out).toContain('WECHAT_MP_APPID=wx00000000000000bb');
    expect((await simulate([], ['--help'], 5000, 'official')).out).toContain('/follow');
  });
});

describe('the peer', () => {
  it('writes what the vendor’s worked example shows, byte for byte', () => {
    const fields = [
      ['ToUserName', 'gh_97417a04a28d', 'text'],
      ['FromUserName', 'o9AgO5Kd5ggOC-bXrbNODIiE3bGY', 'text'],
      ['CreateTime', '1714112445', 'number'],
      ['MsgType', 'event', 'text'],
      ['Event', 'debug_demo', 'text'],
      ['debug_str', 'hello world', 'text'],
    ] as const;
    const push = buildPush(fields, { credentials: { appId: 'wxba5fad812f8e6fb9', token: 'AAAAA', aesKey: 'A'.repeat(43) }, mode: 'safe', format: 'json', account: 'gh_97417a04a28d', openid: 'o9AgO5Kd5ggOC-bXrbNODIiE3bGY', timestamp: '1714112445', nonce: '415670741', random: Buffer.from('a8eedb185eb2fecf') });
    const query = new URLSearchParams(push.query);
    expect(query.get('signature')).toBe('6c5c811b55cc85e0e1b54100749188c20beb3f5d');
    expect(query.get('msg_signature')).toBe('046e02f8204d34f8ba5fa3b1db94908f3df2e9b3');
    expect(push.body).toContain('"Encrypt":"+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/');
  });

  it('cuts the end of CDATA and leaves numbers bare', () => {
    expect(writeFields([['Content', 'a]]>b', 'text'], ['MsgId', '22923519871373703', 'number']], 'xml')).toBe('<xml><Content><![CDATA[a]]]]><![CDATA[>b]]></Content>\n<MsgId>22923519871373703</MsgId></xml>');
  });

  it('has nothing to resend before the first push', async () => {
    const peer = createWechatPeer({ hookUrl: 'http://127.0.0.1:9/', credentials: { appId: 'wx', token: 't', aesKey: 'A'.repeat(43) }, mode: 'safe', format: 'xml', account: 'gh', openid: 'oA', timeoutMs: 50 });
    expect(await peer.resend()).toBeNull();
  });

  it('gives no two messages the same MsgId, whoever writes in the same millisecond, also when the clock goes back', () => {
    let now = 1_795_372_496_000;
    const peers = ['oA', 'oB'].map((openid) => createWechatPeer({ hookUrl: 'http://127.0.0.1:9/', credentials: { appId: 'wx', token: 't', aesKey: 'A'.repeat(43) }, mode: 'safe', format: 'xml', account: 'gh', openid, now: () => now }));
    const ids: (string | undefined)[] = [];
    for (const step of [0, 1, 0, -5, 0, 3]) {
      now += step;
      for (const peer of peers) ids.push(peer.text('你好').find(([name]) => name === 'MsgId')?.[1]);
    }
    expect(new Set(ids).size).toBe(12);
    expect(ids.every((id) => /^\d{17,}$/.test(id ?? ''))).toBe(true);
  });
});
