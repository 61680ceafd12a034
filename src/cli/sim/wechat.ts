import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { readArguments, type WechatArguments } from './wechat-arguments.ts';
import { createWechatPeer, type PushField, type PushFormat, type PushResult, type WechatPeer } from './wechat-peer.ts';
import { createWechatStandIn, type SentMessage, type WechatStandIn } from './wechat-stand-in.ts';

export { createWechatStandIn } from './wechat-stand-in.ts';

/** `npm run sim -- wechat`: a mini-program's customer chat in the terminal, both sides of WeChat included. */

const HELP = `用法: npm run sim -- wechat [选项]

像微信一样与正在运行的网关对话：把您输入的话签名、加密后推送给网关，没有应答就重发，并在本机提供
微信接口（取令牌、发客服消息、正在输入、上传和下载图片），网关的回答显示在这里。

选项:
  --url URL         网关地址，默认 http://127.0.0.1:3000
  --api-port PORT   本机微信接口的端口，默认 9191；网关的 WECHAT_API_BASE 要指向它
  --mode MODE       safe 安全模式（默认）、compatible 兼容模式、plain 明文模式
  --format FORMAT   推送格式 xml（默认）或 json
  --openid ID       市民的 openid
  --account ID      小程序的原始 ID
  --wait SECONDS    从管道读入时，每一句最多等多少秒回答，默认 5
  --print-env       打印网关要用的设置后退出
  --json            每件事打印一行 JSON
  -h, --help        本说明

与网关相同的 WECHAT_APPID、WECHAT_SECRET、WECHAT_TOKEN、WECHAT_AES_KEY 取自环境变量；没有则用演示值。

对话中输入（也可以从管道读入，每行一次）:
  一句话                  发送文字
  /image [文件]           发送图片；不写文件则发一张内置的小图
  /card 标题              发送小程序卡片
  /enter [session-from]   进入会话（五秒内应有问候）
  /resend                 把上一条再推送一次，网关不应再回答
  /json                   在 XML 和 JSON 之间切换推送格式
  /quota                  现在还能收到几条
  /fail 错误码            下一次发消息时微信接口回答这个错误码
  /quit                   结束；输入结束也会结束

退出码: 0 正常；1 网关没有应答或拒绝了推送；2 参数不对。
`;

