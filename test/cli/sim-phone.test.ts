import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { channel as ivr } from '../../channels/ivr-twilio/index.ts';
import type { Hook, HookOutcome, HookReading, RawRequest } from '../../src/channel/contract.ts';
import { runSim } from '../../src/cli/sim.ts';
import { createPhoneSim, runPhone, type PhoneEvent, type PhoneReply, type PhoneRequest, type PhoneSim } from '../../src/cli/sim/phone.ts';
import { createFakePorts } from '../fakes/ports.ts';

const TOKEN = 'not-a-real-auth-token-0000000000';
const PUBLIC_URL = 'https://gw.example.cn';
const noWait = async (): Promise<void> => undefined;

/** The real channel with a scripted core behind it: what it answers to each reading, in order. */
interface Gateway {
  readonly readings: readonly HookReading[];
  readonly requests: readonly PhoneRequest[];
  readonly transport: (request: PhoneRequest) => Promise<PhoneReply>;
}

type Answer = Partial<HookOutcome> & { readonly text?: string };

async function openGateway(answers: readonly Answer[], given: { readonly env?: Record<string, string>; readonly publicUrl?: string } = {}): Promise<Gateway> {
  const opened = await ivr.create({ env: { TWILIO_AUTH_TOKEN: TOKEN, ...given.env }, publicUrl: given.publicUrl ?? PUBLIC_URL, production: false, ports: createFakePorts({ now: () => 0 }) });
  const readings: HookReading[] = [];
  const requests: PhoneRequest[] = [];
  let turn = 0;
  const answer = (hook: Hook, raw: RawRequest): PhoneReply => {
    const reading = hook.read(raw, 0);
    readings.push(reading);
    if (reading.kind === 'refused') return { status: reading.status, contentType: 'application/json', body: '{}' };
    if (reading.kind === 'reply') return reading.reply;
    if (reading.kind === 'inbound' && reading.answerWhen === 'stored') return hook.encodeReply(raw, { messages: [], turn: 'not-awaited', conversation: 'bot' });
    const { text, ...outcome } = answers[turn++] ?? {};
    return hook.encodeReply(raw, { messages: text === undefined ? [] : [{ activityIds: ['a'], content: { type: 'message', text } }], turn: 'done', conversation: 'bot', ...outcome });
  };
  return {
    readings,
    requests,
    transport: async (request) => {
      requests.push(request);
      const { pathname, search } = new URL(request.url);
      const hook = opened.hooks?.find(({ path }) => path === pathname);
      if (hook === undefined) return { status: 404, contentType: 'text/plain', body: '' };
      return answer(hook, { method: 'POST', url: pathname + search, headers: request.headers, body: Buffer.from(request.body) });
    },
  };
}

async function openCall(answers: readonly Answer[], more: Partial<Parameters<typeof createPhoneSim>[0]> & { readonly env?: Record<string, string> } = {}): Promise<{ sim: PhoneSim; gateway: Gateway; events: readonly PhoneEvent[]; contents: () => readonly unknown[] }> {
  const gateway = await openGateway(answers, more.env === undefined ? {} : { env: more.env });
  const events: PhoneEvent[] = [];
  const sim = createPhoneSim({ baseUrl: 'http://127.0.0.1:1', publicUrl: PUBLIC_URL, authToken: TOKEN, transport: gateway.transport, wait: noWait, onEvent: (event) => void events.push(event), ...more });
  const contents = (): readonly unknown[] => gateway.readings.map((reading) => (reading.kind === 'inbound' ? reading.activities[0]?.content : reading.kind));
  return { sim, gateway, events, contents };
}

