import { parseArgs } from 'node:util';
import type { CallSim } from './call-sim.ts';
import { DEMO_PHONE } from './demo-settings.ts';
import { createOutboundPeer, type Fate, type Ordered, type OutboundPeer } from './outbound-peer.ts';
import type { PhoneIo } from './phone.ts';

/** `npm run sim -- phone --outbound`: the call APIs of Twilio and jambonz, and citizens who answer. */

/** Port of the stand-in; `--port` changes it. */
const DEMO_CALL_PORT = 9195;
const TWILIO_SID = `AC${'0'.repeat(32)}`;
const JAMBONZ_SID = '00000000-0000-4000-8000-000000000000';
const JAMBONZ_KEY = 'simulator-api-key';

const HELP = `用法: npm run sim -- phone --outbound [选项]

假的 Twilio 和 jambonz 呼叫接口：接网关的外呼单，由假的市民接听，把网关的流程走一遍。Ctrl-C 结束。

选项:
  --port 端口        本机端口，默认 ${DEMO_CALL_PORT}
  --url URL          网关地址，默认 http://127.0.0.1:3000
  --public-url URL   网关的 PUBLIC_URL，默认同 --url
  --keys 按键        市民依次按的键，默认 1111
  --unruly           状态回执重复、乱序
  --json             每件事打印一行 JSON
  -h, --help         本说明

网关要这样设置（两个平台任选）:
  TWILIO_API_BASE=http://127.0.0.1:${DEMO_CALL_PORT} TWILIO_ACCOUNT_SID=${TWILIO_SID} TWILIO_CALLER_NUMBER=+8676900012345
  JAMBONZ_API_BASE=http://127.0.0.1:${DEMO_CALL_PORT} JAMBONZ_ACCOUNT_SID=${JAMBONZ_SID} JAMBONZ_API_KEY=${JAMBONZ_KEY} JAMBONZ_CALLER_NUMBER=076900012345

被叫号码的最后一位决定怎么样：1 留言机，2 占线，3 无人接，4 网关收不到下单的回答（照样接听），5 没有接下单，6 不出声，7 说“别再打了”，别的接听并按键。
退出码: 0 正常结束；2 参数不对。
`;

const FATES: Readonly<Record<string, Fate>> = { '1': 'machine', '2': 'busy', '3': 'no-answer', '4': 'lost', '5': 'gone' };
const QUIET_ROUNDS = 4;

/** @param stopped resolves when the simulator is to end; Ctrl-C unless told @returns the exit code */
export async function runOutboundSim(argv: readonly string[], io: PhoneIo, stopped: Promise<void> = interrupted(), onPeer: (peer: OutboundPeer) => void = () => undefined): Promise<number> {
  let values;
  try {
    values = parseArgs({ args: argv.filter((one) => one !== '--outbound'), options: { port: { type: 'string' }, url: { type: 'string' }, 'public-url': { type: 'string' }, keys: { type: 'string' }, unruly: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    io.errors.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
  if (values.help === true) {
    io.output.write(HELP);
    return 0;
  }
  const baseUrl = (values.url ?? 'http://127.0.0.1:3000').replace(/\/+$/, '');
  const publicUrl = (values['public-url'] ?? (io.env['PUBLIC_URL']?.trim() || baseUrl)).replace(/\/+$/, '');
  const [port, keys] = [Number(values.port ?? DEMO_CALL_PORT), values.keys ?? '1111'];
  if (!Number.isInteger(port) || port < 0 || port > 65_535 || !/^[0-9*#]*$/.test(keys) || !URL.canParse(baseUrl) || !URL.canParse(publicUrl)) {
    io.errors.write(`--port 要是端口，--keys 只能是 0-9、* 和 #，地址要以 http:// 或 https:// 开头\n\n${HELP}`);
    return 2;
  }
  const secret = (name: keyof typeof DEMO_PHONE): string => io.env[name]?.trim() || DEMO_PHONE[name];
  const tell = (order: Ordered, facts: object, text: string): void => void io.output.write(values.json === true ? `${JSON.stringify({ platform: order.platform, key: order.key, fate: order.fate, ...facts })}\n` : `${order.platform} ${order.key.slice(-6)} ${text}\n`);
  const peer = await createOutboundPeer({
    gateway: () => ({ baseUrl, publicUrl }),
    twilio: { authToken: secret('TWILIO_AUTH_TOKEN'), accountSid: io.env['TWILIO_ACCOUNT_SID']?.trim() || TWILIO_SID },
    jambonz: { secret: secret('JAMBONZ_WEBHOOK_SECRET'), apiKey: io.env['JAMBONZ_API_KEY']?.trim() || JAMBONZ_KEY, accountSid: io.env['JAMBONZ_ACCOUNT_SID']?.trim() || JAMBONZ_SID },
    port,
    unruly: values.unruly === true,
    fate: (to) => FATES[to.slice(-1)] ?? 'answer',
    citizen: (call, order) => speak(call, order.to.slice(-1), keys),
    onEvent: (order, event) => tell(order, event, event.event === 'heard' ? `🔊 ${event.text}` : event.event === 'report' ? `↩ ${event.state ?? ''}` : event.event === 'ordered' ? `☎ 接单：${order.fate}` : event.event),
  });
  onPeer(peer);
  io.output.write(values.json === true ? `${JSON.stringify({ listening: peer.url })}\n` : `呼叫接口在 ${peer.url}，等网关的外呼单（Ctrl-C 结束）\n`);
  await stopped;
  await peer.close();
  for (const fault of peer.faults) io.errors.write(`${fault}\n`);
  return 0;
}

async function speak(call: CallSim, tail: string, keys: string): Promise<void> {
  if (tail === '7') return void (await call.say('别再打了'));
  if (tail === '6') {
    for (let round = 0; round < QUIET_ROUNDS && call.state === 'listening'; round += 1) await call.silence();
    return;
  }
  for (const key of keys) if (call.state === 'listening') await call.press(key);
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
