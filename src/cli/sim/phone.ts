import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DEMO_PHONE } from './demo-settings.ts';
import type { CallSim } from './call-sim.ts';
import type { ConferencePeer } from './conference-peer.ts';
import { createAliyunSim } from './aliyun-sim.ts';
import { createJambonzSim } from './jambonz-sim.ts';
import { createPhoneSim, type PhoneEvent } from './phone-sim.ts';
import { createVxmlSim } from './vxml-sim.ts';

export { createPhoneSim, PhoneFault } from './phone-sim.ts';
export type { PhoneEvent, PhoneReply, PhoneRequest, PhoneSim, PhoneSimOptions, PhoneTransport } from './phone-sim.ts';

/** `npm run sim -- phone`: a telephone call in the terminal. */

const HELP = `用法: npm run sim -- phone [选项]

像电话平台一样给正在运行的网关打一个电话：签名、发送网络请求，把听到的话打印出来。

选项:
  --platform NAME    twilio（默认）、jambonz、vxml 或 aliyun
  --url URL          网关地址，默认 http://127.0.0.1:3000
  --public-url URL   网关的 PUBLIC_URL（签名用），默认取环境变量 PUBLIC_URL，再默认同 --url
  --token TOKEN      与网关相同的密钥：TWILIO_AUTH_TOKEN、JAMBONZ_WEBHOOK_SECRET、VXML_SECRET 或 ALIYUN_IVR_SECRET，
                     默认取同名环境变量，再默认用演示值（同 npm run dev）
  --account SID      账号，默认取环境变量 TWILIO_ACCOUNT_SID 或 JAMBONZ_ACCOUNT_SID
  --from NUMBER      主叫号码，默认 +8613800138000；anonymous 表示隐藏号码
  --dial RESULT      转接坐席电话的结果：no-answer（默认）、busy、failed、completed
  --api PORT         另开假的呼叫接口（三方通话）：网关的 TWILIO_API_BASE 或 JAMBONZ_API_BASE 指向 http://127.0.0.1:PORT，
                     坐席和 110 的话机由它扮演；只用于 twilio 和 jambonz，网关还要有账号和主叫号码
  --leg RESULT       对方（110 等）话机：answer（默认）、ring（一直振铃）、busy、no-answer 或 failed；坐席话机总是接听
  --outbound         反过来：假的呼叫接口，接网关的外呼单（--outbound --help 看说明）
  --json             每件事打印一行 JSON
  -h, --help         本说明

通话中输入（也可以从管道读入，每行一次）:
  一句话             对着电话说
  #123               按键 1 2 3（#0 转人工，## 按井号键）
  空行               不说话，等到超时
  离开               三方通话中：坐席和对方都挂机，市民应回到坐席那里
  hangup 或 挂断     挂机；输入结束也会挂机

退出码: 0 通话正常结束；1 通话出错；2 参数不对。
`;