describe('a simulated call', () => {
  it('enters, speaks, presses, is silent, hangs up', async () => {
    const { sim, contents } = await openCall([{ text: '您好，请讲。' }, { text: '满意请按1。' }, { text: '请输入工单编号，以井号键结束。' }, { text: '再说一遍。' }, { text: '好的。' }]);
    expect(sim.state).toBe('idle');
    expect(await sim.call()).toEqual(['您好，请讲。']);
    expect(await sim.say('路灯不亮', 0.8)).toEqual(['满意请按1。']);
    expect(await sim.press('12')).toEqual(['请输入工单编号，以井号键结束。']);
    expect(await sim.press('20261122000187#5')).toEqual(['再说一遍。']);
    expect(await sim.silence()).toEqual(['好的。']);
    expect(sim.state).toBe('listening');
    await sim.hangup();
    expect(sim.state).toBe('ended');
    expect(contents()).toEqual([
      { type: 'event', name: 'enter' },
      { type: 'message', text: '路灯不亮', confidence: 0.8 },
      { type: 'message', text: '1', keys: '1' },
      { type: 'message', text: '20261122000187', keys: '20261122000187' },
      { type: 'event', name: 'silence' },
      { type: 'endOfConversation', code: 'userCancelled' },
    ]);
    expect(sim.heard).toHaveLength(5);
  });

  it('takes a lone finishing key for silence, as Twilio does', async () => {
    const { sim, contents } = await openCall([{ text: '请输入工单编号，以井号键结束。' }]);
    await sim.call();
    await sim.press('#');
    expect(contents().at(-1)).toEqual({ type: 'event', name: 'silence' });
  });

  it('waits for a late turn by itself', async () => {
    const { sim, events } = await openCall([{ turn: 'late' }, { turn: 'not-awaited' }, { turn: 'not-awaited' }, { text: '已登记。' }]);
    expect(await sim.call()).toEqual(['请稍候，正在为您处理。', '已登记。']);
    expect(events.filter(({ event }) => event === 'paused')).toHaveLength(3);
  });

  it('passes the time of a pause', async () => {
    const waited: number[] = [];
    const { sim } = await openCall([{ turn: 'late' }, { text: '好。' }], { wait: async (ms) => void waited.push(ms) });
    await sim.call();
    expect(waited).toEqual([2000]);
  });

  it('ends when the gateway hangs up, and tells the status address', async () => {
    const { sim, gateway, contents } = await openCall([{ text: '已办结。', conversation: 'closed' }]);
    expect(await sim.call()).toEqual(['已办结。', '感谢您的来电，再见。']);
    expect(sim.state).toBe('ended');
    expect(gateway.requests.at(-1)?.url).toBe('http://127.0.0.1:1/hooks/ivr/twilio/status');
    expect(contents().at(-1)).toMatchObject({ type: 'endOfConversation' });
    await sim.hangup();
    expect(gateway.requests).toHaveLength(2);
    await expect(sim.say('喂')).rejects.toThrow('the call is over');
  });

  it('hears a seat in the waiting loop', async () => {
    const { sim, contents } = await openCall([{ text: '为您转接。', conversation: 'waiting' }, { conversation: 'waiting' }, { text: '我是坐席。', conversation: 'human' }, { conversation: 'human' }]);
    await sim.call();
    expect(await sim.silence()).toEqual([]);
    expect(await sim.silence()).toEqual(['我是坐席。']);
    await sim.say('路灯不亮');
    expect(contents()).toEqual([{ type: 'event', name: 'enter' }, 'collect', 'collect', { type: 'message', text: '路灯不亮', confidence: 0.9 }]);
  });

  it('lets the seat\'s telephone ring', async () => {
    const env = { TWILIO_SEAT_NUMBER: '+8676922222222' };
    const missed = await openCall([{ text: '为您转接。', conversation: 'waiting' }, { conversation: 'waiting' }], { env });
    expect(await missed.sim.call()).toEqual(['为您转接。', expect.stringContaining('无人接听')]);
    expect(missed.events).toContainEqual({ event: 'ringing', number: '+8676922222222', result: 'no-answer' });
    const talked = await openCall([{ text: '为您转接。', conversation: 'waiting' }], { env, dialResult: 'completed' });
    expect(await talked.sim.call()).toEqual(['为您转接。', '感谢您的来电，再见。']);
    expect(talked.sim.state).toBe('ended');
  });

  it('gives every request its own idempotency token and every retry the same', async () => {
    const { sim, gateway } = await openCall([{ text: '您好。' }, { text: '好的。' }]);
    await sim.call();
    await sim.say('喂');
    const tokens = gateway.requests.map(({ headers }) => headers['i-twilio-idempotency-token']);
    expect(new Set(tokens).size).toBe(2);

    const seen: (string | undefined)[] = [];
    let fails = 1;
    const flaky = await openCall([{ text: '您好。' }], {
      transport: async (request) => {
        seen.push(request.headers['i-twilio-idempotency-token']);
        if (fails-- > 0) throw new Error('connect ECONNREFUSED');
        return (await openGateway([{ text: '您好。' }])).transport(request);
      },
    });
    expect(await flaky.sim.call()).toEqual(['您好。']);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(seen[1]);
    expect(flaky.events).toContainEqual({ event: 'retried' });
  });

  it('calls from a withheld number', async () => {
    const { sim, gateway } = await openCall([{ text: '您好。' }], { from: 'anonymous' });
    await sim.call();
    expect(gateway.readings[0]).toMatchObject({ activities: [{ address: sim.callSid }] });
    expect(gateway.readings[0]?.kind === 'inbound' ? gateway.readings[0].activities[0]?.identity : null).toBeUndefined();
  });

  it('signs the public address, default ports and path prefixes included', async () => {
    for (const publicUrl of ['https://gw.example.cn:443', 'https://gw.example.cn/yihu/', 'http://127.0.0.1:8080']) {
      const gateway = await openGateway([{ text: '您好。' }, { text: '好的。' }], { publicUrl });
      const sim = createPhoneSim({ baseUrl: 'http://127.0.0.1:1', publicUrl, authToken: TOKEN, transport: gateway.transport, wait: noWait });
      await sim.call();
      expect(await sim.say('喂')).toEqual(['好的。']);
    }
  });
});

