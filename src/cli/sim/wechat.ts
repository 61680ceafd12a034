import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { ACCOUNTS, readArguments, type WechatAccount, type WechatArguments } from './wechat-arguments.ts';
import { help } from './wechat-help.ts';
import { createWechatPeer, readPassive, type PushField, type PushFormat, type PushResult, type WechatPeer } from './wechat-peer.ts';
import { createWechatStandIn, type SentMessage, type WechatStandIn } from './wechat-stand-in.ts';

export { createWechatStandIn } from './wechat-stand-in.ts';

/** `npm run sim -- wechat` and `wechat-official`: a chat with one of our WeChat accounts in the terminal, both sides of WeChat included. */

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
  | { readonly event: 'received'; readonly type: string; readonly text: string; readonly body: Readonly<Record<string, unknown>>; readonly passive?: true }
  | { readonly event: 'refused'; readonly errcode: number | null }
  | { readonly event: 'typing' }
  | { readonly event: 'quota'; readonly left: number }
  | { readonly event: 'note'; readonly text: string };

/** @returns the exit code: 0 all went well, 1 the gateway refused or did not answer, 2 wrong arguments */
export async function runWechat(argv: readonly string[], io: WechatIo = processIo, of: WechatAccount = 'mini-program'): Promise<number> {
  const given = readArguments(argv, io.env, of);
  if (typeof given === 'string') {
    io.errors.write(`${given}\n\n${help(of)}`);
    return 2;
  }
  if (given.help) {
    io.output.write(help(of));
    return 0;
  }
  if (given.printEnv) {
    io.output.write(gatewaySettings(given, `http://127.0.0.1:${given.apiPort}`));
    return 0;
  }
  const tell = (event: SimEvent): void => void io.output.write(given.json ? `${JSON.stringify(event)}\n` : `${describe(event)}\n`);
  let standIn: WechatStandIn;
  try {
    standIn = await createWechatStandIn({ appId: given.credentials.appId, secret: given.secret, account: of, port: given.apiPort });
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
  const { prefix } = ACCOUNTS[given.of];
  return [`${prefix}APPID=${appId}`, `${prefix}SECRET=${given.secret}`, `${prefix}TOKEN=${token}`, `${prefix}AES_KEY=${aesKey}`, `WECHAT_API_BASE=${apiBase}`, ...(given.mode === 'plain' ? ['WECHAT_ALLOW_PLAIN=true'] : []), ''].join('\n');
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
  const peer = createWechatPeer({ hookUrl: `${given.url}${ACCOUNTS[given.of].hook}`, credentials: given.credentials, mode: given.mode, format: given.format, account: given.account, openid: given.openid, ...(io.answerTimeoutMs === undefined ? {} : { timeoutMs: io.answerTimeoutMs }) });
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
  const special = given.of === 'official' ? await sayToOfficial(session, command, argument) : null;
  if (special !== null) return special;
  switch (given.of === 'official' && (command === '/card' || command === '/enter') ? '' : command) {
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

/** What only official accounts know; null: another command. */
async function sayToOfficial(session: Session, command: string, argument: string): Promise<LineResult | null> {
  const { peer, standIn, given } = session;
  const act = async (name: string, key: string): Promise<LineResult> => {
    if (name !== 'unsubscribe') standIn.citizenEntered(given.openid);
    const done = report(session, name, await peer.push(peer.event(name, key), session.format));
    return name === 'unsubscribe' ? 'done' : done;
  };
  switch (command) {
    case '/voice':
      return say(session, 'voice', peer.voice(standIn.addPicture(Buffer.from('#!AMR\n'), 'audio/amr').mediaId, argument));
    case '/place':
      return say(session, 'location', peer.place('23.020536', '113.751765', argument));
    case '/link':
      return say(session, 'link', peer.link(argument === '' ? '一篇文章' : argument, 'https://example.com/article'));
    case '/follow':
      return act('subscribe', argument === '' ? '' : `qrscene_${argument}`);
    case '/scan':
      return act('SCAN', argument);
    case '/click':
      return act('CLICK', argument);
    case '/leave':
      return act('unsubscribe', '');
    default:
      return null;
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
  const answer = result.taken ? heard(session, result.attempts.at(-1)?.body ?? '') : null;
  session.tell({ event: 'pushed', type, taken: result.taken, attempts: result.attempts.length, status: result.attempts.at(-1)?.status ?? null });
  if (answer !== null) session.tell({ event: 'received', type: 'text', text: answer, body: {}, passive: true });
  return result.taken && answer === null ? 'wants-answer' : 'done';
}

/** The text in the answer to a push. One that WeChat would not accept counts as a push that failed. */
function heard(session: Session, body: string): string | null {
  const { credentials, mode, account, openid } = session.given;
  try {
    return readPassive(body, { credentials, mode, account, openid });
  } catch (error) {
    session.failed += 1;
    session.tell({ event: 'note', text: `网关的应答微信不会接受：${error instanceof Error ? error.message : String(error)}` });
    return null;
  }
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
  return message.type === 'link' || message.type === 'news' ? `［链接 ${message.text}］` : `［小程序 ${message.text}］`;
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
      return `${event.passive === true ? '一呼（应答）' : '一呼'}：${event.text}`;
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
