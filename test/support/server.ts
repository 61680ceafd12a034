import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { argumentsOf, childrenOf } from '../bench/processor.ts';

/** The gateway as operators run it: a process of its own, on a free port, that can be killed at any moment and started again. */

export interface ServerOptions {
  /** Settings on top of the defaults here (127.0.0.1, LOG_LEVEL silent, PUBLIC_URL as the url, STORM_MODE off: many messages at once are no storm in a test). The caller's own environment is not handed on. */
  readonly env?: Readonly<Record<string, string>>;
  readonly dataDir: string;
  /** A free one unless told; the port of the server before it when peers must find the new one. */
  readonly port?: number;
  /** Arguments of node itself, such as `--cpu-prof` or `SHORT_LIVED`. */
  readonly nodeArguments?: readonly string[];
  /** How far its clock runs ahead, ms: a restart that comes later than it does. Leases of the one before it are over by then. */
  readonly clockAheadMs?: number;
  /**
   * Runs `dist/server/main.js`, as `npm start` does, instead of the sources: it starts faster. True: the caller sees to it that
   * it is built. `when-fresh`: only if no source is newer.
   */
  readonly built?: boolean | 'when-fresh';
  /** Longest wait until it listens, ms. */
  readonly startMs?: number;
}

export interface RunningServer {
  /** `http://127.0.0.1:PORT`, no slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Its processes with PROCESSES, in the order of their numbers; what else it has started (tsx's compiler) is none. Linux only. */
  readonly processes: readonly number[];
  /** Everything it has written so far, both streams. */
  readonly output: string;
  /** Resolves when the process has ended, for whatever reason. */
  readonly gone: Promise<void>;
  /** Stops and continues it without its knowing (SIGSTOP, SIGCONT). */
  freeze(): void;
  thaw(): void;
  /** Sends a signal (SIGKILL unless told) and resolves when the process is gone, however it ended. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Sets how far its clock runs ahead of the machine's, ms, while it runs: a jump, forwards or backwards. A paused one jumps when it goes on. */
  setClock(aheadMs: number): void;
  /** Stops it in order. Rejects, with its output, when it does not end by itself with code 0. Does nothing when it is gone. */
  stop(): Promise<void>;
}

/** For one that is killed or stopped within seconds: it need not optimize code that it will not run again, and starts with a sixth less. */
export const SHORT_LIVED = ['--no-opt'] as const;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_MS = 120_000;
const STOP_MS = 20_000;
/** The server dies with the process that started it, also when that one is killed: then this channel breaks. Processes of its own (PROCESSES) see to that themselves. */
const DIE_TOGETHER = "import cluster from 'node:cluster'; if (cluster.isPrimary) process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))";
/** `Date.now` alone: nothing in the house reads the clock another way. The listener must not keep a server alive that wants to end; its processes, also later ones, are told in their turn. */
const clockAhead = (ms: number): string => `import cluster from 'node:cluster';
const now = Date.now; let ahead = ${ms}; Date.now = () => now() + ahead;
process.on('message', (message) => { if (typeof message?.aheadMs !== 'number') return; ahead = message.aheadMs; for (const worker of Object.values(cluster.workers ?? {})) worker.send(message); });
cluster.on('online', (worker) => worker.send({ aheadMs: ahead }));
if (cluster.isPrimary) process.channel.unref()`;
const preload = (code: string): readonly string[] => ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
const BUILT = 'dist/server/main.js';
const SOURCE = 'src/main.ts';
const HANDED_ON = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG'] as const;

/**
 * Starts the gateway and resolves once it listens.
 * @throws Error with everything it wrote, when it ends or stays silent instead
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const inherited = Object.fromEntries(HANDED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  const built = options.built === 'when-fresh' ? isBuildFresh() : options.built === true;
  const child = spawn(process.execPath, [...(options.nodeArguments ?? []), ...(built ? [] : ['--import', 'tsx']), ...preload(DIE_TOGETHER), ...preload(clockAhead(options.clockAheadMs ?? 0)), built ? BUILT : SOURCE], {
    cwd: ROOT,
    env: { ...inherited, HOST: '127.0.0.1', PORT: String(port), PUBLIC_URL: url, LOG_LEVEL: 'silent', STORM_MODE: 'off', ...options.env, DATA_DIR: options.dataDir },
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
    get processes() {
      return childrenOf(child.pid ?? -1).filter((pid) => argumentsOf(pid).includes(built ? BUILT : SOURCE)).toSorted((a, b) => a - b);
    },
    get output() {
      return output;
    },
    gone,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill,
    setClock: (aheadMs) => {
      // One that has just died does not care.
      if (child.connected) child.send({ aheadMs }, () => undefined);
    },
    stop: async () => {
      if (isGone(child)) return;
      const limit = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await kill('SIGTERM');
      clearTimeout(limit);
      if (child.exitCode !== 0) throw new Error(`the server ended with ${child.exitCode ?? child.signalCode ?? 'nothing'}\n${output}`);
    },
  };
}

/** Is there a build that is younger than everything it was made of? */
export function isBuildFresh(): boolean {
  const built = join(ROOT, BUILT);
  if (!existsSync(built)) return false;
  const builtAt = statSync(built).mtimeMs;
  return ['src', 'channels', 'package-lock.json'].every((name) => newestIn(join(ROOT, name)) < builtAt);
}

function newestIn(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs;
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && !entry.name.includes('.test.'));
  return Math.max(0, ...files.map((file) => statSync(join(file.parentPath, file.name)).mtimeMs));
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