export interface PhoneIo {
  readonly input: NodeJS.ReadableStream;
  readonly output: { write(text: string): unknown };
  readonly errors: { write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What each platform's secret is called, and its account. */
const PLATFORMS = {
  twilio: { secret: 'TWILIO_AUTH_TOKEN', account: 'TWILIO_ACCOUNT_SID' },
  jambonz: { secret: 'JAMBONZ_WEBHOOK_SECRET', account: 'JAMBONZ_ACCOUNT_SID' },
  vxml: { secret: 'VXML_SECRET', account: '' },
  aliyun: { secret: 'ALIYUN_IVR_SECRET', account: '' },
} as const;
type Platform = keyof typeof PLATFORMS;
const LEG_RESULTS = ['answer', 'ring', 'busy', 'no-answer', 'failed'] as const;
/** Three seconds. */
const STOP_LOOKS = 60;
const DIAL_RESULTS = ['no-answer', 'busy', 'failed', 'completed'] as const;

const processIo: PhoneIo = { input: process.stdin, output: process.stdout, errors: process.stderr, env: process.env };

/** @returns the exit code: 0 the call ended in order, 1 a fault ended it, 2 wrong arguments */
export async function runPhone(argv: readonly string[], io: PhoneIo = processIo): Promise<number> {
  if (argv.includes('--outbound')) return (await import('./outbound.ts')).runOutboundSim(argv, io);
  const given = readArguments(argv, io);
  if (typeof given === 'string') {
    io.errors.write(`${given}\n\n${HELP}`);
    return 2;
  }
  if (given.help) {
    io.output.write(HELP);
    return 0;
  }
  let peer: ConferencePeer | null = null;
  const { sim, callSid } = openSim(given, (event) => {
    io.output.write(given.json ? `${JSON.stringify(event)}\n` : `${describe(event)}\n`);
    peer?.watch(callSid, event);
  });
  try {
    if (given.api !== null) peer = await openApi({ ...given, port: given.api }, sim, callSid, io);
    await converse(sim, peer, io);
    return 0;
  } catch (error) {
    io.errors.write(`通话中断：${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await peer?.close();
  }
}

/** The telephones of the seat and of the other service. */
async function openApi(given: PhoneArguments & { readonly port: number }, sim: CallSim, callSid: string, io: PhoneIo): Promise<ConferencePeer> {
  const { createConferencePeer } = await import('./conference-peer.ts');
  const platform = given.platform === 'jambonz' ? 'jambonz' : 'twilio';
  const account = given.account === '' ? NOBODY[platform] : given.account;
  const says = { rung: '☎️ 振铃', joined: '👤 进入', left: '👤 离开', moved: '↪ 被网关接走', stopped: '☎️ 网关叫停' } as const;
  const who: Readonly<Record<string, string>> = { citizen: '市民', seat: '坐席', service: '对方' };
  return createConferencePeer({
    platform, account, secret: given.token, apiKey: io.env['JAMBONZ_API_KEY']?.trim() ?? '', port: given.port,
    gateway: () => ({ baseUrl: given.url.replace(/\/+$/, ''), publicUrl: given.publicUrl.replace(/\/+$/, '') }),
    fate: () => given.leg, caller: (sid) => (sid === callSid ? sim : null), seatAnswers: true,
    onEvent: ({ event, party, state }) => void io.output.write(given.json ? `${JSON.stringify({ event: `conference.${event}`, party, ...(state === undefined ? {} : { state }) })}\n` : `${says[event]}：${who[party] ?? party}${state === undefined ? '' : `（${state}）`}\n`),
  });
}

const NOBODY = { twilio: `AC${'0'.repeat(32)}`, jambonz: '00000000-0000-4000-8000-000000000000' } as const;

function openSim(given: PhoneArguments, onEvent: (event: PhoneEvent) => void): { readonly sim: CallSim; readonly callSid: string } {
  const common = { baseUrl: given.url, publicUrl: given.publicUrl, ...(given.from === undefined ? {} : { from: given.from }), dialResult: given.dialResult, onEvent };
  const account = given.account === '' ? {} : { accountSid: given.account };
  switch (given.platform) {
    case 'twilio': {
      const sim = createPhoneSim({ ...common, ...account, authToken: given.token });
      return { sim, callSid: sim.callSid };
    }
    case 'jambonz': {
      const sim = createJambonzSim({ ...common, ...account, secret: given.token });
      return { sim, callSid: sim.callSid };
    }
    case 'vxml':
      return { sim: createVxmlSim({ ...common, secret: given.token }), callSid: '' };
    case 'aliyun':
      return { sim: createAliyunSim({ ...common, secret: given.token }), callSid: '' };
  }
}

async function converse(sim: CallSim, peer: ConferencePeer | null, io: PhoneIo): Promise<void> {
  const lines = createInterface({ input: io.input, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    // Attached before the call begins, so that piped lines are not lost meanwhile.
    const iterator = lines[Symbol.asyncIterator]();
    await sim.call();
    while (stateOf(sim) !== 'ended') {
      const next = await iterator.next();
      // The gateway may be moving the call just now.
      while (stateOf(sim) === 'busy') await sleep(50);
      if (next.done === true || /^(?:hangup|挂断)$/i.test(next.value.trim())) {
        await peer?.leave('citizen');
        await sim.hangup();
        return await stopped(peer);
      }
      if (stateOf(sim) === 'room') await inRoom(sim, peer, next.value.trim(), io);
      else if (stateOf(sim) === 'listening') await speakLine(sim, next.value.trim(), io);
    }
  } finally {
    lines.close();
  }
}

/** The gateway has whatever rings for a caller who has gone stopped; it may take its time. */
async function stopped(peer: ConferencePeer | null): Promise<void> {
  for (let looks = 0; looks < STOP_LOOKS && peer?.legs.some(({ state }) => state === 'rings') === true; looks += 1) await sleep(50);
}

// Read through a function: it changes while awaiting.
const stateOf = (sim: CallSim): CallSim['state'] => sim.state;

async function inRoom(sim: CallSim, peer: ConferencePeer | null, line: string, io: PhoneIo): Promise<void> {
  if (line !== '离开') return void io.errors.write('三方通话里说的话网关听不到；输入“离开”或“挂断”\n');
  if (peer === null) return void (await sim.leaveRoom());
  for (const party of ['service', 'seat']) await peer.leave(party);
}

async function speakLine(sim: CallSim, line: string, io: PhoneIo): Promise<void> {
  if (line === '') await sim.silence();
  else if (/^#[0-9*#]+$/.test(line)) await sim.press(line.slice(1));
  else if (line.startsWith('#')) io.errors.write('按键只有 0-9、* 和 #\n');
  else await sim.say(line);
}

function describe(event: PhoneEvent): string {
  switch (event.event) {
    case 'heard':
      return `🔊 ${event.text}`;
    case 'played':
      return '🎵 （播放录音）';
    case 'paused':
      return `⏳ （停顿 ${event.seconds} 秒）`;
    case 'listening':
      return `🎤 （请说话${event.keys === 'one' ? '或按一个键' : '或按键，# 结束'}；空行不说话）`;
    case 'ringing':
      return `📞 （坐席电话振铃：${event.result}）`;
    case 'room':
      return '👥 （进入三方通话；输入“离开”表示其他人都走了）';
    case 'retried':
      return '↻ （连接失败，重试一次）';
    case 'ended':
      return event.by === 'caller' ? '☎ 已挂机' : event.by === 'gateway' ? '☎ 对方已挂机' : '☎ 通话因故障结束';
  }
}

interface PhoneArguments {
  readonly help: boolean;
  readonly platform: Platform;
  readonly url: string;
  readonly publicUrl: string;
  readonly token: string;
  readonly account: string;
  readonly from: string | undefined;
  readonly dialResult: (typeof DIAL_RESULTS)[number];
  readonly json: boolean;
  /** Port of the call API that is played; null: none is. */
  readonly api: number | null;
  readonly leg: (typeof LEG_RESULTS)[number];
}

/** The arguments, or what is wrong with them. */
function readArguments(argv: readonly string[], io: PhoneIo): PhoneArguments | string {
  let values;
  try {
    values = parseArgs({
      args: [...argv],
      options: {
        platform: { type: 'string' },
        url: { type: 'string' },
        'public-url': { type: 'string' },
        token: { type: 'string' },
        account: { type: 'string' },
        from: { type: 'string' },
        dial: { type: 'string' },
        api: { type: 'string' },
        leg: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const setting = (name: string): string => io.env[name]?.trim() ?? '';
  const url = values.url ?? 'http://127.0.0.1:3000';
  const publicUrl = values['public-url'] ?? (setting('PUBLIC_URL') || url);
  const dialResult = DIAL_RESULTS.find((known) => known === (values.dial ?? 'no-answer'));
  const platform = platformOf(values.platform ?? 'twilio');
  if (platform === null) return '--platform 只能是 twilio、jambonz、vxml 或 aliyun';
  const { secret, account } = PLATFORMS[platform];
  const token = values.token ?? (setting(secret) || DEMO_PHONE[secret]);
  const help = values.help === true;
  if (dialResult === undefined) return '--dial 只能是 no-answer、busy、failed 或 completed';
  if (!isHttpUrl(url) || !isHttpUrl(publicUrl)) return '--url 和 --public-url 要以 http:// 或 https:// 开头';
  if (token === '') return `--token 不能是空的，必须与网关的 ${secret} 相同`;
  const leg = LEG_RESULTS.find((known) => known === (values.leg ?? 'answer'));
  if (leg === undefined) return '--leg 只能是 answer、ring、busy、no-answer 或 failed';
  if (values.api !== undefined && !/^\d{1,5}$/.test(values.api)) return '--api 要一个端口号';
  if (values.api !== undefined && platform !== 'twilio' && platform !== 'jambonz') return '--api 只用于 twilio 和 jambonz';
  const api = values.api === undefined ? null : Number(values.api);
  return { api, leg, help, platform, url, publicUrl, token, account: values.account ?? setting(account), from: values.from, dialResult, json: values.json === true };
}

function platformOf(name: string): Platform | null {
  return name === 'twilio' || name === 'jambonz' || name === 'vxml' || name === 'aliyun' ? name : null;
}

function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^\s/]/i.test(text) && URL.canParse(text);
}
