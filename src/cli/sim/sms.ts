import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { DEMO_SMS, DEMO_SMS_PORT } from './demo-settings.ts';
import { createSmsPeer, type SentText, type SmsVendorName } from './sms-peer.ts';

/** `npm run sim -- sms`: a text message vendor in the terminal. What the gateway sends is shown and delivered; what is typed is a citizen's answer. */

const HELP = `用法: npm run sim -- sms [选项]

在本机扮演短信平台：显示网关发出的短信并回送达报告；输入一行就是市民回复短信（默认回给最近一条短信的号码）。

选项:
  --vendor aliyun|tencent  用哪家的回调地址（默认 aliyun）
  --url 地址               网关地址（默认 http://127.0.0.1:3000）
  --api-port 端口          短信平台接口的端口（默认 ${DEMO_SMS_PORT}）
  --phone 号码             市民的号码；不写就是最近一条短信的
  --fail                   短信都回“未送达”
  --print-env              打印网关要用的设置后退出
  --help

网关用 --print-env 给出的设置启动，短信就发到这里。
`;

export interface SmsIo {
  readonly input: NodeJS.ReadableStream;
  readonly output: { write(text: string): unknown };
  readonly errors: { write(text: string): unknown };
}

/** @returns the exit code: 0 all went well, 1 the gateway refused or the port is taken, 2 wrong arguments */
export async function runSms(argv: readonly string[], io: SmsIo = { input: process.stdin, output: process.stdout, errors: process.stderr }): Promise<number> {
  let values;
  try {
    ({ values } = parseArgs({ args: [...argv], options: { vendor: { type: 'string', default: 'aliyun' }, url: { type: 'string', default: 'http://127.0.0.1:3000' }, 'api-port': { type: 'string', default: String(DEMO_SMS_PORT) }, phone: { type: 'string', default: '' }, fail: { type: 'boolean', default: false }, 'print-env': { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } }));
  } catch (error) {
    io.errors.write(`${error instanceof Error ? error.message : '参数有误'}\n\n${HELP}`);
    return 2;
  }
  const { vendor, phone } = values;
  const port = Number(values['api-port']);
  if ((vendor !== 'aliyun' && vendor !== 'tencent') || !Number.isInteger(port) || port < 0 || port > 65_535) {
    io.errors.write(`--vendor 是 aliyun 或 tencent，--api-port 是端口号\n\n${HELP}`);
    return 2;
  }
  if (values.help) {
    io.output.write(HELP);
    return 0;
  }
  if (values['print-env']) {
    for (const [name, value] of Object.entries({ ...DEMO_SMS[vendor], [`SMS_${vendor.toUpperCase()}_API_BASE`]: `http://127.0.0.1:${port}` })) io.output.write(`${name}='${value}'\n`);
    return 0;
  }
  return converse({ vendor, phone, port, baseUrl: values.url.replace(/\/+$/, ''), delivers: !values.fail }, io);
}

async function converse({ vendor, phone, port, baseUrl, delivers }: { readonly vendor: SmsVendorName; readonly phone: string; readonly port: number; readonly baseUrl: string; readonly delivers: boolean }, io: SmsIo): Promise<number> {
  const lines = createInterface({ input: io.input, crlfDelay: Number.POSITIVE_INFINITY });
  let code = 0;
  let count = 0;
  let last = phone;
  const session = Date.now().toString(36);
  let peer;
  try {
    peer = await createSmsPeer({ baseUrl, hookKey: DEMO_SMS.hookKey, port, now: Date.now });
  } catch {
    io.errors.write(`端口 ${port} 已被占用，请用 --api-port 换一个。\n`);
    lines.close();
    return 1;
  }
  const { report, reply, onSent, close, url } = peer;
  const tell = (what: string, status: number): void => {
    if (status !== 200) code = 1;
    io.output.write(`${what}：${status === 200 ? '网关已收下' : `网关答 ${status}`}\n`);
  };
  const deliver = async (sent: SentText): Promise<void> => {
    io.output.write(`短信 → ${sent.to}【${sent.sign}】模板 ${sent.template}：${sent.values.join('，')}\n`);
    try {
      tell(delivers ? '送达报告' : '未送达报告', await report(sent, delivers));
    } catch {
      code = 1;
      io.errors.write(`网关 ${baseUrl} 连不上\n`);
    }
  };
  // A report never comes before the answer to the send.
  onSent((sent) => {
    if (phone === '') last = sent.to.replace(/^\+86/, '');
    setTimeout(() => void deliver(sent), 300);
  });
  io.output.write(`短信平台在 ${url}，回调 ${baseUrl}/hooks/sms/${vendor}/…；输入市民回复的短信，Ctrl+D 结束\n`);
  for await (const line of lines) {
    const text = line.trim();
    if (text === '') continue;
    if (last === '') {
      io.output.write('还没有发出过短信：用 --phone 指定市民的号码\n');
      continue;
    }
    count += 1;
    try {
      tell('市民回复', await reply(vendor, last, text, `${session}${count}`));
    } catch {
      code = 1;
      io.errors.write(`网关 ${baseUrl} 连不上\n`);
    }
  }
  await close();
  return code;
}