describe('faults end the call', () => {
  const broken = async (reply: PhoneReply): Promise<unknown> => {
    const { sim } = await openCall([], { transport: async () => reply });
    const error = await sim.call().then(() => null, (thrown: unknown) => thrown);
    expect(sim.state).toBe('ended');
    return error instanceof Error ? error.message : error;
  };
  it.each<[string, PhoneReply, string]>([
    ['an error status', { status: 503, contentType: 'application/json', body: '{}' }, '11200'],
    ['a wrong content type', { status: 200, contentType: 'application/json', body: '{}' }, '12300'],
    ['broken XML', { status: 200, contentType: 'text/xml', body: '<Response><Say></Response>' }, '12100'],
    ['another root', { status: 200, contentType: 'text/xml', body: '<Reply/>' }, '12100'],
    ['an unknown verb', { status: 200, contentType: 'text/xml', body: '<Response><Sing>a</Sing></Response>' }, '12200'],
    ['a redirect elsewhere', { status: 200, contentType: 'text/xml', body: '<Response><Redirect>https://evil.example/</Redirect></Response>' }, 'away from the gateway'],
    ['a circle', { status: 200, contentType: 'text/xml', body: '<Response><Redirect>/a</Redirect></Response>' }, 'circle'],
  ])('%s', async (_what, reply, words) => {
    expect(await broken(reply)).toContain(words);
  });

  it('a gateway that is not there, after one more try', async () => {
    let tries = 0;
    const { sim } = await openCall([], {
      transport: async () => {
        tries += 1;
        throw new TypeError('fetch failed');
      },
    });
    await expect(sim.call()).rejects.toThrow('no connection');
    // Twice for the call, twice for its status callback.
    expect(tries).toBe(4);
  });

  it('a wrong token', async () => {
    const gateway = await openGateway([]);
    const sim = createPhoneSim({ baseUrl: 'http://127.0.0.1:1', publicUrl: PUBLIC_URL, authToken: 'wrong', transport: gateway.transport });
    await expect(sim.call()).rejects.toThrow('HTTP 403');
  });

  it('acting before the call or calling twice', async () => {
    const { sim } = await openCall([{ text: '您好。' }]);
    await expect(sim.say('喂')).rejects.toThrow('nobody listens');
    await sim.call();
    await expect(sim.call()).rejects.toThrow('already called');
    await expect(sim.press('abc')).rejects.toThrow('keys are');
  });
});