export interface WechatIo {
  readonly input: NodeJS.ReadableStream;
  readonly output: { write(text: string): unknown };
  readonly errors: { write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Longest wait for the gateway's answer to a push, ms; WeChat's 5 s unless told. */
  readonly answerTimeoutMs?: number;
  /** How long nothing must come after the last line before the end; 1.5 s unless told, enough for an answer in several sends. */
  readonly quietMs?: number;
}

const SEND = '/cgi-bin/message/custom/send';
const TYPING = '/cgi-bin/message/custom/typing';

const processIo: WechatIo = { input: process.stdin, output: process.stdout, errors: process.stderr, env: process.env };

/** What happens, for the screen and for programs (`--json`). */
type SimEvent =
  | { readonly event: 'checked'; readonly taken: boolean; readonly status: number | null }
  | { readonly event: 'pushed'; readonly type: string; readonly taken: boolean; readonly attempts: number; readonly status: number | null }
  | { readonly event: 'received'; readonly type: string; readonly text: string; readonly body: Readonly<Record<string, unknown>> }
  | { readonly event: 'refused'; readonly errcode: number | null }
  | { readonly event: 'typing' }
  | { readonly event: 'quota'; readonly left: number }
  | { readonly event: 'note'; readonly text: string };

/** @returns the exit code: 0 all went well, 1 the gateway refused or did not answer, 2 wrong arguments */
export async function runWechat(argv: readonly string[], io: WechatIo = processIo): Promise<number> {
  const given = readArguments(argv, io.env);
  if (typeof given === 'string') {
    io.errors.write(`${given}\n\n${HELP}`);
    return 2;
  }
  if (given.help) {
    io.output.write(HELP);
    return 0;
  }
  if (given.printEnv) {
    io.output.write(gatewaySettings(given, `http://127.0.0.1:${given.apiPort}`));
    return 0;
  }
  const tell = (event: SimEvent): void => void io.output.write(given.json ? `${JSON.stringify(event)}\n` : `${describe(event)}\n`);
  let standIn: WechatStandIn;
  try {
    standIn = await createWechatStandIn({ appId: given.credentials.appId, secret: given.secret, port: given.apiPort });
  } catch {
    io.errors.write(`端口 ${given.apiPort} 已被占用，请用 --api-port 换一个，并让网关的 WECHAT_API_BASE 指向它。\n`);
    return 1;
  }
  try {
    return await converse(given, io, standIn, tell);
  } finally {
    await standIn.close();
  }
}

/** Environment of a gateway that talks to this simulator. */
function gatewaySettings(given: WechatArguments, apiBase: string): string {
  const { appId, token, aesKey } = given.credentials;
  return [`WECHAT_APPID=${appId}`, `WECHAT_SECRET=${given.secret}`, `WECHAT_TOKEN=${token}`, `WECHAT_AES_KEY=${aesKey}`, `WECHAT_API_BASE=${apiBase}`, ...(given.mode === 'plain' ? ['WECHAT_ALLOW_PLAIN=true'] : []), ''].join('\n');
}

async function converse(given: WechatArguments, io: WechatIo, standIn: WechatStandIn, tell: (event: SimEvent) => void): Promise<number> {
  const lines = createInterface({ input: io.input, crlfDelay: Number.POSITIVE_INFINITY });
  // Attached before the first network call, so that piped lines are not lost meanwhile.
  const iterator = lines[Symbol.asyncIterator]();
  const unsubscribe = [
    standIn.onSent((message) => tell({ event: 'received', type: message.type, text: wordsOf(message), body: message.body })),
    standIn.onCall((call) => {
      if (call.path === TYPING && call.errcode === 0) tell({ event: 'typing' });
      if (call.path === SEND && call.errcode !== 0) tell({ event: 'refused', errcode: call.errcode });
    }),
  ];
  const peer = createWechatPeer({ hookUrl: `${given.url}/hooks/wechat/miniprogram`, credentials: given.credentials, mode: given.mode, format: given.format, account: given.account, openid: given.openid, ...(io.answerTimeoutMs === undefined ? {} : { timeoutMs: io.answerTimeoutMs }) });
  const session: Session = { given, peer, standIn, tell, format: given.format, failed: 0 };
  try {
    const checked = await peer.checkUrl();
    tell({ event: 'checked', taken: checked.taken, status: checked.attempts[0]?.status ?? null });
    if (!checked.taken) {
      io.errors.write(`请用下面的设置启动网关（或让两边的 WECHAT_* 设置一致）：\n${gatewaySettings(given, standIn.url)}`);
      return 1;
    }
    for (;;) {
      const next = await iterator.next();
      if (next.done === true || next.value.trim() === '/quit') break;
      const taken = takeLine(session, next.value.trim());
      // Read from a pipe, the next line waits for the answer, as a person would.
      await (isTerminal(io.input) ? taken : untilAnswered(standIn, taken, given.waitMs));
    }
    await untilQuiet(standIn, io.quietMs ?? 1500);
    return session.failed === 0 ? 0 : 1;
  } finally {
    for (const stop of unsubscribe) stop();
    lines.close();
  }
}

interface Session {
  readonly given: WechatArguments;
  readonly peer: WechatPeer;
  readonly standIn: WechatStandIn;
  readonly tell: (event: SimEvent) => void;
  format: PushFormat;
  failed: number;
}

/** Whether the gateway should say something now. */
type LineResult = 'wants-answer' | 'done';

async function takeLine(session: Session, line: string): Promise<LineResult> {
  const { peer, standIn, given } = session;
  const tell = (event: SimEvent): LineResult => {
    session.tell(event);
    return 'done';
  };
  const [command = '', ...rest] = line.split(/\s+/);
  const argument = rest.join(' ');
  if (line === '') return 'done';
  if (!command.startsWith('/')) return say(session, 'text', peer.text(line));
  switch (command) {
    case '/image':
      return sayPicture(session, argument);
    case '/card':
      return say(session, 'miniprogrampage', peer.card(argument === '' ? '小程序页面' : argument, 'pages/index/index'));
    case '/enter':
      standIn.citizenEntered(given.openid);
      return report(session, 'enter', await peer.push(peer.enter(argument), session.format));
    case '/resend': {
      const result = await peer.resend();
      if (result === null) return tell({ event: 'note', text: '还没有推送过' });
      report(session, 'resend', result);
      return 'done';
    }
    case '/json':
      session.format = session.format === 'json' ? 'xml' : 'json';
      return tell({ event: 'note', text: `推送格式现在是 ${session.format}` });
    case '/quota':
      return tell({ event: 'quota', left: standIn.left(given.openid) });
    case '/fail': {
      if (!/^-?\d{1,6}$/.test(argument)) return tell({ event: 'note', text: '用法: /fail 错误码，例如 /fail 45047' });
      standIn.failNext(Number(argument));
      return tell({ event: 'note', text: `下一次发消息会得到错误码 ${argument}` });
    }
    default:
      return tell({ event: 'note', text: `没有命令 ${command}；--help 列出所有命令` });
  }
}

/** A message grants its sends before it is pushed, as at WeChat. */
async function say(session: Session, type: string, fields: readonly PushField[]): Promise<LineResult> {
  session.standIn.citizenWrote(session.given.openid);
  return report(session, type, await session.peer.push(fields, session.format));
}

/** A street lamp would be nicer; one pixel is enough to be a picture. */
const SMALL_PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');

async function sayPicture(session: Session, file: string): Promise<LineResult> {
  let bytes = SMALL_PNG;
  if (file !== '') {
    try {
      bytes = await readFile(file);
    } catch {
      session.tell({ event: 'note', text: `读不到文件 ${file}` });
      return 'done';
    }
  }
  const { mediaId, picUrl } = session.standIn.addPicture(bytes, bytes.subarray(0, 2).equals(Buffer.from([0xff, 0xd8])) ? 'image/jpeg' : 'image/png');
  return say(session, 'image', session.peer.image(picUrl, mediaId));
}

function report(session: Session, type: string, result: PushResult): LineResult {
  if (!result.taken) session.failed += 1;
  session.tell({ event: 'pushed', type, taken: result.taken, attempts: result.attempts.length, status: result.attempts.at(-1)?.status ?? null });
  return result.taken ? 'wants-answer' : 'done';
}

function isTerminal(input: NodeJS.ReadableStream): boolean {
  return 'isTTY' in input && input.isTTY === true;
}

/** After a line that deserves an answer: resolves with the first send, taken or refused, or after the wait. */
async function untilAnswered(standIn: WechatStandIn, line: Promise<LineResult>, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => undefined;
  // Listening from the start: the answer may come before the push itself is done.
  const answered = new Promise<void>((resolve) => {
    stop = standIn.onCall((call) => {
      if (call.path === SEND) resolve();
    });
  });
  try {
    if ((await line) === 'wants-answer') await Promise.race([answered, new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)))]);
  } finally {
    clearTimeout(timer);
    stop();
  }
}

