import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { createConnector, type Connector, type Sent } from '../../../channels/botframework/testing/connector.ts';
import type { JsonObject } from '../../domain/json.ts';

/** `npm run sim -- botframework`: a citizen on a channel of the Azure Bot Service, with the service's own side on this machine. */

const HELP = `用法: npm run sim -- botframework [选项]

像 Azure Bot Service 一样与正在运行的网关对话：在本机提供密钥、登录和 Bot Connector，把您输入的话签名后发给网关，
网关的回答显示在这里。

选项:
  --url URL         网关地址，默认 http://127.0.0.1:3000
  --api-port PORT   本机服务的端口，默认 9193；网关的 BOTFRAMEWORK_* 要指向它
  --replies         用 expectReplies：回答放在 HTTP 应答里
  --print-env       打印网关要用的设置后退出
  --json            每件事打印一行 JSON
  -h, --help        本说明

对话中输入（也可以从管道读入，每行一次）:
  一句话              发送文字
  /enter              进入会话（conversationUpdate）
  /initiate           另一个机器人转来（handoff.initiate）
  /status 状态        转接状态（handoff.status：accepted、failed、completed）
  /resend             把上一条再发一次
  /quit               结束；输入结束也会结束

退出码: 0 正常；1 网关没有应答或拒绝；2 参数不对。
`;

export interface BotFrameworkIo {
  readonly input: NodeJS.ReadableStream;
  readonly output: { write(text: string): unknown };
  readonly errors: { write(text: string): unknown };
  /** How long nothing must come after the last line before the end; 1.5 s unless told. */
  readonly quietMs?: number;
}

const processIo: BotFrameworkIo = { input: process.stdin, output: process.stdout, errors: process.stderr };
const DEFAULT_PORT = 9193;

type SimEvent =
  | { readonly event: 'posted'; readonly type: string; readonly status: number | null }
  | { readonly event: 'received'; readonly type: string; readonly text: string; readonly activity: JsonObject }
  | { readonly event: 'note'; readonly text: string };

/** @returns the exit code: 0 all went well, 1 the gateway refused or did not answer, 2 wrong arguments */
export async function runBotFramework(argv: readonly string[], io: BotFrameworkIo = processIo): Promise<number> {
  let given: ReturnType<typeof readArguments>;
  try {
    given = readArguments(argv);
  } catch (error) {
    io.errors.write(`${error instanceof Error ? error.message : 'wrong arguments'}\n\n${HELP}`);
    return 2;
  }
  if (given.help) {
    io.output.write(HELP);
    return 0;
  }
  const serviceUrl = `http://127.0.0.1:${given.port}`;
  let connector: Connector;
  try {
    connector = await createConnector({ port: given.port, serviceUrl });
  } catch {
    io.errors.write(`端口 ${given.port} 已被占用，请用 --api-port 换一个。\n`);
    return 1;
  }
  try {
    if (given.printEnv) {
      io.output.write(Object.entries(connector.env).map(([name, value]) => `${name}=${value}\n`).join(''));
      return 0;
    }
    return await converse(given, connector, serviceUrl, io);
  } finally {
    await connector.close();
  }
}

function readArguments(argv: readonly string[]): { url: string; port: number; replies: boolean; printEnv: boolean; json: boolean; help: boolean } {
  const { values } = parseArgs({
    args: [...argv],
    options: { url: { type: 'string' }, 'api-port': { type: 'string' }, replies: { type: 'boolean' }, 'print-env': { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  const port = values['api-port'] === undefined ? DEFAULT_PORT : Number(values['api-port']);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--api-port 要是 0 到 65535 的整数');
  const url = (values.url ?? 'http://127.0.0.1:3000').replace(/\/+$/, '');
  if (!URL.canParse(url)) throw new Error('--url 不是网址');
  return { url, port, replies: values.replies ?? false, printEnv: values['print-env'] ?? false, json: values.json ?? false, help: values.help ?? false };
}

async function converse(given: ReturnType<typeof readArguments>, connector: Connector, serviceUrl: string, io: BotFrameworkIo): Promise<number> {
  const tell = (event: SimEvent): void => void io.output.write(given.json ? `${JSON.stringify(event)}\n` : `${describe(event)}\n`);
  let heardAt = Date.now();
  const hear = (activity: JsonObject): void => {
    heardAt = Date.now();
    tell({ event: 'received', type: String(activity['type']), text: wordsOf(activity), activity });
  };
  const unsubscribe = connector.onSent(({ activity }: Sent) => hear(activity));
  const conversation = { id: `sim-${randomUUID()}`, conversationType: 'personal' };
  let failed = 0;
  let last: JsonObject | null = null;
  const post = async (activity: JsonObject): Promise<void> => {
    last = activity;
    const response = await fetch(`${given.url}/hooks/botframework`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: connector.authorization() }, body: JSON.stringify(activity) }).catch(() => null);
    if (response?.ok !== true) failed += 1;
    tell({ event: 'posted', type: String(activity['type']), status: response?.status ?? null });
    const body = (await response?.text()) ?? '';
    const answer: { activities?: JsonObject[] } = response?.ok === true && body !== '' ? JSON.parse(body) : {};
    for (const one of answer.activities ?? []) hear(one);
    heardAt = Date.now();
  };
  const make = (change: JsonObject): JsonObject => ({
    id: randomUUID(), channelId: 'msteams', serviceUrl, conversation, from: { id: 'sim-citizen', name: '模拟市民' }, recipient: { id: 'sim-bot', name: '12345' }, locale: 'zh-CN', timestamp: new Date().toISOString(),
    ...(given.replies ? { deliveryMode: 'expectReplies' } : {}), ...change,
  });
  const lines = createInterface({ input: io.input, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const raw of lines) {
      const line = raw.trim();
      const [command = '', argument = ''] = line.split(/\s+/);
      if (line === '') continue;
      if (line === '/quit') break;
      if (!line.startsWith('/')) await post(make({ type: 'message', text: line }));
      else if (command === '/enter') await post(make({ type: 'conversationUpdate', membersAdded: [{ id: 'sim-citizen' }] }));
      else if (command === '/initiate') await post(make({ type: 'event', name: 'handoff.initiate', value: { source: 'sim' }, attachments: [{ contentType: 'application/json', name: 'Transcript', content: { activities: [] } }] }));
      else if (command === '/status') await post(make({ type: 'event', name: 'handoff.status', value: { state: argument } }));
      else if (command === '/resend' && last !== null) await post(last);
      else tell({ event: 'note', text: `没有命令 ${command}；--help 列出所有命令` });
    }
    const quiet = io.quietMs ?? 1_500;
    while (Date.now() - heardAt < quiet) await new Promise((resolve) => setTimeout(resolve, quiet - (Date.now() - heardAt)));
    return failed === 0 ? 0 : 1;
  } finally {
    unsubscribe();
    lines.close();
  }
}

function wordsOf(activity: JsonObject): string {
  if (activity['type'] === 'event') return `［事件 ${String(activity['name'])} ${JSON.stringify(activity['value'] ?? null)}］`;
  return typeof activity['text'] === 'string' ? activity['text'] : `［${String(activity['type'])}］`;
}

function describe(event: SimEvent): string {
  switch (event.event) {
    case 'posted':
      return event.status !== null && event.status < 300 ? '↑ 已送达' : `✗ ${event.status === null ? '网关没有应答' : `网关回答 HTTP ${event.status}`}`;
    case 'received':
      return `一呼：${event.text}`;
    case 'note':
      return `（${event.text}）`;
  }
}