describe('npm run sim -- phone', () => {
  /** A real server on a free port, because the command line takes an address. */
  async function withServer<T>(answers: readonly Answer[], use: (url: string, gateway: Gateway) => Promise<T>): Promise<T> {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening on a port');
    const url = `http://127.0.0.1:${address.port}`;
    const gateway = await openGateway(answers, { publicUrl: url });
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => void chunks.push(chunk));
      request.on('end', () => {
        const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
        const answered = gateway.transport({ method: 'POST', url: url + (request.url ?? ''), headers, body: Buffer.concat(chunks).toString() });
        void answered.then((reply) => response.writeHead(reply.status, { 'content-type': reply.contentType, connection: 'close' }).end(reply.body));
      });
    });
    try {
      return await use(url, gateway);
    } finally {
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    }
  }

  const run = async (argv: readonly string[], typed: string, env: Record<string, string> = {}): Promise<{ code: number; out: string; err: string }> => {
    let out = '';
    let err = '';
    const code = await runPhone(argv, { input: Readable.from([typed]), output: { write: (text) => void (out += text) }, errors: { write: (text) => void (err += text) }, env });
    return { code, out, err };
  };

  it('holds a call from typed lines', async () => {
    await withServer([{ text: '您好，请讲。' }, { text: '满意请按1。' }, { text: '没听清。' }, { text: '谢谢。' }], async (url, gateway) => {
      const { code, out, err } = await run(['--url', url, '--token', TOKEN], '路灯不亮\n#1\n\nhangup\n多余的话\n');
      expect(err).toBe('');
      expect(code).toBe(0);
      for (const words of ['🔊 您好，请讲。', '🔊 满意请按1。', '🔊 没听清。', '🔊 谢谢。', '已挂机']) expect(out).toContain(words);
      expect(gateway.readings.map((reading) => (reading.kind === 'inbound' ? reading.activities[0]?.content.type : reading.kind))).toEqual(['event', 'message', 'message', 'event', 'endOfConversation']);
    });
  });

  it('hangs up when the input ends, and speaks JSON', async () => {
    await withServer([{ text: '您好。' }], async (url) => {
      const { code, out } = await run(['--url', url, '--json'], '', { TWILIO_AUTH_TOKEN: TOKEN });
      expect(code).toBe(0);
      const lines: unknown[] = out.trim().split('\n').map((line): unknown => JSON.parse(line));
      expect(lines[0]).toEqual({ event: 'heard', text: '您好。', language: 'cmn-CN' });
      expect(lines.at(-1)).toEqual({ event: 'ended', by: 'caller' });
    });
  });

  it('answers 1 when the call breaks', async () => {
    await withServer([], async (url) => {
      const { code, err } = await run(['--url', url, '--token', 'wrong'], '');
      expect(code).toBe(1);
      expect(err).toContain('HTTP 403');
      expect(err).not.toContain('wrong');
    });
  });

  it('answers 2 on wrong arguments and 0 with --help', async () => {
    expect((await run(['--token', ''], '')).code).toBe(2);
    expect((await run(['--token', ''], '')).err).toContain('--token');
    expect((await run(['--nonsense'], '')).code).toBe(2);
    expect((await run(['--token', 'x', '--url', 'ftp://a'], '')).code).toBe(2);
    expect((await run(['--token', 'x', '--dial', 'maybe'], '')).code).toBe(2);
    const help = await run(['--help'], '');
    expect(help.code).toBe(0);
    expect(help.out).toContain('--public-url');
    expect(await runSim(['phone', '--nonsense'])).toBe(2);
    expect(await runSim(['telegraph'])).toBe(2);
    expect(await runSim(['--help'])).toBe(0);
  });
});