/** Resolves when no send has come for the given time. */
async function untilQuiet(standIn: WechatStandIn, quietMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      stop();
      resolve();
    }, quietMs);
    const stop = standIn.onSent(() => void timer.refresh());
  });
}

function wordsOf(message: SentMessage): string {
  if (message.type === 'text') return message.text;
  if (message.type === 'image') return `［图片 ${message.text}］`;
  return message.type === 'link' ? `［链接 ${message.text}］` : `［小程序 ${message.text}］`;
}

function describe(event: SimEvent): string {
  switch (event.event) {
    case 'checked':
      return event.taken ? '✓ 网关通过了 URL 验证' : `✗ URL 验证没有通过（${event.status === null ? '网关没有应答' : `HTTP ${event.status}`}）`;
    case 'pushed': {
      const times = event.attempts > 1 ? `，推送了 ${event.attempts} 次` : '';
      if (event.taken) return event.attempts > 1 || event.type === 'resend' ? `↑ 已送达${times}` : '↑ 已送达';
      return `✗ ${event.status === null ? '网关没有应答' : `网关回答 HTTP ${event.status}`}${times}；微信会提示市民：服务暂不可用`;
    }
    case 'received':
      return `一呼：${event.text}`;
    case 'refused':
      return `（微信接口拒绝了网关的一条回答，错误码 ${event.errcode ?? '无'}）`;
    case 'typing':
      return '（对方正在输入…）';
    case 'quota':
      return `还能收到 ${event.left} 条`;
    case 'note':
      return `（${event.text}）`;
  }
}
