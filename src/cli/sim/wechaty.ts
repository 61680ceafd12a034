import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { createMockWechat } from '../../../channels/wechaty/testing/wechat.ts';
import { openHouse } from '../../main.ts';

/**
 * `npm run sim -- wechaty`: WeChat by Wechaty in the terminal. The puppet lives inside a gateway, so this one opens a house of
 * its own, with an empty store and wechaty-puppet-mock, and plays the people.
 */

const HELP = `用法: npm run sim -- wechaty [选项]

Wechaty 的“木偶”在网关里面，所以这里自己打开一个网关（空数据库、模拟木偶），您扮演微信里的人。
正式渠道是微信小程序；个人号自动化的风险见 channels/wechaty/README.md。

选项:
  -h, --help   本说明

对话中输入（也可以从管道读入，每行一次）:
  一句话            私聊发给账号
  /room 一句话      在群里说（不提到账号，应没有反应）
  /at 一句话        在群里提到账号（群里只有一句固定的话，答复在私聊）
  /image            发一张图片
  /logout  /login   账号退出、登录
  /break            让木偶崩溃（稍后自动重开）
  /quit             结束；输入结束也会结束
`;

const SMALL_PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const ROOM = 'sim@chatroom';
/** An answer takes so long at most, and nothing more comes after it, ms. */
const QUIET_MS = 1_500;

export interface WechatyIo {
  readonly input: NodeJS.ReadableStream;
  readonly output: { write(text: string): unknown };
  readonly errors: { write(text: string): unknown };
}

const processIo: WechatyIo = { input: process.stdin, output: process.stdout, errors: process.stderr };

/** @returns the exit code: 0 all went well, 2 wrong arguments */
export async function runWechaty(argv: readonly string[], io: WechatyIo = processIo): Promise<number> {
  if (argv.length > 0) {
    const help = argv.length === 1 && (argv[0] === '--help' || argv[0] === '-h');
    (help ? io.output : io.errors).write(HELP);
    return help ? 0 : 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'yihu-sim-'));
  const wechat = createMockWechat();
  const house = await openHouse({ env: { ...wechat.env, PATH: process.env['PATH'], DATA_DIR: folder, ADMIN_PASSWORD: randomUUID() }, logger: pino({ level: 'silent' }) });
  let heardAt = Date.now();
  const stop = wechat.onSent((to, text) => {
    heardAt = Date.now();
    io.output.write(`一呼${to === ROOM ? '（群里）' : ''}：${text}\n`);
  });
  const lines = createInterface({ input: io.input, crlfDelay: Number.POSITIVE_INFINITY });
  // Attached before anything is waited for, so that piped lines are not lost meanwhile.
  const typed = lines[Symbol.asyncIterator]();
  try {
    io.output.write('（木偶正在启动…）\n');
    await wechat.logIn();
    io.output.write('（账号已登录）\n');
    for await (const raw of typed) {
      const line = raw.trim();
      if (line === '') continue;
      if (line === '/quit') break;
      await act(line, wechat, io);
      heardAt = Date.now();
      while (Date.now() - heardAt < QUIET_MS) await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return 0;
  } finally {
    stop();
    lines.close();
    await house.close();
    wechat.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function act(line: string, wechat: ReturnType<typeof createMockWechat>, io: WechatyIo): Promise<void> {
  const [command = ''] = line.split(/\s+/);
  const rest = line.slice(command.length).trim();
  const say = (text: string, change: object = {}): void => wechat.arrive({ id: randomUUID(), type: 'Text', talkerId: 'wxid_sim', talkerName: '模拟市民', text, at: Date.now(), ...change });
  if (!command.startsWith('/')) return say(line);
  switch (command) {
    case '/room':
      return say(rest, { roomId: ROOM });
    case '/at':
      return say(`@一呼 ${rest}`, { roomId: ROOM, mention: true });
    case '/image':
      return say('', { type: 'Image', file: { name: '图片.png', base64: SMALL_PNG } });
    case '/logout':
      return wechat.order({ command: 'logout' });
    case '/login':
      return wechat.order({ command: 'login' });
    case '/break':
      wechat.order({ command: 'throw' });
      io.output.write('（木偶崩溃了，稍后重开…）\n');
      return wechat.logIn();
    default:
      io.output.write(`（没有命令 ${command}；--help 列出所有命令）\n`);
  }
}
