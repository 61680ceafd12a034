import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { DEMO_API_PORT, DEMO_PHONE, DEMO_WECHAT, DEMO_WECHAT_OFFICIAL } from './sim/demo-settings.ts';

/** `npm run dev`: the gateway with the settings of both simulated peers, started anew when a file changes. */

const HELP = `用法: npm run dev [-- 选项]

启动网关，带上模拟电话和模拟微信的设置，src、channels、flows、config 有改动就重新启动。
数据放在 ./data/dev，与 npm start 的 ./data 分开。

选项:
  --no-watch   改动后不重新启动
  -h, --help   本说明

环境变量里有的设置优先，例如 PORT=3100 npm run dev。

退出码: 0 被 Ctrl-C 或 SIGTERM 结束；2 参数或环境不对；其他是网关自己的退出码。
`;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DATA_DIR = './data/dev';
/** Imported modules are watched by themselves; these are read as files. */
const WATCHED = ['./src/**/*', './channels/**/*', './flows/**/*', './config/**/*'];
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type Env = Readonly<Record<string, string | undefined>>;

/** The gateway's environment: what is set wins, what is missing comes from the simulated peers. */
export function devSettings(env: Env): Record<string, string | undefined> {
  const demo = { ...DEMO_PHONE, ...DEMO_WECHAT, ...DEMO_WECHAT_OFFICIAL, WECHAT_API_BASE: `http://127.0.0.1:${DEMO_API_PORT}`, DATA_DIR };
  const missing = Object.entries(demo).filter(([name]) => (env[name]?.trim() ?? '') === '');
  return { ...env, ...Object.fromEntries(missing) };
}

/** Node's arguments; `tsx watch` starts the gateway as its child and ends it in order before it starts the next. */
export function devArguments(watch: boolean): readonly string[] {
  if (!watch) return ['--import', 'tsx', 'src/main.ts'];
  const tsx = createRequire(import.meta.url).resolve('tsx/cli');
  return [tsx, 'watch', '--clear-screen=false', ...WATCHED.flatMap((pattern) => ['--include', pattern]), 'src/main.ts'];
}

/** The watcher with the gateway under it. */
export interface DevChild {
  /** Asks the watcher to end; it ends the gateway in order first. */
  kill(signal: NodeJS.Signals): void;
  /** Ends both at once. */
  killAll(): void;
  /** Resolves with the exit code, null when a signal ended it; rejects when it could not be started. */
  readonly ended: Promise<number | null>;
}

export interface DevIo {
  readonly env: Env;
  readonly output: { write(text: string): unknown };
  readonly errors: { write(text: string): unknown };
  /** Where signals come from. */
  readonly signals: { on(signal: NodeJS.Signals, listener: () => void): unknown; off(signal: NodeJS.Signals, listener: () => void): unknown };
  readonly start: (nodeArguments: readonly string[], env: Record<string, string | undefined>) => DevChild;
}

const processIo: DevIo = {
  env: process.env,
  output: process.stdout,
  errors: process.stderr,
  signals: process,
  start: startChild,
};

/** @returns the exit code: 0 ended by a signal, 2 wrong arguments or environment, else the gateway's own */
export async function runDev(argv: readonly string[], io: DevIo = processIo): Promise<number> {
  const options = readArguments(argv);
  if (typeof options === 'string') {
    io.errors.write(`${options}\n\n${HELP}`);
    return 2;
  }
  if (options.help) {
    io.output.write(HELP);
    return 0;
  }
  if (io.env['NODE_ENV'] === 'production') {
    io.errors.write('NODE_ENV 是 production：演示用的密钥是公开的，正式环境请用 npm start\n');
    return 2;
  }
  const settings = devSettings(io.env);
  io.output.write(greeting(settings));
  return follow(io.start(devArguments(options.watch), settings), io);
}

function readArguments(argv: readonly string[]): { readonly watch: boolean; readonly help: boolean } | string {
  try {
    const { values } = parseArgs({ args: [...argv], options: { 'no-watch': { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } } });
    return { watch: !values['no-watch'], help: values.help };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function greeting(settings: Env): string {
  const given = (name: string, fallback: string): string => settings[name]?.trim() || fallback;
  const host = given('HOST', '127.0.0.1');
  const url = `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${given('PORT', '3000')}`;
  const to = url === 'http://127.0.0.1:3000' ? '' : ` --url ${url}`;
  const publicUrl = given('PUBLIC_URL', '');
  const phone = `npm run sim -- phone${to}${publicUrl === '' || publicUrl === url ? '' : ` --public-url ${publicUrl}`}`;
  const warning = ['127.0.0.1', 'localhost', '::1'].includes(host) ? '' : `  注意：HOST=${host}，外面也连得上，而模拟对端的密钥是公开的。\n`;
  return `一呼开发模式，数据在 ${given('DATA_DIR', DATA_DIR)}；另开一个终端就能对话：\n  ${phone.padEnd(24)}打电话\n  ${`npm run sim -- wechat${to}`.padEnd(24)}微信小程序\n  ${`npm run sim -- wechat-official${to}`.padEnd(24)} 公众号\n  ${`${url}/`.padEnd(24)}网页聊天\n${warning}`;
}

/** Hands signals on, the second one as SIGKILL, and resolves when the child has ended. */
async function follow(child: DevChild, io: DevIo): Promise<number> {
  let asked = 0;
  const listeners = FORWARDED.map((signal) => {
    const listener = (): void => {
      asked += 1;
      if (asked === 1) child.kill(signal);
      else child.killAll();
    };
    io.signals.on(signal, listener);
    return () => io.signals.off(signal, listener);
  });
  try {
    const code = await child.ended;
    return asked > 0 ? 0 : (code ?? 1);
  } catch (error) {
    io.errors.write(`启动不了：${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    for (const stop of listeners) stop();
  }
}

/** In a group of its own: Ctrl-C in the terminal then comes to us alone and is handed on once, not twice. */
function startChild(nodeArguments: readonly string[], env: Record<string, string | undefined>): DevChild {
  const grouped = process.platform !== 'win32';
  const child = spawn(process.execPath, nodeArguments, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'], detached: grouped });
  return {
    kill: (signal) => void child.kill(signal),
    killAll: () => {
      try {
        if (grouped && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        else child.kill('SIGKILL');
      } catch {
        // Gone already.
      }
    },
    ended: new Promise((resolve, reject) => {
      child.once('exit', resolve).once('error', reject);
    }),
  };
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runDev(process.argv.slice(2));
