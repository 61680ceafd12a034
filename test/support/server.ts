import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

/** The gateway as operators run it: a process of its own, on a free port, that can be killed at any moment and started again. */

export interface ServerOptions {
  /** Settings on top of the defaults here (127.0.0.1, LOG_LEVEL silent, PUBLIC_URL as the url). The caller's own environment is not handed on. */
  readonly env?: Readonly<Record<string, string>>;
  readonly dataDir: string;
  /** A free one unless told; the port of the server before it when peers must find the new one. */
  readonly port?: number;
  /** Arguments of node itself, such as `--cpu-prof`. */
  readonly nodeArguments?: readonly string[];
  /** How far its clock runs ahead, ms: a restart that comes later than it does. Leases of the one before it are over by then. */
  readonly clockAheadMs?: number;
  /** Runs `dist/server/main.js`, as `npm start` does, instead of the sources. The caller sees to it that it is built. */
  readonly built?: boolean;
  /** Longest wait until it listens, ms. */
  readonly startMs?: number;
}

export interface RunningServer {
  /** `http://127.0.0.1:PORT`, no slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Everything it has written so far, both streams. */
  readonly output: string;
  /** Sends a signal (SIGKILL unless told) and resolves when the process is gone, however it ended. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it in order. Rejects, with its output, when it does not end by itself with code 0. Does nothing when it is gone. */
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_MS = 30_000;
const STOP_MS = 20_000;
/** The server dies with the process that started it, also when that one is killed: then this channel breaks. */
const DIE_TOGETHER = "process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))";
const clockAhead = (ms: number): string => `const now = Date.now; Date.now = () => now() + ${ms}`;
const preload = (code: string): readonly string[] => ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
const HANDED_ON = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG'] as const;

/**
 * Starts the gateway and resolves once it listens.
 * @throws Error with everything it wrote, when it ends or stays silent instead
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const inherited = Object.fromEntries(HANDED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  const ahead = options.clockAheadMs === undefined ? [] : preload(clockAhead(options.clockAheadMs));
  const child = spawn(process.execPath, [...(options.nodeArguments ?? []), ...(options.built === true ? [] : ['--import', 'tsx']), ...preload(DIE_TOGETHER), ...ahead, options.built === true ? 'dist/server/main.js' : 'src/main.ts'], {
    cwd: ROOT,
    env: { ...inherited, HOST: '127.0.0.1', PORT: String(port), PUBLIC_URL: url, LOG_LEVEL: 'silent', ...options.env, DATA_DIR: options.dataDir },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  const gone = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  child.stdout?.setEncoding('utf8').on('data', (text: string) => void (output += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => void (output += text));

  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    if (!isGone(child)) child.kill(signal);
    await gone;
  };

  try {
    await listening(child, () => output, options.startMs ?? START_MS);
  } catch (error) {
    await kill();
    throw new Error(`the server did not come up: ${error instanceof Error ? error.message : String(error)}\n${output}`, { cause: error });
  }

  return {
    url,
    port,
    pid: child.pid ?? -1,
    get output() {
      return output;
    },
    kill,
    stop: async () => {
      if (isGone(child)) return;
      const limit = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await kill('SIGTERM');
      clearTimeout(limit);
      if (child.exitCode !== 0) throw new Error(`the server ended with ${child.exitCode ?? child.signalCode ?? 'nothing'}\n${output}`);
    },
  };
}

/** Told by its own words, not by a request: another process may have taken the port. */
async function listening(child: ChildProcess, output: () => string, ms: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const done = (act: () => void): void => {
      clearTimeout(limit);
      child.off('error', failed).off('exit', ended);
      child.stdout?.off('data', look);
      act();
    };
    const look = (): void => {
      if (output().includes('is ready')) done(resolve);
    };
    const failed = (error: Error): void => done(() => reject(error));
    const ended = (code: number | null, signal: string | null): void => done(() => reject(new Error(`it ended with ${code ?? signal ?? 'nothing'}`)));
    const limit = setTimeout(() => done(() => reject(new Error(`nothing after ${ms} ms`))), ms);
    child.once('error', failed).once('exit', ended);
    child.stdout?.on('data', look);
  });
}

function isGone(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
