import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { DEMO_PHONE } from './demo-settings.ts';
import type { CallSim } from './call-sim.ts';
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
  --outbound         反过来：假的呼叫接口，接网关的外呼单（--outbound --help 看说明）
  --json             每件事打印一行 JSON
  -h, --help         本说明

通话中输入（也可以从管道读入，每行一次）:
  一句话             对着电话说
  #123               按键 1 2 3（#0 转人工，## 按井号键）
  空行               不说话，等到超时
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
  const sim = openSim(given, (event) => io.output.write(given.json ? `${JSON.stringify(event)}\n` : `${describe(event)}\n`));
  try {
    await converse(sim, io);
    return 0;
  } catch (error) {
    io.errors.write(`通话中断：${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function openSim(given: PhoneArguments, onEvent: (event: PhoneEvent) => void): CallSim {
  const common = { baseUrl: given.url, publicUrl: given.publicUrl, ...(given.from === undefined ? {} : { from: given.from }), dialResult: given.dialResult, onEvent };
  const account = given.account === '' ? {} : { accountSid: given.account };
  switch (given.platform) {
    case 'twilio':
      return createPhoneSim({ ...common, ...account, authToken: given.token });
    case 'jambonz':
      return createJambonzSim({ ...common, ...account, secret: given.token });
    case 'vxml':
      return createVxmlSim({ ...common, secret: given.token });
    case 'aliyun':
      return createAliyunSim({ ...common, secret: given.token });
  }
}

async function converse(sim: CallSim, io: PhoneIo): Promise<void> {
  const lines = createInterface({ input: io.input, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    // Attached before the call begins, so that piped lines are not lost meanwhile.
    const iterator = lines[Symbol.asyncIterator]();
    await sim.call();
    while (sim.state === 'listening') {
      const next = await iterator.next();
      if (next.done === true || /^(?:hangup|挂断)$/i.test(next.value.trim())) return await sim.hangup();
      await speakLine(sim, next.value.trim(), io);
    }
  } finally {
    lines.close();
  }
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
  return { help, platform, url, publicUrl, token, account: values.account ?? setting(account), from: values.from, dialResult, json: values.json === true };
}

function platformOf(name: string): Platform | null {
  return name === 'twilio' || name === 'jambonz' || name === 'vxml' || name === 'aliyun' ? name : null;
}

function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^\s/]/i.test(text) && URL.canParse(text);
}
